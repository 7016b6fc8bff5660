//! `commonweal openapi`: the services' contracts as files, so that a change of one is seen in review.

use std::path::Path;

use ports::{Error, Result};

use crate::services;

pub(crate) fn write(root: &Path, check: bool) -> Result<()> {
    let mut different = Vec::new();
    for (service, api) in services::apis() {
        let path = root.join("functions").join(service).join("openapi.json");
        let text = serde_json::to_string_pretty(&api).map_err(Error::internal)? + "\n";
        if check {
            if std::fs::read_to_string(&path).ok().as_deref() != Some(&text) {
                different.push(service);
            }
        } else {
            std::fs::write(&path, text).map_err(Error::internal)?;
            println!("wrote functions/{service}/openapi.json");
        }
    }
    if different.is_empty() {
        return Ok(());
    }
    let what = format!(
        "openapi.json of {} is not what the code says: run `cargo commonweal openapi`",
        different.join(", ")
    );
    Err(Error::internal(what))
}
