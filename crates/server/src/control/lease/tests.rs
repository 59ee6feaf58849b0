use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use find_facts_core::Clock;
use find_facts_testkit::VirtualClock;

use super::*;
use crate::config::{Environment, load};
use crate::machine::MachineClock;
use crate::state::State;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

fn request(run: &str, ttl_seconds: f64) -> LeaseRequest {
    LeaseRequest { run: run.to_owned(), holder: "host/1".to_owned(), ttl_seconds }
}

fn lease(run: &str, expires_ms: u64) -> Lease {
    Lease { run: run.to_owned(), holder: "host/1".to_owned(), expires_ms }
}

fn at(ms: u64) -> Moment {
    Moment { wall_ms: ms, uptime: Uptime { boot: "one".to_owned(), ms } }
}

fn check(current: Option<Lease>, run: &str, ttl: f64, expected: Result<Option<Lease>, Lease>) {
    let decided = decide(current, &request(run, ttl), at(1000));
    assert_eq!(decided.map(|held| held.map(|held| held.lease)), expected);
}

#[test]
fn a_free_lease_goes_to_whoever_asks() {
    check(None, "a", 5.0, Ok(Some(lease("a", 6000))));
}

#[test]
fn the_same_run_renews_takes_over_and_gives_back() {
    check(Some(lease("a", 2000)), "a", 5.0, Ok(Some(lease("a", 6000))));
    check(Some(lease("a", 2000)), "a", 0.0, Ok(None));
    check(None, "a", 0.0, Ok(None));
}

#[test]
fn another_run_is_told_who_holds_it() {
    check(Some(lease("b", 1001)), "a", 5.0, Err(lease("b", 1001)));
    check(Some(lease("b", 1001)), "a", 0.0, Err(lease("b", 1001)));
}

#[test]
fn only_other_runs_are_kept_out() {
    let held = Some(lease("a", 2000));
    assert_eq!(keeps_out(held.clone(), Some("b")), held);
    assert_eq!(keeps_out(None, Some("b")), None);
    assert_eq!(keeps_out(held.clone(), Some("a")), None);
    assert_eq!(keeps_out(held, None), None);
}

/// A machine since a start of it.
struct Machine {
    clock: VirtualClock,
    started: Instant,
    boot: &'static str,
}

impl Machine {
    fn start(boot: &'static str) -> Arc<Self> {
        let clock = VirtualClock::new();
        Arc::new(Self { started: clock.now(), clock, boot })
    }

    /// Its calendar after the beginning of all virtual calendars.
    fn calendar(&self, since: Duration) {
        self.clock.set_wall(SystemTime::UNIX_EPOCH + VirtualClock::START + since);
    }
}

impl Clock for Machine {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn wall(&self) -> SystemTime {
        self.clock.wall()
    }
}

impl MachineClock for Machine {
    fn uptime(&self) -> Uptime {
        let ms = (self.clock.now() - self.started).as_millis() as u64;
        Uptime { boot: self.boot.to_owned(), ms }
    }
}

fn server(folder: &Path, machine: &Arc<Machine>) -> Control {
    let (config, _) = load(&[], &Environment::new([] as [(&str, &str); 0]), None).unwrap();
    Control::start(State::open(folder).unwrap(), config, machine.clone(), |_| {}).unwrap()
}

/// Seconds until the lease ends by the calendar; `None` where there is none.
fn left(control: &Control) -> Option<u64> {
    let lease = control.lease().unwrap()?;
    Some((lease.expires_ms - control.now_ms()) / 1000)
}

#[test]
fn a_lapsed_lease_is_forgotten_with_an_event() {
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine::start("one");
    let control = server(folder.path(), &machine);
    control.take_lease(&request("a", 60.0)).unwrap();
    machine.clock.advance(Duration::from_secs(59));
    control.drop_lapsed_lease().unwrap();
    assert!(control.lease().unwrap().is_some());
    machine.clock.advance(Duration::from_secs(1));
    control.drop_lapsed_lease().unwrap();
    let events = control.state.events.after(0, 10).unwrap();
    assert!(matches!(events.last().unwrap().kind, EventKind::LeaseChanged { lease: None }));
}

#[test]
fn setting_the_calendar_neither_ends_nor_prolongs_a_lease() {
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine::start("one");
    let control = server(folder.path(), &machine);
    control.take_lease(&request("a", 60.0)).unwrap();
    machine.calendar(HOUR);
    assert_eq!(left(&control), Some(60));
    assert!(control.take_lease(&request("b", 60.0)).is_err());
    machine.clock.advance(Duration::from_secs(59));
    machine.clock.set_wall(SystemTime::UNIX_EPOCH);
    assert_eq!(left(&control), Some(1));
    machine.clock.advance(Duration::from_secs(1));
    assert_eq!(left(&control), None);
    control.take_lease(&request("b", 60.0)).unwrap();
}

#[test]
fn what_was_told_of_a_lease_stays_while_time_passes() {
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine::start("one");
    let control = server(folder.path(), &machine);
    let told = control.take_lease(&request("a", 60.0)).unwrap();
    machine.clock.advance(Duration::from_micros(1_234_567));
    assert_eq!(control.lease().unwrap(), told);
}

#[test]
fn a_restart_of_the_server_goes_by_uptime_too() {
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine::start("one");
    server(folder.path(), &machine).take_lease(&request("a", 60.0)).unwrap();
    machine.clock.advance(Duration::from_secs(10));
    machine.calendar(HOUR);
    let control = server(folder.path(), &machine);
    assert_eq!(left(&control), Some(50));
    drop(control);
    machine.calendar(Duration::ZERO);
    assert_eq!(left(&server(folder.path(), &machine)), Some(50));
}

#[test]
fn after_another_start_of_the_machine_the_calendar_shortens_and_never_prolongs() {
    for (calendar, expected) in [
        (Duration::from_secs(20), Some(40)),
        (MINUTE, None),
        (HOUR, None),
        // No time has passed by the calendar.
        (Duration::ZERO, Some(60)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::start("one");
        machine.clock.advance(HOUR);
        machine.calendar(Duration::ZERO);
        server(folder.path(), &machine).take_lease(&request("a", 60.0)).unwrap();
        let machine = Machine::start("two");
        machine.calendar(calendar);
        let control = server(folder.path(), &machine);
        assert_eq!(left(&control), expected, "{calendar:?}");
        machine.calendar(Duration::ZERO);
        assert_eq!(left(&control), expected, "{calendar:?}, and set back afterwards");
        machine.clock.advance(MINUTE);
        assert_eq!(left(&control), None, "{calendar:?}, a minute later");
    }
}

#[test]
fn a_clock_set_far_back_at_a_start_of_the_machine_grants_no_second_hour() {
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine::start("one");
    machine.calendar(HOUR);
    server(folder.path(), &machine).take_lease(&request("a", 60.0)).unwrap();
    let machine = Machine::start("two");
    let control = server(folder.path(), &machine);
    assert_eq!(left(&control), Some(60));
    machine.clock.advance(MINUTE);
    assert_eq!(left(&control), None);
}

#[test]
fn older_servers_and_this_one_read_each_others_leases() {
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine::start("one");
    let control = server(folder.path(), &machine);
    let told = control.take_lease(&request("a", 60.0)).unwrap();
    assert_eq!(control.state.cells.get::<Option<Lease>>(LEASE).unwrap().unwrap(), told);
    let of_older = lease("b", control.now_ms() + 30_000);
    control.state.cells.put(LEASE, &Some(of_older.clone())).unwrap();
    drop(control);
    let control = server(folder.path(), &machine);
    assert_eq!(control.lease().unwrap(), Some(of_older));
    machine.calendar(HOUR);
    assert_eq!(left(&control), Some(30), "once taken up, it goes by uptime");
}
