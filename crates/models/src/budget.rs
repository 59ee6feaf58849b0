//! Whether a model may be loaded, and which others go for it: sizes and limits in, decision out.

use std::time::Instant;

/// What all models together may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Language models; the embedder is not one.
    pub language_models: usize,
    /// Bytes, with caches, of all models.
    pub bytes: u64,
}

/// A model that is loaded, or is being loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resident {
    /// Its key in the catalogue.
    pub id: String,
    /// What it takes.
    pub bytes: u64,
    /// Whether it can be unloaded at all: never while a request uses it or it is being loaded, and never the embedder.
    pub movable: bool,
    /// Whether it counts as a language model.
    pub language_model: bool,
    /// When a request last used it.
    pub last_used: Instant,
}

/// A model that may not be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverBudget {
    /// Not even with everything unloaded that is not in use.
    #[error("the model `{id}` needs {required} bytes of memory; {available} of {budget} are available")]
    Memory {
        /// Which model.
        id: String,
        /// What it needs.
        required: u64,
        /// What could be had.
        available: u64,
        /// What all models together may have.
        budget: u64,
    },
    /// As many are in use as may be loaded.
    #[error(
        "the model `{id}` would be one more than the {most} language models that may be loaded; all are in use"
    )]
    Count {
        /// Which model.
        id: String,
        /// How many may be loaded.
        most: usize,
    },
}

impl Budget {
    /// Which residents have to be unloaded, least recently used first, so that the language model `id` of `required`
    /// bytes fits. None goes that is in use, and none when it would not help.
    pub fn admit(&self, id: &str, required: u64, residents: &[Resident]) -> Result<Vec<String>, OverBudget> {
        self.make_room(id, required, 1, residents)
    }

    /// The same for an embedder, of which there may be any number.
    pub fn admit_embedder(
        &self,
        id: &str,
        required: u64,
        residents: &[Resident],
    ) -> Result<Vec<String>, OverBudget> {
        // A limit that was lowered since is the language models' own matter.
        let budget = Self { language_models: usize::MAX, ..*self };
        budget.make_room(id, required, 0, residents)
    }

    fn make_room(
        &self,
        id: &str,
        required: u64,
        language_models: usize,
        residents: &[Resident],
    ) -> Result<Vec<String>, OverBudget> {
        let others = || residents.iter().filter(|resident| resident.id != id);
        let mut count = others().filter(|resident| resident.language_model).count() + language_models;
        let mut taken = others().fold(0_u64, |sum, resident| sum.saturating_add(resident.bytes));
        let mut movable: Vec<&Resident> = others().filter(|resident| resident.movable).collect();
        movable.sort_by_key(|resident| resident.last_used);
        let mut unloaded = Vec::new();
        for resident in movable {
            if count <= self.language_models && taken.saturating_add(required) <= self.bytes {
                break;
            }
            count -= usize::from(resident.language_model);
            taken -= resident.bytes;
            unloaded.push(resident.id.clone());
        }
        if taken.saturating_add(required) > self.bytes {
            let available = self.bytes.saturating_sub(taken);
            return Err(OverBudget::Memory { id: id.to_owned(), required, available, budget: self.bytes });
        }
        if count > self.language_models {
            return Err(OverBudget::Count { id: id.to_owned(), most: self.language_models });
        }
        Ok(unloaded)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const GB: u64 = 1_000_000_000;
    const BUDGET: Budget = Budget { language_models: 3, bytes: 8 * GB };

    /// Residents in the order of their last use; those in capitals are in use, `minilm` is the embedder.
    fn residents(named: &[(&str, u64)]) -> Vec<Resident> {
        let begin = Instant::now();
        let resident = |(order, (name, gigabytes)): (usize, &(&str, u64))| Resident {
            id: (*name).to_owned(),
            bytes: gigabytes * GB,
            movable: *name != "minilm" && name.to_lowercase() == *name,
            language_model: *name != "minilm",
            last_used: begin + Duration::from_secs(order as u64),
        };
        named.iter().enumerate().map(resident).collect()
    }

    fn check(loaded: &[(&str, u64)], required: u64, expected: Result<&[&str], &str>) {
        let decided = BUDGET.admit("new", required * GB, &residents(loaded));
        let decided = decided.map_err(|error| error.to_string());
        let expected = expected.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect());
        match (decided, expected) {
            (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
            (decided, expected) => assert_eq!(decided, expected.map_err(str::to_owned)),
        }
    }

    #[test]
    fn what_fits_unloads_nothing() {
        check(&[], 8, Ok(&[]));
        check(&[("a", 2), ("b", 2)], 4, Ok(&[]));
    }

    #[test]
    fn the_least_recently_used_go_first_and_no_more_than_needed() {
        check(&[("a", 2), ("b", 2), ("c", 2)], 2, Ok(&["a"]));
        check(&[("a", 1), ("b", 6)], 3, Ok(&["a", "b"]));
    }

    #[test]
    fn a_model_in_use_and_the_embedder_stay() {
        check(&[("A", 2), ("b", 2), ("c", 2)], 3, Ok(&["b"]));
        check(&[("minilm", 1), ("a", 1), ("b", 1), ("c", 1)], 1, Ok(&["a"]));
        check(&[("A", 2), ("B", 2), ("C", 2)], 1, Err("all are in use"));
    }

    #[test]
    fn an_embedder_needs_memory_only_and_has_what_is_idle_unloaded_for_it() {
        let admit = |loaded: &[(&str, u64)], required| {
            BUDGET.admit_embedder("new", required * GB, &residents(loaded)).map_err(|error| error.to_string())
        };
        assert_eq!(admit(&[("A", 1), ("B", 1), ("C", 1), ("D", 1)], 4), Ok(vec![]));
        assert_eq!(admit(&[("a", 4), ("b", 4)], 1), Ok(vec!["a".to_owned()]));
        let refused = admit(&[("A", 6), ("b", 1)], 3).unwrap_err();
        assert!(refused.contains("needs 3000000000 bytes of memory; 2000000000 of 8000000000"), "{refused}");
    }

    #[test]
    fn what_is_too_large_is_refused_with_required_and_available_and_unloads_nothing() {
        check(&[("a", 1)], 9, Err("needs 9000000000 bytes of memory; 8000000000 of 8000000000"));
        check(&[("A", 5), ("b", 1)], 4, Err("needs 4000000000 bytes of memory; 3000000000 of 8000000000"));
    }

    #[test]
    fn a_model_loaded_again_does_not_count_twice() {
        check(&[("new", 5), ("a", 2), ("b", 1)], 5, Ok(&[]));
    }
}
