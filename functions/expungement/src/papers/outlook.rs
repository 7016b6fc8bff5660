//! `POST /expungement/api/outlook` and `…/outlook.ics`: what is to come for a record, as JSON and as a calendar.

use app::{Context, OpenApiRouter, routes};
use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::expungement::{
    Case, Options, Response as Answer, edits::Edited, outlook::Outlook, when::parse_us_date,
};
use jiff::civil::Date;
use ports::{Error, Result};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    request,
    respond::{Disposition, file},
};
use crate::analysis::{self, ApiLanguage, MAX_SEARCH, SearchIn, json_body};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(outlook))
        .routes(routes!(calendar))
}

/// The days on which something becomes eligible.
///
/// `{outlook: {today, days: [{date, charges, cases}], waiting_for_open_charge}}`, dates in ISO 8601. With `on` (`M/D/YYYY`) in the
/// body also `record`: the record as it would stand on that day if nothing else happened. Needs the session of a login, unless
/// `demo` is true.
#[utoipa::path(post, path = "/expungement/api/outlook", request_body = SearchIn,
    params(("lang" = Option<String>, Query, description = "`en` or `es`")),
    responses((status = 200, description = "`{outlook}`, and `{record}` where `on` was sent"),
              (status = 400), (status = 401, description = "No session of the court's site")))]
async fn outlook(
    State(cx): State<Context>,
    ApiLanguage(language): ApiLanguage,
    request: Request,
) -> app::Result<Response> {
    let asked = Asked::read(&cx, language, request).await?;
    let (cases, options) = asked.cases()?;
    let outlook = Outlook::of(&cases, options).map_err(|refusal| analysis::refused(&refusal))?;
    let outlook = serde_json::to_string(&outlook).map_err(Error::internal)?;
    let text = match asked.on {
        None => format!(r#"{{"outlook":{outlook}}}"#),
        Some(today) => {
            let record = analysis::judge(&cases, Options { today, ..options })?;
            let answer = Answer::of(&record).to_json();
            format!(
                r#"{{"outlook":{outlook},{}"#,
                answer.strip_prefix('{').unwrap_or_default()
            )
        }
    };
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], text).into_response())
}

/// The same as a calendar to import (iCalendar, RFC 5545): an event for each case on the day from which it can be filed.
#[utoipa::path(post, path = "/expungement/api/outlook.ics", request_body = SearchIn,
    params(("lang" = Option<String>, Query, description = "`en` or `es`")),
    responses((status = 200, description = "The calendar", content_type = "text/calendar"),
              (status = 400), (status = 401, description = "No session of the court's site")))]
async fn calendar(
    State(cx): State<Context>,
    ApiLanguage(language): ApiLanguage,
    request: Request,
) -> app::Result<Response> {
    let asked = Asked::read(&cx, language, request).await?;
    let (cases, options) = asked.cases()?;
    let outlook = Outlook::of(&cases, options).map_err(|refusal| analysis::refused(&refusal))?;
    let calendar = outlook.to_ics(language).into_bytes();
    file(
        "text/calendar; charset=utf-8",
        Disposition::Attachment,
        "record.ics",
        calendar,
    )
}

/// A request with the cases that it is about.
struct Asked {
    search: SearchIn,
    found: Vec<Case>,
    options: Options,
    /// The later day of "what if".
    on: Option<Date>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Later<'b> {
    #[serde(borrow)]
    on: Option<&'b RawValue>,
}

impl Asked {
    async fn read(cx: &Context, language: domain::person::Language, request: Request) -> Result<Self> {
        let headers = request.headers().clone();
        let body = json_body(request, MAX_SEARCH).await?;
        let search = SearchIn::read(&body)?;
        let later: Later = analysis::document(&body)?;
        let on = match later.on {
            None => None,
            Some(text) => analysis::part::<Option<String>>("on", text)?
                .map(|text| {
                    parse_us_date(&text)
                        .ok_or_else(|| Error::field("on", "invalid", "Must be a day such as 7/1/2031."))
                })
                .transpose()?,
        };
        let options = search.options(cx, language);
        let found = request::found(cx, &headers, &search, options).await?;
        Ok(Self {
            search,
            found,
            options,
            on,
        })
    }

    fn cases(&self) -> Result<(Vec<Edited<'_>>, Options)> {
        Ok((
            analysis::edited(&self.found, &self.search.edits, self.options)?,
            self.options,
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::OUTLOOK;
    use crate::test_context::{plain, post};

    const PATH: &str = "/expungement/api/outlook";

    fn body(more: &Value) -> String {
        let mut body = json!({"demo": true, "today": "7/1/2026",
            "aliases": [{"first_name": "Single", "last_name": "Conviction", "middle_name": "", "birth_date": ""}]});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body.to_string()
    }

    #[tokio::test]
    async fn the_day_to_come_is_told_and_the_record_of_that_day_agrees() {
        let first = post(&OUTLOOK, &plain(), PATH, body(&json!({}))).await.json();
        assert!(first.get("record").is_none());
        let day: jiff::civil::Date = first["outlook"]["days"][0]["date"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let on = format!("{}/{}/{}", day.month(), day.day(), day.year());
        let later = post(&OUTLOOK, &plain(), PATH, body(&json!({ "on": on }))).await;
        assert_eq!(later.status, 200, "{}", later.text);
        let charge = &later.json()["record"]["cases"][0]["charges"][0];
        assert_eq!(
            charge["expungement_result"]["charge_eligibility"]["status"],
            "Eligible Now"
        );
    }

    #[tokio::test]
    async fn the_calendar_can_be_imported() {
        let calendar = post(
            &OUTLOOK,
            &plain(),
            "/expungement/api/outlook.ics?lang=es",
            body(&json!({})),
        )
        .await;
        assert_eq!(calendar.headers["content-type"], "text/calendar; charset=utf-8");
        assert_eq!(
            calendar.headers["content-disposition"],
            "attachment; filename=record.ics"
        );
        assert_eq!(calendar.text.matches("BEGIN:VEVENT\r\n").count(), 1);
        assert!(
            calendar
                .text
                .contains("SUMMARY:Caso 100000: se puede anular desde hoy")
        );
    }

    #[tokio::test]
    async fn what_is_wrong_is_named() {
        for on in [json!("someday"), json!(7), json!("13/1/2030")] {
            let refused = post(&OUTLOOK, &plain(), PATH, body(&json!({ "on": on }))).await;
            assert_eq!(
                (refused.status.as_u16(), &refused.json()["errors"][0]["field"]),
                (400, &json!("on"))
            );
        }
        let refused = post(&OUTLOOK, &plain(), PATH, body(&json!({ "demo": false }))).await;
        assert_eq!(refused.status, 401);
    }
}
