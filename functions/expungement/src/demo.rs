//! `POST /expungement/api/demo`: a search among invented people, with everything that a real search has.

use app::{Context, OpenApiRouter, routes};
use axum::{extract::State, response::Response};
use domain::expungement::demo;

use crate::analysis::{ApiLanguage, SearchIn, answer};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(search))
}

/// Analyse the record of a demonstration person.
///
/// The nine people are John Common (also with the birth dates 1/1/1970 and 2/2/1985), Single Conviction, Multiple Charges, More
/// Categories, Single Violation, Various Attempts and Contempt One.
#[utoipa::path(post, path = "/expungement/api/demo", request_body = SearchIn,
    params(("lang" = Option<String>, Query, description = "`en` or `es`")),
    responses((status = 200, description = "`{record}`: cases with their charges and verdicts, banners, summary, questions"),
              (status = 400)))]
async fn search(
    State(cx): State<Context>,
    ApiLanguage(language): ApiLanguage,
    request: SearchIn,
) -> app::Result<Response> {
    let options = request.options(&cx, language);
    let found = demo::find(&request.aliases, options.clock);
    answer(&found, &request, options)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        DEMO,
        test_context::{Answered, plain, post},
    };

    const PATH: &str = "/expungement/api/demo";

    async fn search(body: serde_json::Value) -> Answered {
        post(&DEMO, &plain(), PATH, body.to_string()).await
    }

    fn alias(first: &str, last: &str) -> serde_json::Value {
        json!({"first_name": first, "last_name": last, "middle_name": "", "birth_date": ""})
    }

    fn numbers(record: &serde_json::Value) -> Vec<&str> {
        let cases = record["record"]["cases"].as_array().unwrap();
        cases
            .iter()
            .filter_map(|case| case["case_number"].as_str())
            .collect()
    }

    #[tokio::test]
    async fn a_demonstration_person_is_found_newest_case_first() {
        let found = search(json!({"aliases": [alias(" JOHN ", "common")], "today": "not a date"})).await;
        assert_eq!(found.status, 200, "{}", found.text);
        assert_eq!(found.headers["content-type"], "application/json");
        let body = found.json();
        assert_eq!(numbers(&body), ["200000", "210000", "100000", "110000", "120000"]);
        assert_eq!(body["record"]["errors"], json!([]));
        assert!(body["record"]["questions"]["210000-1"]["root"]["options"].is_object());
        // Keys stand in the order of the peer's search: the answers' order is the order in which they are offered.
        assert!(found.text.find("total_balance_due") < found.text.find("\"questions\""));
    }

    #[tokio::test]
    async fn nobody_is_an_empty_record() {
        for aliases in [json!([alias("John", "Nobody")]), json!([])] {
            let found = search(json!({ "aliases": aliases })).await;
            assert_eq!(found.status, 200);
            assert_eq!(found.json()["record"]["summary"]["total_cases"], 0);
        }
    }

    #[tokio::test]
    async fn what_is_missing_or_wrong_is_named() {
        for (body, field, message) in [
            (
                "{}",
                "aliases",
                Some("missing one or more required fields: ['aliases']"),
            ),
            (
                r#"{"aliases": [{"first_name": "a", "last_name": "b", "birth_date": ""}]}"#,
                "middle_name",
                Some(
                    "missing one or more required fields: ['first_name', 'last_name', 'middle_name', 'birth_date']",
                ),
            ),
            ("", "body", Some("No json data in request body")),
            ("{", "body", None),
            ("[[]]", "body", None),
            (r#"{"aliases": 3}"#, "aliases", None),
            (r#"{"aliases": [], "edits": [1]}"#, "edits", None),
            (r#"{"aliases": [], "questions": [1]}"#, "questions", None),
            (
                r#"{"aliases": [], "edits": {"1": {"summary": {"edit_status": "UPDATE"}}}}"#,
                "edits",
                Some("the edit of 1 finds nothing to edit"),
            ),
        ] {
            let refused = post(&DEMO, &plain(), PATH, body).await;
            assert_eq!(refused.status, 400, "{body}");
            assert_eq!(refused.headers["content-type"], "application/problem+json");
            let problem = refused.json();
            let fields: Vec<_> = problem["errors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| &one["field"])
                .collect();
            assert!(fields.contains(&&json!(field)), "{body}: {problem}");
            if let Some(message) = message {
                assert_eq!(problem["message"], message, "{body}");
            }
        }
        let many = json!({"aliases": vec![alias("a", "b"); 21]});
        assert_eq!(search(many).await.status, 400);
    }

    #[tokio::test]
    async fn an_edit_changes_the_verdict_and_an_impossible_one_is_refused() {
        let person = json!([alias("Single", "Conviction")]);
        let edit = |charge: serde_json::Value| json!({"aliases": person, "edits": {"100000": {"summary": {"edit_status": "UPDATE"}, "charges": {"100000-1": charge}}}});
        let verdict = |found: &Answered| {
            let charge = &found.json()["record"]["cases"][0]["charges"][0];
            charge["expungement_result"]["charge_eligibility"]["status"].clone()
        };
        assert_eq!(
            verdict(&search(json!({ "aliases": person })).await),
            "Will Be Eligible"
        );
        let lesser = edit(
            json!({"edit_status": "UPDATE", "charge_type": "MisdemeanorClassA", "level": "Misdemeanor Class A"}),
        );
        assert_eq!(verdict(&search(lesser).await), "Eligible Now");
        let impossible = edit(json!({
            "edit_status": "UPDATE", "charge_type": "FelonyClassC",
            "disposition": {"date": "1/1/2020", "ruling": "Dismissed"},
        }));
        let refused = search(impossible).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["errors"][0]["field"]),
            (400, &json!("edits"))
        );
    }

    #[tokio::test]
    async fn questions_come_back_as_they_were_sent() {
        let body = r#"{"aliases": [], "questions": {"z": {"b": 1, "a": [ 2 ]}, "a": 1}}"#;
        let found = post(&DEMO, &plain(), PATH, body).await;
        assert!(
            found
                .text
                .contains(r#""questions":{"z": {"b": 1, "a": [ 2 ]}, "a": 1}"#),
            "{}",
            found.text
        );
    }

    #[tokio::test]
    async fn another_sites_form_cannot_post_and_spanish_is_asked_for() {
        let request = axum::http::Request::post(PATH)
            .header("content-type", "text/plain")
            .body(axum::body::Body::from(r#"{"aliases": []}"#))
            .unwrap();
        assert_eq!(
            crate::test_context::ask(&DEMO, &plain(), request).await.status,
            415
        );
        let person = json!({"aliases": [alias("Single", "Conviction")]}).to_string();
        let spanish = post(&DEMO, &plain(), "/expungement/api/demo?lang=es", person).await;
        assert!(spanish.text.contains("Delito grave clase C"), "{}", spanish.text);
    }
}
