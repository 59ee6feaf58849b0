//! What several of these tests need.

use std::fs;
use std::path::Path;

use find_facts_store::{Progress, kb};

/// Whoever does not want to know.
pub(crate) fn quiet(_: Progress<'_>) {}

/// A knowledge base on one line: what it exports, with `|` between columns and `, ` between lines.
pub(crate) fn exported(kb: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    kb::export(kb, folder.path(), &mut quiet).unwrap();
    let kinds = ["facts", "aliases", "predicates"].map(|kind| {
        let lines = fs::read_to_string(folder.path().join(kind).with_extension("tsv")).unwrap();
        (!lines.is_empty()).then(|| {
            format!("{kind}: {}", lines.trim_end_matches('\n').replace('\t', "|").replace('\n', ", "))
        })
    });
    kinds.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
