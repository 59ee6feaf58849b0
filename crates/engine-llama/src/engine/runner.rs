//! The loop of the thread that owns a context: admit, drop what nobody waits for, read one batch, hand out the answers.
//!
//! Between two batches it looks at every deadline, so that work for a caller that has gone ends within one step. What was read for
//! it stays in its slot: the next one who asks goes on from there.

use std::collections::VecDeque;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::mpsc::{Receiver, RecvError, TryRecvError};

use find_facts_core::DeadlineExceeded;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::token::LlamaToken;

use super::job::{Done, Job, Readers, Refusal, Request, Row, Step, Work};
use super::slots::{Place, Slots};
use crate::trie::Trie;

/// What a context has room for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Cells of the cache, over everything.
    pub(crate) cells: usize,
    /// Tokens of one prompt with what follows it.
    pub(crate) length: usize,
    /// Tokens to a batch.
    pub(crate) chunk: usize,
}

/// Callers that are worked for at once, and beginnings that are kept.
const SLOTS: usize = 4;
/// Continuations of one caller that are read at once; what is beyond follows in waves.
const WAVE: usize = 16;

impl Limits {
    /// Sequences of the context: each slot and its continuations.
    pub(crate) const SEQUENCES: usize = SLOTS * (1 + WAVE);

    /// Cells that this work may come to need beside its prompt.
    pub(crate) fn beside(work: &Work) -> usize {
        match work {
            Work::Score(continuations) => {
                continuations.chunks(WAVE).map(|wave| Trie::of(wave).nodes.len()).max().unwrap_or(0)
            }
            Work::Write { most, .. } => *most,
        }
    }
}

/// The parameters of a context. One step is one batch: nothing is split further inside. llama.cpp ends the process where a
/// context has more sequences than tokens in a batch.
pub(crate) fn context_parameters(
    cells: usize,
    batch: usize,
    sequences: usize,
    threads: NonZeroUsize,
) -> LlamaContextParams {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let batch = batch.max(sequences);
    let threads = i32::try_from(threads.get()).unwrap_or(1);
    LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(number(cells)))
        .with_n_batch(number(batch))
        .with_n_ubatch(number(batch))
        .with_n_seq_max(number(sequences))
        // One pool of cells for all sequences, in which a copy of a prompt costs nothing.
        .with_kv_unified(true)
        .with_n_threads(threads)
        .with_n_threads_batch(threads)
        .with_no_perf(true)
}

/// Works until every sender has gone.
pub(crate) fn run(context: LlamaContext<'_>, limits: Limits, requests: &Receiver<Request>) {
    let runner = Runner {
        context,
        batch: LlamaBatch::new(limits.chunk, Limits::SEQUENCES as i32),
        chunk: limits.chunk,
        slots: Slots::new(SLOTS, limits.cells),
        active: Vec::new(),
        waiting: VecDeque::new(),
    };
    // The only end there is: nobody can ask any more.
    let Err(RecvError) = runner.serve(requests);
}

struct Runner<'m> {
    context: LlamaContext<'m>,
    batch: LlamaBatch<'static>,
    chunk: usize,
    slots: Slots<LlamaToken>,
    active: Vec<Active>,
    waiting: VecDeque<Request>,
}

/// A caller that is worked for.
struct Active {
    request: Request,
    slot: usize,
    job: Job,
}

/// An answer in the last batch: whose, for which row.
struct Wanted {
    slot: usize,
    at: i32,
    row: Row,
}

impl Runner<'_> {
    fn serve(mut self, requests: &Receiver<Request>) -> Result<std::convert::Infallible, RecvError> {
        loop {
            self.receive(requests)?;
            self.drop_unwanted();
            self.admit();
            let wanted = self.fill_batch();
            if self.batch.n_tokens() == 0 {
                continue;
            }
            match self.context.decode(&mut self.batch) {
                Ok(()) => self.hand_out(wanted),
                Err(error) => self.fail_all(&error.to_string()),
            }
        }
    }

    /// Takes in what has come; waits for the next where there is nothing else to do.
    fn receive(&mut self, requests: &Receiver<Request>) -> Result<(), RecvError> {
        if self.active.is_empty() && self.waiting.is_empty() {
            self.waiting.push_back(requests.recv()?);
        }
        loop {
            match requests.try_recv() {
                Ok(request) => self.waiting.push_back(request),
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) if self.active.is_empty() && self.waiting.is_empty() => {
                    return Err(RecvError);
                }
                Err(TryRecvError::Disconnected) => return Ok(()),
            }
        }
    }

    fn drop_unwanted(&mut self) {
        self.waiting.retain(|request| match request.deadline.check() {
            Ok(()) => true,
            Err(over) => {
                answer(request, Err(over.into()));
                false
            }
        });
        let late = |active: &Active| active.request.deadline.check().is_err();
        while let Some(at) = self.active.iter().position(late) {
            self.finish(at, |_| Err(DeadlineExceeded.into()));
        }
    }

    /// Gives slots to those that wait, first come first served.
    fn admit(&mut self) {
        while let Some(request) = self.waiting.front() {
            // Somebody is just reading what this prompt begins with: better to copy it than to read it twice.
            let known = self.slots.known(&request.prompt);
            let soon = self.active.iter().map(|active| {
                crate::prompt::common(&active.request.prompt, &request.prompt).min(request.prompt.len() - 1)
            });
            if soon.max().is_some_and(|soon| soon > known) {
                return;
            }
            let beside = Limits::beside(&request.work);
            let Some(place) = self.slots.place(&request.prompt, beside) else {
                return;
            };
            if let Some(request) = self.waiting.pop_front() {
                self.begin(request, &place);
            }
        }
    }

    fn begin(&mut self, mut request: Request, place: &Place) {
        for slot in &place.emptied {
            self.clear(*slot, 0);
        }
        if place.source == place.slot {
            self.clear(place.slot, place.keep);
        } else {
            self.clear(place.slot, 0);
            self.copy(place.source, place.slot, place.keep);
        }
        let work = std::mem::replace(&mut request.work, Work::Score(Vec::new()));
        let job = Job::begin(&request.prompt, place.keep, work, WAVE);
        for leaf in 0..job.leaves(WAVE) {
            self.copy(place.slot, leaf_of(place.slot, leaf), place.keep);
        }
        self.active.push(Active { request, slot: place.slot, job });
    }

    /// One row of each who writes, then whole prompts and continuations, oldest first, as far as there is room.
    fn fill_batch(&mut self) -> Vec<Wanted> {
        self.batch.clear();
        let mut wanted = Vec::new();
        let mut room = self.chunk;
        let mut order: Vec<usize> = (0..self.active.len()).collect();
        order.sort_by_key(|at| self.active[*at].job.rows.len() > 1);
        for at in order {
            let active = &mut self.active[at];
            while room > 0
                && let Some(row) = active.job.rows.pop_front()
            {
                let readers = sequences(active.slot, &row.readers);
                let position = i32::try_from(row.position).unwrap_or(i32::MAX);
                let index = self.batch.n_tokens();
                if self.batch.add(row.token, position, &readers, row.wants.is_some()).is_err() {
                    active.job.rows.push_front(row);
                    return wanted;
                }
                room -= 1;
                if matches!(row.readers, Readers::Prompt { .. }) {
                    self.slots.read(active.slot, row.token);
                }
                if row.wants.is_some() {
                    wanted.push(Wanted { slot: active.slot, at: index, row });
                }
            }
        }
        wanted
    }

    fn hand_out(&mut self, wanted: Vec<Wanted>) {
        for Wanted { slot, at, row } in wanted {
            let Some(index) = self.active.iter().position(|active| active.slot == slot) else { continue };
            let Some(want) = row.wants else { continue };
            let taken = self.active[index].job.take(&want, self.context.get_logits_ith(at));
            if let Err(refusal) = taken {
                self.finish(index, |_| Err(refusal));
            }
        }
        let mut at = 0;
        while at < self.active.len() {
            match self.active[at].job.advance() {
                Some(Step::On) => at += 1,
                Some(Step::NextWave) => {
                    self.next_wave(at);
                    at += 1;
                }
                None => self.finish(at, |job| Ok(job.into_done())),
            }
        }
    }

    fn next_wave(&mut self, at: usize) {
        let slot = self.active[at].slot;
        let prompt = self.active[at].request.prompt.len();
        for leaf in 0..self.active[at].job.leaves(WAVE) {
            self.clear(leaf_of(slot, leaf), 0);
            self.copy(slot, leaf_of(slot, leaf), prompt);
        }
    }

    fn finish(&mut self, at: usize, result: impl FnOnce(Job) -> Result<Done, Refusal>) {
        let Active { request, slot, job } = self.active.remove(at);
        for leaf in 0..job.leaves(WAVE) {
            self.clear(leaf_of(slot, leaf), 0);
        }
        self.slots.release(slot);
        answer(&request, result(job));
    }

    /// llama.cpp did not read the batch; what its cache holds now is not known.
    fn fail_all(&mut self, reason: &str) {
        while !self.active.is_empty() {
            self.finish(0, |_| Err(Refusal::Failed(format!("llama.cpp did not read a batch: {reason}"))));
        }
        self.slots.forget();
        self.context.clear_kv_cache();
    }

    /// Forgets a sequence from a position on.
    fn clear(&mut self, sequence: usize, from: usize) {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let removed = self.context.clear_kv_cache_seq(Some(number(sequence)), Some(number(from)), None);
        if !matches!(removed, Ok(true)) {
            tracing::warn!(sequence, from, ?removed, "a sequence of the cache could not be shortened");
        }
    }

    fn copy(&mut self, from: usize, to: usize, length: usize) {
        if length == 0 {
            return;
        }
        let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let end = u32::try_from(length).ok();
        if let Err(error) = self.context.copy_kv_cache_seq(number(from), number(to), Some(0), end) {
            tracing::warn!(from, to, length, %error, "a sequence of the cache could not be copied");
        }
    }
}

/// The caller may have gone meanwhile.
fn answer(request: &Request, result: Result<Done, Refusal>) {
    drop(request.reply.try_send(result));
}

fn leaf_of(slot: usize, leaf: usize) -> usize {
    SLOTS + slot * WAVE + leaf
}

fn sequences(slot: usize, readers: &Readers) -> Vec<i32> {
    let id = |sequence: usize| i32::try_from(sequence).unwrap_or(i32::MAX);
    match readers {
        Readers::Prompt { leaves } => {
            std::iter::once(slot).chain((0..*leaves).map(|leaf| leaf_of(slot, leaf))).map(id).collect()
        }
        Readers::Leaves(members) => members.iter().map(|leaf| id(leaf_of(slot, *leaf))).collect(),
    }
}
