//! The environment: read here once, handed on as values. An empty value counts as unset.

use std::path::{Path, PathBuf};

use find_facts_models::{Home, HubSettings};

use crate::failure::Failure;

/// The workspace that this program was built in.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// What the environment says.
#[derive(Debug, Clone)]
pub struct Environment {
    token: Option<String>,
    /// Where set-up puts models and libraries.
    home: PathBuf,
    /// The hub of models.
    pub hub: HubSettings,
    /// Where runs are kept, unless the command line says otherwise.
    pub runs: PathBuf,
    /// The library that `ORT_DYLIB_PATH` names, if it names one.
    pub onnx_library: Option<PathBuf>,
}

impl Environment {
    /// Reads the process's own.
    pub fn read() -> Result<Self, Failure> {
        Self::from(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn from(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let user = lookup("HOME").map(PathBuf::from).unwrap_or_default();
        let folder = |name: &str, usual: &str| lookup(name).map_or_else(|| user.join(usual), PathBuf::from);
        Ok(Self {
            token: lookup("FIND_FACTS_ADMIN_TOKEN"),
            home: match lookup("FIND_FACTS_HOME") {
                Some(home) => PathBuf::from(home),
                None => beside_workspace()
                    .unwrap_or_else(|| folder("XDG_DATA_HOME", ".local/share").join("find-facts")),
            },
            hub: HubSettings::read(&lookup)?,
            runs: folder("XDG_STATE_HOME", ".local/state").join("find-facts/runs"),
            onnx_library: lookup("ORT_DYLIB_PATH").map(PathBuf::from),
        })
    }

    /// The admin token: of the file where one is named, else of the environment.
    pub fn token(&self, file: Option<&Path>) -> Result<Option<String>, Failure> {
        let Some(path) = file else { return Ok(self.token.clone()) };
        let text = std::fs::read_to_string(path)
            .map_err(|source| Failure::Token { path: path.to_owned(), source })?;
        Ok(Some(text.trim().to_owned()))
    }

    /// Where set-up puts models and libraries.
    pub fn home(&self) -> Home {
        Home::new(&self.home, self.hub.cache.clone())
    }
}

/// As long as the workspace is there, what was built in it shares its folder.
fn beside_workspace() -> Option<PathBuf> {
    let workspace = Path::new(WORKSPACE).canonicalize().ok()?;
    workspace.join("deploy-plans").is_dir().then(|| workspace.join(".find-facts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Environment {
        let of =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string());
        Environment::from(of).unwrap()
    }

    #[test]
    fn runs_lie_in_the_users_state_folder() {
        let check = |variables: &[(&str, &str)], expected: &str| {
            assert_eq!(read(variables).runs, Path::new(expected));
        };
        check(&[("HOME", "/home/me")], "/home/me/.local/state/find-facts/runs");
        check(&[("HOME", "/home/me"), ("XDG_STATE_HOME", "/state")], "/state/find-facts/runs");
    }

    #[test]
    fn a_named_home_wins_over_the_workspace() {
        assert_eq!(read(&[("FIND_FACTS_HOME", "/there")]).home().root(), Path::new("/there"));
    }

    #[test]
    fn a_token_file_wins_over_the_environment_and_is_trimmed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "of the file\n").unwrap();
        let environment = read(&[("FIND_FACTS_ADMIN_TOKEN", "of the environment")]);
        assert_eq!(environment.token(None).unwrap().as_deref(), Some("of the environment"));
        assert_eq!(environment.token(Some(&path)).unwrap().as_deref(), Some("of the file"));
    }
}
