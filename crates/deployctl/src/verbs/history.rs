//! `history`: this machine's runs, or the server's generations of the flags.

use find_facts_api::admin::FlagHistory;
use find_facts_rollout::journal::{RunSummary, runs};

use crate::context::Context;
use crate::failure::Failure;
use crate::render;

/// Lists this machine's runs, oldest first.
pub fn of_runs(context: &Context) -> Result<(), Failure> {
    let runs = runs(&context.runs)?;
    context.output.show(&runs, |runs| runs_text(runs));
    Ok(())
}

/// Lists the server's generations, oldest first.
pub fn of_flags(context: &Context) -> Result<(), Failure> {
    let history: FlagHistory = context.client()?.get("/admin/v1/flags/history")?;
    context.output.show(&history, flags_text);
    Ok(())
}

fn runs_text(runs: &[RunSummary]) -> String {
    if runs.is_empty() {
        return "no runs yet".to_owned();
    }
    let mut table = render::table(["run", "began", "how it stands", "why", ""]);
    for run in runs {
        table.add_row([
            run.run.clone(),
            render::moment(run.began_ms),
            format!("{:?}", run.status).to_lowercase(),
            run.reason.clone().unwrap_or_default(),
            run.time_scale.to_string(),
        ]);
    }
    table.to_string()
}

fn flags_text(history: &FlagHistory) -> String {
    let mut table = render::table(["generation", "when", "by", "why", "flags"]);
    for record in &history.generations {
        let on = record.flags.0.iter().filter(|(_, state)| state.enabled);
        let on: Vec<String> = on.map(|(key, state)| format!("{key} {} %", state.percentage)).collect();
        table.add_row([
            record.generation.to_string(),
            render::moment(record.time_ms),
            record.by.clone(),
            record.reason.clone(),
            if on.is_empty() { "all off".to_owned() } else { on.join(", ") },
        ]);
    }
    table.to_string()
}
