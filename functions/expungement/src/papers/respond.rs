//! Files as answers.

use app::Context;
use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{expungement::paperwork::Packet, person::Language};
use ports::Error;

use super::make;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// Shown in the browser.
    Inline,
    Attachment,
}

/// `Content-Disposition` carries the name twice (RFC 6266): in ASCII, and whole for those who read `filename*`.
pub(crate) fn file(
    content_type: &'static str,
    disposition: Disposition,
    name: &str,
    bytes: Vec<u8>,
) -> app::Result<Response> {
    let kind = match disposition {
        Disposition::Inline => "inline",
        Disposition::Attachment => "attachment",
    };
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !"\"\\;,%".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut value = format!("{kind}; filename={plain}");
    if plain != name {
        value.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            // RFC 8187's attr-char, and nothing that needs thought.
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                value.push(char::from(byte));
            } else {
                value.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    let disposition = HeaderValue::from_str(&value).map_err(Error::internal)?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

/// The ZIP of a packet.
pub(crate) async fn packet(
    cx: &Context,
    packet: &Packet,
    summary: Option<Vec<u8>>,
    language: Language,
) -> app::Result<Response> {
    let bytes = make::zip(cx, packet, summary, language).await?;
    file("application/zip", Disposition::Attachment, packet.zip_name, bytes)
}
