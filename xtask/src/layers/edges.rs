//! Who may use whom: normal dependencies point down the table, and some libraries are reserved for some crates.

use super::table::{Layer, Reserved, Row};
use super::workspace::Member;

/// What in the manifests contradicts the table.
pub(super) fn check(members: &[Member], table: &[Row], reserved: &[Reserved]) -> Vec<String> {
    let mut findings = Vec::new();
    for member in members {
        let Some(row) = find(table, &member.name) else {
            findings.push(format!("`{}` is not in the table", member.name));
            continue;
        };
        for dependency in &member.dependencies {
            findings.extend(edge(row, dependency, table));
            findings.extend(naming(row, dependency, reserved));
        }
    }
    findings
}

fn find<'a>(table: &'a [Row], name: &str) -> Option<&'a Row> {
    table.iter().find(|row| row.name == name)
}

fn edge(user: &Row, dependency: &str, table: &[Row]) -> Option<String> {
    let used = find(table, dependency)?;
    let allowed = match (user.layer, used.layer) {
        (_, Layer::DevOnly) => user.layer == Layer::Beside,
        (_, Layer::Beside) => false,
        (Layer::DevOnly, _) => used.layer < Layer::Programs,
        (a, b) => b < a || user.same_layer.contains(&dependency),
    };
    (!allowed).then(|| {
        format!("`{}` ({:?}) must not depend on `{}` ({:?})", user.name, user.layer, used.name, used.layer)
    })
}

fn naming(user: &Row, dependency: &str, reserved: &[Reserved]) -> Option<String> {
    let rule = reserved.iter().find(|rule| rule.library == dependency)?;
    let allowed = user.layer >= Layer::Programs || rule.below_programs.contains(&user.name);
    (!allowed).then(|| format!("`{}` must not name the library `{dependency}`", user.name))
}

#[cfg(test)]
mod tests {
    use super::super::table::{RESERVED, TABLE};
    use super::*;

    fn check_one(name: &str, dependency: &str, expected: Option<&str>) {
        let member = Member {
            name: name.to_owned(),
            folder: Default::default(),
            dependencies: vec![dependency.to_owned()],
        };
        let findings = check(&[member], TABLE, RESERVED);
        assert_eq!(findings.first().map(String::as_str), expected);
    }

    #[test]
    fn dependencies_point_down_only() {
        check_one("tier1", "core", None);
        check_one("store", "tier1", Some("`store` (Parts) must not depend on `tier1` (Tiers)"));
        check_one("flags", "health", Some("`flags` (Parts) must not depend on `health` (Parts)"));
    }

    #[test]
    fn testkit_is_never_part_of_a_product() {
        check_one("service", "testkit", Some("`service` (Service) must not depend on `testkit` (DevOnly)"));
        check_one("e2e", "testkit", None);
    }

    #[test]
    fn reserved_libraries_are_named_by_their_owners_only() {
        check_one("models", "reqwest", None);
        check_one("tier1", "tokio", Some("`tier1` must not name the library `tokio`"));
        check_one("server", "axum", None);
    }

    #[test]
    fn a_crate_outside_the_table_is_a_finding() {
        check_one("utils", "serde", Some("`utils` is not in the table"));
    }
}
