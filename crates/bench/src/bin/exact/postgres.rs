//! PostgreSQL with an index over subject and predicate, over its own protocol with a prepared statement.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use find_facts_bench::drive::Client;
use find_facts_bench::program::{Program, free_address, listens, run};
use postgres::{NoTls, Statement};

use crate::facts::{Facts, Query};
use crate::peer::Peer;

/// Where Debian puts the server's programs.
const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

/// A server of its own folder.
pub(crate) struct Postgres {
    address: SocketAddr,
    queries: Vec<Query>,
    _program: Program,
    _folder: tempfile::TempDir,
}

impl Postgres {
    /// Makes a cluster, loads the facts and builds the index.
    pub(crate) fn start(facts: Facts, queries: &[Query]) -> Result<Self> {
        let programs = PathBuf::from(PROGRAMS);
        if !programs.join("postgres").is_file() {
            bail!("PostgreSQL 15 is not installed; on Debian: apt-get install postgresql-15");
        }
        // The server refuses to run as root, so the folder belongs to the user that Debian makes for it.
        let folder = tempfile::tempdir()?;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        let data = folder.path().join("data");
        std::fs::create_dir(&data)?;
        run(Command::new("chown").arg("postgres").arg(&data))?;
        run(as_postgres(&programs.join("initdb")).args(["--auth", "trust", "--pgdata"]).arg(&data))?;

        let address = free_address()?;
        let mut command = as_postgres(&programs.join("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(&data);
        command.args(["-p", &address.port().to_string(), "-c", "listen_addresses=127.0.0.1"]);
        let mut program = Program::start(&mut command)?;
        program.wait(Duration::from_secs(30), || listens(address))?;
        load(address, facts)?;
        Ok(Self { address, queries: queries.to_vec(), _program: program, _folder: folder })
    }
}

fn as_postgres(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--pdeathsig", "TERM"]);
    command.arg(program);
    command
}

fn connect(address: SocketAddr) -> Result<postgres::Client> {
    let parameters = format!("host=127.0.0.1 port={} user=postgres dbname=postgres", address.port());
    let mut last = None;
    // It listens a moment before it answers.
    for _ in 0..50 {
        match postgres::Client::connect(&parameters, NoTls) {
            Ok(client) => return Ok(client),
            Err(error) => last = Some(error),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    match last {
        Some(error) => Err(error).context("PostgreSQL does not answer"),
        None => bail!("PostgreSQL does not answer"),
    }
}

fn load(address: SocketAddr, facts: Facts) -> Result<()> {
    let mut client = connect(address)?;
    client.batch_execute("create table facts (subject text, predicate text, object text)")?;
    let mut copy = client.copy_in("copy facts from stdin")?;
    for number in 0..facts.count {
        let fact = facts.fact(number);
        std::io::Write::write_all(
            &mut copy,
            format!("{}\t{}\t{}\n", fact.subject, fact.predicate, fact.object).as_bytes(),
        )?;
    }
    copy.finish()?;
    client.batch_execute("create index on facts (subject, predicate)")?;
    // Several statements at once would be one transaction, in which vacuum refuses to run.
    client.batch_execute("vacuum analyze facts")?;
    Ok(())
}

impl Peer for Postgres {
    fn name(&self) -> &str {
        "PostgreSQL 15"
    }

    fn client(&self) -> Result<Box<dyn Client>> {
        let mut client = connect(self.address)?;
        let statement = client.prepare(
            "select subject, predicate, object from facts where subject = $1 and predicate = $2 limit 10",
        )?;
        Ok(Box::new(Asking { client, statement, queries: self.queries.clone() }))
    }
}

struct Asking {
    client: postgres::Client,
    statement: Statement,
    queries: Vec<Query>,
}

impl Client for Asking {
    fn ask(&mut self, number: usize) -> Result<bool> {
        let query = &self.queries[number];
        let rows = self.client.query(&self.statement, &[&query.subject, &query.predicate])?;
        Ok(rows.iter().any(|row| row.get::<_, &str>(2) == query.object))
    }
}
