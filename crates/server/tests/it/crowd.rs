//! More connections than there may be: new clients are answered, and nobody who is being answered notices.

use std::process::Command;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::process::{serve, started};
use crate::world::{Http, QUICK, World};

/// As the limit is lowered to; half of these are the public listener's, a quarter the admin listener's.
const DESCRIPTORS: usize = 200;

const QUESTION: &str = r#"{"query":{"subject":"Ulm"}}"#;

/// The server as a service that may open so many files and no more.
fn limited(world: &World) -> Command {
    let server = serve(world);
    let mut shell = Command::new("/bin/sh");
    shell.env_clear().envs(world.environment().iter().map(|(name, value)| (name, value)));
    shell.arg("-c").arg(format!("ulimit -n {DESCRIPTORS} && exec \"$@\"")).arg("sh");
    shell.arg(server.get_program()).args(server.get_args());
    shell
}

fn head() -> String {
    format!("POST /v1/find_facts HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", QUESTION.len())
}

/// Whether a question on a connection, or the rest of one, was answered.
async fn is_answered(connection: &mut TcpStream, send: &str) -> bool {
    let mut answer = [0; 4096];
    connection.write_all(send.as_bytes()).await.is_ok()
        && connection.read(&mut answer).await.is_ok_and(|_| answer.starts_with(b"HTTP/1.1 200"))
}

fn is_open(connection: &TcpStream) -> bool {
    matches!(connection.try_read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_make_way_for_new_clients_and_both_listeners_stay_reachable() {
    let world = World::new(QUICK);
    let (process, [public, admin]) = started(limited(&world));
    let mut half_asked = TcpStream::connect(&public).await.unwrap();
    half_asked.write_all(head().as_bytes()).await.unwrap();
    let mut keeps_asking = TcpStream::connect(&public).await.unwrap();
    let question = format!("{}{QUESTION}", head());
    let mut idle = Vec::new();
    for number in 0..2 * DESCRIPTORS {
        idle.push(TcpStream::connect(&public).await.unwrap());
        if number % 20 == 0 {
            // Connections are accepted in turn: once the newest is answered, a busy server is behind with none of them.
            assert!(is_answered(&mut idle[number], &question).await, "{number}");
            assert!(is_answered(&mut keeps_asking, &question).await, "{number}");
        }
    }
    let mut idle_at_admin = Vec::new();
    for _ in 0..DESCRIPTORS / 2 {
        idle_at_admin.push(TcpStream::connect(&admin).await.unwrap());
    }

    let client = Http::new(public, admin);
    assert_eq!(client.ask_as("new", "Ulm").await["data"]["count"], 1);
    assert_eq!(client.get("/admin/v1/health").await.0, 200);
    assert!(is_answered(&mut half_asked, QUESTION).await, "a request under way is not cut off");
    assert!(is_answered(&mut keeps_asking, &question).await);
    let open = |connections: &[TcpStream]| connections.iter().filter(|one| is_open(one)).count();
    let (longest, latest) = idle.split_at(idle.len() - DESCRIPTORS / 2);
    // Those that make way are told to, and close in their own time.
    let end = Instant::now() + Duration::from_secs(10);
    while open(longest) > 0 {
        assert!(Instant::now() < end, "{} of the longest idle are still open", open(longest));
        sleep(Duration::from_millis(10)).await;
    }
    // All but the places of the two that were asking and of the new client.
    assert!((DESCRIPTORS / 2 - 5..DESCRIPTORS / 2).contains(&open(latest)), "{}", open(latest));
    assert!(open(&idle_at_admin) < DESCRIPTORS / 4);
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_of_events_never_lock_operators_out() {
    let world = World::new(QUICK);
    let (process, [public, admin]) = started(limited(&world));
    let stream = "GET /admin/v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut streams = Vec::new();
    for _ in 0..DESCRIPTORS / 4 + 5 {
        let mut connection = TcpStream::connect(&admin).await.unwrap();
        let opened = timeout(Duration::from_secs(10), is_answered(&mut connection, stream)).await;
        assert_eq!(opened, Ok(true), "{}", streams.len());
        streams.push(connection);
    }
    let client = Http::new(public, admin);
    let flags = timeout(Duration::from_secs(10), client.get("/admin/v1/flags")).await;
    assert_eq!(flags.expect("streams have all places").0, 200);
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}
