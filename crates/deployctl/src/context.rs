//! What every verb is given: where the server is, where runs and plans are, and where results go.

use std::path::{Path, PathBuf};

use find_facts_models::Catalogue;
use find_facts_rollout::plan::Known;
use reqwest::Url;

use crate::cli::Global;
use crate::client::AdminClient;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::Output;

/// The shipped plans, seen from the workspace's root.
const PLANS: &str = "deploy-plans";

/// The catalogue that this program was built with.
const CATALOGUE: &str = include_str!("../../../deploy-plans/models.toml");

/// The command line's and the environment's word on everything that verbs share.
#[derive(Debug, Clone)]
pub struct Context {
    /// Where results go.
    pub output: Output,
    /// Whether nothing may be changed.
    pub dry_run: bool,
    /// The folder of runs.
    pub runs: PathBuf,
    /// The environment.
    pub environment: Environment,
    server: Option<Url>,
    plans: Option<PathBuf>,
    token: Option<String>,
}

impl Context {
    /// From command line and environment.
    pub fn new(global: &Global, output: Output) -> Result<Self, Failure> {
        let environment = Environment::read()?;
        let usual = Path::new(PLANS);
        Ok(Self {
            output,
            dry_run: global.dry_run,
            runs: global.runs.clone().unwrap_or_else(|| environment.runs.clone()),
            server: global.server.clone(),
            plans: global.plans.clone().or_else(|| usual.is_dir().then(|| usual.to_owned())),
            token: environment.token(global.admin_token_file.as_deref())?,
            environment,
        })
    }

    /// The server of the command line, else the usual one of this machine.
    pub fn server(&self) -> Url {
        self.server.clone().unwrap_or_else(usual_server)
    }

    /// The server of the command line, else the one that a run remembers.
    pub fn server_or(&self, remembered: Option<Url>) -> Url {
        self.server.clone().or(remembered).unwrap_or_else(usual_server)
    }

    /// A client of the command line's server.
    pub fn client(&self) -> Result<AdminClient, Failure> {
        self.client_of(self.server())
    }

    /// A client of a server.
    pub fn client_of(&self, server: Url) -> Result<AdminClient, Failure> {
        AdminClient::new(server, self.token.clone()).map_err(Failure::Http)
    }

    /// The file of a shipped plan, where there is one.
    pub fn plan_file(&self, phase: u8) -> Option<PathBuf> {
        let file = self.plans.as_ref()?.join(format!("phase{phase}.toml"));
        file.is_file().then_some(file)
    }

    /// The catalogue's file, where there is one.
    pub fn catalogue_file(&self) -> Option<PathBuf> {
        let file = self.plans.as_ref()?.join("models.toml");
        file.is_file().then_some(file)
    }

    /// The catalogue: of its file, else the one built in.
    pub fn catalogue(&self) -> Result<Catalogue, Failure> {
        Ok(match self.catalogue_file() {
            Some(file) => Catalogue::read(&file)?,
            None => Catalogue::parse("models.toml (built in)", CATALOGUE)?,
        })
    }

    /// What the names in a plan are held against.
    pub fn known(&self) -> Result<Known, Failure> {
        let catalogue = self.catalogue()?;
        Ok(Known { models: Some(catalogue.entries().map(|entry| entry.id.clone()).collect()) })
    }
}

#[expect(clippy::expect_used, reason = "the text is a constant, and a test parses it")]
fn usual_server() -> Url {
    "http://127.0.0.1:7071".parse().expect("an address")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_server_is_the_admin_listener_of_this_machine() {
        assert_eq!(usual_server().port(), Some(7071));
    }

    #[test]
    fn the_built_in_catalogue_parses() {
        assert!(Catalogue::parse("models.toml", CATALOGUE).is_ok());
    }
}
