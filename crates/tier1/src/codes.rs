//! General knowledge that is on for every knowledge base: the codes of ISO 3166-1 and the countries they stand for.

use celes::{Country, LookupTable};

use crate::normalise::{fold, squash};

/// The keys of the names of the country that a two- or three-letter code in capitals stands for; none for any other text.
pub(crate) fn keys_of(raw: &str) -> Vec<String> {
    let code = raw.trim();
    if !code.bytes().all(|b| b.is_ascii_uppercase()) {
        return Vec::new();
    }
    let country = match code.len() {
        2 => Country::from_alpha2(code),
        3 => Country::from_alpha3(code),
        _ => return Vec::new(),
    };
    country.map(|country| names_of(&country)).unwrap_or_default()
}

fn names_of(country: &Country) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for name in country.aliases.iter().copied().chain([country.long_name]) {
        let folded = fold(name);
        let short = folded.strip_prefix("the ").unwrap_or(&folded);
        for form in [folded.as_str(), short] {
            keys.push(squash(form));
        }
        keys.extend(after_kind_of_state(short).map(squash));
    }
    keys.sort();
    keys.dedup();
    keys
}

/// `kingdom of spain` is mostly called `spain`.
fn after_kind_of_state(folded: &str) -> Option<&str> {
    folded.split_once(" of ").map(|(_, name)| name.strip_prefix("the ").unwrap_or(name))
}
