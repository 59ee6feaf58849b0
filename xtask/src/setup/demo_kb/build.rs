//! Facts and aliases from airports and countries. Pure: the same input gives the same rows in the same order.

use std::collections::{BTreeMap, HashSet};

use super::airports::Airport;
use super::countries::Country;
use super::names::{Name, Names};

/// A made knowledge base.
#[derive(Debug, Default)]
pub(super) struct KnowledgeBase {
    pub(super) facts: Vec<[String; 3]>,
    pub(super) aliases: Vec<[String; 2]>,
}

/// Predicate and another wording for it.
pub(super) const WORDINGS: &[[&str; 2]] = &[
    ["area_km2", "area"],
    ["area_km2", "surface area"],
    ["calling_code", "dialling code"],
    ["capital", "capital city"],
    ["capital", "seat of government"],
    ["continent", "part of the world"],
    ["country", "nation"],
    ["currency", "money"],
    ["demonym", "people are called"],
    ["elevation_ft", "altitude"],
    ["elevation_ft", "height above sea level"],
    ["in_country", "located in country"],
    ["in_region", "located in region"],
    ["language", "spoken language"],
    ["native_name", "local name"],
    ["population", "number of inhabitants"],
    ["region", "state"],
    ["region", "province"],
    ["serves_city", "city"],
    ["serves_city", "airport of"],
    ["shares_border_with", "borders"],
    ["shares_border_with", "neighbour of"],
    ["subregion", "part of the continent"],
    ["time_zone", "timezone"],
    ["top_level_domain", "internet domain"],
];

/// Where a place is, as the sources' own words; the key by which two rows mean the same city.
type Place<'a> = (&'a str, &'a str, &'a str);

struct Builder<'a> {
    base: KnowledgeBase,
    names: Names,
    aliased: HashSet<String>,
    countries: &'a BTreeMap<String, Country>,
}

/// Countries first, then cities with most airports first, regions and airports: this is the order in which plain names go.
pub(super) fn build(airports: &[Airport], countries: &BTreeMap<String, Country>) -> KnowledgeBase {
    let mut builder = Builder {
        base: KnowledgeBase::default(),
        names: Names::default(),
        aliased: HashSet::new(),
        countries,
    };
    let country_names: BTreeMap<&str, Name> = countries
        .iter()
        .map(|(code, country)| (code.as_str(), builder.names.claim(country.name(), &[])))
        .collect();
    let label_of = |code: &str| country_names.get(code).map_or("", |name| name.label.as_str());

    let cities: BTreeMap<Place<'_>, Name> =
        by_size(airports.iter().filter(|a| !a.city.is_empty()).map(|a| a.city_place()))
            .into_iter()
            .map(|place| (place, builder.names.claim(place.0, &[place.1, label_of(place.2)])))
            .collect();
    let regions: BTreeMap<Place<'_>, Name> =
        by_size(airports.iter().filter(|a| !a.region.is_empty()).map(|a| a.region_place()))
            .into_iter()
            .map(|place| (place, builder.names.claim(place.0, &[label_of(place.2)])))
            .collect();

    let airport_names: Vec<Name> = airports
        .iter()
        .map(|a| builder.names.claim(&a.name, &[&a.city, &a.region, label_of(&a.country)]))
        .collect();

    for (code, country) in countries {
        builder.country(country, &country_names[code.as_str()].label);
        builder.capital(code, country, &country_names[code.as_str()].label, &cities);
    }
    for (place, name) in &regions {
        builder.place(name, &[("country", label_of(place.2))]);
    }
    for (place, name) in &cities {
        let region = regions.get(&(place.1, "", place.2)).map_or("", |name| name.label.as_str());
        builder.place(name, &[("region", region), ("country", label_of(place.2))]);
    }
    for (airport, name) in airports.iter().zip(&airport_names) {
        let city = cities.get(&airport.city_place()).map_or("", |name| name.label.as_str());
        let region = regions.get(&airport.region_place()).map_or("", |name| name.label.as_str());
        builder.airport(airport, name, [city, region, label_of(&airport.country)]);
    }
    builder.base
}

impl Airport {
    fn city_place(&self) -> Place<'_> {
        (&self.city, &self.region, &self.country)
    }

    fn region_place(&self) -> Place<'_> {
        (&self.region, "", &self.country)
    }
}

/// Distinct places, those named most often first, ties in order of name.
fn by_size<'a>(places: impl Iterator<Item = Place<'a>>) -> Vec<Place<'a>> {
    let mut counts: BTreeMap<Place<'a>, usize> = BTreeMap::new();
    for place in places {
        *counts.entry(place).or_default() += 1;
    }
    let mut sorted: Vec<(Place<'a>, usize)> = counts.into_iter().collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    sorted.into_iter().map(|(place, _)| place).collect()
}

impl Builder<'_> {
    fn fact(&mut self, subject: &str, predicate: &str, object: &str) {
        if !object.is_empty() {
            self.base.facts.push([subject.to_owned(), predicate.to_owned(), object.to_owned()]);
        }
    }

    /// An alias belongs to one entity and is nobody's name, in whatever case it is written.
    fn alias(&mut self, entity: &str, alias: &str) {
        let alias = alias.trim();
        if !alias.is_empty() && !self.names.is_taken(alias) && self.aliased.insert(alias.to_lowercase()) {
            self.base.aliases.push([entity.to_owned(), alias.to_owned()]);
        }
    }

    fn place(&mut self, name: &Name, facts: &[(&str, &str)]) {
        for (predicate, object) in facts {
            self.fact(&name.label, predicate, object);
        }
        for alias in &name.aliases {
            self.alias(&name.label, alias);
        }
    }

    fn country(&mut self, country: &Country, label: &str) {
        for (predicate, member) in [
            ("continent", "region"),
            ("subregion", "subregion"),
            ("demonym", "demonym"),
            ("native_name", "nativeName"),
        ] {
            self.fact(label, predicate, country.text(member).unwrap_or_default());
        }
        for (predicate, member) in [("population", "population"), ("area_km2", "area")] {
            self.fact(label, predicate, &country.number(member).unwrap_or_default());
        }
        for (predicate, member) in [
            ("currency", "currencies"),
            ("language", "languages"),
            ("calling_code", "callingCodes"),
            ("top_level_domain", "tld"),
        ] {
            for object in country.texts(member) {
                self.fact(label, predicate, object);
            }
        }
        for neighbour in country.texts("borders") {
            let name = self.countries.values().find(|other| other.code3() == neighbour).map(Country::name);
            self.fact(label, "shares_border_with", name.unwrap_or_default());
        }
        for alias in country.texts("altSpellings").into_iter().chain(country.texts("translations")) {
            self.alias(label, alias);
        }
    }

    /// The city that the airports know by the capital's name, else a name of its own.
    fn capital(&mut self, code: &str, country: &Country, label: &str, cities: &BTreeMap<Place<'_>, Name>) {
        let Some(capital) = country.text("capital") else { return };
        let known = cities.iter().find(|((city, _, there), _)| *city == capital && *there == code);
        let name = match known {
            Some((_, name)) => name.label.clone(),
            None => self.names.claim(capital, &[label]).label,
        };
        self.fact(label, "capital", &name);
    }

    fn airport(&mut self, airport: &Airport, name: &Name, [city, region, country]: [&str; 3]) {
        // Not the cities' own predicates: "Zermatt" with `country` is then the city, whatever airport carries its name.
        let place = [("serves_city", city), ("in_region", region), ("in_country", country)];
        self.place(name, &place);
        self.fact(&name.label, "time_zone", &airport.time_zone);
        let elevation = airport.elevation.map(|feet| feet.to_string()).unwrap_or_default();
        self.fact(&name.label, "elevation_ft", &elevation);
        for alias in spoken(airport) {
            self.alias(&name.label, &alias);
        }
    }
}

/// How people call an airport: by its code, by its name without the last words, and an international one as "Intl".
fn spoken(airport: &Airport) -> Vec<String> {
    let mut aliases = vec![airport.iata.clone()];
    if airport.name.contains(" International") {
        aliases.push(airport.name.replace(" International", " Intl"));
    }
    let short = [" International Airport", " Regional Airport", " Municipal Airport", " Airport"]
        .iter()
        .find_map(|ending| airport.name.strip_suffix(ending));
    aliases.extend(short.filter(|short| *short != airport.city).map(str::to_owned));
    aliases
}

#[cfg(test)]
mod tests {
    use super::*;

    fn airport(iata: &str, name: &str, city: &str) -> Airport {
        Airport { iata: iata.into(), name: name.into(), city: city.into(), ..Airport::default() }
    }

    fn check(airport: &Airport, expected: &[&str]) {
        assert_eq!(spoken(airport), expected);
    }

    #[test]
    fn an_airport_is_known_by_its_code_and_by_shorter_names() {
        check(
            &airport("JFK", "John F Kennedy International Airport", "New York"),
            &["JFK", "John F Kennedy Intl Airport", "John F Kennedy"],
        );
    }

    #[test]
    fn the_short_name_of_an_airport_is_not_its_city() {
        check(&airport("MXX", "Mora Airport", "Mora"), &["MXX"]);
        check(&airport("ZAZ", "Zaragoza Air Base", "Zaragoza"), &["ZAZ"]);
    }

    #[test]
    fn an_alias_names_one_entity_and_never_another_ones_label() {
        let airports = [
            airport("AAA", "Oak Airport", "Elm"),
            airport("BBB", "Oak Regional Airport", "Ash"),
            airport("CCC", "Ash Airport", "Oak Hill"),
        ];
        let base = build(&airports, &BTreeMap::new());
        let names: Vec<&str> = base.aliases.iter().map(|[_, alias]| alias.as_str()).collect();
        // "Oak" is the first one's short name too, and "Ash" is a city.
        assert_eq!(names, ["AAA", "Oak", "BBB", "CCC"]);
    }
}
