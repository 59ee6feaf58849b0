//! A full disk: an error, no name without a file, and the space given back.

use std::path::PathBuf;

use find_facts_testkit::SmallDisk;

use crate::world::{World, content};

#[test]
fn a_full_disk_is_an_error_and_gets_its_space_back() {
    let content = content(4_000_000);
    let world = World::pinned(&content);
    let models = world.folder.path().join("models");
    std::fs::create_dir(&models).unwrap();
    let blobs = models.join("models--org--model/blobs");
    let disk = SmallDisk::mount(&models, 1);
    if disk.is_none() {
        // Who may not mount writes to the device that is always full.
        std::fs::create_dir_all(&blobs).unwrap();
        let part = blobs.join(format!("{}.incomplete", find_facts_models::Digest::of(&content)));
        std::os::unix::fs::symlink("/dev/full", part).unwrap();
    }
    world.check_error(&["cannot be written", "free some space"]);
    assert_eq!(world.leftovers(), Vec::<PathBuf>::new());

    drop(disk);
    world.check_pull(&content);
}

#[test]
fn a_cache_that_cannot_be_written_is_an_error_that_names_it() {
    let world = World::pinned(&content(5_000));
    std::fs::write(world.folder.path().join("models"), b"a file where a folder should be").unwrap();
    world.check_error(&["models", "cannot be written", "must be able to write"]);
}
