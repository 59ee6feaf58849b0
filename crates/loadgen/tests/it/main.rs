//! Tests of the crate from outside, in one binary.

#[cfg(test)]
mod program;
#[cfg(test)]
mod traffic;
