//! A wording as its words are compared: what they are, and on which side of the mention they stand.

use std::ops::Range;

use crate::english::{Role, Stem, Token, kind_of};

/// Marks a stem as standing before or after the mention; any two odd numbers will do.
const BEFORE: u64 = 0x9e37_79b9_7f4a_7c15;
const AFTER: u64 = 0xc2b2_ae3d_27d4_eb4f;
/// Stands for a broad kind among the stems, which are hashes.
const KIND: u64 = 0x100;
const HALF: f32 = 0.5;
/// What the side counts beside the word itself: as much, because `who directed X` and `what X directed` differ in nothing else.
const SIDED: f32 = 0.5;

/// The words of a wording with what each counts, sorted.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Shape {
    words: Vec<(Stem, f32)>,
    sided: Vec<(Stem, f32)>,
    mention: bool,
}

impl Shape {
    /// The shape of words, of which those in `mention` are the mention, and the one at `asked` is the noun asked for: "which state"
    /// is half "which country".
    pub(crate) fn new(tokens: &[Token], mention: Option<Range<usize>>, asked: Option<usize>) -> Self {
        let mut shape = Self { mention: mention.is_some(), ..Self::default() };
        let glue_only = tokens.iter().all(|token| token.role != Role::Content);
        for (at, token) in tokens.iter().enumerate() {
            let inside = mention.as_ref().is_some_and(|mention| mention.contains(&at));
            let weight = if glue_only && token.role == Role::Glue { 0.5 } else { token.role.weight() };
            if inside || weight == 0.0 {
                continue;
            }
            let kind = kind_of(token.stem).filter(|_| asked == Some(at));
            let weight = if kind.is_some() { weight * HALF } else { weight };
            for stem in std::iter::once(token.stem).chain(kind.map(|kind| KIND + kind as u64)) {
                shape.words.push((stem, weight));
                if let Some(mention) = &mention {
                    let side = if at < mention.start { BEFORE } else { AFTER };
                    shape.sided.push((stem.wrapping_mul(side), weight));
                }
            }
        }
        for list in [&mut shape.words, &mut shape.sided] {
            list.sort_unstable_by_key(|(stem, _)| *stem);
            list.dedup_by_key(|(stem, _)| *stem);
        }
        shape
    }

    /// Whether a mention stands in it.
    pub(crate) fn has_mention(&self) -> bool {
        self.mention
    }

    /// How much two wordings have in common: 0 is nothing, 1 everything.
    pub(crate) fn likeness(&self, other: &Self) -> f32 {
        let words = share(&self.words, &other.words);
        match self.mention && other.mention {
            true => (1.0 - SIDED) * words + SIDED * share(&self.sided, &other.sided),
            false => words,
        }
    }
}

fn share(a: &[(Stem, f32)], b: &[(Stem, f32)]) -> f32 {
    let total: f32 = a.iter().chain(b).map(|(_, weight)| weight).sum();
    if total == 0.0 {
        return 0.0;
    }
    let (mut left, mut right, mut common) = (0, 0, 0.0f32);
    while let (Some(x), Some(y)) = (a.get(left), b.get(right)) {
        match x.0.cmp(&y.0) {
            std::cmp::Ordering::Less => left += 1,
            std::cmp::Ordering::Greater => right += 1,
            std::cmp::Ordering::Equal => {
                common += x.1 + y.1;
                left += 1;
                right += 1;
            }
        }
    }
    common / total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::english::tokens;

    fn shape(text: &str) -> Shape {
        let words = tokens(text);
        let at = words.iter().position(|token| token.folded == "x");
        Shape::new(&words, at.map(|at| at..at + 1), None)
    }

    #[test]
    fn the_side_of_the_mention_tells_directions_apart() {
        let asked = shape("who directed X");
        assert!(asked.likeness(&shape("who directed X")) > 0.99);
        assert!(asked.likeness(&shape("who directed X")) > asked.likeness(&shape("what X directed")));
        assert!(asked.likeness(&shape("who wrote X")) < 0.5);
    }

    #[test]
    fn wordings_without_words_have_nothing_in_common() {
        assert_eq!(shape("").likeness(&shape("")), 0.0);
    }
}
