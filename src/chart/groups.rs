//! The fixture patients in the order in which a reader may want them: a few to begin with, then by subject.
//!
//! A group follows from the decision that a case is about (`fhir-fixtures/README.md`).

use super::fixtures::{self, Fixture};

/// Patients of one subject.
#[derive(Debug)]
pub struct Group {
    /// Its anchor on the page.
    pub anchor: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What the patients have in common.
    pub about: &'static str,
    /// Its patients.
    pub fixtures: Vec<&'static Fixture>,
}

/// A patient for each kind of answer, silence among them.
const FIRST: [&str; 9] = [
    "row-1-paraparesis",
    "story-lung-weak-leg-no-pain",
    "select-xray-row-1",
    "clock-overdue-row-2",
    "story-breast-sins-9-no-prognosis",
    "select-rt-8gy-prognosis-a-year",
    "story-irradiated-t8-hurts-again",
    "story-pacemaker-and-ct",
    "story-mri-tomorrow",
];

type Subject = (&'static str, &'static str, &'static str, &'static [&'static str]);

const SUBJECTS: [Subject; 11] = [
    (
        "compression",
        "Cord compression",
        "Suspected, asked about, confirmed, excluded, treated.",
        &["mescc", "mescc-treatment"],
    ),
    (
        "mri-timing",
        "When an MRI is due",
        "Cord compression, weakness, pain, or suspicion without a symptom.",
        &["mri-timing"],
    ),
    (
        "clock",
        "Clock, imaging and orders on record",
        "When a deadline starts, and what answers it.",
        &["clock", "imaging-on-record", "orders-on-record"],
    ),
    ("treated", "After treatment", "What a treatment has answered, and what it has not.", &["treated"]),
    ("stability", "Stability and long bones", "SINS and Mirels.", &["stability"]),
    (
        "treatment",
        "Treatment",
        "Surgery, radiotherapy, systemic therapy, adjuncts.",
        &["modality", "regimen", "adjunct"],
    ),
    (
        "orders",
        "Orders being written",
        "Imaging, radiotherapy, surgery and zoledronic acid, selected or signed.",
        &["order-imaging", "order-radiotherapy", "order-surgery", "order-zoledronic"],
    ),
    (
        "moments",
        "Leaving, booking, dispatching",
        "The patient is discharged, an MRI gets an appointment, an order goes to its performer.",
        &["discharge", "booking", "dispatch"],
    ),
    (
        "silence",
        "Silence, and limits",
        "Who is not addressed, comfort care, data that did not come, settings of a site.",
        &["scope", "unavailable", "site"],
    ),
    (
        "reading",
        "Reading a record",
        "Entries that look like a finding and are none; one story in the codes of four systems, and in words.",
        &["reading", "systems"],
    ),
    (
        "stories",
        "Stories that could mislead",
        "Charts that look like an alarm and are none, and the reverse.",
        &["stories"],
    ),
];

/// The groups, the first patients first. A patient of [`FIRST`] stands in its own group too.
pub fn all() -> Vec<Group> {
    let mut groups = vec![Group {
        anchor: "first",
        title: "To begin with",
        about: "One patient for each kind of answer, silence among them.",
        fixtures: FIRST.iter().filter_map(|name| fixtures::find(name)).collect(),
    }];
    for (anchor, title, about, decisions) in SUBJECTS {
        groups.push(Group {
            anchor,
            title,
            about,
            fixtures: fixtures::all().iter().filter(|f| decisions.contains(&f.decision)).collect(),
        });
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_patient_is_in_one_subject_and_the_first_ones_exist() {
        let groups = all();
        assert_eq!(groups[0].fixtures.len(), FIRST.len());
        for fixture in fixtures::all() {
            let own = groups[1..].iter().filter(|g| g.fixtures.iter().any(|f| f.name == fixture.name));
            assert_eq!(own.count(), 1, "{}", fixture.name);
        }
    }
}
