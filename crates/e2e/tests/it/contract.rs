//! What every server has to keep to, asked of the real one through deployctl's own adapter.

use find_facts_deployctl::server::AdminServer;
use find_facts_rollout::contract::{CLAUSES, Subject};

use crate::server::World;

#[test]
fn the_real_server_keeps_every_clause() {
    let broken: Vec<String> = CLAUSES
        .iter()
        .filter_map(|(name, clause)| {
            let world = World::new();
            let server = world.serve();
            let adapter = AdminServer::new(server.client(), "contract");
            let subject = Subject { server: &adapter, run: "contract", model: "minilm" };
            clause(subject).err().map(|error| format!("{name}: {error}"))
        })
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}
