//! What a crate's sources reach for: below the programs nothing reads the environment, and only `models` opens a socket.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::table::{Layer, Row, TABLE};
use super::workspace::Member;
use crate::tidy::rust_files;

const ENVIRONMENT: &[&str] = &["env::var", "env::vars", "var_os("];
const SOCKETS: &[&str] = &["TcpStream", "TcpListener", "UdpSocket", "UnixStream", "UnixListener"];

/// Reads every source file of every crate of the table.
pub(super) fn check(members: &[Member]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for member in members {
        let Some(row) = TABLE.iter().find(|row| row.name == member.name) else { continue };
        let mut lines_of_code = 0;
        for file in rust_files(&sources(&member.folder))? {
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("cannot read `{}`", file.display()))?;
            lines_of_code += text.lines().filter(|line| is_code(line)).count();
            findings.extend(
                reaches_for(row, &text).map(|word| format!("`{}` must not use `{word}`", file.display())),
            );
        }
        // A `fn main() {}` and nothing else is as empty as a file of comments.
        if lines_of_code <= 1 {
            findings.push(format!("`{}` is empty", member.name));
        }
    }
    Ok(findings)
}

/// The end-to-end suite has no sources but its tests.
fn sources(member: &Path) -> PathBuf {
    let sources = member.join("src");
    if sources.is_dir() { sources } else { member.join("tests") }
}

fn is_code(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with("//")
}

fn reaches_for<'a>(row: &Row, text: &'a str) -> impl Iterator<Item = &'static str> + use<'a> {
    let below_programs = row.layer < Layer::Programs;
    let environment = ENVIRONMENT.iter().filter(move |_| below_programs);
    let allowed: &[&str] = match row.name {
        "models" => SOCKETS,
        // A pair between a worker and its parent, which no network sees.
        "engine-llama" => &["UnixStream"],
        _ => &[],
    };
    let sockets = SOCKETS.iter().filter(move |socket| below_programs && !allowed.contains(socket));
    environment.chain(sockets).copied().filter(|word| text.lines().any(|l| is_code(l) && l.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(name: &'static str, layer: Layer, text: &str, expected: &[&str]) {
        let row = Row { name, layer, same_layer: &[] };
        assert_eq!(reaches_for(&row, text).collect::<Vec<_>>(), expected, "{name}: {text}");
    }

    #[test]
    fn the_environment_is_read_by_programs_only() {
        check_text("store", Layer::Parts, "let home = std::env::var(\"HOME\");", &["env::var"]);
        check_text("store", Layer::Parts, "// as std::env::var would", &[]);
        check_text("server", Layer::Programs, "let home = std::env::var(\"HOME\");", &[]);
    }

    #[test]
    fn sockets_are_opened_by_models_and_between_a_worker_and_its_parent() {
        check_text("rollout", Layer::Tiers, "use std::net::TcpStream;", &["TcpStream"]);
        check_text("models", Layer::Tiers, "use std::net::TcpStream;", &[]);
        check_text("engine-llama", Layer::Tiers, "UnixStream::pair()", &[]);
        check_text("engine-llama", Layer::Tiers, "use std::net::TcpStream;", &["TcpStream"]);
    }
}
