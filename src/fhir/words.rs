//! The explicit word table for text without a known code (guideline.md section 2).
//!
//! Text is read word by word, without regard to case. English first; other languages only where a word cannot be
//! mistaken for an English one. A doubtful phrase is not recognised: the mapper then treats it as unknown.
//!
//! Read here is what an order, a study, a referral, a drug or a body site is about, and the words of a problem that has no
//! code we know; every fact that rests on words says so.

mod consult;
mod dose;
mod drug;
mod imaging;
mod order;
mod problem;
mod spine;
mod stop;
mod triggers;
mod tumour;

pub use consult::consult;
pub use dose::{Scheme, says_external_beam, scheme, technique};
pub use drug::{
    antineoplastic, bisphosphonate, corticosteroid, local_use, may_name_drug, not_taken,
    osteoporosis_denosumab, other_bone_agent, zoledronic_acid,
};
pub use imaging::{ImagingText, begins_with_imaging, imaging, names_imaging, names_mri, names_t1, names_t2};
pub use order::{other_bone, other_part, radiotherapy, referral, spine_surgery};
pub use problem::problem;
pub use spine::{levels, names_spine, regions};
pub use stop::{Stop, stop};

use engine::domain::{Limb, Side};
use std::cell::RefCell;
use triggers::{Part, Triggers};

/// The side that a text names; left and right together are both sides.
pub fn side(text: &str) -> Option<Side> {
    let words = Words::of(text);
    let names =
        |list: &[&str]| (0..words.len()).any(|i| words.is(i, list) && !words.is_at(i, 1, SIDE_NOT_BEFORE));
    let left =
        names(&["left", "linke", "linken", "linkes", "linksseitig", "gauche", "izquierda", "izquierdo"]);
    let right =
        names(&["right", "rechts", "rechte", "rechten", "rechtes", "rechtsseitig", "derecha", "derecho"]);
    let both =
        names(&["both", "bilateral", "bilaterally", "bilaterale", "beidseits", "beidseitig", "tweezijdig"]);
    match (left, right) {
        _ if both => Some(Side::Both),
        (true, true) => Some(Side::Both),
        (true, false) => Some(Side::Left),
        (false, true) => Some(Side::Right),
        (false, false) => None,
    }
}

/// What follows "left" or "right" when no side is meant.
const SIDE_NOT_BEFORE: &[&str] = &["away", "now", "against", "hospital", "without", "the", "untreated"];

/// The limb that a text names; `None` when it names an arm and a leg, or neither.
pub fn limb(text: &str) -> Option<Limb> {
    let words = Words::of(text);
    let limb_word = &["limb", "limbs", "extremity", "extremities"];
    let mut arm = false;
    let mut leg = false;
    for i in 0..words.len() {
        let other_meaning = words.is_at(i, -1, &["other", "treatment", "study", "control", "trial"]);
        arm |= words.is(i, ARM) && !other_meaning || words.is(i, &["upper"]) && words.is_at(i, 1, limb_word);
        leg |= words.is(i, LEG) || words.is(i, &["lower"]) && words.is_at(i, 1, limb_word);
    }
    match (arm, leg) {
        (true, false) => Some(Limb::Arm),
        (false, true) => Some(Limb::Leg),
        _ => None,
    }
}

const ARM: &[&str] =
    &["arm", "arms", "forearm", "hand", "hands", "finger", "fingers", "wrist", "brazo", "brazos"];
const LEG: &[&str] = &[
    "leg", "legs", "foot", "feet", "thigh", "thighs", "calf", "ankle", "toe", "toes", "bein", "beine",
    "jambe", "jambes", "pierna", "piernas",
];

/// A text as its words.
struct Words {
    words: Vec<Word>,
    /// Set where nothing is read and what a table asks for is written down ([`Triggers::of_table`]).
    asked: Option<RefCell<Triggers>>,
}

struct Word {
    /// Lower case, umlauts written out: "ae", "oe", "ue", "ss".
    text: String,
    /// Written in capitals only.
    capitals: bool,
    /// What stands between the word before and this one.
    gap: Gap,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    Dash,
    Slash,
    Other,
}

/// A word in lower case with its umlauts written out, as a part of the charts writes them.
fn written_out(word: String) -> String {
    if word.is_ascii() {
        return word;
    }
    let mut out = String::with_capacity(word.len() + 2);
    for c in word.chars() {
        match c {
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            _ => out.push(c),
        }
    }
    out
}

impl Words {
    fn of(text: &str) -> Self {
        // An umlaut that is made of a vowel and a combining mark is one, too.
        if text.contains('\u{308}') {
            return Self::of(&text.replace('\u{308}', "e"));
        }
        let mut words = Vec::new();
        let mut gap = Gap::Other;
        for piece in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
            let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
            if !word.is_empty() {
                let capitals = !word.chars().any(char::is_lowercase);
                words.push(Word { text: written_out(word.to_lowercase()), capitals, gap });
                gap = Gap::Other;
            }
            match piece.chars().next_back() {
                Some('-' | '\u{2010}'..='\u{2014}') => gap = Gap::Dash,
                Some('/') => gap = Gap::Slash,
                _ => {}
            }
        }
        Self { words, asked: None }
    }

    fn len(&self) -> usize {
        self.words.len()
    }

    fn get(&self, i: usize) -> Option<&Word> {
        self.words.get(i)
    }

    /// Writes down, where that is wanted, that a table asks for words like these.
    fn ask<'a>(&self, part: Part, asked: impl IntoIterator<Item = &'a &'a str>) {
        if let Some(triggers) = &self.asked {
            asked.into_iter().for_each(|name| triggers.borrow_mut().add(part, name));
        }
    }

    /// The word at a place; empty beyond the end. A table that compares it by itself does so after a word was found by one of
    /// the ways below.
    fn text(&self, i: usize) -> &str {
        debug_assert!(
            self.asked.is_none(),
            "a table of words looks at a text in a way that is not written down"
        );
        self.word(i)
    }

    fn word(&self, i: usize) -> &str {
        self.get(i).map_or("", |w| w.text.as_str())
    }

    /// Whether the word at a place is in the list.
    fn is(&self, i: usize, list: &[&str]) -> bool {
        self.ask(Part::Whole, list);
        self.get(i).is_some_and(|w| list.contains(&w.text.as_str()))
    }

    /// Whether the word so many places away is in the list.
    fn is_at(&self, i: usize, offset: isize, list: &[&str]) -> bool {
        i.checked_add_signed(offset).is_some_and(|i| self.is(i, list))
    }

    /// Whether any word begins like one of the list.
    fn begins(&self, starts: &[&str]) -> bool {
        self.ask(Part::Start, starts);
        self.words.iter().any(|word| starts.iter().any(|start| word.text.starts_with(start)))
    }

    /// Whether any word ends like one of the list.
    fn ends(&self, ends: &[&str]) -> bool {
        self.ask(Part::End, ends);
        self.words.iter().any(|word| ends.iter().any(|end| word.text.ends_with(end)))
    }

    /// Whether any word has one of the list in it.
    fn holds(&self, parts: &[&str]) -> bool {
        self.ask(Part::Within, parts);
        self.words.iter().any(|word| parts.iter().any(|part| word.text.contains(part)))
    }

    /// Whether the words of a phrase follow one another.
    fn phrase(&self, phrase: &[&str]) -> bool {
        self.ask(Part::Whole, phrase.first());
        (0..self.len()).any(|i| phrase.iter().enumerate().all(|(k, word)| self.word(i + k) == *word))
    }

    /// Whether any word is in the list.
    fn any(&self, list: &[&str]) -> bool {
        (0..self.len()).any(|i| self.is(i, list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_named_or_not() {
        let cases = [
            ("Weakness of left leg", Some(Side::Left)),
            ("RIGHT", Some(Side::Right)),
            ("right and left", Some(Side::Both)),
            ("Bilateral sciatica", Some(Side::Both)),
            ("both legs", Some(Side::Both)),
            ("linkes Bein", Some(Side::Left)),
            ("jambe gauche", Some(Side::Left)),
            ("left and right", Some(Side::Both)),
            ("needs MRI right away", None),
            ("patient left the ward", None),
            ("cleft lip", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(side(text), expected, "{text}");
        }
    }

    #[test]
    fn a_limb_is_named_or_not() {
        let cases = [
            ("Weakness of left leg", Some(Limb::Leg)),
            ("Foot drop", Some(Limb::Leg)),
            ("weakness of lower extremities", Some(Limb::Leg)),
            ("Lower limb structure", Some(Limb::Leg)),
            ("upper limb numbness", Some(Limb::Arm)),
            ("numb hand", Some(Limb::Arm)),
            ("arms and legs", None),
            ("on the other hand", None),
            ("randomised to treatment arm", None),
            ("lower back pain", None),
            ("legal guardian", None),
        ];
        for (text, expected) in cases {
            assert_eq!(limb(text), expected, "{text}");
        }
    }
}
