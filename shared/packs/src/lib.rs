//! Installed form packs: which official form serves a purpose in a place.
//!
//! An operator installs packs (`scripts/forms import`): a row of `platform.form_pack` and the PDF in the private files. A warm
//! function keeps what it has parsed.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use pdf::pack::Pack;
use ports::{Area, Error, FileKey, Files, Result};
use store::{Sql, Tx, params, sql};
use uuid::Uuid;

/// Bytes of an official form.
const MAX_FORM: usize = 16 << 20;

const NEWEST: Sql = sql!(
    "select id, mapping, file_key from platform.form_pack
      where service = $1 and purpose = $2 and jurisdiction in ($3, 'US')
      order by (jurisdiction = $3) desc, version desc limit 1"
);

static PARSED: LazyLock<Mutex<HashMap<Uuid, Arc<Pack>>>> = LazyLock::new(Mutex::default);

/// The newest pack of a service for a purpose: the one of the jurisdiction (a state's postal code), else the one for the whole
/// country, else `None`.
///
/// # Errors
/// What database and files answer; `Internal` for a pack whose file is missing or no longer fits its mapping.
pub async fn newest(
    tx: &mut Tx,
    files: &dyn Files,
    service: &str,
    purpose: &str,
    jurisdiction: &str,
) -> Result<Option<Arc<Pack>>> {
    let Some(row) = tx
        .optional(NEWEST, params![service, purpose, jurisdiction])
        .await?
    else {
        return Ok(None);
    };
    let id: Uuid = row.get("id")?;
    if let Some(pack) = PARSED.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return Ok(Some(Arc::clone(pack)));
    }
    let key = FileKey::new(row.get::<String>("file_key")?)?;
    let file = files
        .get(Area::Private, &key, MAX_FORM)
        .await?
        .ok_or_else(|| Error::internal("the file of a form pack is missing"))?;
    let pack = Pack::parse(&row.get::<String>("mapping")?, &file.bytes)
        .map_err(|problems| Error::internal(format!("form pack {id} has {} problems", problems.len())))?;
    let pack = Arc::new(pack);
    PARSED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(id, Arc::clone(&pack));
    Ok(Some(pack))
}
