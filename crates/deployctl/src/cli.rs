//! The command line: verbs, their arguments, and what holds for all of them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use find_facts_core::Percent;
use find_facts_core::flags::FlagKey;
use find_facts_rollout::scale::TimeScale;
use reqwest::Url;

/// Takes each tier into production on a running server, and back.
#[derive(Debug, Parser)]
#[command(name = "deployctl", version, max_term_width = 100)]
pub struct Cli {
    /// What holds for every verb.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What holds for every verb.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The server's admin address; a run remembers its own.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        value_parser = server,
        help = "The server's admin address [default: http://127.0.0.1:7071]"
    )]
    pub server: Option<Url>,
    /// File that holds the admin token; without it FIND_FACTS_ADMIN_TOKEN is used
    #[arg(long, global = true, value_name = "FILE")]
    pub admin_token_file: Option<PathBuf>,
    /// One JSON document a line instead of text for people
    #[arg(long, global = true)]
    pub json: bool,
    /// Say what would change, and change nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Where runs are kept [default: the user's state folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub runs: Option<PathBuf>,
    /// Folder with the shipped plans and the model catalogue [default: deploy-plans, else those built in]
    #[arg(long, global = true, value_name = "DIR")]
    pub plans: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run Phase 1: everything the tiers need, with all of them off
    Phase1(PhaseArgs),
    /// Run Phase 2: Tier 1, from nobody to everybody
    Phase2(PhaseArgs),
    /// Run Phase 3: Tier 2, from nobody to everybody
    Phase3(PhaseArgs),
    /// Run the plan in a file
    Run {
        /// The plan
        plan: PathBuf,
        /// Rehearsal: divide the plan's waiting times by this
        #[arg(long, default_value = "1", value_name = "N")]
        time_scale: TimeScale,
        /// Accept the licences of the models that the plan pulls
        #[arg(long)]
        accept_licence: bool,
    },
    /// Look at a plan without running it
    Plan {
        /// What to look at.
        #[command(subcommand)]
        verb: PlanVerb,
    },
    /// Show the server's flags, tiers and rollout
    Status,
    /// Show the server's status until interrupted
    Watch,
    /// Follow a run of this machine until it ends
    Attach(RunChoice),
    /// Stop the clock of the run's current window
    Pause,
    /// Go on with a paused, held or interrupted run
    Resume(RunChoice),
    /// End the run's current wait as if it had passed
    Promote(RunChoice),
    /// Do the run's current step again from its beginning
    Retry(RunChoice),
    /// End the run, and go back to what was proven
    Abort(RunChoice),
    /// Switch tiers off now, whether or not a run is going on
    Rollback {
        /// This tier and those above it; all of them where absent
        #[arg(long)]
        tier: Option<find_facts_core::Tier>,
        /// Why; kept with the event
        #[arg(long, default_value = "asked for by an operator")]
        reason: String,
    },
    /// List this machine's runs, or the server's flag generations
    History {
        /// The server's flag generations instead
        #[arg(long)]
        flags: bool,
    },
    /// Write a run's report: one page of HTML, and JSON beside it
    Report {
        /// Which run.
        #[command(flatten)]
        run: RunChoice,
        /// Where to [default: the run's own folder]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// The model catalogue, and this machine's cache of it
    Models {
        /// What to do with them.
        #[command(subcommand)]
        verb: ModelsVerb,
    },
    /// Read or change the server's flags
    Flags {
        /// What to do with them.
        #[command(subcommand)]
        verb: FlagsVerb,
    },
    /// Look at everything a phase needs, and say how to mend what is missing
    Doctor,
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// How to run a phase. One of the same plan that was cut off goes on where it was.
#[derive(Debug, Clone, Args)]
pub struct PhaseArgs {
    /// Rehearsal: divide the plan's waiting times by this
    #[arg(long, default_value = "1", value_name = "N")]
    pub time_scale: TimeScale,
    /// Another plan than the shipped one
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Accept the licences of the models that the plan pulls
    #[arg(long)]
    pub accept_licence: bool,
}

/// A run of this machine.
#[derive(Debug, Clone, Args)]
pub struct RunChoice {
    /// Its id [default: the last one]
    pub run: Option<String>,
}

/// What to look at in a plan.
#[derive(Debug, Subcommand)]
pub enum PlanVerb {
    /// Say what is wrong with a plan, all of it
    Check {
        /// The plan
        plan: PathBuf,
    },
    /// Show a plan's steps and how long they take
    Show {
        /// The plan
        plan: PathBuf,
        /// As a rehearsal would run it
        #[arg(long, default_value = "1", value_name = "N")]
        time_scale: TimeScale,
    },
}

/// What to do with models.
#[derive(Debug, Subcommand)]
pub enum ModelsVerb {
    /// Bring models into this machine's cache
    Pull {
        /// Keys or names of the catalogue; all of it where none is given
        ids: Vec<String>,
        /// Accept the licences that ask for it
        #[arg(long)]
        accept_licence: bool,
    },
    /// Show the catalogue and what is in the cache
    List,
    /// Hold what is in the cache against the catalogue's digests
    Verify {
        /// Keys or names of the catalogue; all of it where none is given
        ids: Vec<String>,
    },
    /// Pull models and record their digests in the catalogue
    Pin {
        /// Keys or names of the catalogue
        #[arg(required = true)]
        ids: Vec<String>,
        /// Accept the licences that ask for it
        #[arg(long)]
        accept_licence: bool,
    },
}

/// What to do with flags.
#[derive(Debug, Subcommand)]
pub enum FlagsVerb {
    /// Show them
    Get,
    /// Change one
    Set {
        /// Its name
        flag: FlagKey,
        /// Whether anybody gets it
        #[arg(long)]
        enabled: Option<bool>,
        /// The share of callers
        #[arg(long)]
        percentage: Option<Percent>,
        /// Segments that are in whatever the percentage, comma-separated; an empty text for none
        #[arg(long, value_delimiter = ',')]
        segments: Option<Vec<String>>,
    },
}

/// An address without a path: the paths are the admin API's own.
fn server(text: &str) -> Result<Url, String> {
    const ACCEPTED: &str = "accepted: such as http://127.0.0.1:7071";
    let url = Url::parse(text).map_err(|error| format!("{error}; {ACCEPTED}"))?;
    let is_address = matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none();
    if is_address { Ok(url) } else { Err(format!("it is no address of a server; {ACCEPTED}")) }
}
