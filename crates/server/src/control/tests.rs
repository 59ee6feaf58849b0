use std::path::Path;
use std::sync::Arc;

use find_facts_api::admin::LeaseRequest;
use find_facts_core::rollback::Severity;
use find_facts_core::{FlagKey, Mode, Percent, Tier};
use serde_json::json;

use super::*;
use crate::config::{Environment, load};
use crate::machine::BootClock;

fn start(folder: &Path, env: &[(&str, &str)]) -> Control {
    let (config, _) = load(&[], &Environment::new(env.iter().copied()), None).unwrap();
    Control::start(State::open(folder).unwrap(), config, Arc::new(BootClock::new()), |_| {}).unwrap()
}

fn writer(run: Option<&str>, key: Option<&str>) -> Writer {
    Writer {
        run: run.map(str::to_owned),
        request: "PUT /admin/v1/flags".to_owned(),
        idempotency_key: key.map(str::to_owned),
    }
}

fn set_percentage(
    control: &Control,
    writer: &Writer,
    expect: u64,
    thousandths: u32,
) -> Result<Changed, ChangeError> {
    let answer_again = |generation| json!({ "generation": generation, "changed": false });
    let change = Change { writer, expect: Some(Generation(expect)), answer_again: &answer_again };
    control.change(&change, |desired| {
        let state = desired.flags.0.entry(FlagKey::Tier1EntityLinking).or_default();
        state.percentage = Percent::from_thousandths(thousandths).unwrap();
        state.enabled = true;
    })
}

fn ceiling(control: &Control) -> Mode {
    control.decide(&Caller::unauthenticated("anybody")).ceiling
}

fn cause(disable: &[Tier]) -> RollbackCause {
    RollbackCause {
        rule: "error_rate".to_owned(),
        disable: disable.to_vec(),
        reason: "errors at 50 %".to_owned(),
        severity: Severity::Critical,
        figures: json!({"error_rate": 0.5}),
    }
}

/// Of all that is on after a first start.
fn rolled_back() -> EventKind {
    EventKind::RolledBack {
        generation: Generation(2),
        rule: "error_rate".to_owned(),
        disabled: vec![Tier::Tier1],
        reason: "errors at 50 %".to_owned(),
        severity: Severity::Critical,
        figures: json!({}),
    }
}

#[test]
fn the_configuration_makes_the_first_generation_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path(), &[("TIER1_ROLLOUT_PERCENT", "7")]);
    assert_eq!(first.live().record.by, "configuration");
    assert!(first.live().record.tiers.contains_key(&Tier::Tier1));
    drop(first);
    let second = start(folder.path(), &[("TIER1_ROLLOUT_PERCENT", "9")]);
    let flags = second.live().record.flags.clone();
    assert_eq!(flags.get(FlagKey::Tier1EntityLinking).unwrap().percentage.to_string(), "7");
    assert_eq!(second.live().record.generation, Generation(1));
}

#[test]
fn a_lost_race_shows_what_is_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let control = start(folder.path(), &[]);
    assert_eq!(set_percentage(&control, &writer(None, None), 1, 5000).unwrap(), Changed::New(Generation(2)));
    let refused = set_percentage(&control, &writer(None, None), 1, 9000).unwrap_err();
    assert!(matches!(refused, ChangeError::Stale(document) if document.generation == Generation(2)));
}

#[test]
fn the_same_key_changes_nothing_again_even_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let control = start(folder.path(), &[]);
    set_percentage(&control, &writer(None, Some("k")), 1, 5000).unwrap();
    drop(control);
    let control = start(folder.path(), &[]);
    let again = set_percentage(&control, &writer(None, Some("k")), 1, 5000).unwrap();
    assert_eq!(again, Changed::Seen(json!({"generation": 2, "changed": false})));
    let other = Writer { request: "POST /admin/v1/reload".to_owned(), ..writer(None, Some("k")) };
    assert!(matches!(control.seen(&other), Err(ChangeError::KeyReused(_))));
}

#[test]
fn a_write_that_changes_nothing_makes_no_generation() {
    let folder = tempfile::tempdir().unwrap();
    let control = start(folder.path(), &[]);
    let same = set_percentage(&control, &writer(None, Some("k")), 1, 100_000).unwrap();
    assert_eq!(same, Changed::Same(Generation(1)));
    assert!(matches!(control.seen(&writer(None, Some("k"))), Ok(Some(_))));
}

#[test]
fn a_lease_keeps_other_runs_out_but_no_operator() {
    let folder = tempfile::tempdir().unwrap();
    let control = start(folder.path(), &[]);
    let lease = LeaseRequest { run: "a".to_owned(), holder: "here".to_owned(), ttl_seconds: 60.0 };
    control.take_lease(&lease).unwrap();
    let refused = set_percentage(&control, &writer(Some("b"), None), 1, 5000).unwrap_err();
    assert!(matches!(refused, ChangeError::Held(lease) if lease.run == "a"));
    set_percentage(&control, &writer(Some("a"), None), 1, 5000).unwrap();
    set_percentage(&control, &writer(None, None), 2, 6000).unwrap();
    drop(control);
    let control = start(folder.path(), &[]);
    assert_eq!(control.lease().unwrap().unwrap().run, "a", "a restart keeps the lease");
}

#[test]
fn environment_and_file_mask_what_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let control = start(folder.path(), &[]);
    assert_eq!(ceiling(&control), Mode::EntityLinked);
    std::fs::write(control.state.disable_file(), "").unwrap();
    assert!(control.look_for_disable_file());
    assert_eq!(ceiling(&control), Mode::Exact);
    assert_eq!(control.live().document().masks.len(), 3);
    drop(control);
    let control = start(folder.path(), &[]);
    assert_eq!(ceiling(&control), Mode::Exact, "a restart sees the file");
    std::fs::remove_file(control.state.disable_file()).unwrap();
    assert!(control.look_for_disable_file());
    assert!(!control.look_for_disable_file());
    assert_eq!(ceiling(&control), Mode::EntityLinked);
    drop(control);
    let control = start(folder.path(), &[("ENABLE_TIER1", "false")]);
    assert_eq!(ceiling(&control), Mode::Exact);
    assert_eq!(control.live().document().masks, ["tier1: `ENABLE_TIER1=false` is set in the environment"]);
}

#[test]
fn a_rollback_is_an_event_first_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let control = start(folder.path(), &[]);
    assert_eq!(control.roll_back(cause(&Tier::ALL)).unwrap(), Changed::New(Generation(2)));
    assert_eq!(control.roll_back(cause(&Tier::ALL)).unwrap(), Changed::Same(Generation(2)));
    let events = control.state.events.after(0, 10).unwrap();
    let EventKind::RolledBack { generation, disabled, .. } = &events[0].kind else { panic!("{events:?}") };
    assert_eq!((*generation, disabled.as_slice()), (Generation(2), [Tier::Tier1].as_slice()));
    drop(control);
    assert_eq!(ceiling(&start(folder.path(), &[])), Mode::Exact);
}

#[test]
fn a_rollback_cut_short_after_its_event_is_finished_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let control = start(folder.path(), &[]);
    control.tell(rolled_back()).unwrap();
    drop(control);
    for _ in 0..2 {
        let control = start(folder.path(), &[]);
        assert_eq!(ceiling(&control), Mode::Exact);
        assert_eq!(control.live().record.generation, Generation(2));
    }
}

#[test]
fn a_rollback_whose_generation_could_not_be_stored_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let control = start(folder.path(), &[]);
    control.tell(rolled_back()).unwrap();
    assert_eq!(control.roll_back(cause(&Tier::ALL)).unwrap(), Changed::New(Generation(2)));
    let events = control.state.events.after(0, 10).unwrap();
    let told = events.iter().filter(|event| matches!(event.kind, EventKind::RolledBack { .. }));
    assert_eq!(told.count(), 1, "{events:?}");
}

#[test]
fn a_rollback_of_what_is_off_is_remembered_under_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let control = start(folder.path(), &[("TIER1_ROLLOUT_PERCENT", "5")]);
    let by_hand = |key| control.roll_back_for(cause(&Tier::ALL), &writer(None, Some(key))).unwrap();
    assert_eq!(by_hand("a"), Changed::New(Generation(2)));
    assert_eq!(by_hand("b"), Changed::Same(Generation(2)));
    set_percentage(&control, &writer(None, None), 2, 5000).unwrap();
    assert_eq!(by_hand("b"), Changed::Seen(json!({"generation": 2, "changed": false})));
    assert_eq!(control.live().on, [true, false, false], "the second time does nothing");
}
