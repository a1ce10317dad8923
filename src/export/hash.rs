//! The hash that chooses places: the same on every machine and in every version, since shards and spilled parts rely on it.

use aws_lc_rs::digest::{SHA256, digest};
use std::str::FromStr;

/// Parts of a population.
pub(super) const PARTS: usize = 256;
/// Pieces that a part too large for memory is cut into.
pub(super) const PIECES: usize = 16;

/// The first eight bytes of the SHA-256 of a name.
pub(super) fn hash(name: &str) -> u64 {
    let digest = digest(&SHA256, name.as_bytes());
    digest.as_ref().iter().take(8).fold(0, |hash, byte| (hash << 8) | u64::from(*byte))
}

/// The part of a name.
pub(super) fn part(hash: u64) -> usize {
    usize::from(hash.to_le_bytes()[0])
}

/// The piece of a name in a part that is cut for the `depth`-th time: other bits than those of parts and shards.
pub(super) fn piece(hash: u64, depth: u32) -> usize {
    usize::from((hash.rotate_right(8 + 4 * depth) & 0xf) as u8)
}

/// One of several runs that share a population: each takes the patients whose hash falls to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    number: u32,
    of: u32,
}

impl Shard {
    /// All of the population.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Whether this run is the first of those that share the population.
    pub const fn is_first(self) -> bool {
        self.number == 1
    }

    /// Whether a patient (bare id) is one of this run.
    pub fn has(self, patient: &str) -> bool {
        self.takes(hash(patient))
    }

    /// Whether a patient of this hash is one of this run.
    pub(super) fn takes(self, hash: u64) -> bool {
        (hash >> 32) % u64::from(self.of) == u64::from(self.number - 1)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "not a share such as 1/4: number and count, from 1/1 to 65536/65536".to_owned();
        let (number, of) = text.split_once('/').ok_or_else(wrong)?;
        let number: u32 = number.parse().map_err(|_| wrong())?;
        let of: u32 = of.parse().map_err(|_| wrong())?;
        if number == 0 || number > of || of > 65_536 { Err(wrong()) } else { Ok(Self { number, of }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_every_machine_and_version() {
        assert_eq!(hash("patient-1"), 0xcb1a_c7ae_fbcb_d748_u64);
    }

    #[test]
    fn each_patient_falls_to_one_shard_and_shards_are_even() {
        for of in [1, 2, 3, 7] {
            let shards: Vec<Shard> = (1..=of).map(|n| format!("{n}/{of}").parse().unwrap()).collect();
            let mut sizes = vec![0_usize; shards.len()];
            for patient in 0..7_000 {
                let takers: Vec<usize> =
                    (0..shards.len()).filter(|i| shards[*i].takes(hash(&format!("p{patient}")))).collect();
                assert_eq!(takers.len(), 1);
                sizes[takers[0]] += 1;
            }
            let even = 7_000 / shards.len();
            assert!(sizes.iter().all(|size| size.abs_diff(even) < even / 5), "{sizes:?}");
        }
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in ["", "1", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2", "1/65537"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
