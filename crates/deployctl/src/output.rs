//! The only place that writes to standard output and standard error: text for people, or one JSON document a line.
//! A closed pipe ends the output, not the run.

use std::error::Error;
use std::io::Write;

use serde::Serialize;

use crate::failure::Failure;

/// Where results go.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
}

/// A failure, for programs.
#[derive(Serialize)]
struct Complaint<'f> {
    document: &'static str,
    exit: u8,
    code: Option<&'f str>,
    message: String,
    /// What is wrong in particular, such as every fault of a plan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<String>,
    causes: Vec<String>,
    hint: Option<String>,
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

    /// A line for people; programs have documents.
    pub fn say(self, text: &str) {
        if !self.json {
            self.line(text);
        }
    }

    /// A text that is meant for a program whether or not `--json` is given.
    pub fn script(self, text: &str) {
        self.line(text.trim_end());
    }

    /// Says why a verb failed, its causes once, and what to do about it.
    pub fn complain(self, failure: &Failure) {
        let causes: Vec<String> = std::iter::successors(failure.source(), |&cause| cause.source())
            .map(ToString::to_string)
            .collect();
        let (code, message, hint) = (failure.code(), failure.to_string(), failure.hint());
        let details = failure.details();
        if self.json {
            let exit = failure.exit() as u8;
            let complaint = Complaint { document: "error", exit, code, message, details, causes, hint };
            return self.show(&complaint, |_| String::new());
        }
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let code = code.map(|code| format!("[{code}]")).unwrap_or_default();
        let mut text = format!("{red}error{code}{red:#}: {message}\n");
        details.iter().for_each(|detail| text.push_str(&format!("  {detail}\n")));
        causes.iter().for_each(|cause| text.push_str(&format!("  because {cause}\n")));
        hint.iter().for_each(|hint| text.push_str(&format!("hint: {hint}\n")));
        let _closed_pipe = anstream::stderr().lock().write_all(text.as_bytes());
    }

    fn line(self, text: &str) {
        let mut out = anstream::stdout().lock();
        let _closed_pipe = writeln!(out, "{text}").and_then(|()| out.flush());
    }
}
