//! The simulated server keeps every clause that the real one has to keep.

use std::sync::Arc;

use find_facts_rollout::contract::{CLAUSES, Clause, LOADING, Subject};
use find_facts_testkit::VirtualClock;

use crate::sim::{Knowledge, Script, SimServer};

fn check((name, clause): Clause, script: Script) {
    let server = SimServer::new(Arc::new(VirtualClock::new()), Knowledge::new(30), script);
    let subject = Subject { server: &server, run: "contract", model: "minilm" };
    if let Err(broken) = clause(subject) {
        panic!("{name}: {broken}");
    }
}

#[test]
fn the_simulated_server_keeps_every_clause() {
    for clause in CLAUSES {
        check(clause, Script::default());
    }
    // Its clock stands still while a clause waits.
    for clause in LOADING {
        check(clause, Script { loads_in: 0.0, ..Script::default() });
    }
}
