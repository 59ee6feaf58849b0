//! A knowledge base of our own: inns with their towns, rivers and founding years, each inn with another name.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::json;

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
/// Relations, each with a wording that people also use.
const WORDINGS: [(&str, &str); 3] =
    [("river", "watercourse"), ("founded", "year of foundation"), ("rooms", "number of bedrooms")];
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
    let wordings: String = WORDINGS.map(|(relation, wording)| format!("{relation}\t{wording}\n")).concat();
    fs::write(folder.join("predicates.tsv"), wordings).unwrap();
}

/// Questions that both relations of [`add_neighbours`] answer; which of them is meant only a language model can say, and so many
/// that none of its opinions is at hand when it is asked for.
const OF_NEIGHBOURS: [&str; 8] = [
    "Name the neighbour of X.",
    "Which neighbour has X?",
    "Show me the neighbour of X.",
    "Tell me the neighbour of X.",
    "Which neighbour does X have?",
    "What is the neighbour of X?",
    "List the neighbours of X.",
    "Give me the neighbours of X.",
];

/// Gives each inn two relations that differ in one word.
pub(crate) fn add_neighbours(folder: &Path) {
    let mut facts = fs::read_to_string(folder.join("facts.tsv")).unwrap();
    let inns = inns();
    let name = |number: usize| &inns[number % inns.len()].name;
    for (number, Inn { name: inn, .. }) in inns.iter().enumerate() {
        writeln!(facts, "{inn}\tupper neighbour\t{}", name(number + 1)).unwrap();
        writeln!(facts, "{inn}\tlower neighbour\t{}", name(number + inns.len() - 1)).unwrap();
    }
    fs::write(folder.join("facts.tsv"), facts).unwrap();
}

/// One of these questions about an inn.
pub(crate) fn question_of_neighbours(number: usize, inn: &str) -> String {
    OF_NEIGHBOURS[number % OF_NEIGHBOURS.len()].replace('X', inn)
}

/// Writes all of them as a suite's rows; what is right is nobody's concern here.
pub(crate) fn write_questions_of_neighbours(path: &Path) {
    let row = |(number, inn): (usize, Inn)| {
        let text = question_of_neighbours(number, &inn.name);
        format!("{}\n", json!({"id": number.to_string(), "kind": "question", "text": text}))
    };
    let rows: String = inns().into_iter().enumerate().map(row).collect();
    fs::write(path, rows).unwrap();
}

/// Writes a suite's rows: what callers ask in English, with the fact that answers it.
pub(crate) fn write_questions(path: &Path) {
    let questions = inns().into_iter().enumerate().flat_map(|(number, Inn { name, .. })| {
        let (river, founded) = (RIVERS[number % RIVERS.len()].to_owned(), (1500 + number).to_string());
        [
            (format!("Which river is {name} on?"), name.clone(), "river", river),
            (format!("When was {name} founded?"), name, "founded", founded),
        ]
    });
    let mut rows = String::new();
    for (id, (text, subject, predicate, object)) in questions.enumerate() {
        let expect = json!([{"subject": subject, "predicate": predicate, "object": object}]);
        let row = json!({"id": id.to_string(), "kind": "question", "text": text, "expect": expect});
        writeln!(rows, "{row}").unwrap();
    }
    fs::write(path, rows).unwrap();
}
