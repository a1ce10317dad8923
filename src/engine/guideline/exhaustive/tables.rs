//! The decision tables of cells over every value of their cells.
//!
//! The checks take the rows, so that a table that was broken on purpose shows that each is caught.

use crate::guideline::Code;
use crate::guideline::measure::Life;
use crate::guideline::tables::modality::{self, Cell, Criteria};
use crate::guideline::tables::mri_timing::Cell::{Course as Of, Kind as Is, Onset as Since};
use crate::guideline::tables::mri_timing::{self, Course, Kind, Onset, Presented};
use crate::guideline::tables::row::{Condition, Gives, RowSpec, first};
use chrono::Duration;

const KINDS: [Kind; 6] = [
    Kind::MesccSuspected,
    Kind::RadicularDeficit,
    Kind::OtherWeakness,
    Kind::RadicularPain,
    Kind::BackPain,
    Kind::SuspicionOnly,
];
const ONSETS: [Onset; 3] = [Onset::Recent, Onset::Earlier, Onset::Unknown];
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

/// Rows that no input reaches first.
fn unreached<C: Condition, G: Gives>(
    rows: &[RowSpec<C, G>],
    inputs: impl Iterator<Item = C::Input>,
) -> Vec<String> {
    let mut lost: Vec<&RowSpec<C, G>> = rows.iter().collect();
    for input in inputs {
        lost.retain(|row| !first(rows, &input).is_some_and(|reached| std::ptr::eq(reached, *row)));
    }
    lost.iter().map(|row| format!("{} is never reached", row.id)).collect()
}

fn mri_faults(rows: &[mri_timing::Row]) -> Vec<String> {
    let mut faults = unreached(rows, presented());
    let window = |input: Presented| first(rows, &input).and_then(|row| row.gives.window.length);
    // Silence, and row 6, is the longest window.
    let longer = |than: Presented, this: Presented| match (window(than), window(this)) {
        (Some(than), this) => this.is_none_or(|this| this > than),
        (None, _) => false,
    };
    for input in presented() {
        // Only a weakness without spinal context may be left without a row.
        if first(rows, &input).is_none() && input.kind != Kind::OtherWeakness {
            faults.push(format!("{input:?} has no row"));
        }
        let progressive = Presented { course: Course::Progressive, ..input };
        let recent = Presented { onset: Onset::Recent, ..input };
        let dangerous = Presented { course: Course::Progressive, onset: Onset::Recent, ..input };
        if longer(input, progressive) || longer(input, dangerous) {
            faults.push(format!("progressive waits longer than {input:?}"));
        }
        if longer(input, recent) {
            faults.push(format!("a recent onset waits longer than {input:?}"));
        }
        let unknown = input.course == Course::Unknown || input.onset == Onset::Unknown;
        let calm =
            matches!(input.course, Course::Stable | Course::Improving) || input.onset == Onset::Earlier;
        let asks_for_onset = input.kind == Kind::OtherWeakness && input.onset == Onset::Unknown;
        if unknown && !calm && !asks_for_onset && longer(dangerous, input) {
            faults.push(format!("unknown waits longer than its dangerous value: {input:?}"));
        }
    }
    for (earlier, later) in rows.iter().zip(rows.iter().skip(1)) {
        if later
            .gives
            .window
            .length
            .is_some_and(|later| earlier.gives.window.length.is_none_or(|earlier| earlier > later))
        {
            faults.push(format!("{} stands before {}, which is faster", earlier.id, later.id));
        }
    }
    faults
}

fn modality_faults(rows: &[modality::Row]) -> Vec<String> {
    let mut faults = unreached(rows, modality::tests::all());
    for input in modality::tests::all() {
        let code = first(rows, &input).map(|row| row.code);
        let nothing_to_say = !input.symptomatic && !input.systemic_first && !input.surgery_indicated();
        if code.is_none() != nothing_to_say {
            faults.push(format!("{code:?} for {input:?}"));
        }
        let wrong = match code {
            Some(Code::SurgeryPreferred) => {
                input.life != Life::AtLeast3 || input.unamenable() || !input.surgery_indicated()
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

/// The place of a way in which the row of this id holds.
fn at<C: Condition, G>(rows: &[RowSpec<C, G>], (id, way): (&str, usize)) -> usize {
    let mut ways = rows.iter().enumerate().filter(|(_, row)| row.id == id).map(|(place, _)| place);
    ways.nth(way).unwrap()
}

#[test]
fn a_broken_timing_table_is_caught() {
    let found = |rows: &[mri_timing::Row]| mri_faults(rows).join("\n");
    let whole = mri_timing::ROWS.to_vec();
    let place = |id, way| at(&mri_timing::ROWS, (id, way));
    let (first, fast) = (place("mri-timing/1", 0), place("mri-timing/2", 0));
    let (old, calm) = (place("mri-timing/3", 0), place("mri-timing/3", 1));

    let mut gap = whole.clone();
    gap.remove(first);
    assert!(found(&gap).contains("MesccSuspected"), "a missing row");
    let mut shadowed = whole.clone();
    shadowed.insert(fast, mri_timing::Row { when: &[Is(Kind::RadicularDeficit)], ..whole[old] });
    assert!(found(&shadowed).contains("never reached"), "a shadowed row");
    let mut slow = whole.clone();
    slow[fast].gives.window.length = Some(Duration::days(3));
    assert!(found(&slow).contains("waits longer"), "a longer window for the worse");
    let mut soothed = whole.clone();
    soothed[fast].when =
        &[Is(Kind::RadicularDeficit), Since(&[Onset::Recent, Onset::Unknown]), Of(&[Course::Progressive])];
    soothed[calm].when =
        &[Is(Kind::RadicularDeficit), Of(&[Course::Stable, Course::Improving, Course::Unknown])];
    assert!(found(&soothed).contains("unknown waits longer"), "unknown taken for calm");
    let mut turned = whole;
    turned.swap(place("mri-timing/4", 0), place("mri-timing/5", 0));
    assert!(found(&turned).contains("which is faster"), "rows in the wrong order");
}

#[test]
fn a_broken_modality_table_is_caught() {
    let found = |rows: &[modality::Row]| modality_faults(rows).join("\n");
    let whole = modality::ROWS.to_vec();
    let place = |id, way| at(&modality::ROWS, (id, way));
    let surgery = place("modality/2", 0);
    let (systemic, radiotherapy) = (place("modality/4", 0), place("modality/5", 0));
    let otherwise = place("modality/7", 0);

    let mut unconditional = whole.clone();
    unconditional[surgery].when = &[Cell::Indicated(true)];
    unconditional.swap(place("modality/1", 1), surgery);
    assert!(found(&unconditional).contains("SurgeryPreferred"), "surgery without its precondition");
    let mut shadowed = whole.clone();
    shadowed[radiotherapy].when =
        &[Cell::Indicated(false), Cell::Symptomatic, Cell::Criteria(Criteria::AllMet)];
    shadowed.swap(systemic, radiotherapy);
    assert!(found(&shadowed).contains("RadiotherapyPreferred"), "radiotherapy before systemic therapy");
    let mut gap = whole.clone();
    gap.remove(otherwise);
    assert!(found(&gap).contains("None for"), "a gap");
    let mut lost = whole;
    lost[otherwise].when = lost[radiotherapy].when;
    assert!(found(&lost).contains("never reached"), "a row that nothing reaches");
}
