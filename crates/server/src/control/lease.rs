//! The lease: at most one run changes the server at a time. Decided from the lease in force, the request and the time; kept
//! over restarts. It ends by the machine's uptime, so that setting the clock neither ends nor prolongs it.

#[cfg(test)]
mod tests;

use find_facts_api::admin::{EventKind, Lease, LeaseRequest};
use serde::{Deserialize, Serialize};

use super::{ChangeError, Control, Writer};
use crate::machine::Uptime;
use crate::state::StateError;

const LEASE: &str = "lease";

/// The longest lease. deployctl asks for five minutes; a day is for a person who works by hand.
pub const LONGEST_SECONDS: f64 = 86_400.0;

/// An end that is shown differs by more than this from the one that was told only where the calendar was set.
const CALENDAR_WAS_SET_MS: u64 = 1000;

/// A lease as it is stored. Servers of before there was `ends` read and write the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Held {
    #[serde(flatten)]
    lease: Lease,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ends: Option<Ends>,
}

/// When a lease ends by the clock that nobody sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Ends {
    /// For how long it was granted.
    ttl_ms: u64,
    until: Uptime,
}

/// The time by both clocks.
struct Moment {
    wall_ms: u64,
    uptime: Uptime,
}

impl Control {
    /// Takes, renews or gives back the lease; the error has the lease that stands against it.
    pub fn take_lease(&self, request: &LeaseRequest) -> Result<Option<Lease>, ChangeError> {
        let _writing = self.lock();
        let (held, now) = (self.held()?, self.moment());
        let after = decide(in_force(held.as_ref(), &now), request, now).map_err(ChangeError::Held)?;
        self.state.cells.put(LEASE, &after)?;
        let lease = after.map(|held| held.lease);
        let holder = |lease: &Lease| (lease.run.clone(), lease.holder.clone());
        if held.map(|held| holder(&held.lease)) != lease.as_ref().map(holder) {
            self.announce(EventKind::LeaseChanged { lease: lease.clone() });
        }
        Ok(lease)
    }

    /// Forgets a lease that has lapsed.
    pub fn drop_lapsed_lease(&self) -> Result<(), StateError> {
        let _writing = self.lock();
        let held = self.held()?;
        if held.is_some() && in_force(held.as_ref(), &self.moment()).is_none() {
            self.state.cells.put(LEASE, &None::<Held>)?;
            self.announce(EventKind::LeaseChanged { lease: None });
        }
        Ok(())
    }

    /// An error when another run than the writer's holds the lease.
    pub fn refuse_other_runs(&self, writer: &Writer) -> Result<(), ChangeError> {
        match keeps_out(self.lease()?, writer.run.as_deref()) {
            Some(other) => Err(ChangeError::Held(other)),
            None => Ok(()),
        }
    }

    /// The lease in force.
    pub fn lease(&self) -> Result<Option<Lease>, StateError> {
        Ok(in_force(self.held()?.as_ref(), &self.moment()))
    }

    /// Has a lease that is stored end by this machine's uptime. Called once, before anybody asks for it.
    pub(super) fn take_up_lease(&self) -> Result<(), StateError> {
        let Some(held) = self.held()? else { return Ok(()) };
        self.state.cells.put(LEASE, &held.taken_up(self.moment()))
    }

    fn held(&self) -> Result<Option<Held>, StateError> {
        Ok(self.state.cells.get(LEASE)?.flatten())
    }

    fn moment(&self) -> Moment {
        Moment { wall_ms: self.now_ms(), uptime: self.clock.uptime() }
    }
}

impl Held {
    fn new(run: String, holder: String, left_ms: u64, ttl_ms: u64, now: Moment) -> Self {
        let expires_ms = now.wall_ms.saturating_add(left_ms);
        let until = Uptime { ms: now.uptime.ms.saturating_add(left_ms), ..now.uptime };
        Self { lease: Lease { run, holder, expires_ms }, ends: Some(Ends { ttl_ms, until }) }
    }

    /// For how long it is still in force; never longer than it was granted for.
    fn left_ms(&self, now: &Moment) -> u64 {
        let left = match &self.ends {
            Some(Ends { until, .. }) if until.boot == now.uptime.boot => {
                until.ms.saturating_sub(now.uptime.ms)
            }
            // After another start of the machine only the calendar knows how long it was down.
            _ => self.lease.expires_ms.saturating_sub(now.wall_ms),
        };
        left.min(self.ttl_ms())
    }

    fn ttl_ms(&self) -> u64 {
        self.ends.as_ref().map_or(LONGEST_SECONDS as u64 * 1000, |ends| ends.ttl_ms)
    }

    /// What is left of it, counted from now.
    fn taken_up(self, now: Moment) -> Self {
        let (left_ms, ttl_ms) = (self.left_ms(&now), self.ttl_ms());
        Self::new(self.lease.run, self.lease.holder, left_ms, ttl_ms, now)
    }

    /// With the end by the calendar as it is now.
    fn shown(&self, now: &Moment) -> Lease {
        let expires_ms = now.wall_ms.saturating_add(self.left_ms(now));
        let was_set = expires_ms.abs_diff(self.lease.expires_ms) > CALENDAR_WAS_SET_MS;
        Lease { expires_ms: if was_set { expires_ms } else { self.lease.expires_ms }, ..self.lease.clone() }
    }
}

/// What is in force now of a lease that is stored.
fn in_force(held: Option<&Held>, now: &Moment) -> Option<Lease> {
    held.filter(|held| held.left_ms(now) > 0).map(|held| held.shown(now))
}

/// The lease after a request, or the one that stands against it.
fn decide(in_force: Option<Lease>, request: &LeaseRequest, now: Moment) -> Result<Option<Held>, Lease> {
    if let Some(other) = in_force.filter(|lease| lease.run != request.run) {
        return Err(other);
    }
    let ttl_ms = (request.ttl_seconds * 1000.0) as u64;
    let held = || Held::new(request.run.clone(), request.holder.clone(), ttl_ms, ttl_ms, now);
    Ok((ttl_ms > 0).then(held))
}

/// Whether a write by `run` is kept out by the lease in force. A write by nobody's run is an operator's: it is never
/// kept out, because the red button has to work; the run that holds the lease finds the generation changed.
pub(super) fn keeps_out(in_force: Option<Lease>, run: Option<&str>) -> Option<Lease> {
    let run = run?;
    in_force.filter(|lease| lease.run != run)
}
