//! `[quality]`: how the server finds out how good its tiers' answers are.

use std::path::PathBuf;
use std::time::Duration;

use super::reader::Reader;
use super::setting::{MaybePath, Seconds, Setting, any};

/// How the server finds out how good its tiers' answers are.
#[derive(Debug, Clone, PartialEq)]
pub struct QualityConfig {
    /// Each tier that is ready is asked a golden probe this often, and at most one client's request once more; never where
    /// absent.
    pub every: Option<Duration>,
    /// Golden probes, rows of a suite; made from the knowledge base where absent.
    pub golden: Option<PathBuf>,
}

const EVERY: Setting<Seconds> = Setting {
    key: "quality.every_seconds",
    env: None,
    default: || Seconds::from_secs(1),
    accepted: "a number of seconds from 0.01 to 3600, or 0 for never",
    valid: |every| every.0.is_zero() || every.within(0.01, 3600.0),
};

const GOLDEN: Setting<MaybePath> = Setting {
    key: "quality.golden",
    env: None,
    default: || MaybePath(None),
    accepted: "the path of a file of rows as suites have them",
    valid: any,
};

pub(super) fn read(reader: &mut Reader<'_>) -> QualityConfig {
    let every = reader.get(&EVERY).0;
    QualityConfig { every: (!every.is_zero()).then_some(every), golden: reader.get(&GOLDEN).0 }
}
