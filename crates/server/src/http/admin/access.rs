//! Who may use the admin listener: whoever has the token; without a token, whoever is on this machine and no web page
//! open there. Tokens are compared in constant time.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::super::refusal::{Code, Refusal};
use crate::app::App;
use crate::callers::bearer_token;

/// What a request has to show.
#[derive(Clone)]
pub(crate) enum Access {
    /// Nothing, but it has to come from this machine.
    Open,
    /// A token with this SHA-256.
    Token([u8; 32]),
}

/// Why the admin listener cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// It would be open to others.
    #[error(
        "the admin listener is to be at `{0}`, which others can reach, and there is no token; \
         set `admin.token_file`, or listen on a loopback address"
    )]
    OpenBeyondLoopback(SocketAddr),
    /// The file cannot be read.
    #[error("the admin token's file `{}` cannot be read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is nothing in it.
    #[error("the admin token's file `{}` is empty", .0.display())]
    Empty(PathBuf),
}

impl AccessError {
    /// Its page under `docs/errors/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OpenBeyondLoopback(_) => "admin-open-beyond-loopback",
            Self::Unreadable { .. } | Self::Empty(_) => "admin-token-file",
        }
    }
}

impl Access {
    /// From the token's file, for a listener at `address`.
    pub(crate) fn new(token_file: Option<&Path>, address: SocketAddr) -> Result<Self, AccessError> {
        let Some(path) = token_file else {
            let is_local = address.ip().to_canonical().is_loopback();
            return if is_local { Ok(Self::Open) } else { Err(AccessError::OpenBeyondLoopback(address)) };
        };
        let unreadable = |source| AccessError::Unreadable { path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        match text.trim() {
            "" => Err(AccessError::Empty(path.to_owned())),
            token => Ok(Self::Token(Sha256::digest(token).into())),
        }
    }

    fn allows(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match self {
            Self::Open if comes_from_here(headers) => Ok(()),
            Self::Open => Err(Code::ForeignOrigin.refuse(
                "this admin listener has no token and answers only to requests for `localhost` or a loopback \
                 address that no other site's page has made",
            )),
            Self::Token(expected) => {
                let given = headers.get(AUTHORIZATION).and_then(|value| bearer_token(value.as_bytes()));
                let digest = Sha256::digest(given.unwrap_or_default());
                let fits = bool::from(digest.as_slice().ct_eq(expected));
                let refusal =
                    || Code::TokenRequired.refuse("send `Authorization: Bearer` and the admin token");
                (fits && given.is_some()).then_some(()).ok_or_else(refusal)
            }
        }
    }
}

/// Refuses requests that may not use the listener.
pub(super) async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match app.access.load().allows(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => super::super::request_id::stamp(refusal.into_response()),
    }
}

/// A page of another site can make a browser on this machine send requests here: its `Origin` tells, or, where it has
/// bent a name of its own to this address, the `Host`.
fn comes_from_here(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(text);
    let origin = headers.get(ORIGIN).map(text);
    let same_site =
        origin.is_none_or(|origin| origin.and_then(|origin| origin.strip_prefix("http://")) == host);
    same_site && host.is_none_or(is_loopback)
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(access: &Access, headers: &[(http::HeaderName, &str)], expected: Option<u16>) {
        let map = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        let refused = access.allows(&map).err().map(|refusal| refusal.0.status);
        assert_eq!(refused, expected, "{headers:?}");
    }

    #[test]
    fn an_open_listener_answers_to_this_machine_and_to_no_foreign_page() {
        check(&Access::Open, &[], None);
        for host in ["localhost:7071", "127.0.0.1:7071", "[::1]:7071", "[::1]", "LOCALHOST"] {
            check(&Access::Open, &[(HOST, host)], None);
        }
        for host in ["evil.example:7071", "10.0.0.1", "localhost.evil.example"] {
            check(&Access::Open, &[(HOST, host)], Some(403));
        }
        check(&Access::Open, &[(HOST, "localhost:7071"), (ORIGIN, "http://localhost:7071")], None);
        check(&Access::Open, &[(HOST, "localhost:7071"), (ORIGIN, "http://localhost:8080")], Some(403));
        check(&Access::Open, &[(HOST, "localhost:7071"), (ORIGIN, "null")], Some(403));
    }

    #[test]
    fn a_token_has_to_be_shown_whole() {
        let access = Access::Token(Sha256::digest("secret").into());
        check(&access, &[(AUTHORIZATION, "Bearer secret")], None);
        for value in ["Bearer secre", "Bearer secrets", "Bearer ", "Basic secret", "secret"] {
            check(&access, &[(AUTHORIZATION, value)], Some(401));
        }
        check(&access, &[], Some(401));
    }

    #[test]
    fn without_a_token_it_binds_to_loopback_only() {
        let new = |address: &str| Access::new(None, address.parse().unwrap()).map(|_| ());
        assert!(new("127.0.0.1:0").is_ok() && new("[::1]:0").is_ok());
        assert!(matches!(new("0.0.0.0:7071"), Err(AccessError::OpenBeyondLoopback(_))));
    }

    #[test]
    fn a_token_file_is_trimmed_and_may_not_be_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let new = || Access::new(Some(&path), "0.0.0.0:7071".parse().unwrap());
        assert!(matches!(new(), Err(AccessError::Unreadable { .. })));
        std::fs::write(&path, " \n").unwrap();
        assert!(matches!(new(), Err(AccessError::Empty(_))));
        std::fs::write(&path, "secret\n").unwrap();
        assert!(
            matches!(new(), Ok(Access::Token(digest)) if digest == <[u8; 32]>::from(Sha256::digest("secret")))
        );
    }
}
