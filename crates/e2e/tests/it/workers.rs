//! The process that runs Tier 2's language model, killed again and again while callers ask what only it can decide: nobody
//! gets an error, and the next one is there after its rest.

use std::collections::BTreeSet;
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use fastrand::Rng;
use find_facts_api::admin::EventKind;
use find_facts_core::Tier;
use serde_json::{Value, json};

use crate::callers::Asker;
use crate::knowledge;
use crate::points::Shard;
use crate::process::{children, is_alive, send};
use crate::programs::LANGUAGE_MODEL;
use crate::server::{Server, World};
use crate::traffic::Questions;

/// Decides when workers are killed.
const SEED: u64 = 11;

/// A worker that dies early rests twice as long each time; after so many deaths the model is loaded anew, which begins at the
/// first rest again. So none rests for as long as a second.
const IN_A_ROW: u32 = 4;
const FIRST_REST: Duration = Duration::from_millis(100);

/// Several times as long as loading the model takes on a machine that is busy with other tests.
const LOADING: Duration = Duration::from_secs(20);

/// How long the next death waits for an answer of the model.
const PATIENCE: Duration = Duration::from_secs(2);

/// A worker dies within so many milliseconds of a question: the model takes some fifty for one, and more under load.
const LIFE: u64 = 100;

#[test]
fn workers_killed_twenty_times_under_load_come_back_and_no_caller_notices() {
    kill(20);
}

#[test]
#[ignore = "takes minutes: `cargo xtask verify --long` has a share of it"]
fn workers_killed_three_hundred_times_under_load_come_back_and_no_caller_notices() {
    kill(Shard::of_environment().take((0..300).collect()).len() as u32);
}

fn kill(deaths: u32) {
    let world = world();
    let mut server = world.serve();
    server.await_ready(Tier::Tier1);
    server.await_ready(Tier::Tier2);
    // No answer is kept. Two relations share what speaks for them: neither is likely enough for the tier's own confidence.
    let parameters = json!({"model": LANGUAGE_MODEL, "min_confidence": 0.2, "cache_size": 0});
    server.client().post_bytes("/admin/v1/tiers/tier2", &parameters).unwrap();
    server.await_ready(Tier::Tier2);
    let asker = Asker::new(&server);
    let questions = Questions::begin(&world, &server, "exact=30,alias=20,question=50", 8);
    let mut random = Rng::with_seed(SEED);
    eprintln!("seed {SEED}");
    let mut told = server.events_after(0).last().unwrap().id;
    let (mut workers, mut cut_off) = (BTreeSet::new(), 0);
    for death in 0..deaths {
        if death > 0 && death % IN_A_ROW == 0 {
            load_anew(&server);
        }
        let rest = FIRST_REST * 2_u32.pow(death % IN_A_ROW);
        await_answer(&asker, &mut random, PATIENCE);
        let before = worker(&mut server).unwrap();
        assert!(workers.insert(before), "worker {before} answers after its death");
        let text = any_question(&mut random);
        let killed = scope(|scope| {
            let asked = scope.spawn(|| names_model(&asker.question(&text)));
            sleep(Duration::from_millis(random.u64(0..LIFE)));
            send("KILL", before);
            let killed = Instant::now();
            cut_off += u32::from(!asked.join().unwrap());
            killed
        });
        await_loaded(&server, false);
        await_loaded(&server, true);
        let took = killed.elapsed();
        assert!(took >= rest && took < rest + LOADING, "death {death}: back after {took:?}, rest {rest:?}");
        told = is_told(&server, rest, told);
    }
    let summary = questions.end();
    assert!(await_answer(&asker, &mut random, 3 * LOADING), "the model takes no part in answers");
    eprintln!("{cut_off} of {deaths} deaths cut a question off\n{summary}");
    assert!(cut_off > deaths / 10, "{cut_off} of {deaths} deaths met a question");
    assert_eq!(summary.faults, 0, "{summary}");
    workers.extend(worker(&mut server));
    server.process().signal("TERM");
    assert!(server.process().ends_within(LOADING).is_some_and(|status| status.success()));
    assert_eq!(workers.into_iter().find(|worker| is_alive(*worker)), None, "an orphan");
}

/// A server with everybody on Tier 2, and with relations that neither words nor vectors tell from each other.
fn world() -> World {
    let world = World::before_phase(3);
    // How long callers wait is another test's claim; here none is to give up before the model has spoken.
    world.configure("p95_ms = 1000", "p95_ms = 60000");
    world.configure("alert_p95_ms = 2000", "alert_p95_ms = 60000");
    world.configure("p95_ms = 1500", "p95_ms = 60000");
    world.configure("[tier2]\ntimeout_ms = 2000", "[tier2]\ntimeout_ms = 10000");
    world.configure("enhancement_timeout_ms = 2000", "enhancement_timeout_ms = 20000");
    let on = format!("enabled = true\npercentage = 100\nmodel = \"{LANGUAGE_MODEL}\"\n");
    world.configure("[tier2]\n", &format!("[tier2]\n{on}"));
    knowledge::add_neighbours(&world.path("kb"));
    knowledge::write_questions_of_neighbours(&world.path("questions.jsonl"));
    world
}

/// Waits until the model takes part in an answer, or has had its time: on a machine this busy it may be too late for all of them.
fn await_answer(asker: &Asker, random: &mut Rng, patience: Duration) -> bool {
    let end = Instant::now() + patience;
    loop {
        if names_model(&asker.question(&any_question(random))) {
            return true;
        }
        if Instant::now() > end {
            return false;
        }
    }
}

fn any_question(random: &mut Rng) -> String {
    let inns = knowledge::inns();
    let inn = &inns[random.usize(0..inns.len())].name;
    knowledge::question_of_neighbours(random.usize(..), inn)
}

/// Whether the model took part in an answer.
fn names_model(answer: &Value) -> bool {
    let models = answer["data"]["enhancement"]["models"].as_array();
    models.is_some_and(|models| models.iter().any(|model| model == LANGUAGE_MODEL))
}

/// The server's only child.
fn worker(server: &mut Server) -> Option<u32> {
    let children = children(server.process().0.id());
    assert!(children.len() < 2, "{children:?}");
    children.first().copied()
}

fn await_loaded(server: &Server, loaded: bool) {
    let end = Instant::now() + LOADING;
    let is_loaded = || server.health().models.iter().any(|model| model.id == LANGUAGE_MODEL && model.loaded);
    while is_loaded() != loaded {
        assert!(Instant::now() < end, "the health report goes on saying `loaded: {}`", !loaded);
        sleep(Duration::from_millis(5));
    }
}

/// The next two events are the worker's death and its return. Gives the number of the second.
fn is_told(server: &Server, rest: Duration, since: u64) -> u64 {
    // The report knows of the return a moment before the event is on the disk.
    let end = Instant::now() + LOADING;
    loop {
        let events = server.events_after(since);
        if let [died, returned] = &events[..] {
            let (died, returned) = (&died.kind, (&returned.kind, returned.id));
            let (
                EventKind::WorkerDied { model, reason, rest_ms },
                EventKind::WorkerReturned { model: back, .. },
            ) = (died, returned.0)
            else {
                panic!("{events:?}")
            };
            assert_eq!([&**model, &**back, &**reason], [LANGUAGE_MODEL, LANGUAGE_MODEL, "it was killed"]);
            assert_eq!(u128::from(*rest_ms), rest.as_millis());
            return returned.1;
        }
        assert!(Instant::now() < end, "{events:#?}");
        sleep(Duration::from_millis(5));
    }
}

/// Unloads the model as soon as nobody asks it, and loads it.
fn load_anew(server: &Server) {
    let post =
        |verb| server.client().post_bytes(&format!("/admin/v1/models/{LANGUAGE_MODEL}/{verb}"), &json!({}));
    let end = Instant::now() + LOADING;
    while let Err(error) = post("unload") {
        assert!(Instant::now() < end, "{error}");
        sleep(Duration::from_millis(5));
    }
    post("load").unwrap();
    await_loaded(server, true);
}
