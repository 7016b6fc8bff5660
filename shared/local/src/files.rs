//! Files in a folder, read through links that are signed and expire, as S3's are.
//!
//! A key may be another's folder, so a file's name ends in `~`, which no key may hold: `a/b` lies in `a/b~`, what belongs
//! to it (content type, download name) in `a/b~meta`.

use std::{
    fmt::Write,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use ports::{
    Area, BoxFuture, Clock, Error, FileKey, Files, Kind, PART, PutFile, Random, Result, StoredFile,
    SystemRandom, Upload,
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::Home;

/// Bytes of a download that are in memory at a time.
const PIECE: usize = 64 << 10;

const LONGEST_LINK: Duration = Duration::from_secs(7 * 24 * 3600);

pub struct LocalFiles {
    folder: PathBuf,
    key: Vec<u8>,
    /// Where `/_local/files` is, e.g. `http://127.0.0.1:4000`.
    base: String,
    clock: Arc<dyn Clock>,
}

#[derive(Serialize, Deserialize)]
struct Meta {
    content_type: String,
    download_name: Option<String>,
}

impl LocalFiles {
    /// # Errors
    /// `Internal` where the state folder cannot be written.
    pub fn open(home: &Home, base: impl Into<String>, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self {
            folder: home.path("files"),
            key: home.key("files.key")?,
            base: base.into(),
            clock,
        })
    }

    fn path(&self, area: Area, key: &FileKey, suffix: &str) -> PathBuf {
        self.folder
            .join(area_name(area))
            .join(format!("{}{suffix}", key.as_str()))
    }

    fn signature(&self, area: Area, key: &str, expires: i64) -> Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).map_err(Error::internal)?;
        mac.update(format!("{}\n{key}\n{expires}", area_name(area)).as_bytes());
        Ok(mac)
    }

    async fn meta(&self, area: Area, key: &FileKey) -> Result<Meta> {
        let bytes = tokio::fs::read(self.path(area, key, "~meta"))
            .await
            .map_err(Error::internal)?;
        serde_json::from_slice(&bytes).map_err(Error::internal)
    }

    /// Answers a signed link.
    async fn follow(&self, area: Area, key: &str, link: &Link) -> Result<Response> {
        let refused = || {
            Error::new(
                Kind::Forbidden,
                "link_refused",
                "The link has expired or was changed.",
            )
        };
        let proof = URL_SAFE_NO_PAD.decode(&link.signature).map_err(|_| refused())?;
        self.signature(area, key, link.expires)?
            .verify_slice(&proof)
            .map_err(|_| refused())?;
        if self.clock.now().as_second() >= link.expires {
            return Err(refused());
        }
        let key = FileKey::new(key)?;
        let file = match tokio::fs::File::open(self.path(area, &key, "~")).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(Error::not_found()),
            Err(error) => return Err(Error::internal(error)),
        };
        let size = file.metadata().await.map_err(Error::internal)?.len();
        let meta = self.meta(area, &key).await?;
        let mut response = Body::from_stream(pieces(file)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LENGTH, size.into());
        if let Ok(kind) = HeaderValue::from_str(&meta.content_type) {
            headers.insert(header::CONTENT_TYPE, kind);
        }
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        );
        if let Some(name) = meta.download_name
            && let Ok(value) = HeaderValue::from_str(&attachment(&name))
        {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        Ok(response)
    }
}

/// A file piece by piece: results may be larger than this process should be.
fn pieces(file: tokio::fs::File) -> impl Stream<Item = std::io::Result<Bytes>> {
    futures_util::stream::try_unfold(file, |mut file| async move {
        let mut piece = BytesMut::with_capacity(PIECE);
        let read = file.read_buf(&mut piece).await?;
        Ok((read > 0).then(|| (piece.freeze(), file)))
    })
}

fn area_name(area: Area) -> &'static str {
    match area {
        Area::Private => "private",
        Area::Public => "public",
    }
}

/// `Content-Disposition` by RFC 6266, with the whole name in UTF-8 (RFC 8187).
pub(crate) fn attachment(name: &str) -> String {
    let mut text = String::from("attachment; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// Writes beside and renames, so that no reader sees half a file.
async fn write_whole(path: &Path, bytes: Bytes) -> Result<()> {
    let folder = path
        .parent()
        .ok_or_else(|| Error::internal("a file without a folder"))?;
    tokio::fs::create_dir_all(folder).await.map_err(Error::internal)?;
    let beside = folder.join(format!("~{}", SystemRandom.uuid().simple()));
    let path = path.to_owned();
    // At once on a thread that may block, and without the copy that `tokio::fs::write` makes.
    tokio::task::spawn_blocking(move || {
        std::fs::write(&beside, &bytes).and_then(|()| std::fs::rename(&beside, path))
    })
    .await
    .map_err(Error::internal)?
    .map_err(Error::internal)
}

impl Files for LocalFiles {
    fn put<'a>(
        &'a self,
        area: Area,
        key: &'a FileKey,
        bytes: Bytes,
        meta: PutFile,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let meta = Meta {
                content_type: meta.content_type,
                download_name: meta.download_name,
            };
            let meta = serde_json::to_vec(&meta).map_err(Error::internal)?;
            write_whole(&self.path(area, key, "~meta"), meta.into()).await?;
            write_whole(&self.path(area, key, "~"), bytes).await
        })
    }

    fn get<'a>(
        &'a self,
        area: Area,
        key: &'a FileKey,
        limit: usize,
    ) -> BoxFuture<'a, Result<Option<StoredFile>>> {
        Box::pin(async move {
            let path = self.path(area, key, "~");
            let size = match tokio::fs::metadata(&path).await {
                Ok(metadata) => metadata.len(),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(Error::internal(error)),
            };
            if size > u64::try_from(limit).unwrap_or(u64::MAX) {
                return Err(Error::new(
                    Kind::TooLarge,
                    "file_too_large",
                    "The file is too large.",
                ));
            }
            let bytes = tokio::fs::read(&path).await.map_err(Error::internal)?.into();
            let content_type = self.meta(area, key).await?.content_type;
            Ok(Some(StoredFile { bytes, content_type }))
        })
    }

    fn begin<'a>(
        &'a self,
        area: Area,
        key: &'a FileKey,
        meta: PutFile,
    ) -> BoxFuture<'a, Result<Box<dyn Upload>>> {
        Box::pin(async move {
            let path = self.path(area, key, "~");
            let folder = path
                .parent()
                .ok_or_else(|| Error::internal("a file without a folder"))?;
            tokio::fs::create_dir_all(folder).await.map_err(Error::internal)?;
            let beside = folder.join(format!("~{}", SystemRandom.uuid().simple()));
            let file = tokio::fs::File::create(&beside).await.map_err(Error::internal)?;
            Ok(Box::new(Parts {
                file,
                is_ending: false,
                beside,
                path,
                meta_path: self.path(area, key, "~meta"),
                meta: Meta {
                    content_type: meta.content_type,
                    download_name: meta.download_name,
                },
            }) as Box<dyn Upload>)
        })
    }

    fn delete<'a>(&'a self, area: Area, key: &'a FileKey) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for suffix in ["~", "~meta"] {
                match tokio::fs::remove_file(self.path(area, key, suffix)).await {
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::internal(error)),
                    _ => {}
                }
            }
            Ok(())
        })
    }

    fn signed_url<'a>(
        &'a self,
        area: Area,
        key: &'a FileKey,
        expires: Duration,
    ) -> BoxFuture<'a, Result<String>> {
        Box::pin(async move {
            if expires > LONGEST_LINK {
                return Err(Error::internal("a link must not live longer than seven days"));
            }
            let ends: Timestamp =
                self.clock.now() + SignedDuration::try_from(expires).map_err(Error::internal)?;
            let ends = ends.as_second();
            let proof = self.signature(area, key.as_str(), ends)?.finalize().into_bytes();
            Ok(format!(
                "{}/_local/files/{}/{}?expires={ends}&signature={}",
                self.base,
                area_name(area),
                key.as_str(),
                URL_SAFE_NO_PAD.encode(proof)
            ))
        })
    }
}

/// A file that grows beside its place, and is moved there when it is whole.
struct Parts {
    file: tokio::fs::File,
    /// A short part was written, after which S3 takes no other.
    is_ending: bool,
    beside: PathBuf,
    path: PathBuf,
    meta_path: PathBuf,
    meta: Meta,
}

impl Upload for Parts {
    fn part(&mut self, bytes: Bytes) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            if self.is_ending {
                return Err(Error::internal("a part follows one that is too short for S3"));
            }
            self.is_ending = bytes.len() < PART;
            self.file.write_all(&bytes).await.map_err(Error::internal)
        })
    }

    fn finish(mut self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            self.file.flush().await.map_err(Error::internal)?;
            let meta = serde_json::to_vec(&self.meta).map_err(Error::internal)?;
            write_whole(&self.meta_path, meta.into()).await?;
            tokio::fs::rename(&self.beside, &self.path)
                .await
                .map_err(Error::internal)
        })
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        // Already moved where it was finished.
        let _ = std::fs::remove_file(&self.beside);
    }
}

#[derive(Deserialize)]
struct Link {
    expires: i64,
    signature: String,
}

/// `GET /_local/files/<area>/<key>?expires=&signature=`.
pub fn file_routes(files: Arc<LocalFiles>) -> Router {
    Router::new()
        .route("/_local/files/private/{*key}", get(private))
        .route("/_local/files/public/{*key}", get(public))
        .with_state(files)
}

type Key = axum::extract::Path<String>;

async fn private(State(files): State<Arc<LocalFiles>>, key: Key, link: Query<Link>) -> Response {
    answer(files.follow(Area::Private, &key, &link).await)
}

async fn public(State(files): State<Arc<LocalFiles>>, key: Key, link: Query<Link>) -> Response {
    answer(files.follow(Area::Public, &key, &link).await)
}

fn answer(followed: Result<Response>) -> Response {
    followed.unwrap_or_else(|error| {
        let status = match error.kind() {
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, error.detail().to_owned()).into_response()
    })
}
