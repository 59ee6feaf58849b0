//! Reads the table of relations, and writes out the wordings that a verb or a noun makes by rule.

use crate::english::{Kind, kinds_of, stem};

/// A relation of general knowledge.
#[derive(Debug, Clone, Default)]
pub(crate) struct Concept {
    /// Names it goes by, the most usual first.
    pub(crate) names: Vec<String>,
    /// Names that say it from the other side: `director of`, `directed`.
    pub(crate) reversed: Vec<String>,
    /// Wordings whose answer is what stands on the right.
    pub(crate) forward: Vec<String>,
    /// Wordings whose answer is what stands on the left.
    pub(crate) backward: Vec<String>,
    /// Words for what stands on the left and on the right.
    pub(crate) sides: [Vec<String>; 2],
}

impl Concept {
    /// The broad kinds of what stands on the right.
    pub(crate) fn answers(&self) -> Vec<Kind> {
        kinds_of(self.sides[1].iter().map(|word| stem(word)))
    }

    /// The broad kinds of what stands on the left.
    pub(crate) fn subjects(&self) -> Vec<Kind> {
        kinds_of(self.sides[0].iter().map(|word| stem(word)))
    }
}

/// Reads the table. A line that is none of its kinds is passed over; a test holds that there is none.
pub(crate) fn parse(text: &str) -> Vec<Concept> {
    let mut concepts: Vec<Concept> = Vec::new();
    for line in text.lines() {
        let Some((mark, rest)) = line.split_once(' ') else { continue };
        if mark == "=" {
            concepts.push(Concept { sides: sides(rest), ..Concept::default() });
        }
        let Some(concept) = concepts.last_mut() else { continue };
        match mark {
            "n" => names(concept, rest),
            "v" => verb(concept, rest, true),
            "a" => verb(concept, rest, false),
            ">" => concept.forward.extend(listed(rest, ';')),
            "<" => concept.backward.extend(listed(rest, ';')),
            _ => {}
        }
    }
    concepts
}

fn listed(text: &str, mark: char) -> impl Iterator<Item = String> {
    text.split(mark).map(|item| item.trim().to_owned()).filter(|item| !item.is_empty())
}

fn sides(text: &str) -> [Vec<String>; 2] {
    let (left, right) = text.split_once('>').unwrap_or((text, ""));
    [listed(left, ',').collect(), listed(right, ',').collect()]
}

fn names(concept: &mut Concept, text: &str) {
    for name in listed(text, ';') {
        concept.reversed.push(format!("{name} of"));
        concept.names.push(name);
    }
}

/// What a verb makes by rule. `by_answer` where its doer is the answer: "directed by".
fn verb(concept: &mut Concept, text: &str, by_answer: bool) {
    let forms: Vec<String> = listed(text, ',').collect();
    let [base, third, past, participle, doers] = &forms[..] else { return };
    let (patient, doer, doer_side) = match by_answer {
        true => (&mut concept.forward, &mut concept.backward, 0),
        false => (&mut concept.backward, &mut concept.forward, 1),
    };
    patient.extend([
        format!("who {past} X"),
        format!("who {third} X"),
        format!("who was X {participle} by"),
        format!("X was {participle} by"),
        format!("X has been {participle} by whom"),
    ]);
    doer.extend([
        format!("what did X {base}"),
        format!("what was {participle} by X"),
        format!("X {past} what"),
        format!("what has X {participle}"),
    ]);
    for kind in &concept.sides[doer_side] {
        doer.extend([
            format!("which {kind} did X {base}"),
            format!("{kind} {participle} by X"),
            format!("X {past} which {kind}"),
        ]);
    }
    for noun in doers.split('/').map(str::trim) {
        patient.extend([format!("who is the {noun} of X"), format!("X {noun}")]);
        doer.extend([format!("what is X the {noun} of"), format!("what was X the {noun} of")]);
        for kind in &concept.sides[doer_side] {
            doer.push(format!("which {kind} was X the {noun} of"));
        }
    }
    if by_answer {
        concept.names.push(format!("{participle} by"));
        concept.reversed.extend([base.clone(), third.clone(), past.clone()]);
    } else {
        concept.names.extend([base.clone(), third.clone(), past.clone()]);
        concept.reversed.push(format!("{participle} by"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_makes_both_directions() {
        let concepts =
            parse("= film > person\nn director\nv direct, directs, directed, directed, director\n");
        let [directed] = &concepts[..] else { unreachable!("one relation was written") };
        assert!(directed.forward.contains(&"who directed X".to_owned()));
        assert!(directed.backward.contains(&"film directed by X".to_owned()));
        assert!(directed.names.contains(&"directed by".to_owned()));
        assert!(directed.reversed.contains(&"director of".to_owned()));
    }

    #[test]
    fn every_line_of_the_table_is_read() {
        for line in include_str!("relations.txt").lines().filter(|line| !line.is_empty()) {
            let mark = line.split(' ').next().unwrap_or_default();
            assert!(["=", "n", "v", "a", ">", "<", "#"].contains(&mark), "{line}");
            if mark == ">" || mark == "<" {
                assert!(
                    listed(&line[1..], ';')
                        .all(|text| text.split(' ').any(|word| word == "X" || word.starts_with("X"))
                            || mark == ">"),
                    "{line}"
                );
            }
            if mark == "v" || mark == "a" {
                assert_eq!(listed(&line[1..], ',').count(), 5, "{line}");
            }
        }
        assert!(crate::lexicon::concepts().iter().all(|concept| !concept.names.is_empty()));
    }
}
