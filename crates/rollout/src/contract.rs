//! What every server has to keep to for runs to survive anything: the same clauses hold the simulated server and the real
//! one. Each clause is asked of a server that has just been started, with facts, a pinned model, and nobody else at work.

use std::collections::BTreeMap;

use find_facts_api::admin::{
    FlagsWritten, LeaseRequest, ModelMemory, ModelState, ReloadRequest, TierAttempt, TierParams,
};
use find_facts_api::rollout::Command;
use find_facts_core::health::TierState;
use find_facts_core::outcome::AttemptResult;
use find_facts_core::{FlagKey, FlagSet, FlagState, Generation, Mode, Parts, Percent, Tier};

use crate::ports::{Ask, Change, PortError, Server};

/// A clause that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The server answered, but not as it has to.
    #[error("{0}")]
    Claim(String),
    /// The server did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// What a clause needs to know of the server under test.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The server.
    pub server: &'a dyn Server,
    /// The name of the run as which it is asked.
    pub run: &'a str,
    /// A model of its catalogue that can be pulled.
    pub model: &'a str,
}

/// A clause: its name, and the function that asks for it.
pub type Clause = (&'static str, fn(Subject<'_>) -> Result<(), Broken>);

/// Every clause.
pub const CLAUSES: [Clause; 11] = [
    ("the_same_key_answers_with_the_first_outcome", same_key),
    ("a_stale_generation_is_a_race_and_changes_nothing", stale_generation),
    ("what_a_change_does_not_name_stays", unnamed_stays),
    ("a_change_that_changes_nothing_keeps_the_generation", nothing_to_change),
    ("history_knows_every_change_with_its_key", history_knows),
    ("a_lease_excludes_other_runs_and_not_its_own", lease),
    ("a_sample_is_repeated_by_its_seed_and_finds_its_facts", sample),
    ("a_tier_that_ran_and_found_nothing_is_named", ran),
    ("a_pull_ends_verified_and_can_be_repeated", pull),
    ("a_migrated_store_stays_as_it_is", migrate),
    ("commands_wait_until_they_are_acknowledged", commands),
];

/// What holds of a server that can bring a language model into memory, beside all the others.
pub const LOADING: [Clause; 1] = [("a_load_ends_in_memory_and_can_be_repeated", load)];

fn claim(holds: bool, claim: &str) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken::Claim(claim.to_owned())) }
}

fn tier1(percentage: f64) -> FlagSet {
    let percentage = Percent::try_from(percentage).unwrap_or_default();
    let state = FlagState { enabled: true, percentage, segments: Vec::new() };
    FlagSet(BTreeMap::from([(FlagKey::Tier1EntityLinking, state)]))
}

fn write(subject: Subject<'_>, expect: Generation, percentage: f64, key: &str) -> Result<Change, Broken> {
    let request = ReloadRequest { expect_generation: expect, flags: Some(tier1(percentage)), tiers: None };
    Ok(subject.server.change(&request, &format!("{}/{key}", subject.run))?)
}

fn written(change: Change) -> Result<Generation, Broken> {
    match change {
        Change::Written(written) => Ok(written.generation),
        Change::Raced => Err(Broken::Claim("a write for the generation in force is no race".to_owned())),
    }
}

fn same_key(subject: Subject<'_>) -> Result<(), Broken> {
    let before = subject.server.flags()?.generation;
    let first = written(write(subject, before, 5.0, "first")?)?;
    let second = written(write(subject, first, 10.0, "second")?)?;
    // The first again: its expected generation is long gone, but the key is known.
    let again = written(write(subject, before, 5.0, "first")?)?;
    claim(again == first, "a known key answers with the generation that it made")?;
    let now = subject.server.flags()?;
    claim(now.generation == second, "a known key changes nothing")?;
    claim(
        now.flags.get(FlagKey::Tier1EntityLinking) == tier1(10.0).get(FlagKey::Tier1EntityLinking),
        "nor any flag",
    )
}

fn stale_generation(subject: Subject<'_>) -> Result<(), Broken> {
    let before = subject.server.flags()?.generation;
    let first = written(write(subject, before, 5.0, "first")?)?;
    let late = write(subject, before, 50.0, "late")?;
    claim(late == Change::Raced, "a write for an earlier generation is a race")?;
    claim(subject.server.flags()?.generation == first, "and changes nothing")
}

fn unnamed_stays(subject: Subject<'_>) -> Result<(), Broken> {
    let before = subject.server.flags()?;
    let params = TierParams { min_confidence: Some(0.7), ..TierParams::default() };
    let request = ReloadRequest {
        expect_generation: before.generation,
        flags: None,
        tiers: Some(BTreeMap::from([(Tier::Tier1, Some(params.clone()))])),
    };
    let change = subject.server.change(&request, &format!("{}/params", subject.run))?;
    let generation = written(change)?;
    let now = subject.server.flags()?;
    claim(now.flags == before.flags, "parameters of a tier leave the flags alone")?;
    claim(now.tiers.get(&Tier::Tier1) == Some(&params), "parameters become part of the generation")?;
    written(write(subject, generation, 5.0, "flags")?)?;
    claim(subject.server.flags()?.tiers == now.tiers, "a flag leaves the parameters of tiers alone")
}

fn nothing_to_change(subject: Subject<'_>) -> Result<(), Broken> {
    let before = subject.server.flags()?.generation;
    let first = written(write(subject, before, 5.0, "first")?)?;
    let again = write(subject, first, 5.0, "again")?;
    claim(again == Change::Written(FlagsWritten { generation: first, changed: false }), "it says so")?;
    claim(subject.server.flags()?.generation == first, "and stores nothing")
}

fn history_knows(subject: Subject<'_>) -> Result<(), Broken> {
    let before = subject.server.flags()?.generation;
    let first = written(write(subject, before, 5.0, "first")?)?;
    let history = subject.server.history()?.generations;
    let record = history.iter().find(|record| record.generation == first);
    let key = record.and_then(|record| record.idempotency_key.clone());
    claim(key == Some(format!("{}/first", subject.run)), "history has the key of every change")?;
    let by = record.map(|record| record.by.clone());
    claim(by == Some(format!("run {}", subject.run)), "history says that a run's change is the run's")?;
    claim(history.is_sorted_by_key(|record| record.generation), "history is in order")?;
    claim(subject.server.report()?.generation == first, "the report names the generation in force")
}

fn lease(subject: Subject<'_>) -> Result<(), Broken> {
    let hold = |run: &str, holder: &str, ttl_seconds: f64| {
        let request = LeaseRequest { run: run.to_owned(), holder: holder.to_owned(), ttl_seconds };
        subject.server.hold(&request)
    };
    hold(subject.run, "first process", 60.0)?;
    let other = hold("another-run", "another process", 60.0);
    claim(
        matches!(&other, Err(PortError::LeaseHeld(lease)) if lease.run == subject.run),
        "another run is refused, and told who has the lease",
    )?;
    let taken_over = hold(subject.run, "second process", 60.0)?;
    claim(taken_over.holder == "second process", "the same run takes its lease over")?;
    hold(subject.run, "second process", 0.0)?;
    let next = hold("another-run", "another process", 60.0)?;
    claim(next.run == "another-run", "a lease that was given back can be taken")
}

fn sample(subject: Subject<'_>) -> Result<(), Broken> {
    let first = subject.server.sample(7, 20)?;
    claim(!first.entities.is_empty(), "a knowledge base with facts gives a sample")?;
    claim(subject.server.sample(7, 20)? == first, "the same seed gives the same sample")?;
    for entity in first.entities.iter().take(5) {
        let predicate = entity.facts.first().map(|fact| fact.predicate.clone());
        let parts = match entity.part {
            find_facts_core::Part::Object => {
                Parts { object: Some(entity.name.clone()), predicate, subject: None }
            }
            _ => Parts { subject: Some(entity.name.clone()), predicate, object: None },
        };
        let answer = subject.server.ask(&Ask { parts, mode: Some(Mode::Exact), ..Ask::default() })?;
        let finds = answer.facts.first().is_some_and(|fact| entity.facts.contains(fact));
        claim(finds, "an entity's own query finds its facts")?;
        claim(entity.facts.iter().all(|fact| *fact.part(entity.part) == entity.name), "which have its name")?;
    }
    Ok(())
}

fn ran(subject: Subject<'_>) -> Result<(), Broken> {
    let expect_generation = subject.server.flags()?.generation;
    let tiers = Some(BTreeMap::from([(Tier::Tier1, Some(TierParams::default()))]));
    let request = ReloadRequest { expect_generation, flags: None, tiers };
    subject.server.change(&request, &format!("{}/initialise", subject.run))?;
    while subject.server.report()?.tiers.get(&Tier::Tier1).map(|tier| tier.state) != Some(TierState::Ready) {
        std::thread::yield_now();
    }
    let ask = |mode| {
        let parts = Parts { subject: Some("nobody has this name".into()), ..Parts::default() };
        subject.server.ask(&Ask { parts, mode: Some(mode), ..Ask::default() })
    };
    claim(ask(Mode::Exact)?.attempts.is_empty(), "no tier runs by the name of exact")?;
    let found = ask(Mode::EntityLinked)?;
    let ran = TierAttempt { tier: Tier::Tier1, result: AttemptResult::Ok };
    claim(
        found.facts.is_empty() && found.attempts == [ran],
        "a tier that found nothing is named as one that ran",
    )
}

fn pull(subject: Subject<'_>) -> Result<(), Broken> {
    subject.server.pull(subject.model, &format!("{}/pull", subject.run))?;
    subject.server.pull(subject.model, &format!("{}/pull", subject.run))?;
    let state = || -> Result<Option<ModelState>, PortError> {
        let list = subject.server.models()?;
        Ok(list.models.into_iter().find(|model| model.id == subject.model).map(|model| model.state))
    };
    // A pull goes on in the background; one that never ends shows itself by the test's own limit.
    while state()? == Some(ModelState::Pulling) {
        std::thread::yield_now();
    }
    claim(state()? == Some(ModelState::Verified), "a pulled model is verified")
}

fn load(subject: Subject<'_>) -> Result<(), Broken> {
    subject.server.pull(subject.model, &format!("{}/pull", subject.run))?;
    let memory = || -> Result<Option<ModelMemory>, PortError> {
        let list = subject.server.models()?;
        Ok(list.models.into_iter().find(|model| model.id == subject.model).and_then(|model| model.memory))
    };
    claim(memory()?.is_none(), "a model that nobody loaded is not in memory")?;
    for attempt in ["first", "second"] {
        subject.server.load(subject.model, &format!("{}/{attempt}", subject.run))?;
        claim(memory()?.is_some(), "a load that was begun shows at once")?;
    }
    while memory()? == Some(ModelMemory::Loading) {
        std::thread::yield_now();
    }
    let loaded = matches!(memory()?, Some(ModelMemory::Loaded { bytes, .. }) if bytes > 0);
    claim(loaded, "a load ends with the model in memory, and with what it takes")
}

fn migrate(subject: Subject<'_>) -> Result<(), Broken> {
    let first = subject.server.migrate(&format!("{}/first", subject.run))?;
    claim(first.version == first.latest, "a migrated store has the latest format")?;
    claim(subject.server.migrate(&format!("{}/second", subject.run))? == first, "and keeps it")
}

fn commands(subject: Subject<'_>) -> Result<(), Broken> {
    let request =
        LeaseRequest { run: subject.run.to_owned(), holder: "a test".to_owned(), ttl_seconds: 60.0 };
    subject.server.hold(&request)?;
    subject.server.order(Command::Pause, "a test")?;
    subject.server.order(Command::Resume, "a test")?;
    let waiting = subject.server.commands()?;
    let kinds: Vec<Command> = waiting.iter().map(|pending| pending.command).collect();
    claim(kinds == [Command::Pause, Command::Resume], "commands wait in the order in which they were given")?;
    claim(waiting.iter().all(|pending| pending.run == subject.run), "for the run that has the lease")?;
    let Some(first) = waiting.first() else { return Ok(()) };
    subject.server.show(&progress(subject.run), first.id)?;
    let left: Vec<u64> = subject.server.commands()?.iter().map(|pending| pending.id).collect();
    claim(left == waiting.iter().skip(1).map(|pending| pending.id).collect::<Vec<_>>(), "until acknowledged")
}

fn progress(run: &str) -> find_facts_api::rollout::RolloutProgress {
    find_facts_api::rollout::RolloutProgress {
        run: run.to_owned(),
        plan: "contract".to_owned(),
        phase: 2,
        tier: Some(Tier::Tier1),
        step: "contract".to_owned(),
        status: find_facts_api::rollout::RunStatus::Running,
        percentage: None,
        observed_seconds: None,
        verdict: None,
        time_scale: 1.0,
        time_ms: 0,
    }
}
