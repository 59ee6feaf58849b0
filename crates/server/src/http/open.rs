//! The open connections of one listener: never more than there is room for. One more takes the place of that on which
//! nothing was asked for longest; a request under way is never cut off for it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, timeout};

use super::pace::Pace;

/// How long a new client may wait for one of many busy connections to have become idle without having ended.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// One look at all connections finds this share of them to make way: looking for each anew would take half a millisecond of
/// every new client's connection where there are sixteen thousand.
const SHARE_OF_A_LOOK: usize = 64;

/// Connections, each a task.
pub(super) struct Open {
    most: usize,
    was_full: bool,
    tasks: JoinSet<()>,
    paces: HashMap<Id, Arc<Pace>>,
    /// The longest idle when last looked for, longest last, and since when. Those that are idle still are the longest idle still.
    found: Vec<(Instant, Arc<Pace>)>,
}

impl Open {
    /// With room for `most`, which is one at least.
    pub(super) fn new(most: usize) -> Self {
        let (tasks, paces, found) = (JoinSet::new(), HashMap::new(), Vec::new());
        Self { most: most.max(1), was_full: false, tasks, paces, found }
    }

    /// Serves one more connection.
    pub(super) fn add(&mut self, pace: Arc<Pace>, connection: impl Future<Output = ()> + Send + 'static) {
        let id = self.tasks.spawn(connection).id();
        self.paces.insert(id, pace);
    }

    /// Waits until one has ended; `None` where none is open.
    pub(super) async fn ended(&mut self) -> Option<()> {
        let ended = self.tasks.join_next_with_id().await?;
        let id = ended.map_or_else(|panicked| panicked.id(), |(id, ())| id);
        if let Some(pace) = self.paces.remove(&id) {
            pace.make_way();
        }
        Some(())
    }

    /// Waits until there is room for one more, and makes it where one of them is idle.
    pub(super) async fn room(&mut self) {
        while self.tasks.len() >= self.most {
            if !std::mem::replace(&mut self.was_full, true) {
                tracing::warn!(
                    connections = self.most,
                    "a listener has all connections that it may have; the longest idle ones make way"
                );
            }
            if let Some(idle) = self.longest_idle() {
                idle.make_way();
            }
            _ = timeout(LOOK_AGAIN, self.ended()).await;
        }
    }

    fn longest_idle(&mut self) -> Option<Arc<Pace>> {
        self.found_before().or_else(|| {
            self.look();
            self.found_before()
        })
    }

    fn found_before(&mut self) -> Option<Arc<Pace>> {
        let still = |(since, pace): (Instant, Arc<Pace>)| (pace.idle_since() == Some(since)).then_some(pace);
        std::iter::from_fn(|| self.found.pop()).find_map(still)
    }

    fn look(&mut self) {
        let idle = self.paces.values().filter_map(|pace| Some((pace.idle_since()?, Arc::clone(pace))));
        self.found.extend(idle);
        self.found.sort_unstable_by_key(|(since, _)| std::cmp::Reverse(*since));
        let few = (self.most / SHARE_OF_A_LOOK).max(1);
        self.found.drain(..self.found.len().saturating_sub(few));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a connection does that is idle: it ends when its place is wanted.
    async fn idle(pace: Arc<Pace>) {
        pace.unwanted().await;
    }

    #[tokio::test]
    async fn the_longest_idle_make_way_and_a_busy_one_never_does() {
        let now = Instant::now();
        let mut open = Open::new(4);
        let paces: Vec<_> = [50, 40, 60, 30]
            .into_iter()
            .map(|age| Arc::new(Pace::since(now - Duration::from_secs(age))))
            .collect();
        for pace in &paces {
            open.add(Arc::clone(pace), idle(Arc::clone(pace)));
        }
        paces[0].begin();
        for (room, gone) in [(3, 2), (2, 1), (1, 3)] {
            open.most = room + 1;
            open.room().await;
            assert_eq!(open.tasks.len(), room);
            let left: Vec<bool> =
                paces.iter().map(|pace| open.paces.values().any(|p| Arc::ptr_eq(p, pace))).collect();
            assert!(left[0] && !left[gone], "{left:?}");
        }
        open.most = 1;
        let full = timeout(3 * LOOK_AGAIN, open.room()).await;
        assert!(full.is_err(), "all that are left are busy");
        paces[0].make_way();
        open.room().await;
        assert!(open.paces.is_empty());
    }
}
