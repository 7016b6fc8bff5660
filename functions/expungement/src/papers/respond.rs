//! Files as answers.

use app::Context;
use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{expungement::paperwork::Packet, person::Language};
use ports::Error;

use super::{kept, make};

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

/// Bytes of an answer: a Lambda's has six million at most, and base64 takes a third of them.
const MAX_ANSWER: usize = 4_000_000;
/// Papers that are filled while somebody waits.
const MAX_PAPERS_AT_ONCE: usize = 10;

/// The ZIP of a packet, made at once; where it is too large for an answer, a redirect to where it is kept for a day.
pub(crate) async fn packet(
    cx: &Context,
    wanted: kept::Wanted,
    packet: &Packet,
    summary: Option<Vec<u8>>,
    language: Language,
) -> app::Result<Response> {
    let bytes = make::zip(cx, packet, summary, language).await?;
    if bytes.len() > MAX_ANSWER {
        let link = kept::keep(cx, wanted, packet.zip_name, bytes).await?;
        return Ok(Redirect::to(&link).into_response());
    }
    file("application/zip", Disposition::Attachment, packet.zip_name, bytes)
}

/// As [`packet`] for programs: a packet of many papers is ordered, and the answer is 202 with where to ask.
pub(crate) async fn packet_or_order(
    cx: &Context,
    wanted: kept::Wanted,
    packet: &Packet,
    summary: Option<Vec<u8>>,
    order: impl FnOnce() -> kept::Order,
    language: Language,
) -> app::Result<Response> {
    make::check_size(packet)?;
    if packet.papers.len() > MAX_PAPERS_AT_ONCE {
        return kept::accepted(&kept::order(cx, &order()).await?);
    }
    let bytes = make::zip(cx, packet, summary, language).await?;
    if bytes.len() > MAX_ANSWER {
        return kept::accepted(&kept::keep(cx, wanted, packet.zip_name, bytes).await?);
    }
    file("application/zip", Disposition::Attachment, packet.zip_name, bytes)
}
