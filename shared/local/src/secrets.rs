//! Secrets in `.local/secrets.env`: `name=value` lines, read anew on each call so that an edit is seen at once.

use std::{fmt::Write, path::PathBuf};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ports::{BoxFuture, Error, Random, Result, Secret, Secrets, SystemRandom};

use crate::{Home, home::write_private};

#[derive(Clone)]
pub struct LocalSecrets {
    file: PathBuf,
}

impl LocalSecrets {
    pub fn open(home: &Home) -> Self {
        Self {
            file: home.path("secrets.env"),
        }
    }

    /// Gives each of these names that has no value yet a random one of 256 bits.
    ///
    /// # Errors
    /// `Internal` where the file cannot be written.
    pub fn generate<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let mut text = std::fs::read_to_string(&self.file).unwrap_or_else(|_| HEAD.to_owned());
        let before = text.len();
        for name in names {
            if find(&text, name).is_none() {
                let mut bytes = [0; 32];
                SystemRandom.fill(&mut bytes);
                let _ = writeln!(text, "{name}={}", URL_SAFE_NO_PAD.encode(bytes));
            }
        }
        if text.len() > before {
            write_private(&self.file, text.as_bytes())?;
        }
        Ok(())
    }

    /// Gives one a value, in the place of the one it had.
    ///
    /// # Errors
    /// `Internal` where the file cannot be written.
    pub fn set(&self, name: &str, value: &str) -> Result<()> {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        let kept = text
            .lines()
            .filter(|line| line.split_once('=').is_none_or(|(known, _)| known.trim() != name));
        let lines: Vec<&str> = kept.collect();
        let head = if text.is_empty() { HEAD } else { "" };
        let text = format!("{head}{}\n{name}={value}\n", lines.join("\n"));
        write_private(&self.file, text.trim_start_matches('\n').as_bytes())
    }
}

const HEAD: &str = "# Secrets of this machine, made at random. Edit freely.\n";

fn find<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find(|(known, _)| known.trim() == name)
        .map(|(_, value)| value.trim())
}

impl Secrets for LocalSecrets {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Secret>> {
        Box::pin(async move {
            let text = tokio::fs::read_to_string(&self.file).await.unwrap_or_default();
            find(&text, name)
                .map(Secret::new)
                .ok_or_else(|| Error::internal(format!("no secret {}: {name}", self.file.display())))
        })
    }
}
