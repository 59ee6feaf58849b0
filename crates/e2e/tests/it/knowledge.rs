//! A knowledge base of our own: inns with their towns, rivers and founding years, each inn with another name.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const COLOURS: [&str; 12] = [
    "Amber",
    "Black",
    "Crimson",
    "Dusky",
    "Emerald",
    "Golden",
    "Ivory",
    "Purple",
    "Scarlet",
    "Silver",
    "Turquoise",
    "Violet",
];
const ANIMALS: [&str; 12] = [
    "Badger",
    "Cormorant",
    "Dolphin",
    "Elephant",
    "Falcon",
    "Gazelle",
    "Heron",
    "Leopard",
    "Nightingale",
    "Pelican",
    "Squirrel",
    "Walrus",
];
const TREES: [&str; 12] = [
    "Alder", "Birch", "Cedar", "Elm", "Hawthorn", "Juniper", "Laurel", "Maple", "Rowan", "Sycamore",
    "Willow", "Yew",
];
const PLACES: [&str; 12] = [
    "Bridge", "Castle", "Crossing", "Garden", "Harbour", "Landing", "Meadow", "Orchard", "Quarry", "Station",
    "Tower", "Wharf",
];
const RIVERS: [&str; 5] = ["Danube", "Elbe", "Neckar", "Oder", "Weser"];

/// One inn: the name that facts use, and the name that people also use.
pub(crate) struct Inn {
    pub(crate) name: String,
    pub(crate) alias: String,
}

/// All of them, 144.
pub(crate) fn inns() -> Vec<Inn> {
    let pair = |number: usize, first: [&str; 12], second: [&str; 12]| {
        format!("{} {}", first[number / 12], second[(number / 12 + number) % 12])
    };
    (0..144)
        .map(|number| Inn { name: pair(number, COLOURS, ANIMALS), alias: pair(number, TREES, PLACES) })
        .collect()
}

/// Writes the files that the server reads.
pub(crate) fn write(folder: &Path) {
    let (mut facts, mut aliases) = (String::new(), String::new());
    for (number, Inn { name, alias }) in inns().iter().enumerate() {
        let river = RIVERS[number % RIVERS.len()];
        writeln!(facts, "{name}\triver\t{river}\n{name}\tfounded\t{}", 1500 + number).unwrap();
        writeln!(facts, "{name}\trooms\t{}", 7 + number % 31).unwrap();
        writeln!(aliases, "{name}\t{alias}").unwrap();
    }
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("facts.tsv"), facts).unwrap();
    fs::write(folder.join("aliases.tsv"), aliases).unwrap();
}
