//! Rollout plans, the decision step(state, input) -> actions, and the run journal. Decides, does not do.
