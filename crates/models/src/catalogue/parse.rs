//! From TOML to entries. What is wrong is said with the place it stands at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::fault::Fault;
use super::{Entry, FileSpec, Kind, Licence, Source, WheelFile};

/// The only format so far. A file of a later one is refused, not misread.
const VERSION: u32 = 1;

type Table<T> = BTreeMap<Spanned<String>, T>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: Spanned<u32>,
    #[serde(default)]
    models: Table<ModelEntry>,
    #[serde(default)]
    runtime: Table<RuntimeEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelEntry {
    #[serde(default)]
    aliases: Vec<Spanned<String>>,
    repository: Spanned<String>,
    #[serde(default = "main_branch")]
    revision: Spanned<String>,
    quantisation: String,
    licence: String,
    licence_url: Option<String>,
    #[serde(default)]
    licence_must_be_accepted: bool,
    files: Spanned<Vec<FileEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuntimeEntry {
    licence: String,
    files: Spanned<Vec<FileEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEntry {
    name: Spanned<String>,
    size: Option<u64>,
    sha256: Option<Spanned<String>>,
    sources: Spanned<Vec<Spanned<SourceEntry>>>,
}

/// Exactly one of the first four.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceEntry {
    path: Option<PathBuf>,
    hub: Option<String>,
    url: Option<String>,
    wheel: Option<String>,
    file: Option<String>,
    member: Option<String>,
}

fn main_branch() -> Spanned<String> {
    Spanned::new(0..0, "main".to_owned())
}

pub(super) fn parse(text: &str) -> Result<BTreeMap<String, Entry>, Fault> {
    let document: Document = toml::from_str(text)?;
    if *document.version.get_ref() != VERSION {
        let message = format!(
            "version {} of the catalogue's format; this program knows {VERSION}",
            document.version.get_ref()
        );
        return Err(Fault::new(document.version.span(), message));
    }
    let mut names = Names::default();
    let mut entries = BTreeMap::new();
    for (id, model) in document.models {
        names.claim(&id)?;
        model.aliases.iter().try_for_each(|alias| names.claim(alias))?;
        entries.insert(id.get_ref().clone(), model.into_entry(id.into_inner())?);
    }
    for (id, runtime) in document.runtime {
        names.claim(&id)?;
        entries.insert(id.get_ref().clone(), runtime.into_entry(id.into_inner())?);
    }
    Ok(entries)
}

/// Keys and aliases seen so far.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    fn claim(&mut self, name: &Spanned<String>) -> Result<(), Fault> {
        if self.0.insert(name.get_ref().clone()) {
            return Ok(());
        }
        Err(Fault::new(name.span(), format!("the name `{}` is taken by another entry", name.get_ref())))
    }
}

impl ModelEntry {
    fn into_entry(self, id: String) -> Result<Entry, Fault> {
        check(&self.repository, is_repository, "a repository is `organisation/name`")?;
        check(&self.revision, is_revision, "a revision is a branch, a tag or a commit")?;
        Ok(Entry {
            files: files(self.files, true)?,
            id,
            kind: Kind::Model {
                repository: self.repository.into_inner(),
                revision: self.revision.into_inner(),
            },
            aliases: self.aliases.into_iter().map(Spanned::into_inner).collect(),
            quantisation: self.quantisation,
            licence: Licence {
                name: self.licence,
                url: self.licence_url,
                must_be_accepted: self.licence_must_be_accepted,
            },
        })
    }
}

impl RuntimeEntry {
    fn into_entry(self, id: String) -> Result<Entry, Fault> {
        Ok(Entry {
            files: files(self.files, false)?,
            id,
            kind: Kind::Runtime,
            aliases: Vec::new(),
            quantisation: String::new(),
            licence: Licence { name: self.licence, url: None, must_be_accepted: false },
        })
    }
}

fn files(entries: Spanned<Vec<FileEntry>>, on_hub: bool) -> Result<Vec<FileSpec>, Fault> {
    let span = entries.span();
    let mut names = BTreeSet::new();
    let mut files = Vec::new();
    for entry in entries.into_inner() {
        check(&entry.name, is_inner_path, "a file's name is a relative path without `..`")?;
        if !names.insert(entry.name.get_ref().clone()) {
            return Err(Fault::new(
                entry.name.span(),
                format!("the file `{}` stands twice", entry.name.get_ref()),
            ));
        }
        files.push(entry.into_spec(on_hub)?);
    }
    if files.is_empty() { Err(Fault::new(span, "an entry has at least one file")) } else { Ok(files) }
}

impl FileEntry {
    fn into_spec(self, on_hub: bool) -> Result<FileSpec, Fault> {
        let digest = |text: Spanned<String>| {
            text.get_ref().parse().map_err(|error| Fault::new(text.span(), format!("{error}")))
        };
        let span = self.sources.span();
        let sources = self
            .sources
            .into_inner()
            .into_iter()
            .map(|source| source_of(source, on_hub))
            .collect::<Result<Vec<_>, _>>()?;
        if sources.is_empty() {
            return Err(Fault::new(span, "a file has at least one source"));
        }
        Ok(FileSpec {
            name: self.name.into_inner(),
            size: self.size,
            sha256: self.sha256.map(digest).transpose()?,
            sources,
        })
    }
}

fn source_of(entry: Spanned<SourceEntry>, on_hub: bool) -> Result<Source, Fault> {
    let span = entry.span();
    let fault = |message: &str| Err(Fault::new(span.clone(), message));
    let entry = entry.into_inner();
    if entry.wheel.is_none() && (entry.file.is_some() || entry.member.is_some()) {
        return fault("`file` and `member` belong to a `wheel`");
    }
    match entry {
        SourceEntry { path: Some(path), hub: None, url: None, wheel: None, .. } => {
            if path.is_absolute() {
                Ok(Source::Path(path))
            } else {
                fault("a local `path` is absolute")
            }
        }
        SourceEntry { path: None, hub: Some(file), url: None, wheel: None, .. } => match () {
            () if !on_hub => fault("only a model, which has a `repository`, can come from the hub"),
            () if !is_inner_path(&file) => fault("`hub` is a relative path in the repository"),
            () => Ok(Source::Hub(file)),
        },
        SourceEntry { path: None, hub: None, url: Some(url), wheel: None, .. } => {
            if is_url(&url) {
                Ok(Source::Url(url))
            } else {
                fault("`url` starts with `https://` or `http://`")
            }
        }
        SourceEntry {
            path: None,
            hub: None,
            url: None,
            wheel: Some(requirement),
            file: Some(file),
            member,
        } => {
            if is_requirement(&requirement) {
                Ok(Source::Wheel(WheelFile { requirement, file, member }))
            } else {
                fault("`wheel` is `package==version`")
            }
        }
        SourceEntry { wheel: Some(_), file: None, .. } => fault("a `wheel` needs the `file` inside it"),
        _ => fault("a source is exactly one of `path`, `hub`, `url` and `wheel`"),
    }
}

fn check(text: &Spanned<String>, holds: fn(&str) -> bool, rule: &str) -> Result<(), Fault> {
    if holds(text.get_ref()) {
        return Ok(());
    }
    Err(Fault::new(text.span(), format!("`{}`: {rule}", text.get_ref())))
}

fn is_repository(text: &str) -> bool {
    text.split('/').count() == 2 && text.split('/').all(is_name)
}

fn is_revision(text: &str) -> bool {
    text.split('/').all(is_name)
}

/// A path that cannot leave the folder it is appended to.
fn is_inner_path(text: &str) -> bool {
    text.split('/')
        .all(|part| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0']))
}

fn is_url(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme))
}

/// Nothing in it that pip could take for an option or an address.
fn is_requirement(text: &str) -> bool {
    text.split_once("==").is_some_and(|(package, version)| is_name(package) && is_name(version))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '!'))
}
