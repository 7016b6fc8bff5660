//! Paperwork that is too large for an answer: it is kept in a private file for a day, behind a link with a token.
//!
//! A packet of many motions is made by a job. What the job works from (the request and the found cases) lies in a private file,
//! sealed under our secret and its id, and the job deletes it; the queue's message is the id. Where it stands is an entry of the key-value
//! store, which knows the token's hash alone.

use std::time::Duration;

use app::{Answer, Context, OpenApiRouter, Outcome, PathId, arguments, routes, send};
use axum::{
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use domain::{
    expungement::{Case, Options, Policy},
    person::Language,
};
use jiff::{SignedDuration, civil::Date};
use ports::{Area, Entry, Error, FileKey, Kind, PutFile, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{Envelope, Job};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{ledger, make, request};
use crate::court::{self, seal::Key};

/// How long paperwork can be fetched.
pub(crate) const LIFE: SignedDuration = SignedDuration::from_hours(24);
/// How long the address of the file lives that a link leads to: enough to begin a download.
const SIGNED_FOR: Duration = Duration::from_secs(300);
/// Bytes of a job's order, sealed: a request and 300 cases.
const MAX_ORDER: usize = 16 << 20;

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(fetch))
}

/// Make a packet.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PaperworkMake {
    pub(crate) paperwork: Uuid,
}

impl Job for PaperworkMake {
    const QUEUE: &'static str = "expungement-paperwork-make";
}

/// Which packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Wanted {
    Motions,
    Waivers,
}

/// What the job works from: the same request gives the same packet.
#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) wanted: Wanted,
    /// The request as it came.
    pub(crate) body: String,
    pub(crate) cases: Vec<Case>,
    pub(crate) today: Date,
    pub(crate) clock: Date,
    pub(crate) language: String,
}

impl Order {
    /// `body` is JSON that was read before, so it is UTF-8.
    pub(crate) fn new(wanted: Wanted, body: &[u8], cases: Vec<Case>, options: Options) -> Self {
        Self {
            wanted,
            body: String::from_utf8_lossy(body).into_owned(),
            cases,
            today: options.today,
            clock: options.clock,
            language: options.language.as_str().to_owned(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Queued,
    Ready,
    Failed,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    status: Status,
    /// Base64 of the token's SHA-256: 256 random bits cannot be guessed.
    token: String,
}

fn place(id: Uuid) -> String {
    format!("paperwork#{id}")
}

fn zip_key(id: Uuid) -> Result<FileKey> {
    FileKey::new(format!("expungement/papers/{}.zip", id.simple()))
}

fn order_place(id: Uuid) -> Result<FileKey> {
    FileKey::new(format!("expungement/papers/{}.order", id.simple()))
}

/// What seals the order of this id: nothing else opens it.
async fn order_seal(cx: &Context, id: Uuid) -> Result<Key> {
    let secret = cx.secrets().get(court::KEY).await?;
    Key::derive(&secret, id.as_bytes(), "paperwork order")
}

/// The hash under which a token is known.
pub(crate) fn hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

/// 256 random bits as text.
pub(crate) fn new_token(cx: &Context) -> String {
    let mut token = [0; 32];
    cx.random().fill(&mut token);
    URL_SAFE_NO_PAD.encode(token)
}

async fn load(cx: &Context, id: Uuid) -> Result<Option<Kept>> {
    let entry = cx.key_value().get(&place(id)).await?;
    entry
        .map(|entry| serde_json::from_value(entry.value).map_err(Error::internal))
        .transpose()
}

async fn save(cx: &Context, id: Uuid, kept: &Kept) -> Result<()> {
    let entry = Entry {
        value: serde_json::to_value(kept).map_err(Error::internal)?,
        expires: cx.clock().now() + LIFE,
    };
    cx.key_value().put(&place(id), entry).await
}

async fn put_zip(cx: &Context, id: Uuid, name: &str, bytes: Vec<u8>) -> Result<()> {
    let meta = PutFile {
        content_type: "application/zip".to_owned(),
        download_name: Some(name.to_owned()),
    };
    cx.files()
        .put(Area::Private, &zip_key(id)?, Bytes::from(bytes), meta)
        .await
}

/// Keeps a ZIP that is made, and returns the link to it.
///
/// # Errors
/// What the stores answer.
pub(crate) async fn keep(cx: &Context, wanted: Wanted, name: &str, bytes: Vec<u8>) -> Result<String> {
    let (id, token) = (cx.random().uuid(), new_token(cx));
    put_zip(cx, id, name, bytes).await?;
    let kept = Kept {
        status: Status::Ready,
        token: hash(&token),
    };
    save(cx, id, &kept).await?;
    ledger::packet(cx, id, wanted, kept.status).await;
    Ok(link(id, &token))
}

/// Orders a packet, and returns the link to what will be there.
///
/// # Errors
/// What the stores and the queue answer.
pub(crate) async fn order(cx: &Context, order: &Order) -> Result<String> {
    let (id, token) = (cx.random().uuid(), new_token(cx));
    let text = serde_json::to_vec(order).map_err(Error::internal)?;
    let place = order_place(id)?;
    let sealed = order_seal(cx, id)
        .await?
        .seal(cx.random(), place.as_str(), &text)?;
    let meta = PutFile {
        content_type: "application/octet-stream".to_owned(),
        download_name: None,
    };
    cx.files()
        .put(Area::Private, &place, Bytes::from(sealed), meta)
        .await?;
    let kept = Kept {
        status: Status::Queued,
        token: hash(&token),
    };
    save(cx, id, &kept).await?;
    ledger::packet(cx, id, order.wanted, kept.status).await;
    send(cx, &PaperworkMake { paperwork: id }).await?;
    Ok(link(id, &token))
}

fn link(id: Uuid, token: &str) -> String {
    format!("/expungement/api/paperwork/{id}?token={token}")
}

/// 202 with where to ask.
pub(crate) fn accepted(link: &str) -> app::Result<Response> {
    let mut response = Answer(
        StatusCode::ACCEPTED,
        json!({"status": "queued", "location": link}),
    )
    .into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::LOCATION,
        HeaderValue::from_str(link).map_err(Error::internal)?,
    );
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    Ok(response)
}

/// Makes an ordered packet. Run twice, it makes the same file twice.
pub(crate) async fn paperwork_make(cx: Context, envelope: Envelope) -> Result<Outcome> {
    let PaperworkMake { paperwork: id } = arguments(envelope)?;
    let Some(mut kept) = load(&cx, id).await? else {
        return Ok(Outcome::Done); // nobody can fetch it any more
    };
    let place = order_place(id)?;
    let Some(file) = cx.files().get(Area::Private, &place, MAX_ORDER).await? else {
        return Ok(Outcome::Done); // made before
    };
    let opened = order_seal(&cx, id).await?.open(place.as_str(), &file.bytes);
    let made = match opened {
        Some(text) => {
            let order: Order = serde_json::from_slice(&text).map_err(Error::internal)?;
            made(&cx, &order).await
        }
        // The secret was changed since, or the file: it cannot be made any more.
        None => Err(Error::new(
            Kind::Unprocessable,
            "order_not_opened",
            "This order does not open.",
        )),
    };
    match made {
        Ok((name, bytes)) => {
            put_zip(&cx, id, name, bytes).await?;
            kept.status = Status::Ready;
        }
        Err(error) if error.is_transient() => return Err(error),
        Err(error) => {
            tracing::warn!(code = error.code(), "a packet could not be made");
            kept.status = Status::Failed;
        }
    }
    save(&cx, id, &kept).await?;
    ledger::packet_ended(&cx, id, kept.status).await;
    cx.files().delete(Area::Private, &place).await?;
    Ok(Outcome::Done)
}

async fn made(cx: &Context, order: &Order) -> Result<(&'static str, Vec<u8>)> {
    let language = Language::or_default(&order.language);
    let options = Options {
        today: order.today,
        clock: order.clock,
        language,
        policy: Policy::RIGHT,
    };
    let body = order.body.as_bytes();
    let (packet, summary) = match order.wanted {
        Wanted::Motions => {
            let (search, user) = request::packet(body)?;
            let (packet, summary) = make::motions(&order.cases, &search, &user, options)?;
            (packet, Some(summary))
        }
        Wanted::Waivers => {
            let (search, user, waiver) = request::waiver(body)?;
            (
                make::waivers(&order.cases, &search, &user, &waiver, options)?,
                None,
            )
        }
    };
    let bytes = make::zip(cx, &packet, summary, language).await?;
    Ok((packet.zip_name, bytes))
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: String,
}

/// Fetch paperwork that was too large to be answered at once.
///
/// Ask again while the answer is 202; the paperwork is there for a day.
#[utoipa::path(get, path = "/expungement/api/paperwork/{id}",
    params(("id" = String, Path), ("token" = String, Query)),
    responses((status = 202, description = "It is being made: `{status, location}`"),
              (status = 302, description = "To the ZIP"),
              (status = 404, description = "No such paperwork, or its day is over"),
              (status = 422, description = "It could not be made")))]
async fn fetch(
    State(cx): State<Context>,
    PathId(id): PathId,
    Query(query): Query<Token>,
) -> app::Result<Response> {
    let kept = load(&cx, id).await?.ok_or_else(Error::not_found)?;
    if !is_same(&kept.token, &query.token) {
        return Err(Error::not_found().into());
    }
    match kept.status {
        Status::Queued => accepted(&link(id, &query.token)),
        Status::Failed => Err(Error::new(
            Kind::Unprocessable,
            "not_made",
            "This paperwork could not be made.",
        )
        .into()),
        Status::Ready => {
            let address = cx
                .files()
                .signed_url(Area::Private, &zip_key(id)?, SIGNED_FOR)
                .await?;
            let mut response = StatusCode::FOUND.into_response();
            let location = HeaderValue::from_str(&address).map_err(Error::internal)?;
            response.headers_mut().insert(header::LOCATION, location);
            Ok(response)
        }
    }
}

/// Whether a token has this hash, in constant time.
pub(crate) fn is_same(known: &str, token: &str) -> bool {
    hash(token).as_bytes().ct_eq(known.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::date;

    use super::*;
    use crate::test_context::{Memory, TestClock};

    #[tokio::test]
    async fn an_order_is_sealed_and_one_that_does_not_open_fails() {
        let (memory, clock) = (Arc::<Memory>::default(), TestClock::new());
        let cx = memory.context(&clock, "http://127.0.0.1:1");
        let body = br#"{"userInformation": {"full_name": "Zebedee Unmistakable"}}"#;
        let options = Options::on(date(2026, 7, 1));
        let wanted = Order::new(Wanted::Motions, body, Vec::new(), options);
        let link = order(&cx, &wanted).await.unwrap();
        let (id, token) = link
            .strip_prefix("/expungement/api/paperwork/")
            .and_then(|rest| rest.split_once("?token="))
            .unwrap();
        let id: Uuid = id.parse().unwrap();
        let place = order_place(id).unwrap();
        let sealed = memory.files.lock().unwrap()[place.as_str()].clone();
        assert!(!String::from_utf8_lossy(&sealed).contains("Unmistakable"));
        let key = order_seal(&cx, id).await.unwrap();
        let opened = key.open(place.as_str(), &sealed).unwrap();
        let opened: Order = serde_json::from_slice(&opened).unwrap();
        assert_eq!(opened.body.as_bytes(), body);
        let other = order_seal(&cx, Uuid::nil()).await.unwrap();
        assert!(
            other.open(place.as_str(), &sealed).is_none(),
            "another order's key"
        );

        // Changed at rest: told to whoever asks, and gone.
        let mut changed = sealed.to_vec();
        changed[20] ^= 1;
        memory
            .files
            .lock()
            .unwrap()
            .insert(place.as_str().to_owned(), changed.into());
        let message = memory.sent.lock().unwrap().last().unwrap().body.clone();
        assert!(!message.contains("Unmistakable") && !message.contains(token));
        let envelope: Envelope = serde_json::from_str(&message).unwrap();
        assert_eq!(paperwork_make(cx.clone(), envelope).await.unwrap(), Outcome::Done);
        assert_eq!(load(&cx, id).await.unwrap().unwrap().status, Status::Failed);
        assert!(!memory.files.lock().unwrap().contains_key(place.as_str()));
    }
}
