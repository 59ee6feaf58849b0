//! `[admin]`: who may use the admin listener.

use std::path::PathBuf;

use super::reader::Reader;
use super::setting::{MaybePath, Setting, any};

/// Who may use the admin listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminConfig {
    /// A file with the bearer token; without one a loopback listener is open.
    pub token_file: Option<PathBuf>,
}

const TOKEN_FILE: Setting<MaybePath> = Setting {
    key: "admin.token_file",
    env: None,
    default: || MaybePath(None),
    accepted: "the path of a file that holds the bearer token",
    valid: any,
};

pub(super) fn read(reader: &mut Reader<'_>) -> AdminConfig {
    AdminConfig { token_file: reader.get(&TOKEN_FILE).0 }
}
