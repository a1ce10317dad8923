//! What holds for all decisions: scope, clock, adequate imaging, treatment, look-backs; numbers from the constants.

use super::Principle;
use crate::domain::LookBack;
use crate::guideline::tables::mri_timing;
use crate::guideline::{ADULT, Fact, picture, study, treated};

/// Facts that every decision looks at: they say whom the guideline concerns.
pub(super) const LOOKS_AT_ALWAYS: &[Fact] = &[
    Fact::AgeYears,
    Fact::BoneMetastases,
    Fact::Cancer,
    Fact::GoalsOfCare,
    Fact::MesccSigns,
    Fact::Pregnancy,
    Fact::SpinalMetastases,
    Fact::TreatmentSinceOnset,
];

/// What holds for all decisions.
pub(super) fn all() -> Vec<Principle> {
    let LookBack { symptoms, escc, performance, life_expectancy, sins, laboratory } = LookBack::default();
    let faster: Vec<String> = mri_timing::ROWS
        .iter()
        .map(|row| row.gives)
        .filter(|gives| gives.window.length.is_some())
        .map(|gives| format!("{} → {}", gives.window.words(), gives.overdue.words()))
        .fold(Vec::new(), |mut steps, step| {
            if !steps.contains(&step) {
                steps.push(step);
            }
            steps
        });
    vec![
        Principle {
            anchor: "scope",
            title: "Whom it concerns",
            says: vec![
                "Cancer active or past, spinal or bone metastases documented or suspected, a clinician's recorded suspicion of cord compression, or a diagnosis that is metastatic by its code. Anybody else, and the deceased: no card.".to_owned(),
                format!("Under {ADULT} or pregnant: only imaging, MESCC and the order checks. Comfort care: {} and the treatment of MESCC stay, one step milder; the rest is silent when the chart is opened.", mri_timing::rows_that(|gives| gives.in_comfort_care).join(", ")),
            ],
        },
        Principle {
            anchor: "unknown",
            title: "What is not known",
            says: vec![
                "Once a row has fired, unknown counts as the dangerous value for urgency and safety, and as not established for treatment. Unknown alone never makes an alarm.".to_owned(),
            ],
        },
        Principle {
            anchor: "clock",
            title: "Clock",
            says: vec![
                "The clock starts when the row's own findings presented: the earliest record within the look-back, restarted by a later record that says worse. Deadline = start + window. A date without a time is a day in the facility's time zone: the clock starts with the day, and it is overdue when the day's end + window has passed.".to_owned(),
                format!("Overdue: the indicator is one step higher, and the order is proposed one row faster, counted from now: {}.", faster.join(", ")),
            ],
        },
        Principle {
            anchor: "adequate-imaging",
            title: "Adequate imaging",
            says: vec![format!(
                "An MRI of the whole spine (one study, or cervical, thoracic and lumbar within {} hours) at or after the onset of the finding and every record that says worse, with T1 and T2 not known to be missing. A finding without a date, a diagnosis or an ESCC takes the date of a whole-spine MRI of the {} days before it.",
                study::SET_WITHIN.num_hours(),
                picture::STUDY_BEFORE.num_days()
            )],
        },
        Principle {
            anchor: "treated",
            title: "Treated since onset",
            says: vec![format!(
                "While surgery or radiotherapy of the spine runs (at most {} days after its start) and for {} days after it, findings that began before it and are not recorded as worse since do not count.",
                treated::RUNS_AT_MOST.num_days(),
                treated::COVERS_FOR.num_days()
            )],
        },
        Principle {
            anchor: "look-back",
            title: "How long a record counts",
            says: vec![format!(
                "Symptoms, deficits and suspicions {symptoms} days, ESCC {escc}, performance {performance}, life expectancy {life_expectancy}, SINS and Mirels {sins}, creatinine and calcium {laboratory}; a site may set them. Older is unknown."
            )],
        },
    ]
}
