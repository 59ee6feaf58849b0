//! How fast a model reads on this machine, with one thread and with more.
//!
//! llama.cpp's threads wait for each other by spinning. On free cores two of them are nearly twice as fast as one; on
//! busy ones they are many times slower. So the number is chosen by what it brings here and now.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use super::runner::context_parameters;

/// Tokens of one measurement: about as many as four short candidates have.
const TOKENS: usize = 16;
const TIMES: usize = 3;

/// More threads have to bring at least this much; they take cores from everything else.
const WORTH_A_THREAD: f64 = 1.25;

/// A thread that is on a core for less than this share of its time, though it waits for nothing, has to give way to others:
/// threads that wait for each other by spinning would be the slower for it.
const CROWDED: f64 = 0.5;

/// More threads than one that take so many times as long have not been on their cores together, and trying again takes as long.
const HOPELESS: u32 = 4;

/// One step may take so long. The caller of a deadline that passes meanwhile has gone already; the core has not, and the
/// fallback that it serves has 100 ms.
const STEP: Duration = Duration::from_millis(50);
/// Below this a step reads the weights for too few tokens, above it nothing is gained.
const CHUNK: (f64, f64) = (8.0, 64.0);

/// What was measured, and what follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// Threads that share the work of one step.
    pub threads: NonZeroUsize,
    /// Tokens read in a second with that many.
    pub tokens_per_second: f64,
    /// Tokens to a step.
    pub chunk: usize,
}

/// What is needed to measure.
pub(crate) struct Probe<'m> {
    pub(crate) model: &'m LlamaModel,
    pub(crate) backend: &'m LlamaBackend,
}

/// How long a read took.
#[derive(Debug, Clone, Copy)]
struct Reading {
    took: Duration,
    /// For how much of it the calling thread was on a core.
    on_core: Duration,
}

impl Probe<'_> {
    /// Measures one thread and `most`, and chooses. An error is what llama.cpp said.
    pub(crate) fn choose(&self, most: NonZeroUsize) -> Result<Pace, String> {
        let mut crowded = false;
        // The first read waits for the disk, which says nothing of the cores.
        let one = self.fastest(NonZeroUsize::MIN, |number, reading| {
            crowded = number > 0 && reading.on_core < reading.took.mul_f64(CROWDED);
            crowded
        })?;
        if most > NonZeroUsize::MIN && !crowded {
            let all = self.fastest(most, |_, reading| reading.took > one * HOPELESS)?;
            if all.mul_f64(WORTH_A_THREAD) <= one {
                return Ok(pace(most, all));
            }
        }
        Ok(pace(NonZeroUsize::MIN, one))
    }

    /// The fastest of a few: what else runs on the machine can only make it slower. The last is one that is `enough`. Reads
    /// the weights into memory on its way.
    fn fastest(
        &self,
        threads: NonZeroUsize,
        mut enough: impl FnMut(usize, Reading) -> bool,
    ) -> Result<Duration, String> {
        let mut context = self
            .model
            .new_context(self.backend, context_parameters(256, 256, 1, threads))
            .map_err(|error| error.to_string())?;
        let mut fastest = Duration::MAX;
        for number in 0..TIMES {
            let (begun, on_core) = (Instant::now(), time_on_core());
            read(&mut context)?;
            let took = begun.elapsed();
            fastest = fastest.min(took);
            if enough(number, Reading { took, on_core: time_on_core().saturating_sub(on_core) }) {
                break;
            }
        }
        Ok(fastest)
    }
}

/// How long the calling thread has been on a core so far. With one thread llama.cpp works on the caller's.
fn time_on_core() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

fn read(context: &mut LlamaContext<'_>) -> Result<(), String> {
    context.clear_kv_cache();
    let mut batch = LlamaBatch::new(TOKENS, 1);
    for position in 0..TOKENS {
        let last = position + 1 == TOKENS;
        batch.add(LlamaToken(1), position as i32, &[0], last).map_err(|error| error.to_string())?;
    }
    context.decode(&mut batch).map_err(|error| error.to_string())?;
    context.synchronize();
    Ok(())
}

fn pace(threads: NonZeroUsize, fastest: Duration) -> Pace {
    let tokens_per_second = TOKENS as f64 / fastest.as_secs_f64().max(f64::MIN_POSITIVE);
    let chunk = (tokens_per_second * STEP.as_secs_f64()).clamp(CHUNK.0, CHUNK.1) as usize;
    Pace { threads, tokens_per_second, chunk }
}
