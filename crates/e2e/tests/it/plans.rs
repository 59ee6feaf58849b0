//! The demo's plans for a machine that is busy with other tests: latencies tenfold, samples smaller, windows shorter; and suites from the tests' own knowledge base.

use std::fs;
use std::path::{Path, PathBuf};

use crate::programs::workspace;

/// The demo's: windows of hours take the five seconds that no window is shorter than.
pub(crate) const TIME_SCALE: &str = "2880";

const PHASE1: &[(&str, &str)] = &[
    ("available_memory_mb = 1000", "available_memory_mb = 200"),
    (r#"["minilm", "smollm2-135m-instruct"]"#, r#"["minilm"]"#),
    // Ratios are no latencies: what they grant beyond 1 grows tenfold at most.
    ("p50_ratio = 1.05", "p50_ratio = 1.5"),
    ("p95_ratio = 1.25", "p95_ratio = 2.5"),
    (r#""50us""#, r#""500us""#),
    (r#""250us""#, r#""2500us""#),
    ("requests = 100", "requests = 40"),
];

const PHASE2: &[(&str, &str)] = &[
    (r#"cannot_see = "12h""#, r#"cannot_see = "48h""#),
    (r#"watch = "24h""#, r#"watch = "2h""#),
    (r#"extend = "24h""#, r#"extend = "48h""#),
    (r#""20ms""#, r#""200ms""#),
    (r#""15ms""#, r#""150ms""#),
    ("min_samples = 100", "min_samples = 20"),
    ("rows = 200", "rows = 100"),
    ("rate = 20 ", "rate = 50 "),
    ("pairs = 1000", "pairs = 100"),
    // The names are made up, so that nobody can know them whom the knowledge base does not tell.
    ("held_back = 30", "held_back = 0"),
];

const PHASE3: &[(&str, &str)] = &[
    ("available_memory_mb = 1000", "available_memory_mb = 400"),
    (r#"cannot_see = "12h""#, r#"cannot_see = "48h""#),
    (r#"watch = "24h""#, r#"watch = "2h""#),
    (r#"extend = "24h""#, r#"extend = "48h""#),
    (r#""100ms""#, r#""1000ms""#),
    (r#""80ms""#, r#""800ms""#),
    ("min_samples = 100", "min_samples = 20"),
    ("rows = 200", "rows = 100"),
    ("rate = 10 ", "rate = 25 "),
    ("pairs = 200", "pairs = 100"),
    // A day of this run is half a minute, in which a server that has just begun to work grows as it does once.
    ("memory_growth_below_mb = 50 ", "memory_growth_below_mb = 500 "),
    // Ours is made from its knowledge base.
    ("file = \"questions.jsonl\"\n", ""),
];

/// The plans' files in `folder`.
pub(crate) fn write(folder: &Path) -> [PathBuf; 3] {
    [("phase1", PHASE1), ("phase2", PHASE2), ("phase3", PHASE3)].map(|(name, changes)| {
        let shipped = workspace().join(format!("deploy-plans/demo/{name}.toml"));
        let mut text = fs::read_to_string(shipped).unwrap();
        for (from, to) in changes {
            assert!(text.contains(from), "the demo's {name} has no `{from}`");
            text = text.replace(from, to);
        }
        let path = folder.join(format!("{name}.toml"));
        fs::write(&path, text).unwrap();
        path
    })
}
