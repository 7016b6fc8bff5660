//! Statements, parameters and rows.

use jiff::{Timestamp, civil::Date};
use ports::{Error, Result};
use tokio_postgres::types::{FromSql, ToSql, Type};
use uuid::Uuid;

/// A statement's text. Made only by [`sql!`](crate::sql), so that no text is put together at run time, and a test can find
/// every statement in the sources and prepare it against the migrated schema.
#[derive(Clone, Copy)]
pub struct Sql(#[doc(hidden)] pub &'static str);

/// A statement: `const FIND: Sql = sql!("select … where id = $1");`
#[macro_export]
macro_rules! sql {
    ($text:literal) => {
        $crate::Sql($text)
    };
}

/// The parameters of a statement: `params![id, name]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$(&$value as &dyn $crate::Param),*]
    };
}

/// A value that brings its Postgres type along: with all types known a statement needs one round trip, not two.
pub trait Param: ToSql + Sync {
    fn sql_type(&self) -> Type;
}

trait Typed {
    const TYPE: Type;
}

macro_rules! typed {
    ($($rust:ty => $sql:ident),* $(,)?) => {$(
        impl Typed for $rust {
            const TYPE: Type = Type::$sql;
        }
        impl Param for $rust {
            fn sql_type(&self) -> Type {
                Type::$sql
            }
        }
    )*};
}

typed! {
    bool => BOOL,
    i16 => INT2,
    i32 => INT4,
    i64 => INT8,
    f64 => FLOAT8,
    &str => TEXT,
    String => TEXT,
    Uuid => UUID,
    Date => DATE,
    Timestamp => TIMESTAMPTZ,
    serde_json::Value => JSONB,
    &[u8] => BYTEA,
    Vec<u8> => BYTEA,
    &[Uuid] => UUID_ARRAY,
    Vec<Uuid> => UUID_ARRAY,
    &[&str] => TEXT_ARRAY,
    Vec<&str> => TEXT_ARRAY,
    Vec<String> => TEXT_ARRAY,
    Vec<i32> => INT4_ARRAY,
    Vec<i64> => INT8_ARRAY,
    Vec<Timestamp> => TIMESTAMPTZ_ARRAY,
}

impl<T: Typed + ToSql + Sync> Param for Option<T> {
    fn sql_type(&self) -> Type {
        T::TYPE
    }
}

/// One row of an answer.
pub struct Row(pub(crate) tokio_postgres::Row);

impl Row {
    /// The value of a column.
    ///
    /// # Errors
    /// `Internal` where the column is missing or of another type: the statement and its reader disagree.
    #[track_caller]
    pub fn get<'a, T: FromSql<'a>>(&'a self, column: &str) -> Result<T> {
        self.0.try_get(column).map_err(|_| {
            Error::internal(format!(
                "column {column} is missing or of another type than its reader expects"
            ))
        })
    }

    /// A `jsonb` column as a Rust value.
    ///
    /// # Errors
    /// `Internal` where it does not fit.
    #[track_caller]
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T> {
        let value: serde_json::Value = self.get(column)?;
        // serde's message may quote the value, so only the place is kept.
        serde_json::from_value(value)
            .map_err(|_| Error::internal(format!("column {column} holds JSON of another shape")))
    }
}
