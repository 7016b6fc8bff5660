//! Comparing JSON: objects without regard to the order of keys, numbers by value.

use serde_json::Value;

/// Notes every place where the two differ as `path: ours, theirs`.
pub(crate) fn compare(path: &str, ours: &Value, theirs: &Value, differences: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, theirs) in theirs {
                compare(
                    &format!("{path}.{key}"),
                    ours.get(key).unwrap_or(&MISSING),
                    theirs,
                    differences,
                );
            }
            for (key, ours) in ours.iter().filter(|(key, _)| !theirs.contains_key(*key)) {
                note(&format!("{path}.{key}"), ours, &MISSING, differences);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                compare(&format!("{path}[{index}]"), ours, theirs, differences);
            }
        }
        (Value::Number(ours), Value::Number(theirs)) if ours.as_f64() == theirs.as_f64() => {}
        _ if ours == theirs => {}
        _ => note(path, ours, theirs, differences),
    }
}

static MISSING: Value = Value::Null;

fn note(path: &str, ours: &Value, theirs: &Value, differences: &mut Vec<String>) {
    differences.push(format!("{path}: ours {}, theirs {}", short(ours), short(theirs)));
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 300 {
        text
    } else {
        text.chars().take(300).chain("…".chars()).collect()
    }
}
