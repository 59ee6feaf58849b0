//! Ctrl-C and SIGTERM: the first asks a run to stop where it is, and leaves it open; the second ends the process, which
//! the journal survives just as well.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::Exit;

/// A flag that the first signal sets.
pub(super) fn listen() -> io::Result<Arc<AtomicBool>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _entered = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    let asked = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&asked);
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            either(&mut interrupt, &mut terminate).await;
            heard.store(true, Ordering::Relaxed);
            either(&mut interrupt, &mut terminate).await;
            std::process::exit(Exit::Held as i32);
        });
    })?;
    Ok(asked)
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
