//! The files of results. They are written under a name with `.part` and get their own when all is written.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use domain::expungement::batch::COLUMNS;
use expungement::papers::archive::free_name;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use expungement::papers::batch::Made;

/// Summaries of one ZIP: its table of contents is kept in memory until it ends.
const SUMMARIES: usize = 50_000;

pub(crate) struct Results {
    prefix: PathBuf,
    table: BufWriter<File>,
    lines: BufWriter<File>,
    archive: Option<Archive>,
    with_summaries: bool,
    archives: usize,
    paths: Vec<PathBuf>,
}

struct Archive {
    writer: ZipWriter<BufWriter<File>>,
    names: HashSet<String>,
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> String {
    let path = path.display().to_string();
    move |error| format!("{path}: {error}")
}

impl Results {
    pub(crate) fn create(prefix: &Path, with_summaries: bool) -> Result<Self, String> {
        let mut paths = Vec::new();
        let mut create = |ending: &str| -> Result<BufWriter<File>, String> {
            let path = with_ending(prefix, ending);
            let part = part(&path);
            let file = File::create(&part).map_err(failed(&part))?;
            paths.push(path);
            Ok(BufWriter::with_capacity(1 << 20, file))
        };
        let (mut table, lines) = (create(".results.csv")?, create(".results.jsonl")?);
        writeln!(table, "{}", COLUMNS.join(",")).map_err(|error| error.to_string())?;
        Ok(Self {
            prefix: prefix.to_owned(),
            table,
            lines,
            archive: None,
            with_summaries,
            archives: 0,
            paths,
        })
    }

    pub(crate) fn write(&mut self, made: Made) -> Result<(), String> {
        let problem = |error: std::io::Error| format!("writing results: {error}");
        self.table.write_all(&made.table).map_err(problem)?;
        self.lines.write_all(&made.lines).map_err(problem)?;
        if !self.with_summaries {
            return Ok(());
        }
        for file in made.summaries {
            let archive = self.archive()?;
            let name = free_name(&file.name, &mut archive.names);
            let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            archive
                .writer
                .start_file(name, stored)
                .map_err(|error| error.to_string())?;
            archive.writer.write_all(&file.bytes).map_err(problem)?;
        }
        Ok(())
    }

    /// The ZIP that is being written; the next one when it is full.
    fn archive(&mut self) -> Result<&mut Archive, String> {
        if self
            .archive
            .as_ref()
            .is_some_and(|archive| archive.names.len() >= SUMMARIES)
        {
            self.end_archive()?;
        }
        if self.archive.is_none() {
            self.archives += 1;
            let ending = match self.archives {
                1 => ".summaries.zip".to_owned(),
                number => format!(".summaries-{number}.zip"),
            };
            let path = with_ending(&self.prefix, &ending);
            let part = part(&path);
            let file = File::create(&part).map_err(failed(&part))?;
            self.paths.push(path);
            self.archive = Some(Archive {
                writer: ZipWriter::new(BufWriter::with_capacity(1 << 20, file)),
                names: HashSet::new(),
            });
        }
        self.archive
            .as_mut()
            .ok_or_else(|| "no archive is open".to_owned())
    }

    fn end_archive(&mut self) -> Result<(), String> {
        if let Some(archive) = self.archive.take() {
            let mut file = archive.writer.finish().map_err(|error| error.to_string())?;
            file.flush().map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Everything is written: the files get their names.
    pub(crate) fn finish(&mut self) -> Result<(), String> {
        self.end_archive()?;
        self.table.flush().map_err(|error| error.to_string())?;
        self.lines.flush().map_err(|error| error.to_string())?;
        for path in &self.paths {
            std::fs::rename(part(path), path).map_err(failed(path))?;
        }
        Ok(())
    }

    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }
}

fn with_ending(prefix: &Path, ending: &str) -> PathBuf {
    let mut path = prefix.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

fn part(path: &Path) -> PathBuf {
    with_ending(path, ".part")
}
