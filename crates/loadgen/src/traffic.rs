//! The open loop: requests leave when they are due, and their latency counts from then, however late an earlier answer was.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fastrand::Rng;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep_until};

use crate::judge::Judge;
use crate::mix::{KINDS, Kind, Mix};
use crate::pool::{Pool, Query};
use crate::popularity::Popularity;
use crate::record::Seen;
use crate::send::Sender;
use crate::summary::{Count, Summary};
use crate::world::World;

/// What to send, where to, for how long.
#[derive(Debug, Clone)]
pub struct Traffic {
    /// The public listener, such as `http://127.0.0.1:7070`.
    pub target: String,
    /// Requests per second, in the mean; arrivals are independent of each other (Poisson).
    pub rate: f64,
    /// For how long.
    pub duration: Duration,
    /// How many callers there are.
    pub callers: usize,
    /// How unequal callers and queries are: 0 all alike, 1 as words of a text.
    pub skew: f64,
    /// Shares of the kinds.
    pub mix: Mix,
    /// The queries of kind `question`.
    pub questions: Vec<Query>,
    /// Makes the same queries, callers and moments again.
    pub seed: u64,
    /// Where each answer is written to, as JSON Lines.
    pub record: Option<PathBuf>,
}

/// Why a run did not take place.
#[derive(Debug, thiserror::Error)]
pub enum TrafficError {
    /// The world has no query of a kind of the mix.
    #[error("the knowledge base gives no `{0}` queries, but the mix asks for them")]
    NoQueries(Kind),
    /// Nobody has given questions, but the mix asks for them.
    #[error(
        "the mix asks for `question`, but there are none: they come from a file of rows (`--questions FILE`)"
    )]
    NoQuestions,
    /// No HTTP client.
    #[error("cannot make an HTTP client")]
    Client(#[source] reqwest::Error),
    /// The record cannot be written.
    #[error("cannot write the record `{path}`")]
    Record {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// More open requests than this means that the server has stopped answering; the next count as not answered.
const MOST_IN_FLIGHT: usize = 1024;

struct Answered {
    query: Arc<Query>,
    caller: usize,
    due: Instant,
    done: Instant,
    answer: Result<(u16, Vec<u8>), String>,
}

/// Sends the traffic until it is over or `stop` is ready, waits for the last answers and sums up.
pub async fn run(
    traffic: &Traffic,
    world: &World,
    stop: impl Future<Output = ()>,
) -> Result<Summary, TrafficError> {
    let pool = Pool::new(world, &traffic.questions, traffic.seed);
    match Kind::ALL.into_iter().find(|kind| traffic.mix.share(*kind) > 0 && pool.of(*kind).is_empty()) {
        Some(Kind::Question) => return Err(TrafficError::NoQuestions),
        Some(kind) => return Err(TrafficError::NoQueries(kind)),
        None => {}
    }
    let sender = Sender::new(&traffic.target).map_err(TrafficError::Client)?;
    let record = traffic.record.as_ref().map(Record::create).transpose()?;
    let (answers, inbox) = mpsc::channel(MOST_IN_FLIGHT);
    let sending = async {
        tokio::select! {
            () = send_on_schedule(traffic, &pool, &sender, answers) => {}
            () = stop => {}
        }
    };
    // Requests still out hold the channel open; each gives up after its own patience.
    let ((), summary) = tokio::join!(sending, collect(inbox, record));
    summary
}

async fn send_on_schedule(traffic: &Traffic, pool: &Pool, sender: &Sender, answers: mpsc::Sender<Answered>) {
    let mut draw = Draw::new(traffic, pool);
    let free = Arc::new(Semaphore::new(MOST_IN_FLIGHT));
    let start = Instant::now();
    let mut due = start;
    loop {
        due += draw.gap(traffic.rate);
        if due - start > traffic.duration {
            return;
        }
        let (caller, query) = draw.request();
        sleep_until(due).await;
        let (sender, answers, permit) = (sender.clone(), answers.clone(), free.clone().try_acquire_owned());
        tokio::spawn(async move {
            let answer = match permit {
                Ok(_held) => sender.send(caller, query.body.clone()).await,
                Err(_) => Err(format!("{MOST_IN_FLIGHT} earlier requests have no answer yet")),
            };
            // The collector only goes when it cannot write its record, and then there is nobody to tell.
            let _ = answers.send(Answered { query, caller, due, done: Instant::now(), answer }).await;
        });
    }
}

/// The run's random draws: who asks what, when.
struct Draw {
    rng: Rng,
    mix: Mix,
    queries: [Vec<Arc<Query>>; KINDS],
    callers: Popularity,
    popularity: [Popularity; KINDS],
}

impl Draw {
    fn new(traffic: &Traffic, pool: &Pool) -> Self {
        Self {
            rng: Rng::with_seed(traffic.seed),
            mix: traffic.mix,
            queries: Kind::ALL.map(|kind| pool.of(kind).iter().cloned().map(Arc::new).collect()),
            callers: Popularity::new(traffic.callers, traffic.skew),
            popularity: Kind::ALL.map(|kind| Popularity::new(pool.of(kind).len(), traffic.skew)),
        }
    }

    fn gap(&mut self, rate: f64) -> Duration {
        // `1 - f64()` is above zero, so the logarithm is finite.
        Duration::from_secs_f64(-(1.0 - self.rng.f64()).ln() / rate)
    }

    fn request(&mut self) -> (usize, Arc<Query>) {
        let kind = self.mix.at(self.rng.u32(..self.mix.total()));
        let rank = self.popularity[kind as usize].draw(&mut self.rng);
        (self.callers.draw(&mut self.rng), self.queries[kind as usize][rank].clone())
    }
}

async fn collect(
    mut inbox: mpsc::Receiver<Answered>,
    mut record: Option<Record>,
) -> Result<Summary, TrafficError> {
    let (mut judge, mut count) = (Judge::default(), Count::default());
    while let Some(answered) = inbox.recv().await {
        let answer = answered.answer.as_ref().map(|(status, bytes)| (*status, bytes.as_slice()));
        let verdict = judge.judge(&answered.query, answer.map_err(Clone::clone));
        let seen = Seen {
            at_ms: unix_ms(answered.done),
            caller: answered.caller,
            kind: answered.query.kind,
            micros: (answered.done - answered.due).as_micros() as u64,
            enhanced: verdict.enhanced,
            right: verdict.right,
            fault: verdict.fault,
        };
        count.add(&seen);
        if let Some(record) = &mut record {
            record.write(&seen)?;
        }
    }
    if let Some(record) = &mut record {
        record.flush()?;
    }
    Ok(count.finish())
}

/// The calendar time of a moment of this process.
fn unix_ms(moment: Instant) -> u64 {
    let ago = moment.elapsed();
    let then = SystemTime::now().checked_sub(ago).unwrap_or(UNIX_EPOCH);
    then.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

struct Record {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Record {
    fn create(path: &PathBuf) -> Result<Self, TrafficError> {
        let file =
            File::create(path).map_err(|source| TrafficError::Record { path: path.clone(), source })?;
        Ok(Self { path: path.clone(), file: BufWriter::new(file) })
    }

    fn write(&mut self, seen: &Seen) -> Result<(), TrafficError> {
        let written = serde_json::to_writer(&mut self.file, seen)
            .map_err(std::io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"));
        written.map_err(|source| TrafficError::Record { path: self.path.clone(), source })
    }

    fn flush(&mut self) -> Result<(), TrafficError> {
        self.file.flush().map_err(|source| TrafficError::Record { path: self.path.clone(), source })
    }
}
