//! A plan's text with the suites it names: what a run copies, and what its digest covers.

use std::collections::BTreeMap;

use super::{Faults, Known, Plan, check};
use crate::suite::SuiteKind;

/// Texts, unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSource {
    /// The file, or the name of a built-in plan.
    pub origin: String,
    /// The plan.
    pub text: String,
    /// Suites that the plan names a file for.
    pub suites: BTreeMap<SuiteKind, String>,
}

impl PlanSource {
    /// A plan that names no files.
    pub fn new(origin: impl Into<String>, text: impl Into<String>) -> Self {
        Self { origin: origin.into(), text: text.into(), suites: BTreeMap::new() }
    }

    /// The shipped plan of a phase, as this program was built with it.
    pub fn shipped(phase: u8) -> Option<Self> {
        super::template::shipped(i64::from(phase))
            .map(|text| Self::new(format!("phase{phase}.toml (built in)"), text))
    }

    /// The plan, or everything that is wrong with it.
    pub fn check(&self, known: &Known) -> Result<Plan, Faults> {
        check(&self.origin, &self.text, known)
    }

    /// Changes with every byte of the plan and its suites.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let suites = self.suites.iter().map(|(kind, text)| (kind.name(), text.as_str()));
        for (name, text) in [("plan", self.text.as_str())].into_iter().chain(suites) {
            hasher.update(name.as_bytes());
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        hasher.finalize().to_hex().as_str()[..32].to_owned()
    }
}
