//! The learned weights as a Rust source file of `find-facts-tier1`.

use std::fmt::Write;

use find_facts_tier1::net::Net;

/// The whole file.
pub fn source(whole: &Net, lexical: &Net, full: &Net) -> String {
    let mut text = String::from(
        "//! What the ranking weighs how much: learned by `find-facts-bench`'s `calibrate` from aliases and entities that a\n\
         //! knowledge base holds back from itself, and from seeded noise. Made by a program; not to be edited by hand.\n\n\
         use crate::net::Net;\n",
    );
    for (name, says, net) in [
        ("WHOLE", "Whole names, among each other.", whole),
        ("LEXICAL", "Likeness, where no vectors take part.", lexical),
        ("FULL", "Likeness, where vectors take part.", full),
    ] {
        let hidden: String = net.hidden.iter().map(|unit| format!("        {},\n", list(unit))).collect();
        // Writing to a `String` cannot fail.
        let _ = write!(
            text,
            "\n/// {says}\n#[rustfmt::skip]\npub static {name}: Net = Net {{\n    linear: {},\n    hidden: [\n{hidden}    ],\n    \
             bias: {},\n    out: {},\n}};\n",
            list(&net.linear),
            list(&net.bias),
            list(&net.out),
        );
    }
    text
}

fn list(values: &[f32]) -> String {
    let values: Vec<String> = values.iter().map(|value| format!("{value:.2}")).collect();
    format!("[{}]", values.join(", "))
}
