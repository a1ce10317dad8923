//! What is put to each table, and what silences it: from the functions that decide.

use super::{Pass, Silence};
use crate::domain::{Source, When};
use crate::guideline::Occasion;
use crate::guideline::case::{self, Case};
use crate::guideline::lesion::{self, Lesion};
use crate::guideline::measure::Life;
use crate::guideline::mri_timing::Need;
use crate::guideline::orders::{self, Timeliness, WholeOrder};
use crate::guideline::tables::adjunct::Adjuncts;
use crate::guideline::tables::mescc::Asked;
use crate::guideline::tables::mescc_treatment::Compressed;
use crate::guideline::tables::modality::{self, Inputs, Offer};
use crate::guideline::tables::mri_timing::Presented;
use crate::guideline::tables::order_imaging::Drafted;
use crate::guideline::tables::order_treatment::{Radiotherapy as Draft, Zoledronic};
use crate::guideline::tables::regimen::Radiotherapy;
use crate::guideline::tables::row::first;
use crate::guideline::tables::stability::{self as table, Row, Scored};
use crate::guideline::{
    adjunct as adjuncts, mescc_treatment as treating, mri_timing as timing, order_check, order_treatment,
    questions, regimen, regimen_card, stability as scores, treatment,
};

fn on_patient_view(case: &Case<'_, '_>) -> bool {
    case.occasion == Occasion::PatientView
}

/// Section 3.1.
pub(in crate::guideline) fn mescc(case: &Case<'_, '_>) -> Vec<Pass<Asked>> {
    if !on_patient_view(case) {
        return Vec::new();
    }
    let row = case.mri.is_some();
    let signs = if row { Vec::new() } else { timing::questions(case.picture) };
    vec![Pass::of(vec![questions::asked(case.picture, case.suspected, &signs, row)])]
}

/// Section 3.2.
pub(in crate::guideline) fn mri_timing(case: &Case<'_, '_>) -> Vec<Pass<Presented>> {
    let inputs = timing::inputs(case.picture, case.suspected);
    let silent = if inputs.is_empty() { nothing_to_image(case) } else { None };
    let mut pass = Pass::of(inputs).silenced(silent);
    if let Some(need) = case.mri {
        pass.rows.push((need.row.id, mri_silence(case, need)));
    }
    vec![pass]
}

/// Why no finding passes the table of MRI timing.
fn nothing_to_image(case: &Case<'_, '_>) -> Option<Silence> {
    let picture = case.picture;
    if !picture.counting.is_empty() {
        return picture.studies.latest().map(|study| Silence::Answered { made: study.when });
    }
    if let Some((_, treatment)) = picture.covered.first() {
        return Some(Silence::Covered { began: treatment.start });
    }
    let unread = case::unread(picture.facts, &[Source::Condition, Source::Observation]);
    Some(Silence::NoFinding { days: case.site.look_back.symptoms, unread })
}

/// Why an MRI row that holds is not shown.
fn mri_silence(case: &Case<'_, '_>, need: &Need<'_, '_>) -> Silence {
    if case.need().is_none() {
        return Silence::ComfortCare;
    }
    // These speak of single moments, whatever is ordered.
    if matches!(case.occasion, Occasion::Discharge | Occasion::Booking) {
        return Silence::OtherMoment;
    }
    let whole = orders::whole_spine(case.picture.facts, need, case.picture.clock.now);
    let enough = |order: &&WholeOrder<'_>| match case.occasion {
        Occasion::PatientView | Occasion::Discharge | Occasion::Booking => {
            order.timeliness != Timeliness::NotInTime
        }
        Occasion::OrderCheck => order.timeliness == Timeliness::InTime,
    };
    whole.iter().find(enough).map_or(Silence::NoDraft, |order| ordered(order, need))
}

fn ordered(order: &WholeOrder<'_>, need: &Need<'_, '_>) -> Silence {
    let due: Option<When> = order.parts.first().and_then(|part| part.due);
    Silence::Ordered { due, needed: need.deadline().map(|deadline| deadline.at) }
}

/// Section 3.3.
pub(in crate::guideline) fn mescc_treatment(case: &Case<'_, '_>) -> Vec<Pass<Compressed>> {
    if !on_patient_view(case) {
        return Vec::new();
    }
    vec![Pass::of(vec![treating::compressed(case.picture, case.suspected, case.site)])]
}

/// Section 3.4.
pub(in crate::guideline) fn stability(case: &Case<'_, '_>) -> Vec<Pass<Scored>> {
    if !on_patient_view(case) {
        return Vec::new();
    }
    let bone = scores::has_metastases(case.coded);
    let silent = case.out_of_scope().or_else(|| (!bone).then_some(Silence::NoMetastases));
    let (sins, mirels) = (&case.sins.lesions, lesion::mirels(case.coded, case.site));
    let mut inputs: Vec<Scored> = Vec::new();
    if case.documented() && sins.is_empty() {
        inputs.push(scores::no_sins(case));
    } else if case.documented() {
        inputs.extend(sins.iter().map(scores::by_sins));
    }
    inputs.extend(mirels.iter().map(scores::by_mirels));
    let mut pass = Pass::of(inputs).silenced(silent);
    if case.basis.life.class == Life::Below3 {
        pass.rows.push(("stability/sins-surgery", Silence::StandsAs { row: modality::CONFLICT.id }));
    }
    if sins.is_empty() {
        pass.rows.push(("stability/sins-not-recorded", Silence::Unread));
    }
    pass.rows.extend(lesions(case, sins, scores::by_sins));
    pass.rows.extend(lesions(case, &mirels, scores::by_mirels));
    vec![pass]
}

/// Why the rows of lesions are not shown: a consult covers each, or a higher one is acted on.
fn lesions<'f>(
    case: &Case<'_, 'f>,
    lesions: &[Lesion<'f>],
    seen_as: impl Fn(&Lesion<'f>) -> Scored,
) -> Vec<(&'static str, Silence)> {
    let reached = lesions.iter().filter_map(|lesion| Some((lesion, first(&table::ROWS, &seen_as(lesion))?)));
    let (mut open, mut covered) = (Vec::new(), Vec::new());
    for (lesion, row) in reached {
        match consulted(case, lesion, row) {
            Some(silence) => covered.push((row.id, silence)),
            None => open.push((row.id, Silence::HigherLesion)),
        }
    }
    open.extend(covered);
    open
}

fn consulted(case: &Case<'_, '_>, lesion: &Lesion<'_>, row: &Row) -> Option<Silence> {
    let record = scores::consulted(lesion, row, case.coded)?;
    Some(Silence::Consulted { consult: record.consult, when: record.when, done: record.done })
}

/// Section 3.5.
pub(in crate::guideline) fn modality(case: &Case<'_, '_>) -> Vec<Pass<Inputs>> {
    if !on_patient_view(case) {
        return Vec::new();
    }
    let inputs = treatment::inputs(case.coded, case.basis, case.site);
    let row = first(&modality::ROWS, &inputs);
    // The row of the stability card does not wait for the treatment of the cord.
    let silent = match row.map(|row| row.gives) {
        Some(Offer::InStabilityCard) if case.documented() => case.out_of_scope(),
        _ => case.not_for_treatment(),
    };
    let mut pass = Pass::of(vec![inputs]).silenced(silent);
    if let Some(row) = row {
        let silence = match row.gives {
            Offer::InStabilityCard => stability(case).into_iter().find_map(|pass| {
                pass.silent.or(pass.rows.into_iter().map(|(_, silence)| silence).next_back())
            }),
            Offer::Regimen { otherwise } if !has_regimen(case) => {
                treatment::silenced(case.coded, case.basis, inputs, otherwise).or(Some(Silence::NoRegimen))
            }
            _ => treatment::silenced(case.coded, case.basis, inputs, row),
        };
        pass.rows.extend(silence.map(|silence| (row.id, silence)));
    }
    vec![pass]
}

fn has_regimen(case: &Case<'_, '_>) -> bool {
    regimen_card::regimen(case.coded, case.basis, case.site).is_some()
}

/// Section 3.6.
pub(in crate::guideline) fn regimen(case: &Case<'_, '_>) -> Vec<Pass<Radiotherapy>> {
    if !on_patient_view(case) {
        return Vec::new();
    }
    let inputs = treatment::inputs(case.coded, case.basis, case.site);
    let row = first(&modality::ROWS, &inputs).filter(|row| matches!(row.gives, Offer::Regimen { .. }));
    let silent = case.not_for_treatment().or_else(|| match row {
        None => Some(Silence::NotRadiotherapy),
        Some(row) => treatment::silenced(case.coded, case.basis, inputs, row),
    });
    let gate = regimen::gate(case.coded, &case.sins.lesions);
    vec![Pass::of(vec![regimen_card::input(case.coded, case.basis, &gate, case.site)]).silenced(silent)]
}

/// Section 3.7.
pub(in crate::guideline) fn adjunct(case: &Case<'_, '_>) -> Vec<Pass<Adjuncts>> {
    if !on_patient_view(case) {
        return Vec::new();
    }
    let waits = || case.coded_row.then_some(Silence::WaitsForMri);
    let exclusions = adjuncts::exclusions(case.coded, case.site);
    let mut pass =
        Pass::of(vec![adjuncts::input(case.coded, &exclusions)]).silenced(case.out_of_scope().or_else(waits));
    pass.rows.push(("adjunct/zoledronic-facts", Silence::NoCardOfItsOwn));
    vec![pass]
}

/// Section 3.8, imaging: all selected drafts together.
pub(in crate::guideline) fn order_imaging(case: &Case<'_, '_>) -> Vec<Pass<Drafted>> {
    let selected = order_check::selected(case.picture.facts);
    if on_patient_view(case) || selected.is_empty() {
        return Vec::new();
    }
    let Some(need) = case.need() else {
        let silent = if case.mri.is_some() { Silence::ComfortCare } else { Silence::NoMriRow };
        return vec![Pass::of(Vec::new()).silenced(Some(silent))];
    };
    let whole = orders::whole_spine(case.picture.facts, need, case.picture.clock.now);
    let in_time = whole.iter().find(|order| order.timeliness == Timeliness::InTime);
    let timeliness = order_check::timeliness(&whole);
    let inputs = selected.iter().map(|order| order_check::drafted(order, &timeliness)).collect();
    vec![Pass::of(inputs).silenced(in_time.map(|order| ordered(order, need)))]
}

/// Section 3.8, radiotherapy: one pass a draft.
pub(in crate::guideline) fn order_radiotherapy(case: &Case<'_, '_>) -> Vec<Pass<Draft>> {
    if on_patient_view(case) {
        return Vec::new();
    }
    let drafts = order_treatment::radiotherapy_drafts(case.coded);
    drafts
        .map(|order| {
            let (here, prior) = order_treatment::at_site(case.coded, &case.sins.lesions, order);
            let input = order_treatment::seen(case.coded, &here, &prior, case.basis.life.class, order);
            Pass { about: Some(order.evidence.label.clone()), ..Pass::of(vec![input]) }
        })
        .collect()
}

/// Section 3.8, spine surgery: one pass a draft.
pub(in crate::guideline) fn order_surgery(case: &Case<'_, '_>) -> Vec<Pass<Life>> {
    if on_patient_view(case) {
        return Vec::new();
    }
    order_treatment::surgery_drafts(case.coded)
        .map(|order| Pass {
            about: Some(order.evidence.label.clone()),
            ..Pass::of(vec![case.basis.life.class])
        })
        .collect()
}

/// Section 3.8, zoledronic acid: one pass a draft.
pub(in crate::guideline) fn order_zoledronic(case: &Case<'_, '_>) -> Vec<Pass<Zoledronic>> {
    if on_patient_view(case) {
        return Vec::new();
    }
    let input = order_treatment::checked(&order_treatment::against(case.coded, case.site));
    order_treatment::zoledronic_drafts(case.coded)
        .map(|order| Pass { about: Some(order.evidence.label.clone()), ..Pass::of(vec![input]) })
        .collect()
}
