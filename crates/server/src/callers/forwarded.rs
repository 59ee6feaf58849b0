//! RFC 7239's `Forwarded`, as far as it says who a request came from. Read from the nearest hop outwards: what lies
//! beyond the first hop that is not trusted was written by a stranger and is not looked at.

use std::net::IpAddr;

/// The nearest hop that is no trusted proxy; none when there is none or the header is of no use.
pub(super) fn origin<'h>(
    headers: impl Iterator<Item = &'h str>,
    is_trusted: impl Fn(&IpAddr) -> bool,
) -> Option<String> {
    let hops: Vec<String> = headers.flat_map(elements).collect();
    for hop in hops.iter().rev() {
        match address(hop) {
            Some(address) if is_trusted(&address) => {}
            Some(address) => return Some(address.to_string()),
            None if hop.starts_with('_') => return Some(hop.clone()),
            None => return None,
        }
    }
    None
}

/// The `for` of each element of one header; empty where it has none.
fn elements(header: &str) -> Vec<String> {
    split(header, ',').iter().map(|element| for_of(element)).collect()
}

fn for_of(element: &str) -> String {
    let pairs = split(element, ';');
    let value = pairs.iter().find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim())
    });
    unquoted(value.unwrap_or_default())
}

/// Splits at a separator that stands outside of quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if c == separator && !quoted => {
                parts.push(&text[start..index]);
                start = index + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut chars = inner.chars();
    std::iter::from_fn(|| chars.next().and_then(|c| if c == '\\' { chars.next() } else { Some(c) })).collect()
}

/// The address of a node, without its port.
fn address(node: &str) -> Option<IpAddr> {
    if let Some(rest) = node.strip_prefix('[') {
        return rest.split(']').next()?.parse().ok();
    }
    let host = node.split_once(':').map_or(node, |(host, _)| host);
    host.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expected: Option<&str>) {
        let trusted: IpAddr = "10.0.0.1".parse().unwrap();
        let origin = origin([header].into_iter(), |address| *address == trusted);
        assert_eq!(origin.as_deref(), expected, "{header}");
    }

    #[test]
    fn the_nearest_stranger_is_the_origin() {
        check("for=1.2.3.4", Some("1.2.3.4"));
        check("for=6.6.6.6, for=1.2.3.4;proto=https, for=10.0.0.1", Some("1.2.3.4"));
        check("For=\"[2001:db8::1]:4711\"", Some("2001:db8::1"));
        check("by=3.3.3.3;for=1.2.3.4:80", Some("1.2.3.4"));
        check("for=_hidden", Some("_hidden"));
        check("for=\"_a\\\"b,c\"", Some("_a\"b,c"));
    }

    #[test]
    fn a_hop_that_says_nothing_ends_the_search() {
        for header in
            ["", "for=unknown", "proto=https", "for=1.2.3.4, for=unknown", "for=\"", "for=10.0.0.1", ",,"]
        {
            check(header, None);
        }
    }
}
