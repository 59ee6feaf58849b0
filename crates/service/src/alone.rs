//! One tier asked by itself, for whoever wants to know how good its answers are: off every caller's path, whatever flags,
//! health and exact matching say. Nothing is counted, and nothing remembered.

use std::sync::Arc;

use find_facts_core::outcome::FallbackReason;
use find_facts_core::{Deadline, Fact, FactStore, FinderAnswer, Pattern, Tier, Without};
use find_facts_store::Index;

use crate::descent::{Descent, Pools};
use crate::request::{FindFactsRequest, Query};
use crate::service::FindFactsService;
use crate::timeouts::Budget;

/// The service at one moment: its tiers, and one version of the knowledge base.
pub struct Alone<'a> {
    service: &'a FindFactsService,
    index: Arc<Index>,
    pools: Arc<Pools>,
}

impl FindFactsService {
    /// The tiers by themselves, as they are now.
    pub fn alone(&self) -> Alone<'_> {
        Alone { service: self, index: self.store.current(), pools: self.pools.load_full() }
    }
}

impl Alone<'_> {
    /// The facts that exact matching finds; none for a question.
    pub fn exact(&self, request: &FindFactsRequest) -> Vec<Fact> {
        match &request.query {
            Query::Parts(parts) => {
                let found = self.index.find(Pattern::from(parts), request.limit, &Deadline::none());
                // An index in memory fails of a deadline only.
                found.unwrap_or_default()
            }
            Query::Text(_) => Vec::new(),
        }
    }

    /// What a tier answers within its own deadline, or why it does not.
    pub async fn tier(
        &self,
        tier: Tier,
        request: &FindFactsRequest,
        without: &Without,
    ) -> Result<FinderAnswer, FallbackReason> {
        let descent = Descent {
            request,
            without,
            store: Arc::clone(&self.index) as Arc<dyn FactStore>,
            pools: &self.pools,
            health: None,
            clock: &self.service.clock,
            timeouts: **self.service.timeouts.load(),
            found_exactly: false,
            remember: false,
        };
        descent.step(tier, tier.mode(), 1, &mut Budget::default(), &mut Vec::new()).await
    }
}
