//! Several processes, and processes that are killed: this binary, started again for each.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use find_facts_core::Deadline;
use find_facts_models::{Catalogue, Home, Progress, Puller};
use find_facts_testkit::hub::HubFault;

use crate::world::{FILE, World, content, on_hub, settings};

const FOLDER: &str = "PULL_FOLDER";
const ENDPOINT: &str = "PULL_ENDPOINT";

/// Not a test of its own: one process that pulls.
#[test]
#[ignore = "started by the tests of this file"]
fn pull_in_a_process() {
    let value = |name: &str| std::env::var(name).unwrap();
    let folder = PathBuf::from(value(FOLDER));
    let catalogue = Catalogue::read(&folder.join("models.toml")).unwrap();
    let puller = Puller::new(Home::new(&folder, None), settings(&value(ENDPOINT), None)).unwrap();
    let mut waited = false;
    let mut listener = |progress: Progress<'_>| waited |= matches!(progress, Progress::Waiting { .. });
    let pulled =
        puller.pull(catalogue.get("model").unwrap(), false, &Deadline::none(), &mut listener).unwrap();
    println!("downloaded={} waited={waited}", pulled[0].source.is_some());
}

fn start(world: &World, content: &[u8]) -> Child {
    fs::write(world.folder.path().join("models.toml"), on_hub(Some(content))).unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "processes::pull_in_a_process", "--ignored", "--nocapture"])
        .env(FOLDER, world.folder.path())
        .env(ENDPOINT, world.hub.endpoint())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn part(world: &World, content: &[u8]) -> PathBuf {
    let digest = find_facts_models::Digest::of(content);
    world.folder.path().join(format!("models/models--org--model/blobs/{digest}.incomplete"))
}

fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}

fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn two_processes_download_a_file_once() {
    let content = content(500_000);
    let world = World::pinned(&content);
    world.hub.fault(FILE, HubFault::Slow { pause: Duration::from_millis(20) });
    let first = start(&world, &content);
    wait_for("the first process begins", || length(&part(&world, &content)) > 0);
    let second = start(&world, &content);

    let said = |child: Child| String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let (first, second) = (said(first), said(second));
    assert!(first.contains("downloaded=true waited=false"), "{first}");
    assert!(second.contains("downloaded=false waited=true"), "{second}");
    assert_eq!(world.hub.downloads().len(), 1);
    world.check_pull(&content);
}

#[test]
fn a_killed_pull_goes_on_where_it_was() {
    let content = content(500_000);
    let world = World::pinned(&content);
    world.hub.fault(FILE, HubFault::Slow { pause: Duration::from_millis(20) });
    let mut begun = 0;
    for _ in 0..3 {
        let mut child = start(&world, &content);
        wait_for("more bytes arrive", || length(&part(&world, &content)) > begun + 20_000);
        child.kill().unwrap();
        child.wait().unwrap();
        let now = length(&part(&world, &content));
        assert!(now > begun, "{now} bytes after {begun}");
        begun = now;
    }
    assert!(find_facts_models::locate(&world.home(), &world.catalogue, "model").is_err());
    world.hub.fault(FILE, HubFault::Slow { pause: Duration::ZERO });
    world.check_pull(&content);
    assert_eq!(world.hub.downloads().last().unwrap().range, Some(format!("bytes={begun}-")));
    assert_eq!(world.hub.downloads().len(), 4);
}
