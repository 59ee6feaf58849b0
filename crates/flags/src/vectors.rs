//! Holds hash, buckets and the plain `fractional` rule against a file of published vectors. Every row ends as passed,
//! failed or skipped with the reason: none is dropped silently.

use serde_json::Value;

use crate::bucket::bucket;
use crate::fractional::fractional;
use crate::murmur3::Murmur3;

/// What became of a file's rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that agreed.
    pub passed: usize,
    /// Rows that did not, and how.
    pub failed: Vec<Note>,
    /// Rows about something else, and what.
    pub skipped: Vec<Note>,
}

/// A row and what there is to say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The row's `id`.
    pub id: String,
    /// In a few words.
    pub text: String,
}

/// A document that is no file of vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a file of vectors is an object with an array `rows`")]
pub struct NoVectors;

enum Verdict {
    Passed,
    Failed(String),
    Skipped(String),
}

/// Checks every row of a parsed file.
pub fn check(file: &Value) -> Result<Tally, NoVectors> {
    let mut tally = Tally::default();
    for (number, row) in file["rows"].as_array().ok_or(NoVectors)?.iter().enumerate() {
        let id = row["id"].as_str().map_or_else(|| format!("row {}", number + 1), str::to_owned);
        match check_row(row) {
            Verdict::Passed => tally.passed += 1,
            Verdict::Failed(text) => tally.failed.push(Note { id, text }),
            Verdict::Skipped(text) => tally.skipped.push(Note { id, text }),
        }
    }
    Ok(tally)
}

fn check_row(row: &Value) -> Verdict {
    match row["kind"].as_str() {
        Some("hash" | "bucket") => check_hash(row),
        Some("evaluate") => check_rule(row),
        Some(other) => Verdict::Skipped(format!("rows of kind `{other}` are about something else")),
        None => Verdict::Failed("the row has no `kind`".to_owned()),
    }
}

fn check_hash(row: &Value) -> Verdict {
    let Some(key) = row["key"].as_str() else {
        return Verdict::Failed("the row has no `key`".to_owned());
    };
    let hash = Murmur3::of(key.as_bytes());
    let bucket = row["total_weight"].as_u64().map(|total| bucket(hash, total as u32));
    expect(row, [("murmur3_x86_32", Value::from(hash)), ("v2_bucket", Value::from(bucket))])
}

fn check_rule(row: &Value) -> Verdict {
    if row["version"] != "v2" {
        return Verdict::Skipped(format!("the bucketing is {}, ours is \"v2\"", row["version"]));
    }
    let flag = &row["flag_definition"];
    let rule = flag["targeting"].as_object().filter(|targeting| targeting.len() == 1);
    let arguments = rule.and_then(|rule| rule.get("fractional")).and_then(Value::as_array);
    let (Some(arguments), Some(flag_key)) = (arguments, row["flag_key"].as_str()) else {
        return Verdict::Skipped("the rule is more than a plain `fractional`".to_owned());
    };
    if flag["state"] != "ENABLED" {
        return Verdict::Skipped("the flag is not enabled".to_owned());
    }
    let (variant, reason) = match fractional(arguments, flag_key, &row["context"]) {
        Err(not_plain) => return Verdict::Skipped(not_plain.to_string()),
        Ok(Some(arm)) => (arm, "TARGETING_MATCH"),
        Ok(None) => (&flag["defaultVariant"], "DEFAULT"),
    };
    let Some(value) = variant.as_str().and_then(|name| flag["variants"].get(name)) else {
        return Verdict::Skipped("the arm picked is no variant of the flag".to_owned());
    };
    expect(
        row,
        [
            ("expect_value", value.clone()),
            ("expect_variant", variant.clone()),
            ("expect_reason", Value::from(reason)),
        ],
    )
}

/// Compares with those members that the row has.
fn expect<const N: usize>(row: &Value, ours: [(&str, Value); N]) -> Verdict {
    let wrong = ours.iter().find(|(member, value)| row.get(*member).is_some_and(|theirs| theirs != value));
    match wrong {
        None => Verdict::Passed,
        Some((member, value)) => Verdict::Failed(format!("`{member}` is {}, ours is {value}", row[*member])),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check_one(row: Value, expected: &str) {
        let tally = check(&json!({"rows": [row]})).unwrap();
        let found = match (tally.failed.first(), tally.skipped.first()) {
            (None, None) => "passed".to_owned(),
            (Some(note), _) => format!("{} failed: {}", note.id, note.text),
            (_, Some(note)) => format!("{} skipped: {}", note.id, note.text),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_wrong_hash_is_told_with_both_values() {
        check_one(json!({"id": "h1", "kind": "hash", "key": "", "murmur3_x86_32": 0}), "passed");
        check_one(
            json!({"id": "h2", "kind": "hash", "key": "", "murmur3_x86_32": 1}),
            "h2 failed: `murmur3_x86_32` is 1, ours is 0",
        );
    }

    #[test]
    fn a_wrong_bucket_is_told_too() {
        check_one(
            json!({"id": "b1", "kind": "bucket", "key": "test", "total_weight": 100, "v2_bucket": 12}),
            "b1 failed: `v2_bucket` is 12, ours is 72",
        );
    }

    #[test]
    fn rows_about_something_else_are_skipped_with_the_reason() {
        check_one(
            json!({"id": "s1", "kind": "semver_compare"}),
            "s1 skipped: rows of kind `semver_compare` are about something else",
        );
        let flag = json!({"targeting": {"if": []}});
        check_one(
            json!({"id": "e1", "kind": "evaluate", "version": "v2", "flag_key": "k", "flag_definition": flag}),
            "e1 skipped: the rule is more than a plain `fractional`",
        );
    }

    #[test]
    fn a_plain_rule_is_evaluated() {
        let flag = json!({"state": "ENABLED", "variants": {"on": 1, "off": 2}, "defaultVariant": "off",
            "targeting": {"fractional": [["on", 1]]}});
        let mut row = json!({"kind": "evaluate", "version": "v2", "flag_key": "k", "flag_definition": flag,
            "context": {"targetingKey": "a"}, "expect_value": 1, "expect_reason": "TARGETING_MATCH"});
        check_one(row.clone(), "passed");
        row["context"] = json!({});
        check_one(row, "row 1 failed: `expect_value` is 1, ours is 2");
    }

    #[test]
    fn another_document_is_refused() {
        assert_eq!(check(&json!([])), Err(NoVectors));
    }
}
