//! The program itself: signals, command line, what it says when something is wrong.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::world::{Http, QUICK, World, binary, document};

/// A server as a process; killed if a test gives up on it.
pub(crate) struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    pub(crate) fn signal(&self, signal: libc::c_int) {
        #[expect(unsafe_code, reason = "there is no other way to send a signal")]
        // SAFETY: `kill` reads two numbers; the process is our child and has not been waited for, so that the id is its.
        let sent = unsafe { libc::kill(self.0.id() as libc::pid_t, signal) };
        assert_eq!(sent, 0);
    }

    pub(crate) fn ends(mut self) -> i32 {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(Instant::now() < end, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn command(world: &World, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.env_clear().envs(world.environment().iter().map(|(name, value)| (name, value))).args(arguments);
    command
}

pub(crate) fn serve(world: &World) -> Command {
    let mut command = command(world, &["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
    command.arg("--kb").arg(world.path("kb")).arg("--state").arg(world.state());
    command.arg("--config").arg(world.path("find-facts.toml"));
    command
}

/// Starts it and waits for the line that says where it listens.
pub(crate) fn start(world: &World) -> (Process, Http) {
    let (process, [public, admin]) = started(serve(world));
    (process, Http::new(public, admin))
}

/// The same of a command, with the addresses of both listeners.
pub(crate) fn started(mut command: Command) -> (Process, [String; 2]) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let addresses: Vec<&str> =
        line.split("http://").skip(1).map(|part| part.trim_end_matches([',', ' ', '\n'])).collect();
    let address = |index: usize| addresses[index].split(',').next().unwrap().to_owned();
    (Process(child), [address(0), address(1)])
}

fn output(mut command: Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn sighup_reads_the_configuration_again_and_sigterm_ends_it_well() {
    let world = World::new(QUICK);
    let (process, client) = start(&world);
    assert_eq!(client.ask_as("me", "Ulm").await["data"]["count"], 1);
    assert_eq!(client.get("/admin/v1/faults").await.0, 403);
    world.configure(&format!("faults.enabled = true\n{QUICK}"));
    process.signal(libc::SIGHUP);
    let end = Instant::now() + Duration::from_secs(10);
    while client.get("/admin/v1/faults").await.0 != 200 {
        assert!(Instant::now() < end, "SIGHUP changed nothing");
    }
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_comes_back_with_what_it_had_acknowledged() {
    let world = World::new(QUICK);
    let (process, client) = start(&world);
    client.set_percentage(12.5).await;
    let fact = json!({"add": [{"subject": "Lise Meitner", "predicate": "born_in", "object": "Vienna"}]});
    assert_eq!(client.post("/admin/v1/facts", fact).await.0, 200);
    process.signal(libc::SIGKILL);
    process.ends();
    let (process, client) = start(&world);
    let (_, flags) = client.get("/admin/v1/flags").await;
    assert_eq!(
        (&flags["generation"], &flags["flags"]["tier1_entity_linking"]["percentage"]),
        (&json!(2), &json!(12.5))
    );
    assert_eq!(client.ask_as("me", "Lise Meitner").await["data"]["count"], 1);
    process.signal(libc::SIGINT);
    assert_eq!(process.ends(), 0);
}

#[test]
fn config_show_prints_every_value_and_its_origin() {
    let world = World::new("tier1.percentage = 5\n").env("TIER1_CACHE_SIZE", "7").env("ENABLE_TIER2", "");
    let mut command = command(&world, &["config", "show", "--config"]);
    command.arg(world.path("find-facts.toml"));
    let (code, shown, _) = output(command);
    assert_eq!(code, 0);
    let line = |key: &str| {
        let line = shown.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("tier1.percentage"), "tier1.percentage = 5 # file, line 1");
    assert_eq!(line("tier1.cache_size"), "tier1.cache_size = 7 # environment TIER1_CACHE_SIZE");
    assert_eq!(line("tier2.enabled"), "tier2.enabled = false # default");
}

#[test]
fn a_wrong_start_says_what_where_and_what_is_accepted() {
    let world = World::new("").env("TIER1_ROLLOUT_PERCENT", "half");
    let (code, _, error) = output(serve(&world));
    assert_eq!(code, 1);
    assert!(error.contains("`TIER1_ROLLOUT_PERCENT` is `half`; accepted: a number from 0 to 100"), "{error}");

    let world = World::new("").env("TIER2_MODEL", "SmolLM");
    let (_, _, error) = output(serve(&world));
    assert!(error.contains("`TIER2_MODEL` is `SmolLM`; accepted: the catalogue's minilm, "), "{error}");

    let world = World::new("[admin]\ntoken_fil = \"x\"\n");
    let (_, _, error) = output(serve(&world));
    assert!(
        error
            .contains("find-facts.toml:2:1: unknown key `admin.token_fil`; did you mean `admin.token_file`?"),
        "{error}"
    );

    let world = World::new("");
    let mut open = command(&world, &["serve", "--listen", "127.0.0.1:0", "--admin-listen", "0.0.0.0:0"]);
    open.arg("--kb").arg(world.path("kb")).arg("--state").arg(world.state());
    let (code, _, error) = output(open);
    assert_eq!(code, 1);
    assert!(
        error.contains("error[admin-open-beyond-loopback]: ") && error.contains("there is no token"),
        "{error}"
    );

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut second = command(&world, &["serve", "--listen", &address, "--admin-listen", "127.0.0.1:0"]);
    second.arg("--kb").arg(world.path("kb")).arg("--state").arg(world.state());
    let (_, _, error) = output(second);
    assert!(
        error.contains(&format!("cannot listen at `{address}`: ")) && error.contains("\nhint: "),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_the_admin_listener_asks_for_it() {
    let world = World::new(QUICK);
    std::fs::write(world.path("token"), "sesame\n").unwrap();
    world.configure(&format!("admin.token_file = {:?}\n{QUICK}", world.path("token")));
    let (process, client) = start(&world);
    let get = || client.admin(reqwest::Method::GET, "/admin/v1/flags");
    assert_eq!(document(get()).await.0, 401);
    assert_eq!(document(get().bearer_auth("sesam")).await.0, 401);
    assert_eq!(document(get().bearer_auth("sesame")).await.0, 200);
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}

#[test]
fn a_knowledge_base_is_imported_counted_checked_and_exported() {
    let world = World::new("");
    let kb = world.path("imported").display().to_string();
    let facts = world.path("kb/facts.tsv").display().to_string();
    let (code, out, error) = output(command(&world, &["kb", "import", &facts, "--kb", &kb]));
    assert_eq!(code, 0, "{error}");
    assert!(out.contains("facts: 5"), "{out}");
    let (code, out, _) = output(command(&world, &["kb", "stats", "--kb", &kb]));
    assert!(code == 0 && out.contains("2 born_in"), "{out}");
    assert_eq!(output(command(&world, &["kb", "check", "--kb", &kb])).0, 0);
    let into = world.path("exported").display().to_string();
    assert_eq!(output(command(&world, &["kb", "export", "--kb", &kb, "--into", &into])).0, 0);
    let exported = std::fs::read_to_string(world.path("exported/facts.tsv")).unwrap();
    assert_eq!(exported, crate::world::FACTS);
    let (code, _, error) = output(command(&world, &["kb", "stats", "--kb", "nowhere"]));
    assert!(code == 1 && error.contains("nowhere"), "{error}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let world = World::new("");
    let mut command = command(&world, &["config", "show"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
