//! Names that tell entities apart: the first to claim a name gets it plain, those after it carry where they are.

use std::collections::HashSet;

/// Names given so far, in lower case: names that differ in nothing else are no help to a reader either.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<String>);

/// What an entity is called in the facts, and how else people would say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) label: String,
    pub(super) aliases: Vec<String>,
}

impl Names {
    /// Gives `plain`, or `plain (place)` with as many of the places as it takes, nearest first.
    /// An entity with a place in its name is also known as `plain, place`.
    pub(super) fn claim(&mut self, plain: &str, places: &[&str]) -> Name {
        let places: Vec<&str> = places.iter().copied().filter(|place| !place.is_empty()).collect();
        let candidates = (0..=places.len()).map(|used| match used {
            0 => plain.to_owned(),
            _ => format!("{plain} ({})", places[..used].join(", ")),
        });
        let free = candidates.into_iter().find(|candidate| !self.is_taken(candidate));
        let label = free.unwrap_or_else(|| self.numbered(plain));
        self.0.insert(label.to_lowercase());
        let aliases = match label == plain {
            true => Vec::new(),
            false => places.iter().map(|place| format!("{plain}, {place}")).collect(),
        };
        Name { label, aliases }
    }

    /// Whether an entity has this name.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.0.contains(&name.to_lowercase())
    }

    fn numbered(&self, plain: &str) -> String {
        let mut number = 2;
        while self.is_taken(&format!("{plain} ({number})")) {
            number += 1;
        }
        format!("{plain} ({number})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(claims: &[(&str, &[&str])], expected: &[&str]) {
        let mut names = Names::default();
        let labels: Vec<String> =
            claims.iter().map(|(plain, places)| names.claim(plain, places).label).collect();
        assert_eq!(labels, expected);
    }

    #[test]
    fn the_first_claim_gets_the_plain_name() {
        check(&[("London", &["England"]), ("London", &["Ontario"])], &["London", "London (Ontario)"]);
    }

    #[test]
    fn no_two_claims_get_the_same_name() {
        let springfield: (&str, &[&str]) = ("Springfield", &["Ohio", "United States"]);
        check(
            &[springfield, springfield, springfield, springfield],
            &["Springfield", "Springfield (Ohio)", "Springfield (Ohio, United States)", "Springfield (2)"],
        );
    }

    #[test]
    fn a_name_with_a_place_is_also_known_the_way_people_say_it() {
        let mut names = Names::default();
        names.claim("London", &[]);
        assert_eq!(
            names.claim("London", &["Ontario", "Canada"]).aliases,
            ["London, Ontario", "London, Canada"]
        );
    }
}
