//! The environment: read here once, handed on as values. An empty value counts as unset.

use std::path::{Path, PathBuf};

use find_facts_models::{Home, HubSettings};
use reqwest::header::HeaderValue;

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
        let Some(path) = file else {
            let token = self.token.clone();
            return token.map(|token| sendable(token, "FIND_FACTS_ADMIN_TOKEN")).transpose();
        };
        let text = std::fs::read_to_string(path)
            .map_err(|source| Failure::Token { path: path.to_owned(), source })?;
        sendable(text.trim().to_owned(), &path.display().to_string()).map(Some)
    }

    /// Where set-up puts models and libraries.
    pub fn home(&self) -> Home {
        Home::new(&self.home, self.hub.cache.clone())
    }
}

/// A token that fits into a header; another one would look like a server out of reach.
fn sendable(token: String, place: &str) -> Result<String, Failure> {
    if token.is_empty() || HeaderValue::from_str(&token).is_err() {
        return Err(Failure::TokenText { place: place.to_owned() });
    }
    Ok(token)
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

    #[test]
    fn a_token_that_no_header_holds_is_refused_by_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        for text in ["", " \n", "two\nlines\n"] {
            std::fs::write(&path, text).unwrap();
            let error = read(&[]).token(Some(&path)).unwrap_err().to_string();
            assert!(error.starts_with(&format!("the admin token of `{}`", path.display())), "{error}");
        }
        let error = read(&[("FIND_FACTS_ADMIN_TOKEN", "two\nlines")]).token(None).unwrap_err().to_string();
        assert!(error.starts_with("the admin token of `FIND_FACTS_ADMIN_TOKEN`"), "{error}");
    }
}
