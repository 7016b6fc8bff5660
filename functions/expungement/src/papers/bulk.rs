//! `POST /expungement/api/bulk`: an organisation's records by the thousand, as JSON lines; `GET …/bulk/{id}`: how far they are, and
//! the results.
//!
//! The upload is cut into chunks as it is unpacked, each a private file and a job. A chunk's results are files, too; the job that
//! ends last puts them together, part by part: nothing here is ever in memory as a whole but the upload as it came, a chunk, and
//! the ZIP of summaries. After a day nothing of it can be fetched any more, and the bucket's rules delete it. A job may run twice:
//! it writes the same files, and only all chunks together make a result.

use std::{fmt::Write as _, time::Duration};

use app::{
    Answer, ApiKey, Context, MAX_BODY, OpenApiRouter, Outcome, PathId, arguments, read_bytes, routes, send,
};
use axum::{
    extract::{Query, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use domain::{
    expungement::{
        Options, Policy,
        batch::{COLUMNS, Entry},
        when::parse_us_date,
    },
    person::Language,
};
use jiff::civil::Date;
use ports::{Area, Error, FileKey, Kind, PART, PutFile, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Envelope, TenantId};
use uuid::Uuid;

use super::{
    archive::{self, Archive},
    batch::{Job, Made, Maker},
    chunks::{Chunk, Chunks, MAX_UNPACKED},
    kept::LIFE,
    ledger, off_the_runtime,
};
use crate::analysis::{ApiLanguage, oregon_date};

/// Bytes of an upload as it comes.
const MAX_UPLOAD: usize = 16 * MAX_BODY;
/// Bytes of a file of results.
const MAX_RESULT: usize = 256 << 20;
/// How long the addresses of results live; each look gives new ones.
const SIGNED_FOR: Duration = Duration::from_secs(900);

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .routes(routes!(progress))
}

/// Judge a chunk of an upload.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BulkChunk {
    pub(crate) bulk: Uuid,
    pub(crate) chunk: usize,
    /// The number of its first record in the upload, from 1: what a record without an id is called by.
    pub(crate) first: usize,
}

impl store::Job for BulkChunk {
    const QUEUE: &'static str = "expungement-bulk-chunk";
}

/// What is known of an upload.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Bulk {
    tenant: Uuid,
    records: usize,
    chunks: usize,
    today: Date,
    clock: Date,
    language: String,
    summaries: bool,
}

/// The three kinds of results: name of the file, its type, what chunks call theirs.
const RESULTS: [(&str, &str); 3] = [
    ("results.csv", "text/csv; charset=utf-8"),
    ("results.jsonl", "application/x-ndjson"),
    ("summaries.zip", "application/zip"),
];

fn place(id: Uuid) -> String {
    format!("bulk#{id}")
}

fn count_place(id: Uuid) -> String {
    format!("bulk-done#{id}")
}

fn ready_place(id: Uuid) -> String {
    format!("bulk-ready#{id}")
}

fn file(id: Uuid, name: &str) -> Result<FileKey> {
    FileKey::new(format!("expungement/papers/bulk/{}/{name}", id.simple()))
}

/// What a chunk is judged from.
fn input(id: Uuid, chunk: usize) -> Result<FileKey> {
    file(id, &format!("in-{chunk}.jsonl"))
}

/// What a chunk brings to one of [`RESULTS`].
fn part(chunk: usize, name: &str) -> String {
    format!("out-{chunk}-{name}")
}

async fn put(cx: &Context, id: Uuid, name: &str, kind: &str, bytes: Vec<u8>) -> Result<()> {
    let meta = PutFile {
        content_type: kind.to_owned(),
        download_name: Some(name.to_owned()),
    };
    cx.files()
        .put(Area::Private, &file(id, name)?, Bytes::from(bytes), meta)
        .await
}

async fn note(cx: &Context, place: &str, value: serde_json::Value) -> Result<()> {
    let expires = cx.clock().now() + LIFE;
    cx.key_value().put(place, ports::Entry { value, expires }).await
}

async fn load(cx: &Context, id: Uuid) -> Result<Option<Bulk>> {
    let entry = cx.key_value().get(&place(id)).await?;
    entry
        .map(|entry| serde_json::from_value(entry.value).map_err(Error::internal))
        .transpose()
}

#[derive(Deserialize)]
struct How {
    today: Option<String>,
    #[serde(default)]
    summaries: bool,
}

/// Judge many records.
///
/// The body is a record a line: `{"id": "…", "cases": [...]}`, cases as a search's input has them; 4 MB at most, or gzip of at
/// most 32 MB (`Content-Encoding: gzip`), and 20,000 records. A line that is no record has its problem among the results. Needs
/// an API key.
#[utoipa::path(post, path = "/expungement/api/bulk",
    params(("today" = Option<String>, Query, description = "`M/D/YYYY`: the day that the answers are for"),
           ("summaries" = Option<bool>, Query, description = "`true`: a PDF for each record, too"),
           ("lang" = Option<String>, Query, description = "`en` or `es`")),
    request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 202, description = "`{id, status, progress}`; `Location` says where to ask"),
              (status = 400), (status = 401), (status = 403), (status = 413)))]
async fn upload(
    State(cx): State<Context>,
    key: ApiKey,
    ApiLanguage(language): ApiLanguage,
    Query(how): Query<How>,
    request: Request,
) -> app::Result<Response> {
    let zipped = match request
        .headers()
        .get(header::CONTENT_ENCODING)
        .map(HeaderValue::as_bytes)
    {
        None | Some(b"identity") => false,
        Some(b"gzip") => true,
        Some(_) => {
            let text = "Send the body as it is, or as gzip.";
            return Err(Error::new(Kind::UnsupportedMediaType, "unsupported_encoding", text).into());
        }
    };
    let clock = oregon_date(cx.clock().now());
    let today = match how.today.as_deref() {
        None => clock,
        Some(text) => parse_us_date(text)
            .ok_or_else(|| Error::field("today", "invalid", "Must be a day such as 7/1/2031."))?,
    };
    let body = read_bytes(request.into_body(), MAX_UPLOAD).await?;
    let id = cx.random().uuid();
    let mut firsts = Vec::new();
    let records = match cut(&cx, id, Chunks::new(body, zipped), &mut firsts).await {
        Ok(records) => records,
        Err(error) => {
            // An upload that is refused leaves nothing behind.
            for chunk in 0..firsts.len() {
                cx.files().delete(Area::Private, &input(id, chunk)?).await?;
            }
            return Err(error.into());
        }
    };
    let bulk = Bulk {
        tenant: key.tenant.0,
        records,
        chunks: firsts.len(),
        today,
        clock,
        language: language.as_str().to_owned(),
        summaries: how.summaries,
    };
    note(
        &cx,
        &place(id),
        serde_json::to_value(&bulk).map_err(Error::internal)?,
    )
    .await?;
    let upload = ledger::Upload {
        id,
        tenant: key.tenant,
        records,
        chunks: bulk.chunks,
        with_summaries: bulk.summaries,
        judged_for: today,
        language: &bulk.language,
    };
    ledger::begun(&cx, &upload).await?;
    for (chunk, first) in firsts.into_iter().enumerate() {
        let job = BulkChunk {
            bulk: id,
            chunk,
            first,
        };
        send(&cx, &job).await?;
    }
    tracing::info!(
        records = bulk.records,
        chunks = bulk.chunks,
        "a bulk upload was queued"
    );
    let location = format!("/expungement/api/bulk/{id}");
    let mut response = Answer(StatusCode::ACCEPTED, state(id, &bulk, 0, "queued")).into_response();
    let location = HeaderValue::from_str(&location).map_err(Error::internal)?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// Keeps each chunk as it is cut, and where it begins in `firsts`. Returns how many records there are.
async fn cut(cx: &Context, id: Uuid, mut chunks: Chunks, firsts: &mut Vec<usize>) -> Result<usize> {
    loop {
        // Unpacking keeps a core busy.
        let (rest, next) = off_the_runtime(move || {
            let next = chunks.next();
            (chunks, next)
        })
        .await?;
        chunks = rest;
        let Some(Chunk { first, text }) = next? else {
            return Ok(chunks.records());
        };
        let meta = PutFile {
            content_type: "application/x-ndjson".to_owned(),
            download_name: None,
        };
        firsts.push(first);
        let key = input(id, firsts.len() - 1)?;
        cx.files()
            .put(Area::Private, &key, Bytes::from(text), meta)
            .await?;
    }
}

fn state(id: Uuid, bulk: &Bulk, done: usize, status: &str) -> serde_json::Value {
    json!({
        "id": id, "status": status,
        "progress": {"records": bulk.records, "chunks": bulk.chunks, "done": done.min(bulk.chunks)},
    })
}

/// How far an upload is, and its results.
///
/// Once `status` is `done`, `results` has the addresses of `csv`, `jsonl` and, where asked for, `summaries`; they live a quarter
/// of an hour, the results a day.
#[utoipa::path(get, path = "/expungement/api/bulk/{id}", params(("id" = String, Path)),
    responses((status = 200, description = "`{id, status, progress, results}`"), (status = 401),
              (status = 404, description = "No such upload of this organisation, or its day is over")))]
async fn progress(State(cx): State<Context>, key: ApiKey, PathId(id): PathId) -> app::Result<Answer> {
    let bulk = load(&cx, id).await?.filter(|bulk| bulk.tenant == key.tenant.0);
    let bulk = bulk.ok_or_else(Error::not_found)?;
    if !is_ready(&cx, id).await? {
        let count = cx.key_value().get(&count_place(id)).await?;
        let done = count.and_then(|entry| entry.value.as_u64()).unwrap_or_default();
        let done = usize::try_from(done).unwrap_or(usize::MAX);
        return Ok(Answer::ok(state(id, &bulk, done, "running")));
    }
    let mut answer = state(id, &bulk, bulk.chunks, "done");
    answer["results"] = addresses(&cx, id, bulk.summaries).await?;
    Ok(Answer::ok(answer))
}

/// Whether the results are there.
///
/// # Errors
/// What the store answers.
pub(crate) async fn is_ready(cx: &Context, id: Uuid) -> Result<bool> {
    Ok(cx.key_value().get(&ready_place(id)).await?.is_some())
}

/// Keeps the whole results: table, lines, summaries.
///
/// # Errors
/// What the stores answer.
pub(crate) async fn put_results(cx: &Context, id: Uuid, results: [Vec<u8>; 3]) -> Result<()> {
    for ((name, kind), bytes) in RESULTS.into_iter().zip(results) {
        put(cx, id, name, kind, bytes).await?;
    }
    note(cx, &ready_place(id), json!(true)).await
}

/// Where the results can be fetched for a quarter of an hour.
///
/// # Errors
/// What the files answer.
pub(crate) async fn addresses(cx: &Context, id: Uuid, with_summaries: bool) -> Result<serde_json::Value> {
    let [table, lines, summaries] = RESULTS.map(|(name, _)| name);
    let mut results = json!({"csv": address(cx, id, table).await?, "jsonl": address(cx, id, lines).await?});
    if with_summaries {
        results["summaries"] = json!(address(cx, id, summaries).await?);
    }
    Ok(results)
}

async fn address(cx: &Context, id: Uuid, name: &str) -> Result<String> {
    cx.files()
        .signed_url(Area::Private, &file(id, name)?, SIGNED_FOR)
        .await
}

/// Judges a chunk, and puts all results together when it was the last.
pub(crate) async fn bulk_chunk(cx: Context, envelope: Envelope) -> Result<Outcome> {
    let BulkChunk {
        bulk: id,
        chunk,
        first,
    } = arguments(envelope)?;
    let Some(bulk) = load(&cx, id).await? else {
        return Ok(Outcome::Done);
    };
    if let Some(found) = cx
        .files()
        .get(Area::Private, &input(id, chunk)?, MAX_UNPACKED)
        .await?
    {
        let with_summaries = bulk.summaries;
        let job = bulk.job();
        let [table, lines, summaries] = off_the_runtime(move || {
            let Made {
                table,
                lines,
                summaries,
                ..
            } = judge(job, first, &found.bytes);
            archive::zip(summaries).map(|zip| [table, lines, zip])
        })
        .await??;
        put(&cx, id, &part(chunk, RESULTS[0].0), RESULTS[0].1, table).await?;
        put(&cx, id, &part(chunk, RESULTS[1].0), RESULTS[1].1, lines).await?;
        if with_summaries {
            put(&cx, id, &part(chunk, RESULTS[2].0), RESULTS[2].1, summaries).await?;
        }
    }
    // A job that ran twice counts twice: the count only says when it is worth looking whether all are there.
    let expires = cx.clock().now() + LIFE;
    let done = cx.key_value().add(&count_place(id), 1, expires).await?;
    if usize::try_from(done).unwrap_or_default() >= bulk.chunks {
        finish(&cx, id, &bulk).await?;
    }
    Ok(Outcome::Done)
}

impl Bulk {
    fn job(&self) -> Job {
        Job {
            options: Options {
                today: self.today,
                clock: self.clock,
                language: Language::or_default(&self.language),
                policy: Policy::RIGHT,
            },
            summaries: self.summaries,
        }
    }
}

fn judge(job: Job, first: usize, text: &[u8]) -> Made {
    let mut maker = Maker::new(job);
    let text = String::from_utf8_lossy(text);
    let mut name = String::new();
    for (index, line) in text.lines().enumerate() {
        name.clear();
        // Writing to a String cannot fail.
        let _ = write!(name, "line {}", first + index);
        match Entry::read(line) {
            Ok(entry) => maker.add(&name, Ok(&entry)),
            Err(problem) => maker.add(&name, Err(problem)),
        }
    }
    maker.finish()
}

/// Joins the results of all chunks; where one is missing, its job is still to come and will do this.
async fn finish(cx: &Context, id: Uuid, bulk: &Bulk) -> Result<()> {
    for (name, kind) in RESULTS {
        let joined = match name {
            "summaries.zip" if !bulk.summaries => true,
            "summaries.zip" => join_summaries(cx, id, bulk.chunks, name, kind).await?,
            _ => join(cx, id, bulk.chunks, name, kind).await?,
        };
        if !joined {
            return Ok(());
        }
    }
    ledger::finished(cx, TenantId(bulk.tenant), id).await?;
    note(cx, &ready_place(id), json!(true)).await?;
    for chunk in 0..bulk.chunks {
        cx.files().delete(Area::Private, &input(id, chunk)?).await?;
        for (name, _) in RESULTS {
            cx.files()
                .delete(Area::Private, &file(id, &part(chunk, name))?)
                .await?;
        }
    }
    tracing::info!(records = bulk.records, "the results of a bulk upload are there");
    Ok(())
}

/// Writes a file of all chunks' parts, one after another; `false` where a part is missing.
async fn join(cx: &Context, id: Uuid, chunks: usize, name: &str, kind: &str) -> Result<bool> {
    let meta = PutFile {
        content_type: kind.to_owned(),
        download_name: Some(name.to_owned()),
    };
    let mut upload = cx.files().begin(Area::Private, &file(id, name)?, meta).await?;
    let mut waiting = BytesMut::new();
    if name == "results.csv" {
        waiting.extend_from_slice(COLUMNS.join(",").as_bytes());
        waiting.extend_from_slice(b"\n");
    }
    let mut size = 0;
    for chunk in 0..chunks {
        let key = file(id, &part(chunk, name))?;
        let Some(found) = cx.files().get(Area::Private, &key, MAX_RESULT).await? else {
            return Ok(false);
        };
        size += found.bytes.len();
        check_size(size)?;
        waiting.extend_from_slice(&found.bytes);
        if waiting.len() >= PART {
            upload.part(waiting.split().freeze()).await?;
        }
    }
    if !waiting.is_empty() {
        upload.part(waiting.freeze()).await?;
    }
    upload.finish().await?;
    Ok(true)
}

/// The same for the ZIP of summaries, whose directory is written last: one part at a time is in memory beside the whole.
async fn join_summaries(cx: &Context, id: Uuid, chunks: usize, name: &str, kind: &str) -> Result<bool> {
    let mut archive = Archive::default();
    let mut size = 0;
    for chunk in 0..chunks {
        let key = file(id, &part(chunk, name))?;
        let Some(found) = cx.files().get(Area::Private, &key, MAX_RESULT).await? else {
            return Ok(false);
        };
        size += found.bytes.len();
        check_size(size)?;
        archive.add_all_of(&found.bytes)?;
    }
    put(cx, id, name, kind, archive.finish()?).await?;
    Ok(true)
}

fn check_size(bytes: usize) -> Result<()> {
    if bytes > MAX_RESULT {
        let text = "The results are too large.";
        return Err(Error::new(Kind::TooLarge, "too_large", text));
    }
    Ok(())
}
