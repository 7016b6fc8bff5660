//! What [`Mailer`] promises. What arrived is for the adapter's own test to look at.

use bytes::Bytes;
use ports::{Address, Attachment, Mail, Mailer};

use super::unique;

/// A mail with every part, from this sender.
pub fn sample_mail(from: &str) -> Mail {
    Mail {
        id: unique("contract"),
        from: Address {
            name: Some("Commonweal".into()),
            email: from.into(),
        },
        to: Address {
            name: Some("Zoë \"Z\" Ng".into()),
            email: "voter@example.net".into(),
        },
        reply_to: vec![Address {
            name: None,
            email: "help@example.org".into(),
        }],
        subject: "Su formulario está listo".into(),
        text: "Here it is: está listo.\n".into(),
        html: "<p>Here it is: está listo.</p>".into(),
        attachments: vec![Attachment {
            name: "formulario señal.pdf".into(),
            content_type: "application/pdf".into(),
            bytes: Bytes::from(vec![0xA5; 40_000]),
        }],
        unsubscribe: Some("https://example.org/unsubscribe?t=1".into()),
    }
}

/// `from` is a sender that the provider accepts.
///
/// # Panics
/// Where a promise of the port is broken.
pub async fn mailer_contract(mailer: &dyn Mailer, from: &str) {
    let mail = sample_mail(from);
    mailer.send(&mail).await.unwrap();
    let plain = Mail {
        id: unique("plain"),
        attachments: vec![],
        unsubscribe: None,
        reply_to: vec![],
        ..mail
    };
    mailer.send(&plain).await.unwrap();
}
