//! What a language model costs on this machine: `cargo run --release -p find-facts-engine-llama --example measure -- MODEL.gguf`.
//!
//! Medians. A busy machine makes them worse by several times; compare what stands in one output only.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};

use find_facts_core::{Deadline, LanguageModel, Prompt};
use find_facts_engine_llama::{
    Llama, LlamaOptions, LlamaWorker, WorkerCommand, WorkerOptions, memory_taken, serve,
};

/// What this program is told when it is its own worker.
const WORKER: &str = "worker";
const TIMES: usize = 5;
const CANDIDATES: [&str; 4] =
    [" place of birth", " country of citizenship", " date of death", " member of party"];
const RELATIONS: &str = "Choose the relation that the question asks for. Relations: place of birth, place of death, date of birth, \
     date of death, country of citizenship, spouse, child, parent, sibling, occupation, employer, member of party, \
     educated at, award received, capital, population, area, official language, currency, head of state.";

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("name a GGUF file")?;
    if file == WORKER {
        return Ok(serve()?);
    }
    let file = Path::new(&file);
    let most = std::thread::available_parallelism()?;
    let mut counts = vec![NonZeroUsize::MIN];
    counts.extend((most > NonZeroUsize::MIN).then_some(most));
    for threads in counts {
        println!("at most {threads} threads");
        let options = LlamaOptions { name: "measured".to_owned(), file: file.to_owned(), threads };
        let begun = Instant::now();
        let llama = Llama::load(&options)?;
        println!("  load                         {:>9.1} ms, {:?}", ms(begun.elapsed()), llama.pace());
        speeds(&llama)?;
        drop(llama);
        let options = WorkerOptions {
            model: options,
            command: WorkerCommand {
                program: std::env::current_exe()?,
                arguments: vec![WORKER.into()],
                environment: Vec::new(),
            },
            loading: Duration::from_secs(60),
            memory: 8_000_000_000,
        };
        let worker = LlamaWorker::start(options, &Deadline::none(), |_| {})?;
        println!("  as a worker: load            {:>9.1} ms", ms(worker.loaded().took));
        speeds(&worker)?;
        println!(
            "  PSS of the worker            {:>9.1} MB",
            worker.process().and_then(memory_taken).unwrap_or(0) as f64 / 1e6
        );
    }
    Ok(())
}

fn speeds(model: &dyn LanguageModel) -> Result<(), Box<dyn Error>> {
    let long: String = (0..40).map(|n| format!("{n} is a number. ")).collect();
    let scored = |system: &str, user: &str| -> Result<Duration, Box<dyn Error>> {
        let begun = Instant::now();
        model.score(&Prompt { system, user, reply: "The relation is" }, &CANDIDATES, &Deadline::none())?;
        Ok(begun.elapsed())
    };
    let read = median(|n| scored(&format!("{n}: {long}"), "x"))?;
    println!("  score, ~250 new tokens       {:>9.1} ms", ms(read));
    scored(RELATIONS, "Where was Ada Lovelace born?")?;
    let cold = median(|n| scored(&format!("{n} {RELATIONS}"), "Where was Ada Lovelace born?"))?;
    println!("  score, 4 x ~4 tokens, cold   {:>9.1} ms", ms(cold));
    let warm = median(|n| scored(RELATIONS, &format!("Where was person {n} born?")))?;
    println!("  the same, prefix known       {:>9.1} ms", ms(warm));
    let again = median(|_| scored(RELATIONS, "Where was Ada Lovelace born?"))?;
    println!("  the same, prompt known       {:>9.1} ms", ms(again));
    let nothing = median(|_| {
        let begun = Instant::now();
        model.score(&Prompt { system: RELATIONS, user: "x", reply: "" }, &[""], &Deadline::none())?;
        Ok(begun.elapsed())
    })?;
    println!("  score of nothing             {:>9.3} ms", ms(nothing));
    let write = |most: usize| {
        median(|_| {
            let begun = Instant::now();
            let prompt = Prompt { system: RELATIONS, user: "Count from one on, in digits.", reply: "" };
            model.generate(&prompt, "start: /[0-9 ,]+/", most, &Deadline::none())?;
            Ok(begun.elapsed())
        })
    };
    let (short, long) = (write(8)?, write(40)?);
    let each = (long.saturating_sub(short)).as_secs_f64() / 32.0;
    println!("  written tokens per second    {:>9.1}", 1.0 / each.max(f64::MIN_POSITIVE));
    Ok(())
}

fn median(
    mut once: impl FnMut(usize) -> Result<Duration, Box<dyn Error>>,
) -> Result<Duration, Box<dyn Error>> {
    let mut times = (0..TIMES).map(&mut once).collect::<Result<Vec<_>, _>>()?;
    times.sort();
    Ok(times[TIMES / 2])
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
