//! The stories that ask for something: what is true of a patient, and the cards that the guideline asks for because of it.
//!
//! The expectations are written from the tables of the guideline, a row a story, and a story keeps away from what another row
//! reads.

use super::chart::{Finding, Maker, OWN, Recorded, Side, coded, instant, set, status, t8};
use super::code::Meaning;
use super::silent;
use super::story::{Expected, Story};
use crate::fhir::codes::{LOINC, SNOMED};
use crate::guideline::Code;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// The cards of the story's hook, and those of an opened chart.
type Answers = (Vec<Expected>, Vec<Expected>);

/// Tells a story: its records go to the chart.
pub fn tell(story: Story, chart: &mut Maker<'_>) -> Answers {
    let cards = match story {
        Story::BackPain => back_pain(chart),
        Story::RadicularPain => radicular_pain(chart),
        Story::RapidDeficit => rapid_deficit(chart),
        Story::SlowDeficit => slow_deficit(chart),
        Story::CordSign => cord_sign(chart),
        Story::UnreadStudy => unread_study(chart),
        Story::PotentiallyUnstable => scored(chart, (7, 13), None, &[Code::SinsMdtConsult], "warning"),
        Story::Unstable => scored(
            chart,
            (13, 17),
            Some(true),
            &[Code::SinsSurgeryIndicated, Code::SurgeryPreferred],
            "critical",
        ),
        Story::UnstableShortLife => {
            scored(chart, (13, 17), Some(false), &[Code::SurgeryCandidacyConflict], "critical")
        }
        Story::LongBone => long_bone(chart),
        Story::Irradiate => irradiate(chart, true),
        Story::IrradiatePending => irradiate(chart, false),
        Story::Chemosensitive => chemosensitive(chart),
        Story::BoneAgent => bone_agent(chart),
        Story::OtherImaging => return other_imaging(chart),
        Story::PartialMri => return partial_mri(chart),
        Story::EightGray => return (eight_gray(chart), Vec::new()),
        silent => {
            silent::tell(silent, chart);
            Vec::new()
        }
    };
    (cards.clone(), cards)
}

fn card(codes: &[Code], indicator: &'static str, deadline: Option<DateTime<Utc>>) -> Vec<Expected> {
    vec![Expected { codes: codes.to_vec(), indicator, deadline }]
}

fn after(recorded: Recorded, hours: i64) -> Option<DateTime<Utc>> {
    Some(recorded.start() + TimeDelta::hours(hours))
}

const BACK_PAIN_WORDS: &[&str] = &["low back pain", "lower back pain, worse at night", "Rückenschmerzen"];
pub(super) const SIGNS: [Meaning; 7] = [
    Meaning::Paraparesis,
    Meaning::SaddleAnaesthesia,
    Meaning::SensoryLevel,
    Meaning::Lhermitte,
    Meaning::Myelopathy,
    Meaning::CaudaEquina,
    Meaning::CordCompression,
];

/// A cancer of long ago that is active today.
pub(super) fn active_cancer(chart: &mut Maker<'_>, meaning: Meaning) {
    let concept = chart.concept(meaning, false);
    let recorded = long_ago(chart);
    let condition = chart.condition(concept, &recorded);
    chart.add(condition);
}

/// A date of a year or more ago, of any precision.
fn long_ago(chart: &mut Maker<'_>) -> String {
    let at = chart.days_ago(400, 3_000).at;
    match chart.random.number(0, 4) {
        0 => at.format("%Y").to_string(),
        1 => at.format("%Y-%m").to_string(),
        2 => at.format("%Y-%m-%d").to_string(),
        _ => instant(at),
    }
}

/// A cancer, now or once: both put at risk.
pub(super) fn cancer_now_or_once(chart: &mut Maker<'_>) {
    match chart.random.number(0, 4) {
        0 => active_cancer(chart, Meaning::CancerHistory),
        1 => {
            let concept = chart.concept(Meaning::SolidCancer, false);
            let recorded = long_ago(chart);
            let mut condition = chart.condition(concept, &recorded);
            let state = chart.random.one_of(&["remission", "resolved", "inactive"]);
            set(&mut condition, "clinicalStatus", status("condition-clinical", state));
            chart.add(condition);
        }
        _ => active_cancer(chart, Meaning::SolidCancer),
    }
}

/// Back pain of the last days, with its card.
pub(super) fn pain_of_days(chart: &mut Maker<'_>) -> (Recorded, Option<DateTime<Utc>>) {
    let recorded = chart.days_ago(1, 12);
    let onset = chart
        .random
        .chance(40)
        .then(|| Recorded { at: recorded.at - TimeDelta::days(chart.random.number(1, 30)), is_day: true });
    chart.finding(&Finding { words: BACK_PAIN_WORDS, onset, ..Finding::new(Meaning::BackPain, recorded) });
    (recorded, after(recorded, 14 * 24))
}

fn back_pain(chart: &mut Maker<'_>) -> Vec<Expected> {
    cancer_now_or_once(chart);
    let (_, deadline) = pain_of_days(chart);
    card(&[Code::MriWithin2Weeks], "info", deadline)
}

fn radicular_pain(chart: &mut Maker<'_>) -> Vec<Expected> {
    cancer_now_or_once(chart);
    let recorded = chart.days_ago(0, 5);
    let (meaning, side) = match chart.random.number(0, 4) {
        0 => (Meaning::RadicularPain, None),
        1 => (Meaning::RadicularPain, Some(Side::Left)),
        2 => (Meaning::RadicularPain, Some(Side::Right)),
        _ => (Meaning::RadicularPainLeft, None),
    };
    chart.finding(&Finding { side, ..Finding::new(meaning, recorded) });
    card(&[Code::MriWithin1Week], "warning", after(recorded, 7 * 24))
}

/// A deficit of one root: coded so, or weakness beside radicular pain of the same side.
fn deficit(chart: &mut Maker<'_>, recorded: Recorded, onset: Recorded) {
    let side = Some(chart.random.one_of(&[Side::Left, Side::Right]));
    let course = chart.random.chance(50).then_some("progressive");
    let of = |meaning| Finding { side, onset: Some(onset), course, ..Finding::new(meaning, recorded) };
    if chart.random.chance(50) {
        chart.finding(&of(Meaning::RadicularDeficit));
    } else {
        chart.finding(&of(Meaning::LegWeakness));
        chart.finding(&Finding { side, ..Finding::new(Meaning::RadicularPain, recorded) });
    }
}

fn rapid_deficit(chart: &mut Maker<'_>) -> Vec<Expected> {
    active_cancer(chart, Meaning::SolidCancer);
    let recorded = chart.minutes_ago(5, 23 * 60);
    let began = recorded.at - TimeDelta::minutes(chart.random.number(0, 140 * 60));
    deficit(chart, recorded, Recorded { at: began, is_day: false });
    card(&[Code::MriWithin24h], "critical", after(recorded, 24))
}

fn slow_deficit(chart: &mut Maker<'_>) -> Vec<Expected> {
    active_cancer(chart, Meaning::SolidCancer);
    let recorded = chart.minutes_ago(5, 47 * 60);
    let onset = chart.days_ago(10, 60);
    deficit(chart, recorded, onset);
    card(&[Code::MriWithin48h], "warning", after(recorded, 48))
}

pub(super) fn cord_sign(chart: &mut Maker<'_>) -> Vec<Expected> {
    active_cancer(chart, Meaning::SolidCancer);
    let recorded = chart.minutes_ago(5, 11 * 60);
    let meaning = chart.random.one_of(&SIGNS);
    chart.finding(&Finding::new(meaning, recorded));
    let codes = [Code::MriWithin12h, Code::MesccTreatWithin24h, Code::MesccModalityMdt];
    card(&codes, "critical", after(recorded, 12))
}

pub(super) fn unread_study(chart: &mut Maker<'_>) -> Vec<Expected> {
    active_cancer(chart, Meaning::SolidCancer);
    let recorded = chart.minutes_ago(26 * 60, 60 * 60);
    let meaning =
        chart.random.one_of(&[Meaning::Paraparesis, Meaning::SaddleAnaesthesia, Meaning::SensoryLevel]);
    chart.finding(&Finding::new(meaning, recorded));
    let made = recorded.at + TimeDelta::minutes(chart.random.number(30, 180));
    chart.whole_spine_study(Recorded { at: made, is_day: false });
    card(&[Code::MesccResultNeeded], "critical", None)
}

/// A metastasis of T8 that is documented. Its place alone is 1 point of the SINS, and no part gives more than 16 there.
pub(super) fn vertebral_metastasis(chart: &mut Maker<'_>) {
    let is_by_site = chart.random.chance(40);
    let meaning = if is_by_site { Meaning::BoneMetastasis } else { Meaning::SpineMetastasis };
    let concept = chart.concept(meaning, false);
    let recorded = long_ago(chart);
    let mut condition = chart.condition(concept, &recorded);
    set(&mut condition, "bodySite", json!([t8()]));
    chart.add(condition);
}

fn scored(
    chart: &mut Maker<'_>,
    points: (i64, i64),
    lives_three_months: Option<bool>,
    codes: &[Code],
    indicator: &'static str,
) -> Vec<Expected> {
    active_cancer(chart, Meaning::SolidCancer);
    vertebral_metastasis(chart);
    let (total, recorded) = (chart.random.number(points.0, points.1), chart.days_ago(1, 50));
    chart.score("sins-total", total, recorded);
    if let Some(is_long) = lives_three_months {
        let recorded = chart.days_ago(1, 80);
        chart.life_expectancy(is_long, recorded);
    }
    card(codes, indicator, None)
}

fn long_bone(chart: &mut Maker<'_>) -> Vec<Expected> {
    bone_metastasis(chart);
    let (points, recorded) = (chart.random.number(9, 13), chart.days_ago(1, 50));
    let place = chart.observation(OWN, "mirels-total", ("valueInteger", json!(points)), recorded);
    if let Some(score) = chart.resources.get_mut(place) {
        set(score, "bodySite", femur());
    }
    card(&[Code::MirelsHighFractureRisk], "warning", None)
}

/// A solid tumour with a metastasis of the femur.
fn bone_metastasis(chart: &mut Maker<'_>) {
    active_cancer(chart, Meaning::SolidCancer);
    let concept = chart.concept(Meaning::BoneMetastasis, false);
    let recorded = long_ago(chart);
    let mut condition = chart.condition(concept, &recorded);
    set(&mut condition, "bodySite", json!([femur()]));
    chart.add(condition);
}

fn femur() -> Value {
    coded(SNOMED, "71341001")
}

fn irradiate(chart: &mut Maker<'_>, is_prognosis_known: bool) -> Vec<Expected> {
    active_cancer(chart, Meaning::SolidCancer);
    vertebral_metastasis(chart);
    let recorded = chart.minutes_ago(4 * 24 * 60, 20 * 24 * 60);
    chart.finding(&Finding::new(Meaning::BackPain, recorded));
    let made = chart.minutes_ago(60, 3 * 24 * 60);
    chart.whole_spine_study(made);
    let (points, recorded) = (chart.random.number(1, 7), chart.days_ago(1, 50));
    chart.score("sins-total", points, recorded);
    let (ecog, recorded) = (chart.random.number(0, 3), chart.days_ago(1, 28));
    chart.observation(LOINC, "89247-1", ("valueInteger", json!(ecog)), recorded);
    let lead = if is_prognosis_known {
        let recorded = chart.days_ago(1, 80);
        chart.life_expectancy(true, recorded);
        Code::RadiotherapyPreferred
    } else {
        Code::RadiotherapyPreferredProvisional
    };
    card(&[lead, Code::SbrtDeNovo, Code::CebrtPalliative], "info", None)
}

fn chemosensitive(chart: &mut Maker<'_>) -> Vec<Expected> {
    let meaning = chart.random.one_of(&[Meaning::Myeloma, Meaning::AggressiveLymphoma]);
    active_cancer(chart, meaning);
    vertebral_metastasis(chart);
    card(&[Code::SystemicTherapyPrimary], "info", None)
}

fn bone_agent(chart: &mut Maker<'_>) -> Vec<Expected> {
    bone_metastasis(chart);
    let concept = chart.concept(Meaning::CancerDrug, false);
    let authored = chart.days_ago(1, 60).text();
    chart.add(json!({ "resourceType": "MedicationRequest", "status": "active", "intent": "order",
        "medicationCodeableConcept": concept, "authoredOn": authored }));
    let (clearance, recorded) = (chart.random.number(61, 120), chart.days_ago(1, 28));
    chart.laboratory("2164-2", clearance as f64, "mL/min", None, recorded);
    let (calcium, recorded) = (chart.random.number(88, 102), chart.days_ago(1, 28));
    chart.laboratory("17861-6", calcium as f64 / 10.0, "mg/dL", Some((8.6, 10.2)), recorded);
    card(&[Code::ZoledronicAcidEligible], "info", None)
}

/// A draft of today.
pub(super) fn draft_of(chart: &mut Maker<'_>, meaning: Meaning) -> Value {
    let authored = chart.minutes_ago(1, 30);
    chart.order(meaning, "draft", authored)
}

fn other_imaging(chart: &mut Maker<'_>) -> Answers {
    let view = back_pain(chart);
    let meaning = chart.random.one_of(&[Meaning::SpineXray, Meaning::SpineCt, Meaning::BoneScan]);
    let draft = draft_of(chart, meaning);
    chart.draft(draft);
    let deadline = view.first().and_then(|card| card.deadline);
    (card(&[Code::ImagingCannotExclude, Code::MriWithin2Weeks], "warning", deadline), view)
}

fn partial_mri(chart: &mut Maker<'_>) -> Answers {
    let view = back_pain(chart);
    let draft = draft_of(chart, Meaning::LumbarMri);
    chart.draft(draft);
    let deadline = view.first().and_then(|card| card.deadline);
    (card(&[Code::MriExtendToWholeSpine, Code::MriWithin2Weeks], "warning", deadline), view)
}

fn eight_gray(chart: &mut Maker<'_>) -> Vec<Expected> {
    active_cancer(chart, Meaning::SolidCancer);
    vertebral_metastasis(chart);
    let recorded = chart.days_ago(1, 80);
    chart.life_expectancy(true, recorded);
    let mut draft = draft_of(chart, Meaning::Radiotherapy);
    set(&mut draft, "bodySite", json!([t8()]));
    let (total, unit) = chart.random.one_of(&[(800, "cGy"), (8, "Gy")]);
    let gray = json!({ "value": total, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit });
    let url = "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-prescribed-to-volume";
    set(
        &mut draft,
        "extension",
        json!([{ "url": url, "extension": [{ "url": "totalDose", "valueQuantity": gray },
            { "url": "fractions", "valueUnsignedInt": 1 }] }]),
    );
    chart.draft(draft);
    card(&[Code::Rt8gySingleGoodPrognosis], "warning", None)
}
