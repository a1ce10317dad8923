//! The spine, its regions and its levels, as words.

use super::{Gap, Words};
use engine::domain::{Level, Levels, Region, Regions};

/// The vertebral levels that a text names: "T8", "T7-T9", "C5-7", "Th12", "BWK 8", "third lumbar vertebra".
///
/// T1 to T4 beside words of tumour stages or of the thyroid gland are no levels, T1 and T2 beside words of magnetic
/// resonance are sequences, unless they are an end of a longer range.
pub fn levels(text: &str) -> Levels {
    levels_of(&Words::of(text))
}

/// The regions that a text names, by words or by levels. Empty when it names none, even if it names the spine.
///
/// A region adjective counts only where the text names the spine: "thoracic" alone is a chest, "cervical" a neck.
pub fn regions(text: &str) -> Regions {
    regions_of(&Words::of(text))
}

/// Whether a text names the spine, a region of it, or a vertebral level.
pub fn names_spine(text: &str) -> bool {
    let words = Words::of(text);
    spine_of(&words) || !levels_of(&words).is_empty()
}

/// Words that name the spine by themselves, with the region that they say.
const SPINE: &[(&str, Option<Region>)] = &[
    ("spine", None),
    ("spinal", None),
    ("spines", None),
    ("spn", None),
    ("vertebra", None),
    ("vertebrae", None),
    ("vertebral", None),
    ("intervertebral", None),
    ("paraspinal", None),
    ("panspine", None),
    ("wirbelsaeule", None),
    ("wirbelkoerper", None),
    ("ganzwirbelsaeule", None),
    ("rachis", None),
    ("vertébrale", None),
    ("vertébral", None),
    ("wervelkolom", None),
    ("wervel", None),
    ("cspine", Some(Region::Cervical)),
    ("hws", Some(Region::Cervical)),
    ("hwk", Some(Region::Cervical)),
    ("halswirbelsaeule", Some(Region::Cervical)),
    ("tspine", Some(Region::Thoracic)),
    ("bws", Some(Region::Thoracic)),
    ("bwk", Some(Region::Thoracic)),
    ("brustwirbelsaeule", Some(Region::Thoracic)),
    ("lspine", Some(Region::Lumbar)),
    ("lws", Some(Region::Lumbar)),
    ("lwk", Some(Region::Lumbar)),
    ("lendenwirbelsaeule", Some(Region::Lumbar)),
    ("lumbar", Some(Region::Lumbar)),
    ("lumbosacral", Some(Region::Lumbar)),
    ("sacrum", Some(Region::Sacral)),
];

/// Words that name a region where the spine is named too.
const REGION: &[(&str, &[Region])] = &[
    ("cervical", &[Region::Cervical]),
    ("cervicale", &[Region::Cervical]),
    ("thoracic", &[Region::Thoracic]),
    ("thoracal", &[Region::Thoracic]),
    ("dorsal", &[Region::Thoracic]),
    ("thor", &[Region::Thoracic]),
    ("cerv", &[Region::Cervical]),
    ("lumb", &[Region::Lumbar]),
    ("lumbar", &[Region::Lumbar]),
    ("lumbal", &[Region::Lumbar]),
    ("lombaire", &[Region::Lumbar]),
    ("sacral", &[Region::Sacral]),
    ("lumbosacral", &[Region::Lumbar, Region::Sacral]),
    ("cervicothoracic", &[Region::Cervical, Region::Thoracic]),
    ("cervicodorsal", &[Region::Cervical, Region::Thoracic]),
    ("thoracolumbar", &[Region::Thoracic, Region::Lumbar]),
    ("dorsolumbar", &[Region::Thoracic, Region::Lumbar]),
    ("thoracolumbosacral", &[Region::Thoracic, Region::Lumbar, Region::Sacral]),
    ("cervicothoracolumbar", &[Region::Cervical, Region::Thoracic, Region::Lumbar]),
];

/// Letters before a word of the spine: "C-spine", "T and L spine", "CTL spine".
const LETTERS: &[(&str, &[Region])] = &[
    ("c", &[Region::Cervical]),
    ("t", &[Region::Thoracic]),
    ("d", &[Region::Thoracic]),
    ("l", &[Region::Lumbar]),
    ("s", &[Region::Sacral]),
    ("tl", &[Region::Thoracic, Region::Lumbar]),
    ("ls", &[Region::Lumbar, Region::Sacral]),
    ("ctl", &[Region::Cervical, Region::Thoracic, Region::Lumbar]),
    ("tls", &[Region::Thoracic, Region::Lumbar, Region::Sacral]),
    ("ctls", &[Region::Cervical, Region::Thoracic, Region::Lumbar, Region::Sacral]),
];

/// What follows a region or spine word when something else is meant.
const NOT_BEFORE: &[&str] = &[
    "accessory",
    "anaesthesia",
    "anesthesia",
    "aorta",
    "artery",
    "arteries",
    "cancer",
    "carcinoma",
    "cavity",
    "drain",
    "duct",
    "fluid",
    "lymph",
    "muscular",
    "needle",
    "node",
    "nodes",
    "outlet",
    "plexus",
    "puncture",
    "smear",
    "surgeon",
    "surgery",
    "sympathectomy",
    "tap",
];
/// What precedes "spine" when a process of another bone is meant.
const NOT_AFTER: &[&str] = &["iliac", "ischial", "nasal", "scapular", "tibial"];
const WHOLE: &[&str] = &[
    "whole",
    "entire",
    "total",
    "full",
    "complete",
    "pan",
    "gesamte",
    "gesamten",
    "gesamt",
    "komplett",
    "komplette",
    "kompletten",
    "entier",
    "hele",
];

fn spine_word(words: &Words, i: usize) -> Option<Option<Region>> {
    if words.is_at(i, 1, NOT_BEFORE) || words.is_at(i, -1, NOT_AFTER) {
        return None;
    }
    SPINE.iter().find(|(word, _)| *word == words.text(i)).map(|(_, region)| *region)
}

pub(super) fn spine_of(words: &Words) -> bool {
    (0..words.len()).any(|i| spine_word(words, i).is_some())
}

pub(super) fn regions_of(words: &Words) -> Regions {
    let mut found = region_of_levels(levels_of(words));
    if !spine_of(words) {
        return found;
    }
    for i in 0..words.len() {
        if let Some(named) = spine_word(words, i) {
            found = found.with(named.map_or(Regions::NONE, Regions::of)).with(letters_before(words, i));
            if is_whole(words, i) {
                found = found.with(Regions::WHOLE);
            }
        }
        if words.is_at(i, 1, NOT_BEFORE) {
            continue;
        }
        if let Some((_, regions)) = REGION.iter().find(|(word, _)| *word == words.text(i)) {
            found = all(regions, found);
        }
    }
    found
}

fn all(regions: &[Region], with: Regions) -> Regions {
    regions.iter().fold(with, |found, region| found.with(Regions::of(*region)))
}

/// "whole spine", "entire vertebral column", "spine, whole", "complete cervical, thoracic" (which is not whole).
fn is_whole(words: &Words, spine: usize) -> bool {
    let word = words.text(spine);
    matches!(word, "panspine" | "ganzwirbelsaeule")
        || words.is_at(spine, -1, WHOLE)
        || words.is_at(spine, 1, WHOLE)
        || words.is_at(spine, 1, &["column", "axis"]) && words.is_at(spine, 2, WHOLE)
}

/// The regions of the letters that stand before a word of the spine.
fn letters_before(words: &Words, spine: usize) -> Regions {
    let mut found = Regions::NONE;
    for i in (0..spine).rev() {
        if let Some((_, regions)) = LETTERS.iter().find(|(letter, _)| *letter == words.text(i)) {
            found = all(regions, found);
        } else if !words.is(i, &["and", "spine"]) {
            break;
        }
    }
    found
}

fn region_of_levels(levels: Levels) -> Regions {
    levels.iter().fold(Regions::NONE, |found, level| {
        let region = match level.number() {
            ..=7 => Region::Cervical,
            8..=19 => Region::Thoracic,
            20..=24 => Region::Lumbar,
            _ => Region::Sacral,
        };
        found.with(Regions::of(region))
    })
}

const MR_WORDS: &[&str] = &[
    "mri",
    "mr",
    "mrt",
    "irm",
    "magnetic",
    "weighted",
    "sequence",
    "sequences",
    "stir",
    "flair",
    "tse",
    "fse",
    "t1w",
    "t2w",
];
/// Words beside which T1 to T4 are stages or hormones.
const OTHER_T: &[&str] = &[
    "n0",
    "n1",
    "n2",
    "n3",
    "nx",
    "n1a",
    "n1b",
    "n2a",
    "n2b",
    "n2c",
    "m0",
    "m1",
    "mx",
    "m1a",
    "m1b",
    "m1c",
    "tnm",
    "category",
    "stage",
    "thyroxine",
    "thyroid",
    "tsh",
    "free",
];
const ORDINALS: &[&str] = &[
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
];

pub(super) fn levels_of(words: &Words) -> Levels {
    let magnetic = words.any(MR_WORDS);
    let no_level = words.any(OTHER_T);
    let mut found = Levels::NONE;
    let mut i = 0;
    while i < words.len() {
        let Some((region, from)) = level_at(words, i) else {
            i += 1;
            continue;
        };
        let range = range_end(words, i, region);
        let ends = [Some(from), range.map(|(to, _, _)| to)];
        let sequence = |l: &Level| region == Region::Thoracic && matches!(l.number(), 8 | 9);
        let doubtful = magnetic && ends.iter().flatten().all(sequence)
            || no_level && region == Region::Thoracic && from.number() <= 11 && range.is_none();
        let cycle = words.is_at(i, 1, &["day", "d1", "d8", "d15"]);
        if !doubtful && !cycle {
            found = match range {
                Some((to, Gap::Slash, _)) => found.with(from).with(to),
                Some((to, _, _)) => found.union(Levels::range(from, to)),
                None => found.with(from),
            };
        }
        i = range.map_or(i, |(_, _, last)| last) + 1;
    }
    found
}

/// The level that begins at a word. Two words ("BWK 8", "third lumbar") count where they begin.
fn level_at(words: &Words, i: usize) -> Option<(Region, Level)> {
    let word = words.text(i);
    if let Some(ordinal) = ORDINALS.iter().position(|o| *o == word) {
        let region = match words.text(i + 1) {
            "cervical" => Region::Cervical,
            "thoracic" | "dorsal" => Region::Thoracic,
            "lumbar" => Region::Lumbar,
            "sacral" => Region::Sacral,
            _ => return None,
        };
        return Some((region, Level::in_region(region, u8::try_from(ordinal).ok()? + 1)?));
    }
    let (region, digits) = match word {
        "hwk" => (Region::Cervical, words.text(i + 1)),
        "bwk" => (Region::Thoracic, words.text(i + 1)),
        "lwk" => (Region::Lumbar, words.text(i + 1)),
        _ => split_level(word)?,
    };
    Some((region, numbered(region, digits)?))
}

fn split_level(word: &str) -> Option<(Region, &str)> {
    let prefixes = [
        ("hwk", Region::Cervical),
        ("bwk", Region::Thoracic),
        ("lwk", Region::Lumbar),
        ("th", Region::Thoracic),
        ("c", Region::Cervical),
        ("t", Region::Thoracic),
        ("l", Region::Lumbar),
        ("s", Region::Sacral),
    ];
    prefixes.iter().find_map(|(prefix, region)| Some((*region, word.strip_prefix(prefix)?)))
}

fn numbered(region: Region, digits: &str) -> Option<Level> {
    let plain = matches!(digits.len(), 1 | 2) && digits.bytes().all(|b| b.is_ascii_digit());
    Level::in_region(region, digits.parse().ok().filter(|_| plain)?)
}

/// The other end of a range that begins at a word, what joins them, and its last word.
fn range_end(words: &Words, from: usize, region: Region) -> Option<(Level, Gap, usize)> {
    let next = from + 1;
    if words.is(next, &["to", "through", "bis"]) {
        return Some((level_at(words, next + 1)?.1, Gap::Dash, next + 1));
    }
    let gap = words.get(next)?.gap;
    if gap == Gap::Other {
        return None;
    }
    let to = level_at(words, next).map(|(_, level)| level).or_else(|| numbered(region, words.text(next)))?;
    Some((to, gap, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> String {
        levels(text).iter().map(|l| l.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn levels_are_read() {
        let cases = [
            ("T8", "T8"),
            ("L1 vertebra", "L1"),
            ("T7-T9", "T7 T8 T9"),
            ("T7–9", "T7 T8 T9"),
            ("Th12", "T12"),
            ("T7 to T9", "T7 T8 T9"),
            ("C7/T1", "C7 T1"),
            ("L5-S1", "L5 S1"),
            ("T4/T8", "T4 T8"),
            ("T4, T8 and L2", "T4 T8 L2"),
            ("BWK 8", "T8"),
            ("LWK3", "L3"),
            ("Structure of body of eighth thoracic vertebra", "T8"),
            ("vertebra C2", "C2"),
            ("T1", "T1"),
            ("MRI T1-T4", "T1 T2 T3 T4"),
            ("MRI spine T1 and T2", ""),
            ("T1-weighted", ""),
            ("cT3 N1 M0", ""),
            ("T4 N2 lung cancer", ""),
            ("Free T4", ""),
            ("T1 category", ""),
            ("T13", ""),
            ("C50.9", ""),
            ("C1 day 1", ""),
            ("L6", ""),
            ("S1T", ""),
            ("T008", ""),
            ("x2 T", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(named(text), expected, "{text}");
        }
    }

    #[test]
    fn the_spine_is_named_or_not() {
        let yes = [
            "spine",
            "Lumbar spine",
            "T8",
            "vertebral column",
            "C-spine",
            "sacrum",
            "MRI lumbar",
            "Wirbelsäule",
            "rachis lombaire",
            "Spinal canal",
            "L-spine",
        ];
        let no = [
            "breast",
            "cervical cancer",
            "thoracic outlet",
            "lumbar puncture",
            "lumbar plexus",
            "iliac spine",
            "spinal tap",
            "chest",
            "thoracic",
            "vertebral artery",
            "inspine",
            "",
        ];
        for text in yes {
            assert!(names_spine(text), "{text}");
        }
        for text in no {
            assert!(!names_spine(text), "{text}");
        }
    }

    #[test]
    fn regions_are_read() {
        use Region::{Cervical as C, Lumbar as L, Sacral as S, Thoracic as T};
        let cases: &[(&str, &[Region])] = &[
            ("whole spine", &[C, T, L]),
            ("Spine, entire", &[C, T, L]),
            ("total vertebral column", &[C, T, L]),
            ("vertebral column whole", &[C, T, L]),
            ("full spine", &[C, T, L]),
            ("gesamte Wirbelsäule", &[C, T, L]),
            ("rachis entier", &[C, T, L]),
            ("cervical, thoracic and lumbar spine", &[C, T, L]),
            ("C, T and L spine", &[C, T, L]),
            ("CTL-spine", &[C, T, L]),
            ("C1-L5", &[C, T, L]),
            ("thoracolumbar spine", &[T, L]),
            ("T-spine and L-spine", &[T, L]),
            ("dorsal spine", &[T]),
            ("lumbosacral spine", &[L, S]),
            ("lumbar", &[L]),
            ("LWS", &[L]),
            ("T8", &[T]),
            ("sacrum", &[S]),
            ("spine", &[]),
            ("CT spine", &[]),
            ("cervical nodes, lumbar spine", &[L]),
            ("thoracic aorta", &[]),
            ("cervical", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(regions(text).iter().collect::<Vec<_>>(), *expected, "{text}");
        }
    }
}
