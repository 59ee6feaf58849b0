//! What IRIs are called.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The last part of an IRI, decoded: `São_Paulo` of `http://example.org/S%C3%A3o_Paulo/`. `None` where it is no UTF-8.
pub fn last_part(iri: &str) -> Option<Cow<'_, str>> {
    let last = iri.trim_end_matches(['/', '#']).rsplit(['/', '#', ':']).next()?;
    percent_decode_str(last).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(iri: &str, expected: Option<&str>) {
        assert_eq!(last_part(iri).as_deref(), expected, "{iri}");
    }

    #[test]
    fn the_last_part_stands_behind_a_slash_a_hash_or_a_colon() {
        check("http://example.org/S%C3%A3o_Paulo/", Some("São_Paulo"));
        check("http://example.org/go.owl#cell_wall", Some("cell_wall"));
        check("https://example.org/wiki/Category:Films", Some("Films"));
        check("urn:isbn:0451450523", Some("0451450523"));
        check("http://example.org/%FF", None);
    }
}
