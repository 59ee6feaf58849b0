//! Who asks: an authenticated client, else whom the request claims to speak for, else the address it came from.
//! Segments come from a client's own entry only.

mod forwarded;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use find_facts_core::{Caller, Segment};
use http::header::{AUTHORIZATION, FORWARDED};
use http::{HeaderMap, HeaderName};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use crate::config::{ClientConfig, Config};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const TARGETING_KEY: HeaderName = HeaderName::from_static("x-targeting-key");

/// The clients that are known, and the proxies that are believed.
#[derive(Debug, Clone)]
pub struct Callers {
    clients: Vec<ClientConfig>,
    trusted_proxies: Vec<IpAddr>,
    no_segments: Arc<[Segment]>,
}

/// The request shows a key that no client has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key shown belongs to no client of this server")]
pub struct UnknownKey;

impl Callers {
    /// From the configuration.
    pub fn new(config: &Config) -> Self {
        Self {
            clients: config.clients.clone(),
            trusted_proxies: config.server.trusted_proxies.clone(),
            no_segments: Arc::new([]),
        }
    }

    /// The caller of a request. A key that nobody has is an error where clients are configured at all; where none are,
    /// keys mean nothing, as they never did to legacy.
    pub fn resolve(&self, headers: &HeaderMap, peer: SocketAddr) -> Result<Caller, UnknownKey> {
        if let Some(key) = shown_key(headers).filter(|_| !self.clients.is_empty()) {
            let client = self.client(key).ok_or(UnknownKey)?;
            let segments = Arc::clone(&client.segments);
            return Ok(Caller { targeting_key: Arc::clone(&client.id), segments });
        }
        let targeting_key = match text(headers, &TARGETING_KEY) {
            Some(key) => key.into(),
            None => self.origin(headers, peer.ip().to_canonical()),
        };
        Ok(Caller { targeting_key, segments: Arc::clone(&self.no_segments) })
    }

    /// Looks at every entry, whichever fits, so that the time taken tells nothing.
    fn client(&self, key: &[u8]) -> Option<&ClientConfig> {
        let digest = Sha256::digest(key);
        let mut found = usize::MAX as u64;
        for (index, client) in self.clients.iter().enumerate() {
            let fits: Choice = digest.as_slice().ct_eq(&client.key_sha256);
            found.conditional_assign(&(index as u64), fits);
        }
        self.clients.get(usize::try_from(found).ok()?)
    }

    fn origin(&self, headers: &HeaderMap, peer: IpAddr) -> Arc<str> {
        let is_trusted = |address: &IpAddr| self.trusted_proxies.contains(address);
        let hops = is_trusted(&peer).then(|| headers.get_all(FORWARDED));
        let hops = hops.into_iter().flatten().filter_map(|value| value.to_str().ok());
        match forwarded::origin(hops, is_trusted) {
            Some(origin) => origin.into(),
            None => peer.to_string().into(),
        }
    }
}

/// The key of `Authorization: Bearer`, else of `X-API-Key`.
fn shown_key(headers: &HeaderMap) -> Option<&[u8]> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| bearer_token(value.as_bytes()));
    bearer.or_else(|| headers.get(API_KEY).map(|value| value.as_bytes()).filter(|key| !key.is_empty()))
}

/// The token of an `Authorization` header of the bearer kind.
pub(crate) fn bearer_token(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(7)?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then_some(token)
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let value = std::str::from_utf8(headers.get(name)?.as_bytes()).ok()?.trim();
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, File, load};

    /// SHA-256 of `secret`.
    const CONFIG: &str = "server.trusted_proxies = [\"10.0.0.1\"]\n[[clients]]\nid = \"lab\"\nsegments = [\"research\"]\n\
        key_sha256 = \"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\"\n";

    fn resolve(config: &str, peer: &str, headers: &[(&str, &str)]) -> Result<(String, usize), UnknownKey> {
        let file = File { name: "test".to_owned(), text: config.to_owned() };
        let (config, _) = load(&[], &Environment::default(), Some(&file)).unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                name.parse::<HeaderName>().unwrap(),
                http::HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        let caller = Callers::new(&config).resolve(&map, SocketAddr::new(peer.parse().unwrap(), 4711))?;
        Ok((caller.targeting_key.to_string(), caller.segments.len()))
    }

    fn check(peer: &str, headers: &[(&str, &str)], key: &str, segments: usize) {
        assert_eq!(resolve(CONFIG, peer, headers), Ok((key.to_owned(), segments)), "{headers:?}");
    }

    #[test]
    fn a_client_is_known_by_either_header() {
        check("1.2.3.4", &[("authorization", "Bearer secret")], "lab", 1);
        check("1.2.3.4", &[("authorization", "bearer  secret ")], "lab", 1);
        check("1.2.3.4", &[("x-api-key", "secret"), ("x-targeting-key", "me")], "lab", 1);
    }

    #[test]
    fn a_wrong_key_is_an_error_only_where_clients_are_configured() {
        for header in [("authorization", "Bearer wrong"), ("x-api-key", "wrong")] {
            assert_eq!(resolve(CONFIG, "1.2.3.4", &[header]), Err(UnknownKey));
            assert_eq!(resolve("", "1.2.3.4", &[header]), Ok(("1.2.3.4".to_owned(), 0)));
        }
        check("1.2.3.4", &[("authorization", "Basic c2VjcmV0")], "1.2.3.4", 0);
    }

    #[test]
    fn without_a_client_the_targeting_key_decides_then_the_address() {
        check("1.2.3.4", &[("x-targeting-key", "Zoë")], "Zoë", 0);
        check("1.2.3.4", &[("x-targeting-key", " ")], "1.2.3.4", 0);
        check("::ffff:1.2.3.4", &[], "1.2.3.4", 0);
    }

    #[test]
    fn forwarded_is_believed_from_trusted_proxies_only() {
        check("1.2.3.4", &[("forwarded", "for=9.9.9.9")], "1.2.3.4", 0);
        check("10.0.0.1", &[("forwarded", "for=9.9.9.9")], "9.9.9.9", 0);
        check(
            "10.0.0.1",
            &[("forwarded", "for=6.6.6.6, for=9.9.9.9"), ("forwarded", "for=10.0.0.1")],
            "9.9.9.9",
            0,
        );
        check("10.0.0.1", &[], "10.0.0.1", 0);
    }
}
