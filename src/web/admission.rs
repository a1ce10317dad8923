//! How many calls are under way, and which are turned away when there are too many.
//!
//! A concurrency limit for all, one for each client within it, and two bounded waits: for a place, and for the turn of a
//! call on its worker. A worker computes on its own thread, so a queue of calls that could be answered is not seen by the
//! server below; each call therefore lets the others go first once, and the time until its turn is the length of the
//! queue. Whoever has waited too long is told to come again, which costs little; the others are answered in time. Absent
//! on purpose: rates of single clients, and memory ([`super::in_hand`]).

use crate::clock::Stopwatch;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Part of the deadline that a call may wait for a place.
const FOR_A_PLACE: u32 = 4;
/// Part of the deadline that a call may wait for its turn.
const FOR_A_TURN: u32 = 8;
/// Least share of a client, however many there are.
const LEAST_SHARE: usize = 64;

/// A concurrency limit.
#[derive(Debug)]
pub(super) struct Admission {
    most: usize,
    places: Arc<Semaphore>,
    /// By the name of the client.
    shares: HashMap<String, Arc<Semaphore>>,
    deadline: Duration,
}

/// Too many calls: this one should come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shed {
    /// As many are under way as may be.
    Full,
    /// As many of this client are.
    Share,
    /// The queue is too long.
    Queue,
    /// No memory is left for its body.
    Memory,
}

impl Shed {
    /// Every reason.
    pub(super) const ALL: [Self; 4] = [Self::Full, Self::Share, Self::Queue, Self::Memory];

    /// A short name for counts.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Full => "in-flight",
            Self::Share => "client-in-flight",
            Self::Queue => "queue",
            Self::Memory => "body-bytes",
        }
    }
}

/// A call under way; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Admitted {
    _place: OwnedSemaphorePermit,
    /// Its place among those of its client.
    _share: Option<OwnedSemaphorePermit>,
    since: Stopwatch,
}

impl Admission {
    /// So many places, of which a client may have `share`; without that an equal part, and never too few.
    pub(super) fn new(most: usize, share: Option<usize>, clients: &[String], deadline: Duration) -> Self {
        let equal = || most.div_ceil(clients.len().max(1)).max(LEAST_SHARE);
        let share = share.unwrap_or_else(equal).min(most);
        let share_of = |name: &String| (name.clone(), Arc::new(Semaphore::new(share)));
        Self {
            most,
            places: Arc::new(Semaphore::new(most)),
            shares: clients.iter().map(share_of).collect(),
            deadline,
        }
    }

    /// Lets a call in once there is a place for it.
    pub(super) async fn enter(&self) -> Result<Admitted, Shed> {
        let since = Stopwatch::start();
        let waiting = Arc::clone(&self.places).acquire_owned();
        match tokio::time::timeout(self.deadline / FOR_A_PLACE, waiting).await {
            Ok(Ok(place)) => Ok(Admitted { _place: place, _share: None, since }),
            _ => Err(Shed::Full),
        }
    }

    /// Counts an admitted call among those of its client, or turns it away at once: a client over its share must not
    /// take the places of others.
    pub(super) fn count_for(&self, client: &str, admitted: &mut Admitted) -> Result<(), Shed> {
        let Some(share) = self.shares.get(client) else { return Ok(()) };
        admitted._share = Some(Arc::clone(share).try_acquire_owned().map_err(|_| Shed::Share)?);
        Ok(())
    }

    /// Lets the calls that came before compute first; gives how long the call has waited by then.
    pub(super) async fn turn(&self, admitted: &Admitted) -> Result<Duration, Shed> {
        // A task of its own, because it ends only after all that is ready by now: the server below asks a call that merely
        // yields once more at once. Its end says nothing.
        drop(actix_web::rt::spawn(async {}).await);
        self.in_time(admitted.since.elapsed())
    }

    fn in_time(&self, waited: Duration) -> Result<Duration, Shed> {
        if waited > self.deadline / FOR_A_TURN { Err(Shed::Queue) } else { Ok(waited) }
    }

    /// Calls under way.
    pub(super) fn under_way(&self) -> usize {
        self.most.saturating_sub(self.places.available_permits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(most: usize, share: Option<usize>, clients: &[&str]) -> Admission {
        let clients: Vec<String> = clients.iter().map(|it| (*it).to_owned()).collect();
        Admission::new(most, share, &clients, Duration::from_millis(40))
    }

    #[actix_web::test]
    async fn no_more_are_let_in_than_the_limit_and_each_leaves_its_place() {
        let admission = admission(2, None, &["a"]);
        let first = admission.enter().await.unwrap();
        let second = admission.enter().await.unwrap();
        assert_eq!(admission.enter().await.unwrap_err(), Shed::Full);
        assert_eq!(admission.under_way(), 2);
        drop(first);
        let third = admission.enter().await.unwrap();
        drop((second, third));
        assert_eq!(admission.under_way(), 0);
    }

    #[actix_web::test]
    async fn whoever_comes_while_all_places_are_taken_gets_the_next_one() {
        let admission = admission(1, None, &["a"]);
        let first = admission.enter().await.unwrap();
        let (second, ()) = tokio::join!(admission.enter(), async { drop(first) });
        assert!(second.is_ok());
    }

    #[actix_web::test]
    async fn a_client_over_its_share_takes_no_place_of_another() {
        let admission = admission(4, Some(2), &["a", "b"]);
        let mut held = Vec::new();
        for _ in 0..20 {
            let mut call = admission.enter().await.unwrap();
            if admission.count_for("a", &mut call).is_ok() {
                held.push(call);
            }
        }
        assert_eq!((held.len(), admission.under_way()), (2, 2));
        for _ in 0..2 {
            let mut call = admission.enter().await.unwrap();
            assert_eq!(admission.count_for("a", &mut call), Err(Shed::Share));
            assert_eq!(admission.count_for("b", &mut call), Ok(()));
            held.push(call);
        }
        held.clear();
        let mut call = admission.enter().await.unwrap();
        assert_eq!(admission.count_for("a", &mut call), Ok(()));
    }

    #[test]
    fn without_a_share_of_its_own_each_client_has_an_equal_part() {
        for (clients, expected) in [(1, 512), (2, 256), (100, LEAST_SHARE)] {
            let names: Vec<String> = (0..clients).map(|i| i.to_string()).collect();
            let admission = Admission::new(512, None, &names, Duration::from_secs(2));
            assert_eq!(admission.shares["0"].available_permits(), expected, "{clients}");
        }
        let admission = admission(8, None, &["a", "b"]);
        assert_eq!(admission.shares["a"].available_permits(), 8);
    }

    #[test]
    fn a_call_whose_turn_comes_too_late_is_turned_away() {
        let admission = admission(1, None, &["a"]);
        assert!(admission.in_time(Duration::from_millis(5)).is_ok());
        assert_eq!(admission.in_time(Duration::from_millis(6)), Err(Shed::Queue));
    }

    #[actix_web::test]
    async fn a_call_lets_those_that_came_before_go_first() {
        let admission = Arc::new(Admission::new(2, None, &[], Duration::from_secs(60)));
        let order = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let (admission, recorded) = (Arc::clone(&admission), std::rc::Rc::clone(&order));
        let first = actix_web::rt::spawn(async move {
            let admitted = admission.enter().await.unwrap();
            admission.turn(&admitted).await.unwrap();
            recorded.borrow_mut().push("call");
        });
        let recorded = std::rc::Rc::clone(&order);
        let ready = actix_web::rt::spawn(async move { recorded.borrow_mut().push("ready") });
        first.await.unwrap();
        ready.await.unwrap();
        assert_eq!(*order.borrow(), ["ready", "call"]);
    }
}
