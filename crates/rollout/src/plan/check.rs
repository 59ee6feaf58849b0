//! From a plan's text to a plan, or to everything that is wrong with it at once.
//! Only the plan's own text decides; nothing is asked of a server.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, Deserializer, Error};

use super::Plan;
use super::fault::{Fault, Faults, position};
use super::infrastructure::InfrastructurePlan;
use super::lint::{self, Known};
use super::template::{Document, Step, parse_path, path_text, shipped, steps};
use super::tier::TierPlan;

/// A document has at most this many repairs before checking stops: more than a plan has fields.
const MOST_FAULTS: usize = 200;

/// Reads a plan. `origin` names it in messages, `known` is what its names are held against.
pub fn check(origin: &str, text: &str, known: &Known) -> Result<Plan, Faults> {
    let failed = |faults| Faults { origin: origin.to_owned(), faults };
    let document = Document::parse(text)
        .map_err(|errors| failed(errors.iter().map(|error| syntax_fault(text, error)).collect()))?;
    let phase = phase(&document).map_err(|message| failed(vec![fault(text, &document, "phase", message)]))?;
    let (plan, mut faults) = match phase {
        1 => read::<InfrastructurePlan>(text, phase, |plan| Plan::Infrastructure(Box::new(plan))),
        _ => read::<TierPlan>(text, phase, |plan| Plan::Tier(Box::new(plan))),
    };
    if let Some(plan) = &plan {
        let repaired: Vec<String> = faults.iter().map(|fault| fault.path.clone()).collect();
        let lints = lint::lint(plan, known).into_iter().filter(|(path, _)| !repaired.contains(path));
        faults.extend(lints.map(|(path, message)| fault(text, &document, &path, message)));
    }
    faults.sort();
    match plan {
        Some(plan) if faults.is_empty() => Ok(plan),
        _ => Err(failed(faults)),
    }
}

fn phase(document: &Document<'_>) -> Result<i64, String> {
    const ACCEPTED: &str = "accepted: `phase = 1`, `phase = 2` or `phase = 3`";
    let Some(value) = document.get(&parse_path("phase")) else {
        return Err(format!("is missing; {ACCEPTED}"));
    };
    let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
    number.filter(|&number| shipped(number).is_some()).ok_or_else(|| format!("names no phase; {ACCEPTED}"))
}

/// Reads the document, and behind every fault goes on with the shipped value in its place.
fn read<T: DeserializeOwned>(text: &str, phase: i64, wrap: fn(T) -> Plan) -> (Option<Plan>, Vec<Fault>) {
    let mut faults = Vec::new();
    let template = shipped(phase).and_then(|shipped| Document::parse(shipped).ok());
    let (Ok(mut document), Some(template)) = (Document::parse(text), template) else { return (None, faults) };
    while faults.len() < MOST_FAULTS {
        match deserialize::<T>(document.table()) {
            Ok(plan) => return (Some(wrap(plan)), faults),
            Err(error) => {
                let at = steps(error.path());
                let found = Found::new(error.inner(), at);
                let offset = error.inner().span().map_or(0, |span| span.start);
                let (line, column) = position(text, offset);
                faults.push(Fault { line, column, path: path_text(&found.at), message: found.message });
                if !found.meant.is_some_and(|meant| document.rename(&found.at, meant)) {
                    document.replace(&found.at, &template);
                }
            }
        }
    }
    (None, faults)
}

fn deserialize<T: DeserializeOwned>(
    table: Spanned<DeTable<'_>>,
) -> Result<T, serde_path_to_error::Error<Error>> {
    serde_path_to_error::deserialize(Deserializer::from(table))
}

/// A fault, and the place that has to be mended before reading can go on.
struct Found {
    at: Vec<Step>,
    /// The key that an unknown one was probably meant to be.
    meant: Option<String>,
    message: String,
}

impl Found {
    fn new(error: &Error, mut at: Vec<Step>) -> Self {
        let message = error.message();
        let named: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let (Some(key), Some(rest)) = (named.first(), named.get(1..)) else {
            return Self { at, meant: None, message: message.to_owned() };
        };
        let step = Step::Key((*key).to_owned());
        if message.starts_with("missing field") {
            at.push(step);
            return Self { at, meant: None, message: "is missing".to_owned() };
        }
        if message.starts_with("unknown field") {
            if at.last() != Some(&step) {
                at.push(step);
            }
            let meant = nearest(key, rest.iter().copied()).map(str::to_owned);
            return Self { at, message: unknown_key(key, meant.as_deref(), rest), meant };
        }
        Self { at, meant: None, message: message.to_owned() }
    }
}

fn unknown_key(key: &str, meant: Option<&str>, accepted: &[&str]) -> String {
    let list = accepted.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match meant {
        Some(near) => format!("unknown key `{key}`; did you mean `{near}`? accepted: {list}"),
        None => format!("unknown key `{key}`; accepted: {list}"),
    }
}

/// The name most like the one given, if any is like it.
pub(super) fn nearest<'n>(given: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // 0.7 lets one typing error in a short word pass and keeps words apart that only share a stem.
    names
        .map(|name| (strsim::jaro_winkler(given, name), name))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

fn syntax_fault(text: &str, error: &Error) -> Fault {
    let (line, column) = position(text, error.span().map_or(0, |span| span.start));
    Fault { line, column, path: String::new(), message: error.message().to_owned() }
}

fn fault(text: &str, document: &Document<'_>, path: &str, message: String) -> Fault {
    let (line, column) = position(text, document.span(&parse_path(path)).start);
    Fault { line, column, path: path.to_owned(), message }
}
