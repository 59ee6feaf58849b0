//! `doctor`: looks at everything that a phase needs, and says of each thing that is missing how to mend it. Changes nothing.

mod here;
mod there;

use find_facts_rollout::scale::TimeScale;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::run::Prepared;

/// Phases that this version can run.
const PHASES: [u8; 2] = [1, 2];

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Check {
    /// What.
    pub what: String,
    /// How it is.
    pub verdict: Verdict,
    /// What was seen.
    pub saw: String,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As a phase needs it.
    Good,
    /// A phase can begin, but somebody should look.
    Warning,
    /// A phase cannot begin.
    Bad,
}

impl Check {
    /// A thing that is as it should be.
    pub fn good(what: &str, saw: impl Into<String>) -> Self {
        Self { what: what.to_owned(), verdict: Verdict::Good, saw: saw.into(), mend: None }
    }

    /// A thing that should be otherwise.
    pub fn warning(what: &str, saw: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.to_owned(), verdict: Verdict::Warning, saw: saw.into(), mend: Some(mend.into()) }
    }

    /// A thing that stands in the way.
    pub fn bad(what: &str, saw: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.to_owned(), verdict: Verdict::Bad, saw: saw.into(), mend: Some(mend.into()) }
    }
}

/// Looks at everything; a precondition is missing where anything stands in the way.
pub fn doctor(context: &Context) -> Result<Exit, Failure> {
    let mut checks = Vec::new();
    let plans = plans(context, &mut checks);
    checks.extend(here::checks(context, &plans));
    checks.extend(there::checks(context, &plans)?);
    let is_bad = checks.iter().any(|check| check.verdict == Verdict::Bad);
    context.output.show(&checks, |checks| text(checks));
    Ok(if is_bad { Exit::Precondition } else { Exit::Completed })
}

fn plans(context: &Context, checks: &mut Vec<Check>) -> Vec<Prepared> {
    let mut plans = Vec::new();
    for phase in PHASES {
        let what = format!("plan of phase {phase}");
        match Prepared::of_phase(phase, None, TimeScale::REAL, context) {
            Ok(plan) => {
                let steps = plan.schedule.steps.len();
                checks.push(Check::good(&what, format!("{}: {steps} steps", plan.source.origin)));
                plans.push(plan);
            }
            Err(error) => {
                let faults = [vec![error.to_string()], error.details()].concat().join("; ");
                checks.push(Check::bad(
                    &what,
                    faults,
                    "mend the file; `deployctl plan check FILE` says when it is good",
                ));
            }
        }
    }
    plans
}

fn text(checks: &[Check]) -> String {
    let mut table = render::table(["", "what", "found"]);
    for check in checks {
        let verdict = match check.verdict {
            Verdict::Good => "ok",
            Verdict::Warning => "look",
            Verdict::Bad => "BAD",
        };
        let mend = check.mend.as_ref().map(|mend| format!("\nhint: {mend}")).unwrap_or_default();
        table.add_row([verdict, &check.what, &format!("{}{mend}", check.saw)]);
    }
    table.to_string()
}
