//! File descriptors: each connection takes one, and so does each file. Clients must not be able to take the last.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept from public clients: half of it for the admin listener, the rest for the server's files (some twenty), for pulls of
/// models, and for what the libraries open. Of a small limit it is half.
const RESERVE: usize = 256;

/// More connections than this have to be a mistake or an attack; idle ones of so many clients take about 240 MB.
const MOST: usize = 16_384;

/// How many connections each listener may have open, both at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Connections {
    pub(crate) public: usize,
    pub(crate) admin: usize,
}

impl Connections {
    /// As many as the process's limit of descriptors has room for.
    pub(crate) fn within(descriptors: usize) -> Self {
        let reserve = RESERVE.min(descriptors / 2);
        Self { public: (descriptors - reserve).clamp(1, MOST), admin: (reserve / 2).max(1) }
    }
}

/// Raises the process's limit of descriptors as far as it may, and returns it.
pub(crate) fn raise_limit() -> usize {
    let maximum = getrlimit(Resource::Nofile).maximum;
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
    let current = getrlimit(Resource::Nofile).current;
    current.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(descriptors: usize, public: usize, admin: usize) {
        assert_eq!(Connections::within(descriptors), Connections { public, admin }, "{descriptors}");
    }

    #[test]
    fn public_clients_never_get_the_last_descriptors() {
        check(0, 1, 1);
        check(200, 100, 50);
        check(1024, 768, 128);
        check(4096, 3840, 128);
        check(1 << 20, 16_384, 128);
        check(usize::MAX, 16_384, 128);
    }

    #[test]
    fn the_limit_is_the_highest_there_may_be() {
        let raised = raise_limit();
        let maximum = getrlimit(Resource::Nofile).maximum;
        assert_eq!(Some(raised as u64), maximum);
    }
}
