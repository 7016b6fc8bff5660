//! Logs: one JSON object a line under the key names of AWS Powertools, or plain text on a developer's terminal.
//!
//! Messages are fixed texts; what varies stands in fields, so that no name can end up in a message. Never logged: names,
//! addresses, e-mail, phones, dates of birth, identity numbers, tokens, bodies.

use std::{
    io::Write,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::Timestamp;
use ports::{Clock, SystemClock};
use serde_json::{Map, Value, json};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{EnvFilter, Layer, layer::Context, layer::SubscriberExt, util::SubscriberInitExt};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Text,
}

static FORMAT: OnceLock<(Format, Identity)> = OnceLock::new();
static COLD: AtomicBool = AtomicBool::new(true);

/// Who is logging: the same on every line.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// `voting`.
    pub service: String,
    /// `commonweal-prod-voting-verify`.
    pub function_name: String,
    /// MB.
    pub function_memory_size: String,
}

/// Starts logging. `filter` is a level or a list of `target=level`.
pub fn init(format: Format, identity: Identity, filter: &str) {
    if FORMAT.set((format, identity)).is_err() {
        return;
    }
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::registry().with(filter).with(Lines).init();
}

/// Metrics are lines of the JSON log; a terminal is spared them.
pub(crate) fn emits_metrics() -> bool {
    FORMAT.get().is_some_and(|(format, _)| *format == Format::Json)
}

/// Lines up to the end of the first invocation say that it was a cold start.
#[cfg(feature = "aws")]
pub(crate) fn end_cold_start() {
    COLD.store(false, Ordering::Relaxed);
}

/// Writes one whole line, so that lines of several threads do not mix.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.write_all(b"\n");
}

struct Lines;

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let Some((format, identity)) = FORMAT.get() else {
            return;
        };
        line(&rendered(*format, identity, event));
    }
}

fn rendered(format: Format, identity: &Identity, event: &Event<'_>) -> String {
    let mut fields = Fields(Map::new());
    event.record(&mut fields);
    let message = fields.0.remove("message").unwrap_or(Value::Null);
    let now: Timestamp = SystemClock.now();
    match format {
        Format::Json => json_line(identity, event, message, fields.0, now),
        Format::Text => text_line(event, &message, &fields.0, now),
    }
}

fn json_line(
    identity: &Identity,
    event: &Event<'_>,
    message: Value,
    fields: Map<String, Value>,
    now: Timestamp,
) -> String {
    let metadata = event.metadata();
    let mut object = Map::new();
    object.insert("level".into(), json!(level(*metadata.level())));
    object.insert("message".into(), message);
    object.insert("timestamp".into(), json!(now.to_string()));
    object.insert("service".into(), json!(identity.service));
    object.insert("function_name".into(), json!(identity.function_name));
    object.insert(
        "function_memory_size".into(),
        json!(identity.function_memory_size),
    );
    object.insert("cold_start".into(), json!(COLD.load(Ordering::Relaxed)));
    object.insert("location".into(), json!(metadata.target()));
    for (name, value) in fields {
        let name = if name == "request_id" {
            "function_request_id".to_owned()
        } else {
            name
        };
        object.insert(name, value);
    }
    Value::Object(object).to_string()
}

fn text_line(event: &Event<'_>, message: &Value, fields: &Map<String, Value>, now: Timestamp) -> String {
    let mut text = format!(
        "{} {:5} {}",
        now.strftime("%H:%M:%S%.3f"),
        level(*event.metadata().level()),
        message.as_str().unwrap_or_default()
    );
    for (name, value) in fields {
        text.push_str(&match value {
            Value::String(text) => format!(" {name}={text}"),
            other => format!(" {name}={other}"),
        });
    }
    text
}

fn level(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        Level::DEBUG | Level::TRACE => "DEBUG",
    }
}

/// The fields of one event as JSON.
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0
            .insert(field.name().to_owned(), json!((value * 1e3).round() / 1e3));
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), json!(value));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), json!(value));
    }
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0
            .insert(field.name().to_owned(), json!(format!("{value:?}")));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Keeps what would be printed.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber> Layer<S> for Kept {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            let line = rendered(Format::Json, &Identity::default(), event);
            self.0.lock().unwrap().push(line);
        }
    }

    /// Whatever a field holds, and in whichever way it is given: one line, which says what it says.
    #[test]
    fn a_line_cannot_be_forged() {
        let hostile = concat!(
            "x\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}\n\u{1b}[2K\u{8}\0\u{2028}\\",
            "\",\"level\":\"ERROR\",\"message\":\"forged"
        );
        let kept = Kept::default();
        let subscriber = tracing_subscriber::registry().with(kept.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(
                text = hostile,
                shown = %hostile,
                debugged = ?hostile,
                request_id = hostile,
                "request"
            );
        });
        let lines = kept.0.lock().unwrap();
        assert_eq!(lines.len(), 1);
        assert!(!lines[0].contains(char::is_control), "{}", lines[0]);
        let read: Value = serde_json::from_str(&lines[0]).unwrap();
        for name in ["text", "shown", "function_request_id"] {
            assert_eq!(read[name], hostile, "{name}");
        }
        assert_eq!(read["debugged"], format!("{hostile:?}"));
        assert_eq!(
            (&read["level"], &read["message"]),
            (&json!("INFO"), &json!("request"))
        );
        assert_eq!(
            lines[0].matches("\"level\":").count(),
            1,
            "no second level, which some readers would believe"
        );
    }
}
