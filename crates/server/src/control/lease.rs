//! The lease: at most one run changes the server at a time. Decided from the lease in force, the request and the time; kept
//! over restarts.

use find_facts_api::admin::{EventKind, Lease, LeaseRequest};

use super::{ChangeError, Control, Writer};
use crate::state::StateError;

const LEASE: &str = "lease";

/// The longest lease. deployctl asks for five minutes; a day is for a person who works by hand.
pub const LONGEST_SECONDS: f64 = 86_400.0;

impl Control {
    /// Takes, renews or gives back the lease; the error has the lease that stands against it.
    pub fn take_lease(&self, request: &LeaseRequest) -> Result<Option<Lease>, ChangeError> {
        let _writing = self.lock();
        let stored = self.stored_lease()?;
        let lease = decide(stored.clone(), request, self.now_ms()).map_err(ChangeError::Held)?;
        self.state.cells.put(LEASE, &lease)?;
        let holder =
            |lease: &Option<Lease>| lease.as_ref().map(|lease| (lease.run.clone(), lease.holder.clone()));
        if holder(&stored) != holder(&lease) {
            self.announce(EventKind::LeaseChanged { lease: lease.clone() });
        }
        Ok(lease)
    }

    /// Forgets a lease that has lapsed.
    pub fn drop_lapsed_lease(&self) -> Result<(), StateError> {
        let _writing = self.lock();
        let stored = self.stored_lease()?;
        if stored.is_some() && in_force(stored, self.now_ms()).is_none() {
            self.state.cells.put(LEASE, &None::<Lease>)?;
            self.announce(EventKind::LeaseChanged { lease: None });
        }
        Ok(())
    }

    /// An error when another run than the writer's holds the lease.
    pub fn refuse_other_runs(&self, writer: &Writer) -> Result<(), ChangeError> {
        let stored = self.stored_lease()?;
        match keeps_out(stored, writer.run.as_deref(), self.now_ms()) {
            Some(other) => Err(ChangeError::Held(other)),
            None => Ok(()),
        }
    }

    /// The lease in force.
    pub fn lease(&self) -> Result<Option<Lease>, StateError> {
        Ok(in_force(self.stored_lease()?, self.now_ms()))
    }

    pub(super) fn stored_lease(&self) -> Result<Option<Lease>, StateError> {
        Ok(self.state.cells.get(LEASE)?.flatten())
    }
}

/// The lease that is in force at `now_ms`.
pub(super) fn in_force(lease: Option<Lease>, now_ms: u64) -> Option<Lease> {
    lease.filter(|lease| lease.expires_ms > now_ms)
}

/// The lease after a request, or the one that stands against it.
fn decide(current: Option<Lease>, request: &LeaseRequest, now_ms: u64) -> Result<Option<Lease>, Lease> {
    if let Some(other) = in_force(current, now_ms).filter(|lease| lease.run != request.run) {
        return Err(other);
    }
    let ttl_ms = (request.ttl_seconds * 1000.0) as u64;
    Ok((ttl_ms > 0).then(|| Lease {
        run: request.run.clone(),
        holder: request.holder.clone(),
        expires_ms: now_ms.saturating_add(ttl_ms),
    }))
}

/// Whether a write by `run` is kept out by the lease in force. A write by nobody's run is an operator's: it is never
/// kept out, because the red button has to work; the run that holds the lease finds the generation changed.
pub(super) fn keeps_out(current: Option<Lease>, run: Option<&str>, now_ms: u64) -> Option<Lease> {
    let run = run?;
    in_force(current, now_ms).filter(|lease| lease.run != run)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(run: &str, ttl_seconds: f64) -> LeaseRequest {
        LeaseRequest { run: run.to_owned(), holder: "host/1".to_owned(), ttl_seconds }
    }

    fn lease(run: &str, expires_ms: u64) -> Lease {
        Lease { run: run.to_owned(), holder: "host/1".to_owned(), expires_ms }
    }

    fn check(current: Option<Lease>, run: &str, ttl: f64, expected: Result<Option<Lease>, Lease>) {
        assert_eq!(decide(current, &request(run, ttl), 1000), expected);
    }

    #[test]
    fn a_free_or_lapsed_lease_goes_to_whoever_asks() {
        check(None, "a", 5.0, Ok(Some(lease("a", 6000))));
        check(Some(lease("b", 1000)), "a", 5.0, Ok(Some(lease("a", 6000))));
    }

    #[test]
    fn the_same_run_renews_takes_over_and_gives_back() {
        check(Some(lease("a", 2000)), "a", 5.0, Ok(Some(lease("a", 6000))));
        check(Some(lease("a", 2000)), "a", 0.0, Ok(None));
        check(None, "a", 0.0, Ok(None));
    }

    #[test]
    fn another_run_is_told_who_holds_it() {
        check(Some(lease("b", 1001)), "a", 5.0, Err(lease("b", 1001)));
        check(Some(lease("b", 1001)), "a", 0.0, Err(lease("b", 1001)));
    }

    #[test]
    fn only_other_runs_are_kept_out() {
        let held = Some(lease("a", 2000));
        assert_eq!(keeps_out(held.clone(), Some("b"), 1000), held);
        assert_eq!(keeps_out(held.clone(), Some("b"), 2000), None);
        assert_eq!(keeps_out(held.clone(), Some("a"), 1000), None);
        assert_eq!(keeps_out(held, None, 1000), None);
    }
}
