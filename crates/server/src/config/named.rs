//! The models that the configuration names, held against the catalogue. A default that a catalogue of one's own lacks is
//! nobody's mistake, and is met when the tier is asked for.

use find_facts_core::Tier;
use find_facts_models::Catalogue;

use super::reader::{Origin, Shown};
use super::{Config, ConfigError};

impl Config {
    /// Refuses the names that somebody set and the catalogue does not have.
    pub(crate) fn refuse_unknown_models(
        &self,
        shown: &[Shown],
        catalogue: &Catalogue,
    ) -> Result<(), ConfigError> {
        let of_tiers = Tier::ALL.map(|tier| (format!("{tier}.model"), &self.tier(tier).model));
        let named =
            of_tiers.into_iter().chain([("tier3.efficiency_model".to_owned(), &self.efficiency_model)]);
        let faults: Vec<String> = named
            .filter(|(_, name)| catalogue.get(name).is_err())
            .filter_map(|(key, name)| Some(fault(&place(&key, shown)?, name, catalogue)))
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(ConfigError(faults)) }
    }
}

/// How the fault calls the setting, if anybody set it.
fn place(key: &str, shown: &[Shown]) -> Option<String> {
    let row = shown.iter().find(|row| row.key == key)?;
    match &row.origin {
        Origin::Default => None,
        Origin::Environment(name) => Some(format!("environment variable `{name}`")),
        Origin::File(line) => Some(format!("the file's line {line}: `{key}`")),
        Origin::Argument(name) => Some(format!("argument `{name}`")),
    }
}

fn fault(place: &str, name: &str, catalogue: &Catalogue) -> String {
    let known: Vec<&str> = catalogue.entries().map(|entry| entry.id.as_str()).collect();
    format!("{place} is `{name}`; accepted: the catalogue's {}, or the hub's name of one", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::{Environment, File, load};

    fn check(env: &[(&str, &str)], text: &str, expected: &[&str]) {
        let catalogue = crate::models::read(None).unwrap();
        let file = File { name: "find-facts.toml".to_owned(), text: text.to_owned() };
        let (config, shown) = load(&[], &Environment::new(env.iter().copied()), Some(&file)).unwrap();
        let faults =
            config.refuse_unknown_models(&shown, &catalogue).err().map_or_else(Vec::new, |error| error.0);
        assert_eq!(faults.len(), expected.len(), "{faults:?}");
        assert!(faults.iter().zip(expected).all(|(fault, start)| fault.starts_with(start)), "{faults:?}");
    }

    #[test]
    fn a_model_that_the_catalogue_lacks_is_named_with_its_place_and_what_is_accepted() {
        check(
            &[("TIER1_MODEL", "minlm"), ("TIER3_EFFICIENCY_MODEL", "mine")],
            "[tier2]\nmodel = \"yours\"",
            &[
                "environment variable `TIER1_MODEL` is `minlm`; accepted: the catalogue's minilm, ",
                "the file's line 2: `tier2.model` is `yours`; accepted: ",
                "environment variable `TIER3_EFFICIENCY_MODEL` is `mine`; accepted: ",
            ],
        );
    }

    #[test]
    fn keys_aliases_and_the_defaults_are_models_of_the_catalogue() {
        check(&[("TIER1_MODEL", "minilm"), ("TIER2_MODEL", "HuggingFaceTB/SmolLM-360M-Instruct")], "", &[]);
    }
}
