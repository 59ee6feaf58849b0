//! The model catalogue, downloads, digests and the cache. Knows no engine.
