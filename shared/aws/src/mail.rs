//! E-mail through SES v2, as a raw MIME message, so that attachments and `List-Unsubscribe` are ours to write.

use std::sync::Arc;

use aws_sdk_sesv2::{
    Client,
    primitives::Blob,
    types::{Destination, EmailContent, RawMessage},
};
use aws_types::SdkConfig;
use jiff::Timestamp;
use mail_builder::{
    MessageBuilder,
    headers::{address::Address as Mailbox, date::Date, raw::Raw, url::URL},
    mime::MimePart,
};
use ports::{Address, BoxFuture, Clock, Error, Mail, Mailer, Result};

use crate::failure::failure_without_message;

pub struct SesMailer {
    client: Client,
    clock: Arc<dyn Clock>,
}

impl SesMailer {
    pub fn new(config: &SdkConfig, clock: Arc<dyn Clock>) -> Self {
        Self {
            client: Client::new(config),
            clock,
        }
    }
}

impl Mailer for SesMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let raw = RawMessage::builder()
                .data(Blob::new(mime(mail, self.clock.now())))
                .build()
                .map_err(Error::internal)?;
            // The envelope is named here, so that no header decides who receives the mail.
            self.client
                .send_email()
                .from_email_address(clean(&mail.from.email))
                .destination(Destination::builder().to_addresses(clean(&mail.to.email)).build())
                .content(EmailContent::builder().raw(raw).build())
                .send()
                .await
                .map_err(|e| failure_without_message("SES SendEmail", &e))?;
            Ok(())
        })
    }
}

/// The mail as an RFC 5322 message: text and HTML as alternatives, attachments after them, one-click unsubscribe by
/// RFC 8058 where the mail names a link. Control characters cannot leave a header: they are dropped from every value.
pub fn mime(mail: &Mail, now: Timestamp) -> Vec<u8> {
    let mut message = MessageBuilder::new()
        .message_id(message_id(mail))
        .date(Date::new(now.as_second()))
        .from(mailbox(&mail.from))
        .to(mailbox(&mail.to))
        .subject(printable(&mail.subject))
        .text_body(mail.text.as_str())
        .html_body(mail.html.as_str());
    if !mail.reply_to.is_empty() {
        message = message.reply_to(Mailbox::new_list(mail.reply_to.iter().map(mailbox).collect()));
    }
    if let Some(link) = &mail.unsubscribe {
        message = message
            .header("List-Unsubscribe", URL::new(clean(link)))
            .header("List-Unsubscribe-Post", Raw::new("List-Unsubscribe=One-Click"));
    }
    for file in &mail.attachments {
        message.attachments.get_or_insert_default().push(
            MimePart::new(clean(&file.content_type), file.bytes.as_ref()).attachment(printable(&file.name)),
        );
    }
    let mut bytes = Vec::new();
    message.serialize(&mut bytes);
    bytes
}

fn mailbox(address: &Address) -> Mailbox<'static> {
    Mailbox::new_address(address.name.as_deref().map(printable), clean(&address.email))
}

/// Made of the mail's id, so that a second delivery of the same mail has the same one.
fn message_id(mail: &Mail) -> String {
    let id: String = mail
        .id
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') {
                c
            } else {
                '.'
            }
        })
        .collect();
    let domain = mail.from.email.rsplit('@').next().unwrap_or("localhost");
    format!("{id}@{}", clean(domain))
}

/// A text for a header: everything but control characters.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A token for a header, e.g. an address or a link: without what could end it.
fn clean(token: &str) -> String {
    token
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '<' | '>' | ' '))
        .collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use ports::Attachment;

    use super::*;

    fn sample() -> Mail {
        let address = |name: &str, email: &str| Address {
            name: Some(name.into()),
            email: email.into(),
        };
        Mail {
            id: "registration-ready/7/9".into(),
            from: address("Commonweal", "forms@example.org"),
            to: address("Zoë Ng", "voter@example.net"),
            reply_to: vec![address("Help", "help@example.org")],
            subject: "Su formulario está listo".into(),
            text: "Here it is.\n".into(),
            html: "<p>Here it is.</p>".into(),
            attachments: vec![Attachment {
                name: "form.pdf".into(),
                content_type: "application/pdf".into(),
                bytes: Bytes::from_static(b"%PDF-1.7"),
            }],
            unsubscribe: Some("https://example.org/u?t=1".into()),
        }
    }

    fn built(mail: &Mail) -> String {
        let now: Timestamp = "2026-11-03T08:05:09Z".parse().unwrap();
        String::from_utf8(mime(mail, now)).unwrap()
    }

    fn headers(message: &str) -> Vec<&str> {
        let head = message.split("\r\n\r\n").next().unwrap();
        head.split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .collect()
    }

    #[test]
    fn has_every_part_once_and_our_own_time() {
        let message = built(&sample());
        let headers = headers(&message);
        for expected in [
            "Message-ID: <registration-ready.7.9@example.org>",
            "Date: Tue, 3 Nov 2026 08:05:09 +0000",
            "From: \"Commonweal\" <forms@example.org>",
            "Reply-To: \"Help\" <help@example.org>",
            "List-Unsubscribe: <https://example.org/u?t=1>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "MIME-Version: 1.0",
        ] {
            assert_eq!(
                headers.iter().filter(|line| **line == expected).count(),
                1,
                "{expected}\n{message}"
            );
        }
        assert!(message.contains("multipart/mixed") && message.contains("multipart/alternative"));
        assert!(message.contains("Here it is.") && message.contains("<p>Here it is.</p>"));
        assert!(message.contains("filename=\"form.pdf\"") && message.contains("JVBERi0xLjc="));
        assert!(message.lines().all(str::is_ascii), "{message}");
    }

    #[test]
    fn mail_without_a_link_does_not_offer_to_unsubscribe() {
        let message = built(&Mail {
            unsubscribe: None,
            attachments: vec![],
            ..sample()
        });
        assert!(!message.contains("List-Unsubscribe") && !message.contains("multipart/mixed"));
    }

    #[test]
    fn no_value_can_add_a_header() {
        let evil = "x\r\nBcc: all@example.org\r\n\r\nbody";
        let mut mail = sample();
        mail.id = evil.into();
        mail.subject = evil.into();
        mail.from.name = Some(evil.into());
        mail.to = Address {
            name: Some(evil.into()),
            email: format!("a@example.org>{evil}"),
        };
        mail.reply_to = vec![Address {
            name: Some(evil.into()),
            email: evil.into(),
        }];
        mail.unsubscribe = Some(evil.into());
        mail.attachments[0].name = evil.into();
        mail.attachments[0].content_type = evil.into();
        let message = built(&mail);
        assert!(
            !message.lines().any(|line| line.trim_start().starts_with("Bcc")),
            "{message}"
        );
        assert!(!message.lines().any(|line| line == "body"), "{message}");
    }
}
