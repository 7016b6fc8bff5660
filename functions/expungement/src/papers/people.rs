//! `POST /expungement/api/bulk-people`: a list of people, each searched for at the court's site under the caller's session;
//! `GET …/bulk-people/{id}`: how far that is, and the results.
//!
//! Each person is one search, as if it had been typed: the first two letters of the first name and three of the last with a
//! wildcard, and the birth date. The list lies sealed in the session's vault and goes with it; results lie a day in private files.

use app::{Answer, Context, OpenApiRouter, PathId, read_bytes, routes};
use axum::{
    extract::{Query, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    expungement::{
        Alias, Options, Policy,
        batch::{COLUMNS, Entry, Problem},
        when::parse_us_date,
    },
    person::Language,
};
use jiff::civil::Date;
use ports::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    archive,
    batch::{Job, Made, Maker},
    bulk,
};
use crate::{
    analysis::{ApiLanguage, oregon_date},
    court::{
        found,
        session::{LISTED, Session},
        trouble::Trouble,
    },
};

/// People of one list: a clinic's day. A session may send several, up to what [`LISTED`] allows.
const MAX_PEOPLE: usize = 150;
const MAX_UPLOAD: usize = 64 << 10;

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .routes(routes!(progress))
}

/// A list, sealed at rest.
#[derive(Serialize, Deserialize)]
struct List {
    people: Vec<Person>,
    today: Date,
    clock: Date,
    language: String,
}

#[derive(Serialize, Deserialize)]
struct Person {
    /// `LAST_FIRST_OFFICER`: what results and summaries are called.
    name: String,
    /// The search, or why there is none.
    search: Result<Uuid, String>,
}

fn list_name(id: Uuid) -> String {
    format!("people-{}", id.simple())
}

#[derive(Deserialize)]
struct How {
    today: Option<String>,
}

/// Search for a list of people.
///
/// The body is CSV (`Content-Type: text/csv`) with the columns `First Name`, `Last Name`, and where known `Middle`, `Birth Date`
/// (`M/D/YYYY`) and `Officer`; at most 150 people, and 300 in one session. Needs the session of a login.
#[utoipa::path(post, path = "/expungement/api/bulk-people",
    params(("today" = Option<String>, Query, description = "`M/D/YYYY`: the day that the answers are for"),
           ("lang" = Option<String>, Query, description = "`en` or `es`")),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 202, description = "`{id, status, progress}`; `Location` says where to ask"),
              (status = 400), (status = 401, description = "No session of the court's site"), (status = 415)))]
async fn upload(
    State(cx): State<Context>,
    session: Session,
    ApiLanguage(language): ApiLanguage,
    Query(how): Query<How>,
    request: Request,
) -> app::Result<Response> {
    // No form of another site can send this type.
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/csv")) {
        return Err(Error::new(
            Kind::UnsupportedMediaType,
            "unsupported_media_type",
            "Send text/csv.",
        )
        .into());
    }
    let clock = oregon_date(cx.clock().now());
    let today = match how.today.as_deref() {
        None => clock,
        Some(text) => parse_us_date(text)
            .ok_or_else(|| Error::field("today", "invalid", "Must be a day such as 7/1/2031."))?,
    };
    let body = read_bytes(request.into_body(), MAX_UPLOAD).await?;
    let mut people = Vec::new();
    for (in_turn, (name, alias)) in read(&body)?.into_iter().enumerate() {
        let search = match alias.problem() {
            Some(problem) => Err(format!("{}: {}", problem.field, problem.message)),
            None => {
                match found::search_within(&cx, &session, &[alias], Some(today), &LISTED, in_turn).await {
                    Ok((search, _)) => Ok(search),
                    Err(error) if matches!(error.kind(), Kind::TooMany(_)) => Err(error.detail().to_owned()),
                    Err(error) => return Err(error.into()),
                }
            }
        };
        people.push(Person { name, search });
    }
    let list = List {
        people,
        today,
        clock,
        language: language.as_str().to_owned(),
    };
    let id = cx.random().uuid();
    let text = serde_json::to_vec(&list).map_err(Error::internal)?;
    session.vault(&cx).put(&list_name(id), &text).await?;
    let mut response =
        Answer(StatusCode::ACCEPTED, state(id, "running", list.people.len(), 0)).into_response();
    let location = format!("/expungement/api/bulk-people/{id}");
    let location = HeaderValue::from_str(&location).map_err(Error::internal)?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

fn state(id: Uuid, status: &str, people: usize, done: usize) -> serde_json::Value {
    json!({"id": id, "status": status, "progress": {"people": people, "done": done}})
}

/// The people of a table: what they are called, and what is searched for.
fn read(body: &[u8]) -> Result<Vec<(String, Alias)>> {
    let mut table = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(body);
    let unreadable = || {
        Error::field(
            "body",
            "malformed_csv",
            "The body is not a table of CSV in UTF-8.",
        )
    };
    let header = table.headers().map_err(|_| unreadable())?.clone();
    let column = |name: &str| {
        header
            .iter()
            .position(|found| found.trim_start_matches('\u{FEFF}').eq_ignore_ascii_case(name))
    };
    let (first, last) = (column("First Name"), column("Last Name"));
    if first.is_none() || last.is_none() {
        let text = "The table needs the columns First Name and Last Name.";
        return Err(Error::field("body", "columns", text));
    }
    let (birth, officer) = (column("Birth Date"), column("Officer"));
    let mut people = Vec::new();
    for row in table.records() {
        let row = row.map_err(|_| unreadable())?;
        let cell = |place: Option<usize>| place.and_then(|place| row.get(place)).unwrap_or_default();
        let wildcard = |name: &str, letters: usize| {
            let cut: String = name.chars().take(letters).collect();
            if cut.is_empty() { cut } else { format!("{cut}*") }
        };
        let alias = Alias {
            first_name: wildcard(cell(first), 2),
            last_name: wildcard(cell(last), 3),
            middle_name: String::new(),
            birth_date: cell(birth).to_owned(),
        };
        let name = [cell(last), cell(first), cell(officer)];
        let name: Vec<String> = name
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(|part| part.chars().take(40).collect::<String>().to_uppercase())
            .collect();
        people.push((name.join("_"), alias));
        if people.len() > MAX_PEOPLE {
            break;
        }
    }
    if people.is_empty() || people.len() > MAX_PEOPLE {
        let text = format!("Send 1 to {MAX_PEOPLE} people.");
        return Err(Error::field("body", "people", text));
    }
    Ok(people)
}

/// How far a list is, and its results.
///
/// Once `status` is `done`, `results` has the addresses of `csv`, `jsonl` and `summaries`; they live a quarter of an hour.
#[utoipa::path(get, path = "/expungement/api/bulk-people/{id}", params(("id" = String, Path)),
    responses((status = 200, description = "`{id, status, progress, results}`"), (status = 401),
              (status = 404, description = "No such list of this session")))]
async fn progress(State(cx): State<Context>, session: Session, PathId(id): PathId) -> app::Result<Answer> {
    let text = session
        .vault(&cx)
        .get(&list_name(id))
        .await?
        .ok_or_else(Error::not_found)?;
    let list: List = serde_json::from_slice(&text).map_err(Error::internal)?;
    let count = list.people.len();
    if !bulk::is_ready(&cx, id).await? {
        let now = cx.clock().now();
        let mut searches = Vec::with_capacity(count);
        let mut done = 0;
        for person in &list.people {
            let search = match &person.search {
                Ok(search) => Some((*search, found::by_id(&cx, &session, *search).await?)),
                Err(_) => None,
            };
            done += usize::from(
                search
                    .as_ref()
                    .is_none_or(|(_, search)| search.status.has_ended() || search.is_lost(now)),
            );
            searches.push(search);
        }
        if done < count {
            return Ok(Answer::ok(state(id, "running", count, done)));
        }
        let language = Language::or_default(&list.language);
        let mut maker = maker(&list);
        for (person, search) in list.people.iter().zip(searches) {
            maker.add(
                &person.name,
                entry(&cx, &session, person, search, language)
                    .await?
                    .as_ref()
                    .map_err(Clone::clone),
            );
        }
        keep(&cx, id, maker.finish()).await?;
    }
    let mut answer = state(id, "done", count, count);
    answer["results"] = bulk::addresses(&cx, id, true).await?;
    Ok(Answer::ok(answer))
}

fn maker(list: &List) -> Maker {
    Maker::new(Job {
        options: Options {
            today: list.today,
            clock: list.clock,
            language: Language::or_default(&list.language),
            policy: Policy::RIGHT,
        },
        summaries: true,
    })
}

/// What the search of a person found, or why there is nothing.
async fn entry(
    cx: &Context,
    session: &Session,
    person: &Person,
    search: Option<(Uuid, found::Search)>,
    language: Language,
) -> Result<Result<Entry, Problem>> {
    let problem = |text: String| Ok(Err(Problem(text.into())));
    let Some((id, search)) = search else {
        return problem(person.search.as_ref().err().cloned().unwrap_or_default());
    };
    if !search.status.has_ended() {
        return problem("the search was not done in time".to_owned());
    }
    match found::of(cx, session, id, &search).await {
        Ok(found) if !found.errors.is_empty() => problem(Trouble::texts(&found.errors, language)),
        Ok(found) if found.cases.is_empty() => problem("no cases were found".to_owned()),
        Ok(found) => Ok(Ok(Entry::of(person.name.clone(), found.cases))),
        Err(error) if error.is_transient() => Err(error),
        Err(error) => problem(error.detail().to_owned()),
    }
}

async fn keep(cx: &Context, id: Uuid, made: Made) -> Result<()> {
    let header = format!("{}\n", COLUMNS.join(","));
    let table = [header.as_bytes(), &made.table].concat();
    bulk::put_results(cx, id, [table, made.lines, archive::zip(made.summaries)?]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_becomes_a_search_with_wildcards() {
        let table = "Officer,First Name,Middle,Last Name,Birth Date\nSMITH,José,X,Peña,4/30/1985\n,J,,Li,\n";
        let people = read(table.as_bytes()).unwrap();
        assert_eq!(people[0].0, "PEÑA_JOSÉ_SMITH");
        let alias = |index: usize| {
            let alias: &Alias = &people[index].1;
            (
                alias.first_name.as_str(),
                alias.last_name.as_str(),
                alias.birth_date.as_str(),
            )
        };
        assert_eq!(
            (alias(0), alias(1)),
            (("Jo*", "Peñ*", "4/30/1985"), ("J*", "Li*", ""))
        );
        assert!(people.iter().all(|(_, alias)| alias.problem().is_none()));
    }

    #[test]
    fn a_table_without_people_or_columns_or_with_too_many_is_refused() {
        let many = format!("First Name,Last Name\n{}", "a,bc\n".repeat(MAX_PEOPLE + 1));
        for bad in ["", "a,b\n1,2\n", "First Name,Last Name\n", &many] {
            assert!(read(bad.as_bytes()).is_err(), "{bad:.40}");
        }
        assert!(read(b"First Name,Last Name\n\xff,x\n").is_err());
    }
}
