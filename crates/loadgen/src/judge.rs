//! What is wrong with an answer, if anything. Remembers the first answer to each query: legacy's answer never changes.

use std::collections::HashMap;

use find_facts_api::find_facts::FindFactsResponse;
use find_facts_core::Mode;
use serde::{Deserialize, Serialize};

use crate::pool::{Expected, Query};

/// Something that a client of legacy would not have seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "fault")]
pub enum Fault {
    /// No answer came.
    NoAnswer {
        /// Why not.
        reason: String,
    },
    /// An answer that is an error; every request sent is a valid one.
    Status {
        /// The status.
        status: u16,
    },
    /// An answer that cannot be read.
    Unreadable,
    /// Legacy's answer to this query is not the one it was before.
    Changed,
}

/// What an answer was worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) fault: Option<Fault>,
    /// A tier took part.
    pub(crate) enhanced: bool,
    /// The facts are those that were asked for.
    pub(crate) right: bool,
}

/// Legacy's first answers, by query.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    legacy: HashMap<String, Vec<u8>>,
}

impl Judge {
    /// Judges one answer.
    pub(crate) fn judge(&mut self, query: &Query, answer: Result<(u16, &[u8]), String>) -> Verdict {
        let (status, bytes) = match answer {
            Ok(answer) => answer,
            Err(reason) => return Verdict::failed(Fault::NoAnswer { reason }),
        };
        if status != 200 {
            return Verdict::failed(Fault::Status { status });
        }
        let Ok(response) = serde_json::from_slice::<FindFactsResponse>(bytes) else {
            return Verdict::failed(Fault::Unreadable);
        };
        // To a question even exact mode says what is missing.
        let served = response.data.enhancement.as_ref().map(|enhancement| enhancement.mode_served);
        let enhanced = served.is_some_and(|mode| mode != Mode::Exact);
        // An enhanced answer carries its own milliseconds, and a tier may learn; only legacy's bytes are frozen.
        // Where legacy finds something no tier may run, so an enhanced answer there is a changed one.
        let must_be_legacy = query.expected == Expected::Something;
        let changed = match enhanced {
            true => must_be_legacy,
            false => query.frozen && self.differs(query, bytes),
        };
        Verdict {
            fault: changed.then_some(Fault::Changed),
            enhanced,
            right: is_right(&query.expected, &response),
        }
    }

    fn differs(&mut self, query: &Query, bytes: &[u8]) -> bool {
        match self.legacy.get(&query.body) {
            Some(first) => first != bytes,
            None => {
                self.legacy.insert(query.body.clone(), bytes.to_vec());
                false
            }
        }
    }
}

impl Verdict {
    fn failed(fault: Fault) -> Self {
        Self { fault: Some(fault), enhanced: false, right: false }
    }
}

fn is_right(expected: &Expected, response: &FindFactsResponse) -> bool {
    let facts = &response.data.facts;
    match expected {
        Expected::Something => !facts.is_empty(),
        Expected::FactsOf(subject) => {
            !facts.is_empty() && facts.iter().all(|row| *row.fact.subject == **subject)
        }
        Expected::FirstOf(expected) => facts.first().is_some_and(|first| expected.contains(&first.fact)),
        Expected::Nothing => facts.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use find_facts_core::Fact;

    use super::*;
    use crate::mix::Kind;

    fn query(expected: Expected) -> Query {
        Query { kind: Kind::Exact, body: "{}".to_owned(), frozen: true, expected }
    }

    fn answer(subject: &str, enhanced: bool) -> Vec<u8> {
        let enhancement = serde_json::json!({"mode_asked": "entity_linked", "mode_served": "entity_linked", "linked": [],
            "expanded": [], "answers": [], "details": [], "cache": "miss", "models": [], "ms": 1.0});
        let mut data = serde_json::json!({"facts": [{"subject": subject, "predicate": "p", "object": "o", "confidence": 1.0}],
            "count": 1, "limit": 10, "query": {}});
        if enhanced {
            data["enhancement"] = enhancement;
        }
        serde_json::json!({"data": data, "message": "", "suggestions": []}).to_string().into_bytes()
    }

    fn check(expected: Expected, answers: &[&[u8]], fault: Option<Fault>) {
        let mut judge = Judge::default();
        let query = query(expected);
        let last = answers.iter().map(|bytes| judge.judge(&query, Ok((200, bytes)))).last();
        assert_eq!(last.and_then(|verdict| verdict.fault), fault);
    }

    #[test]
    fn an_answer_that_stays_the_same_is_no_fault() {
        check(Expected::Something, &[&answer("a", false), &answer("a", false)], None);
    }

    #[test]
    fn a_changed_legacy_answer_is_a_fault() {
        check(Expected::Something, &[&answer("a", false), &answer("b", false)], Some(Fault::Changed));
        check(Expected::Something, &[&answer("a", true)], Some(Fault::Changed));
    }

    #[test]
    fn an_enhanced_answer_may_come_and_go_where_legacy_found_nothing() {
        let expected = Expected::FactsOf("a".to_owned());
        check(expected, &[&answer("b", false), &answer("a", true), &answer("b", false)], None);
    }

    #[test]
    fn a_question_has_no_legacy_answer_to_keep_to_and_exact_mode_does_not_enhance_it() {
        let unanswered = |ms: &str| {
            let text = String::from_utf8(answer("a", true)).unwrap();
            text.replace("\"mode_served\":\"entity_linked\"", "\"mode_served\":\"exact\"")
                .replace("\"ms\":1.0", ms)
                .into_bytes()
        };
        let question = Query { frozen: false, ..query(Expected::Nothing) };
        let mut judge = Judge::default();
        for ms in ["\"ms\":1.0", "\"ms\":2.0"] {
            let verdict = judge.judge(&question, Ok((200, &unanswered(ms))));
            assert_eq!((verdict.fault, verdict.enhanced), (None, false), "{ms}");
        }
    }

    #[test]
    fn of_several_facts_that_would_do_one_has_to_come_first() {
        let asked = query(Expected::FirstOf(vec![Fact::new("b", "p", "o"), Fact::new("a", "p", "o")]));
        let mut judge = Judge::default();
        assert!(judge.judge(&asked, Ok((200, &answer("a", true)))).right);
        assert!(!judge.judge(&asked, Ok((200, &answer("c", true)))).right);
    }

    #[test]
    fn an_error_status_is_a_fault_whatever_was_asked() {
        let verdict = Judge::default().judge(&query(Expected::Nothing), Ok((503, b"")));
        assert_eq!(verdict.fault, Some(Fault::Status { status: 503 }));
    }

    #[test]
    fn facts_of_another_subject_are_not_right() {
        let mut judge = Judge::default();
        let asked = query(Expected::FactsOf("a".to_owned()));
        assert!(judge.judge(&asked, Ok((200, &answer("a", true)))).right);
        assert!(!judge.judge(&asked, Ok((200, &answer("b", true)))).right);
    }
}
