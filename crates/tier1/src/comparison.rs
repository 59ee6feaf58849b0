//! What sets an entity apart from the others that a mention may mean: by how much each kind of evidence is better than that of the
//! best other entity. The same likeness is worth more where no other name comes near.

use crate::features::{
    BOTH_FORMS_APART, BOTH_SYNONYMS_APART, COMPARED, FORMS, LIKELIHOOD, NAMES_ALIKE, NEARLY_AS_LIKELY,
    POSTERIOR, Row, SECOND_NAME, SYNONYMS,
};

/// Nats of one unit of the feature "likelihood".
const NATS: f32 = 10.0;
/// What a name nobody thought of weighs among the candidates, nats.
const UNKNOWN: f64 = -5.0;
/// Entities are nearly as likely within so many nats.
const NEARLY: f32 = 3.0;

/// The evidence for one entity, the best of all its names' of each kind.
#[derive(Clone, Copy)]
struct Entity {
    evidence: [f32; COMPARED.len()],
    forms: [f32; FORMS.len()],
    synonyms: [f32; SYNONYMS.len()],
    likelihood: f32,
    /// That of its second-likeliest name; none where one name only was weighed.
    second: Option<f32>,
    names: u16,
}

impl Entity {
    const NOTHING: Self = Self {
        evidence: [f32::NEG_INFINITY; COMPARED.len()],
        forms: [f32::NEG_INFINITY; FORMS.len()],
        synonyms: [f32::NEG_INFINITY; SYNONYMS.len()],
        likelihood: f32::NEG_INFINITY,
        second: None,
        names: 0,
    };

    fn add(&mut self, row: &Row) {
        for (best, (feature, _)) in self.evidence.iter_mut().zip(COMPARED) {
            *best = best.max(row[feature]);
        }
        let coverings = self.forms.iter_mut().zip(FORMS).chain(self.synonyms.iter_mut().zip(SYNONYMS));
        for (best, feature) in coverings {
            *best = best.max(row[feature]);
        }
        let likelihood = row[LIKELIHOOD];
        if self.names > 0 {
            let lower = likelihood.min(self.likelihood);
            self.second = Some(self.second.map_or(lower, |second| second.max(lower)));
        }
        self.likelihood = self.likelihood.max(likelihood);
        self.names = self.names.saturating_add(1);
    }

    fn nats(&self) -> f64 {
        f64::from(self.likelihood * NATS)
    }

    fn both_forms(&self) -> f32 {
        self.forms.iter().sum()
    }

    fn both_synonyms(&self) -> f32 {
        self.synonyms.iter().sum()
    }
}

/// The best and the second-best of some values; 0 for one that is not there.
#[derive(Clone, Copy, Default)]
struct Two {
    best: Option<f32>,
    second: Option<f32>,
}

impl Two {
    fn of(values: impl Iterator<Item = f32>) -> Self {
        values.fold(Self::default(), |two, value| match two.best {
            Some(best) if value <= best => {
                Self { second: Some(two.second.map_or(value, |second| second.max(value))), ..two }
            }
            best => Self { best: Some(value), second: best },
        })
    }

    /// The best of the others than the one with this value.
    fn beside(self, own: f32) -> f32 {
        let is_best = self.best.is_some_and(|best| own >= best);
        if is_best { self.second } else { self.best }.unwrap_or(0.0)
    }
}

/// Adds to rows how the entity of each compares with the others. `entity_of` has the entity of each row, as numbers from 0 on.
pub(crate) fn compare<'a>(rows: impl Iterator<Item = &'a mut Row>, entity_of: &[usize]) {
    let mut rows: Vec<&mut Row> = rows.collect();
    let count = entity_of.iter().max().map_or(0, |last| last + 1);
    let mut entities = vec![Entity::NOTHING; count];
    for (row, entity) in rows.iter().zip(entity_of) {
        entities[*entity].add(row);
    }
    let evidence: [Two; COMPARED.len()] =
        std::array::from_fn(|kind| Two::of(entities.iter().map(|entity| entity.evidence[kind])));
    let forms = Two::of(entities.iter().map(Entity::both_forms));
    let synonyms = Two::of(entities.iter().map(Entity::both_synonyms));
    let all: f64 = entities.iter().map(|entity| entity.nats().exp()).sum();
    let mut likelihoods: Vec<f32> = entities.iter().map(|entity| entity.likelihood).collect();
    likelihoods.sort_unstable_by(f32::total_cmp);
    for (row, entity) in rows.iter_mut().zip(entity_of) {
        let entity = &entities[*entity];
        for ((own, two), (_, place)) in entity.evidence.iter().zip(&evidence).zip(COMPARED) {
            row[place] = own - two.beside(*own);
        }
        row[SECOND_NAME] = entity.second.unwrap_or(0.0);
        row[NAMES_ALIKE] = f32::from(entity.names).ln() / 2.0;
        let own = entity.nats().exp();
        let others = (all - own).max(0.0);
        row[POSTERIOR] = ((own + UNKNOWN.exp()).ln() - (others + UNKNOWN.exp()).ln()) as f32 / NATS;
        let least = entity.likelihood - NEARLY / NATS;
        let nearly = likelihoods.len() - likelihoods.partition_point(|likelihood| *likelihood <= least);
        row[NEARLY_AS_LIKELY] = (nearly as f32).ln() / 3.0;
        row[BOTH_FORMS_APART] = entity.both_forms() - forms.beside(entity.both_forms());
        row[BOTH_SYNONYMS_APART] = entity.both_synonyms() - synonyms.beside(entity.both_synonyms());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{FEATURES, value};

    fn row(likelihood: f32) -> Row {
        let mut row = [0.0; FEATURES];
        row[LIKELIHOOD] = likelihood;
        row
    }

    fn compared(likelihoods: &[f32], entity_of: &[usize]) -> Vec<Row> {
        let mut rows: Vec<Row> = likelihoods.iter().map(|likelihood| row(*likelihood)).collect();
        compare(rows.iter_mut(), entity_of);
        rows
    }

    fn check(rows: &[Row], feature: &str, expected: &[f32]) {
        let found: Vec<f32> = rows.iter().map(|row| value(row, feature)).collect();
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-3), "{feature}: {found:?}");
    }

    #[test]
    fn every_name_of_an_entity_is_held_against_the_best_other_entity() {
        let rows = compared(&[1.0, 0.4, 0.7, -0.2], &[0, 0, 1, 2]);
        check(&rows, "likelihood_apart", &[0.3, 0.3, -0.3, -1.2]);
        check(&rows, "likelihood_second_name", &[0.4, 0.4, 0.0, 0.0]);
        check(&rows, "names_alike", &[2f32.ln() / 2.0, 2f32.ln() / 2.0, 0.0, 0.0]);
        check(&rows, "nearly_as_likely", &[0.0, 0.0, 2f32.ln() / 3.0, 3f32.ln() / 3.0]);
    }

    #[test]
    fn entities_that_are_as_likely_are_not_apart() {
        let rows = compared(&[0.9, 0.9], &[0, 1]);
        check(&rows, "likelihood_apart", &[0.0, 0.0]);
        check(&rows, "posterior", &[0.0, 0.0]);
        check(&rows, "nearly_as_likely", &[2f32.ln() / 3.0, 2f32.ln() / 3.0]);
    }

    #[test]
    fn one_alone_is_held_against_a_name_nobody_thought_of() {
        let rows = compared(&[0.5], &[0]);
        check(&rows, "likelihood_apart", &[0.5]);
        check(&rows, "posterior", &[1.0]);
    }

    #[test]
    fn nothing_to_compare_is_no_fault() {
        compare(std::iter::empty(), &[]);
    }
}
