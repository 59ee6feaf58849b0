//! How to reach the hub and pip, as values. A program fills them from its environment.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

const ENDPOINT: &str = "https://huggingface.co";

/// What the hub's own tools read from the environment.
#[derive(Debug, Clone)]
pub struct HubSettings {
    /// Where the hub is: `HF_ENDPOINT`.
    pub endpoint: Url,
    /// Sent to the endpoint and to nobody else: `HF_TOKEN`.
    pub token: Option<Token>,
    /// Whether to leave the hub alone: `HF_HUB_OFFLINE`.
    pub offline: bool,
    /// The cache that all tools of the hub share: `HF_HUB_CACHE`, else `hub` in `HF_HOME`, else none.
    pub cache: Option<PathBuf>,
}

/// A secret. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The secret itself, for the header that carries it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

/// A variable whose value means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{variable}` is `{value}`; accepted: {accepted}")]
pub struct InvalidSetting {
    /// Its name.
    pub variable: &'static str,
    /// Its value.
    pub value: String,
    /// What would have been accepted.
    pub accepted: &'static str,
}

impl HubSettings {
    /// From the hub's environment variables, which `lookup` finds. An empty value counts as unset.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidSetting> {
        let value = |name: &str| lookup(name).map(|value| value.trim().to_owned()).filter(|v| !v.is_empty());
        let cache = value("HF_HUB_CACHE").map(PathBuf::from);
        Ok(Self {
            endpoint: endpoint(value("HF_ENDPOINT").unwrap_or_else(|| ENDPOINT.to_owned()))?,
            token: value("HF_TOKEN").map(Token),
            offline: value("HF_HUB_OFFLINE").map_or(Ok(false), offline)?,
            cache: cache.or_else(|| value("HF_HOME").map(|home| PathBuf::from(home).join("hub"))),
        })
    }
}

fn endpoint(value: String) -> Result<Url, InvalidSetting> {
    let accepted = "an address that starts with https:// or http://";
    let invalid = || InvalidSetting { variable: "HF_ENDPOINT", value: value.clone(), accepted };
    let url = Url::parse(&value).map_err(|_| invalid())?;
    if matches!(url.scheme(), "https" | "http") { Ok(url) } else { Err(invalid()) }
}

fn offline(value: String) -> Result<bool, InvalidSetting> {
    match value.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => {
            let accepted = "1, true, yes, on, 0, false, no, off";
            Err(InvalidSetting { variable: "HF_HUB_OFFLINE", value, accepted })
        }
    }
}

/// Everything a pull needs to know of its surroundings.
#[derive(Debug, Clone)]
pub struct PullSettings {
    /// The hub.
    pub hub: HubSettings,
    /// The command that runs pip, and its first arguments.
    pub pip: Vec<OsString>,
    /// How patient to be with a server.
    pub retry: Retry,
}

impl PullSettings {
    /// The machine's own pip, and the usual patience.
    pub fn new(hub: HubSettings) -> Self {
        Self { hub, pip: ["python3", "-m", "pip"].map(OsString::from).to_vec(), retry: Retry::default() }
    }
}

/// How patient to be with a server that does not answer, answers "later", or hangs up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Tries in a row that may fail without a byte received; any byte starts the count anew.
    pub tries: u32,
    /// The pause after the first; it doubles with each.
    pub first_pause: Duration,
    /// No pause is longer; a server that asks for a longer one has failed.
    pub longest_pause: Duration,
    /// How long a server may be silent.
    pub silence: Duration,
}

impl Default for Retry {
    /// Four tries bridge a dropped connection (1, 2, 4 s), and a server's own "later" up to two minutes. An unreachable hub costs
    /// 7 s before the next source is tried.
    fn default() -> Self {
        Self {
            tries: 4,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(120),
            silence: Duration::from_secs(30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<HubSettings, InvalidSetting> {
        let find = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        HubSettings::read(find)
    }

    #[test]
    fn without_variables_the_hub_is_the_public_one() {
        let hub = read(&[("HF_TOKEN", ""), ("HF_ENDPOINT", " ")]).unwrap();
        assert_eq!(hub.endpoint.as_str(), "https://huggingface.co/");
        assert_eq!((hub.token, hub.offline, hub.cache), (None, false, None));
    }

    #[test]
    fn the_cache_of_its_own_goes_before_the_one_in_the_home() {
        let home = read(&[("HF_HOME", "/hf")]).unwrap();
        assert_eq!(home.cache, Some("/hf/hub".into()));
        let both = read(&[("HF_HOME", "/hf"), ("HF_HUB_CACHE", "/cache")]).unwrap();
        assert_eq!(both.cache, Some("/cache".into()));
    }

    #[test]
    fn a_value_that_means_nothing_is_named_with_what_is_accepted() {
        let said = |variables: &[(&str, &str)]| read(variables).unwrap_err().to_string();
        assert_eq!(
            said(&[("HF_HUB_OFFLINE", "maybe")]),
            "`HF_HUB_OFFLINE` is `maybe`; accepted: 1, true, yes, on, 0, false, no, off"
        );
        assert!(said(&[("HF_ENDPOINT", "ftp://hub")]).contains("`ftp://hub`"));
        assert!(said(&[("HF_ENDPOINT", "hub.local")]).contains("`hub.local`"));
    }

    #[test]
    fn a_token_is_never_shown() {
        let hub = read(&[("HF_TOKEN", "hf_secret")]).unwrap();
        assert!(!format!("{hub:?}").contains("secret"));
    }
}
