//! Reads bodies: whole, within a size and a time, or not at all. What is wrong with a document is told with its path.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use find_facts_service::{BODY_LIMIT, body_too_large};
use futures_util::{FutureExt, StreamExt};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, EXPECT};
use http_body_util::{BodyExt, Collected, LengthLimitError, Limited};
use hyper::body::Body;
use serde::de::DeserializeOwned;
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tower::BoxError;

use super::refusal::{Code, Refusal};

/// A body that takes longer is from a client that has gone, or means ill.
const TIME_TO_ARRIVE: Duration = Duration::from_secs(10);

/// How much of a refused body is still taken in, so that a client which writes all of it before it reads finds the
/// refusal and not a closed connection.
const DISCARDED_AT_MOST: usize = 16 << 20;

/// How long a refused client may go on writing before it is told.
const TIME_TO_DISCARD: Duration = Duration::from_secs(2);

/// Reads a body of at most 1 MiB.
pub(crate) async fn read<B>(headers: &HeaderMap, mut body: B) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        discard(headers, body).await;
        return Err(
            Code::ContentEncoding.refuse("the body has a `Content-Encoding`; accepted is a plain body")
        );
    }
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > BODY_LIMIT) {
        discard(headers, body).await;
        return Err(body_too_large().into());
    }
    match whole(&mut body).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            discard(headers, body).await;
            Err(body_too_large().into())
        }
        Ok(Err(_)) => Err(Code::BodyIncomplete.refuse("the body broke off before its announced end")),
        Err(_) => Err(Code::BodyTimeout.refuse(format!("the body took longer than {TIME_TO_ARRIVE:?}"))),
    }
}

/// The body, once it has come. Most bodies are there with their head: only one that is not gets a timer.
async fn whole<B>(body: &mut B) -> Result<Result<Collected<Bytes>, BoxError>, Elapsed>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let mut whole = pin!(Limited::new(body, BODY_LIMIT).collect());
    match whole.as_mut().now_or_never() {
        Some(there) => Ok(there),
        None => timeout(TIME_TO_ARRIVE, whole).await,
    }
}

/// Takes in what is left of a refused body, within bounds. A client that waits for `100 Continue` has sent nothing yet,
/// and is not asked to.
async fn discard<B: Body<Error: Into<BoxError>> + Unpin>(headers: &HeaderMap, body: B) {
    if headers.contains_key(EXPECT) {
        return;
    }
    let rest = Limited::new(body, DISCARDED_AT_MOST);
    let drained = rest.into_data_stream().take_while(|frame| std::future::ready(frame.is_ok()));
    _ = timeout(TIME_TO_DISCARD, drained.for_each(|_| std::future::ready(()))).await;
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

#[cfg(test)]
mod tests {
    use http_body_util::{Full, StreamBody};
    use hyper::body::Frame;
    use tokio::runtime::Builder;
    use tokio::task::yield_now;

    use super::*;

    #[test]
    fn a_body_that_is_there_sets_no_timer() {
        // Making a timer panics on a runtime that has none.
        let runtime = Builder::new_current_thread().build().unwrap();
        let body = Full::new(Bytes::from_static(b"{}"));
        let bytes = runtime.block_on(read(&HeaderMap::new(), body));
        assert_eq!(bytes.map_err(|_| "refused").unwrap(), "{}");
    }

    #[test]
    fn a_body_that_is_not_there_yet_is_waited_for() {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let later = futures_util::stream::once(async {
            yield_now().await;
            Ok::<_, BoxError>(Frame::data(Bytes::from_static(b"{}")))
        });
        let bytes = runtime.block_on(read(&HeaderMap::new(), StreamBody::new(Box::pin(later))));
        assert_eq!(bytes.map_err(|_| "refused").unwrap(), "{}");
    }
}
