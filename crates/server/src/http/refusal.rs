//! Refusals on the wire. The table of the server's own codes: each with its title and HTTP status, and a page of its name
//! under `docs/errors/`. Codes of `find_facts` itself are the service's.

use axum::response::{IntoResponse, Response};
use find_facts_api::{Problem, problem};
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use crate::control::ChangeError;
use crate::state::StateError;

/// What the server itself refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    NotFound,
    MethodNotAllowed,
    BodyTimeout,
    BodyIncomplete,
    ContentEncoding,
    UnknownKey,
    TokenRequired,
    ForeignOrigin,
    InvalidDocument,
    InvalidParameter,
    PreconditionRequired,
    GenerationConflict,
    LeaseHeld,
    NoRun,
    KeyReused,
    InvalidConfiguration,
    TierUnavailable,
    FaultsDisabled,
    UnknownModel,
    ModelAbsent,
    ModelOverBudget,
    ModelInUse,
    EmbeddingModel,
    ModelNotLoadable,
    Internal,
}

/// Code, name on the wire, title, status.
pub(crate) const CODES: [(Code, &str, &str, u16); 25] = [
    (Code::NotFound, "not-found", "There is nothing at this path", 404),
    (Code::MethodNotAllowed, "method-not-allowed", "The path does not take this method", 405),
    (Code::BodyTimeout, "body-timeout", "The body did not arrive in time", 408),
    (Code::BodyIncomplete, "body-incomplete", "The body did not arrive whole", 400),
    (Code::ContentEncoding, "content-encoding", "The body is encoded in a way that is not read", 415),
    (Code::UnknownKey, "unknown-key", "The key shown belongs to no client", 401),
    (Code::TokenRequired, "token-required", "The admin listener asks for its token", 401),
    (Code::ForeignOrigin, "foreign-origin", "An open admin listener answers to this machine only", 403),
    (Code::InvalidDocument, "invalid-document", "The document is not as it has to be", 422),
    (Code::InvalidParameter, "invalid-parameter", "A parameter is not as it has to be", 400),
    (
        Code::PreconditionRequired,
        "precondition-required",
        "The write does not say which generation it expects",
        428,
    ),
    (Code::GenerationConflict, "generation-conflict", "Another generation is in force", 412),
    (Code::LeaseHeld, "lease-held", "Another run holds the server", 409),
    (Code::NoRun, "no-run", "There is no run to command", 409),
    (Code::KeyReused, "idempotency-key-reused", "The idempotency key belongs to another write", 422),
    (Code::InvalidConfiguration, "invalid-configuration", "The configuration is refused", 422),
    (Code::TierUnavailable, "tier-unavailable", "This server does not have the tier", 501),
    (Code::FaultsDisabled, "faults-disabled", "Faults are not enabled on this server", 403),
    (Code::UnknownModel, "unknown-model", "The catalogue has no such model", 404),
    (Code::ModelAbsent, "model-absent", "The server's cache does not hold the model", 409),
    (Code::ModelOverBudget, "model-over-budget", "The model does not fit into the memory for models", 409),
    (Code::ModelInUse, "model-in-use", "The model is in use", 409),
    (Code::EmbeddingModel, "embedding-model", "An embedding model leaves with its tiers", 409),
    (Code::ModelNotLoadable, "language-model-not-loadable", "The model's file cannot be loaded", 422),
    (Code::Internal, "internal", "The server failed", 500),
];

impl Code {
    /// A problem of this code.
    pub(crate) fn problem(self, detail: impl Into<String>) -> Problem {
        let row = CODES.iter().find(|(code, ..)| *code == self);
        let (_, name, title, status) = row.copied().unwrap_or((self, "internal", "The server failed", 500));
        Problem::new(status, name, title, detail)
    }

    /// The same, as an answer.
    pub(crate) fn refuse(self, detail: impl Into<String>) -> Refusal {
        Refusal(Box::new(self.problem(detail)))
    }
}

/// A problem document as an answer.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) Box<Problem>);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Refusal(problem) = self;
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = Response::new(body.into());
        *response.status_mut() =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(problem::CONTENT_TYPE));
        if problem.status == 401 {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// What a client sees is that the server failed; the chain of causes goes to the log.
impl From<StateError> for Refusal {
    fn from(error: StateError) -> Self {
        internal(&error)
    }
}

impl From<ChangeError> for Refusal {
    fn from(error: ChangeError) -> Self {
        let detail = error.to_string();
        match error {
            ChangeError::Stale(current) => {
                let current = serde_json::to_value(current).unwrap_or_default();
                Code::GenerationConflict.problem(detail).with("current", current).into()
            }
            ChangeError::Held(lease) => {
                let lease = serde_json::to_value(lease).unwrap_or_default();
                Code::LeaseHeld.problem(detail).with("current", lease).into()
            }
            ChangeError::NoRun => Code::NoRun.refuse(detail),
            ChangeError::KeyReused(_) => Code::KeyReused.refuse(detail),
            ChangeError::State(error) => internal(&error),
        }
    }
}

/// An error that is nobody's fault but the server's.
pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Refusal {
    tracing::error!(error = %chain(error), "a request failed");
    Code::Internal.refuse("the server could not do this; its log says why")
}

/// An error and its causes in one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_row() {
        for (code, name, title, status) in CODES {
            let problem = code.problem("why");
            assert_eq!((problem.code(), problem.title.as_str(), problem.status), (name, title, status));
        }
    }
}
