//! One file on its way: who listens, and until when it is wanted.

use std::thread;
use std::time::Duration;

use find_facts_core::{Deadline, DeadlineExceeded};

/// How often a waiting pull looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(100);

/// What a pull is doing. Every step names the file in the catalogue's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress<'a> {
    /// Another process pulls the same entry; this one waits for it.
    Waiting {
        /// The entry's key.
        id: &'a str,
    },
    /// A source is asked.
    Asking {
        /// The file.
        file: &'a str,
        /// The source.
        source: &'a str,
    },
    /// Bytes have arrived.
    Received {
        /// The file.
        file: &'a str,
        /// So many of it are there.
        bytes: u64,
        /// So many there will be, where known.
        total: Option<u64>,
    },
    /// A try has failed; the next one follows.
    Retrying {
        /// The file.
        file: &'a str,
        /// Why.
        reason: &'a str,
        /// After how long.
        pause: Duration,
    },
    /// The source did not give the file; the next one is asked.
    Failed {
        /// The file.
        file: &'a str,
        /// The source and why.
        reason: &'a str,
    },
    /// The digest is computed.
    Verifying {
        /// The file.
        file: &'a str,
    },
    /// The file is there, whole.
    Ready {
        /// The file.
        file: &'a str,
        /// Whether it was there before.
        before: bool,
    },
}

/// One file on its way.
pub(crate) struct Job<'a> {
    pub(crate) file: &'a str,
    pub(crate) deadline: &'a Deadline,
    pub(crate) listener: &'a mut dyn FnMut(Progress<'_>),
}

impl Job<'_> {
    pub(crate) fn received(&mut self, bytes: u64, total: Option<u64>) {
        (self.listener)(Progress::Received { file: self.file, bytes, total });
    }

    /// Says why, and waits.
    pub(crate) fn pause(&mut self, reason: &str, pause: Duration) -> Result<(), DeadlineExceeded> {
        (self.listener)(Progress::Retrying { file: self.file, reason, pause });
        let mut left = pause;
        while left > Duration::ZERO {
            self.deadline.check()?;
            let nap = left.min(LOOK);
            thread::sleep(nap);
            left -= nap;
        }
        Ok(())
    }
}
