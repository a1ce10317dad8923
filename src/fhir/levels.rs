//! The vertebral level that a body-site code names.
//!
//! Vertebral bodies of the mCODE treatment-location set. Deliberately absent: 3572006, whose published displays
//! disagree about its region, and codes of a whole region, which name no level.

use super::codes::{SNOMED, same_system};
use engine::domain::Level;

/// The code of each vertebra, from C1 to S5.
const CODES: [&str; 29] = [
    "14806007",  // C1
    "39976000",  // C2
    "91116008",  // C3
    "14705001",  // C4
    "67479001",  // C5
    "88298007",  // C6
    "16126006",  // C7
    "56094003",  // T1
    "50060007",  // T2
    "73138009",  // T3
    "86197001",  // T4
    "6105006",   // T5
    "32430008",  // T6
    "71737002",  // T7
    "77435000",  // T8
    "33766003",  // T9
    "48405002",  // T10
    "52120002",  // T11
    "280849005", // T12
    "61032001",  // L1
    "53983007",  // L2
    "55492004",  // L3
    "71996003",  // L4
    "21799000",  // L5
    "65985001",  // S1
    "11808007",  // S2
    "49967005",  // S3
    "69950008",  // S4
    "21452006",  // S5
];

/// The level of a body-site code (vertebral body, atlas, axis, sacral segment); `None` for any other code.
pub fn level_of(system: Option<&str>, code: &str) -> Option<Level> {
    if !same_system(system?, SNOMED) {
        return None;
    }
    let place = CODES.iter().position(|known| *known == code.trim())?;
    Level::new(u8::try_from(place + 1).ok()?)
}

/// The code of a vertebra; `None` for the occiput.
pub fn code_of(level: Level) -> Option<&'static str> {
    CODES.get(usize::from(level.number()).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Concept, ValueSets};

    #[test]
    fn every_level_code_is_a_site_of_its_region_and_no_level_is_named_twice() {
        let sets = ValueSets::built_in().unwrap();
        let regions = [
            (Concept::CervicalSite, 1..=7, 0),
            (Concept::ThoracicSite, 8..=19, 1),
            (Concept::LumbarSite, 20..=24, 1),
            (Concept::SacralSite, 25..=29, 1),
        ];
        for (site, numbers, general_codes) in regions {
            let levels: Vec<_> = sets.codes(site).map(|row| level_of(Some(row.system), row.code)).collect();
            assert_eq!(levels.iter().filter(|l| l.is_none()).count(), general_codes, "{site:?}");
            let mut named: Vec<_> = levels.iter().flatten().map(|l| l.number()).collect();
            named.sort_unstable();
            assert_eq!(named, numbers.collect::<Vec<_>>(), "{site:?}");
        }
    }

    #[test]
    fn only_the_code_of_a_vertebra_in_snomed_names_a_level() {
        assert_eq!(level_of(Some("http://snomed.info/sct"), "77435000").unwrap().to_string(), "T8");
        assert_eq!(level_of(Some("urn:oid:2.16.840.1.113883.6.96"), "77435000").unwrap().to_string(), "T8");
        assert_eq!(level_of(Some("http://loinc.org"), "77435000"), None);
        assert_eq!(level_of(None, "77435000"), None);
        let back = |level| code_of(level).and_then(|code| level_of(Some(SNOMED), code));
        assert!((1..=29).filter_map(Level::new).all(|level| back(level) == Some(level)));
        assert_eq!(Level::new(0).and_then(code_of), None);
        assert_eq!(level_of(Some("http://snomed.info/sct"), "3572006"), None);
        assert_eq!(level_of(Some("http://snomed.info/sct"), "421060004"), None);
    }
}
