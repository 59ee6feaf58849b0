//! Files out of Python wheels, through the machine's real pip, from a folder instead of an index.

use std::fs::File;
use std::io::{Cursor, Write};
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::world::{World, content, entry};

pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A wheel as pip knows it: `weights 1.0` with `weights/model.bin` and, in `weights/inner.zip`, `deep/model.bin`.
fn build_wheel(folder: &Path, content: &[u8]) {
    let inner = archive(&[("deep/model.bin", content)]);
    let wheel = archive(&[
        ("weights/model.bin", content),
        ("weights/inner.zip", &inner),
        ("weights-1.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: weights\nVersion: 1.0\n"),
        ("weights-1.0.dist-info/WHEEL", b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        ("weights-1.0.dist-info/RECORD", b""),
    ]);
    File::create(folder.join("weights-1.0-py3-none-any.whl")).unwrap().write_all(&wheel).unwrap();
}

fn world(content: &[u8], source: &str) -> (World, tempfile::TempDir) {
    let index = tempfile::tempdir().unwrap();
    build_wheel(index.path(), content);
    let mut world = World::new(&entry(Some(content), source));
    let find_links = format!("PIP_FIND_LINKS={}", index.path().display());
    world.settings.pip =
        ["env", "PIP_NO_INDEX=1", &find_links, "python3", "-m", "pip"].map(Into::into).to_vec();
    (world, index)
}

#[test]
fn a_file_comes_out_of_a_wheel() {
    let content = content(200_000);
    let (world, _index) = world(&content, "{ wheel = \"weights==1.0\", file = \"weights/model.bin\" }");
    let file = world.check_pull(&content);
    assert_eq!(file.source.as_deref(), Some("wheel `weights==1.0`"));
    assert_eq!(world.check_pull(&content).source, None);
}

#[test]
fn a_file_comes_out_of_an_archive_in_a_wheel() {
    let content = content(200_000);
    let source = "{ wheel = \"weights==1.0\", file = \"weights/inner.zip\", member = \"deep/model.bin\" }";
    world(&content, source).0.check_pull(&content);
}

#[test]
fn a_wheel_that_is_not_there_is_pips_error() {
    let (world, _index) = world(b"x", "{ wheel = \"weights==2.0\", file = \"weights/model.bin\" }");
    world.check_error(&["wheel `weights==2.0`: pip cannot download it", "No matching distribution"]);
    assert!(world.leftovers().is_empty());
}

#[test]
fn a_file_that_the_wheel_has_not_is_named() {
    let (world, _index) = world(b"x", "{ wheel = \"weights==1.0\", file = \"weights/other.bin\" }");
    world.check_error(&["`weights/other.bin` in the wheel cannot be read"]);
}

#[test]
fn a_machine_without_pip_is_told_what_it_lacks() {
    let (mut world, _index) = world(b"x", "{ wheel = \"weights==1.0\", file = \"weights/model.bin\" }");
    world.settings.pip = vec!["no-such-python".into()];
    world.check_error(&["`no-such-python` cannot be run", "install Python 3 with pip"]);
}
