//! Metrics in CloudWatch's Embedded Metric Format: a line of the log that CloudWatch reads as numbers, at no call's cost.
//!
//! Dimensions are `service` and `function` only: each further one is billed per value.

use app::Function;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Counts of one function at one moment. Zeros are left out; nothing is printed where all are zero.
pub fn count(function: &Function, counts: &[(&'static str, u32)], now: Timestamp) {
    let counts: Vec<_> = counts.iter().filter(|(_, count)| *count > 0).collect();
    if counts.is_empty() || !crate::log::emits_metrics() {
        return;
    }
    let metrics: Vec<Value> = counts
        .iter()
        .map(|(name, _)| json!({"Name": name, "Unit": "Count"}))
        .collect();
    let mut line = Map::new();
    line.insert(
        "_aws".into(),
        json!({
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Commonweal",
                "Dimensions": [["service"], ["service", "function"]],
                "Metrics": metrics,
            }],
        }),
    );
    line.insert("service".into(), json!(function.service()));
    line.insert("function".into(), json!(function.name));
    for (name, value) in counts {
        line.insert((*name).into(), json!(value));
    }
    crate::log::line(&Value::Object(line).to_string());
}

pub(crate) fn batch(function: &Function, done: u32, retried: u32, dead: u32, now: Timestamp) {
    count(
        function,
        &[("BatchDone", done), ("BatchRetry", retried), ("BatchDead", dead)],
        now,
    );
}
