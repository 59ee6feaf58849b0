//! Closed-loop clients: each sends its next query as soon as it has the answer to the last. For comparing servers;
//! what callers see under a given rate is loadgen's business.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// One client of a server.
pub trait Client: Send {
    /// Asks query number `number`, and says whether the answer is the right one.
    fn ask(&mut self, number: usize) -> Result<bool>;
}

/// What the clients of one server measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Half of the answers were faster.
    pub p50: Duration,
    /// 99 of 100 were faster.
    pub p99: Duration,
    /// Answers per second, all clients together.
    pub per_second: f64,
}

/// Lets every client ask for as long as `length`, all at the same time; a wrong answer is an error.
pub fn measure(clients: &mut [Box<dyn Client>], queries: usize, length: Duration) -> Result<Figures> {
    let stride = queries / clients.len().max(1);
    let started = Instant::now();
    let times = std::thread::scope(|scope| {
        let running: Vec<_> = clients
            .iter_mut()
            .enumerate()
            // Each begins at another query, so that no two ask the same at the same time.
            .map(|(number, client)| {
                scope.spawn(move || ask(client.as_mut(), number * stride, queries, length))
            })
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| bail!("a client panicked")))
            .collect::<Result<Vec<_>>>()
    })?;
    let elapsed = started.elapsed();
    let mut times: Vec<Duration> = times.into_iter().flatten().collect();
    times.sort_unstable();
    if times.is_empty() {
        bail!("no answer within {} s", length.as_secs());
    }
    let quantile = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    Ok(Figures {
        p50: quantile(0.5),
        p99: quantile(0.99),
        per_second: times.len() as f64 / elapsed.as_secs_f64(),
    })
}

fn ask(client: &mut dyn Client, first: usize, queries: usize, length: Duration) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    let started = Instant::now();
    let mut number = first;
    while started.elapsed() < length {
        let asked = Instant::now();
        if !client.ask(number % queries)? {
            bail!("query {} got a wrong answer", number % queries);
        }
        times.push(asked.elapsed());
        number += 1;
    }
    Ok(times)
}

/// The median of several rounds, figure by figure.
pub fn median(rounds: &[Figures]) -> Option<Figures> {
    fn middle<T: Copy>(mut values: Vec<T>, order: impl Fn(&T, &T) -> std::cmp::Ordering) -> Option<T> {
        values.sort_by(order);
        values.get(values.len() / 2).copied()
    }
    Some(Figures {
        p50: middle(rounds.iter().map(|round| round.p50).collect(), Ord::cmp)?,
        p99: middle(rounds.iter().map(|round| round.p99).collect(), Ord::cmp)?,
        per_second: middle(rounds.iter().map(|round| round.per_second).collect(), f64::total_cmp)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Wrong;

    impl Client for Wrong {
        fn ask(&mut self, _: usize) -> Result<bool> {
            Ok(false)
        }
    }

    #[test]
    fn a_wrong_answer_ends_the_measuring() {
        let mut clients: Vec<Box<dyn Client>> = vec![Box::new(Wrong)];
        assert!(measure(&mut clients, 10, Duration::from_secs(1)).is_err());
    }

    #[test]
    fn the_median_is_taken_figure_by_figure() {
        let round = |p50, per_second| Figures {
            p50: Duration::from_micros(p50),
            p99: Duration::from_micros(p50 * 2),
            per_second,
        };
        let middle = median(&[round(3, 10.0), round(1, 30.0), round(2, 20.0)]);
        assert_eq!(middle, Some(round(2, 20.0)));
    }
}
