//! Which of several entities that go by one name a question means.

use find_facts_core::LinkMeans;
use find_facts_tier1::Meant;
use find_facts_tier1::normalise::without_qualifier;

use crate::english::{Stem, tokens};

/// Whether an entity is meant by its whole name.
pub(crate) fn is_whole(meant: &Meant) -> bool {
    matches!(meant.by, LinkMeans::Exact | LinkMeans::Normalized | LinkMeans::Alias | LinkMeans::Words)
}

/// How much less a name counts that is written in another case or with other marks than it was given.
const TO_THE_LETTER: f32 = 4.0;

/// How much more a name counts whose qualifier is what the question says of it.
const AS_SAID: f32 = 16.0;

/// Which of several namesakes is meant, their names tell little: what is asked and said of it tells more. Their chances keep their sum.
pub(crate) fn even_out(given: &str, said: &[Stem], meant: &mut [Meant]) {
    let weight = |meant: &Meant| {
        let other_letters = meant.by == LinkMeans::Normalized && *meant.entity != *given;
        let as_said = has_qualifier(&meant.entity, said);
        meant.confidence.sqrt() * if as_said { AS_SAID } else { 1.0 }
            / if other_letters { TO_THE_LETTER } else { 1.0 }
    };
    let sum: f32 = meant.iter().map(|meant| meant.confidence).sum();
    let weights: f32 = meant.iter().map(weight).sum();
    if weights > 0.0 {
        meant.iter_mut().for_each(|meant| meant.confidence = weight(meant) * sum / weights);
    }
}

/// Whether a name has one of these words in its qualifier: `New York (city)`.
fn has_qualifier(name: &str, words: &[Stem]) -> bool {
    let qualifier = without_qualifier(name).map_or("", |base| &name[base.len()..]);
    !words.is_empty() && tokens(qualifier).iter().any(|token| words.contains(&token.stem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::english::stem;

    fn check(given: &str, said: &[&str], entities: &[(&str, LinkMeans)], expected: &[f32]) {
        let said: Vec<Stem> = said.iter().map(|word| stem(word)).collect();
        let meant = |(entity, by): &(&str, LinkMeans)| Meant {
            entity: (*entity).into(),
            confidence: 0.9 / entities.len() as f32,
            fits: true,
            by: *by,
        };
        let mut meant: Vec<Meant> = entities.iter().map(meant).collect();
        even_out(given, &said, &mut meant);
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
    }

    #[test]
    fn the_name_as_it_is_written_comes_before_one_in_other_letters() {
        let both = [("Rice", LinkMeans::Normalized), ("rice", LinkMeans::Exact)];
        check("rice", &[], &both, &[0.9 / 5.0, 0.9 * 4.0 / 5.0]);
    }
}
