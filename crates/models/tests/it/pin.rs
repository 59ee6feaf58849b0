//! Recording digests, and telling what is there.

use std::fs;

use find_facts_models::{Catalogue, Digest, Finding, PinError, pin, verify};
use find_facts_testkit::hub::COMMIT;

use crate::world::{FILE, REPOSITORY, World, content, on_hub};

/// A world whose catalogue is a file, with comments that must stay.
fn unpinned(content: &[u8]) -> (World, std::path::PathBuf) {
    let text = on_hub(None)
        .replace("[models.model]", "# what it is\n[models.model] # here")
        .replace("quantisation", "revision = \"main\" # moves\nquantisation");
    let world = World::new(&text);
    world.hub.put(REPOSITORY, FILE, content);
    let path = world.folder.path().join("models.toml");
    fs::write(&path, text).unwrap();
    (world, path)
}

#[test]
fn a_pin_records_what_a_pull_has_brought_and_keeps_the_rest() {
    let content = content(5_000);
    let (mut world, path) = unpinned(&content);
    assert!(world.catalogue.get("model").unwrap().require_pinned().is_err());
    world.check_pull(&content);

    let pinned = pin(&path, "Org/Model", &world.home()).unwrap();
    assert_eq!(pinned[0].sha256, Digest::of(&content));
    let text = fs::read_to_string(&path).unwrap();
    for expected in
        ["# what it is\n", "] # here\n", "# moves\n", "size = 5000\n", &format!("revision = \"{COMMIT}\"")]
    {
        assert!(text.contains(expected), "`{expected}` is not in:\n{text}");
    }

    world.catalogue = Catalogue::read(&path).unwrap();
    let entry = world.catalogue.get("model").unwrap();
    assert_eq!(entry.require_pinned(), Ok(()));
    assert_eq!(entry.size(), Some(5_000));
    let requests = world.hub.seen().len();
    world.check_pull(&content);
    assert_eq!(world.hub.seen().len(), requests);
    assert!(pin(&path, "model", &world.home()).unwrap().is_empty(), "nothing is left to record");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn nothing_is_recorded_of_what_is_not_there() {
    let (world, path) = unpinned(b"x");
    let before = fs::read_to_string(&path).unwrap();
    let error = pin(&path, "model", &world.home()).unwrap_err();
    assert!(matches!(&error, PinError::Missing { .. }), "{error}");
    assert!(error.hint().unwrap().contains("deployctl models pull model"));
    assert!(matches!(pin(&path, "modle", &world.home()), Err(PinError::Unknown(_))));
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
}

#[test]
fn a_digest_is_never_replaced() {
    let content = content(5_000);
    let world = World::pinned(&content);
    let path = world.folder.path().join("models.toml");
    fs::write(&path, on_hub(Some(&content))).unwrap();
    let file = world.check_pull(&content).path;
    fs::write(&file, vec![0; 5_000]).unwrap();
    assert!(matches!(pin(&path, "model", &world.home()), Err(PinError::Differs { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), on_hub(Some(&content)));
}

#[test]
fn verify_reads_every_byte() {
    let content = content(5_000);
    let world = World::pinned(&content);
    let entry = world.catalogue.get("model").unwrap();
    let finding = || verify(&world.home(), entry).unwrap().remove(0).finding;
    assert_eq!(finding(), Finding::Missing);
    let path = world.check_pull(&content).path;
    assert_eq!(finding(), Finding::Verified { sha256: Digest::of(&content) });
    let mut damaged = content.clone();
    damaged[4_999] ^= 1;
    fs::write(&path, &damaged).unwrap();
    let (expected, found) = (Digest::of(&content), Digest::of(&damaged));
    assert_eq!(finding(), Finding::Damaged { path: path.clone(), expected, found });
    fs::write(&path, &content[..10]).unwrap();
    assert_eq!(finding(), Finding::Missing, "a file of another size is not the file");
}
