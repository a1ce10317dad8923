//! The same work on many things, on all cores.
//!
//! Deliberately absent: anything that the server does; it has workers of its own.

use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The results in the order of the items, whichever was done first.
pub(super) fn map<'i, T: Sync, R: Send>(items: &'i [T], work: impl Fn(&'i T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let next = AtomicUsize::new(0);
    let take = || {
        let i = next.fetch_add(1, Ordering::Relaxed);
        items.get(i).map(|item| (i, work(item)))
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let spawn = || scope.spawn(|| std::iter::from_fn(take).collect::<Vec<_>>());
        let workers: Vec<_> = (0..cores.min(items.len())).map(|_| spawn()).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    });
    done.sort_unstable_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_done_once_and_in_order() {
        for length in [0, 1, 2, 1_000] {
            let items: Vec<usize> = (0..length).collect();
            // The first ones take longest.
            let slow = |i: &usize| (0..1_000 - i).fold(*i, |sum, n| sum ^ std::hint::black_box(n) ^ n);
            assert_eq!(map(&items, slow), items);
        }
    }
}
