//! The vertebral level that a body-site code names.
//!
//! Vertebral bodies of the mCODE treatment-location set. Deliberately absent: 3572006, whose published displays
//! disagree about its region, and codes of a whole region, which name no level.

use super::codes::{SNOMED, same_system};
use engine::domain::{Level, Region};

/// The level of a body-site code (vertebral body, atlas, axis, sacral segment); `None` for any other code.
pub fn level_of(system: Option<&str>, code: &str) -> Option<Level> {
    if !same_system(system?, SNOMED) {
        return None;
    }
    let (region, ordinal) = match code.trim() {
        "14806007" => (Region::Cervical, 1),
        "39976000" => (Region::Cervical, 2),
        "91116008" => (Region::Cervical, 3),
        "14705001" => (Region::Cervical, 4),
        "67479001" => (Region::Cervical, 5),
        "88298007" => (Region::Cervical, 6),
        "16126006" => (Region::Cervical, 7),
        "56094003" => (Region::Thoracic, 1),
        "50060007" => (Region::Thoracic, 2),
        "73138009" => (Region::Thoracic, 3),
        "86197001" => (Region::Thoracic, 4),
        "6105006" => (Region::Thoracic, 5),
        "32430008" => (Region::Thoracic, 6),
        "71737002" => (Region::Thoracic, 7),
        "77435000" => (Region::Thoracic, 8),
        "33766003" => (Region::Thoracic, 9),
        "48405002" => (Region::Thoracic, 10),
        "52120002" => (Region::Thoracic, 11),
        "280849005" => (Region::Thoracic, 12),
        "61032001" => (Region::Lumbar, 1),
        "53983007" => (Region::Lumbar, 2),
        "55492004" => (Region::Lumbar, 3),
        "71996003" => (Region::Lumbar, 4),
        "21799000" => (Region::Lumbar, 5),
        "65985001" => (Region::Sacral, 1),
        "11808007" => (Region::Sacral, 2),
        "49967005" => (Region::Sacral, 3),
        "69950008" => (Region::Sacral, 4),
        "21452006" => (Region::Sacral, 5),
        _ => return None,
    };
    Level::in_region(region, ordinal)
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
        assert_eq!(level_of(Some("http://snomed.info/sct"), "3572006"), None);
        assert_eq!(level_of(Some("http://snomed.info/sct"), "421060004"), None);
    }
}
