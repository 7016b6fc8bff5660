//! Mail that goes nowhere: it lies in the outbox (`/_local/outbox`), once for each id.

use std::sync::Arc;

use ports::{BoxFuture, Clock, Mail, Mailer, Result};
use store::{Database, Sql, params, sql};

const KEEP: Sql = sql!(
    "insert into local.outbox (id, channel, recipient, subject, text, html, links, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing returning id"
);
const ATTACH: Sql =
    sql!("insert into local.attachment (outbox_id, name, content_type, bytes) values ($1, $2, $3, $4)");

pub struct LocalMailer {
    database: Database,
    clock: Arc<dyn Clock>,
}

impl LocalMailer {
    pub fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }
}

impl Mailer for LocalMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut tx = self.database.begin_untenanted().await?;
            let kept = tx
                .optional(
                    KEEP,
                    params![
                        mail.id,
                        "email",
                        mail.to.email,
                        mail.subject,
                        mail.text,
                        mail.html,
                        links(&mail.text),
                        self.clock.now()
                    ],
                )
                .await?;
            if kept.is_some() {
                for part in &mail.attachments {
                    tx.execute(
                        ATTACH,
                        params![mail.id, part.name, part.content_type, &part.bytes[..]],
                    )
                    .await?;
                }
            }
            tx.commit().await
        })
    }
}

/// The addresses in a plain text, in order, without the punctuation that ends a sentence.
fn links(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'))
        .filter_map(|word| {
            word.find("http://")
                .or_else(|| word.find("https://"))
                .map(|at| &word[at..])
        })
        .map(|word| {
            word.trim_end_matches(['.', ',', ';', ':', '!', ')', ']'])
                .to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_whole() {
        let text =
            "See https://a.example/x?y=1&z=2.\nOr (http://b.example/), or <https://c.example>; not ftp://d.";
        assert_eq!(
            links(text),
            [
                "https://a.example/x?y=1&z=2",
                "http://b.example/",
                "https://c.example"
            ]
        );
    }
}
