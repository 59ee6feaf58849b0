//! From a [`Prompt`] to tokens: the model's own chat template around the caller's texts.
//!
//! The template's words become special tokens, the caller's never do: a question that contains `<|im_end|>` contains
//! eight characters, not the end of the user's turn. For that the template is rendered once around two marks and cut at
//! them, and each piece is tokenised by itself. Because the pieces do not depend on each other, prompts with the
//! same system text have the same tokens up to the user's.

use find_facts_core::Prompt;
use llama_cpp_2::model::{LlamaChatMessage, LlamaModel};
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::vocab::LlamaVocab;

/// A prompt of more bytes has more tokens than any context here; tokenising a mebibyte would outlast the deadline.
const MOST_BYTES: usize = 64 << 10;

/// Characters that no template has; they are cut out again.
const SYSTEM: &str = "\u{e000}system\u{e000}";
const USER: &str = "\u{e000}user\u{e000}";

/// How a model wants to be spoken to.
pub(crate) struct Format {
    /// Before the system text, between it and the user's, and after that. `None`: the model was not taught to chat.
    around: Option<[Vec<LlamaToken>; 3]>,
    /// What every text begins with, where the vocabulary says so.
    begin: Option<LlamaToken>,
}

/// A prompt that cannot be read by the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PromptError {
    #[error("the prompt has {0} bytes; accepted are {MOST_BYTES}")]
    TooLong(usize),
    #[error("the prompt has no tokens")]
    Empty,
}

impl Format {
    /// The format that stands in the model's file; the reason where it is there but llama.cpp does not know it.
    pub(crate) fn of(model: &LlamaModel) -> Result<Self, String> {
        let vocab = model.vocab();
        let begin = vocab.should_add_bos().then(|| vocab.bos()).filter(|token| token.0 >= 0);
        let Ok(template) = model.chat_template(None) else {
            return Ok(Self { around: None, begin });
        };
        let said = |role: &str, text: &str| {
            LlamaChatMessage::new(role.to_owned(), text.to_owned()).map_err(|error| error.to_string())
        };
        let chat = [said("system", SYSTEM)?, said("user", USER)?];
        let rendered = model
            .apply_chat_template(&template, &chat, true)
            .map_err(|error| format!("its chat template is not one that llama.cpp knows: {error}"))?;
        let unusable = || "its chat template has no place for a system text before the user's".to_owned();
        let (before, rest) = rendered.split_once(SYSTEM).ok_or_else(unusable)?;
        let (between, after) = rest.split_once(USER).ok_or_else(unusable)?;
        let tokens = |text: &str| vocab.tokenize(text.as_bytes(), false, true);
        Ok(Self { around: Some([tokens(before), tokens(between), tokens(after)]), begin })
    }

    /// Everything up to where the reply begins.
    pub(crate) fn tokens(
        &self,
        vocab: &LlamaVocab<'_>,
        prompt: &Prompt<'_>,
    ) -> Result<Vec<LlamaToken>, PromptError> {
        let bytes = prompt.system.len() + prompt.user.len() + prompt.reply.len();
        if bytes > MOST_BYTES {
            return Err(PromptError::TooLong(bytes));
        }
        let mut tokens = match &self.around {
            Some([before, between, after]) => {
                [before.as_slice(), &plain(vocab, prompt.system), between, &plain(vocab, prompt.user), after]
                    .concat()
            }
            // One text, because SentencePiece puts a space before each.
            None => plain(vocab, &format!("{}\n\n{}\n", prompt.system, prompt.user)),
        };
        if let Some(begin) = self.begin
            && tokens.first() != Some(&begin)
        {
            tokens.insert(0, begin);
        }
        if tokens.is_empty() { Err(PromptError::Empty) } else { Ok(tokens) }
    }
}

/// A text in which nothing is special.
pub(crate) fn plain(vocab: &LlamaVocab<'_>, text: &str) -> Vec<LlamaToken> {
    vocab.tokenize(text.as_bytes(), false, false)
}

/// What follows the prompt, cut where its readings begin to differ.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cut<T> {
    /// The part of the reply's beginning that belongs to the prompt.
    pub(crate) shared: Vec<T>,
    /// Each continuation's tokens after that.
    pub(crate) rest: Vec<Vec<T>>,
}

/// The boundary between the reply's beginning and a continuation need not lie between two tokens: after `born in`, ` Ulm`
/// is a token with its space; after `born in `, the space is the reply's last token and would never be followed by `Ulm` in
/// a text that the model has read. So each continuation is tokenised together with the reply's beginning, and the
/// prompt ends where the first of them departs from it: what the reply's end has in common with no single continuation is read
/// as part of all of them, which adds the same text to each and leaves their order alone.
pub(crate) fn cut<T: Copy + PartialEq>(reply: &[T], readings: Vec<Vec<T>>) -> Cut<T> {
    let shared = readings.iter().map(|reading| common(reply, reading)).min().unwrap_or(reply.len());
    let rest = readings.into_iter().map(|reading| reading[shared..].to_vec()).collect();
    Cut { shared: reply[..shared].to_vec(), rest }
}

/// How many leading elements two lists have in common.
pub(crate) fn common<T: PartialEq>(one: &[T], other: &[T]) -> usize {
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reply: &str, readings: &[&str], shared: &str, rest: &[&str]) {
        let bytes = |text: &&str| text.as_bytes().to_vec();
        let cut = cut(reply.as_bytes(), readings.iter().map(bytes).collect());
        let expected = Cut { shared: bytes(&shared), rest: rest.iter().map(bytes).collect() };
        assert_eq!(cut, expected);
    }

    #[test]
    fn a_continuation_that_begins_a_token_leaves_the_reply_whole() {
        check("ab", &["abc", "abd"], "ab", &["c", "d"]);
        check("", &["c", "d"], "", &["c", "d"]);
    }

    #[test]
    fn a_token_across_the_boundary_is_read_with_every_continuation() {
        check("ab", &["aX", "abd"], "a", &["X", "bd"]);
    }

    #[test]
    fn an_empty_continuation_has_no_tokens() {
        check("ab", &["ab"], "ab", &[""]);
        check("ab", &[], "ab", &[]);
    }
}
