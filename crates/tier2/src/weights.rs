//! What the evidence for a relation is weighed with: learned by `find-facts-bench`'s `calibrate-tier2` from wordings that made-up
//! knowledge bases do not know ([`rehearsal`](crate::rehearsal)).

/// Weights in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Of the greatest cosine to a wording of the relation.
    pub cosine: f32,
    /// Of the greatest likeness of words, 0 to 1.
    pub lexical: f32,
    /// Of a name that the knowledge base itself knows.
    pub known: f32,
    /// Of each way in which what is asked for and what the relation gives are of one kind.
    pub agrees: f32,
    /// Of each in which they are not.
    pub differs: f32,
    /// What it costs to read a word as another.
    pub other_words: f32,
    /// What a word of a question costs that neither the mention nor the relation explains.
    pub unexplained: f32,
    /// What "none of them" scores.
    pub none: f32,
    /// What relations count that the entity does not have: a wording may mean one of them all the same.
    pub elsewhere: f32,
    /// Between 0, where they count as much as "none of them", and 1, where they count by their own scores.
    pub elsewhere_power: f32,
    /// What it counts, as a multiple of "none of them", that the words say what the knowledge base has no relation for.
    pub strange: f32,
}

const QUESTION: Weights = Weights {
    cosine: 17.01,
    lexical: 0.99,
    known: 1.00,
    agrees: -0.23,
    differs: -1.74,
    other_words: 2.95,
    unexplained: 0.73,
    none: 8.24,
    elsewhere: 0.43,
    elsewhere_power: 0.78,
    strange: 15.01,
};
const WORDING: Weights = Weights {
    cosine: 9.13,
    lexical: 1.52,
    known: 2.05,
    agrees: -0.13,
    differs: -1.70,
    other_words: 2.84,
    unexplained: 0.61,
    none: 3.46,
    elsewhere: 0.68,
    elsewhere_power: 0.77,
    strange: 1.57,
};
const QUESTION_BY_WORDS: Weights = Weights {
    cosine: 0.00,
    lexical: 8.45,
    known: 1.00,
    agrees: -0.24,
    differs: -1.56,
    other_words: 1.46,
    unexplained: 0.87,
    none: 0.84,
    elsewhere: 0.54,
    elsewhere_power: 0.69,
    strange: 6.63,
};
const WORDING_BY_WORDS: Weights = Weights {
    cosine: 0.00,
    lexical: 7.76,
    known: 3.40,
    agrees: 1.00,
    differs: -2.00,
    other_words: 2.44,
    unexplained: 0.80,
    none: 2.67,
    elsewhere: 0.35,
    elsewhere_power: 0.90,
    strange: 1.08,
};

impl Weights {
    /// Those for a question, or for a wording put to an entity; with vectors or by words alone.
    pub fn of(question: bool, vectors: bool) -> &'static Self {
        match (question, vectors) {
            (true, true) => &QUESTION,
            (false, true) => &WORDING,
            (true, false) => &QUESTION_BY_WORDS,
            (false, false) => &WORDING_BY_WORDS,
        }
    }

    /// Each with its name, to be changed.
    pub fn values_mut(&mut self) -> [(&'static str, &mut f32); 11] {
        [
            ("cosine", &mut self.cosine),
            ("lexical", &mut self.lexical),
            ("known", &mut self.known),
            ("agrees", &mut self.agrees),
            ("differs", &mut self.differs),
            ("other_words", &mut self.other_words),
            ("unexplained", &mut self.unexplained),
            ("none", &mut self.none),
            ("elsewhere", &mut self.elsewhere),
            ("elsewhere_power", &mut self.elsewhere_power),
            ("strange", &mut self.strange),
        ]
    }

    /// The mass against all relations that the entity has: of "none of them", of the relations that it does not have, and of
    /// words that say something else.
    pub(crate) fn against(&self, none: f32, elsewhere: f32, strange: bool) -> f32 {
        let elsewhere =
            self.elsewhere * elsewhere.powf(self.elsewhere_power) * none.powf(1.0 - self.elsewhere_power);
        none + elsewhere + if strange { self.strange * none } else { 0.0 }
    }
}
