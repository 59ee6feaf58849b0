//! The knowledge base: import, facts of record, the immutable index that serves queries, persistence.
//!
//! # A folder
//!
//! A knowledge base is a folder of one of two kinds; a server ([`Store::open`]) and [`kb`] take either, and only ever
//! read it.
//!
//! - A **plain** folder has `facts.tsv` (subject, predicate, object, and optionally start and end of validity) and
//!   perhaps `aliases.tsv` (entity, alias) and `predicates.tsv` (predicate, alias): UTF-8, tab-separated, no header, no
//!   quoting. Somebody keeps these files by hand or makes them by a script; nothing here writes to them.
//! - An **imported** folder has `knowledge.redb`, the facts of record that [`kb::import`] has made of TSV files (whose
//!   names end as those above do), N-Triples (`.nt`) and JSON Lines (`.jsonl`, `.ndjson`). Imports add up, or replace
//!   what was there; each leaves the old file or the new one, whenever it is killed. [`kb::export`] makes a plain folder
//!   of either kind.
//!
//! Text is normalised to NFC when it is read. A fact that is given several times counts once, in its first place; the
//! intervals given with it are collected. A name may hold anything but tabs and line breaks, so that every knowledge
//! base can be exported. A bad line stops an import, or is counted and listed.
//!
//! # JSON Lines
//!
//! ```json
//! {"subject": "Ada", "predicate": "office", "object": "mayor", "start": "1990", "end": "1994-05"}
//! {"entity": "Ada", "alias": "Countess"}
//! {"predicate": "office", "alias": "held office"}
//! ```
//!
//! `start` and `end` may be missing. Another key, or a value that is no text, is a bad line.
//!
//! # N-Triples
//!
//! A knowledge base knows names, not IRIs. A literal is called by its text, without language or datatype. An entity is
//! called by its label (`rdfs:label`, `skos:prefLabel`, `schema:name`, `foaf:name`; the first in English or without a
//! language, else the first), and without one by the last part of its IRI, percent-decoded, with spaces for underscores.
//! A name that another term has taken gets the last part of the IRI in brackets; if that is taken too, or there is no
//! label, the whole IRI is the name. Predicates are called likewise but keep their underscores. Other labels,
//! `skos:altLabel` and `schema:alternateName` become aliases; label statements are not facts. Files that follow one
//! another in one import are named together, so that labels may come in a file of their own. Blank nodes belong to
//! their file and are called `_:label`.
//!
//! # Serving
//!
//! [`Store`] keeps two files in its state folder, which it locks for itself. `kb.index` is the [`Index`] of the folder's
//! content, mapped into memory and searched in place; it carries a checksum and the digest of what it was made from,
//! and is built anew whenever it does not fit. `kb.changes.redb` holds what has been changed at run time as a difference
//! to the folder: facts removed, then facts added, which is replayed over the folder at a start. So a fact that the
//! folder has since got counts once, and a removal stays removed until the fact is added again.

mod builder;
mod changes;
mod content;
mod database;
mod delta;
mod durable;
mod folder;
mod image;
mod import;
mod index;
pub mod kb;
mod lock;
mod progress;
mod record;
mod store;
mod strings;
mod text;

pub use database::DatabaseError;
pub use folder::FolderError;
pub use import::{BadLine, BadLines, LineError, ReadError, ReadReport, UnknownSource};
pub use index::{FactId, FactRef, Index};
pub use lock::LockError;
pub use progress::{OnProgress, Progress};
pub use store::{Applied, ApplyError, OpenError, Schema, Store};
pub use strings::TooLarge;
pub use text::InvalidName;
