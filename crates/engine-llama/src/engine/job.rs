//! One caller's work: which tokens are to be read next, and what the model's answer to each means.

use std::collections::VecDeque;
use std::sync::mpsc::SyncSender;

use find_facts_core::{Deadline, DeadlineExceeded, Likelihood};
use llama_cpp_2::token::LlamaToken;
use llguidance::Matcher;

use super::softmax::log_sum_exp;
use crate::trie::Trie;

/// What a caller hands to the engine's thread.
pub(crate) struct Request {
    pub(crate) prompt: Vec<LlamaToken>,
    pub(crate) work: Work,
    pub(crate) deadline: Deadline,
    pub(crate) reply: SyncSender<Result<Done, Refusal>>,
}

/// What is to be done after the prompt.
pub(crate) enum Work {
    /// Score each of these.
    Score(Vec<Vec<LlamaToken>>),
    /// Write at most so many tokens that the grammar allows.
    Write { grammar: Box<Matcher>, most: usize },
}

/// What was done.
#[derive(Debug)]
pub(crate) enum Done {
    Scored(Vec<Likelihood>),
    Wrote(Vec<LlamaToken>),
}

/// Why it was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(transparent)]
    Deadline(#[from] DeadlineExceeded),
    #[error("{0}")]
    Failed(String),
}

impl Refusal {
    pub(crate) fn not_finite() -> Self {
        Self::Failed("the model gave numbers that are not finite; its weights may be damaged".to_owned())
    }
}

/// A token to be read.
pub(crate) struct Row {
    pub(crate) token: LlamaToken,
    pub(crate) position: usize,
    pub(crate) readers: Readers,
    /// Whether the model's answer is wanted, and as what.
    pub(crate) wants: Option<Want>,
}

/// Which sequences read a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Readers {
    /// The job's own, and so many continuations' beside it.
    Prompt { leaves: usize },
    /// These continuations' only.
    Leaves(Vec<usize>),
}

/// What an answer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Want {
    /// What follows the prompt.
    First,
    /// What follows this many tokens of these continuations.
    After { depth: usize, members: Vec<usize> },
    /// The next token of a text.
    Next,
}

/// What the runner has to do after an answer was taken.
pub(crate) enum Step {
    /// Read on.
    On,
    /// Let the continuations' sequences begin anew as copies of the prompt.
    NextWave,
}

/// Work in progress.
pub(crate) struct Job {
    pub(crate) rows: VecDeque<Row>,
    prompt: usize,
    kind: Kind,
}

enum Kind {
    Score { continuations: Vec<Vec<LlamaToken>>, sums: Vec<f32>, next_wave: usize, wave: usize },
    Write { grammar: Box<Matcher>, text: Vec<LlamaToken>, most: usize, over: bool },
}

impl Job {
    /// Begins at the token `keep` of the prompt, with at most `wave` continuations at a time.
    pub(crate) fn begin(prompt: &[LlamaToken], keep: usize, work: Work, wave: usize) -> Self {
        let (leaves, want) = match &work {
            Work::Score(continuations) => (continuations.len().min(wave), Want::First),
            Work::Write { .. } => (0, Want::Next),
        };
        let last = prompt.len().saturating_sub(1);
        let row = |position: usize| Row {
            token: prompt[position],
            position,
            readers: Readers::Prompt { leaves },
            wants: (position == last).then(|| want.clone()),
        };
        let rows = (keep..prompt.len()).map(row).collect();
        let kind = match work {
            Work::Score(continuations) => {
                Kind::Score { sums: vec![0.0; continuations.len()], continuations, next_wave: 0, wave }
            }
            Work::Write { grammar, most } => Kind::Write { grammar, text: Vec::new(), most, over: false },
        };
        let mut job = Self { rows, prompt: prompt.len(), kind };
        job.begin_wave();
        job
    }

    /// How many continuations have a sequence of their own from the beginning.
    pub(crate) fn leaves(&self, wave: usize) -> usize {
        match &self.kind {
            Kind::Score { continuations, .. } => continuations.len().min(wave),
            Kind::Write { .. } => 0,
        }
    }

    /// Adds the rows of the next wave of continuations, if there is one.
    fn begin_wave(&mut self) -> bool {
        let Kind::Score { continuations, next_wave, wave, .. } = &mut self.kind else {
            return false;
        };
        let first = *next_wave;
        let of_wave = &continuations[first..(first + *wave).min(continuations.len())];
        if of_wave.is_empty() {
            return false;
        }
        *next_wave += of_wave.len();
        let prompt = self.prompt;
        self.rows.extend(Trie::of(of_wave).nodes.into_iter().map(|node| Row {
            token: node.token,
            position: prompt + node.depth,
            wants: Some(Want::After {
                depth: node.depth + 1,
                members: node.members.iter().map(|member| first + member).collect(),
            }),
            readers: Readers::Leaves(node.members),
        }));
        true
    }

    /// Takes the model's answer.
    pub(crate) fn take(&mut self, want: &Want, logits: &[f32]) -> Result<(), Refusal> {
        match (&mut self.kind, want) {
            (Kind::Score { continuations, sums, .. }, Want::First) => {
                let all = 0..continuations.len();
                add(continuations, sums, 0, all, logits)
            }
            (Kind::Score { continuations, sums, .. }, Want::After { depth, members }) => {
                add(continuations, sums, *depth, members.iter().copied(), logits)
            }
            (Kind::Write { grammar, text, most, over }, Want::Next) => {
                match next_token(grammar, logits)? {
                    Some(token) => {
                        text.push(token);
                        *over = text.len() >= *most || grammar.is_stopped();
                    }
                    None => *over = true,
                }
                if !*over && let Some(token) = text.last() {
                    let position = self.prompt + text.len() - 1;
                    let readers = Readers::Prompt { leaves: 0 };
                    self.rows.push_back(Row { token: *token, position, readers, wants: Some(Want::Next) });
                }
                Ok(())
            }
            _ => Err(Refusal::Failed("an answer came to work of another kind".to_owned())),
        }
    }

    /// What comes after all rows were read; the result once there is nothing more.
    pub(crate) fn advance(&mut self) -> Option<Step> {
        if !self.rows.is_empty() {
            return Some(Step::On);
        }
        // Waves of continuations of one token each have nothing to read.
        while self.begin_wave() {
            if !self.rows.is_empty() {
                return Some(Step::NextWave);
            }
        }
        None
    }

    pub(crate) fn into_done(self) -> Done {
        match self.kind {
            Kind::Score { continuations, sums, .. } => Done::Scored(
                continuations
                    .iter()
                    .zip(sums)
                    .map(|(tokens, log_probability)| Likelihood {
                        log_probability,
                        tokens: u32::try_from(tokens.len()).unwrap_or(u32::MAX),
                    })
                    .collect(),
            ),
            Kind::Write { text, .. } => Done::Wrote(text),
        }
    }
}

/// Adds to each member how likely its token at `depth` is.
fn add(
    continuations: &[Vec<LlamaToken>],
    sums: &mut [f32],
    depth: usize,
    members: impl Iterator<Item = usize>,
    logits: &[f32],
) -> Result<(), Refusal> {
    let all = log_sum_exp(logits).ok_or_else(Refusal::not_finite)?;
    for member in members {
        let Some(token) = continuations[member].get(depth) else { continue };
        let logit = usize::try_from(token.0).ok().and_then(|id| logits.get(id));
        sums[member] += logit.ok_or_else(|| Refusal::Failed(format!("token {token} has no logit")))? - all;
    }
    Ok(())
}

/// The likeliest token that the grammar allows; `None` at the text's end. Not llama.cpp's sampler: that one leaves
/// everything allowed when the grammar fails, and ends the process when nothing is.
fn next_token(grammar: &mut Matcher, logits: &[f32]) -> Result<Option<LlamaToken>, Refusal> {
    if grammar.is_stopped() {
        return Ok(None);
    }
    let allowed = grammar.compute_mask_or_eos().map_err(|error| grammar_failed(&error))?;
    let mut best: Option<(usize, f32)> = None;
    allowed.iter_set_entries(|id| {
        if let Some(logit) = logits.get(id).copied()
            && best.is_none_or(|(_, greatest)| logit > greatest)
        {
            best = Some((id, logit));
        }
    });
    let (id, logit) = best.ok_or_else(|| Refusal::Failed("the grammar allows no token".to_owned()))?;
    if !logit.is_finite() {
        return Err(Refusal::not_finite());
    }
    let id = u32::try_from(id).map_err(|_| Refusal::Failed("a token beyond all ids".to_owned()))?;
    let ends = grammar.tok_env().is_ok_and(|env| env.tok_trie().eos_token_set().is_allowed(id));
    if ends {
        return Ok(None);
    }
    grammar.consume_token(id).map_err(|error| grammar_failed(&error))?;
    Ok(Some(LlamaToken(id.cast_signed())))
}

fn grammar_failed(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::Failed(format!("the grammar failed: {error:#}"))
}
