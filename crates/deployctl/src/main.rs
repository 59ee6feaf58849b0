//! Takes each tier into production on a running server: plans, watch windows, rollback.

fn main() {}
