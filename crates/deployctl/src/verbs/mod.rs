//! The verbs, a file each: what they ask and do, apart from how it looks.

pub mod attach;
pub mod doctor;
pub mod flags;
pub mod history;
pub mod models;
pub mod orders;
pub mod plan;
pub mod report;
pub mod rollback;
pub mod start;
pub mod status;
pub mod watch;
