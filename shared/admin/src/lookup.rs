//! `autocomplete`: the rows that a reference may lead to, as programs ask for them. In Django's form.

use app::{Answer, Context};
use axum::{
    extract::RawQuery,
    response::{IntoResponse, Response},
};
use ports::{Error, Result};
use serde_json::json;

use crate::{
    model::{Kind, Model},
    params::Params,
    reader::Reader,
    sql,
};

/// Rows of an answer.
const MOST: i64 = 20;

pub(crate) async fn find(
    model: &'static Model,
    reader: Reader,
    cx: Context,
    query: RawQuery,
) -> app::Result<Response> {
    let params = Params::read(query);
    let column = params
        .get("field_name")
        .and_then(|name| model.column(name))
        .ok_or_else(Error::not_found)?;
    let Kind::Reference(to) = column.kind else {
        return Err(Error::not_found().into());
    };
    let mut tx = reader.begin(&cx).await?;
    let typed = params.get("term").unwrap_or_default();
    let rows = tx
        .query(&sql::lookup(to, reader.tenant_id(), typed, MOST + 1))
        .await?;
    let more = i64::try_from(rows.len()).is_ok_and(|count| count > MOST);
    let results = rows
        .iter()
        .take(MOST as usize)
        .map(|row| {
            let label: Option<String> = row.get("label")?;
            Ok(json!({"id": row.get::<String>("key")?, "text": label.unwrap_or_default()}))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Answer::ok(json!({"results": results, "pagination": {"more": more}})).into_response())
}
