//! A hub, a home in a temporary folder, and a catalogue of one entry per test.

use std::path::{Path, PathBuf};
use std::time::Duration;

use find_facts_core::Deadline;
use find_facts_models::{
    Catalogue, Digest, Home, HubSettings, Progress, PullError, PullSettings, PulledFile, Puller, Retry,
};
use find_facts_testkit::hub::Hub;
use tempfile::TempDir;

pub(crate) const REPOSITORY: &str = "org/model";
pub(crate) const FILE: &str = "weights.gguf";

/// Four tries, next to no pauses.
pub(crate) const RETRY: Retry = Retry {
    tries: 4,
    first_pause: Duration::from_millis(1),
    longest_pause: Duration::from_secs(2),
    silence: Duration::from_secs(10),
};

/// Bytes that look like nothing else, the same in every run.
pub(crate) fn content(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    })
    .take(length)
    .collect()
}

/// The catalogue's text for one file on the hub.
pub(crate) fn on_hub(pinned: Option<&[u8]>) -> String {
    entry(pinned, &format!("{{ hub = \"{FILE}\" }}"))
}

/// The catalogue's text for one file with these sources.
pub(crate) fn entry(pinned: Option<&[u8]>, sources: &str) -> String {
    let pins = pinned.map_or(String::new(), |content| {
        format!("size = {}\nsha256 = \"{}\"\n", content.len(), Digest::of(content))
    });
    format!(
        "version = 1\n[models.model]\naliases = [\"Org/Model\"]\nrepository = \"{REPOSITORY}\"\nquantisation = \"Q8_0\"\n\
         licence = \"MIT\"\n[[models.model.files]]\nname = \"{FILE}\"\n{pins}sources = [{sources}]\n"
    )
}

pub(crate) struct World {
    pub(crate) hub: Hub,
    pub(crate) folder: TempDir,
    pub(crate) catalogue: Catalogue,
    pub(crate) settings: PullSettings,
}

impl World {
    /// With `catalogue`, and whatever it names stored on the hub by the test.
    pub(crate) fn new(catalogue: &str) -> Self {
        let (hub, folder) = (Hub::start(), tempfile::tempdir().unwrap());
        let catalogue = Catalogue::parse("models.toml", catalogue).unwrap();
        let settings = settings(&hub.endpoint(), None);
        Self { hub, folder, catalogue, settings }
    }

    /// With one file on the hub that the catalogue pins.
    pub(crate) fn pinned(content: &[u8]) -> Self {
        let world = Self::new(&on_hub(Some(content)));
        world.hub.put(REPOSITORY, FILE, content);
        world
    }

    pub(crate) fn home(&self) -> Home {
        Home::new(self.folder.path(), None)
    }

    pub(crate) fn pull(&self) -> Result<Vec<PulledFile>, PullError> {
        self.pull_listening(&mut |_| ())
    }

    pub(crate) fn pull_listening(
        &self,
        listener: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Vec<PulledFile>, PullError> {
        let puller = Puller::new(self.home(), self.settings.clone()).unwrap();
        puller.pull(self.catalogue.get("model").unwrap(), false, &Deadline::none(), listener)
    }

    /// Pulls, and holds what arrived against `content`.
    pub(crate) fn check_pull(&self, content: &[u8]) -> PulledFile {
        let pulled = self.pull().unwrap_or_else(|error| panic!("{error}; hint: {:?}", error.hint()));
        let file = pulled.into_iter().next().unwrap();
        assert!(std::fs::read(&file.path).unwrap() == content, "another content");
        assert_eq!(file.sha256, Digest::of(content));
        assert_eq!(self.leftovers(), Vec::<PathBuf>::new());
        file
    }

    /// Pulls, and looks for `expected` in what is said.
    pub(crate) fn check_error(&self, expected: &[&str]) {
        let error = self.pull().unwrap_err();
        let said = format!("{error}; hint: {}", error.hint().unwrap_or_default());
        for text in expected {
            assert!(said.contains(text), "`{text}` is not in: {said}");
        }
        assert!(
            find_facts_models::locate(&self.home(), &self.catalogue, "model").is_err(),
            "a name without a file"
        );
    }

    /// Parts of files that were begun.
    pub(crate) fn leftovers(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(self.folder.path(), &mut found);
        found.retain(|path| path.to_string_lossy().contains(".incomplete") || path.ends_with("wheels"));
        found
    }
}

pub(crate) fn settings(endpoint: &str, token: Option<&str>) -> PullSettings {
    let value = |name: &str| match name {
        "HF_ENDPOINT" => Some(endpoint.to_owned()),
        "HF_TOKEN" => token.map(str::to_owned),
        _ => None,
    };
    PullSettings { retry: RETRY, ..PullSettings::new(HubSettings::read(value).unwrap()) }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        found.push(entry.path());
        if entry.path().is_dir() {
            collect(&entry.path(), found);
        }
    }
}
