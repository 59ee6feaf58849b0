//! Where the server keeps its state when nobody says.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::config::Environment;

/// A folder of its own for each knowledge base, below the user's state folder.
pub(super) fn default_state(kb: &Path, environment: &Environment) -> PathBuf {
    let home = environment.get("HOME").map_or_else(PathBuf::new, PathBuf::from);
    let state = environment.get("XDG_STATE_HOME").map_or_else(|| home.join(".local/state"), PathBuf::from);
    let kb = kb.canonicalize().unwrap_or_else(|_| kb.to_owned());
    let name = kb.file_name().map_or_else(|| "kb".into(), |name| name.to_string_lossy());
    state.join("find-facts").join(format!("{name}-{}", number(&kb)))
}

/// Tells folders of the same name apart, and is the same for ever: a server that looked elsewhere after an update would
/// have forgotten its flags.
fn number(kb: &Path) -> String {
    let digest = Sha256::digest(kb.as_os_str().as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_knowledge_base_has_its_own_place() {
        let environment = Environment::new([("HOME", "/home/me")]);
        let place = |kb: &str| default_state(Path::new(kb), &environment);
        assert!(place("/a/kb").starts_with("/home/me/.local/state/find-facts"));
        assert!(place("/a/kb").ends_with("kb-0131a6bcf776208d"), "{:?}", place("/a/kb"));
        assert_ne!(place("/a/kb"), place("/b/kb"));
        let environment = Environment::new([("HOME", "/home/me"), ("XDG_STATE_HOME", "/var/me")]);
        assert!(default_state(Path::new("/a/kb"), &environment).starts_with("/var/me/find-facts"));
    }
}
