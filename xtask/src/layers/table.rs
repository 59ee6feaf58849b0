//! The layer table of ARCHITECTURE.md, as data. A crate that is not in it does not belong to the workspace.

/// One crate of the table.
pub(super) struct Row {
    /// Package name without `find-facts-`.
    pub(super) name: &'static str,
    pub(super) layer: Layer,
    /// Crates of its own layer that it may use.
    pub(super) same_layer: &'static [&'static str],
}

/// Where a crate stands. Normal dependencies point to a lower number only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    /// Vocabulary and traits.
    Core,
    /// Pure decisions, wire formats and the store.
    Parts,
    /// Tiers, models, engines, rollout.
    Tiers,
    /// The wrapper around all tiers.
    Service,
    /// Programs.
    Programs,
    /// Beside the house: benches, end-to-end tests, tasks. They may use everything, nothing uses them.
    Beside,
    /// A dev-dependency only.
    DevOnly,
}

const fn row(name: &'static str, layer: Layer) -> Row {
    Row { name, layer, same_layer: &[] }
}

pub(super) const TABLE: &[Row] = &[
    row("core", Layer::Core),
    row("api", Layer::Parts),
    row("flags", Layer::Parts),
    row("health", Layer::Parts),
    row("rollback", Layer::Parts),
    row("analysis", Layer::Parts),
    row("store", Layer::Parts),
    row("tier1", Layer::Tiers),
    Row { name: "tier2", layer: Layer::Tiers, same_layer: &["tier1"] },
    row("models", Layer::Tiers),
    row("engine-onnx", Layer::Tiers),
    row("engine-llama", Layer::Tiers),
    row("rollout", Layer::Tiers),
    row("service", Layer::Service),
    row("server", Layer::Programs),
    row("deployctl", Layer::Programs),
    row("loadgen", Layer::Programs),
    row("bench", Layer::Beside),
    row("e2e", Layer::Beside),
    row("xtask", Layer::Beside),
    row("testkit", Layer::DevOnly),
];

/// A library that only some crates may name as a normal dependency.
pub(super) struct Reserved {
    pub(super) library: &'static str,
    /// Crates below the programs that may name it; programs always may.
    pub(super) below_programs: &'static [&'static str],
}

pub(super) const RESERVED: &[Reserved] = &[
    Reserved { library: "clap", below_programs: &[] },
    Reserved { library: "axum", below_programs: &[] },
    Reserved { library: "anyhow", below_programs: &[] },
    Reserved { library: "reqwest", below_programs: &["models"] },
    Reserved { library: "hyper", below_programs: &[] },
    Reserved { library: "fastembed", below_programs: &["engine-onnx"] },
    Reserved { library: "ort", below_programs: &["engine-onnx"] },
    Reserved { library: "llama-cpp-2", below_programs: &["engine-llama"] },
    Reserved { library: "llama-cpp-sys-2", below_programs: &["engine-llama"] },
    Reserved { library: "tokio", below_programs: &["models", "service"] },
];

/// What a crate's whole tree of normal dependencies must not contain, and how large that tree may be.
pub(super) struct Light {
    pub(super) name: &'static str,
    pub(super) without: &'static [&'static str],
    pub(super) at_most: usize,
}

const ENGINES_HTTP_RUNTIME: &[&str] =
    &["ort", "ort-sys", "fastembed", "llama-cpp-2", "llama-cpp-sys-2", "hyper", "reqwest", "axum", "tokio"];

/// The bounds leave room for a few libraries over what stood here when the table was written.
pub(super) const LIGHT: &[Light] = &[
    Light { name: "core", without: ENGINES_HTTP_RUNTIME, at_most: 12 },
    Light { name: "api", without: ENGINES_HTTP_RUNTIME, at_most: 18 },
    Light { name: "flags", without: ENGINES_HTTP_RUNTIME, at_most: 18 },
    Light { name: "health", without: ENGINES_HTTP_RUNTIME, at_most: 18 },
    Light { name: "rollback", without: ENGINES_HTTP_RUNTIME, at_most: 14 },
    Light { name: "analysis", without: ENGINES_HTTP_RUNTIME, at_most: 20 },
    Light { name: "store", without: ENGINES_HTTP_RUNTIME, at_most: 46 },
    Light { name: "tier1", without: ENGINES_HTTP_RUNTIME, at_most: 50 },
    Light { name: "tier2", without: ENGINES_HTTP_RUNTIME, at_most: 56 },
    Light { name: "rollout", without: ENGINES_HTTP_RUNTIME, at_most: 44 },
    Light { name: "service", without: &["ort", "fastembed", "hyper", "reqwest", "axum"], at_most: 64 },
    Light {
        name: "engine-onnx",
        without: &["llama-cpp-2", "hyper", "reqwest", "axum", "tokio"],
        at_most: 110,
    },
    Light { name: "models", without: &["ort", "fastembed", "axum", "clap"], at_most: 130 },
];
