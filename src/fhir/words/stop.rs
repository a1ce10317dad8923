//! Words by which a text does not say that something is there, now, in this patient.
//!
//! There is no attempt at scope: one such word anywhere, and the text makes no fact (guideline.md section 2, "Text").

use super::{Gap, Words};

/// Why a text does not state what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It speaks of the past of this patient: history, remission.
    Past,
    /// It denies, doubts, fears, screens for, or speaks of somebody else.
    Other,
}

/// Whether a text has such a word. Words about somebody else, or of doubt, outweigh words of the past.
pub fn stop(text: &str) -> Option<Stop> {
    let words = Words::of(text);
    let sign = text.contains('?');
    let slashed = |i: usize, first: &str, second: &str| {
        words.text(i) == first
            && words.text(i + 1) == second
            && words.get(i + 1).is_some_and(|word| word.gap == Gap::Slash)
    };
    // "V.a.", "Z. n." and "St.p.", which split into single letters.
    let dotted = |i: usize, first: &str, second: &str| {
        words.text(i) == first
            && words.text(i + 1) == second
            && text.to_lowercase().replace(". ", ".").contains(&format!("{first}.{second}"))
    };
    let any = |test: &dyn Fn(usize) -> bool| (0..words.len()).any(test);
    if sign
        || words.any(OTHER)
        || any(&|i| OTHER_BEGINNINGS.iter().any(|start| words.text(i).starts_with(start)))
        || any(&|i| slashed(i, "r", "o") || slashed(i, "f", "u"))
        || any(&|i| dotted(i, "v", "a") || dotted(i, "vd", "a") || dotted(i, "z", "a"))
        || words.phrase(&["follow", "up"])
        || words.phrase(&["work", "up"])
        || any(&|i| ["suche", "nachsorge"].iter().any(|end| words.text(i).ends_with(end)))
    {
        return Some(Stop::Other);
    }
    let past = words.any(PAST)
        || any(&|i| PAST_BEGINNINGS.iter().any(|start| words.text(i).starts_with(start)))
        || any(&|i| words.text(i).ends_with("remission"))
        || any(&|i| slashed(i, "h", "o") || slashed(i, "s", "p") || dotted(i, "z", "n"))
        || any(&|i| dotted(i, "st", "p") || dotted(i, "st", "n"));
    past.then_some(Stop::Past)
}

/// Doubt, denial, condition, screening, somebody else; English and German.
const OTHER: &[&str] = &[
    "no",
    "not",
    "never",
    "neither",
    "nor",
    "without",
    "w/o",
    "neg",
    "negative",
    "absent",
    "absence",
    "none",
    "negativ",
    "susp",
    "poss",
    "prob",
    "determined",
    "discussed",
    "explained",
    "alert",
    "card",
    "free",
    "rule",
    "ruled",
    "ro",
    "dd",
    "ddx",
    "vs",
    "versus",
    "query",
    "doubt",
    "doubtful",
    "unlikely",
    "likely",
    "if",
    "when",
    "possible",
    "possibly",
    "probable",
    "probably",
    "maybe",
    "might",
    "could",
    "should",
    "watch",
    "return",
    "call",
    "risk",
    "carrier",
    "gene",
    "genes",
    "genetic",
    "genetics",
    "mutation",
    "brca",
    "brca1",
    "brca2",
    "antigen",
    "marker",
    "fh",
    "fhx",
    "mother",
    "father",
    "brother",
    "sister",
    "sibling",
    "parent",
    "parents",
    "son",
    "daughter",
    "aunt",
    "uncle",
    "cousin",
    "grandmother",
    "grandfather",
    "wife",
    "husband",
    "partner",
    "spouse",
    "maternal",
    "paternal",
    "situ",
    "dcis",
    "lcis",
    "mgus",
    "benign",
    "premalignant",
    "precancerous",
    "uncertain",
    "borderline",
    "test",
    "testing",
    "tested",
    "check",
    "clinic",
    "leaflet",
    "information",
    "review",
    "care",
    "support",
    "awareness",
    "umbilical",
    "vocal",
    "pseudo",
    "psychogenic",
    "functional",
    "phobia",
    "morphologic",
    "kein",
    "keine",
    "keinen",
    "keiner",
    "keines",
    "ohne",
    "nicht",
    "nie",
    "moeglich",
    "moegliche",
    "moeglicherweise",
    "eventuell",
    "ggf",
    "falls",
    "wenn",
    "risiko",
    "angst",
    "mutter",
    "vater",
    "bruder",
    "schwester",
    "grossmutter",
    "grossvater",
    "oma",
    "opa",
    "tante",
    "onkel",
    "eltern",
    "vorsorge",
    "gutartig",
    "gutartige",
];
const OTHER_BEGINNINGS: &[&str] = &[
    "deni",
    "exclu",
    "suspect",
    "suspic",
    "concern",
    "monitor",
    "screen",
    "prevent",
    "precaution",
    "educat",
    "counsel",
    "fear",
    "worr",
    "anxi",
    "refer",
    "surveil",
    "vaccin",
    "prophyla",
    "declin",
    "refus",
    "verdacht",
    "verdaecht",
    "ausschlu",
    "famil",
    "followup",
    "workup",
    "equivoc",
    "indetermin",
    "abklaer",
    "frueherkenn",
    "ausgeschl",
    "fragl",
    "wahrschein",
    "unwahrschein",
    "leukaemoid",
    "leukemoid",
];
/// The past; English and German.
const PAST: &[&str] = &[
    "history",
    "hx",
    "pmh",
    "pmhx",
    "ph",
    "past",
    "previous",
    "previously",
    "prior",
    "former",
    "formerly",
    "remote",
    "post",
    "resolved",
    "healed",
    "cured",
    "remission",
    "survivor",
    "longer",
    "ex",
    "treated",
    "old",
    "zustand",
    "frueher",
    "fruehere",
    "frueheres",
    "abgelaufen",
    "zn",
    "ned",
];
const PAST_BEGINNINGS: &[&str] = &["anamn", "ehem", "abgeklung", "abgeheilt", "ausgeheilt"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubt_denial_and_past_stop_a_text() {
        for text in [
            "? bone mets",
            "r/o cord compression",
            "no back pain",
            "denies leg weakness",
            "at risk for cord compression",
            "FHx breast cancer",
            "possible spinal metastases",
            "if leg weakness develops call clinic",
            "DCIS left breast",
            "Mother with breast cancer",
            "V.a. Knochenmetastasen",
            "kein Rückenschmerz",
            "MRI neg for cord compression",
            "Family history of cancer",
            "Breast cancer gene carrier",
            "suspected MSCC",
            "Referral to cancer genetics",
            "V. a. Knochenmetastasen",
            "Vd. a. Metastase",
            "fragl. Knochenmetastasen",
            "Knochenmetastasen ausgeschlossen",
            "unwahrscheinlich Metastase",
            "Metastasensuche",
            "Prostatakrebs-Früherkennung",
            "Familiäre Belastung Mammakarzinom",
            "Nachsorge Mammakarzinom",
            "Breast cancer follow-up",
            "back pain red flags: none",
            "red flags discussed: cord compression",
            "MSCC alert card given",
            "Lhermitte-Zeichen negativ",
            "Großmutter: Brustkrebs",
            "susp. spinal mets",
            "prob. bone mets",
            "work-up for metastasis",
            "abklärungsbedürftig: Metastase BWK 5",
            "z.A. Knochenmetastasen",
            "Tumornachsorge Mammakarzinom",
        ] {
            assert_eq!(stop(text), Some(Stop::Other), "{text}");
        }
        for text in [
            "h/o prostate cancer s/p RP 2012",
            "hx of breast cancer",
            "PMH: colon ca",
            "back pain resolved",
            "Breast cancer in remission",
            "Z.n. Mammakarzinom",
            "Cancer survivor",
            "Previous breast cancer",
            "Z. n. Mammakarzinom",
            "Zn Rückenschmerzen",
            "St.p. Mammakarzinom",
            "St. n. Mammakarzinom",
            "Anamn. Mammakarzinom",
            "ehem. Mammakarzinom",
            "Lymphom, Vollremission",
            "Breast cancer, NED",
            "Rückenschmerzen, abgeklungen",
        ] {
            assert_eq!(stop(text), Some(Stop::Past), "{text}");
        }
        for text in [
            "Lung cancer",
            "L5 radiculopathy R",
            "c/o upper back pain",
            "LBP w/ L leg sciatica",
            "Rückenschmerzen",
        ] {
            assert_eq!(stop(text), None, "{text}");
        }
    }
}
