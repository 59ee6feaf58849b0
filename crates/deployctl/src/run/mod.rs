//! Runs a plan against a real server: the run's folder, the ports, the signals and the end. What happens in between is
//! decided and driven by `find-facts-rollout`.
//!
//! Ctrl-C leaves a run open: exposure stays as it is under the lease, and `resume` goes on with it.

#[cfg(feature = "kill-points")]
mod kills;
mod noted;
mod signals;
mod source;
mod stored;
mod timer;

use find_facts_api::rollout::{Command, RunStatus};
use find_facts_core::{Clock, SystemClock};
use find_facts_rollout::drive::{self, DriveError, Order, World};
use find_facts_rollout::journal::{Entry, Opened, RunFolder};
use find_facts_rollout::ports::KillPoint;
use find_facts_rollout::step::Next;
use jiff::Timestamp;

use crate::audience::Teller;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report;
use crate::server::AdminServer;
use noted::NotedJournal;

pub use source::Prepared;
pub use stored::{Stored, choose, is_closed};
pub use timer::MachineTimer;

/// Runs a plan from its beginning, or from where an earlier run of it was cut off. Licences that were accepted stay so for
/// the whole run.
pub fn begin(context: &Context, prepared: Prepared, accept_licence: bool) -> Result<Exit, Failure> {
    let scale = prepared.schedule.scale;
    if let Some(run) = stored::cut_off(&context.runs, &prepared, scale, &context.server())? {
        return go_on(context, &run, None);
    }
    let plan = &prepared.schedule.plan;
    let (run, folder) = match stored::never_began(&context.runs, &prepared, &context.server())? {
        Some(found) => found,
        None => create(context, &prepared)?,
    };
    let opened = Opened {
        run,
        plan: plan.name().to_owned(),
        phase: plan.phase(),
        digest: prepared.source.digest(),
        time_scale: scale,
        holder: holder(),
        accept_licence,
    };
    drive(context, &folder, &prepared, &opened, Vec::new())
}

fn create(context: &Context, prepared: &Prepared) -> Result<(String, RunFolder), Failure> {
    let run = new_name(prepared.schedule.plan.name());
    let folder = RunFolder::create(&context.runs, &run, &prepared.source)?;
    stored::remember_server(&folder, &context.server())?;
    Ok((run, folder))
}

/// Goes on with a run of this machine, and gives it a command first where there is one. One that was killed between its
/// end and what belongs to it takes no command any more, but is brought to a close.
pub fn go_on(context: &Context, run: &str, command: Option<Command>) -> Result<Exit, Failure> {
    let stored = Stored::read(&context.runs, run)?;
    let replayed = stored.replay()?;
    if let Some(end) = replayed.ended()
        && stored::is_closed(&context.runs, run)?
    {
        context.output.show(end, |end| format!("{run} has ended: {end}"));
        return Ok(end.into());
    }
    let waits_for_word = replayed.state.paused || matches!(replayed.next, Next::Stop(_));
    let is_taken =
        |command: &Command| replayed.ended().is_none() && (*command != Command::Resume || waits_for_word);
    let command = command.filter(is_taken);
    let order = |command| Order { id: None, command, by: holder() };
    let opened = Opened { holder: holder(), ..stored.opened };
    drive(context, &stored.folder, &stored.prepared, &opened, command.map(order).into_iter().collect())
}

/// Host and process, for people.
pub fn holder() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = Some(host.trim()).filter(|host| !host.is_empty()).unwrap_or("this machine");
    format!("{host}/{}", std::process::id())
}

fn drive(
    context: &Context,
    folder: &RunFolder,
    prepared: &Prepared,
    opened: &Opened,
    orders: Vec<Order>,
) -> Result<Exit, Failure> {
    let (journal, lines) = folder.journal()?;
    let past: Vec<Entry> = lines.iter().map(|line| line.entry.clone()).collect();
    let began_ms = lines.first().map(|line| line.time_ms);
    let mut log = NotedJournal::new(journal, context.runs.clone(), began_ms);

    let server = context.server_or(stored::server(folder));
    let interrupted = signals::listen().map_err(Failure::Signals)?;
    let teller = Teller::new(context.output, opened, &prepared.schedule);
    let run = drive::Run { opened, schedule: &prepared.schedule, suites: &prepared.suites };
    let world = World {
        server: &AdminServer::new(&context.client_of(server)?, &opened.run)
            .accepting_licences(opened.accept_licence),
        timer: &MachineTimer::new(interrupted.clone()),
        audience: &teller,
        kills: &*kills(),
        interrupted: &interrupted,
    };
    let driven = drive::drive(run, world, &mut log, &past, orders);
    teller.finish();
    match driven {
        Ok(end) => {
            let exit = report::at_end(context, &Stored::read(&context.runs, &opened.run)?, &end)?;
            // Last, because a run that stands in the index as ended is closed.
            log.note(opened, end.status(), end.reason())?;
            Ok(exit)
        }
        Err(source) => Err(stopped(context, folder, opened, &log, source)),
    }
}

/// Leaves a run open. One that never began leaves nothing behind.
fn stopped(
    context: &Context,
    folder: &RunFolder,
    opened: &Opened,
    log: &NotedJournal,
    source: DriveError,
) -> Failure {
    if !log.has_begun() {
        // An empty folder that cannot be removed is no run either: `history` lists only those with a first line.
        let _left_behind = std::fs::remove_dir_all(folder.path());
        return Failure::NeverBegan(source);
    }
    if let Ok(replayed) = Stored::read(&context.runs, &opened.run).and_then(|run| run.replay()) {
        let status = if replayed.state.paused { RunStatus::Paused } else { RunStatus::Running };
        // The index only helps to list runs; the journal has it all.
        let _not_listed = log.note(opened, status, Some(&source.to_string()));
    }
    Failure::Drive { run: opened.run.clone(), source }
}

#[cfg(feature = "kill-points")]
fn kills() -> Box<dyn KillPoint> {
    Box::new(kills::KillAt::from_environment())
}

#[cfg(not(feature = "kill-points"))]
fn kills() -> Box<dyn KillPoint> {
    Box::new(find_facts_rollout::ports::NoKill)
}

/// A name that tells people plan and time, and nothing else has.
fn new_name(plan: &str) -> String {
    let now = Timestamp::try_from(SystemClock.wall()).unwrap_or_default();
    let unique = uuid::Uuid::now_v7().simple().to_string();
    format!("{plan}-{}-{}", now.strftime("%Y%m%d-%H%M%S"), &unique[unique.len() - 4..])
}
