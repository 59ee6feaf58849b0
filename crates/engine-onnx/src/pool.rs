//! A fixed set of values that threads borrow in turn. First come, first served: a background job that borrows again
//! and again never keeps a request waiting for longer than one turn.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use find_facts_core::{Deadline, DeadlineExceeded};

/// How often a waiting thread looks whether its caller has gone; a turn lasts about as long.
const CANCEL_CHECK: Duration = Duration::from_millis(5);

/// The values and the queue for them.
pub(crate) struct Pool<T> {
    slots: Vec<Mutex<T>>,
    queue: Mutex<Queue>,
    returned: Condvar,
}

struct Queue {
    /// Slots that nobody has borrowed.
    free: Vec<usize>,
    /// Tickets of the waiting, oldest first.
    waiting: VecDeque<u64>,
    next_ticket: u64,
}

impl<T> Pool<T> {
    /// A pool of these values.
    pub(crate) fn new(values: Vec<T>) -> Self {
        let queue = Queue { free: (0..values.len()).collect(), waiting: VecDeque::new(), next_ticket: 0 };
        Self {
            slots: values.into_iter().map(Mutex::new).collect(),
            queue: Mutex::new(queue),
            returned: Condvar::new(),
        }
    }

    /// The next free value, for as long as the guard lives; an error once the deadline has passed.
    pub(crate) fn take(&self, deadline: &Deadline) -> Result<Borrowed<'_, T>, DeadlineExceeded> {
        deadline.check()?;
        let mut queue = lock(&self.queue);
        let ticket = queue.next_ticket;
        queue.next_ticket += 1;
        queue.waiting.push_back(ticket);
        loop {
            if queue.waiting.front() == Some(&ticket)
                && let Some(slot) = queue.free.pop()
            {
                queue.waiting.pop_front();
                // Whoever is first now may find another free value.
                self.returned.notify_all();
                return Ok(Borrowed { pool: self, slot, value: lock(&self.slots[slot]) });
            }
            if let Err(over) = deadline.check() {
                queue.waiting.retain(|waiting| *waiting != ticket);
                self.returned.notify_all();
                return Err(over);
            }
            let waited = self.returned.wait_timeout(queue, CANCEL_CHECK);
            (queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Neither the queue nor a value is left half-changed by a panic, so poison says nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A borrowed value; dropping it gives it back, also while unwinding.
pub(crate) struct Borrowed<'a, T> {
    pool: &'a Pool<T>,
    slot: usize,
    value: MutexGuard<'a, T>,
}

impl<T> Deref for Borrowed<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Borrowed<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> Drop for Borrowed<'_, T> {
    fn drop(&mut self) {
        lock(&self.pool.queue).free.push(self.slot);
        self.pool.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc;
    use std::thread;

    use find_facts_core::SystemClock;

    use super::*;

    #[test]
    fn a_value_comes_back_also_when_its_borrower_panics() {
        let pool = Pool::new(vec![1]);
        let borrower = thread::scope(|scope| {
            scope
                .spawn(|| {
                    let _value = pool.take(&Deadline::none());
                    std::panic::resume_unwind(Box::new("the borrower"));
                })
                .join()
        });
        assert!(borrower.is_err());
        assert_eq!(*pool.take(&Deadline::none()).unwrap(), 1);
    }

    #[test]
    fn who_waits_is_not_overtaken_by_who_borrows_again() {
        let pool = Arc::new(Pool::new(vec![()]));
        let held = pool.take(&Deadline::none()).unwrap();
        let (order, taken) = mpsc::channel();
        let waiter = {
            let (pool, order) = (Arc::clone(&pool), order.clone());
            thread::spawn(move || {
                let value = pool.take(&Deadline::none());
                order.send("waiter").unwrap();
                drop(value);
            })
        };
        while lock(&pool.queue).waiting.is_empty() {
            thread::yield_now();
        }
        drop(held);
        drop(pool.take(&Deadline::none()));
        order.send("again").unwrap();
        waiter.join().unwrap();
        assert_eq!(taken.try_iter().collect::<Vec<_>>(), ["waiter", "again"]);
    }

    #[test]
    fn waiting_ends_with_the_deadline_and_leaves_no_place_in_the_queue() {
        let pool = Pool::new(vec![()]);
        let held = pool.take(&Deadline::none()).unwrap();
        let late = Deadline::after(Duration::from_millis(1), Arc::new(SystemClock));
        assert!(pool.take(&late).is_err());
        drop(held);
        assert!(pool.take(&Deadline::none()).is_ok());
    }
}
