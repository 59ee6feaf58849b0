//! Which of several entities that go by one name a question means.

use find_facts_core::LinkMeans;
use find_facts_tier1::Meant;
use find_facts_tier1::normalise::without_qualifier;

use crate::english::tokens;

/// Whether an entity is meant by its whole name.
pub(crate) fn is_whole(meant: &Meant) -> bool {
    matches!(meant.by, LinkMeans::Exact | LinkMeans::Normalized | LinkMeans::Alias | LinkMeans::Words)
}

/// How much less a name counts that is written in another case or with other marks than it was given.
const TO_THE_LETTER: f32 = 4.0;

/// How much more a name counts whose qualifier is what the question says of it. Set by hand: it outweighs all but a name that is
/// hardly like the mention.
const AS_SAID: f32 = 16.0;

/// Which of several namesakes is meant, their names tell little: what is asked and said of it tells more. Their chances keep their sum.
pub(crate) fn even_out(given: &str, said: &[&str], meant: &mut [Meant]) {
    let weight = |meant: &Meant| {
        let other_letters = meant.by == LinkMeans::Normalized && *meant.entity != *given;
        let as_said = if has_qualifier(&meant.entity, said) { AS_SAID } else { 1.0 };
        meant.confidence.sqrt() * as_said / if other_letters { TO_THE_LETTER } else { 1.0 }
    };
    let weights: Vec<f32> = meant.iter().map(weight).collect();
    let sum: f32 = meant.iter().map(|meant| meant.confidence).sum();
    let of_all: f32 = weights.iter().sum();
    if of_all > 0.0 {
        for (meant, weight) in meant.iter_mut().zip(weights) {
            meant.confidence = weight * sum / of_all;
        }
    }
}

/// Whether one of these folded words is the kind that a name has in its qualifier: `New York (city)`, `Heat (1995 film)`, but not
/// `Lebanon (United States, TN)`.
fn has_qualifier(name: &str, words: &[&str]) -> bool {
    let Some(base) = without_qualifier(name).filter(|_| !words.is_empty()) else { return false };
    let qualifier = name[base.len()..].trim().trim_start_matches('(').trim_end_matches(')');
    let kinds = qualifier.split(',').filter_map(|part| tokens(part).pop());
    kinds.into_iter().any(|kind| !kind.capital && words.contains(&&*kind.folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &str, said: &[&str], entities: &[(&str, LinkMeans)], expected: &[f32]) {
        let meant = |(entity, by): &(&str, LinkMeans)| Meant {
            entity: (*entity).into(),
            confidence: 0.9 / entities.len() as f32,
            fits: true,
            by: *by,
        };
        let mut meant: Vec<Meant> = entities.iter().map(meant).collect();
        even_out(given, said, &mut meant);
        let close =
            meant.iter().zip(expected).all(|(meant, wanted)| (meant.confidence - wanted).abs() < 0.01);
        assert!(close, "{meant:?}");
    }

    #[test]
    fn what_is_said_of_a_name_tells_it_from_its_namesakes() {
        let both = [("new york", LinkMeans::Exact), ("new york (city)", LinkMeans::Words)];
        check("new york", &["city"], &both, &[0.9 / 17.0, 0.9 * 16.0 / 17.0]);
        check("new york", &["river"], &both, &[0.45, 0.45]);
        check("new york", &[], &both, &[0.45, 0.45]);
        let both = [("Heat", LinkMeans::Exact), ("Heat (1995 film)", LinkMeans::Words)];
        check("Heat", &["film"], &both, &[0.9 / 17.0, 0.9 * 16.0 / 17.0]);
    }

    #[test]
    fn a_name_within_a_qualifier_says_no_kind() {
        let both = [("Lebanon", LinkMeans::Exact), ("Lebanon (United States, TN)", LinkMeans::Words)];
        check("Lebanon", &["state"], &both, &[0.45, 0.45]);
        let both = [("lebanon", LinkMeans::Exact), ("lebanon (united states)", LinkMeans::Words)];
        check("lebanon", &["state"], &both, &[0.45, 0.45]);
    }

    #[test]
    fn the_name_as_it_is_written_comes_before_one_in_other_letters() {
        let both = [("Rice", LinkMeans::Normalized), ("rice", LinkMeans::Exact)];
        check("rice", &[], &both, &[0.9 / 5.0, 0.9 * 4.0 / 5.0]);
    }
}
