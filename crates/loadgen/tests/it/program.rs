//! The program itself: what it says when it is called wrongly.

use std::process::{Command, Output};

fn called(arguments: &[&str]) -> (Option<i32>, String) {
    let mut loadgen = Command::new(env!("CARGO_BIN_EXE_loadgen"));
    let Output { status, stderr, .. } = loadgen.args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_target_that_is_no_http_url_is_wrong_usage() {
    for target in
        ["nonsense", "", "localhost:7070", "ftp://127.0.0.1", "http://", "http://127.0.0.1:7070?x=1"]
    {
        let (code, said) = called(&["--kb", "nowhere", "--target", target]);
        assert_eq!(code, Some(2), "{target}: {said}");
        assert!(said.contains("--target") && said.contains("http://127.0.0.1:7070"), "{target}: {said}");
    }
    // What is wrong with a right one is the knowledge base.
    let (code, said) = called(&["--kb", "nowhere", "--target", "https://facts.example/service/"]);
    assert!(code == Some(2) && said.contains("nowhere"), "{said}");
}
