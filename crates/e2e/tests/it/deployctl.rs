//! deployctl, as the operator of one server calls it.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use crate::plans::{self, TIME_SCALE};
use crate::process::Process;
use crate::programs::{program, workspace};
use crate::server::{Server, World, clean};

/// Several times as long as the longest phase takes.
const LIMIT: Duration = Duration::from_secs(180);

/// How deployctl ends; `None` when it was killed.
pub(crate) type Exit = Option<i32>;

/// The command, for one server.
pub(crate) fn deployctl(world: &World, server: &Server, arguments: &[&str]) -> Command {
    let mut command = clean(&program("deployctl"), world);
    command.args(arguments).arg("--server").arg(format!("http://{}", server.admin));
    command.arg("--runs").arg(world.path("runs")).arg("--plans").arg(workspace().join("deploy-plans"));
    command
}

/// The command that begins a phase.
pub(crate) fn phase(world: &World, server: &Server, number: usize) -> Command {
    let plan = &plans::write(&world.path("."))[number - 1];
    let mut command = deployctl(world, server, &[&format!("phase{number}"), "--time-scale", TIME_SCALE]);
    command.arg("--plan").arg(plan);
    command
}

/// Starts the command, with what it says in a file.
pub(crate) fn start(world: &World, command: &mut Command) -> Process {
    let log = File::options().create(true).append(true).open(world.path("deployctl.log")).unwrap();
    Process(command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap())
}

/// Waits until deployctl has ended.
pub(crate) fn ends(world: &World, mut process: Process) -> Exit {
    match process.ends_within(LIMIT) {
        Some(status) => status.code(),
        None => panic!("deployctl does not end: {}", said(world)),
    }
}

/// Runs the command to its end, which has to be this one.
pub(crate) fn check(world: &World, mut command: Command, expected: i32) {
    let exit = ends(world, start(world, &mut command));
    assert_eq!(exit, Some(expected), "{}\n{}", said(world), world.server_log());
}

/// What the commands said last.
pub(crate) fn said(world: &World) -> String {
    world.end_of("deployctl.log")
}
