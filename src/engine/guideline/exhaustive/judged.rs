//! Scores, judgements, earlier treatment, drugs and consults of the blocks' patients.

use super::patients::{DAY, ago, evidence, t8};
use super::space::Combination;
use crate::domain::{
    Aim, Consult, ConsultRecord, Dose, Drug, Facts, Judgement, JudgementRecord, LifeExpectancyRecord,
    MedicationRecord, MirelsParts, MirelsRecord, Performance, PerformanceRecord, SinsParts, SinsRecord,
    Source, SpineTreatment, TreatmentKind,
};
use crate::guideline::Fact;

/// The names of all judgements.
pub(super) const JUDGEMENTS: [&str; Judgement::ALL.len()] = {
    let mut names = [""; Judgement::ALL.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = Fact::of_judgement(Judgement::ALL[place]).name();
        place += 1;
    }
    names
};

fn judgement(facts: &mut Facts, judgement: Judgement, answer: bool) {
    facts.judgements.push(JudgementRecord {
        judgement,
        answer,
        seen: Some(ago(DAY)),
        evidence: evidence(&format!("Observation/{judgement:?}"), DAY),
    });
}

/// Scores, judgements and consults.
pub(super) fn judge(facts: &mut Facts, combination: &Combination<'_>) {
    let parts = SinsParts {
        location: Some(1),
        pain: Some(0),
        lesion: Some(2),
        alignment: Some(0),
        collapse: None,
        posterolateral: Some(1),
    };
    let (total, parts) = match combination.of("SINS") {
        "" | "none" => (None, None),
        "4 to 7" => (None, Some(parts)),
        number => (number.parse().ok(), Some(SinsParts::default())),
    };
    facts.sins.extend(parts.map(|parts| SinsRecord {
        levels: t8(),
        total,
        parts,
        seen: Some(ago(3 * DAY)),
        evidence: evidence("Observation/sins", 3 * DAY),
    }));
    let (total, parts) = match combination.of("Mirels") {
        "" | "none" => (None, None),
        "7 to 9" => (None, Some(MirelsParts { site: Some(2), pain: Some(2), lesion: Some(2), size: None })),
        number => (number.parse().ok(), Some(MirelsParts::default())),
    };
    facts.mirels.extend(parts.map(|parts| MirelsRecord {
        bone: "femur".to_owned(),
        bone_words: "Femur".to_owned(),
        total,
        parts,
        seen: Some(ago(3 * DAY)),
        evidence: evidence("Observation/mirels", 3 * DAY),
    }));
    let life = match combination.of("life expectancy") {
        "below 3 months" => Some((None, Some(300), true)),
        "2 months" => Some((Some(200), Some(200), false)),
        "half a month" => Some((Some(50), Some(50), false)),
        "6 months" => Some((Some(600), Some(600), false)),
        _ => None,
    };
    facts.life_expectancy.extend(life.map(|(at_least, at_most, below)| LifeExpectancyRecord {
        at_least,
        at_most,
        below,
        seen: Some(ago(DAY)),
        evidence: evidence("Observation/life", DAY),
    }));
    let ecog = match combination.of("performance") {
        "ECOG 1" => Some(1),
        "ECOG 3" => Some(3),
        _ => None,
    };
    facts.performance.extend(ecog.map(|grade| PerformanceRecord {
        value: Performance::Ecog(grade),
        seen: Some(ago(DAY)),
        evidence: evidence("Observation/ecog", DAY),
    }));
    for (value, which, answer) in [
        (("performance", "not tolerable"), Judgement::RadiotherapyTolerable, false),
        (("reirradiation", "not feasible"), Judgement::ReirradiationFeasible, false),
        (("reirradiation", "feasible"), Judgement::ReirradiationFeasible, true),
        (("area", "not amenable"), Judgement::AreaAmenableToSurgery, false),
        (("area", "amenable"), Judgement::AreaAmenableToSurgery, true),
        (("lytic disease", "yes"), Judgement::SignificantLyticDisease, true),
        (("mechanical pain", "yes"), Judgement::MechanicalPain, true),
        (("mechanical pain", "no"), Judgement::MechanicalPain, false),
        (("prostate progression", "yes"), Judgement::ProstateProgressionOnHormones, true),
        (("prostate progression", "no"), Judgement::ProstateProgressionOnHormones, false),
        (("therapy", "current"), Judgement::AntineoplasticTherapy, true),
    ] {
        if combination.is(value.0, value.1) {
            judgement(facts, which, answer);
        }
    }
    for (axis, answered) in [("judgement", "answered"), ("another judgement", "that answered")] {
        let named = |judgement: &&Judgement| Fact::of_judgement(**judgement).name() == combination.of(axis);
        if let Some(which) = Judgement::ALL.iter().find(named) {
            judgement(facts, *which, combination.is(answered, "yes"));
        }
    }
    if combination.of("deterioration").starts_with("despite") {
        judgement(facts, Judgement::DeteriorationDespiteRadiotherapy, true);
        facts.worse_despite_treatment.push(evidence("Observation/worse", DAY));
    }
    if combination.is("deterioration", "despite both") {
        drug(facts, Drug::Corticosteroid);
    }
    match combination.of("prior radiotherapy") {
        "" | "none" => {}
        "not read" => facts.unavailable.push(Source::Procedure),
        other => {
            facts.treatments.push(SpineTreatment {
                kind: TreatmentKind::Radiotherapy,
                start: Some(ago(300 * DAY)),
                end: Some(ago(290 * DAY)),
                running: false,
                aim: Aim::Spine(t8()),
                dose: Dose::default(),
                evidence: evidence("Procedure/radiotherapy", 290 * DAY),
            });
            match other {
                "progressed" => {
                    judgement(facts, Judgement::ProgressionAfterRadiotherapy, true);
                    facts.worse_despite_treatment.push(evidence("Observation/progression", DAY));
                }
                "not progressed" => judgement(facts, Judgement::ProgressionAfterRadiotherapy, false),
                _ => {}
            }
        }
    }
    match combination.of("fracture") {
        "yes" => facts.vertebral_fractures.push(evidence("Condition/fracture", 5 * DAY)),
        "not read" => facts.unavailable.push(Source::Condition),
        _ => {}
    }
    let consult = match combination.of("consult") {
        "spine surgery done" => Some((Consult::SpineSurgery, true)),
        "spine surgery requested" => Some((Consult::SpineSurgery, false)),
        "MDT requested" => Some((Consult::Mdt, false)),
        "orthopaedics requested" => Some((Consult::Orthopaedic, false)),
        "radiation oncology requested" => Some((Consult::RadiationOncology, false)),
        _ => None,
    };
    facts.consults.extend(consult.map(|(consult, done)| ConsultRecord {
        consult,
        done,
        when: Some(ago(1)),
        evidence: evidence("ServiceRequest/consult", 1),
    }));
}

/// A current drug.
pub(super) fn drug(facts: &mut Facts, drug: Drug) {
    facts.medications.push(MedicationRecord {
        drug,
        current: true,
        when: Some(ago(DAY)),
        evidence: evidence(&format!("MedicationRequest/{drug:?}"), DAY),
    });
}
