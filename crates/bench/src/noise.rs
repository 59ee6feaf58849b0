//! How people get a name wrong or write it shorter, as far as a machine can make it up.

use find_facts_tier1::slip;

use crate::random::Random;
use crate::split::Kind;

/// Makes a mention from a name; none where the name does not lend itself to it.
pub type Maker = fn(&mut Random, &str) -> Option<String>;

/// One maker for each kind of noise.
pub const MAKERS: [(Kind, Maker); 4] =
    [(Kind::Typo, typo), (Kind::Case, case), (Kind::Short, short), (Kind::Part, part)];

/// One edit, in longer names sometimes two: a letter doubled, left out, exchanged with the next, or another struck.
pub fn typo(random: &mut Random, name: &str) -> Option<String> {
    let mut letters: Vec<char> = name.chars().collect();
    let edits = if letters.len() >= 8 && random.chance(0.4) { 2 } else { 1 };
    if letters.len() < 5 {
        return None;
    }
    for _ in 0..edits {
        let at = random.below(letters.len() - 1);
        if !letters[at].is_alphabetic() {
            continue;
        }
        match random.below(4) {
            0 => letters.insert(at, letters[at]),
            1 => drop(letters.remove(at)),
            2 => letters.swap(at, at + 1),
            _ => letters[at] = struck_instead(random, letters[at]),
        }
    }
    let mention: String = letters.into_iter().collect();
    (mention != name).then_some(mention)
}

/// Mostly a key beside, as fingers have it.
fn struck_instead(random: &mut Random, letter: char) -> char {
    let near: Vec<u8> = u8::try_from(letter.to_ascii_lowercase())
        .map(|byte| slip::beside(byte).collect())
        .unwrap_or_default();
    match random.pick(&near) {
        Some(near) if random.chance(0.8) => char::from(*near),
        _ => char::from(b'a' + random.below(26) as u8),
    }
}

/// All capitals or all small letters.
fn case(random: &mut Random, name: &str) -> Option<String> {
    let mention = if random.chance(0.5) { name.to_uppercase() } else { name.to_lowercase() };
    (mention != name).then_some(mention)
}

/// Initials of a name of several words, or of some of them; of one word the first letter and two others.
fn short(random: &mut Random, name: &str) -> Option<String> {
    let words: Vec<&str> = name.split(' ').collect();
    if words.len() >= 4 && random.chance(0.5) {
        return contracted(random, name);
    }
    if words.len() >= 3 {
        return Some(words.iter().filter_map(|word| word.chars().next()).collect::<String>().to_uppercase());
    }
    let letters: Vec<char> = name.chars().filter(|c| c.is_alphabetic()).collect();
    if words.len() > 1 || letters.len() < 4 {
        return None;
    }
    let second = 1 + random.below(letters.len() - 2);
    let third = second + 1 + random.below(letters.len() - second - 1);
    Some([letters[0], letters[second], letters[third]].iter().collect::<String>().to_uppercase())
}

/// A name with the initials of three or four words that stand together instead of these; some other word stays.
pub fn contracted(random: &mut Random, name: &str) -> Option<String> {
    let words: Vec<&str> = name.split(' ').collect();
    if words.len() < 4 {
        return None;
    }
    let length = 3 + random.below((words.len() - 1).min(4) - 2);
    let from = random.below(words.len() - length + 1);
    let run = &words[from..from + length];
    let starts_with_letter = |word: &&str| word.starts_with(char::is_alphabetic);
    let initials = run.iter().filter_map(|word| word.chars().next()).collect::<String>().to_uppercase();
    let short = [&words[..from], &[initials.as_str()], &words[from + length..]].concat();
    run.iter().all(starts_with_letter).then(|| short.join(" "))
}

/// A name of three words or more without its first or its last.
fn part(random: &mut Random, name: &str) -> Option<String> {
    let words: Vec<&str> = name.split(' ').collect();
    let kept = if random.chance(0.5) { words.get(1..)? } else { words.get(..words.len().checked_sub(1)?)? };
    (kept.len() >= 2).then(|| kept.join(" "))
}
