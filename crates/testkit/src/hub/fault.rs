//! What the hub can do wrong.

use std::time::Duration;

/// A fault of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubFault {
    /// The next `times` answers break off after so many bytes.
    Cut {
        /// Bytes of the answer that arrive.
        after: usize,
        /// How many answers.
        times: u32,
    },
    /// The content is another one of the same length; what is said of it stays.
    WrongContent,
    /// A page for people instead of the content, as networks send it before one has signed in.
    WebPage,
    /// `Range` is ignored, as simple servers do.
    NoRanges,
    /// The next `times` requests get this status.
    Status {
        /// The status.
        status: u16,
        /// In seconds, as the header says it.
        retry_after: Option<u64>,
        /// The `X-Error-Message` header.
        message: &'static str,
        /// How many requests.
        times: u32,
    },
    /// Only with this bearer token.
    NeedsToken(&'static str),
    /// A piece of 16 KiB, then a pause, and so on.
    Slow {
        /// The pause.
        pause: Duration,
    },
}

impl HubFault {
    /// Whether it strikes now; counts down where it has a number of times.
    pub(super) fn strikes(&mut self) -> bool {
        match self {
            Self::Cut { times, .. } | Self::Status { times, .. } => {
                let left = *times > 0;
                *times = times.saturating_sub(1);
                left
            }
            _ => true,
        }
    }
}
