//! What files come to, line by line. Expected values are what an export of the import says.

use std::fs;
use std::path::{Path, PathBuf};

use find_facts_store::BadLines;
use find_facts_store::kb::{self, Existing, ImportReport};
use tempfile::TempDir;

use crate::support::{exported, quiet};

/// Imports files of these names and contents; what the folder exports then, or what stopped the import.
fn imported(files: &[(&str, &str)], bad_lines: BadLines) -> (TempDir, Result<ImportReport, String>) {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = files.iter().map(|(name, _)| folder.path().join(name)).collect();
    for (path, (_, text)) in paths.iter().zip(files) {
        fs::write(path, text).unwrap();
    }
    let report = kb::import(&paths, &folder.path().join("kb"), Existing::Keep, bad_lines, &mut quiet);
    let report =
        report.map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""));
    (folder, report)
}

fn check(files: &[(&str, &str)], expected: &str) {
    let (folder, report) = imported(files, BadLines::Stop);
    assert!(report.is_ok(), "{files:?}: {report:?}");
    assert_eq!(exported(&folder.path().join("kb")), expected, "{files:?}");
}

fn check_bad(name: &str, text: &str, expected: &str) {
    let (folder, report) = imported(&[(name, text)], BadLines::Stop);
    assert_eq!(report.unwrap_err(), expected, "{text:?}");
    assert!(!folder.path().join("kb/knowledge.redb").exists(), "{text:?}");
}

#[test]
fn tsv_keeps_import_order_and_counts_a_fact_once() {
    check(&[("facts.tsv", "b\tp\tc\na\tp\tb\nb\tp\tc\n")], "facts: b|p|c, a|p|b");
    check(&[("facts.tsv", "\u{feff}a\tp\tb\r\n\r\nCurac\u{327}ao\tp\tb")], "facts: a|p|b, Curaçao|p|b");
    check(&[("facts.tsv", "")], "");
}

#[test]
fn a_fact_with_several_intervals_is_one_fact() {
    let lines = "a\tp\tb\t1990\t1994-05\nc\tp\td\na\tp\tb\na\tp\tb\t1998\t\na\tp\tb\t1990\t1994-05\n";
    check(&[("facts.tsv", lines)], "facts: a|p|b|1990|1994-05, a|p|b|1998|, c|p|d");
}

#[test]
fn aliases_are_known_by_the_names_of_their_files() {
    check(
        &[
            ("facts.tsv", "a\tp\tb\n"),
            ("my-aliases.tsv", "b\tB2\na\tA2\nb\tB1\n"),
            ("predicates.tsv", "p\tis p of\n"),
        ],
        "facts: a|p|b; aliases: b|B2, a|A2, b|B1; predicates: p|is p of",
    );
}

#[test]
fn json_lines_hold_facts_and_aliases() {
    let lines = concat!(
        r#"{"subject":"Ada \u00e9","predicate":"office","object":"mayor","start":"1990"}"#,
        "\n",
        r#"{"entity":"mayor","alias":"burgomaster"}"#,
        "\n",
        r#"{"predicate":"office","alias":"held office"}"#,
    );
    check(
        &[("dump.jsonl", lines)],
        "facts: Ada é|office|mayor|1990|; aliases: mayor|burgomaster; predicates: office|held office",
    );
}

#[test]
fn n_triples_are_called_by_the_last_part_of_their_iris() {
    let lines = "# cities\n\
        <http://x.org/r/Albert_Einstein> <http://x.org/p/place_of_birth> <http://x.org/r/Ulm> .\n\
        <http://x.org/r/Ulm> <http://x.org/p#population> \"126\\u0020790\"^^<http://www.w3.org/2001/XMLSchema#string> .\n\
        <http://x.org/r/S%C3%A3o_Paulo/> <http://x.org/p/twin> _:b0 .\n";
    check(
        &[("dump.nt", lines)],
        "facts: Albert Einstein|place_of_birth|Ulm, Ulm|population|126 790, São Paulo|twin|_:b0",
    );
}

#[test]
fn n_triples_are_called_by_their_labels_where_they_have_them() {
    let facts = "<http://x.org/Q1> <http://x.org/P1> <http://x.org/Q2> .\n";
    let labels = "<http://x.org/Q1> <http://www.w3.org/2000/01/rdf-schema#label> \"Ulme\"@de .\n\
        <http://x.org/Q1> <http://www.w3.org/2000/01/rdf-schema#label> \"elm\"@en .\n\
        <http://x.org/Q1> <http://www.w3.org/2004/02/skos/core#altLabel> \"elm tree\" .\n\
        <http://x.org/P1> <http://www.w3.org/2000/01/rdf-schema#label> \"grows in\"@en-GB .\n";
    check(
        &[("facts.nt", facts), ("labels.nt", labels)],
        "facts: elm|grows in|Q2; aliases: elm|Ulme, elm|elm tree; predicates: grows in|P1",
    );
}

#[test]
fn two_terms_never_share_a_name() {
    let lines = "<http://a.org/1> <http://x.org/in> <http://a.org/Paris> .\n\
        <http://b.org/2> <http://x.org/in> <http://b.org/Paris> .\n\
        <http://a.org/1> <http://www.w3.org/2000/01/rdf-schema#label> \"Seine\" .\n\
        <http://b.org/2> <http://www.w3.org/2000/01/rdf-schema#label> \"Seine\" .\n\
        <http://b.org/2> <http://x.org/in> \"Paris\" .\n";
    check(
        &[("dump.nt", lines)],
        "facts: Seine|in|Paris, Seine (2)|in|http://b.org/Paris, Seine (2)|in|Paris; aliases: Seine (2)|Seine",
    );
}

#[test]
fn a_bad_line_stops_the_import_and_says_where_and_why() {
    let columns = "3 (subject, predicate, object) or 5 (start, end)";
    check_bad(
        "f.tsv",
        "a\tp\tb\na\tp\n",
        &format!("`f.tsv` line 2: 2 tab-separated columns, expected {columns}"),
    );
    check_bad("f.tsv", "a\t\tb\n", "`f.tsv` line 1: the predicate is empty");
    check_bad(
        "f.tsv",
        "a\tp\tb\t1990-13\t\n",
        "`f.tsv` line 1: the start of the validity: `1990-13` is not a date of the form YYYY, YYYY-MM or YYYY-MM-DD",
    );
    check_bad(
        "f.tsv",
        "a\tp\tb\t1990-02\t1990-01-05\n",
        "`f.tsv` line 1: the validity ends before it starts",
    );
    check_bad(
        "aliases.tsv",
        "a\n",
        "`aliases.tsv` line 1: 1 tab-separated columns, expected 2 (entity, alias)",
    );
    check_bad(
        "f.nt",
        "<http://x.org/a> <http://x.org/p> .\n",
        "`f.nt` line 1: The object of a triple must be an IRI, a blank node or a literal",
    );
    check_bad(
        "f.nt",
        "<http://x.org/a> <http://x.org/p> \"two\\nlines\" .",
        "`f.nt` line 1: the object contains a line break, which no line of a tsv file can hold",
    );
    check_bad(
        "f.jsonl",
        r#"{"subject":"a"}"#,
        "`f.jsonl` line 1: expected the keys `subject`, `predicate`, `object` and optionally `start`, `end`; or `entity`, `alias`; or `predicate`, `alias`",
    );
    check_bad(
        "f.jsonl",
        r#"{"subject":7}"#,
        "`f.jsonl` line 1: invalid type: integer `7`, expected a string at line 1 column 12",
    );
    check_bad(
        "f.txt",
        "",
        "`f.txt` is of no known kind: expected `….tsv` with facts, `…aliases.tsv`, `…predicates.tsv`, `….nt` or `….jsonl`",
    );
}

#[test]
fn bad_lines_can_be_skipped_and_are_counted_and_listed() {
    let (folder, report) = imported(&[("f.tsv", "a\tp\tb\nnothing\na\tp\tc\na\tp\tb\n")], BadLines::Skip);
    let read = report.unwrap().read;
    assert_eq!((read.lines, read.repeated, read.bad), (4, 1, 1));
    let listed: Vec<u64> = read.bad_lines.iter().map(|bad| bad.line).collect();
    assert_eq!(listed, [2]);
    assert_eq!(exported(&folder.path().join("kb")), "facts: a|p|b, a|p|c");
}

#[test]
fn bytes_that_are_no_text_are_a_bad_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.tsv");
    fs::write(&file, b"a\tp\tb\n\xff\tp\tb\n").unwrap();
    let report =
        kb::import(&[file], &folder.path().join("kb"), Existing::Keep, BadLines::Skip, &mut quiet).unwrap();
    assert_eq!(report.read.bad_lines[0].reason.to_string(), "not UTF-8");
}

#[test]
fn an_import_adds_to_what_is_there_unless_it_replaces_it() {
    let (folder, _) = imported(&[("f.tsv", "a\tp\tb\n"), ("g.tsv", "a\tp\tb\nc\tp\td\n")], BadLines::Stop);
    let kb = folder.path().join("kb");
    let import = |file: &str, existing| {
        kb::import(&[folder.path().join(file)], &kb, existing, BadLines::Stop, &mut quiet).unwrap();
        exported(&kb)
    };
    assert_eq!(import("g.tsv", Existing::Keep), "facts: a|p|b, c|p|d");
    assert_eq!(import("f.tsv", Existing::Replace), "facts: a|p|b");
    assert_eq!(import("g.tsv", Existing::Keep), "facts: a|p|b, c|p|d");
}

#[test]
fn a_folder_of_files_is_never_imported_into() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("facts.tsv");
    fs::write(&file, "a\tp\tb\n").unwrap();
    let error =
        kb::import(&[file], folder.path(), Existing::Replace, BadLines::Stop, &mut quiet).unwrap_err();
    assert!(error.to_string().contains("is a folder of tab-separated files"), "{error}");
}

#[test]
fn two_imports_into_one_folder_exclude_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let kb = folder.path().join("kb");
    let file = folder.path().join("f.tsv");
    fs::write(&file, "a\tp\tb\n").unwrap();
    let import = |progress: &mut dyn FnMut(find_facts_store::Progress<'_>)| {
        kb::import(std::slice::from_ref(&file), &kb, Existing::Keep, BadLines::Stop, progress)
    };
    let mut second = None;
    import(&mut |_| second = Some(import(&mut quiet).unwrap_err().to_string())).unwrap();
    assert!(second.unwrap().starts_with("another process uses"));
}

#[test]
fn an_export_imports_to_the_same_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let import = |from: &Path, kb: &Path| {
        let files = ["facts.tsv", "aliases.tsv", "predicates.tsv"].map(|name| from.join(name));
        kb::import(&files, kb, Existing::Keep, BadLines::Stop, &mut quiet).unwrap().totals
    };
    fs::create_dir(path("files")).unwrap();
    fs::write(path("files/facts.tsv"), "a\tp\tb\t1990\t\nc\tq\ta\na\tp\tb\t\t1995-01-02\n").unwrap();
    fs::write(path("files/aliases.tsv"), "nobody\tx\na\ty\n").unwrap();
    fs::write(path("files/predicates.tsv"), "unused\tz\nq\tw\n").unwrap();
    let totals = import(&path("files"), &path("kb"));
    kb::export(&path("kb"), &path("export"), &mut quiet).unwrap();
    assert_eq!(import(&path("export"), &path("again")), totals);
    assert_eq!(exported(&path("again")), exported(&path("kb")));
}

#[test]
fn a_check_lists_all_that_somebody_should_look_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("facts.tsv"), "a\tp\tb\na\tp\n").unwrap();
    fs::write(path("aliases.tsv"), "a\tA\nnobody\tN\nnobody else\tN\n").unwrap();
    fs::write(path("predicates.tsv"), "unused\tU\n").unwrap();
    let report = kb::check(folder.path(), &mut quiet).unwrap();
    let prefix = format!("{}/", folder.path().display());
    let said: Vec<String> =
        report.findings.iter().map(|finding| finding.to_string().replace(&prefix, "")).collect();
    let columns = "2 tab-separated columns, expected 3 (subject, predicate, object) or 5 (start, end)";
    assert_eq!(
        said,
        [
            &*format!("bad lines: 1\n  `facts.tsv` line 2: {columns}"),
            "aliases of names without facts: 2, the first is `nobody`",
            "aliases of predicates without facts: 1, the first is `unused`",
        ],
    );
    assert_eq!(report.totals.facts, 1);
}

#[test]
fn stats_count_facts_by_predicate() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("facts.tsv"), "a\tq\tb\na\tp\tb\na\tp\tc\na\to\tc\n").unwrap();
    let stats = kb::stats(folder.path(), &mut quiet).unwrap();
    assert_eq!((stats.totals.facts, stats.totals.entities, stats.totals.predicates), (4, 3, 3));
    let predicates: Vec<(&str, usize)> =
        stats.predicates.iter().map(|(name, facts)| (&**name, *facts)).collect();
    assert_eq!(predicates, [("p", 2), ("o", 1), ("q", 1)]);
}

#[test]
fn an_import_that_cannot_be_written_changes_nothing() {
    let (folder, _) = imported(&[("f.tsv", "a\tp\tb\n"), ("g.tsv", "c\tp\td\n")], BadLines::Stop);
    let kb = folder.path().join("kb");
    let before = exported(&kb);
    fs::create_dir(kb.join("knowledge.redb.new")).unwrap();
    let files = [folder.path().join("g.tsv")];
    let error = kb::import(&files, &kb, Existing::Replace, BadLines::Stop, &mut quiet).unwrap_err();
    assert!(error.to_string().contains("knowledge.redb"), "{error}");
    assert_eq!(exported(&kb), before);
}

#[test]
fn an_import_without_files_never_empties_nor_makes_a_knowledge_base() {
    let (folder, report) = imported(&[("facts.tsv", "a\tp\tb\n")], BadLines::Stop);
    assert!(report.is_ok(), "{report:?}");
    let kb = folder.path().join("kb");
    let error = kb::import(&[], &kb, Existing::Replace, BadLines::Stop, &mut quiet).unwrap_err().to_string();
    assert!(error.contains("would lose everything"), "{error}");
    assert_eq!(exported(&kb), "facts: a|p|b");
    let absent = folder.path().join("absent");
    for existing in [Existing::Keep, Existing::Replace] {
        assert!(kb::import(&[], &absent, existing, BadLines::Stop, &mut quiet).is_err());
        assert!(!absent.exists());
    }
}
