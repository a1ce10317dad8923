//! The fixture patients by subject, and the few of a short tour.
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

/// A short tour: a patient for each kind of answer, and what to try there.
const TOUR: [(&str, &str); 5] = [
    ("row-1-paraparesis", "An emergency: the act and its time first. Order the MRI with one click."),
    ("stability-not-recorded", "A card that asks. Answer the SINS in its panel and watch the cards change."),
    ("select-xray-row-1", "An order that cannot answer the question. Replace it, or sign it with a reason."),
    ("story-breast-sins-9-no-prognosis", "Two cards about treatment. State the life expectancy."),
    ("story-mri-tomorrow", "Silence, and why: the MRI is booked in time."),
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

/// The patients of the tour, each with what to try.
pub fn tour() -> Vec<(&'static Fixture, &'static str)> {
    TOUR.iter().filter_map(|(name, tries)| Some((fixtures::find(name)?, *tries))).collect()
}

/// Whether a patient is a story, or one of the tour; the others are there to test one row or one boundary each.
pub fn is_story(fixture: &Fixture) -> bool {
    fixture.name.starts_with("story-") || TOUR.iter().any(|(name, _)| *name == fixture.name)
}

/// The groups.
pub fn all() -> Vec<Group> {
    let group = |(anchor, title, about, decisions): Subject| Group {
        anchor,
        title,
        about,
        fixtures: fixtures::all().iter().filter(|fixture| decisions.contains(&fixture.decision)).collect(),
    };
    SUBJECTS.map(group).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_patient_is_in_one_subject_and_those_of_the_tour_exist() {
        let groups = all();
        assert_eq!(tour().len(), TOUR.len());
        for fixture in fixtures::all() {
            let own = groups.iter().filter(|g| g.fixtures.iter().any(|f| f.name == fixture.name));
            assert_eq!(own.count(), 1, "{}", fixture.name);
        }
    }
}
