//! Entity linking: from what was written to the entity that was meant. Brings no model engine, no HTTP and no runtime.
