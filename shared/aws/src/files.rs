//! Files in two S3 buckets.

use std::{fmt::Write, time::Duration};

use aws_sdk_s3::{
    Client,
    operation::get_object::GetObjectError,
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart, ServerSideEncryption},
};
use aws_types::SdkConfig;
use bytes::{Bytes, BytesMut};
use ports::{Area, BoxFuture, Error, FileKey, Files, Kind, PutFile, Result, StoredFile, Upload};

use crate::{config::OPERATION, failure::failure};

/// The longest life of a presigned URL (AWS Signature Version 4).
const LONGEST_LINK: Duration = Duration::from_secs(7 * 24 * 3600);

#[derive(Debug, Clone)]
pub struct Buckets {
    pub private: String,
    pub public: String,
}

/// Objects are encrypted at rest with the bucket owner's S3 key (SSE-S3).
///
/// A signed URL ends with the credentials that signed it, even where a longer life was asked for: those of a Lambda
/// function last some hours.
pub struct S3Files {
    client: Client,
    buckets: Buckets,
}

impl S3Files {
    pub fn new(config: &SdkConfig, buckets: Buckets) -> Self {
        // Emulators have no DNS name per bucket.
        let s3 = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(config.endpoint_url().is_some())
            .build();
        Self {
            client: Client::from_conf(s3),
            buckets,
        }
    }

    fn bucket(&self, area: Area) -> &str {
        match area {
            Area::Private => &self.buckets.private,
            Area::Public => &self.buckets.public,
        }
    }
}

impl Files for S3Files {
    fn put<'a>(
        &'a self,
        area: Area,
        key: &'a FileKey,
        bytes: Bytes,
        meta: PutFile,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.client
                .put_object()
                .bucket(self.bucket(area))
                .key(key.as_str())
                .content_type(meta.content_type)
                .set_content_disposition(meta.download_name.as_deref().map(attachment))
                .server_side_encryption(ServerSideEncryption::Aes256)
                .body(ByteStream::from(bytes))
                .send()
                .await
                .map_err(|e| failure("S3 PutObject", e))?;
            Ok(())
        })
    }

    fn get<'a>(
        &'a self,
        area: Area,
        key: &'a FileKey,
        limit: usize,
    ) -> BoxFuture<'a, Result<Option<StoredFile>>> {
        Box::pin(async move {
            let answer = self
                .client
                .get_object()
                .bucket(self.bucket(area))
                .key(key.as_str())
                .send()
                .await;
            let object = match answer {
                Ok(object) => object,
                Err(error) if matches!(error.as_service_error(), Some(GetObjectError::NoSuchKey(_))) => {
                    return Ok(None);
                }
                Err(error) => return Err(failure("S3 GetObject", error)),
            };
            let announced = object
                .content_length()
                .and_then(|length| usize::try_from(length).ok());
            if announced.is_none_or(|length| length > limit) {
                return Err(too_large());
            }
            let content_type = object
                .content_type()
                .unwrap_or("application/octet-stream")
                .to_owned();
            let bytes = tokio::time::timeout(OPERATION, read(object.body, limit))
                .await
                .map_err(|late| Error::unavailable("dependency_unavailable", late))??;
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
            let begun = self
                .client
                .create_multipart_upload()
                .bucket(self.bucket(area))
                .key(key.as_str())
                .content_type(meta.content_type)
                .set_content_disposition(meta.download_name.as_deref().map(attachment))
                .server_side_encryption(ServerSideEncryption::Aes256)
                .send()
                .await
                .map_err(|e| failure("S3 CreateMultipartUpload", e))?;
            let id = begun
                .upload_id()
                .ok_or_else(|| Error::internal("S3 began an upload without an id"))?;
            Ok(Box::new(Parts {
                client: self.client.clone(),
                bucket: self.bucket(area).to_owned(),
                key: key.as_str().to_owned(),
                id: id.to_owned(),
                sent: Vec::new(),
            }) as Box<dyn Upload>)
        })
    }

    fn delete<'a>(&'a self, area: Area, key: &'a FileKey) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.client
                .delete_object()
                .bucket(self.bucket(area))
                .key(key.as_str())
                .send()
                .await
                .map_err(|e| failure("S3 DeleteObject", e))?;
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
                return Err(Error::internal("a signed URL may not live longer than 7 days"));
            }
            let presigning = PresigningConfig::expires_in(expires).map_err(Error::internal)?;
            let request = self
                .client
                .get_object()
                .bucket(self.bucket(area))
                .key(key.as_str())
                .presigned(presigning)
                .await
                .map_err(|e| failure("signing a URL", e))?;
            Ok(request.uri().to_owned())
        })
    }
}

/// An upload in parts. One that is given up is removed by the bucket's own rule after a day.
struct Parts {
    client: Client,
    bucket: String,
    key: String,
    id: String,
    sent: Vec<CompletedPart>,
}

impl Upload for Parts {
    fn part(&mut self, bytes: Bytes) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let number = i32::try_from(self.sent.len() + 1).map_err(Error::internal)?;
            let answer = self
                .client
                .upload_part()
                .bucket(&self.bucket)
                .key(&self.key)
                .upload_id(&self.id)
                .part_number(number)
                .body(ByteStream::from(bytes))
                .send()
                .await
                .map_err(|e| failure("S3 UploadPart", e))?;
            let part = CompletedPart::builder()
                .part_number(number)
                .set_e_tag(answer.e_tag().map(str::to_owned));
            self.sent.push(part.build());
            Ok(())
        })
    }

    fn finish(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            let parts = CompletedMultipartUpload::builder()
                .set_parts(Some(self.sent))
                .build();
            self.client
                .complete_multipart_upload()
                .bucket(self.bucket)
                .key(self.key)
                .upload_id(self.id)
                .multipart_upload(parts)
                .send()
                .await
                .map_err(|e| failure("S3 CompleteMultipartUpload", e))?;
            Ok(())
        })
    }
}

async fn read(mut body: ByteStream, limit: usize) -> Result<Bytes> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|e| Error::unavailable("dependency_unavailable", e))?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn too_large() -> Error {
    Error::new(Kind::TooLarge, "file_too_large", "The file is too large.")
}

/// `Content-Disposition` by RFC 6266: an ASCII name for old browsers, the whole name in UTF-8 (RFC 8187) for the rest.
fn attachment(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if (c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%')) || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut text = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_download_name_can_hold_anything_and_breaks_out_of_nothing() {
        assert_eq!(
            attachment("Solicitud señal.pdf"),
            "attachment; filename=\"Solicitud se_al.pdf\"; filename*=UTF-8''Solicitud%20se%C3%B1al.pdf"
        );
        assert_eq!(
            attachment("a\"\r\nX: y"),
            "attachment; filename=\"a___X: y\"; filename*=UTF-8''a%22%0D%0AX%3A%20y"
        );
    }
}
