//! `kb`: what a person does with a knowledge base's folder.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Subcommand;
use find_facts_store::kb::{self, Existing, Totals};
use find_facts_store::{BadLines, Progress};

#[derive(Debug, Subcommand)]
pub(super) enum Kb {
    /// Read files into a knowledge base, which is made where it is missing. Without files, bring an old one up to date.
    Import {
        /// TSV, N-Triples or JSON Lines; the name says which.
        files: Vec<PathBuf>,
        /// The knowledge base's folder.
        #[arg(long, value_name = "DIR")]
        kb: PathBuf,
        /// Replace what is there instead of adding to it.
        #[arg(long)]
        replace: bool,
        /// Count and list bad lines instead of stopping at the first.
        #[arg(long)]
        skip_bad: bool,
    },
    /// Write a knowledge base out as tab-separated files.
    Export {
        /// The knowledge base's folder.
        #[arg(long, value_name = "DIR")]
        kb: PathBuf,
        /// The folder to write to.
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
    },
    /// Count what is in a knowledge base.
    Stats {
        /// The knowledge base's folder.
        #[arg(long, value_name = "DIR")]
        kb: PathBuf,
    },
    /// Look for what is wrong with a knowledge base.
    Check {
        /// The knowledge base's folder.
        #[arg(long, value_name = "DIR")]
        kb: PathBuf,
    },
}

impl Kb {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        let mut say = |progress: Progress<'_>| {
            if let Progress::Step(step) = progress {
                // Progress that cannot be shown is no reason to stop.
                let _ = writeln!(io::stderr(), "{step}");
            }
        };
        match self {
            Kb::Import { files, kb, replace, skip_bad } => {
                let existing = if replace { Existing::Replace } else { Existing::Keep };
                let bad_lines = if skip_bad { BadLines::Skip } else { BadLines::Stop };
                let report = kb::import(&files, &kb, existing, bad_lines, &mut say)?;
                for line in &report.read.bad_lines {
                    writeln!(out, "skipped {line}")?;
                }
                let read = &report.read;
                writeln!(out, "lines: {}, repeated: {}, skipped: {}", read.lines, read.repeated, read.bad)?;
                if let Some(format) = report.migrated_from {
                    writeln!(out, "brought up to date from format {format}")?;
                }
                print(&mut out, &report.totals)
            }
            Kb::Export { kb, into } => print(&mut out, &kb::export(&kb, &into, &mut say)?),
            Kb::Stats { kb } => {
                let stats = kb::stats(&kb, &mut say)?;
                print(&mut out, &stats.totals)?;
                for (predicate, facts) in &stats.predicates {
                    writeln!(out, "{facts:>10} {predicate}")?;
                }
                Ok(())
            }
            Kb::Check { kb } => {
                let report = kb::check(&kb, &mut say)?;
                print(&mut out, &report.totals)?;
                for finding in &report.findings {
                    writeln!(out, "{finding}")?;
                }
                anyhow::ensure!(report.findings.is_empty(), "{} findings", report.findings.len());
                Ok(writeln!(out, "nothing wrong")?)
            }
        }
    }
}

fn print(out: &mut impl Write, totals: &Totals) -> anyhow::Result<()> {
    let Totals { facts, validities, entities, predicates, entity_aliases, predicate_aliases } = totals;
    writeln!(
        out,
        "facts: {facts}, with validity: {validities}, entities: {entities}, predicates: {predicates}"
    )?;
    Ok(writeln!(out, "aliases of entities: {entity_aliases}, of predicates: {predicate_aliases}")?)
}
