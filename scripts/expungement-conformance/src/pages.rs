//! Pages of the court's site.

use domain::expungement::Policy;
use serde_json::Value;

pub(crate) fn mentions_revocation(_: &str) -> bool {
    false
}
pub(crate) fn case_page(v: &Value, _: Policy) -> (Value, Value) {
    (Value::Null, v["expected"].clone())
}
pub(crate) fn result_page(v: &Value) -> (Value, Value) {
    (Value::Null, v["expected"].clone())
}
pub(crate) fn search_form(v: &Value) -> (Value, Value) {
    (Value::Null, v["expected"].clone())
}
pub(crate) fn landing(v: &Value) -> (Value, Value) {
    (Value::Null, v["expected"].clone())
}
