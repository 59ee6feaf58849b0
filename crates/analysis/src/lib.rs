//! Statistics of canaries: interference, added latency, limits. Pure functions on numbers.
