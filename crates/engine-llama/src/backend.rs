//! llama.cpp's state of the whole process: started once, its log brought into ours, its last complaints kept so that an
//! error can say more than "null".

use std::collections::VecDeque;
use std::ffi::{CStr, c_char, c_void};
use std::sync::{Mutex, OnceLock, PoisonError};

use llama_cpp_2::llama_backend::LlamaBackend;

use crate::error::LoadError;

/// Lines kept; a failed load says two or three.
const KEPT: usize = 8;

static COMPLAINTS: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// The backend of this process, started at the first call.
pub(crate) fn backend() -> Result<&'static LlamaBackend, LoadError> {
    static BACKEND: OnceLock<Result<LlamaBackend, String>> = OnceLock::new();
    processor_must_do()?;
    let started = BACKEND.get_or_init(|| {
        let backend = LlamaBackend::init().map_err(|error| error.to_string())?;
        listen();
        Ok(backend)
    });
    started.as_ref().map_err(|reason| LoadError::Engine(reason.clone()))
}

/// llama.cpp is compiled for what every x86-64 server since 2013 has; on an older one it would die of its first instruction.
fn processor_must_do() -> Result<(), LoadError> {
    #[cfg(target_arch = "x86_64")]
    {
        let found = [
            ("AVX2", std::arch::is_x86_feature_detected!("avx2")),
            ("FMA", std::arch::is_x86_feature_detected!("fma")),
            ("F16C", std::arch::is_x86_feature_detected!("f16c")),
            ("BMI2", std::arch::is_x86_feature_detected!("bmi2")),
        ];
        let missing: Vec<&str> = found.iter().filter(|(_, there)| !there).map(|(name, _)| *name).collect();
        if !missing.is_empty() {
            return Err(LoadError::Processor { missing: missing.join(", ") });
        }
    }
    Ok(())
}

/// What llama.cpp complained of since the last call. Loads that go on at the same time may see each other's.
pub(crate) fn take_complaints() -> String {
    let mut lines = COMPLAINTS.lock().unwrap_or_else(PoisonError::into_inner);
    let said = lines.drain(..).collect::<Vec<_>>().join("; ");
    if said.is_empty() { "it gave no reason".to_owned() } else { said }
}

fn listen() {
    #[expect(unsafe_code, reason = "the safe bindings can only print the log or send all of it to tracing")]
    // SAFETY: the callback lives as long as the process and looks at no user data.
    unsafe {
        llama_cpp_sys_2::llama_log_set(Some(heard), std::ptr::null_mut());
    }
}

#[expect(unsafe_code, reason = "called by llama.cpp")]
unsafe extern "C" fn heard(level: llama_cpp_sys_2::ggml_log_level, text: *const c_char, _: *mut c_void) {
    if text.is_null() {
        return;
    }
    // SAFETY: llama.cpp passes a text that ends with a zero and lives until we return.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    let line = text.trim();
    if line.is_empty() {
        return;
    }
    match level {
        llama_cpp_sys_2::GGML_LOG_LEVEL_ERROR => {
            let mut lines = COMPLAINTS.lock().unwrap_or_else(PoisonError::into_inner);
            if lines.len() == KEPT {
                lines.pop_front();
            }
            lines.push_back(line.to_owned());
            tracing::warn!(target: "llama.cpp", "{line}");
        }
        llama_cpp_sys_2::GGML_LOG_LEVEL_WARN => tracing::debug!(target: "llama.cpp", "{line}"),
        _ => tracing::trace!(target: "llama.cpp", "{line}"),
    }
}
