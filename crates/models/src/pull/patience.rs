//! How long to try again with a server. Decides; [`crate::pull::job::Job::pause`] does the waiting.

use std::time::Duration;

use crate::settings::Retry;

/// What is left of the patience with one request.
#[derive(Debug)]
pub(crate) struct Patience {
    retry: Retry,
    failed: u32,
}

impl Patience {
    pub(crate) fn new(retry: Retry) -> Self {
        Self { retry, failed: 0 }
    }

    /// A byte has arrived.
    pub(crate) fn renew(&mut self) {
        self.failed = 0;
    }

    /// A try has failed: how long to wait before the next, or `None` to give up. `asked` is the server's own wish.
    pub(crate) fn next_pause(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let doubled = 2_u32.saturating_pow(self.failed);
        self.failed += 1;
        let pause = asked
            .unwrap_or_else(|| self.retry.first_pause.saturating_mul(doubled).min(self.retry.longest_pause));
        (self.failed < self.retry.tries && pause <= self.retry.longest_pause).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patience() -> Patience {
        Patience::new(Retry {
            tries: 4,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(3),
            silence: Duration::MAX,
        })
    }

    fn seconds(pause: Option<Duration>) -> Option<u64> {
        pause.map(|pause| pause.as_secs())
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_then_end() {
        let mut patience = patience();
        let pauses: Vec<_> = (0..4).map(|_| seconds(patience.next_pause(None))).collect();
        assert_eq!(pauses, [Some(1), Some(2), Some(3), None]);
    }

    #[test]
    fn a_byte_received_starts_the_count_anew() {
        let mut patience = patience();
        for _ in 0..100 {
            assert_eq!(seconds(patience.next_pause(None)), Some(1));
            patience.renew();
        }
    }

    #[test]
    fn the_servers_wish_is_followed_unless_it_is_too_long() {
        assert_eq!(seconds(patience().next_pause(Some(Duration::from_secs(2)))), Some(2));
        assert_eq!(patience().next_pause(Some(Duration::from_secs(4))), None);
    }
}
