//! `cargo xtask demo`: a real server under steady traffic while deployctl carries Tier 1 through Phases 1 and 2 and Tier 2
//! through Phase 3; then Phase 2 once more with a fault at 25 %, which is rolled back. Nothing outlives it, and its exit
//! code says whether all held.

mod fault;
mod question;
mod record;
mod stage;
mod summary;

use std::ops::Range;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::out::{headline, say};
use crate::server::unix_ms;
use crate::setup::{self, Scope};
use crate::shell::run as run_command;
use question::Reply;
use record::{QUESTIONS, Record, VARIATIONS};
use stage::{End, Stage};
use summary::{Summary, TierFigures};

/// Traffic without and with the tier, long enough for thousands of answers of each.
const COMPARED: Duration = Duration::from_secs(8);

/// Plays the demo and sums it up.
pub(crate) fn run() -> Result<()> {
    setup::run(Scope::All)?;
    let curtain = Instant::now();
    headline("a server with facts about the world's airports and countries, and its callers");
    let (stage, mut server) = Stage::open()?;
    let mut traffic = stage.traffic()?;
    say(format_args!(
        "public {} · admin {} · logs in {}",
        stage.server.public,
        stage.server.admin,
        stage.folder.display()
    ));
    let quiet = comparison();

    headline("Phase 1: everything Tier 1 needs, with all tiers off");
    stage.phase("phase1", End::Completed)?;

    headline("Phase 2: Tier 1 from nobody to everybody");
    stage.phase("phase2", End::Completed)?;
    let linked_report = stage.report()?;
    let linked = comparison();

    headline("Phase 3: Tier 2, and questions in English, from nobody to everybody");
    let unanswered = Reply::to(&stage.server, question::SHOWN)?;
    say(format_args!("asked   {}\nbefore  {unanswered}", question::SHOWN));
    stage.phase("phase3", End::Completed)?;
    let answered = Reply::to(&stage.server, question::SHOWN)?;
    say(format_args!("asked   {}\nafter   {answered}", question::SHOWN));
    let semantic_report = stage.report()?;
    let semantic = comparison();

    headline("Phase 2 once more, and at 25 % a share of Tier 1's runs begins to fail");
    run_command(&mut stage.deployctl(&["rollback", "--reason", "the demo begins Phase 2 again"])?)?;
    let ambush = fault::wait_for_exposure(&stage.server);
    stage.phase("phase2", End::RolledBack)?;
    let fault_ms = ambush.sprung()?;
    stage.server.fail_tier1(0.0)?;
    sleep(Duration::from_secs(2));

    server.must_run()?;
    traffic.must_run().context("the callers left before the end")?;
    traffic.finish()?;
    server.finish()?;
    let record = Record::read(&stage.record())?;
    let summary = Summary {
        traffic: summary::callers(&stage.traffic_summary())?,
        tiers: [
            TierFigures {
                tier: "Tier 1",
                of: "variations",
                before: record.accuracy(VARIATIONS, &quiet),
                after: record.accuracy(VARIATIONS, &linked),
                added: summary::added_latency(&linked_report),
            },
            TierFigures {
                tier: "Tier 2",
                of: "questions",
                before: record.accuracy(QUESTIONS, &linked),
                after: record.accuracy(QUESTIONS, &semantic),
                added: summary::added_latency(&semantic_report),
            },
        ],
        question_answered: unanswered.is_empty() && !answered.is_empty(),
        exposed_for: record.last_enhanced(fault_ms).map(|last| last - fault_ms),
        took: curtain.elapsed(),
    };
    headline("summary");
    say(&summary);
    match summary.held() {
        true => Ok(()),
        false => bail!("the demo did not hold"),
    }
}

/// Lets the traffic flow for a while; from when to when, unix milliseconds.
fn comparison() -> Range<u64> {
    let from = unix_ms();
    sleep(COMPARED);
    from..unix_ms()
}
