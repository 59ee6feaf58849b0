//! Requests to the hub and to plain addresses. Redirects are followed here, so that the token goes to the hub's
//! endpoint and to nobody else, whatever a redirect says.

use std::time::Duration;

use reqwest::blocking::{Client, Response};
use reqwest::header::{AUTHORIZATION, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Method, StatusCode, Url};

use super::error::{Failure, PullError, SourceError};
use super::job::Job;
use super::patience::Patience;
use crate::settings::{HubSettings, Retry};

const USER_AGENT: &str = concat!("find-facts/", env!("CARGO_PKG_VERSION"));
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// As many as browsers follow.
const MOST_REDIRECTS: usize = 20;

/// The server's own explanation is shown up to here.
const LONGEST_WORDS: usize = 200;

/// The client and whom it may tell the token.
pub(crate) struct Http {
    client: Client,
    pub(crate) hub: HubSettings,
    pub(crate) retry: Retry,
}

/// A request, before any redirect.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a Url,
    pub(crate) headers: HeaderMap,
    /// Whether to go to other hosts, or to stop and give the answer that sends there.
    pub(crate) leave_host: bool,
}

/// Why one try of a request failed.
enum Trouble {
    /// Trying again is no use.
    Final(SourceError),
    /// Trying again may be, perhaps after the time that the server asked for.
    Again(SourceError, Option<Duration>),
}

impl Http {
    pub(crate) fn new(hub: HubSettings, retry: Retry) -> Result<Self, PullError> {
        // The client panics without a provider. A program that has chosen one keeps its own.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(retry.silence)
            .build()
            .map_err(PullError::Client)?;
        Ok(Self { client, hub, retry })
    }

    /// A successful answer; waits and tries again where that helps.
    pub(crate) fn send(
        &self,
        request: &Request<'_>,
        patience: &mut Patience,
        job: &mut Job<'_>,
    ) -> Result<Response, Failure> {
        loop {
            job.deadline.check()?;
            let (error, asked) = match self.follow(request) {
                Ok(response) => return Ok(response),
                Err(Trouble::Final(error)) => return Err(error.into()),
                Err(Trouble::Again(error, asked)) => (error, asked),
            };
            match patience.next_pause(asked) {
                Some(pause) => job.pause(&error.with_causes(), pause)?,
                None => return Err(error.into()),
            }
        }
    }

    fn follow(&self, request: &Request<'_>) -> Result<Response, Trouble> {
        let mut url = request.url.clone();
        for _ in 0..MOST_REDIRECTS {
            let response = self.once(request, &url)?;
            let Some(next) = redirect(&response) else { return judge(response, &url) };
            if next.origin() != url.origin() && !request.leave_host {
                return Ok(response);
            }
            if url.scheme() == "https" && next.scheme() != "https" {
                let why = "from a safe address to an unsafe one";
                return Err(Trouble::Final(SourceError::Redirected { url: shown(&url), why }));
            }
            url = next;
        }
        Err(Trouble::Final(SourceError::Redirected { url: shown(&url), why: "without end" }))
    }

    fn once(&self, request: &Request<'_>, url: &Url) -> Result<Response, Trouble> {
        let mut builder =
            self.client.request(request.method.clone(), url.clone()).headers(request.headers.clone());
        if let Some(token) = self.hub.token.as_ref().filter(|_| url.origin() == self.hub.endpoint.origin()) {
            builder = builder.header(AUTHORIZATION, format!("Bearer {}", token.reveal()));
        }
        let unreachable = |source: reqwest::Error| {
            let error = SourceError::Unreachable { url: shown(url), source: source.without_url() };
            Trouble::Again(error, None)
        };
        builder.send().map_err(unreachable)
    }
}

/// Where a redirect sends; `None` for every other answer.
fn redirect(response: &Response) -> Option<Url> {
    if !response.status().is_redirection() {
        return None;
    }
    response.url().join(response.headers().get(LOCATION)?.to_str().ok()?).ok()
}

fn judge(response: Response, url: &Url) -> Result<Response, Trouble> {
    let status = response.status();
    // An unsatisfiable range is an answer: the part that is there is longer than the file.
    if status.is_success() || status == StatusCode::RANGE_NOT_SATISFIABLE {
        return Ok(response);
    }
    let asked = seconds(&response);
    match (status.as_u16(), asked) {
        (status @ (429 | 503), Some(after)) => {
            Err(Trouble::Again(SourceError::Later { url: shown(url), status, after }, asked))
        }
        (status @ (408 | 429 | 500 | 502 | 503 | 504), _) => {
            Err(Trouble::Again(SourceError::Refused { url: shown(url), status, said: None }, None))
        }
        (status, _) => {
            let said = words(&response);
            Err(Trouble::Final(SourceError::Refused { url: shown(url), status, said }))
        }
    }
}

fn seconds(response: &Response) -> Option<Duration> {
    response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// The hub's words for what is wrong, such as `Access to model x is restricted`.
fn words(response: &Response) -> Option<String> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let words = header("x-error-message").or_else(|| header("x-error-code"))?;
    Some(words.chars().filter(|c| !c.is_control()).take(LONGEST_WORDS).collect())
}

/// An address for people: a signed one carries a secret in its query.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    let _ = url.set_password(None);
    url.into()
}
