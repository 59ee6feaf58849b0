//! The lives of a worker: given up before it has begun, and begun anew.

use std::time::{Duration, Instant};

use find_facts_core::Deadline;
use find_facts_engine_llama::LlamaWorker;

use crate::files::Tiny;
use crate::worker::{this_binary, worker_options};

#[test]
fn a_worker_that_nobody_wants_any_more_does_not_go_on_loading() {
    let tiny = Tiny::new();
    let mut options = worker_options(&tiny.file);
    options.command = this_binary("silent");
    options.loading = Duration::from_secs(600);
    let wanted = Deadline::none();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let loading = scope.spawn(|| LlamaWorker::start(options, &wanted, |_| {}));
        std::thread::sleep(Duration::from_millis(100));
        wanted.cancel();
        let error = loading.join().unwrap().err().unwrap();
        assert!(error.to_string().contains("unloaded"), "{error}");
    });
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}
