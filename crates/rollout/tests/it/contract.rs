//! The simulated server keeps every clause that the real one has to keep.

use std::sync::Arc;

use find_facts_rollout::contract::{CLAUSES, Subject};
use find_facts_testkit::VirtualClock;

use crate::sim::{Knowledge, Script, SimServer};

#[test]
fn the_simulated_server_keeps_every_clause() {
    for (name, clause) in CLAUSES {
        let server = SimServer::new(Arc::new(VirtualClock::new()), Knowledge::new(30), Script::default());
        let subject = Subject { server: &server, run: "contract", model: "minilm" };
        if let Err(broken) = clause(subject) {
            panic!("{name}: {broken}");
        }
    }
}
