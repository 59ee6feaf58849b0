//! What can be wrong with a request, as problem documents. Codes and titles never change: clients test for them,
//! and each code is the name of its page under `docs/errors/`.

use find_facts_api::Problem;

use crate::wording::clipped;

/// The largest body that is read, bytes.
pub const BODY_LIMIT: usize = 1 << 20;

/// The stable code of every problem a request can have, with its title and HTTP status.
pub const CODES: [(Code, &str, &str, u16); 9] = [
    (Code::BodyTooLarge, "body-too-large", "The body is too large", 413),
    (Code::BodyNotJson, "body-not-json", "The body is not JSON", 400),
    (Code::WrongType, "wrong-type", "A part of the request has the wrong type", 400),
    (Code::QueryMissing, "query-missing", "The request has no query", 400),
    (Code::QueryEmpty, "query-empty", "The query gives nothing to look for", 400),
    (Code::TextWithParts, "text-with-parts", "The query gives both a question and parts", 400),
    (Code::InvalidLimit, "invalid-limit", "The limit is not a whole number from 1 on", 400),
    (Code::UnknownMode, "unknown-mode", "The enhancement mode is unknown", 400),
    (Code::InvalidConfidence, "invalid-confidence", "The confidence is not between 0 and 1", 400),
];

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// More than [`BODY_LIMIT`].
    BodyTooLarge,
    /// Not UTF-8, or not JSON.
    BodyNotJson,
    /// A value of another JSON type than the one accepted.
    WrongType,
    /// No `query`.
    QueryMissing,
    /// A `query` without parts and without text, or with an empty text.
    QueryEmpty,
    /// A `query` with parts and with text.
    TextWithParts,
    /// A number that cannot be a limit.
    InvalidLimit,
    /// A text that names no mode.
    UnknownMode,
    /// A number that cannot be a confidence.
    InvalidConfidence,
}

impl Code {
    /// A problem of this code.
    pub(super) fn problem(self, detail: impl Into<String>) -> Problem {
        let (_, name, title, status) = CODES[self as usize];
        Problem::new(status, name, title, detail)
    }
}

/// The problem of a body with more than [`BODY_LIMIT`] bytes, for whoever reads the body.
pub fn body_too_large() -> Problem {
    Code::BodyTooLarge
        .problem(format!("the body is larger than {BODY_LIMIT} bytes; accepted is up to {BODY_LIMIT} bytes"))
        .with("limit_bytes", BODY_LIMIT)
}

/// The problem of a body that ends, or goes wrong, at a line and a column (in bytes), both counted from 1.
pub(super) fn not_json(what: &str, line: usize, column: usize) -> Problem {
    Code::BodyNotJson
        .problem(format!("the body {what} at line {line}, column {column}; accepted is JSON in UTF-8"))
        .with("column", column)
        .with("line", line)
}

/// The problem of a value of the wrong type.
pub(super) fn wrong_type(part: &str, kind: &str, accepted: &str) -> Problem {
    Code::WrongType.problem(format!("`{part}` is {kind}; accepted is {accepted}")).at(part)
}

/// The problem of a value of the right type that is not accepted.
pub(super) fn bad_value(code: Code, part: &str, given: &str, accepted: &str) -> Problem {
    code.problem(format!("`{part}` is `{}`; accepted is {accepted}", clipped(given))).at(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_in_its_own_row() {
        for (row, (code, ..)) in CODES.iter().enumerate() {
            assert_eq!(*code as usize, row);
        }
    }
}
