//! How a simulated server behaves, second by second.

use find_facts_core::Tier;
use find_facts_core::health::Status;

/// A stretch of the simulation's time, in seconds since its beginning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spell {
    pub(crate) from: f64,
    pub(crate) to: f64,
}

impl Spell {
    pub(crate) fn holds(&self, second: f64) -> bool {
        (self.from..self.to).contains(&second)
    }
}

/// When how many golden probes are answered wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wrong {
    /// From this percentage of callers on,
    pub(crate) from: f64,
    /// and from this second of the simulation on.
    pub(crate) after: f64,
    pub(crate) share: f64,
}

/// What the tier and its callers do.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// The tier whose percentage moves; those below are in production.
    pub(crate) tier: Tier,
    /// Requests a second that would make the tier run, if everybody had it.
    pub(crate) per_second: f64,
    /// Share of attempts that fail, from this percentage of callers on.
    pub(crate) failing: Option<(f64, f64)>,
    /// How many callers there are; a caller's first attempt is counted apart.
    pub(crate) callers: f64,
    /// Share of the control's requests that fail.
    pub(crate) control_failing: f64,
    /// Latency of every attempt.
    pub(crate) latency_us: u64,
    /// What the tier adds to a request asked by the operator.
    pub(crate) added_us: u64,
    /// Share of the operator's requests in which the tier fails, from this percentage of callers on.
    pub(crate) failing_asks: Option<(f64, f64)>,
    /// Golden probes of the tier.
    pub(crate) probes_a_second: f64,
    /// Golden probes that are answered wrong.
    pub(crate) wrong: Option<Wrong>,
    /// From this percentage of callers on, everything that the operator asks takes 50 ms longer.
    pub(crate) busy_from: Option<f64>,
    /// Out of reach.
    pub(crate) unreachable: Vec<Spell>,
    /// The ceiling is lowered.
    pub(crate) lowered: Vec<Spell>,
    /// A mask keeps the tier off, whatever the flags.
    pub(crate) masked: Vec<Spell>,
    /// The status that the tier has.
    pub(crate) status: Status,
    /// The server's own rules switch the tier off at this percentage.
    pub(crate) rolls_back_at: Option<f64>,
    /// Somebody changes another flag at this percentage, once.
    pub(crate) meddles_at: Option<f64>,
    /// The linker knows nothing but exact names.
    pub(crate) blind_linker: bool,
    /// What is left of the machine's memory, bytes.
    pub(crate) available_bytes: u64,
    /// What server and workers take at the beginning, bytes, and by how much that grows in a second.
    pub(crate) memory_bytes: [f64; 2],
    /// Seconds from the order to load a model until it is there.
    pub(crate) loads_in: f64,
    /// Loading a model fails.
    pub(crate) load_fails: bool,
    /// Pulling a model fails.
    pub(crate) pull_fails: bool,
    /// The tier cannot be initialised.
    pub(crate) init_fails: bool,
    /// Models are in the cache from the beginning.
    pub(crate) cached: bool,
    /// Models have digests.
    pub(crate) pinned: bool,
    /// The first so many calls that write are done, and their answers are lost.
    pub(crate) lost_answers: u32,
    /// The server dies at this query of the operator, and is started again.
    pub(crate) dies_at_query: Option<u32>,
    /// The health window before it is widened, seconds.
    pub(crate) window_seconds: f64,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            tier: Tier::Tier1,
            per_second: 200.0,
            failing: None,
            callers: 4000.0,
            control_failing: 0.0,
            latency_us: 2000,
            added_us: 1500,
            failing_asks: None,
            probes_a_second: 1.0,
            wrong: None,
            busy_from: None,
            unreachable: Vec::new(),
            lowered: Vec::new(),
            masked: Vec::new(),
            status: Status::Healthy,
            rolls_back_at: None,
            meddles_at: None,
            blind_linker: false,
            available_bytes: 8_000_000_000,
            memory_bytes: [4e8, 0.0],
            loads_in: 2.0,
            load_fails: false,
            pull_fails: false,
            init_fails: false,
            cached: true,
            pinned: true,
            lost_answers: 0,
            dies_at_query: None,
            window_seconds: 5.0,
        }
    }
}
