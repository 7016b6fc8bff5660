//! A list as CSV.

use app::Context;
use axum::{
    extract::RawQuery,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::spreadsheet_text;
use ports::{Error, Kind as Trouble, Result};

use crate::{
    change::find,
    list::{Asked, place},
    model::{Column, Kind, Model, Row},
    params::Params,
    reader::{Entry, Reader},
    sql::{self, Position},
};

/// Rows of an export, and bytes: what a function's answer can carry (6 MB) with room to spare.
const MOST_ROWS: usize = 10_000;
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Rows that are read at a time.
const BATCH: i64 = 500;

/// A file in the making.
struct Csv {
    writer: csv::Writer<Vec<u8>>,
    columns: Vec<&'static Column>,
    rows: usize,
}

impl Csv {
    fn new(model: &'static Model) -> Result<Self> {
        let columns: Vec<&'static Column> = model.columns.iter().collect();
        let mut header: Vec<String> = Vec::new();
        for column in &columns {
            header.push(column.name.to_owned());
            if matches!(column.kind, Kind::Reference(_)) {
                header.push(format!("{}_name", column.name));
            }
        }
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        writer.write_record(&header).map_err(Error::internal)?;
        Ok(Self {
            writer,
            columns,
            rows: 0,
        })
    }

    fn push(&mut self, row: &Row) -> Result<()> {
        let mut record: Vec<String> = Vec::new();
        for column in &self.columns {
            let plain = row.get(column.name).plain();
            record.push(match column.kind {
                // A number's sign begins no formula.
                Kind::Integer | Kind::Decimal => plain,
                _ => spreadsheet_text(&plain).into_owned(),
            });
            if matches!(column.kind, Kind::Reference(_)) {
                let label = row.label(column.name).unwrap_or_default();
                record.push(spreadsheet_text(label).into_owned());
            }
        }
        self.writer.write_record(&record).map_err(Error::internal)?;
        self.rows += 1;
        if self.rows > MOST_ROWS || self.writer.get_ref().len() > MOST_BYTES {
            return Err(Error::new(Trouble::TooLarge, "too_large", TOO_MANY));
        }
        Ok(())
    }

    fn finish(self, model: &'static Model) -> Result<Response> {
        let bytes = self
            .writer
            .into_inner()
            .map_err(|_| Error::internal("a CSV in memory"))?;
        let name = format!("attachment; filename=\"{}.csv\"", model.name);
        let mut response = bytes.into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
        );
        headers.insert(
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).map_err(Error::internal)?,
        );
        Ok(response)
    }
}

const TOO_MANY: &str = "This list has more than 10,000 rows or 4 MB, which is more than one file can carry. \
                        Narrow it with a filter or a date, and export the parts.";

async fn log(model: &'static Model, reader: &Reader, tx: &mut store::Tx, rows: usize) -> Result<()> {
    let entry = Entry {
        action: "admin.export",
        object: String::new(),
        before: None,
        after: Some(serde_json::json!({ "rows": rows })),
    };
    reader.audit(tx, model, None, entry).await
}

/// Everything that a list's address narrows it to.
pub(crate) async fn all(
    model: &'static Model,
    reader: Reader,
    cx: Context,
    query: RawQuery,
) -> app::Result<Response> {
    let params = Params::read(query);
    let mut tx = reader.begin(&cx).await?;
    let asked = Asked::read(model, &params, place(&reader, tx.now()));
    let columns: Vec<&'static Column> = model.columns.iter().collect();
    let by = sql::ordered_by(model, asked.ordering);
    let mut csv = Csv::new(model)?;
    let mut position: Option<Position> = None;
    loop {
        let statement = sql::page(
            model,
            reader.tenant_id(),
            &columns,
            &asked.conditions,
            asked.ordering,
            position.as_ref(),
            BATCH,
        );
        let rows = tx.query(&statement).await?;
        for row in &rows {
            let row = sql::read(row, &columns)?;
            csv.push(&row)?;
            position = Some(Position {
                values: by.iter().map(|column| row.get(column.name).clone()).collect(),
                is_before: false,
            });
        }
        if i64::try_from(rows.len()).is_ok_and(|count| count < BATCH) {
            break;
        }
    }
    log(model, &reader, &mut tx, csv.rows).await?;
    tx.commit().await?;
    Ok(csv.finish(model)?)
}

/// The rows that were ticked.
pub(crate) async fn ticked(
    model: &'static Model,
    reader: Reader,
    cx: Context,
    ids: &[String],
) -> app::Result<Response> {
    let mut tx = reader.begin(&cx).await?;
    let mut csv = Csv::new(model)?;
    for id in ids {
        let (_, row) = find(model, &reader, &mut tx, id, false).await?;
        csv.push(&row)?;
    }
    log(model, &reader, &mut tx, csv.rows).await?;
    tx.commit().await?;
    Ok(csv.finish(model)?)
}
