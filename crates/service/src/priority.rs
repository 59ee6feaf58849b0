//! The machine's cores go to exact queries first: threads that work for tiers give way.

/// Added to a thread's nice value: a core that is wanted by both then goes to the other nine times out of ten, and a thread that
/// wakes up to answer an exact query does not wait for one that computes.
const NICE: i32 = 10;

/// Lowers the priority of the calling thread. Where the system does not allow it, everything works on, and exact queries wait
/// longer on a busy machine.
pub fn give_way() {
    // On Linux the priority of "the calling process" is that of the calling thread.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "a tier's thread keeps its priority");
    }
}
