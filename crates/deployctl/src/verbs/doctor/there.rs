//! What a phase needs of the server: that it answers and takes the token, is well, is free, agrees about the time, and
//! looks at its figures often enough for the plan's windows.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use find_facts_api::admin::{FlagDocument, Lease, ModelList, ModelState, ServerInfo};
use find_facts_core::health::Status;
use find_facts_core::{Clock, HealthReport, SystemClock};
use find_facts_rollout::plan::duration_text;

use super::Check;
use crate::client::{AdminClient, CallError};
use crate::context::Context;
use crate::failure::Failure;
use crate::render;
use crate::run::Prepared;

/// Times of the two machines stand side by side in reports; what is further apart puzzles their readers.
const SKEW: Duration = Duration::from_secs(5);

/// Everything about the server. One that does not answer is one check.
pub(super) fn checks(context: &Context, plans: &[Prepared]) -> Result<Vec<Check>, Failure> {
    let client = context.client()?;
    let info: ServerInfo = match client.get("/admin/v1/info") {
        Ok(info) => info,
        Err(error) => return Ok(vec![unreachable(error)]),
    };
    let parts: Vec<String> = info.monitoring.iter().map(|part| format!("{part:?}").to_lowercase()).collect();
    let mut checks = vec![Check::good(
        "server",
        format!("{}, version {}, monitoring: {}", client.base(), info.version, parts.join(", ")),
    )];
    checks.push(schema(&info));
    checks.extend(asked(health(&client, plans), "health"));
    checks.extend(asked(flags(&client), "flags"));
    checks.extend(asked(models(&client, plans), "server's models"));
    checks.extend(asked(lease(&client), "lease"));
    Ok(checks)
}

fn asked(answer: Result<Vec<Check>, CallError>, what: &str) -> Vec<Check> {
    answer.unwrap_or_else(|error| vec![Check::bad(what, error.to_string(), "look into the server's log")])
}

fn unreachable(error: CallError) -> Check {
    let failure = Failure::from(error);
    let causes = std::iter::successors(std::error::Error::source(&failure), |&cause| cause.source());
    let saw = std::iter::once(failure.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>();
    Check::bad(
        "server",
        saw.join(": "),
        failure.hint().unwrap_or_else(|| "look into the server's log".to_owned()),
    )
}

fn schema(info: &ServerInfo) -> Check {
    let (version, latest) = (info.store.version, info.store.latest);
    if version == latest {
        return Check::good("store", format!("format {version}"));
    }
    Check::warning("store", format!("format {version}; this server writes {latest}"), "phase 1 migrates it")
}

fn health(client: &AdminClient, plans: &[Prepared]) -> Result<Vec<Check>, CallError> {
    let before = SystemClock.wall();
    let report: HealthReport = client.get("/admin/v1/health")?;
    let after = SystemClock.wall();
    Ok(vec![
        wellbeing(&report),
        knowledge_base(&report),
        window(&report, plans),
        skew(report.time_ms, before, after),
    ])
}

fn wellbeing(report: &HealthReport) -> Check {
    let status = format!("{:?}, ceiling {}", report.status, report.ceiling).to_lowercase();
    if report.status == Status::Healthy {
        return Check::good("health", status);
    }
    Check::warning(
        "health",
        format!("{status}: {}", report.reasons.join("; ")),
        "a step goes on only when healthy",
    )
}

fn knowledge_base(report: &HealthReport) -> Check {
    match report.kb.facts {
        0 => Check::bad(
            "knowledge base",
            "it has no facts",
            "start the server with --kb and a folder that has some",
        ),
        facts => {
            Check::good("knowledge base", format!("{facts} facts about {} entities", report.kb.entities))
        }
    }
}

fn window(report: &HealthReport, plans: &[Prepared]) -> Check {
    const WHAT: &str = "health window";
    let health = Duration::try_from_secs_f64(report.window.seconds).unwrap_or_default();
    let shortest = plans.iter().filter_map(|plan| plan.schedule.shortest_window()).min();
    match shortest {
        Some(shortest) if shortest < health => Check::bad(
            WHAT,
            format!(
                "{}, longer than the shortest window of a plan, {}",
                duration_text(health),
                duration_text(shortest)
            ),
            "lengthen the plan's windows, or let the server assess its health more often",
        ),
        Some(shortest) => {
            let scale = (shortest.as_secs_f64() / health.as_secs_f64().max(1.0)).floor();
            Check::good(
                WHAT,
                format!("{}; a rehearsal can go up to --time-scale {scale}", duration_text(health)),
            )
        }
        None => Check::good(WHAT, duration_text(health)),
    }
}

fn skew(server_ms: u64, before: SystemTime, after: SystemTime) -> Check {
    const WHAT: &str = "clock";
    let server = UNIX_EPOCH + Duration::from_millis(server_ms);
    let early = before.duration_since(server).unwrap_or_default();
    let late = server.duration_since(after).unwrap_or_default();
    let apart = early.max(late);
    // Whole seconds: the answer's way here and back is not the clocks' doing.
    let shown = format!("{} s apart from the server's", apart.as_secs());
    if apart <= SKEW {
        return Check::good(WHAT, shown);
    }
    Check::warning(WHAT, shown, "let both machines follow the same time server")
}

fn flags(client: &AdminClient) -> Result<Vec<Check>, CallError> {
    let document: FlagDocument = super::super::flags::get(client)?;
    let on = document.flags.0.iter().filter(|(_, state)| state.enabled);
    let on: Vec<String> = on.map(|(key, state)| format!("{key} {} %", state.percentage)).collect();
    let on = if on.is_empty() { "all off".to_owned() } else { on.join(", ") };
    let mut checks = vec![Check::good("flags", format!("generation {}: {on}", document.generation))];
    if !document.masks.is_empty() {
        let mend = "unset the variable, or remove the file `DISABLE`, if the tier is to be rolled out";
        checks.push(Check::warning("masks", document.masks.join("; "), mend));
    }
    Ok(checks)
}

fn models(client: &AdminClient, plans: &[Prepared]) -> Result<Vec<Check>, CallError> {
    let list: ModelList = client.get("/admin/v1/models")?;
    let of = |plan: &Prepared| plan.schedule.tier_plan().map(|plan| plan.initialise.model.clone());
    let wanted: Vec<String> = plans.iter().filter_map(of).collect();
    let check = |id: &String| {
        let what = format!("server's {id}");
        match list.models.iter().find(|model| model.id == *id) {
            None => Check::bad(
                &what,
                "its catalogue has no such model",
                "give server and deployctl the same `models.toml`",
            ),
            Some(model) if model.state == ModelState::Verified => {
                Check::good(&what, format!("{}, verified", render::bytes(model.bytes)))
            }
            Some(model) => Check::warning(
                &what,
                format!("{:?}", model.state).to_lowercase(),
                "`deployctl phase1` brings it there",
            ),
        }
    };
    Ok(wanted.iter().map(check).collect())
}

fn lease(client: &AdminClient) -> Result<Vec<Check>, CallError> {
    let lease: Option<Lease> = client.get("/admin/v1/lease")?;
    Ok(vec![match lease {
        None => Check::good("lease", "no run holds the server"),
        Some(lease) => Check::bad(
            "lease",
            format!(
                "run `{}` of `{}` holds the server until {}",
                lease.run,
                lease.holder,
                render::moment(lease.expires_ms)
            ),
            "wait for it, follow it with `deployctl attach`, or end it with `deployctl abort`",
        ),
    }])
}
