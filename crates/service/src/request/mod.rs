//! From a body's bytes to a request that has passed every check, or to the problem that names the part at fault.
//! What is not documented to be accepted is refused; unknown keys are ignored, as they always were.

mod fault;
mod shallow;

use std::borrow::Cow;
use std::sync::Arc;

use find_facts_api::Problem;
use find_facts_api::admin::OperatorExtras;
use find_facts_core::{Mode, Part, Parts, Without};
use serde::de::{IgnoredAny, MapAccess};

pub use self::fault::{BODY_LIMIT, CODES, Code, body_too_large};
use self::fault::{bad_value, not_json, wrong_type};
use self::shallow::{Fields, Scalar, Shape};

/// The limit of a request that names none.
pub const DEFAULT_LIMIT: usize = 10;

/// Above this a limit counts as this.
pub const MAX_LIMIT: usize = 100;

/// A request to find facts.
#[derive(Debug, Clone, PartialEq)]
pub struct FindFactsRequest {
    /// What is looked for.
    pub query: Query,
    /// At most this many facts, 1 to [`MAX_LIMIT`].
    pub limit: usize,
    /// The highest mode that may answer, where the request names one.
    pub mode: Option<Mode>,
    /// Nothing below this confidence, 0 to 1; the tier's own threshold where `None`.
    pub min_confidence: Option<f32>,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// Facts with these parts; at least one is given.
    Parts(Parts),
    /// The answer to a question; not blank.
    Text(Arc<str>),
}

/// Reads and checks a body. A number without a fraction is whole however it is written (`10`, `10.0`, `1e1`), and of a
/// key given twice the last one counts.
pub fn parse(body: &[u8]) -> Result<FindFactsRequest, Problem> {
    let Body { query, limit, mode, min_confidence } = read(body)?;
    Ok(FindFactsRequest {
        query: check_query(query)?,
        limit: check_limit(limit)?,
        mode: check_mode(mode)?,
        min_confidence: check_confidence(min_confidence)?,
    })
}

/// The same for an operator's request, which may hide names.
pub fn parse_operator(body: &[u8]) -> Result<(FindFactsRequest, Without), Problem> {
    let request = parse(body)?;
    let extras: OperatorExtras = serde_json::from_slice(body).map_err(|error| {
        Code::WrongType
            .problem(format!("`without` cannot be read: {error}; accepted is {ACCEPTED_WITHOUT}"))
            .at("without")
    })?;
    Ok((request, extras.without))
}

#[derive(Default)]
struct Body<'a> {
    query: Option<Shape<QueryFields<'a>>>,
    limit: Option<Scalar<'a>>,
    mode: Option<Scalar<'a>>,
    min_confidence: Option<Scalar<'a>>,
}

impl<'de> Fields<'de> for Body<'de> {
    fn read<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "query" => self.query = Some(map.next_value()?),
            "limit" => self.limit = Some(map.next_value()?),
            "enhancement_mode" => self.mode = Some(map.next_value()?),
            "min_confidence" => self.min_confidence = Some(map.next_value()?),
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

#[derive(Default)]
struct QueryFields<'a> {
    subject: Option<Scalar<'a>>,
    predicate: Option<Scalar<'a>>,
    object: Option<Scalar<'a>>,
    text: Option<Scalar<'a>>,
}

impl<'de> Fields<'de> for QueryFields<'de> {
    fn read<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "subject" => self.subject = Some(map.next_value()?),
            "predicate" => self.predicate = Some(map.next_value()?),
            "object" => self.object = Some(map.next_value()?),
            "text" => self.text = Some(map.next_value()?),
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

const ACCEPTED_BODY: &str = r#"an object such as {"query":{"subject":"Angola"}}"#;
const ACCEPTED_QUERY: &str =
    "an object with at least one of `subject`, `predicate` and `object`, or with `text`";
const ACCEPTED_LIMIT: &str = "a whole number from 1 on; above 100 it counts as 100";
const ACCEPTED_MODE: &str = "one of exact, entity_linked, semantic_expanded, fuzzy_ranked, research_grade";
const ACCEPTED_CONFIDENCE: &str = "a number from 0 to 1";
const ACCEPTED_WITHOUT: &str = r#"an object such as {"aliases":["Republic of Angola"],"entities":["Angola"],"wordings":["seat of government"]}"#;

fn read(body: &[u8]) -> Result<Body<'_>, Problem> {
    let text = std::str::from_utf8(body).map_err(|error| {
        let before = &body[..error.valid_up_to()];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        not_json("is not UTF-8", line, before.len() - line_start + 1)
    })?;
    let shape = serde_json::from_str::<Shape<Body<'_>>>(text).map_err(|error| {
        let what = if error.is_eof() { "ends too early" } else { "cannot be read as JSON" };
        not_json(what, error.line(), error.column().max(1))
    })?;
    match shape {
        Shape::Object(body) => Ok(body),
        Shape::Other(kind) => Err(wrong_type("body", kind, ACCEPTED_BODY)),
    }
}

fn check_query(query: Option<Shape<QueryFields<'_>>>) -> Result<Query, Problem> {
    let QueryFields { subject, predicate, object, text } = match query {
        Some(Shape::Object(fields)) => fields,
        Some(Shape::Other(kind)) => return Err(wrong_type("query", kind, ACCEPTED_QUERY)),
        None => {
            let detail = format!("`query` is missing; accepted is {ACCEPTED_QUERY}");
            return Err(Code::QueryMissing.problem(detail).at("query"));
        }
    };
    let parts = Parts {
        subject: check_text("query.subject", subject)?,
        predicate: check_text("query.predicate", predicate)?,
        object: check_text("query.object", object)?,
    };
    match check_text("query.text", text)? {
        None if parts.is_empty() => {
            let detail = format!("`query` gives nothing to look for; accepted is {ACCEPTED_QUERY}");
            Err(Code::QueryEmpty.problem(detail).at("query"))
        }
        None => Ok(Query::Parts(parts)),
        Some(_) if !parts.is_empty() => Err(text_with_parts(&parts)),
        Some(text) if text.trim().is_empty() => {
            let detail = "`query.text` is blank; accepted is a question";
            Err(Code::QueryEmpty.problem(detail).at("query.text"))
        }
        Some(text) => Ok(Query::Text(text)),
    }
}

fn text_with_parts(parts: &Parts) -> Problem {
    let given: Vec<String> = Part::ALL
        .into_iter()
        .filter(|part| parts.get(*part).is_some())
        .map(|part| format!("`query.{part}`"))
        .collect();
    let detail = format!(
        "`query.text` is given together with {}; accepted is either a question or parts",
        given.join(" and ")
    );
    Code::TextWithParts.problem(detail).at("query.text")
}

fn check_text(part: &str, value: Option<Scalar<'_>>) -> Result<Option<Arc<str>>, Problem> {
    match value {
        None => Ok(None),
        Some(Scalar::Text(Cow::Borrowed(text))) => Ok(Some(text.into())),
        Some(Scalar::Text(Cow::Owned(text))) => Ok(Some(text.into())),
        Some(other) => Err(wrong_type(part, other.kind(), "a string")),
    }
}

fn check_limit(value: Option<Scalar<'_>>) -> Result<usize, Problem> {
    match value {
        None => Ok(DEFAULT_LIMIT),
        Some(Scalar::Number(number)) if number >= 1.0 && number.fract() == 0.0 => {
            Ok(number.min(MAX_LIMIT as f64) as usize)
        }
        Some(Scalar::Number(number)) => {
            Err(bad_value(Code::InvalidLimit, "limit", &number.to_string(), ACCEPTED_LIMIT))
        }
        Some(other) => Err(wrong_type("limit", other.kind(), ACCEPTED_LIMIT)),
    }
}

fn check_mode(value: Option<Scalar<'_>>) -> Result<Option<Mode>, Problem> {
    match value {
        None => Ok(None),
        Some(Scalar::Text(name)) => match name.parse() {
            Ok(mode) => Ok(Some(mode)),
            Err(_) => Err(bad_value(Code::UnknownMode, "enhancement_mode", &name, ACCEPTED_MODE)),
        },
        Some(other) => Err(wrong_type("enhancement_mode", other.kind(), ACCEPTED_MODE)),
    }
}

fn check_confidence(value: Option<Scalar<'_>>) -> Result<Option<f32>, Problem> {
    match value {
        None => Ok(None),
        Some(Scalar::Number(number)) if (0.0..=1.0).contains(&number) => Ok(Some(number as f32)),
        Some(Scalar::Number(number)) => Err(bad_value(
            Code::InvalidConfidence,
            "min_confidence",
            &number.to_string(),
            ACCEPTED_CONFIDENCE,
        )),
        Some(other) => Err(wrong_type("min_confidence", other.kind(), ACCEPTED_CONFIDENCE)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn check(body: &str, expected: Result<Query, &str>) {
        let actual = parse(body.as_bytes());
        let actual = actual.as_ref().map(|request| &request.query).map_err(Problem::code);
        assert_eq!(actual, expected.as_ref().map_err(|code| *code), "{body}");
    }

    #[test]
    fn a_question_stands_alone() {
        check(r#"{"query":{"text":"Who?"}}"#, Ok(Query::Text("Who?".into())));
        check(r#"{"query":{"text":"Who?","object":"x"}}"#, Err("text-with-parts"));
        check(r#"{"query":{"text":"\t"}}"#, Err("query-empty"));
    }

    #[test]
    fn unknown_values_are_read_over_however_deep_they_nest() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let parts = Parts { subject: Some("x".into()), ..Parts::default() };
        check(&format!(r#"{{"extra":{deep},"query":{{"subject":"x"}}}}"#), Ok(Query::Parts(parts)));
        check(&format!(r#"{{"query":{deep}}}"#), Err("wrong-type"));
    }

    #[test]
    fn an_operator_may_hide_names() {
        let body = br#"{"query":{"subject":"x"},"without":{"aliases":["y"]}}"#;
        let (_, without) = parse_operator(body).unwrap();
        assert_eq!(without, Without { aliases: vec!["y".into()], ..Without::default() });
        let refused = parse_operator(br#"{"query":{"subject":"x"},"without":{"alias":["y"]}}"#).unwrap_err();
        assert_eq!((refused.code(), refused.part.as_deref()), ("wrong-type", Some("without")));
    }

    /// Values that a part of a request may wrongly or rightly have.
    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-3i32..3).prop_map(|number| json!(f64::from(number) / 2.0)),
            ".*".prop_map(Value::from),
            Just(json!([1, {"a": "b"}])),
            Just(json!({"subject": {"subject": "x"}})),
            Just(json!("entity_linked")),
        ]
    }

    fn object(keys: &'static str) -> impl Strategy<Value = Value> {
        proptest::collection::hash_map(keys, value(), 0..4)
            .prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into())
    }

    /// The rules once more, on a whole document.
    fn is_acceptable(body: &Value) -> bool {
        let Some(query) = body.get("query").and_then(Value::as_object) else { return false };
        let ok = |given: Option<&Value>, rule: fn(&Value) -> bool| given.is_none_or(rule);
        let parts = ["subject", "predicate", "object"].map(|part| query.get(part));
        let text = query.get("text");
        parts.iter().all(|part| ok(*part, Value::is_string))
            && ok(text, |text| text.as_str().is_some_and(|text| !text.trim().is_empty()))
            && parts.iter().any(Option::is_some) != text.is_some()
            && ok(body.get("limit"), |limit| limit.as_f64().is_some_and(|n| n >= 1.0 && n.fract() == 0.0))
            && ok(body.get("enhancement_mode"), |mode| {
                mode.as_str().is_some_and(|m| m.parse::<Mode>().is_ok())
            })
            && ok(body.get("min_confidence"), |least| {
                least.as_f64().is_some_and(|n| (0.0..=1.0).contains(&n))
            })
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(body in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(parse(&body).is_err());
        }

        #[test]
        fn every_document_is_judged_by_the_same_rules(
            mut body in object("limit|enhancement_mode|min_confidence|other"),
            query in prop_oneof![object("subject|predicate|object|text|other"), value()],
        ) {
            body["query"] = query;
            let parsed = parse(body.to_string().as_bytes());
            prop_assert_eq!(parsed.is_ok(), is_acceptable(&body), "{}: {:?}", body, parsed);
        }
    }
}
