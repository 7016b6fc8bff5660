//! A service's API reference, written from its OpenAPI document: one page, no JavaScript.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::person::Language;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::{Page, page::html};

struct Operation {
    method: String,
    path: String,
    id: String,
    summary: String,
    description: String,
    parameters: Vec<(String, String, String)>,
    fields: Vec<(String, bool, String)>,
    responses: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage {
    page: Page,
    title: String,
    description: String,
    document: String,
    operations: Vec<Operation>,
}

/// The reference page of a document that is served at `document`.
///
/// # Errors
/// `Internal` where the document cannot be written.
pub fn page(api: &OpenApi, language: Language, document: &str) -> crate::Result<Response> {
    let api = serde_json::to_value(api).map_err(crate::Error::internal)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut operations = Vec::new();
    for (path, methods) in api["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                id: text(&operation["operationId"]),
                summary: text(&operation["summary"]),
                description: text(&operation["description"]),
                parameters: operation["parameters"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|p| (text(&p["name"]), text(&p["in"]), text(&p["description"])))
                    .collect(),
                fields: fields(&api, operation),
                responses: operation["responses"]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(status, response)| (status.clone(), text(&response["description"])))
                    .collect(),
            });
        }
    }
    let title = text(&api["info"]["title"]);
    html(
        StatusCode::OK,
        &DocsPage {
            page: Page::new(language, title.clone()),
            title,
            description: text(&api["info"]["description"]),
            document: document.to_owned(),
            operations,
        },
    )
}

/// Text as HTML, with what stands between backticks as code.
fn prose(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let parts: Vec<&str> = escaped.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped; // a lone backtick opens nothing
    }
    let mut html = String::with_capacity(escaped.len() + 16);
    for (n, part) in parts.iter().enumerate() {
        match n % 2 {
            0 => html.push_str(part),
            _ => html.extend(["<code>", part, "</code>"]),
        }
    }
    html
}

/// Name, required and description of each field of a JSON request body.
fn fields(api: &Value, operation: &Value) -> Vec<(String, bool, String)> {
    let reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        .as_str()
        .unwrap_or_default();
    let name = reference.rsplit('/').next().unwrap_or_default();
    let schema = &api["components"]["schemas"][name];
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, property)| {
            let mut notes: Vec<String> = Vec::new();
            for key in ["type", "format", "pattern", "description"] {
                if let Some(text) = property[key].as_str() {
                    notes.push(text.trim().to_owned());
                }
            }
            if let Some(choices) = property["enum"].as_array() {
                let list: Vec<String> = choices
                    .iter()
                    .map(|c| c.as_str().map_or_else(|| c.to_string(), str::to_owned))
                    .collect();
                notes.push(format!("one of {}", list.join(", ")));
            }
            (name.clone(), required.iter().any(|r| r == name), notes.join("; "))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_marked_and_markup_is_not_taken() {
        assert_eq!(
            prose("Send `a<b` & `c`."),
            "Send <code>a&lt;b</code> &amp; <code>c</code>."
        );
        assert_eq!(prose("a ` b <i>"), "a ` b &lt;i&gt;");
        assert_eq!(prose(""), "");
    }
}
