//! The reference memory server of the Model Context Protocol, as its npm package ships it: one process per client over its
//! standard streams, which is how its users run it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use find_facts_bench::drive::Client;
use find_facts_bench::program::run;
use serde_json::{Value, json};

use crate::facts::{Facts, Query};
use crate::peer::{Peer, contains};

/// The package that was measured.
const PACKAGE: &str = "@modelcontextprotocol/server-memory@2026.8.31";

/// The program and its memory.
pub(crate) struct Memory {
    script: PathBuf,
    graph: PathBuf,
    queries: Vec<Query>,
}

impl Memory {
    /// Gets the package once and writes the facts as its memory.
    pub(crate) fn start(cache: &Path, work: &Path, facts: Facts, queries: &[Query]) -> Result<Self> {
        let folder = cache.join("server-memory");
        let script = folder.join("node_modules/@modelcontextprotocol/server-memory/dist/index.js");
        if !script.is_file() {
            std::fs::create_dir_all(&folder)?;
            let install = ["install", "--no-audit", "--no-fund", "--silent", "--prefix"];
            run(Command::new("npm").args(install).arg(&folder).arg(PACKAGE))?;
        }
        let graph = work.join("memory.jsonl");
        write(&graph, facts)?;
        Ok(Self { script, graph, queries: queries.to_vec() })
    }
}

fn write(graph: &Path, facts: Facts) -> Result<()> {
    let mut file = BufWriter::new(File::create(graph)?);
    let mut known = BTreeSet::new();
    for fact in (0..facts.count).map(|number| facts.fact(number)) {
        if known.insert(fact.subject.clone()) {
            let entity =
                json!({ "type": "entity", "name": fact.subject, "entityType": "person", "observations": [] });
            writeln!(file, "{entity}")?;
        }
        let relation = json!({ "type": "relation", "from": fact.subject, "to": fact.object, "relationType": fact.predicate });
        writeln!(file, "{relation}")?;
    }
    file.flush()?;
    Ok(())
}

impl Peer for Memory {
    fn name(&self) -> &str {
        "MCP memory server over stdio"
    }

    fn client(&self) -> Result<Box<dyn Client>> {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "node"]).arg(&self.script).env("MEMORY_FILE_PATH", &self.graph);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let input = child.stdin.take().context("the memory server has no input")?;
        let output = BufReader::new(child.stdout.take().context("the memory server has no output")?);
        let mut client = Asking { child, input, output, queries: self.queries.clone() };
        client.call(
            "initialize",
            json!({
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": { "name": "bench", "version": "1" },
            }),
        )?;
        client.write(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))?;
        Ok(Box::new(client))
    }
}

struct Asking {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    queries: Vec<Query>,
}

impl Asking {
    fn write(&mut self, message: Value) -> Result<()> {
        writeln!(self.input, "{message}")?;
        Ok(())
    }

    /// Calls a method; the line that answers it.
    fn call(&mut self, method: &str, params: Value) -> Result<String> {
        self.write(json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))?;
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("the memory server ended");
        }
        Ok(line)
    }
}

impl Client for Asking {
    fn ask(&mut self, number: usize) -> Result<bool> {
        let query = self.queries[number].clone();
        let names = json!({ "name": "open_nodes", "arguments": { "names": [query.subject] } });
        let line = self.call("tools/call", names)?;
        Ok(contains(line.as_bytes(), &query.object))
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
