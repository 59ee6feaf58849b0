//! Giving back what loading a model leaves on the heap.

/// Returns free heap pages to the system. Parsing the model leaves about 70 MB of them behind per session, which glibc
/// would keep for good.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "there is no safe binding of malloc_trim")]
    // SAFETY: the call takes no pointer, and glibc allows it from any thread at any time.
    unsafe {
        libc::malloc_trim(0);
    }
}
