//! The verbs, a file each: what they ask and do, apart from how it looks.

pub mod flags;
pub mod status;
