//! The model catalogue, downloads, digests and the cache. Knows no engine and reads no environment variable.
//!
//! A file that this crate hands out is whole: it appears under its name by one rename, after its size and digest were
//! found to be those of the catalogue. [`Puller::pull`] blocks; do not call it on a runtime's own threads.

mod budget;
mod catalogue;
mod digest;
mod home;
mod locate;
mod pin;
mod pull;
mod settings;
mod verify;

pub use budget::{Budget, OverBudget, Resident};
pub use catalogue::{
    Catalogue, CatalogueError, Entry, FileSpec, Kind, Licence, Source, UnknownModel, Unpinned, WheelFile,
};
pub use digest::{Digest, InvalidDigest};
pub use home::Home;
pub use locate::{Holding, Located, NotLocated, holding, locate};
pub use pin::{PinError, PinnedFile, pin};
pub use pull::{Progress, PullError, PulledFile, Puller, SourceError, Tried};
pub use settings::{HubSettings, InvalidSetting, PullSettings, Retry, Token};
pub use verify::{FileCheck, Finding, VerifyError, verify};
