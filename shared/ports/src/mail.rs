//! E-mail out.

use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::json;

use crate::{BoxFuture, Clock, Entry, Error, KeyValue, Kind, Result};

#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub name: Option<String>,
    pub email: String,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(…)")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    pub content_type: String,
    pub bytes: Bytes,
}

/// One mail. `id` names the effect, not the attempt: the same id is delivered once.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// e.g. `registration-ready/<action id>/<file id>`.
    pub id: String,
    pub from: Address,
    pub to: Address,
    pub reply_to: Vec<Address>,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub attachments: Vec<Attachment>,
    /// Where `List-Unsubscribe` (RFC 8058) points, for mail that is not an answer to what the reader just did.
    pub unsubscribe: Option<String>,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

pub trait Mailer: Send + Sync {
    /// Hands the mail to the provider. Providers know no ids, so callers go through [`send_once`].
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<()>>;
}

/// How long a sender may take before another may try (a provider's call ends after 10 s); and how long a sent mail's id is
/// remembered.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
const MEMORY: SignedDuration = SignedDuration::from_hours(24 * 14);

/// Sends a mail whose id was not sent before. `false` where it was.
///
/// A record under the mail's id is taken before the provider is called and marked after it answered. A crash between
/// the two leaves the record to lapse, so that the mail goes out late rather than never.
///
/// # Errors
/// `Unavailable` while another holds the record: try again later. What the provider answers otherwise.
pub async fn send_once(
    mailer: &dyn Mailer,
    kv: &dyn KeyValue,
    clock: &dyn Clock,
    mail: &Mail,
) -> Result<bool> {
    let key = format!("mail#{}", mail.id);
    let lease = Entry {
        value: json!("sending"),
        expires: clock.now() + LEASE,
    };
    if !kv.put_if_absent(&key, lease).await? {
        return match kv.get(&key).await? {
            Some(entry) if entry.value == json!("sent") => Ok(false),
            // Not before the other's lease has ended: a message must not use up its deliveries by waiting.
            _ => Err(Error::new(
                Kind::Unavailable(LEASE.unsigned_abs()),
                "mail_in_progress",
                "Another delivery is sending this mail.",
            )),
        };
    }
    if let Err(error) = mailer.send(mail).await {
        kv.delete(&key).await?;
        return Err(error);
    }
    kv.put(
        &key,
        Entry {
            value: json!("sent"),
            expires: clock.now() + MEMORY,
        },
    )
    .await?;
    Ok(true)
}
