//! Guards: what the code says of itself, held against everything that stands beside it.
//!
//! FUNCTIONS is the one list. Bins, templates with their policies, event samples and OpenAPI documents must agree with it in both
//! directions; crates must depend in one direction; statements must fit the migrated schema in the role that sends them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here ends the test")]

mod admin_models;
mod asvs;
mod authorization;
#[path = "../it/authorization/declared_models.rs"]
mod declared_models;
#[allow(dead_code, reason = "the walk of the integration tests uses the rest")]
#[path = "../it/authorization/expectation.rs"]
mod expectation;
#[path = "../it/authorization/expectations.rs"]
mod expectations;
mod files;
mod policies;
mod routes;
mod schema;
#[path = "../../src/services.rs"]
mod services;
mod sources;
mod statements;
mod template;
#[path = "../../../../functions/platform/src/test_context.rs"]
mod test_context;

use std::path::{Path, PathBuf};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Fails with all of what was found, one a line.
#[track_caller]
pub(crate) fn none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// The names in both directions: what is missing here, what is too much there.
pub(crate) fn compare(code: &[String], beside: &[String], what: &str, problems: &mut Vec<String>) {
    for name in code.iter().filter(|name| !beside.contains(name)) {
        problems.push(format!("{name} is in FUNCTIONS, but has no {what}"));
    }
    for name in beside.iter().filter(|name| !code.contains(name)) {
        problems.push(format!("{name} has a {what}, but is not in FUNCTIONS"));
    }
}

/// The text of the file that holds the test of this name.
pub(crate) fn file_of_test(name: &str) -> Option<&'static str> {
    static SOURCES: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    let sources = SOURCES.get_or_init(|| {
        let mut sources = Vec::new();
        for folder in ["functions", "shared", "scripts"] {
            collect(&root().join(folder), &mut sources);
        }
        sources
    });
    let head = format!("fn {name}(");
    let holds = |text: &&String| text.match_indices(&head).any(|(at, _)| is_test(text, at));
    sources.iter().find(holds).map(String::as_str)
}

/// Does the function whose `fn` stands here carry the attribute of a test?
fn is_test(text: &str, at: usize) -> bool {
    let its_line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let above = text[..its_line].lines().rev().map(str::trim_start);
    above
        .take_while(|line| line.starts_with("#["))
        .any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
}

fn collect(folder: &Path, sources: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_string_lossy();
            if !["target", "node_modules"].contains(&name.as_ref()) {
                collect(&path, sources);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(read(&path));
        }
    }
}
