//! What networks and servers do: each ends in a whole file, or in an error that says what, where and what to do.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use find_facts_core::Deadline;
use find_facts_models::{Progress, PullError, Puller};
use find_facts_testkit::hub::{HubFault, Seen};

use crate::world::{FILE, REPOSITORY, World, content, entry, on_hub, settings};

fn ranges(downloads: Vec<Seen>) -> Vec<Option<String>> {
    downloads.into_iter().map(|seen| seen.range).collect()
}

fn status(status: u16, retry_after: Option<u64>, times: u32) -> HubFault {
    HubFault::Status { status, retry_after, message: "so says the hub", times }
}

#[test]
fn a_cut_connection_is_resumed_where_it_broke() {
    let content = content(100_000);
    let world = World::pinned(&content);
    world.hub.fault(FILE, HubFault::Cut { after: 40_000, times: 2 });
    world.check_pull(&content);
    let expected = [None, Some("bytes=40000-".to_owned()), Some("bytes=80000-".to_owned())];
    assert_eq!(ranges(world.hub.downloads()), expected);
}

#[test]
fn a_connection_cut_for_good_leaves_a_part_that_the_next_pull_goes_on_from() {
    let content = content(100_000);
    let world = World::pinned(&content);
    world.hub.fault(FILE, HubFault::Cut { after: 10_000, times: 1 });
    // Cut once with 10 000 bytes, then not a byte more.
    let broken = world.pull_listening(&mut |progress| {
        if matches!(progress, Progress::Retrying { .. }) {
            world.hub.fault(FILE, HubFault::Cut { after: 0, times: 100 });
        }
    });
    let said = broken.unwrap_err().to_string();
    assert!(said.contains("broke off after 10000 bytes"), "{said}");

    world.hub.fault(FILE, HubFault::Cut { after: 0, times: 0 });
    world.check_pull(&content);
    assert_eq!(ranges(world.hub.downloads()).last(), Some(&Some("bytes=10000-".to_owned())));
}

#[test]
fn a_server_without_ranges_is_asked_for_the_whole_and_not_for_ever() {
    let content = content(100_000);
    let world = World::pinned(&content);
    world.hub.fault(FILE, HubFault::Cut { after: 60_000, times: 1 });
    let mut changed = false;
    let pulled = world.pull_listening(&mut |progress| {
        if matches!(progress, Progress::Retrying { .. }) && !std::mem::replace(&mut changed, true) {
            world.hub.fault(FILE, HubFault::NoRanges);
        }
    });
    assert!(pulled.is_ok(), "{pulled:?}");
    assert_eq!(world.hub.downloads().len(), 2);
}

#[test]
fn a_part_of_another_content_is_thrown_away() {
    let content = content(100_000);
    let world = World::pinned(&content);
    let digest = find_facts_models::Digest::of(&content);
    let blobs = world.folder.path().join("models/models--org--model/blobs");
    std::fs::create_dir_all(&blobs).unwrap();
    for wrong in [vec![7; 50_000], vec![7; 100_000], vec![7; 200_000]] {
        std::fs::write(blobs.join(format!("{digest}.incomplete")), wrong).unwrap();
        world.check_pull(&content);
        std::fs::remove_dir_all(world.folder.path().join("models/models--org--model")).unwrap();
        std::fs::create_dir_all(&blobs).unwrap();
    }
}

#[test]
fn a_file_of_another_digest_gets_no_name() {
    let content = content(100_000);
    let world = World::pinned(&content);
    world.hub.fault(FILE, HubFault::WrongContent);
    world.check_error(&[
        "no source has `weights.gguf` of `model`",
        "hub `org/model`",
        "it has the digest",
        "expected",
    ]);
    assert!(world.leftovers().is_empty(), "{:?}", world.leftovers());
}

#[test]
fn a_file_that_the_hub_itself_calls_another_is_not_downloaded() {
    let world = World::pinned(&content(100_000));
    let mut other = content(100_000);
    other[0] ^= 1;
    world.hub.put(REPOSITORY, FILE, other);
    world.check_error(&["it has the digest"]);
    world.hub.put(REPOSITORY, FILE, content(99_999));
    world.check_error(&["it has 99999 bytes, expected 100000"]);
    assert!(world.hub.downloads().is_empty());
}

#[test]
fn a_web_page_is_no_model_even_where_no_digest_says_so() {
    let world = World::new(&on_hub(None));
    world.hub.put(REPOSITORY, FILE, content(100_000));
    world.hub.fault(FILE, HubFault::WebPage);
    world.check_error(&["answers with a web page", "sign-in page"]);
    assert!(world.leftovers().is_empty(), "{:?}", world.leftovers());
}

#[test]
fn refusals_say_who_refused_and_what_to_do() {
    let check = |fault, expected: &[&str]| {
        let world = World::pinned(&content(5_000));
        world.hub.fault(FILE, fault);
        world.check_error(expected);
        assert_eq!(world.hub.seen().len(), 1, "a refusal is not asked for twice");
    };
    check(status(401, None, 9), &["answers 401 (so says the hub)", "HF_TOKEN"]);
    check(status(403, None, 9), &["answers 403", "accept its terms"]);
    check(status(404, None, 9), &["answers 404", "check repository, revision and file"]);
    check(HubFault::NeedsToken("x"), &["answers 401 (Access to this model is restricted)"]);
}

#[test]
fn a_server_that_says_later_is_asked_later() {
    let content = content(5_000);
    let world = World::pinned(&content);
    world.hub.fault(FILE, status(429, Some(1), 1));
    let started = Instant::now();
    world.check_pull(&content);
    assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());

    let world = World::pinned(&content);
    world.hub.fault(FILE, status(429, Some(3600), 1));
    world.check_error(&["answers 429 and asks to wait 3600 s", "pull again later"]);
}

#[test]
fn a_server_in_trouble_is_tried_four_times() {
    let content = content(5_000);
    for status_code in [429, 500, 502, 503, 504] {
        let world = World::pinned(&content);
        world.hub.fault(FILE, status(status_code, None, 3));
        world.check_pull(&content);
    }
    let world = World::pinned(&content);
    world.hub.fault(FILE, status(503, None, 100));
    world.check_error(&["answers 503"]);
    assert_eq!(world.hub.seen().len(), 4);
}

#[test]
fn a_hub_that_is_not_there_is_an_error_and_is_asked_for_one_file_only() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut world = World::new(&two_files());
    world.settings = settings(&format!("http://{free}"), None);
    world.check_error(&["does not answer", "HF_ENDPOINT"]);

    // With a second source for the first file, the second file does not wait for the hub again.
    let (folder, url) = (tempfile::tempdir().unwrap(), world.hub.plain_url(REPOSITORY, FILE));
    let local = folder.path().join("local");
    std::fs::write(&local, b"local").unwrap();
    let text = two_files()
        .replacen("{ hub = \"a\" }", &format!("{{ hub = \"a\" }}, {{ url = \"{url}\" }}"), 1)
        .replacen("{ hub = \"b\" }", &format!("{{ hub = \"b\" }}, {{ path = \"{}\" }}", local.display()), 1);
    world.hub.put(REPOSITORY, FILE, content(5_000));
    world.catalogue = find_facts_models::Catalogue::parse("models.toml", &text).unwrap();
    std::fs::remove_file(&local).unwrap();
    world.check_error(&["`b` of `model`", "not asked, as the hub did not answer before"]);
}

fn two_files() -> String {
    let one = entry(None, "{ hub = \"a\" }").replace(FILE, "a");
    format!("{one}[[models.model.files]]\nname = \"b\"\nsources = [{{ hub = \"b\" }}]\n")
}

#[test]
fn a_silent_server_is_given_up() {
    let mut world = World::pinned(&content(100_000));
    world.settings.retry.silence = Duration::from_millis(100);
    world.settings.retry.tries = 2;
    world.hub.fault(FILE, HubFault::Slow { pause: Duration::from_secs(60) });
    world.check_error(&["broke off after 0 bytes"]);
}

#[test]
fn a_slow_server_is_followed_and_reported() {
    let content = content(100_000);
    let world = World::pinned(&content);
    world.hub.fault(FILE, HubFault::Slow { pause: Duration::from_millis(5) });
    let mut received = Vec::new();
    let mut listener = |progress: Progress<'_>| {
        if let Progress::Received { file, bytes, total } = progress {
            assert_eq!((file, total), (FILE, Some(100_000)));
            received.push(bytes);
        }
    };
    world.pull_listening(&mut listener).unwrap();
    assert!(received.is_sorted() && received.len() > 2, "{received:?}");
    assert_eq!(received.last(), Some(&100_000));
}

#[test]
fn a_pull_that_nobody_waits_for_stops() {
    let world = World::pinned(&content(1_000_000));
    world.hub.fault(FILE, HubFault::Slow { pause: Duration::from_millis(20) });
    let deadline = Deadline::none();
    let puller = Puller::new(world.home(), world.settings.clone()).unwrap();
    let pulled = puller.pull(world.catalogue.get("model").unwrap(), false, &deadline, &mut |progress| {
        if matches!(progress, Progress::Received { .. }) {
            deadline.cancel();
        }
    });
    assert!(matches!(pulled, Err(PullError::Deadline(_))), "{pulled:?}");
}

#[test]
fn a_licence_that_must_be_accepted_is_asked_for_before_anything_is_downloaded() {
    let content = content(5_000);
    let mut world = World::pinned(&content);
    let text = crate::world::on_hub(Some(&content)).replace(
        "licence = \"MIT\"",
        "licence = \"Theirs\"\nlicence_url = \"https://example.org/licence\"\nlicence_must_be_accepted = true",
    );
    world.catalogue = find_facts_models::Catalogue::parse("models.toml", &text).unwrap();
    world.check_error(&["licence `Theirs` of `model`", "https://example.org/licence", "--accept-licence"]);
    assert!(world.hub.seen().is_empty());

    let puller = Puller::new(world.home(), world.settings.clone()).unwrap();
    let entry = world.catalogue.get("model").unwrap();
    puller.pull(entry, true, &Deadline::none(), &mut |_| ()).unwrap();
    // What is there needs no word any more.
    world.check_pull(&content);
}
