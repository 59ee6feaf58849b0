//! What some facts of a relation look like: which kind its values are, and what things it is said of.

use find_facts_core::{Deadline, FactStore, Part, Pattern, Predicate, StoreError};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::english::{Kind, Role, Token, tokens};

/// Facts that are looked at to see what a relation's values are.
const SAMPLE: usize = 200;
/// The share of values that have to be numbers or years for a relation to be one of these.
const MOSTLY: f32 = 0.9;
/// Facts that are looked for the other way round, and the share of them from which on a relation says the same in both directions.
const MIRRORS: usize = 50;
const MIRRORED: f32 = 0.5;
/// Fewer names than these tell nothing of what they are names of.
const NAMES: usize = 10;
/// Nouns that are taken from names.
const NOUNS: usize = 2;

/// What some facts of a relation look like.
pub(crate) struct Sample {
    numbers: f32,
    years: f32,
    /// How many objects a subject has on average, and how many subjects an object.
    pub(super) forward: f32,
    pub(super) backward: f32,
    /// Whether most facts are there the other way round as well.
    pub(super) symmetric: bool,
    /// Words that most names of its subjects share, and most of its objects: `airport`.
    pub(super) called: [Vec<String>; 2],
}

impl Sample {
    /// What facts look like whose values are of some kinds.
    pub(crate) fn of_kinds(values: &[Kind]) -> Self {
        let share = |kind: Kind| if values == [kind] { 1.0 } else { 0.0 };
        let (numbers, years) = (share(Kind::Number), share(Kind::Date));
        Self { numbers, years, forward: 1.0, backward: 1.0, symmetric: false, called: Default::default() }
    }

    pub(super) fn of(
        predicate: &Predicate,
        store: &dyn FactStore,
        deadline: &Deadline,
    ) -> Result<Self, StoreError> {
        let pattern = Pattern { predicate: Some(&predicate.name), ..Pattern::default() };
        let facts = store.find(pattern, SAMPLE, deadline)?;
        let all = facts.len().max(1) as f32;
        let share = |is: fn(&str) -> bool| facts.iter().filter(|fact| is(&fact.object)).count() as f32 / all;
        let [subjects, objects] = [Part::Subject, Part::Object]
            .map(|part| facts.iter().map(|fact| &**fact.part(part)).collect::<FxHashSet<_>>());
        let mut mirrored = 0;
        for fact in facts.iter().take(MIRRORS) {
            let turned = Pattern { subject: Some(&fact.object), object: Some(&fact.subject), ..pattern };
            mirrored += store.find(turned, 1, deadline)?.len();
        }
        let found = Self {
            symmetric: mirrored as f32 / facts.len().clamp(1, MIRRORS) as f32 >= MIRRORED,
            numbers: share(is_number),
            years: share(is_date),
            forward: all / subjects.len().max(1) as f32,
            backward: all / objects.len().max(1) as f32,
            called: Default::default(),
        };
        // Values with a unit are no names.
        let of_objects = if found.kinds().is_some() { Vec::new() } else { called(&objects) };
        Ok(Self { called: [called(&subjects), of_objects], ..found })
    }

    /// The kind of the values, where they are no names.
    pub(super) fn kinds(&self) -> Option<Vec<Kind>> {
        if self.years >= MOSTLY {
            Some(vec![Kind::Date])
        } else if self.numbers >= MOSTLY {
            Some(vec![Kind::Number])
        } else {
            None
        }
    }
}

/// The words that most of some names share, the commonest first; none of a few names, which may share one by chance.
fn called(names: &FxHashSet<&str>) -> Vec<String> {
    if names.len() < NAMES {
        return Vec::new();
    }
    let mut shared: FxHashMap<String, usize> = FxHashMap::default();
    for name in names {
        let is_noun =
            |token: &Token| token.role == Role::Content && token.folded.starts_with(char::is_alphabetic);
        let words = tokens(name).into_iter().filter(is_noun);
        for word in words.map(|token| token.folded).collect::<FxHashSet<_>>() {
            *shared.entry(word).or_default() += 1;
        }
    }
    shared.retain(|_, count| *count * 2 > names.len());
    let mut called: Vec<(String, usize)> = shared.into_iter().collect();
    called.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    called.truncate(NOUNS);
    called.into_iter().map(|(word, _)| word).collect()
}

fn is_number(text: &str) -> bool {
    text.replace([',', ' '], "").parse::<f64>().is_ok()
}

fn is_date(text: &str) -> bool {
    let year = text.split('-').next().unwrap_or_default();
    text.parse::<find_facts_core::PartialDate>().is_ok() && matches!(year.parse::<u16>(), Ok(1000..2200))
}
