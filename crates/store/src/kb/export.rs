//! A knowledge base as a plain folder, which imports to the same content. Each file appears whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use find_facts_core::PartialDate;

use super::Totals;
use crate::content::{Aliases, Content};
use crate::durable;
use crate::folder::{Folder, FolderError, record_file};
use crate::import::{BadLines, PLAIN_FILES};
use crate::progress::{OnProgress, Progress};
use crate::strings::Strings;

/// Why an export is not complete.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The knowledge base cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The target would be a knowledge base of two kinds.
    #[error("`{}` has facts of record; export into another folder", .0.display())]
    Occupied(PathBuf),
    /// A file cannot be written.
    #[error("cannot write `{}`", file.display())]
    Write {
        /// Which one.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl ExportError {
    /// Its page under `docs/errors/`, where it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Folder(error) => error.code(),
            Self::Occupied(_) | Self::Write { .. } => None,
        }
    }
}

/// Writes `facts.tsv`, `aliases.tsv` and `predicates.tsv` into a folder, which is made where it is missing.
pub fn export(kb: &Path, into: &Path, progress: OnProgress<'_>) -> Result<Totals, ExportError> {
    if record_file(into).exists() {
        return Err(ExportError::Occupied(into.to_owned()));
    }
    let content = Folder::find(kb)?.read(BadLines::Stop, progress)?.content;
    fs::create_dir_all(into).map_err(|source| ExportError::Write { file: into.to_owned(), source })?;
    let [facts, entity_aliases, predicate_aliases] = PLAIN_FILES.map(|(name, _)| into.join(name));
    write(&facts, progress, |out| write_facts(&content, out))?;
    write(&entity_aliases, progress, |out| write_aliases(&content.entities, &content.entity_aliases, out))?;
    write(&predicate_aliases, progress, |out| {
        write_aliases(&content.predicates, &content.predicate_aliases, out)
    })?;
    Ok(Totals::of(&content))
}

fn write(
    path: &Path,
    progress: OnProgress<'_>,
    lines: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), ExportError> {
    let unfinished = durable::unfinished(path);
    let whole = || {
        let mut out = BufWriter::new(File::create(&unfinished)?);
        lines(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        durable::publish(&unfinished, path)
    };
    progress(Progress::Step("writing a file"));
    durable::or_discard(&unfinished, whole())
        .map_err(|source| ExportError::Write { file: path.to_owned(), source })
}

fn write_facts(content: &Content, out: &mut dyn Write) -> io::Result<()> {
    let mut validities = content.validities.clone();
    validities.sort_by_key(|(fact, _)| *fact);
    let mut rest = &validities[..];
    for (number, [subject, predicate, object]) in (0..).zip(&content.facts) {
        let parts = [
            content.entities.get(*subject),
            content.predicates.get(*predicate),
            content.entities.get(*object),
        ]
        .join("\t");
        let (own, others) = rest.split_at(rest.partition_point(|(fact, _)| *fact <= number));
        rest = others;
        if own.is_empty() {
            writeln!(out, "{parts}")?;
        }
        for (_, validity) in own {
            writeln!(out, "{parts}\t{}\t{}", text(validity.start), text(validity.end))?;
        }
    }
    Ok(())
}

fn write_aliases(named: &Strings, aliases: &Aliases, out: &mut dyn Write) -> io::Result<()> {
    for (number, alias) in &aliases.pairs {
        writeln!(out, "{}\t{}", named.get(*number), aliases.texts.get(*alias))?;
    }
    Ok(())
}

fn text(date: Option<PartialDate>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}
