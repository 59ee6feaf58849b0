//! The hub's real addresses, headers and cache layout.

use std::fs;

use find_facts_models::{Holding, HubSettings, PullSettings, holding, locate};
use find_facts_testkit::hub::{COMMIT, HubFault};

use crate::world::{FILE, REPOSITORY, RETRY, World, content, entry, on_hub, settings};

#[test]
fn a_pulled_file_lies_where_the_hubs_own_tools_look_for_it() {
    let content = content(100_000);
    let world = World::pinned(&content);
    let file = world.check_pull(&content);

    let repository = world.folder.path().join("models/models--org--model");
    assert_eq!(file.path, repository.join("snapshots").join(COMMIT).join(FILE));
    assert_eq!(fs::read_to_string(repository.join("refs/main")).unwrap(), COMMIT);
    let target = fs::read_link(&file.path).unwrap();
    assert_eq!(target.to_str().unwrap(), format!("../../blobs/{}", file.sha256));

    let located = locate(&world.home(), &world.catalogue, "Org/Model").unwrap();
    assert_eq!(located.file(FILE).unwrap(), file.path);
    let entry = world.catalogue.get("model").unwrap();
    assert_eq!(holding(&world.home(), entry), Holding { bytes: 100_000, complete: true });
}

#[test]
fn a_small_file_in_a_folder_comes_without_a_redirect() {
    let small = b"{\"small\": true}";
    let world = World::new(
        &entry(Some(small), "{ hub = \"deep/er/config.json\" }").replace(FILE, "deep/er/config.json"),
    );
    world.hub.put(REPOSITORY, "deep/er/config.json", *small);
    world.check_pull(small);
    assert!(world.hub.downloads().is_empty(), "the CDN was asked");
}

#[test]
fn what_is_there_is_not_asked_for_again() {
    let content = content(5_000);
    let world = World::pinned(&content);
    world.check_pull(&content);
    let requests = world.hub.seen().len();
    assert_eq!(world.check_pull(&content).source, None);
    assert_eq!(world.hub.seen().len(), requests);
}

#[test]
fn what_is_there_is_found_in_a_cache_that_cannot_be_written() {
    let content = content(5_000);
    let world = World::pinned(&content);
    world.check_pull(&content);
    let locks = world.folder.path().join("models/.locks");
    fs::remove_dir_all(&locks).unwrap();
    fs::write(&locks, b"no folder: root may write anywhere else").unwrap();
    assert_eq!(world.check_pull(&content).source, None);
}

#[test]
fn a_damaged_file_is_replaced() {
    let content = content(5_000);
    let world = World::pinned(&content);
    let path = world.check_pull(&content).path;
    for damage in [content[..100].to_vec(), vec![0; content.len()]] {
        fs::write(&path, damage).unwrap();
        assert!(world.check_pull(&content).source.is_some());
    }
}

#[test]
fn the_same_content_under_another_revision_is_not_downloaded_again() {
    let content = content(5_000);
    let mut world = World::pinned(&content);
    world.check_pull(&content);
    let moved = on_hub(Some(&content)).replace("quantisation", "revision = \"v2\"\nquantisation");
    world.catalogue = find_facts_models::Catalogue::parse("models.toml", &moved).unwrap();
    world.check_pull(&content);
    assert_eq!(world.hub.downloads().len(), 1);
}

#[test]
fn the_token_goes_to_the_endpoint_and_to_nobody_else() {
    let content = content(100_000);
    let mut world = World::pinned(&content);
    world.hub.fault(FILE, HubFault::NeedsToken("hf_secret"));
    world.settings = settings(&world.hub.endpoint(), Some("hf_secret"));
    world.check_pull(&content);

    let bearer = Some("Bearer hf_secret".to_owned());
    let seen = world.hub.seen();
    assert!(seen.iter().any(|seen| seen.by_cdn));
    for seen in seen {
        assert_eq!(seen.authorization, bearer.clone().filter(|_| !seen.by_cdn), "{seen:?}");
    }
}

#[test]
fn an_offline_hub_is_not_asked() {
    let content = content(5_000);
    let mut world = World::pinned(&content);
    let endpoint = world.hub.endpoint();
    let offline = move |name: &str| match name {
        "HF_ENDPOINT" => Some(endpoint.clone()),
        "HF_HUB_OFFLINE" => Some("1".to_owned()),
        _ => None,
    };
    let hub = HubSettings::read(offline).unwrap();
    world.settings = PullSettings { retry: RETRY, ..PullSettings::new(hub) };
    world.check_error(&["HF_HUB_OFFLINE", "unset"]);
    assert!(world.hub.seen().is_empty());
}

#[test]
fn an_offline_hub_does_not_hide_what_its_own_tools_have_pulled() {
    let content = content(5_000);
    let world = World::new(&on_hub(None));
    let repository = world.folder.path().join("models/models--org--model");
    let snapshot = repository.join("snapshots").join(COMMIT);
    fs::create_dir_all(&snapshot).unwrap();
    fs::create_dir_all(repository.join("refs")).unwrap();
    fs::write(repository.join("refs/main"), COMMIT).unwrap();
    fs::write(snapshot.join(FILE), &content).unwrap();
    assert_eq!(world.check_pull(&content).source, None);
    assert!(world.hub.seen().is_empty());
}

#[test]
fn the_hubs_own_digest_is_checked_where_the_catalogue_has_none() {
    let content = content(5_000);
    let world = World::new(&on_hub(None));
    world.hub.put(REPOSITORY, FILE, content.clone());
    world.hub.fault(FILE, HubFault::WrongContent);
    world.check_error(&["it has the digest", "pin it anew"]);
}

#[test]
fn a_plain_address_is_received_like_the_hub() {
    let content = content(100_000);
    let mut world = World::new(&on_hub(None));
    let url = world.hub.plain_url(REPOSITORY, FILE);
    let text = entry(None, &format!("{{ url = \"{url}\" }}"));
    world.catalogue = find_facts_models::Catalogue::parse("models.toml", &text).unwrap();
    world.hub.put(REPOSITORY, FILE, content.clone());
    world.hub.fault(FILE, HubFault::Cut { after: 30_000, times: 2 });
    world.check_pull(&content);
    let ranges: Vec<_> = world.hub.downloads().into_iter().map(|seen| seen.range).collect();
    assert_eq!(ranges, [None, Some("bytes=30000-".to_owned()), Some("bytes=60000-".to_owned())]);
}

#[test]
fn a_local_file_is_used_where_it_is_and_goes_first() {
    let content = content(5_000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.gguf");
    let sources = format!("{{ path = \"{}\" }}, {{ hub = \"{FILE}\" }}", path.display());
    let world = World::new(&entry(Some(&content), &sources));
    world.hub.put(REPOSITORY, FILE, content.clone());

    fs::write(&path, &content).unwrap();
    assert_eq!(world.check_pull(&content).path, path);
    assert!(world.hub.seen().is_empty());

    fs::write(&path, b"another file").unwrap();
    assert_ne!(world.check_pull(&content).path, path);
    assert_eq!(fs::read(&path).unwrap(), b"another file", "the operator's file is left alone");
}
