//! The memory of token ids: each (`iss`, `jti`) is taken once (SEC-15).
//!
//! Ids are kept as digests until their token has expired, in bounded memory; each client has its own, so that none can
//! fill another's. A full memory takes no further token: a forgotten id would let a token in twice. "Expired" goes by a
//! clock that no step of the wall clock moves forward ([`super::steps`]). Absent on purpose: whether the token holds; it
//! is remembered only after.

use super::steps::Reckoning;
use super::token::{Claims, LEEWAY};
use aws_lc_rs::digest;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// Parts of the memory, so that calls seldom wait for each other.
const PARTS: usize = 16;
/// Most ids of all clients together, some 60 MB: with a life of five minutes, 2,900 calls a second.
const MOST: usize = 1 << 20;
/// Room of one client however many there are: with a life of five minutes, 360 calls a second.
const LEAST: usize = 1 << 17;

/// What became of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remembered {
    /// New, and known from now on.
    New,
    /// Known already, or known once and forgotten.
    Replayed,
    /// There is no room to remember it.
    Full,
}

/// Half of a SHA-256: collisions are out of reach.
type Digest = u128;

#[derive(Default)]
struct Part {
    /// The minute after which a token can no longer be taken.
    until: HashMap<Digest, i64>,
    by_minute: BTreeMap<i64, Vec<Digest>>,
    /// The last minute whose ids are gone. Should the clock be set back, a token of that minute may have been here.
    forgotten: i64,
}

/// The memory of one client in one process.
pub(super) struct Memory {
    parts: Vec<Mutex<Part>>,
    most_of_a_part: usize,
}

impl Memory {
    /// The memory of one of so many clients.
    pub(super) fn for_one_of(clients: usize) -> Self {
        Self::with_room((MOST / clients.max(1)).max(LEAST))
    }

    fn with_room(most: usize) -> Self {
        Self { parts: (0..PARTS).map(|_| Mutex::default()).collect(), most_of_a_part: most.div_ceil(PARTS) }
    }

    /// Takes the id of a token.
    pub(super) fn remember(&self, claims: &Claims, now: Reckoning) -> Remembered {
        self.remember_id((&claims.iss, &claims.jti), (claims.iat, claims.exp), now)
    }

    /// Takes an id of an issuer; issued and expiring at these times, in seconds since 1970.
    fn remember_id(&self, (issuer, jti): (&str, &str), (iat, exp): (f64, f64), now: Reckoning) -> Remembered {
        let id = digest_of(issuer, jti);
        let part = usize::try_from(id % PARTS as u128).unwrap_or_default();
        let Some(part) = self.parts.get(part) else { return Remembered::Full };
        // Whoever panicked with the lock left whole entries.
        let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
        part.forget_before(minute(now.slowest));
        let until = minute(exp + LEEWAY);
        let may_be_forgotten = until <= part.forgotten && now.was_set_back_after(iat);
        if may_be_forgotten || part.until.contains_key(&id) {
            return Remembered::Replayed;
        }
        if part.until.len() >= self.most_of_a_part {
            return Remembered::Full;
        }
        part.until.insert(id, until);
        part.by_minute.entry(until).or_default().push(id);
        Remembered::New
    }
}

impl Part {
    fn forget_before(&mut self, minute: i64) {
        while let Some(entry) = self.by_minute.first_entry() {
            if *entry.key() >= minute {
                break;
            }
            self.forgotten = *entry.key();
            for id in entry.remove() {
                self.until.remove(&id);
            }
        }
    }
}

pub(super) fn minute(seconds: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the cast saturates, and only finite times come here"
    )]
    let minute = (seconds / 60.0).floor() as i64;
    minute
}

/// Issuer and id with the length of the first before it, so that no two pairs look alike.
pub(super) fn digest_of(issuer: &str, jti: &str) -> Digest {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&(issuer.len() as u64).to_be_bytes());
    context.update(issuer.as_bytes());
    context.update(jti.as_bytes());
    let digest = context.finish();
    digest.as_ref().iter().take(16).fold(0, |id, byte| (id << 8) | Digest::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes an id of a token of five minutes, by a clock that was never set.
    fn remember(memory: &Memory, issuer: &str, jti: &str, exp: f64, now: f64) -> Remembered {
        memory.remember_id((issuer, jti), (exp - 300.0, exp), Reckoning { slowest: now, set_back: None })
    }

    #[test]
    fn an_id_is_taken_once_until_its_token_has_expired() {
        let memory = Memory::for_one_of(1);
        assert_eq!(remember(&memory, "a", "1", 1_000.0, 900.0), Remembered::New);
        assert_eq!(remember(&memory, "a", "1", 1_000.0, 901.0), Remembered::Replayed);
        // The same id of another issuer, and an id that only looks the same when run together.
        assert_eq!(remember(&memory, "b", "1", 1_000.0, 901.0), Remembered::New);
        assert_eq!(remember(&memory, "a1", "", 1_000.0, 901.0), Remembered::New);
        // The last second in which the token would be taken: exp + leeway.
        assert_eq!(remember(&memory, "a", "1", 1_000.0, 1_059.9), Remembered::Replayed);
        assert_eq!(remember(&memory, "a", "1", 9_000.0, 1_200.0), Remembered::New);
    }

    #[test]
    fn a_full_memory_takes_nothing_and_has_room_again_when_tokens_expire() {
        let memory = Memory::with_room(PARTS);
        let outcomes: Vec<Remembered> =
            (0..200).map(|i| remember(&memory, "a", &i.to_string(), 1_000.0, 900.0)).collect();
        assert_eq!(outcomes.iter().filter(|it| **it == Remembered::New).count(), PARTS);
        assert!(outcomes.contains(&Remembered::Full));
        assert_eq!(remember(&memory, "a", "later", 9_000.0, 8_000.0), Remembered::New);
    }

    #[test]
    fn of_tokens_from_before_a_step_back_those_that_may_be_forgotten_are_refused() {
        let memory = Memory::with_room(200);
        assert_eq!(remember(&memory, "a", "1", 1_000.0, 900.0), Remembered::New);
        // Every part has to forget, whichever holds the id.
        for i in 0..200 {
            remember(&memory, "a", &format!("later {i}"), 9_000.0, 2_000.0);
        }
        let back = Reckoning { slowest: 900.0, set_back: Some(900.0) };
        let again = |jti: &str, iat: f64| memory.remember_id(("a", jti), (iat, iat + 300.0), back);
        assert_eq!(again("1", 700.0), Remembered::Replayed);
        assert_eq!(again("issued since", 900.0), Remembered::New);
        assert_eq!(again("issued since", 900.0), Remembered::Replayed);
    }

    #[test]
    fn an_id_that_is_first_seen_in_the_last_second_of_the_leeway_is_new() {
        let memory = Memory::for_one_of(1);
        for now in [900.0, 1_059.9] {
            for i in 0..200 {
                assert_eq!(remember(&memory, "a", &format!("{i} at {now}"), 1_000.0, now), Remembered::New);
            }
        }
    }

    #[test]
    fn the_memory_of_a_client_is_its_share_and_never_too_small() {
        for (clients, room) in [(0, MOST), (1, MOST), (4, MOST / 4), (1_000, LEAST)] {
            assert_eq!(Memory::for_one_of(clients).most_of_a_part * PARTS, room, "{clients}");
        }
    }

    #[test]
    fn of_many_at_once_one_is_new() {
        let memory = Memory::for_one_of(1);
        let new = std::thread::scope(|scope| {
            let tries: Vec<_> =
                (0..16).map(|_| scope.spawn(|| remember(&memory, "a", "1", 1_000.0, 900.0))).collect();
            tries.into_iter().map(|it| it.join().unwrap()).filter(|it| *it == Remembered::New).count()
        });
        assert_eq!(new, 1);
    }
}
