//! The statements of the guideline summary, as cited on cards.
//!
//! Each sentence is ours and carries the facts of the statement with the same id in the product's guideline page.
//! Deliberately absent: when a statement applies, which is in the decision tables.

/// A statement id with its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// `G-nn`.
    pub id: &'static str,
    /// What it says.
    pub says: &'static str,
}

/// The sentence of a statement; empty for an id that is not in [`STATEMENTS`].
pub fn says(id: &str) -> &'static str {
    STATEMENTS.iter().find(|s| s.id == id).map_or("", |s| s.says)
}

const fn s(id: &'static str, says: &'static str) -> Statement {
    Statement { id, says }
}

/// All statements, in order.
pub const STATEMENTS: &[Statement] = &[
    s(
        "G-01",
        "Radiotherapy is first line for symptomatic spinal metastases when an adequate dose can be given.",
    ),
    s(
        "G-02",
        "SBRT controls about 90 % locally at 1 year and relieves pain better than conventional radiotherapy (trials disagree: RTOG 0631 found no pain advantage).",
    ),
    s("G-03", "When spinal metastases are suspected, image the full spinal column by MRI at once."),
    s("G-04", "The MRI includes T1- and T2-weighted sequences."),
    s("G-05", "Only MRI shows spinal metastases and epidural compression adequately."),
    s("G-06", "How soon depends on the presentation."),
    s("G-07", "Local back pain only: MRI within 2 weeks."),
    s("G-08", "Unilateral radicular pain: MRI within 1 week."),
    s("G-09", "Radicular deficit progressing over more than 7 days: MRI within 48 hours."),
    s("G-10", "Deficit progressing fast, in less than 7 days: MRI within 24 hours."),
    s("G-11", "Suspected metastatic epidural spinal cord compression (MESCC): MRI within 12 hours."),
    s("G-12", "MESCC is treated within 24 hours."),
    s("G-13", "X-ray, CT and bone scintigraphy cannot exclude spinal metastases; do not rely on them."),
    s("G-14", "Stratify stability by SINS."),
    s("G-15", "SINS 6 or less: stable, no surgery for stability."),
    s("G-16", "SINS 7 to 12: potentially unstable, multidisciplinary consultation is required."),
    s("G-17", "SINS 13 or more: unstable, surgery is indicated."),
    s("G-18", "Long bones: Mirels 9 or more is a high fracture risk."),
    s("G-19", "Radiotherapy is preferred where performance status is adequate."),
    s("G-20", "Radiotherapy is preferred where there is no mechanical instability."),
    s(
        "G-21",
        "Radiotherapy is preferred where the site was not irradiated before, or SBRT is available for reirradiation.",
    ),
    s("G-22", "Radiotherapy is preferred where life expectancy allows time for its effect."),
    s("G-23", "Surgery needs a life expectancy of at least 3 months."),
    s("G-24", "SINS 13 or more is an indication for surgery."),
    s(
        "G-25",
        "Recurrence or progression after radiotherapy, with repeat radiation not feasible, is an indication for surgery.",
    ),
    s(
        "G-26",
        "Neurological deterioration despite radiotherapy and corticosteroids is an indication for surgery.",
    ),
    s("G-27", "A limited area that surgery can reach favours surgery."),
    s(
        "G-28",
        "MESCC with deficit: surgery and radiotherapy are equivalent; decide by multidisciplinary discussion with the patient's preference.",
    ),
    s(
        "G-29",
        "Systemic therapy comes first for highly chemosensitive tumours: multiple myeloma, certain lymphomas.",
    ),
    s("G-30", "De novo SBRT: 90 % local control at 1 year."),
    s(
        "G-31",
        "De novo SBRT: about 50 % complete pain response, better than conventional (trials disagree: RTOG 0631 found no pain advantage).",
    ),
    s("G-32", "SBRT, site not irradiated before: 16 to 24 Gy in 1 fraction."),
    s("G-33", "SBRT, site not irradiated before: 24 Gy in 2 fractions."),
    s("G-34", "SBRT, site not irradiated before: 24 to 27 Gy in 3 fractions."),
    s("G-35", "SBRT, site not irradiated before: 30 to 35 Gy in 5 fractions."),
    s("G-36", "Conventional radiotherapy: 8 Gy in 1 fraction, or 20 to 30 Gy in several."),
    s("G-37", "Conventional radiotherapy: pain response about 70 %, complete in 0 to 20 %."),
    s("G-38", "After conventional radiotherapy about 20 % need reirradiation within months."),
    s("G-39", "SBRT reirradiation: 76 % local control at 1 year (66 to 90 %), pain better in 65 to 81 %."),
    s("G-40", "SBRT is the recommended option in volumes irradiated before."),
    s("G-41", "Conventional reirradiation: 58 % response, complete in 16 to 28 %."),
    s(
        "G-42",
        "Median survival after SBRT reirradiation is 10 to 22.5 months, which justifies aggressive local therapy.",
    ),
    s("G-43", "Candidates for surgery have a life expectancy of at least 3 months."),
    s("G-44", "Surgery gives immediate stability and fast pain relief in mechanical instability."),
    s("G-45", "Surgery gives stability and fast pain relief in pathological fracture."),
    s("G-46", "Surgery decompresses a cord that needs it urgently."),
    s("G-47", "Minimally invasive techniques, navigation and modern materials reduce the burden of surgery."),
    s(
        "G-48",
        "Zoledronic acid is approved for multiple myeloma and documented bone metastases of solid tumours.",
    ),
    s("G-49", "Zoledronic acid goes with standard antineoplastic therapy."),
    s("G-50", "Zoledronic acid helps to prevent skeletal events."),
    s("G-51", "Vertebroplasty relieves within 24 to 48 hours, above all mechanical pain from fracture."),
    s("G-52", "Vertebroplasty: pain response 67 to 74 % at 6 to 12 months."),
    s("G-53", "Vertebroplasty can be combined with radiofrequency ablation."),
    s("G-54", "Vertebral fracture after SBRT: 12 % (0 to 22 %; figures from reirradiation series)."),
    s("G-55", "Significant lytic disease raises the risk of fracture after SBRT."),
    s("G-56", "A fracture at baseline raises the risk of fracture after SBRT."),
    s("G-57", "More than 19 Gy per fraction raises the risk of fracture after SBRT."),
    s("G-58", "A high baseline SINS raises the risk of fracture after SBRT."),
    s("G-59", "Radiation myelopathy: 1.2 % with modern SBRT (figures from reirradiation series)."),
    s("G-60", "Ask spine surgery before SBRT when there are features of MESCC."),
    s("G-61", "Ask spine surgery before SBRT when there is mechanical instability."),
    s("G-62", "Ask spine surgery before SBRT when there is a vertebral fracture."),
    s("G-63", "Do not delay the MRI."),
    s("G-64", "No 8 Gy in 1 fraction as definitive treatment with a good prognosis."),
    s("G-65", "8 Gy in 1 fraction brings more spinal events: cord compression, deterioration."),
    s("G-66", "Do not assume a poor prognosis in reirradiation (10 to 22.5 months)."),
    s("G-67", "Epidural progression is the commonest failure of SBRT."),
    s("G-68", "Delineate the cord with care and keep its dose constraints."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_every_sentence_says_something() {
        for (i, statement) in STATEMENTS.iter().enumerate() {
            assert!(
                STATEMENTS[i + 1..].iter().all(|other| other.id != statement.id),
                "{} twice",
                statement.id
            );
            assert!(statement.says.ends_with('.'), "{}", statement.id);
        }
        assert_eq!(says("G-99"), "");
    }
}
