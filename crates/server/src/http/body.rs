//! Reads bodies: whole, within a size and a time, or not at all. What is wrong with a document is told with its path.

use std::error::Error;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use find_facts_service::{BODY_LIMIT, body_too_large};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;

use super::refusal::{Code, Refusal};

/// A body that takes longer is from a client that has gone, or means ill.
const TIME_TO_ARRIVE: Duration = Duration::from_secs(10);

/// Reads a body of at most 1 MiB.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(
            Code::ContentEncoding.refuse("the body has a `Content-Encoding`; accepted is a plain body")
        );
    }
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > BODY_LIMIT) {
        return Err(body_too_large().into());
    }
    match tokio::time::timeout(TIME_TO_ARRIVE, to_bytes(body, BODY_LIMIT)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(body_too_large().into()),
        Ok(Err(_)) => Err(Code::BodyIncomplete.refuse("the body broke off before its announced end")),
        Err(_) => Err(Code::BodyTimeout.refuse(format!("the body took longer than {TIME_TO_ARRIVE:?}"))),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    error.source().is_some_and(|source| source.is::<LengthLimitError>())
}

/// A document out of JSON. An array is none, though serde would take its items for the fields of an object.
pub(crate) fn document<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    if bytes.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        return Err(fault(".", "accepted is an object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let document = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| fault(&error.path().to_string(), &error.inner().to_string()))?;
    deserializer.end().map_err(|error| fault(".", &error.to_string()))?;
    Ok(document)
}

/// One fault of a document.
pub(crate) fn fault(path: &str, reason: &str) -> Refusal {
    faults(&[format!("{path}: {reason}")])
}

/// Every fault of a document, each as path and reason.
pub(crate) fn faults(faults: &[String]) -> Refusal {
    Code::InvalidDocument.problem(faults.join("; ")).with("faults", faults.to_vec()).into()
}
