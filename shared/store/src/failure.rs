//! What Postgres answers, as our error. Never with the server's own text: it quotes values, and values are personal data.

use std::time::Duration;

use ports::{Error, Kind};
use tokio_postgres::error::SqlState;

/// The loggable part of a database error: code and names, no values.
#[derive(Debug)]
struct Failure {
    code: String,
    constraint: Option<String>,
    table: Option<String>,
    column: Option<String>,
    what: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "postgres {} {}", self.code, self.what)?;
        for (name, value) in [
            ("constraint", &self.constraint),
            ("table", &self.table),
            ("column", &self.column),
        ] {
            if let Some(value) = value {
                write!(f, " {name}={value}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// Was the connection lost, so that a new one may do better?
pub(crate) fn is_connection_lost(error: &tokio_postgres::Error) -> bool {
    error.is_closed()
        || error.code().is_some_and(|code| {
            code.code().starts_with("08")
                || matches!(
                    *code,
                    SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::CANNOT_CONNECT_NOW
                )
        })
        || (error.code().is_none()
            && std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>))
}

/// Maps by SQLSTATE. The statement's place is the caller's, so that a log line says which one it was.
#[track_caller]
pub(crate) fn failure(error: &tokio_postgres::Error) -> Error {
    let Some(db) = error.as_db_error() else {
        let what = Failure {
            code: "-----".into(),
            constraint: None,
            table: None,
            column: None,
            // Of a client-side error the first words say what failed; its source may quote a value.
            what: error.to_string().split(':').next().unwrap_or_default().to_owned(),
        };
        let lost = is_connection_lost(error)
            || error.to_string().starts_with("error connecting")
            || error.to_string().starts_with("error communicating")
            || error.to_string().starts_with("timeout");
        return if lost {
            Error::unavailable("database_unavailable", what)
        } else {
            Error::internal(what)
        };
    };
    let state = db.code();
    let what = Failure {
        code: state.code().to_owned(),
        constraint: db.constraint().map(Into::into),
        table: db.table().map(Into::into),
        column: db.column().map(Into::into),
        what: db.routine().unwrap_or_default().to_owned(),
    };
    let class = &state.code()[..2];
    if is_connection_lost(error) || class == "53" || class == "57" || class == "58" {
        return Error::unavailable("database_unavailable", what);
    }
    match *state {
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => Error::new(
            Kind::Unavailable(Duration::from_secs(1)),
            "contended",
            "Please try again.",
        )
        .with_source(what),
        SqlState::LOCK_NOT_AVAILABLE => Error::new(
            Kind::Conflict,
            "in_progress",
            "The same thing is being changed right now.",
        )
        .with_source(what),
        SqlState::UNIQUE_VIOLATION => Error::new(
            Kind::Conflict,
            "already_exists",
            "There is one with these values already.",
        )
        .with_source(what),
        SqlState::FOREIGN_KEY_VIOLATION | SqlState::RESTRICT_VIOLATION => Error::new(
            Kind::Conflict,
            "referenced",
            "Something refers to this, or this refers to something that is gone.",
        )
        .with_source(what),
        SqlState::CHARACTER_NOT_IN_REPERTOIRE | SqlState::UNTRANSLATABLE_CHARACTER => Error::new(
            Kind::Invalid,
            "invalid",
            "The text holds characters that cannot be stored.",
        )
        .with_source(what),
        _ => Error::internal(what),
    }
}
