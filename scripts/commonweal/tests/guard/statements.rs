//! Every statement of the sources, planned against the migrated schema in the role that sends it: a column that is gone, a type
//! that does not fit and a grant that is missing fail here, not on the day they are used.

use std::{path::Path, sync::Arc};

use ports::Undeclared;
use testkit::TestDb;

use crate::{none, read, root, services};

/// Where it stands, and its text.
struct Statement {
    place: String,
    text: String,
    /// The service that alone sends it; `None`: every service does.
    service: Option<String>,
}

fn statements() -> Vec<Statement> {
    let mut found = Vec::new();
    for folder in ["functions", "shared"] {
        collect(&root().join(folder), &mut found);
    }
    found.extend(
        voting::jobs::report_statements()
            .into_iter()
            .map(|text| Statement {
                place: "a report of voting".to_owned(),
                text,
                service: Some("voting".to_owned()),
            }),
    );
    found
}

fn collect(folder: &Path, found: &mut Vec<Statement>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            // The local host's tables are its own; tests have statements of all kinds.
            if !["tests", "local", "testkit", "examples", "target"].contains(&name.as_str()) {
                collect(&path, found);
            }
        } else if name.ends_with(".rs") {
            let source = read(&path);
            let shown = path.strip_prefix(root()).unwrap().display().to_string();
            let service = shown
                .strip_prefix("functions/")
                .and_then(|rest| rest.split('/').next())
                .map(str::to_owned);
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            for (at, _) in code.match_indices("sql!(") {
                if code[..at].ends_with("macro_rules! ")
                    || code[..at]
                        .lines()
                        .next_back()
                        .is_some_and(|line| line.contains("//"))
                {
                    continue;
                }
                let place = format!("{shown}:{}", code[..at].lines().count());
                let text = literal(code[at + "sql!(".len()..].trim_start())
                    .unwrap_or_else(|| panic!("{place}: sql! takes one literal"));
                found.push(Statement {
                    place,
                    text,
                    service: service.clone(),
                });
            }
        }
    }
}

/// The string literal that a text begins with: plain or raw.
fn literal(text: &str) -> Option<String> {
    if let Some(raw) = text.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let body = raw[hashes..].strip_prefix('"')?;
        return Some(body[..body.find(&format!("\"{}", "#".repeat(hashes)))?].to_owned());
    }
    let mut out = String::new();
    let mut rest = text.strip_prefix('"')?.chars().peekable();
    loop {
        match rest.next()? {
            '"' => return Some(out),
            '\\' => match rest.next()? {
                'n' => out.push('\n'),
                '\n' => while rest.next_if(|next| next.is_whitespace()).is_some() {},
                other => out.push(other),
            },
            other => out.push(other),
        }
    }
}

/// `null` for each parameter: the highest `$n` counts them.
pub(crate) fn nulls(text: &str) -> String {
    let count = text
        .split('$')
        .skip(1)
        .filter_map(|rest| {
            rest.split(|c: char| !c.is_ascii_digit())
                .next()?
                .parse::<usize>()
                .ok()
        })
        .max()
        .unwrap_or(0);
    match count {
        0 => String::new(),
        count => format!("({})", vec!["null"; count].join(", ")),
    }
}

#[tokio::test]
async fn every_statement_fits_the_schema_and_the_role() {
    let statements = statements();
    assert!(
        statements.len() > 50,
        "{} statements are too few: is the search broken?",
        statements.len()
    );
    let db = TestDb::create().await;
    let mut problems = Vec::new();
    for (service, _) in services::apis() {
        let database = db.open(Some(&format!("commonweal_{service}")), Arc::new(Undeclared));
        for statement in statements
            .iter()
            .filter(|s| s.service.as_deref().is_none_or(|own| own == service))
        {
            if is_of_another_role(statement, service) {
                continue;
            }
            let Statement { place, text, .. } = statement;
            // `explain execute` plans with parameters on every PostgreSQL, checks grants, and touches no row.
            let run = format!(
                "prepare guard as {text}; explain execute guard{}; deallocate guard",
                nulls(text)
            );
            if let Err(error) = database.batch(&run).await {
                problems.push(format!(
                    "{place} as commonweal_{service}: {}",
                    error.cause().unwrap_or_default()
                ));
                let _ = database.batch("deallocate all").await;
            }
        }
    }
    none(&problems);
}

/// Statements of the shared floors that only one role, or the owner, ever sends.
fn is_of_another_role(statement: &Statement, service: &str) -> bool {
    let within = |file: &str| statement.place.starts_with(file);
    within("shared/store/src/migrations.rs") // the owner
        || within("shared/store/src/schema.rs") // commands and tests
        || (within("shared/store/src/relay") && service != "platform")
}
