//! From the command line to the verb.

use clap::CommandFactory;
use find_facts_api::rollout::Command;

use crate::cli::{Cli, FlagsVerb, ModelsVerb, PlanVerb, Verb};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::render;
use crate::verbs::flags::{self, FlagChange};
use crate::verbs::{attach, doctor, history, models, orders, plan, report, rollback, start, status, watch};

/// Does what was asked.
pub fn run(cli: Cli, output: Output) -> Result<Exit, Failure> {
    let context = &Context::new(&cli.global, output)?;
    match cli.verb {
        Verb::Phase1(args) => return start::phase(context, 1, &args),
        Verb::Phase2(args) => return start::phase(context, 2, &args),
        Verb::Phase3(args) => return start::phase(context, 3, &args),
        Verb::Run { plan, time_scale, accept_licence } => {
            return start::plan(context, &plan, time_scale, accept_licence);
        }
        Verb::Attach(choice) => return attach::attach(context, choice.run.as_deref()),
        Verb::Pause => return orders::leave(context, Command::Pause),
        Verb::Resume(choice) => return orders::order(context, choice.run.as_deref(), Command::Resume),
        Verb::Promote(choice) => return orders::order(context, choice.run.as_deref(), Command::Promote),
        Verb::Retry(choice) => return orders::order(context, choice.run.as_deref(), Command::Retry),
        Verb::Abort(choice) => return orders::order(context, choice.run.as_deref(), Command::Abort),
        Verb::Doctor => return doctor::doctor(context),
        Verb::Models { verb: ModelsVerb::Verify { ids } } => return models::verify(context, &ids),

        Verb::Plan { verb: PlanVerb::Check { plan: file } } => plan::check(context, &file)?,
        Verb::Plan { verb: PlanVerb::Show { plan: file, time_scale } } => {
            plan::show(context, &file, time_scale)?;
        }
        Verb::Status => output.show(&status::status(&context.client()?)?, render::status),
        Verb::Watch => watch::watch(context)?,
        Verb::Rollback { tier, reason } => rollback::rollback(context, tier, reason)?,
        Verb::History { flags: true } => history::of_flags(context)?,
        Verb::History { flags: false } => history::of_runs(context)?,
        Verb::Report { run, out } => report::report(context, run.run.as_deref(), out.as_deref())?,
        Verb::Models { verb: ModelsVerb::Pull { ids, accept_licence } } => {
            models::pull(context, &ids, accept_licence)?;
        }
        Verb::Models { verb: ModelsVerb::List } => models::list(context)?,
        Verb::Models { verb: ModelsVerb::Pin { ids, accept_licence } } => {
            models::pin(context, &ids, accept_licence)?;
        }
        Verb::Flags { verb: FlagsVerb::Get } => output.show(&flags::get(&context.client()?)?, flags::text),
        Verb::Flags { verb: FlagsVerb::Set { flag, enabled, percentage, segments } } => {
            let change = FlagChange { flag, enabled, percentage, segments };
            output.show(&flags::set(&context.client()?, change, context.dry_run)?, flags::change_text);
        }
        Verb::Completions { shell } => {
            // It panics where its writer fails, and a closed pipe does.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "deployctl", &mut script);
            output.script(&String::from_utf8_lossy(&script));
        }
    }
    Ok(Exit::Completed)
}
