//! The decision tables of cells over every value of their cells.
//!
//! The checks take the rows, so that a table that was broken on purpose shows that each is caught.

use crate::guideline::Code;
use crate::guideline::measure::Life;
use crate::guideline::modality;
use crate::guideline::mri_timing::{self, Course, Kind, Onset, Presented};
use chrono::Duration;

const KINDS: [Kind; 6] = [
    Kind::MesccSuspected,
    Kind::RadicularDeficit,
    Kind::OtherWeakness,
    Kind::RadicularPain,
    Kind::BackPain,
    Kind::SuspicionOnly,
];
const ONSETS: [Onset; 3] = [Onset::UpTo7Days, Onset::Over7Days, Onset::Unknown];
const COURSES: [Course; 4] = [Course::Progressive, Course::Stable, Course::Improving, Course::Unknown];

/// Every input of the MRI timing table.
fn presented() -> impl Iterator<Item = Presented> {
    KINDS.into_iter().flat_map(|kind| {
        ONSETS.into_iter().flat_map(move |onset| {
            COURSES.into_iter().flat_map(move |course| {
                [false, true].map(|cancer_active| Presented { kind, onset, course, cancer_active })
            })
        })
    })
}

/// Rows that nothing reaches.
fn unreached<I>(
    ids: &[&str],
    inputs: impl Iterator<Item = I>,
    first: impl Fn(I) -> Option<usize>,
) -> Vec<String> {
    let mut reached = vec![false; ids.len()];
    inputs.filter_map(first).for_each(|row| reached[row] = true);
    let lost = ids.iter().zip(reached).filter(|(_, reached)| !reached);
    lost.map(|(id, _)| format!("{id} is never reached")).collect()
}

fn mri_faults(rows: &[mri_timing::Row]) -> Vec<String> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id).collect();
    let mut faults = unreached(&ids, presented(), |input| mri_timing::first_of(rows, input));
    let window = |input: Presented| -> Option<Duration> {
        mri_timing::first_of(rows, input).and_then(|row| rows[row].window)
    };
    // Silence, and row 6, is the longest window.
    let longer = |than: Presented, this: Presented| match (window(than), window(this)) {
        (Some(than), this) => this.is_none_or(|this| this > than),
        (None, _) => false,
    };
    for input in presented() {
        // Only a weakness without spinal context may be left without a row.
        if mri_timing::first_of(rows, input).is_none() && input.kind != Kind::OtherWeakness {
            faults.push(format!("{input:?} has no row"));
        }
        let progressive = Presented { course: Course::Progressive, ..input };
        let recent = Presented { onset: Onset::UpTo7Days, ..input };
        let dangerous = Presented { course: Course::Progressive, onset: Onset::UpTo7Days, ..input };
        if longer(input, progressive) || longer(input, dangerous) {
            faults.push(format!("progressive waits longer than {input:?}"));
        }
        if longer(input, recent) {
            faults.push(format!("a recent onset waits longer than {input:?}"));
        }
        let unknown = input.course == Course::Unknown || input.onset == Onset::Unknown;
        let calm =
            matches!(input.course, Course::Stable | Course::Improving) || input.onset == Onset::Over7Days;
        let asks_for_onset = input.kind == Kind::OtherWeakness && input.onset == Onset::Unknown;
        if unknown && !calm && !asks_for_onset && longer(dangerous, input) {
            faults.push(format!("unknown waits longer than its dangerous value: {input:?}"));
        }
    }
    for (earlier, later) in rows.iter().zip(rows.iter().skip(1)) {
        if later.window.is_some_and(|later| earlier.window.is_none_or(|earlier| earlier > later)) {
            faults.push(format!("{} stands before {}, which is faster", earlier.id, later.id));
        }
    }
    faults
}

fn modality_faults(rows: &[modality::Row]) -> Vec<String> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id).collect();
    let mut faults = unreached(&ids, modality::tests::all(), |input| modality::first_of(rows, input));
    for input in modality::tests::all() {
        let code = modality::first_of(rows, input).map(|row| rows[row].code);
        let nothing_to_say = !input.symptomatic && !input.systemic_first && !input.surgery_indicated();
        if code.is_none() != nothing_to_say {
            faults.push(format!("{code:?} for {input:?}"));
        }
        let wrong = match code {
            Some(Code::SurgeryPreferred) => {
                input.life != Life::AtLeast3 || input.unamenable || !input.surgery_indicated()
            }
            Some(Code::RadiotherapyPreferred | Code::RadiotherapyPreferredProvisional) => {
                input.surgery_indicated() || input.systemic_first || !input.symptomatic
            }
            Some(Code::SystemicTherapyPrimary) => input.surgery_indicated(),
            Some(Code::SurgeryCandidacyConflict) => input.life != Life::Below3,
            _ => false,
        };
        if wrong {
            faults.push(format!("{code:?} for {input:?}"));
        }
    }
    faults
}

#[test]
fn the_tables_hold_over_every_value_of_their_cells() {
    assert_eq!(mri_faults(&mri_timing::ROWS), [""; 0]);
    assert_eq!(modality_faults(&modality::ROWS), [""; 0]);
    println!("{:>12}: {} and {} combinations", "tables", presented().count(), modality::tests::all().count());
}

#[test]
fn a_broken_timing_table_is_caught() {
    let rows = mri_timing::ROWS;
    let found = |rows: &[mri_timing::Row]| mri_faults(rows).join("\n");

    assert!(found(&rows[1..]).contains("MesccSuspected"), "a missing row");
    let mut shadowed = rows.to_vec();
    shadowed.insert(1, mri_timing::Row { onset: &[], course: &[], ..rows[3] });
    assert!(found(&shadowed).contains("never reached"), "a shadowed row");
    let mut slow = rows;
    slow[1].window = Some(Duration::days(3));
    assert!(found(&slow).contains("waits longer"), "a longer window for the worse");
    let mut calm = rows;
    calm[1].course = &[Course::Progressive];
    calm[4].course = &[Course::Stable, Course::Improving, Course::Unknown];
    assert!(found(&calm).contains("unknown waits longer"), "unknown taken for calm");
    let mut turned = rows;
    turned.swap(5, 6);
    assert!(found(&turned).contains("which is faster"), "rows in the wrong order");
}

#[test]
fn a_broken_modality_table_is_caught() {
    let rows = modality::ROWS;
    let found = |rows: &[modality::Row]| modality_faults(rows).join("\n");

    let mut unconditional = rows;
    unconditional.swap(0, 1);
    unconditional[0].life = None;
    assert!(found(&unconditional).contains("SurgeryPreferred"), "surgery without its precondition");
    let mut shadowed = rows;
    shadowed.swap(4, 5);
    shadowed[4].systemic_first = None;
    assert!(found(&shadowed).contains("RadiotherapyPreferred"), "radiotherapy before systemic therapy");
    assert!(found(&rows[..7]).contains("None for"), "a gap");
    let mut lost = rows;
    lost[7].criteria = Some(modality::Criteria::AllMet);
    assert!(found(&lost).contains("never reached"), "a row that nothing reaches");
}
