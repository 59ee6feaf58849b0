//! What the machine gives the server: memory and processor, read where the kernel tells it. A reading that cannot be had is
//! left out and never guessed.

mod cgroup;
mod cpu;
mod descriptors;
mod memory;
mod uptime;

use std::time::Instant;

use find_facts_core::health::{CpuReport, MemoryReport};

use cpu::CpuMeter;
pub(crate) use descriptors::{Connections, raise_limit};
use memory::MemoryMeter;
pub(crate) use memory::pss;
pub use uptime::{BootClock, MachineClock, Uptime};

/// What was last read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Readings {
    pub(crate) memory: MemoryReport,
    pub(crate) cpu: CpuReport,
}

/// Reads both.
pub(crate) struct Meters {
    memory: MemoryMeter,
    cpu: CpuMeter,
}

impl Meters {
    pub(crate) fn new(now: Instant) -> Self {
        Self { memory: MemoryMeter::new(), cpu: CpuMeter::new(now) }
    }

    /// As of now; `workers` is the memory of the server's other processes.
    pub(crate) fn read(&mut self, workers: u64, now: Instant) -> Readings {
        Readings { memory: self.memory.read(workers), cpu: self.cpu.read(now) }
    }
}
