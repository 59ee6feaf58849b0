//! Reads the flags of a document that somebody wrote by hand. It is taken whole or refused whole, with the path and the
//! reason of every fault at once.

use std::fmt;

use find_facts_core::{FlagKey, FlagSet, FlagState, Percent, Segment};
use serde_json::{Map, Value};

/// A path further from every accepted name than this is no slip of the pen, and gets no suggestion.
const NEAR: usize = 4;
const MEMBERS: [&str; 3] = ["enabled", "percentage", "segments"];

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Such as `flags.tier1_entity_linking.percentage`.
    pub path: String,
    /// What stands there and what is accepted.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}

/// Reads an object of flags by name, which stands at `path` of its document. A flag that is absent stays absent.
pub fn read_flags(document: &Value, path: &str) -> Result<FlagSet, Vec<Fault>> {
    let mut reader = Reader { faults: Vec::new() };
    let flags = reader.flags(document, path);
    if reader.faults.is_empty() { Ok(flags) } else { Err(reader.faults) }
}

struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn flags(&mut self, document: &Value, path: &str) -> FlagSet {
        let mut flags = FlagSet::default();
        let Some(members) = self.object(document, path) else { return flags };
        for (name, value) in members {
            let path = format!("{path}.{name}");
            match name.parse::<FlagKey>() {
                Ok(key) => {
                    flags.0.insert(key, self.flag(value, &path));
                }
                Err(_) => self.unknown(path, name, &FlagKey::ALL.map(FlagKey::name)),
            }
        }
        flags
    }

    fn flag(&mut self, value: &Value, path: &str) -> FlagState {
        let mut state = FlagState::default();
        let Some(members) = self.object(value, path) else { return state };
        for name in members.keys().filter(|name| !MEMBERS.contains(&name.as_str())) {
            self.unknown(format!("{path}.{name}"), name, &MEMBERS);
        }
        state.enabled = self.enabled(members.get("enabled"), format!("{path}.enabled"));
        state.percentage = self.percentage(members.get("percentage"), format!("{path}.percentage"));
        if let Some(segments) = members.get("segments") {
            state.segments = self.segments(segments, &format!("{path}.segments"));
        }
        state
    }

    fn enabled(&mut self, value: Option<&Value>, path: String) -> bool {
        let given = value.and_then(Value::as_bool);
        given.unwrap_or_else(|| self.fault(path, is_no(value, "`true` or `false`")))
    }

    fn percentage(&mut self, value: Option<&Value>, path: String) -> Percent {
        let given = value.and_then(Value::as_f64).and_then(|number| Percent::try_from(number).ok());
        given.unwrap_or_else(|| self.fault(path, is_no(value, "a number from 0 to 100 in steps of 0.001")))
    }

    fn segments(&mut self, value: &Value, path: &str) -> Vec<Segment> {
        let Some(names) = value.as_array() else {
            return self.fault(path.to_owned(), is_no(Some(value), "an array of names"));
        };
        let mut segments = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            match name.as_str().filter(|name| !name.trim().is_empty()) {
                Some(name) => segments.push(Segment(name.into())),
                None => self.fault(format!("{path}[{index}]"), is_no(Some(name), "a name")),
            }
        }
        segments
    }

    fn object<'a>(&mut self, value: &'a Value, path: &str) -> Option<&'a Map<String, Value>> {
        value.as_object().or_else(|| self.fault(path.to_owned(), is_no(Some(value), "an object")))
    }

    fn unknown(&mut self, path: String, given: &str, accepted: &[&str]) {
        let hint = match nearest(given, accepted) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("accepted: {}", accepted.join(", ")),
        };
        self.fault(path, format!("unknown key; {hint}"))
    }

    fn fault<T: Default>(&mut self, path: String, reason: String) -> T {
        self.faults.push(Fault { path, reason });
        T::default()
    }
}

fn is_no(given: Option<&Value>, accepted: &str) -> String {
    match given {
        None => format!("missing; accepted: {accepted}"),
        Some(value) => format!("`{value}` is not accepted; accepted: {accepted}"),
    }
}

fn nearest<'a>(given: &str, accepted: &[&'a str]) -> Option<&'a str> {
    let distance = |name: &&str| strsim::osa_distance(given, name);
    accepted.iter().copied().min_by_key(distance).filter(|name| distance(name) <= NEAR.min(name.len() / 2))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(document: Value, expected: &[&str]) {
        let faults = read_flags(&document, "flags").err().unwrap_or_default();
        let mut faults: Vec<String> = faults.iter().map(Fault::to_string).collect();
        // They come in the order of the document's keys, which is as written only where a library of the program keeps it.
        faults.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(faults, expected, "{document}");
    }

    #[test]
    fn what_is_written_out_reads_back() {
        let mut flags = FlagSet::all_off();
        let beta = FlagState {
            enabled: true,
            percentage: Percent::try_from(0.01).unwrap(),
            segments: vec![Segment("research".into())],
        };
        flags.0.insert(FlagKey::Tier3ResearchGrade, beta);
        assert_eq!(read_flags(&serde_json::to_value(&flags).unwrap(), "flags"), Ok(flags));
    }

    #[test]
    fn an_absent_flag_stays_absent_and_segments_may_be_left_out() {
        let document = json!({"tier1_entity_linking": {"enabled": true, "percentage": 5}});
        let flags = read_flags(&document, "flags").unwrap();
        assert_eq!(flags.0.keys().collect::<Vec<_>>(), [&FlagKey::Tier1EntityLinking]);
    }

    #[test]
    fn a_slip_gets_the_nearest_key() {
        check(
            json!({"tier1_entity_linkin": {}}),
            &["flags.tier1_entity_linkin: unknown key; did you mean `tier1_entity_linking`?"],
        );
        check(
            json!({"tier4": {}}),
            &[
                "flags.tier4: unknown key; accepted: tier1_entity_linking, tier2_semantic_expansion, tier3_research_grade",
            ],
        );
    }

    #[test]
    fn all_faults_are_told_at_once() {
        check(
            json!({"tier2_semantic_expansion": {"enabled": "yes", "percentage": 100.5, "segment": ["a"]},
                "tier1_entity_linking": {"enabled": true, "percentage": 0.0001, "segments": ["a", "", 3]}}),
            &[
                "flags.tier1_entity_linking.percentage: `0.0001` is not accepted; accepted: a number from 0 to 100 in steps of 0.001",
                "flags.tier1_entity_linking.segments[1]: `\"\"` is not accepted; accepted: a name",
                "flags.tier1_entity_linking.segments[2]: `3` is not accepted; accepted: a name",
                "flags.tier2_semantic_expansion.segment: unknown key; did you mean `segments`?",
                "flags.tier2_semantic_expansion.enabled: `\"yes\"` is not accepted; accepted: `true` or `false`",
                "flags.tier2_semantic_expansion.percentage: `100.5` is not accepted; accepted: a number from 0 to 100 in steps of 0.001",
            ],
        );
    }

    #[test]
    fn a_flag_says_whether_it_is_enabled_and_for_how_many() {
        check(
            json!({"tier1_entity_linking": {}}),
            &[
                "flags.tier1_entity_linking.enabled: missing; accepted: `true` or `false`",
                "flags.tier1_entity_linking.percentage: missing; accepted: a number from 0 to 100 in steps of 0.001",
            ],
        );
        check(json!([]), &["flags: `[]` is not accepted; accepted: an object"]);
        check(
            json!({"tier1_entity_linking": 5}),
            &["flags.tier1_entity_linking: `5` is not accepted; accepted: an object"],
        );
    }
}
