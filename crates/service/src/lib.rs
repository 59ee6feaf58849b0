//! FindFactsService: the legacy handler, the tiers above it, and the way down when one fails.
