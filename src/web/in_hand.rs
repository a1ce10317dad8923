//! The memory for bodies in hand: a byte semaphore for all of them and their working copies.
//!
//! A body counts with what is made of it while it is read, [`WORKING`] times its length; what does not fit waits a little
//! and is told to come again. Of several clients none may have more than half. Absent on purpose: how a body is taken in
//! (`body.rs`).

use super::admission::Shed;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What a body takes with its working copies, in its own lengths: the index of a body of nothing but one-digit numbers has
/// 12 bytes for two of the text, and its records as much again.
const WORKING: usize = 8;
/// Memory is counted in pieces of so many bytes.
const PIECE: usize = 1024;
/// Part of the deadline that a call may wait for memory.
const WAIT: u32 = 4;

/// Memory for bodies.
#[derive(Debug)]
pub(super) struct InHand {
    all: Pool,
    /// By the name of the client.
    shares: HashMap<String, Pool>,
    wait: Duration,
}

#[derive(Debug)]
struct Pool {
    pieces: usize,
    free: Arc<Semaphore>,
}

/// Memory in use; it is free again when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<OwnedSemaphorePermit>);

impl Pool {
    fn new(pieces: usize) -> Self {
        let pieces = pieces.min(Semaphore::MAX_PERMITS);
        Self { pieces, free: Arc::new(Semaphore::new(pieces)) }
    }

    async fn take(&self, pieces: usize) -> Option<OwnedSemaphorePermit> {
        // The longest body must be taken, whatever it needs, when it is alone.
        let pieces = u32::try_from(pieces.min(self.pieces)).unwrap_or(u32::MAX);
        Arc::clone(&self.free).acquire_many_owned(pieces).await.ok()
    }
}

impl InHand {
    /// So many bytes for all bodies.
    pub(super) fn new(bytes: usize, clients: &[String], deadline: Duration) -> Self {
        let pieces = (bytes / PIECE).max(1);
        let share_of = |name: &String| (name.clone(), Pool::new(pieces.div_ceil(2)));
        let shares = if clients.len() > 1 { clients.iter().map(share_of).collect() } else { HashMap::new() };
        Self { all: Pool::new(pieces), shares, wait: deadline / WAIT }
    }

    /// Memory for so many bytes of a body of this client, once there is some.
    pub(super) async fn hold(&self, client: &str, bytes: usize) -> Result<Held, Shed> {
        let pieces = bytes.saturating_mul(WORKING).div_ceil(PIECE);
        let taking = async {
            // The share first: whoever waits for it holds nothing of the others.
            let share = match self.shares.get(client) {
                Some(share) => Some(share.take(pieces).await?),
                None => None,
            };
            let all = self.all.take(pieces).await?;
            Some(Held(share.into_iter().chain([all]).collect()))
        };
        tokio::time::timeout(self.wait, taking).await.ok().flatten().ok_or(Shed::Memory)
    }
}

impl Held {
    /// Adds more to what is held.
    pub(super) fn add(&mut self, more: Self) {
        self.0.extend(more.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: usize = 1024 * 1024;

    fn in_hand(clients: &[&str]) -> InHand {
        let clients: Vec<String> = clients.iter().map(|it| (*it).to_owned()).collect();
        InHand::new(64 * MB, &clients, Duration::from_millis(40))
    }

    #[tokio::test]
    async fn bodies_fit_with_their_working_copies_or_are_turned_away() {
        let in_hand = in_hand(&["a"]);
        let mut held = Vec::new();
        for _ in 0..8 {
            held.push(in_hand.hold("a", MB).await.unwrap());
        }
        assert_eq!(in_hand.hold("a", 1).await.unwrap_err(), Shed::Memory);
        held.pop();
        in_hand.hold("a", MB).await.unwrap();
        held.clear();
        assert_eq!(in_hand.all.free.available_permits(), in_hand.all.pieces);
    }

    #[tokio::test]
    async fn the_longest_body_is_taken_when_it_is_alone() {
        let in_hand = in_hand(&["a"]);
        let _held = in_hand.hold("a", 100 * MB).await.unwrap();
        assert_eq!(in_hand.hold("a", 1).await.unwrap_err(), Shed::Memory);
    }

    #[tokio::test]
    async fn of_several_clients_none_has_more_than_half() {
        let in_hand = in_hand(&["a", "b"]);
        let _of_a = in_hand.hold("a", 4 * MB).await.unwrap();
        assert_eq!(in_hand.hold("a", 1).await.unwrap_err(), Shed::Memory);
        let _of_b = in_hand.hold("b", 4 * MB).await.unwrap();
    }
}
