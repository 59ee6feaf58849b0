//! Where set-up put models and libraries.

use std::path::{Path, PathBuf};

use crate::config::Environment;

/// The workspace that this binary was built in, as long as it is still there.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// `FIND_FACTS_HOME`, else `.find-facts` of the workspace this was built in, else the user's data folder.
pub(super) fn root(environment: &Environment) -> PathBuf {
    if let Some(home) = environment.get("FIND_FACTS_HOME") {
        return PathBuf::from(home);
    }
    let beside = Path::new(WORKSPACE).join(".find-facts");
    if beside.is_dir() {
        return beside.canonicalize().unwrap_or(beside);
    }
    let home = environment.get("HOME").map_or_else(PathBuf::new, PathBuf::from);
    let data = environment.get("XDG_DATA_HOME").map_or_else(|| home.join(".local/share"), PathBuf::from);
    data.join("find-facts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_the_place() {
        let environment = Environment::new([("FIND_FACTS_HOME", "/there"), ("HOME", "/home/me")]);
        assert_eq!(root(&environment), Path::new("/there"));
    }
}
