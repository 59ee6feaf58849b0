//! One HTTP client for the admin listener. Every fault is either "no answer" or "the server said no"; the two never mix,
//! because the first may be repeated and the second may not.

use std::time::Duration;

use find_facts_api::Problem;
use find_facts_api::admin::{IDEMPOTENCY_KEY, RUN_ID};
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long a call may take. The server's slowest answer is a query of its highest tier, a second.
const CALL_LIMIT: Duration = Duration::from_secs(10);

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No answer, or one that only a broken server gives: the same call may work later.
    #[error("the server at `{server}` did not answer `{call}`")]
    NoAnswer {
        /// The admin address.
        server: Url,
        /// Method and path.
        call: String,
        /// What stood in the way.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server understood and said no.
    #[error("the server refused `{call}`: {}", .problem.detail)]
    Refused {
        /// Method and path.
        call: String,
        /// What it said.
        problem: Box<Problem>,
    },
}

impl CallError {
    /// The problem document, where the server said no.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            CallError::Refused { problem, .. } => Some(problem),
            CallError::NoAnswer { .. } => None,
        }
    }
}

/// An answer whose status says nothing that a caller has to act on.
#[derive(Debug, thiserror::Error)]
#[error("it answered {status} with {len} bytes that are no problem document")]
struct Unexpected {
    status: StatusCode,
    len: usize,
}

/// The admin listener of one server.
#[derive(Debug, Clone)]
pub struct AdminClient {
    http: Client,
    base: Url,
    token: Option<String>,
    run: Option<String>,
}

impl AdminClient {
    /// A client; connects when first used.
    pub fn new(base: Url, token: Option<String>) -> Result<Self, reqwest::Error> {
        let http = Client::builder().timeout(CALL_LIMIT).no_proxy().build()?;
        Ok(Self { http, base, token, run: None })
    }

    /// The same client, speaking for a run.
    #[must_use]
    pub fn for_run(&self, run: &str) -> Self {
        Self { run: Some(run.to_owned()), ..self.clone() }
    }

    /// The admin address.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// `GET path`.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        self.json(Method::GET, path, |request| request)
    }

    /// `GET path` as text, with its media type.
    pub fn get_text(&self, path: &str) -> Result<(String, String), CallError> {
        let response = self.send(Method::GET, path, |request| request)?;
        let media = response
            .headers()
            .get(reqwest::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let text = response.text().map_err(|source| self.no_answer(&Method::GET, path, source))?;
        Ok((media, text))
    }

    /// `POST path`; the same key again answers with the first outcome.
    pub fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        key: &str,
    ) -> Result<T, CallError> {
        self.json(Method::POST, path, |request| request.json(body).header(IDEMPOTENCY_KEY, key))
    }

    /// `PUT path`.
    pub fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, CallError> {
        self.json(Method::PUT, path, |request| request.json(body))
    }

    /// `PUT path` for the generation expected.
    pub fn put_if_match<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        generation: u64,
    ) -> Result<T, CallError> {
        self.json(Method::PUT, path, |request| {
            request.json(body).header(reqwest::header::IF_MATCH, format!("\"{generation}\""))
        })
    }

    /// `POST path`, the headers and the bytes of the answer as they came.
    pub fn post_bytes(&self, path: &str, body: &impl Serialize) -> Result<(HeaderMap, Vec<u8>), CallError> {
        let response = self.send(Method::POST, path, |request| request.json(body))?;
        let headers = response.headers().clone();
        let bytes = response.bytes().map_err(|source| self.no_answer(&Method::POST, path, source))?;
        Ok((headers, bytes.into()))
    }

    fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<T, CallError> {
        let response = self.send(method.clone(), path, fill)?;
        response.json().map_err(|source| self.no_answer(&method, path, source))
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, CallError> {
        let url = self.base.join(path).map_err(|source| self.no_answer(&method, path, source))?;
        let mut request = self.http.request(method.clone(), url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(run) = &self.run {
            request = request.header(RUN_ID, run);
        }
        let response =
            fill(request).send().map_err(|source| self.no_answer(&method, path, source.without_url()))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.refusal(&method, path, response))
    }

    /// A status of 500 and above without a problem document is a proxy or a dying server, not a decision.
    fn refusal(&self, method: &Method, path: &str, response: Response) -> CallError {
        let status = response.status();
        let bytes = response.bytes().unwrap_or_default();
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) if !status.is_server_error() => {
                CallError::Refused { call: format!("{method} {path}"), problem: Box::new(problem) }
            }
            Ok(problem) => self.no_answer(method, path, problem),
            Err(_) if status.is_client_error() => CallError::Refused {
                call: format!("{method} {path}"),
                problem: Box::new(Problem::new(
                    status.as_u16(),
                    status.as_str(),
                    status.canonical_reason().unwrap_or("no reason given"),
                    String::from_utf8_lossy(&bytes).into_owned(),
                )),
            },
            Err(_) => self.no_answer(method, path, Unexpected { status, len: bytes.len() }),
        }
    }

    fn no_answer(
        &self,
        method: &Method,
        path: &str,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> CallError {
        CallError::NoAnswer {
            server: self.base.clone(),
            call: format!("{method} {path}"),
            source: Box::new(source),
        }
    }
}
