//! How many threads a language model gets. Threads of llama.cpp wait for each other by spinning, and more of them than cores slow
//! each other down many times: so each model gets at least one, and beside that only what no other has.

use std::num::NonZeroUsize;

/// The cores, and what is to be known to share them out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cores {
    pub(super) cores: usize,
    /// As many models are to have a share.
    pub(super) models: usize,
}

impl Cores {
    /// What a model gets, where others have so many threads or may have them once they are loaded.
    pub(super) fn share(self, taken: usize) -> NonZeroUsize {
        let share = (self.cores / self.models.max(1)).min(self.cores.saturating_sub(taken));
        NonZeroUsize::new(share).unwrap_or(NonZeroUsize::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_share_the_cores_and_each_has_one() {
        let shares = [(2, 1, 0), (2, 3, 0), (2, 1, 2), (8, 1, 0), (8, 3, 2), (8, 0, 7)];
        assert_eq!(
            shares.map(|(cores, models, taken)| Cores { cores, models }.share(taken).get()),
            [2, 1, 1, 8, 2, 1]
        );
    }
}
