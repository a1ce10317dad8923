//! First lines: the act, then its reason, then its deadline.

use super::super::adjunct::LEAST_CLEARANCE;
use super::super::fact::Fact;
use super::super::lesion::UNSTABLE_LEAST;
use super::super::measure::{THREE_MONTHS, months};
use super::super::mescc_treatment::TREAT_WITHIN;
use super::super::regimen::{RISKY_FRACTION, single_fraction};
use super::super::say::{
    Excluded, Headline, ModalityAct, MriAct, OrderAct, RegimenAct, Score, StabilityAct, Trigger,
};
use super::super::tables::stability::MIRELS_HIGH;
use super::{SUMMARY_LENGTH, facts, names};
use crate::domain::{Modality, Side, TreatmentKind};
use chrono_tz::Tz;

/// Most characters of an order's name.
const NAME: usize = 30;

/// The first line.
pub(in crate::guideline) fn first_line(headline: &Headline, zone: Tz) -> String {
    match headline {
        Headline::Mri { act, trigger, due } => {
            let (act, due) = (mri(*act), names::due(*due, zone));
            let full = format!("{act}: {}{due}", trigger_in_full(*trigger));
            // Where it is too long the trigger gives way, never the act or the deadline.
            if full.chars().count() <= SUMMARY_LENGTH {
                full
            } else {
                format!("{act}: {}{due}", trigger_in_short(*trigger))
            }
        }
        Headline::ReadStudy { made, sign } => format!(
            "Read the whole-spine MRI of {} and record its result: cord compression suspected ({})",
            made.for_people(zone),
            names::sign(*sign)
        ),
        Headline::AskMescc { sign, more, patient } => format!(
            "Ask whether cord compression is suspected: {}{} on record, {}",
            names::sign(*sign),
            if *more { " and other signs" } else { "" },
            names::patient(*patient)
        ),
        Headline::AskNewOrWorse { since } => {
            let (treatment, since) = since.map_or(("treatment", String::new()), |(kind, since)| {
                let kind = match kind {
                    TreatmentKind::SpineSurgery => "spine surgery",
                    TreatmentKind::Radiotherapy => "radiotherapy",
                };
                (kind, since.for_people(zone))
            });
            format!(
                "Ask whether anything is new or worse since the {treatment} of {since}; earlier findings are not counted"
            )
        }
        Headline::Treat { confirmed, sign, due } => {
            let state = if *confirmed { "confirmed" } else { "suspected" };
            let act = if due.overdue {
                "Treat now".to_owned()
            } else {
                format!("Treat within {} hours", TREAT_WITHIN.num_hours())
            };
            let sign = sign.map_or("sign", names::sign);
            format!("{act}: cord compression {state} ({sign}){}", names::due(Some(*due), zone))
        }
        Headline::Stability { act, score } => stability(*act, *score),
        Headline::Treatment { modality, regimen, regimen_first } => {
            let first = modality_act(*modality);
            match regimen.map(regimen_act) {
                None => first,
                Some(regimen) if *regimen_first => format!("{regimen}; {}", lower_first(&first)),
                Some(regimen) => format!("{first}; {regimen}"),
            }
        }
        Headline::Zoledronic { all_read } => {
            let exclusion = if *all_read { ", no exclusion on record" } else { "" };
            format!("Consider zoledronic acid with the antineoplastic therapy: bone disease{exclusion}")
        }
        Headline::Vertebroplasty { all_read } => {
            let deficit = if *all_read { ", no deficit on record" } else { "" };
            format!("Consider vertebroplasty: mechanical pain from a vertebral fracture{deficit}")
        }
        Headline::Order { label, act } => format!("{}: {}", short(label.raw()), order(act)),
    }
}

fn mri(act: MriAct) -> String {
    match act {
        MriAct::Within(window) => format!("MRI of the whole spine within {}", names::window(window)),
        MriAct::WithinFromNow(window) => {
            format!("MRI of the whole spine within {} from now", names::window(window))
        }
        MriAct::AskPresentation => "Order an MRI of the whole spine and record the presentation".to_owned(),
        MriAct::InsteadOf(other) => {
            format!("MRI of the whole spine instead of {}", other.map_or("this", Modality::name))
        }
        MriAct::Extend => "Extend the MRI to the whole spine".to_owned(),
        MriAct::BringForward => "Bring the whole-spine MRI forward".to_owned(),
        MriAct::BringOrderedForward => "Bring the ordered whole-spine MRI forward".to_owned(),
        MriAct::StateDate => "State a date for the whole-spine MRI".to_owned(),
    }
}

fn trigger_in_full(trigger: Trigger) -> String {
    match trigger {
        Trigger::Mescc { sign, more, with_pain } => {
            let more = match (more, with_pain) {
                (true, _) => " and other signs",
                (false, true) => " with pain",
                (false, false) => "",
            };
            format!("cord compression suspected ({}{more})", names::sign(sign))
        }
        Trigger::Finding { patient, .. } => {
            format!("{}, {}", trigger_in_short(trigger), names::patient(patient))
        }
        Trigger::Suspicion { no_symptom } => {
            let none = if no_symptom { ", no symptom recorded" } else { "" };
            format!("spinal metastases suspected{none}")
        }
    }
}

fn trigger_in_short(trigger: Trigger) -> String {
    match trigger {
        Trigger::Mescc { .. } => "cord compression suspected".to_owned(),
        Trigger::Finding { complaint, side, .. } => {
            let side = match side {
                Some(Side::Left) => ", left",
                Some(Side::Right) => ", right",
                _ => "",
            };
            format!("{}{side}", names::complaint(complaint))
        }
        Trigger::Suspicion { .. } => "spinal metastases suspected".to_owned(),
    }
}

fn stability(act: StabilityAct, score: Option<Score>) -> String {
    let score = score.map_or_else(|| "SINS".to_owned(), |score| format!("SINS {}", facts::score(score)));
    let months = months(THREE_MONTHS);
    match act {
        StabilityAct::Conflict => format!(
            "Urgent spine, MDT and palliative discussion: {score}, unstable, life expectancy below {months} months"
        ),
        StabilityAct::SpineSurgery => {
            format!("Refer to spine surgery now: {score}, spine unstable, surgery indicated")
        }
        StabilityAct::Mdt => format!("Ask the multidisciplinary team: {score}, spine potentially unstable"),
        StabilityAct::CompleteSins => {
            format!("Complete the SINS and ask the multidisciplinary team: {score}, parts missing")
        }
        StabilityAct::RecordSins => {
            "Record a SINS: symptomatic spinal metastases without a usable stability score".to_owned()
        }
        StabilityAct::Orthopaedics => {
            format!("Refer to orthopaedics: Mirels {MIRELS_HIGH} or more, high risk of fracture")
        }
        StabilityAct::CompleteMirels => {
            "Complete the Mirels score: the missing parts decide the fracture risk".to_owned()
        }
        StabilityAct::WeighMirels => {
            format!("Consider the fracture risk: Mirels {}, just below high risk", MIRELS_HIGH - 1)
        }
    }
}

fn modality_act(act: ModalityAct) -> String {
    let months = months(THREE_MONTHS);
    match act {
        ModalityAct::Conflict => format!(
            "Urgent spine, MDT and palliative discussion: surgery indicated, life expectancy below {months} months"
        ),
        ModalityAct::Surgery { unstable } => {
            let why = if unstable { "unstable spine" } else { "failure after radiotherapy" };
            format!(
                "Refer to spine surgery, the preferred treatment: {why}, life expectancy at least {months} months"
            )
        }
        ModalityAct::Systemic { therapy_unread } => {
            let therapy =
                if therapy_unread { "current therapy could not be read" } else { "none current on record" };
            format!("Ask oncology for systemic therapy first: highly chemosensitive tumour, {therapy}")
        }
        ModalityAct::Radiotherapy => "Refer for radiotherapy, the preferred treatment".to_owned(),
        ModalityAct::Provisional { mdt, estimate } => {
            let pending = match (mdt, estimate) {
                (true, true) => "MDT and life expectancy pending",
                (true, false) => "MDT pending",
                _ => "life expectancy pending",
            };
            format!("Plan radiotherapy, provisionally preferred ({pending})")
        }
        ModalityAct::NotAmenable => {
            "Discuss in the multidisciplinary team: surgery is indicated, but the area is not amenable to it"
                .to_owned()
        }
        ModalityAct::StateLifeExpectancy => {
            format!("State the life expectancy: surgery is indicated if it is at least {months} months")
        }
        ModalityAct::AskTolerable => {
            "Ask whether radiotherapy is tolerable, and complete its criteria: symptomatic spinal metastases"
                .to_owned()
        }
        ModalityAct::CompleteCriteria => {
            "Complete the criteria for radiotherapy: symptomatic spinal metastases, modality undetermined"
                .to_owned()
        }
    }
}

const fn regimen_act(act: RegimenAct) -> &'static str {
    match act {
        RegimenAct::PriorUnread => "prior radiotherapy could not be read",
        RegimenAct::Conventional => "conventional (SBRT not available)",
        RegimenAct::Either => "SBRT or conventional",
        RegimenAct::Reirradiation => "reirradiation by SBRT",
        RegimenAct::SurgeryFirst => "Ask spine surgery before SBRT",
    }
}

/// What is asked of an order, after its name.
pub(super) fn order(act: &OrderAct) -> String {
    let months = months(THREE_MONTHS);
    let said = match act {
        OrderAct::UnstableSpine => {
            return format!("ask spine surgery first, the spine is unstable (SINS {UNSTABLE_LEAST} or more)");
        }
        OrderAct::NotListed(dose) => {
            let dose = dose.map_or_else(
                || "the dose".to_owned(),
                |(total, fractions)| {
                    format!("{}.{} Gy in {fractions}", total / 100, total / 10 % 10).replace(".0 ", " ")
                },
            );
            return format!("check {dose}, it is not among the guideline's schemes");
        }
        OrderAct::Reirradiation { gate_closed: true, .. } => {
            "consider SBRT instead, the site was irradiated before; ask spine surgery first"
        }
        OrderAct::Reirradiation { available: true, .. } => {
            "consider SBRT instead, the site was irradiated before"
        }
        OrderAct::Reirradiation { .. } => "consider referral for SBRT, the site was irradiated before",
        OrderAct::SingleFraction => {
            return format!(
                "no {} as definitive treatment, life expectancy is at least {months} months",
                single_fraction()
            );
        }
        OrderAct::SingleFractionStateLife => {
            return format!(
                "state the life expectancy, {} is only for less than {months} months",
                single_fraction()
            );
        }
        OrderAct::SurgeryFirst => "ask spine surgery before SBRT",
        OrderAct::FractureRisk => {
            return format!("weigh the fracture risk of more than {} Gy in a fraction", RISKY_FRACTION / 100);
        }
        OrderAct::ReconsiderSurgery => {
            return format!("reconsider, life expectancy is below {months} months");
        }
        OrderAct::SurgeryStateLife => {
            return format!("state the life expectancy, spine surgery needs at least {months} months");
        }
        OrderAct::ZoledronicExcluded(excluded) => return format!("reconsider, {}", excluded_by(*excluded)),
        OrderAct::ZoledronicMissing(missing) => return format!("first record {}", names_of(missing)),
    };
    said.to_owned()
}

/// The names of facts in one phrase.
pub(super) fn names_of(facts: &[Fact]) -> String {
    facts.iter().map(|fact| fact.name()).collect::<Vec<_>>().join(", ").replace('_', " ")
}

fn excluded_by(excluded: Excluded) -> String {
    let said = match excluded {
        Excluded::Allergy => "bisphosphonate allergy on record",
        Excluded::Pregnancy => "pregnancy on record",
        Excluded::Primary => "lymphoma or leukaemia alone, no solid tumour",
        Excluded::Calcium => "calcium is low",
        Excluded::OtherAgent => "another bone agent is current",
        Excluded::Prostate => "prostate cancer not progressing on hormones",
        Excluded::Clearance(clearance) => {
            return format!(
                "creatinine clearance {}, below {}",
                facts::millilitres(clearance),
                LEAST_CLEARANCE / 100
            );
        }
    };
    said.to_owned()
}

/// An order's name, short enough for a first line.
fn short(label: &str) -> String {
    if label.is_empty() {
        return "Order".to_owned();
    }
    if label.chars().count() <= NAME {
        label.to_owned()
    } else {
        label.chars().take(NAME - 1).chain(['…']).collect()
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
