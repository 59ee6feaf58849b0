//! Mentions that are IRIs.

use find_facts_core::iri::last_part;

/// What an IRI of the web names: its last part with spaces for underscores, as an import of N-Triples calls an entity without a
/// label. `None` for what is no such IRI.
pub(crate) fn local_name(mention: &str) -> Option<String> {
    let rest = mention.strip_prefix("https://").or_else(|| mention.strip_prefix("http://"))?;
    let has_path = rest.trim_end_matches(['/', '#']).contains(['/', '#']);
    let name = last_part(mention).filter(|_| has_path)?.replace('_', " ").trim().to_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mention: &str, expected: Option<&str>) {
        assert_eq!(local_name(mention).as_deref(), expected, "{mention}");
    }

    #[test]
    fn the_last_part_of_an_iri_is_a_name() {
        check("https://en.wikipedia.org/wiki/Medical_toxicology", Some("Medical toxicology"));
        check("http://dbpedia.org/resource/S%C3%A3o_Paulo/", Some("São Paulo"));
        check("http://purl.obolibrary.org/obo/go.owl#cell_wall", Some("cell wall"));
        check("https://en.wikipedia.org/wiki/Category:Films", Some("Films"));
    }

    #[test]
    fn what_is_no_iri_or_names_nothing_has_none() {
        for mention in [
            "Rome",
            "a/b",
            "http://",
            "https://example.org",
            "http://x.org/%FF",
            "http://x.org/_",
            "ftp://x/y",
        ] {
            check(mention, None);
        }
    }
}
