//! The memory of token ids: each (`iss`, `jti`) is taken once (SEC-15).
//!
//! Ids are kept as digests until their token has expired, in bounded memory. A full memory takes no further token: a
//! forgotten id would let a token in twice. Absent on purpose: whether the token holds; it is remembered only after.

use super::token::LEEWAY;
use aws_lc_rs::digest;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// Parts of the memory, so that calls seldom wait for each other.
const PARTS: usize = 16;
/// Most ids in all: with a life of five minutes, 2,700 calls a second.
const MOST: usize = 1 << 20;

/// What became of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remembered {
    /// New, and known from now on.
    New,
    /// Known already.
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
}

/// The memory of one process.
pub(super) struct Memory {
    parts: Vec<Mutex<Part>>,
    most_of_a_part: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Self::with_room(MOST)
    }
}

impl Memory {
    fn with_room(most: usize) -> Self {
        Self { parts: (0..PARTS).map(|_| Mutex::default()).collect(), most_of_a_part: most.div_ceil(PARTS) }
    }

    /// Takes an id; times in seconds since 1970.
    pub(super) fn remember(&self, issuer: &str, jti: &str, exp: f64, now: f64) -> Remembered {
        let id = digest_of(issuer, jti);
        let part = usize::try_from(id % PARTS as u128).unwrap_or_default();
        let Some(part) = self.parts.get(part) else { return Remembered::Full };
        // Whoever panicked with the lock left whole entries.
        let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
        part.forget_before(minute(now));
        if part.until.contains_key(&id) {
            return Remembered::Replayed;
        }
        if part.until.len() >= self.most_of_a_part {
            return Remembered::Full;
        }
        let until = minute(exp + LEEWAY);
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
            for id in entry.remove() {
                self.until.remove(&id);
            }
        }
    }
}

fn minute(seconds: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the cast saturates, and only finite times come here"
    )]
    let minute = (seconds / 60.0).floor() as i64;
    minute
}

/// Issuer and id with the length of the first before it, so that no two pairs look alike.
fn digest_of(issuer: &str, jti: &str) -> Digest {
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

    #[test]
    fn an_id_is_taken_once_until_its_token_has_expired() {
        let memory = Memory::default();
        assert_eq!(memory.remember("a", "1", 1_000.0, 900.0), Remembered::New);
        assert_eq!(memory.remember("a", "1", 1_000.0, 901.0), Remembered::Replayed);
        // The same id of another issuer, and an id that only looks the same when run together.
        assert_eq!(memory.remember("b", "1", 1_000.0, 901.0), Remembered::New);
        assert_eq!(memory.remember("a1", "", 1_000.0, 901.0), Remembered::New);
        // The last second in which the token would be taken: exp + leeway.
        assert_eq!(memory.remember("a", "1", 1_000.0, 1_059.9), Remembered::Replayed);
        assert_eq!(memory.remember("a", "1", 9_000.0, 1_200.0), Remembered::New);
    }

    #[test]
    fn a_full_memory_takes_nothing_and_has_room_again_when_tokens_expire() {
        let memory = Memory::with_room(PARTS);
        let outcomes: Vec<Remembered> =
            (0..200).map(|i| memory.remember("a", &i.to_string(), 1_000.0, 900.0)).collect();
        assert_eq!(outcomes.iter().filter(|it| **it == Remembered::New).count(), PARTS);
        assert!(outcomes.contains(&Remembered::Full));
        assert_eq!(memory.remember("a", "later", 9_000.0, 8_000.0), Remembered::New);
    }

    #[test]
    fn of_many_at_once_one_is_new() {
        let memory = Memory::default();
        let new = std::thread::scope(|scope| {
            let tries: Vec<_> =
                (0..16).map(|_| scope.spawn(|| memory.remember("a", "1", 1_000.0, 900.0))).collect();
            tries.into_iter().map(|it| it.join().unwrap()).filter(|it| *it == Remembered::New).count()
        });
        assert_eq!(new, 1);
    }
}
