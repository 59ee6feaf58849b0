//! The only place that writes to standard output: text for people, or one JSON document a line.
//! A closed pipe ends the output, not the run.

use std::io::Write;

use serde::Serialize;

/// Where results go.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
}

impl Output {
    /// Text for people, or JSON.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether programs are reading.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Shows a result, as `text` or as the document itself.
    pub fn show<T: Serialize>(self, document: &T, text: impl FnOnce(&T) -> String) {
        if self.json {
            self.line(
                &serde_json::to_string(document).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}")),
            );
        } else {
            self.line(text(document).trim_end());
        }
    }

    fn line(self, text: &str) {
        let mut out = anstream::stdout().lock();
        let _closed_pipe = writeln!(out, "{text}").and_then(|()| out.flush());
    }
}
