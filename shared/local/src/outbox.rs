//! What would have left the machine: mail now, text messages, faxes and letters when they come.

use ports::{Error, Result};
use serde_json::{Value, json};
use store::{Database, Sql, params, sql};

/// Most entries shown; the newest.
const MOST: i64 = 5_000;

const LIST: Sql = sql!(
    "select * from (
         select o.number, o.id, o.channel, o.recipient, o.subject, o.text, o.html, o.links, o.at,
                coalesce((select jsonb_agg(jsonb_build_object(
                              'name', a.name, 'content_type', a.content_type, 'size', length(a.bytes),
                              'url', '/_local/outbox/attachments/' || a.number) order by a.number)
                            from local.attachment a where a.outbox_id = o.id), '[]') as attachments
           from local.outbox o order by o.number desc limit $1) newest
      order by number"
);
const ATTACHMENT: Sql = sql!("select name, content_type, bytes from local.attachment where number = $1");

/// The newest 5,000, oldest first: `{id, channel, to, subject, text, html, links, attachments, at}`.
pub(crate) async fn list(database: &Database) -> Result<Vec<Value>> {
    let rows = database.rows(LIST, params![MOST]).await?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "id": row.get::<String>("id")?,
                "channel": row.get::<String>("channel")?,
                "to": row.get::<String>("recipient")?,
                "subject": row.get::<String>("subject")?,
                "text": row.get::<String>("text")?,
                "html": row.get::<String>("html")?,
                "links": row.get::<Vec<String>>("links")?,
                "attachments": row.get::<Value>("attachments")?,
                "at": row.get::<jiff::Timestamp>("at")?.to_string(),
            }))
        })
        .collect()
}

pub(crate) struct Attached {
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) async fn attachment(database: &Database, number: i64) -> Result<Attached> {
    let row = database
        .optional(ATTACHMENT, params![number])
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(Attached {
        name: row.get("name")?,
        content_type: row.get("content_type")?,
        bytes: row.get("bytes")?,
    })
}

/// The page: newest first. A mail's own HTML is shown in a frame that may run nothing.
pub(crate) fn page(entries: &[Value], now: &str) -> String {
    let mut list = String::new();
    for entry in entries.iter().rev() {
        let text = |name: &str| escape(entry[name].as_str().unwrap_or_default());
        let mut extras = String::new();
        for part in entry["attachments"].as_array().into_iter().flatten() {
            let name = escape(part["name"].as_str().unwrap_or_default());
            let url = escape(part["url"].as_str().unwrap_or_default());
            extras.push_str(&format!(
                "<li>Attachment: <a href=\"{url}\">{name}</a> ({} bytes)</li>",
                part["size"]
            ));
        }
        for link in entry["links"].as_array().into_iter().flatten() {
            let link = escape(link.as_str().unwrap_or_default());
            extras.push_str(&format!("<li>Link: <a href=\"{link}\">{link}</a></li>"));
        }
        let frame = if text("html").is_empty() {
            String::new()
        } else {
            format!(
                "<details><summary>As HTML</summary><iframe title=\"{}\" sandbox=\"allow-popups allow-popups-to-escape-sandbox\" srcdoc=\"&lt;base target=_blank&gt;{}\"></iframe></details>",
                text("subject"),
                text("html")
            )
        };
        list.push_str(&format!(
            "<article><h2>{}</h2><p><strong>{}</strong> to {} <time>{}</time></p><pre>{}</pre><ul>{extras}</ul>{frame}</article>",
            text("subject"), text("channel"), text("to"), text("at"), text("text"),
        ));
    }
    if list.is_empty() {
        list.push_str(
            "<p>Nothing yet. Mail, text messages, faxes and letters that the platform sends appear here.</p>",
        );
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Outbox of this machine</title><style>{STYLE}</style></head><body><main><h1>Outbox of this machine</h1>\
         <p>Nothing here has left this machine. Its clock says {now}.</p>{list}</main></body></html>"
    )
}

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;margin:0;background:#f0f0f0;color:#1b1b1b}\
main{max-width:52rem;margin:0 auto;padding:1.5rem}article{background:#fff;border:1px solid #a9aeb1;border-radius:4px;padding:1rem;margin:1rem 0}\
h2{font-size:1.2rem;margin:0}time{color:#565c65}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f7f9fa;padding:.75rem}\
li{overflow-wrap:anywhere}iframe{width:100%;height:30rem;border:1px solid #a9aeb1;background:#fff}a{color:#005ea2}";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_cannot_break_the_page() {
        let entry = json!({"channel": "email", "to": "a@b.example", "subject": "<script>\"&", "text": "</pre><b>",
            "html": "<p class=\"x\">hi</p>", "links": ["https://a.example/?a=1&b=\"2"], "attachments": [], "at": "now"});
        let page = page(&[entry], "now");
        assert!(page.contains("&lt;script&gt;&quot;&amp;") && !page.contains("<script>"));
        assert!(
            page.contains("srcdoc=\"&lt;base target=_blank&gt;&lt;p class=&quot;x&quot;&gt;hi&lt;/p&gt;\"")
        );
        assert!(!page.contains("</pre><b>"));
    }
}
