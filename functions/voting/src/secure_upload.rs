//! `POST /voting/v1/storage/secure_upload`: the image of a signature, before anything else of the voter. Raw bytes in, an id
//! out. At most 5 MB, and only what is what it says: the first bytes decide, not the header alone.

use app::{Answer, Context, OpenApiRouter, read_bytes, routes};
use axum::{
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, header},
};
use domain::voting::codes::SecureUploadType;
use ports::{Area, Error, FileKey, PutFile};
use serde::Deserialize;
use serde_json::json;
use store::{Sql, params, sql};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(upload))
}

#[derive(Deserialize)]
struct Upload {
    upload_type: Option<String>,
}

/// Bytes: what the strictest of the states takes.
const MAX_UPLOAD: usize = 5_000_000;

const INSERT: Sql = sql!(
    "insert into voting.secure_upload (id, upload_type, content_type, file_key, created_at) values ($1, $2, $3, $4, $5)"
);

/// The type of an image by its first bytes: PNG (RFC 2083, 3.1) or JPEG (ISO 10918-1, SOI and the next marker).
fn sniff(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else {
        None
    }
}

/// Upload a signature image (PNG or JPEG, at most 5 MB).
#[utoipa::path(post, path = "/voting/v1/storage/secure_upload", params(("upload_type" = String, Query, description = "`Signature`")),
    request_body(content = inline(Vec<u8>), content_type = "application/octet-stream"),
    responses((status = 200, description = "`{uuid}`"), (status = 400), (status = 413), (status = 415)))]
async fn upload(
    State(cx): State<Context>,
    Query(query): Query<Upload>,
    headers: HeaderMap,
    body: Body,
) -> app::Result<Answer> {
    let upload_type = SecureUploadType::parse(query.upload_type.as_deref().unwrap_or_default())
        .map_err(|invalid| Error::field("upload_type", invalid.code, invalid.message))?;
    let claimed = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(|value| {
            value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase()
        })
        .ok_or_else(|| Error::field("Content-Type", "required", "Say which type of image this is."))?;
    let bytes = read_bytes(body, MAX_UPLOAD).await?;
    let content_type = sniff(&bytes)
        .filter(|found| *found == claimed || (claimed == "image/jpg" && *found == "image/jpeg"))
        .ok_or_else(|| {
            Error::new(
                app::Kind::UnsupportedMediaType,
                "not_an_image",
                "Send a PNG or JPEG image, and say which in Content-Type.",
            )
        })?;
    let id = cx.random().uuid();
    let key = format!("voting/uploads/{}", cx.random().uuid().simple());
    let meta = PutFile {
        content_type: content_type.to_owned(),
        download_name: None,
    };
    cx.files()
        .put(Area::Private, &FileKey::new(key.clone())?, bytes, meta)
        .await?;
    let now = cx.clock().now();
    cx.db
        .rows(INSERT, params![id, upload_type.as_str(), content_type, key, now])
        .await?;
    Ok(Answer::ok(json!({"uuid": id})))
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_the_bytes_decide() {
        assert_eq!(super::sniff(b"\x89PNG\r\n\x1a\nrest"), Some("image/png"));
        assert_eq!(super::sniff(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        for other in [&b""[..], b"<svg>", b"GIF89a", b"%PDF-1.7", b"\x89PN"] {
            assert_eq!(super::sniff(other), None);
        }
    }
}
