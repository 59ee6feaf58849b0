//! The project's tasks, one file per verb. Nothing here is needed to run the product.

mod bench;
mod demo;
mod docs;
mod layers;
mod out;
mod server;
mod setup;
mod shell;
mod tidy;
mod vectors;
mod verify;

use std::process::ExitCode;

use bench::Bench;
use out::say;
use setup::Scope;
use verify::{Length, Shard};

const USAGE: &str = "usage: cargo xtask <task>

  demo                           set-up, then a rollout of Tiers 1 and 2 on a real server under real traffic; and one that fails
  setup                          bring what this machine lacks; a second run changes nothing
  verify                         set-up, formatting, lints, all tests, docs, layers, the end-to-end suite
  verify --long [--shard i/n]    the same with every kill point of a rollout, and the dependencies' licences
  bench exact|flags|tier1|tier2  figures, side by side with what they are held against
  layers                         hold the crates against the layer table and its absences
  tidy                           file sizes, leftovers, names of hosts and machines, docs that do not fit the sources
  vectors DIR                    check bucketing against published vectors kept outside the repository";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["setup"] => setup::run(Scope::All),
        ["demo"] => demo::run(),
        ["verify"] => verify::run(Length::Short),
        ["verify", "--long"] => verify::run(Length::Long { shard: Shard::WHOLE }),
        ["verify", "--long", "--shard", text] => {
            text.parse().and_then(|shard| verify::run(Length::Long { shard }))
        }
        ["bench", "exact", further @ ..] => bench::run_one(Bench::Exact, further),
        ["bench", "tier1", further @ ..] => bench::run_one(Bench::Tier1, further),
        ["bench", "tier2", further @ ..] => bench::run_one(Bench::Tier2, further),
        ["bench", "flags", further @ ..] => bench::run_one(Bench::Flags, further),
        ["layers"] => layers::run(),
        ["tidy"] => tidy::run(),
        ["vectors", folder] => vectors::run_on(folder),
        ["help" | "--help" | "-h"] => {
            say(USAGE);
            Ok(())
        }
        _ => {
            say(USAGE);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            out::complain(&error);
            ExitCode::FAILURE
        }
    }
}
