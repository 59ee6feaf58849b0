//! A plan with everything that a run of it needs: its text, its suites, and the steps they come to.

use std::collections::BTreeMap;
use std::path::Path;

use find_facts_rollout::plan::{Known, PlanSource};
use find_facts_rollout::scale::TimeScale;
use find_facts_rollout::schedule::Schedule;
use find_facts_rollout::suite::{Row, SuiteKind, parse_rows};

use crate::context::Context;
use crate::failure::Failure;

/// A plan that was read and checked.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Its texts.
    pub source: PlanSource,
    /// Its steps.
    pub schedule: Schedule,
    /// The rows of the suites that it names a file for.
    pub suites: BTreeMap<SuiteKind, Vec<Row>>,
}

impl Prepared {
    /// Checks texts.
    pub fn new(source: PlanSource, scale: TimeScale, known: &Known) -> Result<Self, Failure> {
        let plan = source.check(known)?;
        let mut suites = BTreeMap::new();
        for (kind, text) in &source.suites {
            suites.insert(*kind, parse_rows(&format!("suite-{kind}.jsonl"), text)?);
        }
        Ok(Self { source, schedule: Schedule::new(plan, scale), suites })
    }

    /// Reads the plan at `path` and the suites that it names, relative to it.
    pub fn of_file(path: &Path, scale: TimeScale, context: &Context) -> Result<Self, Failure> {
        let known = context.known()?;
        let mut source = PlanSource::new(path.display().to_string(), read(path)?);
        let beside = path.parent().unwrap_or(Path::new(""));
        for (kind, file) in source.check(&known)?.suite_files() {
            let file = beside.join(file);
            let text = read(&file)?;
            // A run reads its own copy under another name; what is wrong is to be mended in this one.
            parse_rows(&file.display().to_string(), &text)?;
            source.suites.insert(kind, text);
        }
        Self::new(source, scale, &known)
    }

    /// The plan of a phase: the one given, else the shipped one of the folder of plans, else the one built in. A plan of
    /// another phase is refused: who asks for one that exposes nobody must not get one that does.
    pub fn of_phase(
        phase: u8,
        given: Option<&Path>,
        scale: TimeScale,
        context: &Context,
    ) -> Result<Self, Failure> {
        if let Some(file) = given.map(Path::to_owned).or_else(|| context.plan_file(phase)) {
            let prepared = Self::of_file(&file, scale, context)?;
            let of = prepared.schedule.plan.phase();
            return if of == phase {
                Ok(prepared)
            } else {
                Err(Failure::OtherPhase { file, of, asked: phase })
            };
        }
        let source = PlanSource::shipped(phase).ok_or(Failure::NoPlan(phase))?;
        Self::new(source, scale, &context.known()?)
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|source| Failure::Unreadable { path: path.to_owned(), source })
}
