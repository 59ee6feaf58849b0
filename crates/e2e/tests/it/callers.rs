//! Callers in the background. To each of them every answer is either legacy's, byte for byte, or one with an enhancement.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::knowledge::inns;
use crate::server::Server;

/// Enough for every window's samples at ten percent of callers, and leaves most of a processor idle.
const PAUSE: Duration = Duration::from_millis(4);

/// What a caller asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Exact,
    Alias,
    Typo,
}

/// Legacy's answer to every name.
pub(crate) type Legacy = BTreeMap<String, Vec<u8>>;

/// Callers at work.
pub(crate) struct Callers {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

/// What they saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) requests: usize,
    pub(crate) enhanced: usize,
    /// Answers that were neither.
    pub(crate) faults: Vec<String>,
    /// Requests without an answer.
    pub(crate) unanswered: Vec<String>,
}

/// One client of the public listener.
pub(crate) struct Asker {
    http: Client,
    url: String,
}

impl Asker {
    pub(crate) fn new(server: &Server) -> Self {
        Self {
            http: Client::builder().no_proxy().build().unwrap(),
            url: format!("http://{}/v1/find_facts", server.public),
        }
    }

    /// The bytes of the answer, with its status where that is not 200; or why there is none.
    pub(crate) fn ask(&self, who: &str, subject: &str) -> Result<Vec<u8>, String> {
        let body = json!({"query": {"subject": subject, "predicate": "founded"}});
        let request = self.http.post(&self.url).header("x-targeting-key", who).json(&body);
        let response = request.send().map_err(|error| format!("{subject}: {error:?}"))?;
        let status = response.status();
        let bytes = response.bytes().map_err(|error| format!("{subject}: {error:?}"))?;
        if status != 200 {
            return Ok(format!("{subject}: {status} {}", String::from_utf8_lossy(&bytes)).into());
        }
        Ok(bytes.into())
    }

    /// The answer to a question in English, which has to be one.
    pub(crate) fn question(&self, text: &str) -> Value {
        let request = self.http.post(&self.url).json(&json!({"query": {"text": text}}));
        let response = request.send().unwrap();
        let status = response.status();
        let answer = response.json().unwrap();
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// The objects of the facts found, and whether a tier took part.
    pub(crate) fn objects(&self, subject: &str) -> (Vec<String>, bool) {
        let answer: Value = serde_json::from_slice(&self.ask("anybody", subject).unwrap()).unwrap();
        let facts = answer["data"]["facts"].as_array().unwrap();
        let objects = facts.iter().map(|fact| fact["object"].as_str().unwrap().to_owned()).collect();
        (objects, !answer["data"]["enhancement"].is_null())
    }
}

/// What is asked for an inn, and by which name.
fn queries() -> Vec<(Kind, String)> {
    let of_inn = |inn: crate::knowledge::Inn| {
        let typo = format!("{}{}", &inn.name[..2], &inn.name[3..]);
        [(Kind::Exact, inn.name), (Kind::Alias, inn.alias), (Kind::Typo, typo)]
    };
    inns().into_iter().flat_map(of_inn).collect()
}

/// How the server answers every query while no tier is on.
pub(crate) fn legacy(server: &Server) -> Legacy {
    let asker = Asker::new(server);
    queries().into_iter().map(|(_, name)| (name.clone(), asker.ask("legacy", &name).unwrap())).collect()
}

impl Callers {
    /// Remembers how the server answers while no tier is on, then begins.
    pub(crate) fn begin(server: &Server) -> Self {
        Self::with(server, &legacy(server))
    }

    /// Begins; `legacy` is how the server answered while no tier was on.
    pub(crate) fn with(server: &Server, legacy: &Legacy) -> Self {
        let (asker, queries, legacy) = (Asker::new(server), queries(), legacy.clone());
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = spawn(move || {
            let mut seen = Seen::default();
            for (number, (kind, name)) in queries.iter().cycle().enumerate() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                seen.take(*kind, asker.ask(&format!("caller {number}"), name), &legacy[name]);
                sleep(PAUSE);
            }
            seen
        });
        Self { stop, thread }
    }

    /// Stops them and gives what they saw, which must have no faults. Each request was answered.
    pub(crate) fn end(self) -> Seen {
        let seen = self.end_beside_deaths();
        assert!(seen.unanswered.is_empty(), "of {} requests: {:#?}", seen.requests, seen.unanswered.first());
        seen
    }

    /// The same where the server died meanwhile, and took with it what it had not answered.
    pub(crate) fn end_beside_deaths(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        let seen = self.thread.join().unwrap();
        let faults = seen.faults.len();
        assert_eq!(faults, 0, "of {} requests; first: {:#?}", seen.requests, &seen.faults[..faults.min(5)]);
        seen
    }
}

impl Seen {
    fn take(&mut self, kind: Kind, answer: Result<Vec<u8>, String>, legacy: &[u8]) {
        self.requests += 1;
        match answer {
            Ok(bytes) if bytes == legacy => {}
            Ok(bytes) if kind != Kind::Exact && is_enhanced(&bytes) => self.enhanced += 1,
            Ok(bytes) => self.faults.push(String::from_utf8_lossy(&bytes).into_owned()),
            Err(fault) => self.unanswered.push(fault),
        }
    }
}

fn is_enhanced(bytes: &[u8]) -> bool {
    let answer: Value = serde_json::from_slice(bytes).unwrap_or_default();
    !answer["data"]["enhancement"].is_null()
}
