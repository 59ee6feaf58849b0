//! Who gets which tier: bucketing, segments, generations. Rule in, decision out; pure.
