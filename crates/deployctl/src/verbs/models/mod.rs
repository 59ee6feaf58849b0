//! `models pull|list|verify|pin`: this machine's cache of the catalogue's models and libraries.

mod progress;

use find_facts_core::Deadline;
use find_facts_models::{
    Catalogue, Entry, Finding, Kind, PinnedFile, PullSettings, PulledFile, Puller, holding,
    verify as verify_files,
};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use progress::Progress;

/// An entry and what the cache holds of it.
#[derive(Debug, Serialize)]
struct Row {
    id: String,
    kind: &'static str,
    quantisation: String,
    licence: String,
    state: &'static str,
    bytes: u64,
    total_bytes: Option<u64>,
    pinned: bool,
}

/// A file that was looked at or brought.
#[derive(Debug, Serialize)]
struct FileRow {
    document: &'static str,
    id: String,
    file: String,
    state: &'static str,
    sha256: Option<String>,
    detail: String,
}

/// Brings entries into the cache.
pub fn pull(context: &Context, ids: &[String], accept_licence: bool) -> Result<(), Failure> {
    let catalogue = context.catalogue()?;
    let puller = puller(context)?;
    for entry in chosen(&catalogue, ids)? {
        if context.dry_run {
            context.output.show(&row(context, entry), |row| format!("{}: {}", row.id, would(row)));
            continue;
        }
        for file in pull_one(context, &puller, entry, accept_licence)? {
            context.output.show(&pulled(entry, &file), line);
        }
    }
    Ok(())
}

/// Lists the catalogue, and what the cache holds of it.
pub fn list(context: &Context) -> Result<(), Failure> {
    let catalogue = context.catalogue()?;
    let rows: Vec<Row> = catalogue.entries().map(|entry| row(context, entry)).collect();
    context.output.show(&rows, |rows| {
        let mut table = render::table(["id", "weights", "licence", "here", "size", "digest"]);
        for row in rows {
            let size = row.total_bytes.map_or("not known".to_owned(), render::bytes);
            let digest = if row.pinned { "known" } else { "not known" };
            table.add_row([&row.id, &row.quantisation, &row.licence, row.state, &size, digest]);
        }
        table.to_string()
    });
    Ok(())
}

/// Reads every byte again. Anything but what the catalogue says is a missing precondition.
pub fn verify(context: &Context, ids: &[String]) -> Result<Exit, Failure> {
    let catalogue = context.catalogue()?;
    let mut all_good = true;
    for entry in chosen(&catalogue, ids)? {
        for check in verify_files(&context.environment.home(), entry)? {
            let (state, sha256, detail) = match check.finding {
                Finding::Verified { sha256 } => ("verified", Some(sha256), String::new()),
                Finding::Missing => {
                    ("missing", None, format!("`deployctl models pull {}` gets it", entry.id))
                }
                Finding::Unpinned { sha256, .. } => {
                    let id = &entry.id;
                    (
                        "unpinned",
                        Some(sha256),
                        format!("the catalogue has no digest; `deployctl models pin {id}` records it"),
                    )
                }
                Finding::Damaged { expected, found, .. } => {
                    let id = &entry.id;
                    (
                        "damaged",
                        Some(found),
                        format!("the catalogue has {expected}; `deployctl models pull {id}` replaces it"),
                    )
                }
            };
            all_good &= state == "verified";
            let sha256 = sha256.map(|digest| digest.to_string());
            let row =
                FileRow { document: "file", id: entry.id.clone(), file: check.name, state, sha256, detail };
            context.output.show(&row, line);
        }
    }
    Ok(if all_good { Exit::Completed } else { Exit::Precondition })
}

/// Pulls entries, and records what came in the catalogue.
pub fn pin(context: &Context, ids: &[String], accept_licence: bool) -> Result<(), Failure> {
    let file = context.catalogue_file().ok_or(Failure::NoCatalogueFile)?;
    let catalogue = context.catalogue()?;
    let puller = puller(context)?;
    for entry in chosen(&catalogue, ids)? {
        if context.dry_run {
            let open = entry.require_pinned().err().map(|unpinned| unpinned.files).unwrap_or_default();
            context.output.show(&open, |open| format!("{}: would record {} digests", entry.id, open.len()));
            continue;
        }
        pull_one(context, &puller, entry, accept_licence)?;
        let recorded = find_facts_models::pin(&file, &entry.id, &context.environment.home())?;
        if recorded.is_empty() {
            context.output.say(&format!("{}: every digest was there", entry.id));
        }
        for file in recorded {
            context.output.show(&pinned(entry, file), line);
        }
    }
    Ok(())
}

fn puller(context: &Context) -> Result<Puller, Failure> {
    Ok(Puller::new(context.environment.home(), PullSettings::new(context.environment.hub.clone()))?)
}

/// The entries of these names, or all of them.
fn chosen<'c>(catalogue: &'c Catalogue, names: &[String]) -> Result<Vec<&'c Entry>, Failure> {
    if names.is_empty() {
        return Ok(catalogue.entries().collect());
    }
    names.iter().map(|name| catalogue.get(name).map_err(Failure::from)).collect()
}

fn pull_one(
    context: &Context,
    puller: &Puller,
    entry: &Entry,
    accept_licence: bool,
) -> Result<Vec<PulledFile>, Failure> {
    let read = entry.licence.url.as_ref().map(|url| format!(", {url}")).unwrap_or_default();
    context.output.say(&format!("{}: licence {}{read}", entry.id, entry.licence.name));
    let mut progress = Progress::new(context.output, &entry.id);
    let pulled = puller.pull(entry, accept_licence, &Deadline::none(), &mut |step| progress.hear(&step));
    progress.finish();
    Ok(pulled?)
}

fn row(context: &Context, entry: &Entry) -> Row {
    let held = holding(&context.environment.home(), entry);
    let pinned = entry.require_pinned().is_ok();
    Row {
        id: entry.id.clone(),
        kind: if entry.kind == Kind::Runtime { "runtime" } else { "model" },
        quantisation: entry.quantisation.clone(),
        licence: entry.licence.name.clone(),
        state: match (held.complete, held.bytes) {
            (true, _) => "yes",
            (false, 0) => "no",
            (false, _) => "in part",
        },
        bytes: held.bytes,
        total_bytes: entry.size(),
        pinned,
    }
}

fn would(row: &Row) -> String {
    match (row.state, row.total_bytes) {
        ("yes", _) => "is there".to_owned(),
        (_, Some(total)) => format!("would bring {}", render::bytes(total.saturating_sub(row.bytes))),
        (_, None) => "would bring it; its size is not known".to_owned(),
    }
}

fn pulled(entry: &Entry, file: &PulledFile) -> FileRow {
    FileRow {
        document: "file",
        id: entry.id.clone(),
        file: file.name.clone(),
        state: if file.source.is_some() { "pulled" } else { "present" },
        sha256: Some(file.sha256.to_string()),
        detail: file.source.as_ref().map(|source| format!("from {source}")).unwrap_or_default(),
    }
}

fn pinned(entry: &Entry, file: PinnedFile) -> FileRow {
    FileRow {
        document: "file",
        id: entry.id.clone(),
        file: file.name,
        state: "pinned",
        sha256: Some(file.sha256.to_string()),
        detail: format!("{} bytes", file.size),
    }
}

fn line(row: &FileRow) -> String {
    let FileRow { id, file, state, sha256, detail, .. } = row;
    let digest = sha256.as_ref().map(|digest| format!(" {}", &digest[..12])).unwrap_or_default();
    let detail = if detail.is_empty() { String::new() } else { format!(", {detail}") };
    format!("{id}/{file}: {state}{digest}{detail}")
}
