//! Servers that a bench starts: on a free port of the loopback interface, ended when the bench drops them.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// A running server.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    said: File,
}

/// What a program that has ended said last is part of the error, up to this many bytes.
const LAST_WORDS: usize = 600;

/// A port that was free a moment ago.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0").context("no free port on the loopback interface")?.local_addr()?)
}

/// Runs a program to its end; on failure what it said is part of the error.
pub fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("`{name}` did not start"))?;
    if !output.status.success() {
        bail!("`{name}` failed: {}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(())
}

impl Program {
    /// Starts a server. What it says is kept for the case that it ends too early.
    pub fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let said = tempfile::tempfile()?;
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(said.try_clone()?)
            .spawn()
            .with_context(|| format!("`{name}` did not start"))?;
        Ok(Self { name, child, said })
    }

    /// The first line that it prints; whatever follows is lost. To be asked for once.
    pub fn first_line(&mut self) -> Result<String> {
        let mut line = String::new();
        if let Some(output) = self.child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        if line.is_empty() {
            // It has closed its output, so it is about to end, and says why.
            self.wait(Duration::from_secs(5), || Ok(false))?;
        }
        Ok(line)
    }

    /// Waits until `ready` says yes; how long that took.
    pub fn wait(&mut self, limit: Duration, mut ready: impl FnMut() -> Result<bool>) -> Result<Duration> {
        let started = Instant::now();
        while !ready()? {
            self.must_run()?;
            if started.elapsed() > limit {
                bail!("`{}` is not ready after {} s", self.name, limit.as_secs());
            }
            sleep(Duration::from_millis(5));
        }
        Ok(started.elapsed())
    }

    fn must_run(&mut self) -> Result<()> {
        let Some(status) = self.child.try_wait()? else { return Ok(()) };
        let mut said = Vec::new();
        self.said.rewind()?;
        self.said.read_to_end(&mut said)?;
        let last = String::from_utf8_lossy(&said[said.len().saturating_sub(LAST_WORDS)..]);
        bail!("`{}` ended: {status}: {}", self.name, last.trim_end())
    }

    /// Memory that is the program's own share (PSS), in bytes.
    pub fn memory(&self) -> Result<u64> {
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss line")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().context("Pss is no number")?;
        Ok(kib * 1024)
    }
}

/// Whether something listens there.
pub fn listens(address: SocketAddr) -> Result<bool> {
    Ok(TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok())
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
