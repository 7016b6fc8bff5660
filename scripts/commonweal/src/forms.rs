//! `commonweal forms import <folder>`: a form pack, checked and installed as the next version for its purpose and place.

use std::path::Path;

use bytes::Bytes;
use local::Twins;
use pdf::pack::Pack;
use ports::{Area, Clock, Error, FieldError, FileKey, Files, PutFile, Random, Result, SystemRandom};
use sha2::{Digest, Sha256};
use store::{Sql, params, sql};

const NEWEST: Sql = sql!(
    "select version, sha256, mapping from platform.form_pack
      where service = $1 and purpose = $2 and jurisdiction = $3 order by version desc limit 1"
);
const INSERT: Sql = sql!(
    "insert into platform.form_pack
        (id, service, purpose, jurisdiction, version, title, edition, sha256, mapping, file_key, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
);

pub(crate) async fn import(twins: &Twins, folder: &Path) -> Result<()> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path)
            .map_err(|error| Error::field("folder", "unreadable", format!("{}: {error}", path.display())))
    };
    let mapping = String::from_utf8(read("pack.toml")?)
        .map_err(|_| Error::field("pack.toml", "not_utf8", "pack.toml must be UTF-8"))?;
    let pdf = read(&file_name(&mapping)?)?;
    let pack = Pack::parse(&mapping, &pdf).map_err(|problems| {
        Error::invalid(
            problems
                .iter()
                .map(|p| FieldError::new("pack.toml", "problem", p.to_string()))
                .collect(),
        )
    })?;
    for warning in pack.warnings() {
        println!("{warning}");
    }
    let header = pack.header();
    let digest: String = Sha256::digest(&pdf)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let key = params![header.service, header.purpose, header.jurisdiction];
    let newest = twins.owner.optional(NEWEST, key).await?;
    let mut version = 1;
    if let Some(row) = newest {
        let known: i32 = row.get("version")?;
        if row.get::<String>("sha256")? == digest && row.get::<String>("mapping")? == mapping {
            println!("unchanged: version {known} of {}", header.title);
            return Ok(());
        }
        version = known + 1;
    }
    // The file first: a row never points to nothing.
    let path = format!(
        "{}/packs/{}-{}/{digest}.pdf",
        header.service, header.jurisdiction, header.purpose
    );
    let meta = PutFile {
        content_type: "application/pdf".to_owned(),
        download_name: None,
    };
    twins
        .files
        .put(
            Area::Private,
            &FileKey::new(path.clone())?,
            Bytes::from(pdf),
            meta,
        )
        .await?;
    let (id, now) = (SystemRandom.uuid(), twins.clock.now());
    twins
        .owner
        .rows(
            INSERT,
            params![
                id,
                header.service,
                header.purpose,
                header.jurisdiction,
                version,
                header.title,
                header.edition,
                digest,
                mapping,
                path,
                now
            ],
        )
        .await?;
    println!(
        "installed version {version} of {} ({}, {})",
        header.title, header.jurisdiction, header.purpose
    );
    Ok(())
}

/// The PDF that the mapping names; it must lie beside it.
fn file_name(mapping: &str) -> Result<String> {
    let name = mapping
        .lines()
        .find_map(|line| line.trim().strip_prefix("file")?.trim_start().strip_prefix('='))
        .map(|value| {
            value
                .split('#')
                .next()
                .unwrap_or_default()
                .trim()
                .trim_matches('"')
                .to_owned()
        })
        .unwrap_or_default();
    if name.is_empty() || name.contains(['/', '\\']) {
        return Err(Error::field(
            "pack.toml",
            "no_file",
            "pack.toml must name a PDF beside it: file = \"….pdf\"",
        ));
    }
    Ok(name)
}
