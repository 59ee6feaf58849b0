//! Every point at which deployctl or the server is killed, one death in each run. Hours of runs, so a shard takes a share.

use std::fmt;

/// Who dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Victim {
    Deployctl,
    Server,
}

/// A death: in which phase, whose, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Death {
    pub(crate) phase: usize,
    pub(crate) victim: Victim,
    /// The point's name, as deployctl traces it.
    pub(crate) point: String,
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "phase {}, {:?} killed {}", self.phase, self.victim, self.point)
    }
}

/// A share of the points, `i/n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    number: usize,
    of: usize,
}

impl Shard {
    /// The share that the environment asks for; all of them where it does not.
    pub(crate) fn of_environment() -> Self {
        match std::env::var("FIND_FACTS_E2E_SHARD") {
            Ok(text) => Self::parse(&text).unwrap_or_else(|| panic!("`{text}` is no share `i/n`")),
            Err(_) => Self { number: 1, of: 1 },
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (number, of) = text.split_once('/')?;
        let shard = Self { number: number.parse().ok()?, of: of.parse().ok()? };
        (1..=shard.of).contains(&shard.number).then_some(shard)
    }

    /// Every n-th.
    pub(crate) fn take<T>(self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip(self.number - 1).step_by(self.of).collect()
    }
}

/// The names in a trace, in order.
pub(crate) fn names(trace: &str) -> Vec<String> {
    trace.lines().filter_map(|line| Some(line.split_once(' ')?.1.to_owned())).collect()
}

/// The deaths of a phase by its undisturbed run's trace: at every point of it, but of a watch's looks only the first, a middle and the
/// last; those of deployctl, then those of the server.
pub(crate) fn deaths(phase: usize, trace: &str) -> Vec<Death> {
    let names = names(trace);
    let counts = |name: &&String| match look(name) {
        None => true,
        Some((number, watch)) => {
            let last = last_look(&names, watch);
            [1, last.div_ceil(2), last].contains(&number)
        }
    };
    let points: Vec<&String> = names.iter().filter(counts).collect();
    let of = |victim| points.iter().map(move |point| Death { phase, victim, point: point.to_string() });
    of(Victim::Deployctl).chain(of(Victim::Server)).collect()
}

/// The same point of a run with a watch of another length: its last look instead of one that never came.
pub(crate) fn instead(point: &str, trace: &str) -> Option<String> {
    let (_, watch) = look(point)?;
    let last = last_look(&names(trace), watch);
    let when = point.split(' ').next()?;
    Some(format!("{when} look {last} after outcome {watch}"))
}

/// The number of a look, and which watch it belongs to.
fn look(name: &str) -> Option<(usize, &str)> {
    let (number, watch) = name.split_once(" look ")?.1.split_once(" after outcome ")?;
    Some((number.parse().ok()?, watch))
}

fn last_look(names: &[String], watch: &str) -> usize {
    let of_watch = names.iter().filter_map(|name| look(name)).filter(|(_, of)| *of == watch);
    of_watch.map(|(number, _)| number).max().unwrap_or(0)
}

#[test]
fn shards_share_all_points_between_them() {
    let shards = ["1/3", "2/3", "3/3"].map(|text| Shard::parse(text).unwrap().take((0..10).collect()));
    let mut all = shards.concat();
    all.sort_unstable();
    assert_eq!(all, (0..10).collect::<Vec<_>>());
    assert!(["0/3", "4/3", "x", "1/", "1/0", ""].iter().all(|text| Shard::parse(text).is_none()));
}

#[test]
fn of_a_watch_the_first_a_middle_and_the_last_look_count() {
    let looks =
        |watch, last| (1..=last).map(move |look| format!("0 before look {look} after outcome {watch}\n"));
    let trace: String =
        std::iter::once("1 after opened\n".to_owned()).chain(looks(7, 6)).chain(looks(8, 2)).collect();
    let points: Vec<String> = deaths(2, &trace).into_iter().map(|death| death.point).collect();
    let watch = |watch, looks: &[usize]| -> Vec<String> {
        looks.iter().map(|look| format!("before look {look} after outcome {watch}")).collect()
    };
    let once = [vec!["after opened".to_owned()], watch(7, &[1, 3, 6]), watch(8, &[1, 2])].concat();
    assert_eq!(points, [once.clone(), once].concat(), "for either victim");
    let instead = instead("after look 9 after outcome 7", &trace);
    assert_eq!(instead.as_deref(), Some("after look 6 after outcome 7"));
}
