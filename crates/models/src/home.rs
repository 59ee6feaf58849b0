//! Where files live. Models are kept as the hub's own tools keep them, so that both share one cache; libraries in a
//! folder of their own. A name appears by one rename, never with half a file behind it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::catalogue::{Entry, FileSpec, Kind};
use crate::digest::Digest;

/// The folder for everything that set-up brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
    hub_cache: PathBuf,
}

impl Home {
    /// A home at `root`. Models go to `hub_cache` where the operator has one, else to `models` inside.
    pub fn new(root: impl Into<PathBuf>, hub_cache: Option<PathBuf>) -> Self {
        let root = root.into();
        Self { hub_cache: hub_cache.unwrap_or_else(|| root.join("models")), root }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whoever holds this lock pulls the entry. It lies in the cache, so that two homes with one cache share it.
    pub(crate) fn lock(&self, entry: &Entry) -> PathBuf {
        match &entry.kind {
            Kind::Model { repository, .. } => {
                self.hub_cache.join(".locks").join(format!("{}.lock", folder_name(repository)))
            }
            Kind::Runtime => self.root.join(".locks").join(format!("{}.lock", entry.id)),
        }
    }

    /// Where wheels are unpacked, by one process at a time.
    pub(crate) fn wheels(&self) -> PathBuf {
        self.root.join("wheels")
    }

    pub(crate) fn place(&self, entry: &Entry, file: &FileSpec) -> Place {
        let name = file.name.clone();
        match &entry.kind {
            Kind::Model { repository, revision } => Place {
                folder: self.hub_cache.join(folder_name(repository)),
                revision: Some(revision.clone()),
                name,
            },
            Kind::Runtime => Place { folder: self.root.join(&entry.id), revision: None, name },
        }
    }
}

fn folder_name(repository: &str) -> String {
    format!("models--{}", repository.replace('/', "--"))
}

/// Where one file of an entry belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    folder: PathBuf,
    /// Of a model: its files hang below a revision and point to blobs. A library's lie flat in the folder.
    revision: Option<String>,
    name: String,
}

/// What the hub said of a file, and so how its tools would keep it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HubNames {
    /// The commit that the revision meant.
    pub(crate) commit: Option<String>,
    /// The blob's name.
    pub(crate) etag: Option<String>,
}

impl Place {
    /// The file, if it is there and its name does not say that it is another one than `expected`.
    pub(crate) fn find(&self, expected: Option<Digest>) -> Option<PathBuf> {
        let of_another_content = |path: &Path| {
            let blob = fs::read_link(path).ok();
            let digest = blob.and_then(|blob| blob.file_name()?.to_str()?.parse::<Digest>().ok());
            matches!((digest, expected), (Some(found), Some(expected)) if found != expected)
        };
        self.candidates().into_iter().find(|path| path.is_file() && !of_another_content(path))
    }

    fn candidates(&self) -> Vec<PathBuf> {
        let Some(revision) = &self.revision else { return vec![self.folder.join(&self.name)] };
        let commit = self.commit_of(revision);
        [commit, Some(revision.clone())].into_iter().flatten().map(|at| self.link(&at)).collect()
    }

    /// The commit that the branch or tag meant when the hub was last asked.
    pub(crate) fn commit(&self) -> Option<String> {
        self.commit_of(self.revision.as_deref()?)
    }

    fn commit_of(&self, revision: &str) -> Option<String> {
        let text = fs::read_to_string(self.folder.join("refs").join(revision)).ok()?;
        Some(text.trim().to_owned()).filter(|text| is_commit(text))
    }

    fn link(&self, at: &str) -> PathBuf {
        self.folder.join("snapshots").join(at.replace('/', "--")).join(&self.name)
    }

    /// The content of this digest, under whatever names it is known.
    pub(crate) fn blob(&self, digest: Digest) -> Option<PathBuf> {
        self.revision.as_ref()?;
        Some(self.blobs().join(digest.to_string())).filter(|path| path.is_file())
    }

    /// Where the file grows while it is received. `key` is what its content is known by.
    pub(crate) fn partial(&self, key: &str) -> PathBuf {
        match self.revision {
            Some(_) => self.blobs().join(format!("{key}.incomplete")),
            None => self.folder.join(format!("{}.incomplete", self.name)),
        }
    }

    fn blobs(&self) -> PathBuf {
        self.folder.join("blobs")
    }

    /// Gives a complete file its name, for good: synced, then renamed. Gives the path that others use.
    pub(crate) fn publish(&self, complete: &Path, digest: Digest, hub: &HubNames) -> io::Result<PathBuf> {
        File::open(complete)?.sync_all()?;
        let Some(revision) = &self.revision else {
            return rename(complete, &self.folder.join(&self.name));
        };
        let blob_name = hub.etag.clone().unwrap_or_else(|| digest.to_string());
        rename(complete, &self.blobs().join(&blob_name))?;
        let at = hub.commit.as_ref().unwrap_or(revision);
        let link = self.hang(at, &blob_name)?;
        if let Some(commit) = hub.commit.as_ref().filter(|commit| *commit != revision) {
            write(&self.folder.join("refs").join(revision), commit)?;
        }
        Ok(link)
    }

    /// Points the name at a blob that is already there.
    pub(crate) fn adopt(&self, digest: Digest) -> io::Result<PathBuf> {
        let revision = self.revision.clone().unwrap_or_default();
        self.hang(&self.commit_of(&revision).unwrap_or(revision), &digest.to_string())
    }

    fn hang(&self, at: &str, blob: &str) -> io::Result<PathBuf> {
        let link = self.link(at);
        // From `snapshots/<at>/`, and from each folder inside it, back to where `blobs` is.
        let up = "../".repeat(self.name.split('/').count() + 1);
        let new = link.with_added_extension("new");
        make_parent(&new)?;
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => std::os::unix::fs::symlink(format!("{up}blobs/{blob}"), &new)?,
        }
        rename(&new, &link)
    }
}

/// A commit of the hub; what it sends becomes a folder's name only if it is one.
pub(crate) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub(crate) fn make_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

fn write(path: &Path, text: &str) -> io::Result<PathBuf> {
    make_parent(path)?;
    let new = path.with_added_extension("new");
    fs::write(&new, text)?;
    File::open(&new)?.sync_all()?;
    rename(&new, path)
}

fn rename(from: &Path, to: &Path) -> io::Result<PathBuf> {
    make_parent(to)?;
    fs::rename(from, to)?;
    // The name is durable only once its folder is.
    to.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())?;
    Ok(to.to_owned())
}
