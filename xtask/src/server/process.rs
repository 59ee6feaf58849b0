//! Programs that run beside a task. Each ends with it: when it is dropped, and also when the task itself is killed.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::shell::{command, line, run};

/// A running program.
pub(crate) struct Process {
    name: String,
    child: Child,
}

/// Longer than any of these programs needs to finish what it has begun.
const GRACE: Duration = Duration::from_secs(25);

/// The command, to be ended by the kernel as soon as the task is gone.
pub(crate) fn bound(program: &Path) -> Command {
    let mut bound = command("setpriv", ["--pdeathsig", "TERM"]);
    bound.arg(program);
    bound
}

impl Process {
    /// Starts a command in the background, with its output in a file.
    pub(crate) fn start(command: &mut Command, output: &Path) -> Result<Self> {
        let file = File::create(output).with_context(|| format!("cannot write `{}`", output.display()))?;
        let child = command
            .stdout(file.try_clone()?)
            .stderr(Stdio::from(file))
            .spawn()
            .with_context(|| format!("`{}` did not start", line(command)))?;
        Ok(Self { name: line(command), child })
    }

    /// An error once the program has ended, which none of them does of its own accord.
    pub(crate) fn must_run(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            Some(status) => bail!("`{}` ended: {status}", self.name),
            None => Ok(()),
        }
    }

    /// Asks the program to finish, and waits until it has.
    pub(crate) fn finish(mut self) -> Result<ExitStatus> {
        run(&mut command("kill", ["-TERM", &self.child.id().to_string()]))?;
        let asked = Instant::now();
        while asked.elapsed() < GRACE {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            sleep(Duration::from_millis(50));
        }
        bail!("`{}` did not finish within {} s", self.name, GRACE.as_secs())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when the program has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
