//! A quick look at a text before its words are made: is there anything in it that a table of words asks for?
//!
//! Nearly all problems and drugs of a chart name nothing that a rule looks at. A table that finds none of what it asks for
//! first finds nothing at all, so such a text is passed over at the cost of one walk over its bytes. What a table asks for is
//! not written a second time: the table is run once with every answer "no", and its questions are written down.

use super::{Gap, Word, Words};
use std::cell::RefCell;

/// Which part of a word a table asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The word itself.
    Whole,
    /// How it begins.
    Start,
    /// How it ends.
    End,
    /// What stands anywhere in it.
    Within,
}

/// What a text must have for a table to find anything, in a coarse form: the first eight bytes of words, beginnings by their
/// first four bytes or all three, and four bytes of endings and parts. Each list is sorted.
#[derive(Debug, Default)]
pub(super) struct Triggers {
    whole: Vec<u64>,
    starts: Vec<(u32, Box<str>)>,
    short_starts: Vec<u32>,
    ends: Vec<u32>,
    within: Vec<u32>,
    /// A bit for the last byte of each of these.
    within_ends: u32,
    /// A bit for each of them, by its hash: where it is not set, the list need not be searched.
    bits: Bits,
    /// Something is asked for that four bytes do not hold: every text may have it.
    is_open: bool,
}

impl Triggers {
    /// What a table asks for while every answer is "no".
    pub(super) fn of_table(table: impl FnOnce(&Words)) -> Self {
        let word = Word { text: String::new(), capitals: false, gap: Gap::Other };
        let words = Words { words: vec![word], asked: Some(RefCell::default()) };
        table(&words);
        words.asked.map(RefCell::into_inner).unwrap_or_default().sorted()
    }

    /// Names that words begin with.
    pub(super) fn of_starts<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut triggers = Self::default();
        names.into_iter().for_each(|name| triggers.add(Part::Start, name));
        triggers.sorted()
    }

    /// Adds what is asked for; [`Self::sorted`] makes it ready.
    pub(super) fn add(&mut self, part: Part, name: &str) {
        let bytes = name.as_bytes();
        let four = match part {
            Part::Whole => {
                let whole = bytes.iter().take(8).fold(0, eight);
                self.bits.set(whole);
                return self.whole.push(whole);
            }
            Part::Start if bytes.len() == 3 => {
                let short = bytes.iter().fold(0, |short, byte| short << 8 | u32::from(*byte));
                return self.short_starts.push(short);
            }
            Part::Start | Part::Within => bytes.first_chunk::<4>(),
            Part::End => bytes.last_chunk::<4>(),
        };
        let Some(four) = four.map(|four| u32::from_be_bytes(*four)) else {
            self.is_open = true;
            return;
        };
        self.bits.set(four.into());
        match part {
            Part::Start => self.starts.push((four, name.into())),
            Part::End => self.ends.push(four),
            Part::Whole | Part::Within => {
                self.within.push(four);
                self.within_ends |= 1 << (four % 32);
            }
        }
    }

    fn sorted(mut self) -> Self {
        self.whole.sort_unstable();
        self.whole.dedup();
        self.starts.sort_unstable();
        self.starts.dedup();
        for list in [&mut self.short_starts, &mut self.ends, &mut self.within] {
            list.sort_unstable();
            list.dedup();
        }
        self
    }

    /// Whether a text may have what is asked for; "no" is certain. A text with letters beyond ASCII may.
    pub(super) fn may_stand_in(&self, text: &str) -> bool {
        if self.is_open || !text.is_ascii() {
            return true;
        }
        let (mut whole, mut last_four, mut length) = (0_u64, 0_u32, 0_usize);
        for (place, byte) in text.bytes().enumerate() {
            if byte.is_ascii_alphanumeric() {
                let byte = byte.to_ascii_lowercase();
                last_four = last_four << 8 | u32::from(byte);
                if length < 8 {
                    whole = eight(whole, &byte);
                }
                length += 1;
                let asked = match length {
                    0..=2 => false,
                    3 => self.short_starts.contains(&last_four),
                    4 => {
                        self.begins(last_four, text.get(place - 3..).unwrap_or_default())
                            || self.holds(last_four)
                    }
                    _ => self.holds(last_four),
                };
                if asked {
                    return true;
                }
            } else {
                if length > 0 && self.is_word(whole, last_four, length) {
                    return true;
                }
                (whole, last_four, length) = (0, 0, 0);
            }
        }
        length > 0 && self.is_word(whole, last_four, length)
    }

    /// Whether a word that begins with these four bytes, and goes on as the text does, begins like one that is asked for.
    fn begins(&self, four: u32, text: &str) -> bool {
        if !self.bits.may_have(four.into()) {
            return false;
        }
        let from = self.starts.partition_point(|(start, _)| *start < four);
        let same = self.starts.iter().skip(from).take_while(|(start, _)| *start == four);
        let bytes = text.as_bytes();
        same.into_iter().any(|(_, start)| {
            bytes.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start.as_bytes()))
        })
    }

    fn holds(&self, four: u32) -> bool {
        self.within_ends & 1 << (four % 32) != 0 && self.within.contains(&four)
    }

    /// Whether a whole word is asked for, or ends like one.
    fn is_word(&self, whole: u64, last_four: u32, length: usize) -> bool {
        self.bits.may_have(whole) && self.whole.binary_search(&whole).is_ok()
            || length >= 4
                && self.bits.may_have(last_four.into())
                && self.ends.binary_search(&last_four).is_ok()
    }
}

/// 4,096 bits, each for the numbers of one hash.
#[derive(Debug)]
struct Bits([u64; 64]);

impl Default for Bits {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl Bits {
    /// Which of the 64 numbers, and the bit in it: the upper twelve bits of a product with an odd number without a pattern.
    fn place(key: u64) -> (usize, u64) {
        let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52;
        (usize::try_from(hash >> 6).unwrap_or_default(), 1 << (hash & 63))
    }

    fn set(&mut self, key: u64) {
        let (place, bit) = Self::place(key);
        if let Some(bits) = self.0.get_mut(place) {
            *bits |= bit;
        }
    }

    fn may_have(&self, key: u64) -> bool {
        let (place, bit) = Self::place(key);
        self.0.get(place).is_some_and(|bits| bits & bit != 0)
    }
}

/// One more byte of the first eight of a word.
fn eight(before: u64, byte: &u8) -> u64 {
    before << 8 | u64::from(*byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_passed_over_only_where_nothing_of_it_is_asked_for() {
        let table = |words: &Words| {
            _ = words.any(&["pain", "ca", "osteoporosis"])
                || words.begins(&["metasta", "hypesth"])
                || words.ends(&["karzinom"])
                || words.holds(&["radicul"])
                || words.phrase(&["upper", "motor"]);
        };
        let triggers = Triggers::of_table(table);
        for text in [
            "pain",
            "chronic PAIN.",
            "Ca",
            "osteoporosis",
            "osteoporotic",
            "metastases",
            "Hypesthesia of saddle",
            "Mammakarzinom, links",
            "polyradiculitis",
            "upper respiratory infection",
            "r\u{fc}cken",
        ] {
            assert!(triggers.may_stand_in(text), "{text}");
        }
        for text in [
            "",
            "hypertension",
            "painful",
            "cab",
            "karzinome",
            "motor",
            "met",
            "a-b/c?",
            "hypertension, essential",
            "hypes",
            "osteopenia",
        ] {
            assert!(!triggers.may_stand_in(text), "{text}");
        }
        assert!(Triggers::of_starts(["ab"]).may_stand_in("anything"));
        let short = Triggers::of_starts(["mdt"]);
        assert!(short.may_stand_in("the MDTs") && short.may_stand_in("mdt"));
        assert!(!short.may_stand_in("md t") && !short.may_stand_in("amdt") && !short.may_stand_in("md"));
    }
}
