//! What the settings mean to the parts of the server, in the parts' own words; and what a running server cannot change.

use find_facts_core::Tier;
use find_facts_health::{Limits, Settings};
use find_facts_service::Timeouts;

use super::Config;

impl Config {
    /// How health looks at the server.
    pub(crate) fn health_settings(&self) -> Settings {
        let mut limits = Limits::default();
        limits.overall.error_rate = self.health.alert_error_rate;
        limits.overall.p95 = self.health.alert_p95;
        for tier in Tier::ALL {
            limits.tiers[tier as usize].p95 = self.tier(tier).p95;
        }
        Settings {
            window: self.health.window,
            collect_every: self.health.collect,
            assess_every: self.health.assess,
            limits,
        }
    }

    /// How long tiers may take.
    pub(crate) fn timeouts(&self) -> Timeouts {
        Timeouts {
            tiers: Tier::ALL.map(|tier| self.tier(tier).timeout),
            most: self.limits.enhancement_timeout,
        }
    }

    /// Settings in which `later` differs and which a running server cannot change: its sockets are open, and its figures
    /// are those of the window they were counted over.
    pub(crate) fn fixed_until_restart(&self, later: &Config) -> Vec<&'static str> {
        let settings = [
            ("server.listen", self.server.listen != later.server.listen),
            ("server.admin_listen", self.server.admin_listen != later.server.admin_listen),
            ("health.window_seconds", self.health.window != later.health.window),
        ];
        settings.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
    }

    /// Settings in which `later` differs and which only the first generation was made from: the stored one wins.
    pub(crate) fn of_first_generation(&self, later: &Config) -> Vec<String> {
        let differing = Tier::ALL.into_iter().flat_map(|tier| {
            let (now, later) = (self.tier(tier), later.tier(tier));
            let settings = [
                ("enabled", now.enabled != later.enabled),
                ("percentage", now.percentage != later.percentage),
                ("segments", now.segments != later.segments),
                ("model", now.model != later.model),
                ("cache_size", now.cache_size != later.cache_size),
            ];
            settings.into_iter().filter(|(_, differs)| *differs).map(move |(key, _)| format!("{tier}.{key}"))
        });
        differing.collect()
    }
}
