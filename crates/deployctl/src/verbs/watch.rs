//! `watch`: the server's status until interrupted. On a terminal one screen that is drawn anew, elsewhere a line per change.

use std::io::IsTerminal;
use std::time::Duration;

use super::status::{ServerStatus, status};
use crate::context::Context;
use crate::failure::Failure;
use crate::render;

/// How often the server is asked.
const EVERY: Duration = Duration::from_secs(2);

/// Cursor home, and everything below it cleared.
const REDRAW: &str = "\x1b[H\x1b[J";

/// Watches. Ends with the first call that gets no answer.
pub fn watch(context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    let redraws = !context.output.is_json() && std::io::stdout().is_terminal();
    let mut before: Option<ServerStatus> = None;
    loop {
        let now = status(&client)?;
        if redraws {
            context.output.say(&format!("{REDRAW}{}", render::status(&now)));
        } else if context.output.is_json() {
            context.output.show(&now, render::status);
        } else {
            render::changes(before.as_ref(), &now).iter().for_each(|line| context.output.say(line));
        }
        before = Some(now);
        std::thread::sleep(EVERY);
    }
}
