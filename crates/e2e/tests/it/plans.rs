//! The demo's plans for a machine that is busy with other tests: latencies tenfold, samples smaller, windows shorter.

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

/// The plans' files in `folder`.
pub(crate) fn write(folder: &Path) -> [PathBuf; 2] {
    [("phase1", PHASE1), ("phase2", PHASE2)].map(|(name, changes)| {
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
