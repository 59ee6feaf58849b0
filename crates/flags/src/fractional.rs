//! The plain `fractional` rule of a flagd document: literal arms, bucketed by a literal, a variable of the context, or flag
//! key and targeting key. Enough to hold our buckets against published vectors; other expressions are told apart, not guessed.

use serde_json::Value;

use crate::bucket::bucket;
use crate::murmur3::Murmur3;

/// flagd's limit for a weight and for the sum of them.
const MAX_WEIGHT: u32 = i32::MAX as u32;

/// An expression that a plain rule has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotPlain {
    #[error("the bucketing value is an expression other than `var`")]
    BucketingValue,
    #[error("an arm is an expression")]
    Arm,
}

/// The arm that a rule's arguments pick; `None` where flagd's rule gives null and the default variant is served.
pub(crate) fn fractional<'a>(
    arguments: &'a [Value],
    flag_key: &str,
    context: &Value,
) -> Result<Option<&'a Value>, NotPlain> {
    let (bucketing_value, arms) = match arguments.split_first() {
        Some((first, arms)) if !first.is_array() => (bucketing_value(first, context)?, arms),
        _ => (None, arguments),
    };
    if arms.iter().any(|arm| arm.get(0).is_some_and(Value::is_object)) {
        return Err(NotPlain::Arm);
    }
    let hash = match (bucketing_value, context["targetingKey"].as_str()) {
        (Some(value), _) => Murmur3::of(value.as_bytes()),
        (None, Some(key)) if !key.is_empty() => {
            Murmur3::default().then(flag_key.as_bytes()).then(key.as_bytes()).finish()
        }
        _ => return Ok(None),
    };
    Ok(pick(arms, hash))
}

/// What to hash; `None` where it is no string and flag key and targeting key stand in for it.
fn bucketing_value<'a>(given: &'a Value, context: &'a Value) -> Result<Option<&'a str>, NotPlain> {
    match given {
        Value::Object(expression) => match expression.get("var").and_then(Value::as_str) {
            Some(name) if expression.len() == 1 && !name.contains(['.', '$']) => Ok(context[name].as_str()),
            _ => Err(NotPlain::BucketingValue),
        },
        literal => Ok(literal.as_str()),
    }
}

/// Walks the arms in order and takes the first whose end lies beyond the bucket.
fn pick(arms: &[Value], hash: u32) -> Option<&Value> {
    let weights = arms.iter().map(weight).collect::<Option<Vec<u32>>>()?;
    let total = weights.iter().try_fold(0u32, |sum, &weight| sum.checked_add(weight))?;
    if total == 0 || total > MAX_WEIGHT {
        return None;
    }
    let bucket = bucket(hash, total);
    let mut end = 0;
    let arm = arms.iter().zip(weights).find(|&(_, weight)| {
        end += weight;
        bucket < end
    });
    arm.and_then(|(arm, _)| arm.get(0)).filter(|variant| !variant.is_null())
}

fn weight(arm: &Value) -> Option<u32> {
    match arm.as_array()?.get(1) {
        None | Some(Value::Null) => Some(1),
        Some(weight) => {
            let weight = weight.as_f64().filter(|weight| weight.fract() == 0.0)?;
            (weight <= f64::from(MAX_WEIGHT)).then_some(weight.max(0.0) as u32)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(rule: Value, context: Value, expected: Result<Option<&str>, NotPlain>) {
        let arguments = rule.as_array().unwrap();
        let picked = fractional(arguments, "flag", &context).map(|arm| arm.and_then(Value::as_str));
        assert_eq!(picked, expected, "{rule} in {context}");
    }

    #[test]
    fn without_a_key_there_is_no_bucket() {
        for key in [json!({}), json!({"targetingKey": null}), json!({"targetingKey": ""})] {
            check(json!([["on", 1]]), key, Ok(None));
        }
    }

    #[test]
    fn weights_that_make_no_share_pick_nothing() {
        let caller = json!({"targetingKey": "somebody"});
        check(json!([["on", 0.5], ["off", 1]]), caller.clone(), Ok(None));
        check(json!([["on", 2147483647], ["off", 1]]), caller.clone(), Ok(None));
        check(json!([["on", 2147483648u32]]), caller.clone(), Ok(None));
        check(json!([["on", 0], ["off", -3]]), caller.clone(), Ok(None));
        check(json!([]), caller, Ok(None));
    }

    #[test]
    fn a_weight_left_out_is_one_and_a_negative_one_is_nothing() {
        let caller = json!({"targetingKey": "somebody"});
        check(json!([["on", -1], ["off"]]), caller.clone(), Ok(Some("off")));
        check(json!([["on", null], ["off", 0]]), caller, Ok(Some("on")));
    }

    #[test]
    fn a_variable_that_is_missing_leaves_it_to_the_targeting_key() {
        let rule = json!([{"var": "email"}, ["on", 1]]);
        check(rule.clone(), json!({"targetingKey": "somebody"}), Ok(Some("on")));
        check(rule.clone(), json!({"email": "a@b"}), Ok(Some("on")));
        check(rule, json!({}), Ok(None));
    }

    #[test]
    fn other_expressions_are_not_guessed() {
        let by_cat = json!([{"cat": ["a", "b"]}, ["on", 1]]);
        check(by_cat, json!({}), Err(NotPlain::BucketingValue));
        check(json!([[{"if": [true, "on"]}, 1]]), json!({}), Err(NotPlain::Arm));
    }
}
