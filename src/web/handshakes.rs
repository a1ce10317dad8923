//! Handshakes that are under way, by peer. Whoever connects and says nothing holds a connection until its time is over;
//! one peer alone shall not hold them all.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Handshakes under way; all workers share one.
#[derive(Debug, Clone)]
pub(super) struct Handshakes(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The most that one peer may have under way.
    of_a_peer: usize,
    under_way: Mutex<UnderWay>,
}

#[derive(Debug, Default)]
struct UnderWay {
    /// The number of the next handshake.
    next: u64,
    /// The handshakes of each peer, oldest first. What is dropped here ends there.
    by_peer: HashMap<IpAddr, VecDeque<(u64, oneshot::Sender<()>)>>,
}

/// One handshake under way; dropping it takes it off the list.
#[derive(Debug)]
pub(super) struct Handshake {
    shared: Arc<Shared>,
    peer: IpAddr,
    number: u64,
    given_up: oneshot::Receiver<()>,
}

impl Handshakes {
    /// At most so many of one peer.
    pub(super) fn new(of_a_peer: usize) -> Self {
        Self(Arc::new(Shared { of_a_peer: of_a_peer.max(1), under_way: Mutex::default() }))
    }

    /// Begins one. A peer that has too many under way gives up its oldest: an honest handshake takes some milliseconds, so
    /// that the oldest are those that wait for nothing.
    pub(super) fn begin(&self, peer: IpAddr) -> Handshake {
        let peer = network(peer);
        let (ends, given_up) = oneshot::channel();
        let mut under_way = self.0.lock();
        let number = under_way.next;
        under_way.next = number.wrapping_add(1);
        let of_peer = under_way.by_peer.entry(peer).or_default();
        of_peer.push_back((number, ends));
        if of_peer.len() > self.0.of_a_peer {
            of_peer.pop_front();
        }
        drop(under_way);
        Handshake { shared: Arc::clone(&self.0), peer, number, given_up }
    }
}

impl Handshake {
    /// Waits until a newer handshake of this peer takes its place.
    pub(super) async fn given_up(&mut self) {
        // Nothing is ever sent: the other half is dropped.
        let _ = (&mut self.given_up).await;
    }
}

impl Drop for Handshake {
    fn drop(&mut self) {
        let mut under_way = self.shared.lock();
        let Some(of_peer) = under_way.by_peer.get_mut(&self.peer) else { return };
        of_peer.retain(|(number, _)| *number != self.number);
        if of_peer.is_empty() {
            under_way.by_peer.remove(&self.peer);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who counts as one peer: an address of IPv4, the network (/64) of one of IPv6, since whoever has one has all of it.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_given_up(handshake: &mut Handshake) -> bool {
        matches!(handshake.given_up.try_recv(), Err(oneshot::error::TryRecvError::Closed))
    }

    #[test]
    fn the_oldest_of_a_peer_gives_way_and_other_peers_keep_theirs() {
        let handshakes = Handshakes::new(2);
        let (here, there) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let mut first = handshakes.begin(here);
        let mut other = handshakes.begin(there);
        let mut second = handshakes.begin(here);
        assert!(!is_given_up(&mut first));
        let mut third = handshakes.begin(here);
        assert!(is_given_up(&mut first));
        assert!(!is_given_up(&mut second) && !is_given_up(&mut third) && !is_given_up(&mut other));
        // What has ended makes room, and what was given up frees nothing a second time.
        drop((first, second));
        let mut fourth = handshakes.begin(here);
        assert!(!is_given_up(&mut third) && !is_given_up(&mut fourth));
        drop((third, fourth, other));
        assert!(handshakes.0.lock().by_peer.is_empty());
    }

    #[test]
    fn a_peer_is_an_address_of_ipv4_or_a_network_of_ipv6() {
        let one = |text: &str| network(text.parse().unwrap());
        assert_eq!(one("::ffff:192.0.2.1"), one("192.0.2.1"));
        assert_eq!(one("2001:db8:1:2::3"), one("2001:db8:1:2:ffff::4"));
        assert_ne!(one("2001:db8:1:2::3"), one("2001:db8:1:3::3"));
        assert_ne!(one("192.0.2.1"), one("192.0.2.2"));
    }

    #[actix_web::test]
    async fn whoever_waits_learns_that_it_is_given_up() {
        let handshakes = Handshakes::new(1);
        let peer = "192.0.2.1".parse().unwrap();
        let mut first = handshakes.begin(peer);
        let _second = handshakes.begin(peer);
        first.given_up().await;
    }
}
