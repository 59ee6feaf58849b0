//! Getting an entry's files: each from the first source that has it, received where an earlier pull left off, verified,
//! and only then given its name. One process of a machine pulls an entry; another waits and finds it done.

mod error;
mod http;
mod hub;
mod job;
mod lock;
mod patience;
mod transfer;
mod wheel;

use std::path::{Path, PathBuf};

use find_facts_core::Deadline;
use reqwest::Url;

use crate::catalogue::{Entry, FileSpec, Kind, Source};
use crate::digest::Digest;
use crate::home::{Home, HubNames, Place};
use crate::locate::present;
use crate::settings::PullSettings;
use error::{Failure, cache};
use http::Http;
use job::Job;
use lock::Lock;
use transfer::{Partial, receive};
use wheel::Wheels;

pub use error::{PullError, SourceError, Tried};
pub use job::Progress;

/// Pulls entries into one home.
pub struct Puller {
    home: Home,
    settings: PullSettings,
    http: Http,
}

/// A file that is there and whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PulledFile {
    /// Its name in the catalogue.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its digest.
    pub sha256: Digest,
    /// Where it came from; `None` where it was there before.
    pub source: Option<String>,
}

impl Puller {
    /// A puller into `home`.
    pub fn new(home: Home, settings: PullSettings) -> Result<Self, PullError> {
        let http = Http::new(settings.hub.clone(), settings.retry)?;
        Ok(Self { home, settings, http })
    }

    /// Gets what is missing or damaged of an entry. Whoever calls has shown its licence; `licence_accepted` says whether
    /// somebody has accepted it.
    pub fn pull(
        &self,
        entry: &Entry,
        licence_accepted: bool,
        deadline: &Deadline,
        listener: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Vec<PulledFile>, PullError> {
        let mut pull = Pull { puller: self, entry, licence_accepted, wheels: None, hub_silent: false };
        if let Some(there) = pull.all_there(deadline, listener)? {
            return Ok(there);
        }
        let waiting = || listener(Progress::Waiting { id: &entry.id });
        let _lock = Lock::acquire(&self.home.lock(entry), deadline, waiting)?;
        let mut pulled = Vec::new();
        for file in &entry.files {
            let job = Job { file: &file.name, deadline, listener: &mut *listener };
            pulled.push(pull.file(file, job)?);
        }
        Ok(pulled)
    }
}

/// One entry on its way.
struct Pull<'p> {
    puller: &'p Puller,
    entry: &'p Entry,
    licence_accepted: bool,
    /// Opened when the first file needs them.
    wheels: Option<Wheels>,
    /// The hub could not be reached for an earlier file; its patience is not spent again.
    hub_silent: bool,
}

/// A file in its partial, or where the operator said it lies.
struct Received {
    path: PathBuf,
    /// Its partial, unless it stays where it is.
    partial: Option<Partial>,
    hub: HubNames,
    /// What the source itself says it is.
    sha256: Option<Digest>,
    resumed: bool,
}

impl Pull<'_> {
    /// Every file, if none is missing or damaged: then nothing is written, and a cache that cannot be written will do.
    fn all_there(
        &self,
        deadline: &Deadline,
        listener: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Option<Vec<PulledFile>>, PullError> {
        let present = |file: &FileSpec| present(&self.puller.home, self.entry, file).is_some();
        if !self.entry.files.iter().all(present) {
            return Ok(None);
        }
        let mut files = Vec::new();
        for file in &self.entry.files {
            let mut job = Job { file: &file.name, deadline, listener: &mut *listener };
            let Some((path, sha256)) = self.there(file, &mut job)? else { return Ok(None) };
            files.push(ready(path, sha256, None, &mut job));
        }
        Ok(Some(files))
    }

    fn file(&mut self, file: &FileSpec, mut job: Job<'_>) -> Result<PulledFile, PullError> {
        if let Some((path, sha256)) = self.intact(file, &mut job)? {
            return Ok(ready(path, sha256, None, &mut job));
        }
        self.require_licence()?;
        let mut tried = Vec::new();
        for source in &file.sources {
            let name = describe(source, self.entry);
            (job.listener)(Progress::Asking { file: &file.name, source: &name });
            match self.try_source(file, source, &mut job) {
                Ok((path, sha256)) => return Ok(ready(path, sha256, Some(name), &mut job)),
                Err(Failure::Pull(error)) => return Err(error),
                Err(Failure::Source(error)) => {
                    self.hub_silent |=
                        matches!((source, &error), (Source::Hub(_), SourceError::Unreachable { .. }));
                    let failed = Tried { source: name, error };
                    (job.listener)(Progress::Failed { file: &file.name, reason: &failed.to_string() });
                    tried.push(failed);
                }
            }
        }
        Err(PullError::NoSource { id: self.entry.id.clone(), file: file.name.clone(), tried })
    }

    /// The file as it lies in the cache, if it is what the catalogue says. Without a digest, what is there counts.
    fn there(&self, file: &FileSpec, job: &mut Job<'_>) -> Result<Option<(PathBuf, Digest)>, PullError> {
        job.deadline.check()?;
        let Some(path) = present(&self.puller.home, self.entry, file) else { return Ok(None) };
        let found = digest_of(&path, job)?;
        Ok(file.sha256.is_none_or(|expected| expected == found).then_some((path, found)))
    }

    fn intact(&self, file: &FileSpec, job: &mut Job<'_>) -> Result<Option<(PathBuf, Digest)>, PullError> {
        if let Some(there) = self.there(file, job)? {
            return Ok(Some(there));
        }
        // The same content may be there under another revision.
        let place = self.place(file);
        let Some((expected, blob)) = file.sha256.and_then(|digest| Some((digest, place.blob(digest)?)))
        else {
            return Ok(None);
        };
        if digest_of(&blob, job)? != expected {
            return Ok(None);
        }
        let path = place.adopt(expected).map_err(cache(&blob))?;
        Ok(Some((path, expected)))
    }

    fn require_licence(&self) -> Result<(), PullError> {
        let licence = &self.entry.licence;
        if self.licence_accepted || !licence.must_be_accepted {
            return Ok(());
        }
        Err(PullError::LicenceNotAccepted {
            id: self.entry.id.clone(),
            licence: licence.name.clone(),
            url: licence.url.clone(),
        })
    }

    fn try_source(
        &mut self,
        file: &FileSpec,
        source: &Source,
        job: &mut Job<'_>,
    ) -> Result<(PathBuf, Digest), Failure> {
        loop {
            let received = self.receive(file, source, job)?;
            match check(file, &received, job) {
                Ok(digest) => return self.keep(file, received, digest).map_err(Failure::Pull),
                Err(failure) => {
                    if let Some(partial) = &received.partial {
                        partial.discard();
                    }
                    // The part from an earlier pull may have been at fault: once more, from nothing.
                    if !received.resumed {
                        return Err(failure);
                    }
                }
            }
        }
    }

    fn receive(&mut self, file: &FileSpec, source: &Source, job: &mut Job<'_>) -> Result<Received, Failure> {
        match source {
            Source::Path(path) if !path.is_file() => Err(SourceError::NotThere.into()),
            Source::Path(path) => Ok(Received {
                path: path.clone(),
                partial: None,
                hub: HubNames::default(),
                sha256: None,
                resumed: false,
            }),
            Source::Hub(path) => self.receive_from_hub(file, path, job),
            Source::Url(url) => self.receive_from_url(file, url, job),
            Source::Wheel(wanted) => {
                let partial = self.partial(file, None, &wanted.requirement);
                if self.wheels.is_none() {
                    self.wheels = Some(Wheels::open(self.puller.home.wheels(), job.deadline)?);
                }
                if let Some(wheels) = &mut self.wheels {
                    wheels.extract(wanted, &partial, &self.puller.settings, job)?;
                }
                Ok(received(partial, HubNames::default(), None, false))
            }
        }
    }

    fn receive_from_hub(&self, file: &FileSpec, path: &str, job: &mut Job<'_>) -> Result<Received, Failure> {
        let http = &self.puller.http;
        let Kind::Model { repository, revision } = &self.entry.kind else {
            return Err(SourceError::NotThere.into());
        };
        if http.hub.offline {
            return Err(SourceError::Offline.into());
        }
        if self.hub_silent {
            return Err(SourceError::Silent.into());
        }
        let on_hub = hub::look_up(http, repository, revision, path, job)?;
        if let (Some(expected), Some(found)) = (file.size, on_hub.size)
            && expected != found
        {
            return Err(SourceError::Size { expected, found }.into());
        }
        if let (Some(expected), Some(found)) = (file.sha256, on_hub.sha256)
            && expected != found
        {
            return Err(SourceError::Digest { expected, found }.into());
        }
        let partial = self.partial(file, on_hub.names.etag.as_deref(), on_hub.url.as_str());
        let size = file.size.or(on_hub.size);
        let transferred = receive(http, &on_hub.url, &partial, size, job)?;
        Ok(received(partial, on_hub.names, on_hub.sha256, transferred.resumed))
    }

    fn receive_from_url(&self, file: &FileSpec, url: &str, job: &mut Job<'_>) -> Result<Received, Failure> {
        let refused = |_| SourceError::Redirected { url: url.to_owned(), why: "nowhere: it is no address" };
        let address = Url::parse(url).map_err(refused)?;
        let partial = self.partial(file, None, url);
        let transferred = receive(&self.puller.http, &address, &partial, file.size, job)?;
        Ok(received(partial, HubNames::default(), None, transferred.resumed))
    }

    /// Named by the content where that is known, else by where it comes from.
    fn partial(&self, file: &FileSpec, etag: Option<&str>, origin: &str) -> Partial {
        let content = file.sha256.map(|digest| digest.to_string()).or_else(|| etag.map(str::to_owned));
        let by_content = content.is_some();
        let key = content.unwrap_or_else(|| Digest::of(origin.as_bytes()).to_string());
        Partial { path: self.place(file).partial(&key), by_content }
    }

    fn keep(
        &self,
        file: &FileSpec,
        received: Received,
        digest: Digest,
    ) -> Result<(PathBuf, Digest), PullError> {
        let Some(partial) = received.partial else { return Ok((received.path, digest)) };
        let path =
            self.place(file).publish(&partial.path, digest, &received.hub).map_err(cache(&partial.path))?;
        partial.forget_tag();
        Ok((path, digest))
    }

    fn place(&self, file: &FileSpec) -> Place {
        self.puller.home.place(self.entry, file)
    }
}

fn ready(path: PathBuf, sha256: Digest, source: Option<String>, job: &mut Job<'_>) -> PulledFile {
    (job.listener)(Progress::Ready { file: job.file, before: source.is_none() });
    PulledFile { name: job.file.to_owned(), path, sha256, source }
}

fn received(partial: Partial, hub: HubNames, sha256: Option<Digest>, resumed: bool) -> Received {
    Received { path: partial.path.clone(), partial: Some(partial), hub, sha256, resumed }
}

/// Holds what was received against the catalogue, and against what its source said of it.
fn check(file: &FileSpec, received: &Received, job: &mut Job<'_>) -> Result<Digest, Failure> {
    let size = received.path.metadata().map_err(cache(&received.path))?.len();
    if let Some(expected) = file.size.filter(|expected| *expected != size) {
        return Err(SourceError::Size { expected, found: size }.into());
    }
    let found = digest_of(&received.path, job)?;
    match file.sha256.or(received.sha256) {
        Some(expected) if expected != found => Err(SourceError::Digest { expected, found }.into()),
        _ => Ok(found),
    }
}

fn digest_of(path: &Path, job: &mut Job<'_>) -> Result<Digest, PullError> {
    (job.listener)(Progress::Verifying { file: job.file });
    Digest::of_file(path).map_err(cache(path))
}

/// A source in an operator's words.
fn describe(source: &Source, entry: &Entry) -> String {
    match (source, &entry.kind) {
        (Source::Path(path), _) => format!("file `{}`", path.display()),
        (Source::Hub(path), Kind::Model { repository, .. }) => format!("hub `{repository}` `{path}`"),
        (Source::Hub(path), Kind::Runtime) => format!("hub `{path}`"),
        (Source::Url(url), _) => format!("address `{url}`"),
        (Source::Wheel(wheel), _) => format!("wheel `{}`", wheel.requirement),
    }
}
