//! The state folder, `.local/` unless `COMMONWEAL_HOME` says otherwise: what a run leaves for the next.

use std::path::{Path, PathBuf};

use ports::{Error, Random, Result, SystemRandom};

/// The folder and the names in it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// Makes the folder where it is missing.
    ///
    /// # Errors
    /// `Internal` where that is not allowed.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        std::fs::create_dir_all(&folder).map_err(Error::internal)?;
        Ok(Self(folder.canonicalize().map_err(Error::internal)?))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file that only its owner may read.
    ///
    /// # Errors
    /// `Internal` where it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        write_private(&self.path(name), bytes)
    }

    /// A random key of 32 bytes that is made on first use and stays.
    ///
    /// # Errors
    /// `Internal` where it cannot be read or written.
    pub fn key(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.path(name);
        match std::fs::read(&path) {
            Ok(key) if key.len() == 32 => Ok(key),
            _ => {
                let mut key = vec![0; 32];
                SystemRandom.fill(&mut key);
                write_private(&path, &key)?;
                Ok(key)
            }
        }
    }

    /// Forgets what a run made, and leaves what the machine was given (the database cluster, tools, secrets).
    ///
    /// # Errors
    /// `Internal` where something cannot be removed.
    pub fn clear(&self) -> Result<()> {
        for name in ["files", "clock", "demo.json"] {
            let path = self.path(name);
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            match removed {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::internal(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Writes a file that only its owner may read.
///
/// # Errors
/// `Internal` where it cannot be written.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(Error::internal)
}
