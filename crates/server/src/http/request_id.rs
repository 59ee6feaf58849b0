//! `X-Request-Id`: a UUID of version 7, made without asking the operating system for each. Unique within the process by
//! its counter, between processes by where the counter starts.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use axum::response::Response;
use http::{HeaderName, HeaderValue};
use uuid::{Builder, Uuid};

use crate::state::unix_ms;

/// The header.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Random bits of this process, and the next number to mix with them.
static SEED: LazyLock<(u128, AtomicU64)> = LazyLock::new(|| {
    let random = Uuid::now_v7().as_u128() ^ (Uuid::now_v7().as_u128() << 64);
    (random, AtomicU64::new(random as u64))
});

/// The next id.
pub(crate) fn next(now: SystemTime) -> Uuid {
    let (random, counter) = &*SEED;
    let number = u128::from(counter.fetch_add(1, Ordering::Relaxed));
    // The counter fills the low 62 bits that a UUID leaves free; what is above stays as it was drawn.
    let bytes = ((random << 64) | number).to_be_bytes();
    let mut tail = [0; 10];
    tail.copy_from_slice(&bytes[6..]);
    Builder::from_unix_timestamp_millis(unix_ms(now), &tail).into_uuid()
}

/// Gives an answer its id.
pub(crate) fn stamp(mut response: Response) -> Response {
    let mut text = Uuid::encode_buffer();
    let id = next(SystemTime::now()).hyphenated().encode_lower(&mut text);
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use super::*;

    #[test]
    fn ids_are_version_7_distinct_and_ordered_by_time() {
        let at = |ms| SystemTime::UNIX_EPOCH + Duration::from_millis(ms);
        let ids: Vec<Uuid> = (0..10_000).map(|index| next(at(1_800_000_000_000 + index / 100))).collect();
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        assert!(ids[0] < ids[9_999]);
    }
}
