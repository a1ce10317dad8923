//! CodeableConcepts, and the body sites that they name.
//!
//! Deliberately absent: which fact a concept makes.

use super::codes::{ConceptSet, ValueSets};
use super::concept::Concept;
use super::levels::level_of;
use super::reader::{Object, items, text};
use super::words;
use engine::domain::{Level, Levels, Limb, Region, Regions, Side};
use json::{Json, is_empty};
use std::borrow::Cow;

/// Longest label, in characters.
const LABEL: usize = 80;
/// How much of a text is searched for words, in bytes: the name of a finding or a site is short.
const SEARCHED: usize = 500;

/// One coding.
#[derive(Debug)]
pub(super) struct Coding<'a> {
    pub(super) system: Option<Cow<'a, str>>,
    pub(super) code: Option<Cow<'a, str>>,
    pub(super) display: Option<Cow<'a, str>>,
    /// What the value sets make of it.
    pub(super) concepts: ConceptSet,
}

/// A CodeableConcept.
#[derive(Debug, Default)]
pub(super) struct Coded<'a> {
    pub(super) codings: Vec<Coding<'a>>,
    pub(super) text: Option<Cow<'a, str>>,
    /// The concepts of all codings together.
    pub(super) concepts: ConceptSet,
    /// A part of it had the wrong type.
    pub(super) malformed: bool,
}

impl<'a> Coded<'a> {
    /// Reads it; `None` when it is not an object.
    pub(super) fn read(raw: Json<'a>, value_sets: &ValueSets) -> Option<Self> {
        let object = Object::read(raw)?;
        let mut coded = Self::default();
        coded.text = coded.part(&object, "text");
        for raw in object.get("coding").map(items).unwrap_or_default() {
            let Some(coding) = Object::read(raw) else {
                coded.malformed = true;
                continue;
            };
            coded.push(&coding, value_sets);
        }
        Some(coded)
    }

    /// A lone Coding, as where a datatype of one coding is used instead of a CodeableConcept.
    pub(super) fn of_coding(coding: &Object<'a>, value_sets: &ValueSets) -> Self {
        let mut coded = Self::default();
        coded.push(coding, value_sets);
        coded
    }

    fn push(&mut self, coding: &Object<'a>, value_sets: &ValueSets) {
        let system = self.part(coding, "system");
        let code = self.part(coding, "code");
        let display = self.part(coding, "display");
        let concepts = match &code {
            Some(code) => value_sets.concepts(system.as_deref(), code),
            None => ConceptSet::NONE,
        };
        self.concepts = self.concepts.union(concepts);
        self.codings.push(Coding { system, code, display, concepts });
    }

    fn part(&mut self, object: &Object<'a>, name: &str) -> Option<Cow<'a, str>> {
        let raw = object.raw(name)?;
        let part = text(raw);
        // A blank string is absent, anything else that is no string is malformed.
        self.malformed |= part.is_none() && !raw.is_string() && !is_empty(raw);
        part
    }

    /// Whether any coding has one of these concepts.
    pub(super) fn has_any(&self, concepts: &[Concept]) -> bool {
        concepts.iter().any(|concept| self.concepts.has(*concept))
    }

    /// The codes, in no particular order.
    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        self.codings.iter().filter_map(|coding| coding.code.as_deref())
    }

    /// What people read: the text and the displays. The displays are sorted, so that the order of codings does not
    /// matter.
    pub(super) fn wordings(&self) -> Vec<&str> {
        let mut displays: Vec<&str> = self.codings.iter().filter_map(|c| c.display.as_deref()).collect();
        displays.sort_unstable();
        displays.dedup();
        self.text.as_deref().into_iter().chain(displays).map(beginning).collect()
    }

    /// How the chart words it: text, else a display (of a known code if there is one), else a code.
    pub(super) fn label(&self) -> String {
        // The choice must not depend on the order of codings: known codes first, then alphabetically.
        let displays =
            self.codings.iter().filter_map(|c| Some((c.concepts.is_empty(), c.display.as_deref()?)));
        let codes = self.codings.iter().filter_map(|c| Some((c.concepts.is_empty(), c.code.as_deref()?)));
        let wording = self.text.as_deref().or_else(|| displays.min().map(|(_, display)| display));
        shorten(wording.or_else(|| codes.min().map(|(_, code)| code)).unwrap_or_default())
    }

    /// The levels that its codes name.
    fn levels(&self) -> Levels {
        let named = self.codings.iter().filter_map(|c| level_of(c.system.as_deref(), c.code.as_deref()?));
        named.fold(Levels::NONE, Levels::with)
    }
}

/// On one line and in reading order: control, separator and direction characters become spaces.
fn one_line(text: &str) -> String {
    let plain = |c: char| {
        let turns = matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        let breaks = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}');
        if turns || breaks { ' ' } else { c }
    };
    text.chars().take(4 * LABEL).map(plain).collect()
}

/// At most [`LABEL`] characters; what is cut ends in an ellipsis.
pub(super) fn shorten(text: &str) -> String {
    let text = one_line(text);
    if text.chars().nth(LABEL).is_none() {
        return text;
    }
    let mut short: String = text.chars().take(LABEL - 1).collect();
    short.push('…');
    short
}

/// As much of a text as is searched.
pub(super) fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(SEARCHED)).unwrap_or(text)
}

/// The region of a level; the occiput goes with the neck.
fn region_of(level: Level) -> Region {
    match level.number() {
        0..=7 => Region::Cervical,
        8..=19 => Region::Thoracic,
        20..=24 => Region::Lumbar,
        _ => Region::Sacral,
    }
}

/// Where in the body, as far as the guideline asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct BodySite {
    /// Anything at all is said.
    pub(super) stated: bool,
    /// The spine or a part of it is named.
    pub(super) spine: bool,
    /// A vertebra or the vertebral column is named: the cord, its coverings and the canal are not enough.
    pub(super) vertebral: bool,
    /// Regions named, those of the levels included.
    pub(super) regions: Regions,
    /// Levels named.
    pub(super) levels: Levels,
    /// Side named.
    pub(super) side: Option<Side>,
    /// A bone is named that is no vertebra, or a place by a code that we do not know.
    pub(super) other_bone: bool,
    arm: bool,
    leg: bool,
}

impl BodySite {
    /// Adds what a body-site CodeableConcept names.
    pub(super) fn add(&mut self, coded: &Coded<'_>) {
        self.stated |= !coded.codings.is_empty() || coded.text.is_some();
        let levels = coded.levels();
        let regions = [
            (Concept::CervicalSite, Region::Cervical),
            (Concept::ThoracicSite, Region::Thoracic),
            (Concept::LumbarSite, Region::Lumbar),
            (Concept::SacralSite, Region::Sacral),
        ];
        for (concept, region) in regions {
            if coded.concepts.has(concept) {
                self.regions = self.regions.with(Regions::of(region));
                self.vertebral = true;
            }
        }
        self.add_levels(levels);
        self.vertebral |= coded.concepts.has(Concept::SpineSite);
        self.spine |= self.vertebral;
        self.add_finding(coded);
        for wording in coded.wordings() {
            self.add_text(wording);
        }
        self.other_bone |= coded.concepts.is_empty() && levels.is_empty() && coded.wordings().is_empty();
    }

    /// Adds what free text about a place in the body names.
    pub(super) fn add_text(&mut self, text: &str) {
        let text = beginning(text);
        self.stated = true;
        self.other_bone |= words::other_bone(text);
        self.add_levels(words::levels(text));
        self.regions = self.regions.with(words::regions(text));
        if words::names_spine(text) {
            self.spine = true;
            self.vertebral |= !inside_the_canal(text);
        }
    }

    /// Adds the side and limb of a finding, which may stand in its code, its displays or its text.
    pub(super) fn add_finding(&mut self, coded: &Coded<'_>) {
        let sides = [
            (Concept::SideLeft, Side::Left),
            (Concept::SideRight, Side::Right),
            (Concept::SideBoth, Side::Both),
        ];
        for (concept, side) in sides {
            if coded.concepts.has(concept) {
                self.side = unite(self.side, Some(side));
            }
        }
        self.arm |= coded.concepts.has(Concept::LimbArm);
        self.leg |= coded.concepts.has(Concept::LimbLeg);
        for wording in coded.wordings() {
            self.side = unite(self.side, words::side(wording));
            // "Arms and legs" name neither as a whole, and both in parts.
            let limbs = match words::limb(wording) {
                Some(limb) => vec![limb],
                None => wording.split([',', '/', ' ']).filter_map(words::limb).collect(),
            };
            self.arm |= limbs.contains(&Limb::Arm);
            self.leg |= limbs.contains(&Limb::Leg);
        }
    }

    /// Adds all that another site names.
    pub(super) fn merge(&mut self, other: &Self) {
        self.stated |= other.stated;
        self.spine |= other.spine;
        self.vertebral |= other.vertebral;
        self.regions = self.regions.with(other.regions);
        self.levels = self.levels.union(other.levels);
        self.side = unite(self.side, other.side);
        self.other_bone |= other.other_bone;
        self.arm |= other.arm;
        self.leg |= other.leg;
    }

    fn add_levels(&mut self, levels: Levels) {
        self.levels = self.levels.union(levels);
        self.vertebral |= !levels.is_empty();
        self.spine |= !levels.is_empty();
        let regions = levels.iter().map(region_of).map(Regions::of);
        self.regions = regions.fold(self.regions, Regions::with);
    }

    /// Whether a limb is named.
    pub(super) const fn names_limb(&self) -> bool {
        self.arm || self.leg
    }

    /// The limb, where just one kind is named.
    pub(super) const fn limb(&self) -> Option<Limb> {
        match (self.arm, self.leg) {
            (true, false) => Some(Limb::Arm),
            (false, true) => Some(Limb::Leg),
            _ => None,
        }
    }
}

/// The cord, the dura and the canal belong to the spine but are no vertebra.
fn inside_the_canal(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["cord", "mening", "dura", "canal", "thecal", "cauda"].iter().any(|word| lower.contains(word))
}

/// Left and right together are both.
pub(super) fn unite(a: Option<Side>, b: Option<Side>) -> Option<Side> {
    match (a, b) {
        (None, side) | (side, None) => side,
        (Some(a), Some(b)) if a == b => Some(a),
        _ => Some(Side::Both),
    }
}
