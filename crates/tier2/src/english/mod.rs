//! What any reader of English knows about the words of a question, whatever it asks about.

mod kinds;
mod stem;
mod tokens;
mod words;
mod wrapping;

pub(crate) use kinds::{Kind, kind_of, kinds_of};
pub(crate) use stem::{Stem, stem};
pub(crate) use tokens::{Token, tokens};
pub(crate) use words::{Role, is_denial, is_reckoning, role};
pub(crate) use wrapping::{asking_clause, is_one_clause, statement, unwrapped};
