//! Open-loop traffic: many callers, skewed popularity, a record of what each of them saw.

fn main() {}
