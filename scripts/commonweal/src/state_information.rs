//! `commonweal state-information import <file>`: what the states say, from CSV or JSON; and the seed of a new installation.

use std::path::Path;

use domain::{
    person::Slug,
    voting::state_information::{
        FieldType,
        import::{Import, Problem, parse_csv, parse_json},
    },
};
use local::Twins;
use ports::{Clock, Error, FieldError, Result};
use store::{Sql, Tx, params, sql};

const FIELDS: Sql = sql!("select slug, long_name, field_format from voting.state_field order by slug");
const FIELD: Sql = sql!(
    "insert into voting.state_field (slug, long_name, field_format) values ($1, $2, $3)
     on conflict (slug) do update set long_name = excluded.long_name, field_format = excluded.field_format"
);
// `xmax = 0` tells an inserted row from an updated one; an unchanged one returns nothing and keeps its time.
const TEXT: Sql = sql!(
    "insert into voting.state_information as i (state, field, text, modified_at) values ($1, $2, $3, $4)
     on conflict (state, field) do update set text = excluded.text, modified_at = excluded.modified_at
      where i.text is distinct from excluded.text
     returning (xmax = 0) as created"
);

/// Fields and texts to begin with.
pub(crate) async fn seed(twins: &Twins, folder: &Path) -> Result<()> {
    for name in ["fields.csv", "state_information.csv"] {
        import(twins, &folder.join(name)).await?;
    }
    Ok(())
}

pub(crate) async fn import(twins: &Twins, file: &Path) -> Result<()> {
    let bytes = read(file)?;
    let json = file.extension().is_some_and(|extension| extension == "json");
    let import: Import = if json {
        parse_json(&bytes)
    } else {
        parse_csv(&bytes)
    }
    .map_err(|p| refused(&p))?;
    let mut tx = twins.owner.begin_untenanted().await?;
    let mut known = known(&mut tx).await?;
    known.retain(|field| !import.fields.iter().any(|new| new.slug == field.slug));
    known.extend(import.fields.iter().cloned());
    let problems = import.check(&known);
    if !problems.is_empty() {
        return Err(refused(&problems));
    }
    for field in &import.fields {
        tx.execute(
            FIELD,
            params![field.slug.as_str(), field.long_name, field.format.as_str()],
        )
        .await?;
    }
    let (mut created, mut updated, now) = (0, 0, twins.clock.now());
    for text in &import.texts {
        match tx
            .optional(
                TEXT,
                params![text.state.as_str(), text.field.as_str(), text.text, now],
            )
            .await?
        {
            Some(row) if row.get("created")? => created += 1,
            Some(_) => updated += 1,
            None => {}
        }
    }
    tx.commit().await?;
    let unchanged = import.texts.len() - created - updated;
    println!(
        "{}: {} fields; texts: {created} created, {updated} updated, {unchanged} unchanged",
        file.file_name().unwrap_or_default().to_string_lossy(),
        import.fields.len()
    );
    Ok(())
}

async fn known(tx: &mut Tx) -> Result<Vec<FieldType>> {
    tx.rows(FIELDS, params![])
        .await?
        .iter()
        .map(|row| {
            let format: String = row.get("field_format")?;
            Ok(FieldType {
                slug: Slug::parse(row.get("slug")?)
                    .map_err(|_| Error::internal("a stored slug is not one"))?,
                long_name: row.get("long_name")?,
                format: domain::voting::codes::FieldFormat::parse(&format)
                    .map_err(|_| Error::internal("a field of an unknown format is stored"))?,
            })
        })
        .collect()
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file)
        .map_err(|error| Error::field("file", "unreadable", format!("{}: {error}", file.display())))
}

fn refused(problems: &[Problem]) -> Error {
    Error::invalid(
        problems
            .iter()
            .map(|p| {
                let text = format!("row {}, column {}: {}", p.row, p.column, p.message);
                FieldError::new("file", "problem", text)
            })
            .collect(),
    )
}
