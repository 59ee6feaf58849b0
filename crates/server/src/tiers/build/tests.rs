use std::path::Path;
use std::time::Duration;

use find_facts_core::{EngineError, FlagEvaluator, SystemClock};
use find_facts_health::Monitor;
use find_facts_service::FindFactsService;
use find_facts_store::Store;

use super::*;
use crate::config::{Environment, load};
use crate::control::Control;
use crate::language::Languages;
use crate::machine::BootClock;
use crate::models::Models;
use crate::state::State;

/// The same vector for every text.
struct One;

impl Embedder for One {
    fn name(&self) -> &str {
        "one"
    }

    fn fingerprint(&self) -> &str {
        "one 1"
    }

    fn dimensions(&self) -> usize {
        1
    }

    fn embed(&self, texts: &[&str], _: &Deadline) -> Result<Vec<Vec<f32>>, EngineError> {
        Ok(vec![vec![1.0]; texts.len()])
    }
}

/// What a server of this folder is made of.
fn parts(folder: &Path) -> Parts {
    let (kb, state, home) = (folder.join("kb"), folder.join("state"), folder.join("home"));
    std::fs::create_dir(&kb).unwrap();
    std::fs::write(kb.join("facts.tsv"), "Ulm\tlocated_in\tGermany\n").unwrap();
    let environment = Environment::new([("FIND_FACTS_HOME", home)]);
    let (config, _) = load(&[], &environment, None).unwrap();
    let (settings, timeouts) = (config.health_settings(), config.timeouts());
    let clock = Arc::new(SystemClock);
    let monitor = Arc::new(Monitor::new(settings, clock.clone(), || {}));
    let control = Control::start(State::open(&state).unwrap(), config, Arc::new(BootClock::new()), |_| {});
    let control = Arc::new(control.unwrap());
    let store = Arc::new(Store::open(&kb, &state, &mut |_| {}).unwrap());
    let flags = Arc::clone(&control) as Arc<dyn FlagEvaluator>;
    let service = FindFactsService::new(Arc::clone(&store), flags, monitor, clock, timeouts);
    let models = Arc::new(Models::new(None, &environment).unwrap());
    let languages = Arc::new(Languages::new(Arc::clone(&models), Arc::clone(&control)));
    Parts { control, store, service: Arc::new(service), faults: Arc::default(), models, languages }
}

#[test]
fn tiers_whose_vectors_cannot_be_saved_are_built_and_say_which_file_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let parts = parts(folder.path());
    let model = parts.models.id(&parts.control.live().config.tier(Tier::Tier1).model);
    let (status, deadline, params) = (Status::default(), Deadline::none(), TierParams::default());
    let build = || {
        let one = LoadedEmbedder { embedder: Arc::new(One), took: Duration::ZERO, bytes: 0 };
        let mut embedders = Embedders(Some((model.clone(), one)));
        let plan = |tier| Plan::new(&parts, &status, tier, &params, &deadline);
        let (built, reasons) = plan(Tier::Tier1).tier1(&mut embedders).unwrap();
        let Built::One(tier1) = built else { panic!("tier 1 is built") };
        let (_, of_tier2) = plan(Tier::Tier2).tier2(&tier1, None, &mut embedders).unwrap();
        [reasons, of_tier2].map(|reasons| reasons.join("; "))
    };
    // Where the new files would be written first; not even root writes over a folder.
    let state = &parts.control.state.folder;
    let in_the_way = ["tier1.new", "tier2.vectors.new"].map(|name| state.join(name));
    in_the_way.iter().for_each(|folder| std::fs::create_dir(folder).unwrap());
    for (reasons, file) in build().iter().zip([NAMES, WORDINGS]) {
        let file = state.join(file).display().to_string();
        assert!(reasons.contains(&file) && reasons.contains("s a directory"), "{reasons}");
    }
    in_the_way.iter().for_each(|folder| std::fs::remove_dir(folder).unwrap());
    let [of_tier1, of_tier2] = build();
    assert!(of_tier1.is_empty() && !of_tier2.contains("saved"), "{of_tier1} {of_tier2}");
    assert!(state.join(NAMES).exists() && state.join(WORDINGS).exists());
}
