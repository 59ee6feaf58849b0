//! Conditions on a health report that switch tiers off; pure.
