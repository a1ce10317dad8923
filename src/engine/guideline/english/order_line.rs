//! First lines of orders, and what closes the gate before SBRT.

use super::super::adjunct;
use super::super::fact::Fact;
use super::super::regimen::{RISKY_FRACTION, single_fraction};
use super::super::say::{Excluded, GateReason, LifeSaid, OrderAct, Surgeon};
use super::choice::with;
use super::{acts, facts, names};

/// What closes the gate before SBRT; empty where that is not known.
pub(super) fn gate(reason: Option<GateReason>) -> String {
    match reason {
        Some(GateReason::Score(score)) => format!("SINS {}", facts::score(score)),
        Some(GateReason::Fracture) => "vertebral fracture".to_owned(),
        Some(GateReason::Sign(sign)) => sign.map_or("sign of cord compression", names::sign).to_owned(),
        Some(GateReason::Unknown { part: Some(score), .. }) => {
            format!("SINS {} by its recorded parts", facts::score(score))
        }
        Some(GateReason::Unknown { fact, unread: true, .. }) => {
            format!("{} could not be read", names::asked(fact))
        }
        Some(GateReason::Unknown { fact, .. }) => format!("{} not known", names::asked(fact)),
        None => String::new(),
    }
}

/// What the closed gate asks for.
pub(super) const fn before_sbrt(surgeon: Surgeon) -> &'static str {
    match surgeon {
        Surgeon::NotAsked => "Ask spine surgery before SBRT",
        Surgeon::Asked => "Get the answer of spine surgery before SBRT",
        Surgeon::SawBefore => "Ask spine surgery again before SBRT",
    }
}

/// A dose of total cGy and its fractions.
fn dose_and_fractions((total, fractions): (u32, u16)) -> String {
    let dose = format!("{}.{:02}", total / 100, total % 100);
    let dose = dose.trim_end_matches('0').trim_end_matches('.');
    format!("{dose} Gy in {fractions} fraction{}", if fractions == 1 { "" } else { "s" })
}

/// What the first line adds to what is asked of an order: what is listed in its place. "Do now" has it in full.
pub(super) fn instead(act: &OrderAct) -> Option<String> {
    match act {
        OrderAct::SingleFraction { sbrt, irradiated: false, .. } => {
            let sbrt = if *sbrt { "SBRT or " } else { "" };
            Some(format!("; listed: {sbrt}{}", acts::conventional(false)))
        }
        _ => None,
    }
}

/// What is asked of an order.
pub(super) fn order(act: &OrderAct) -> String {
    match act {
        OrderAct::UnstableSpine(score) => {
            format!("Agree with spine surgery before radiotherapy: SINS {}, unstable", facts::score(*score))
        }
        OrderAct::NotListed { dose, sbrt, .. } => {
            let read = if *sbrt { " as SBRT" } else { "" };
            let dose = dose.map_or_else(|| "the dose".to_owned(), dose_and_fractions);
            format!("Check the dose: {dose}{read} is not among the listed schemes")
        }
        OrderAct::Reirradiation { gate: Some(reason), .. } => {
            let why = gate(Some(*reason));
            format!("Ask spine surgery ({why}), then consider SBRT instead: irradiated before")
        }
        OrderAct::Reirradiation { available: true, .. } => {
            "Consider SBRT instead: the site was irradiated before".to_owned()
        }
        OrderAct::Reirradiation { .. } => {
            "Consider referral for SBRT: the site was irradiated before".to_owned()
        }
        OrderAct::SingleFraction { life, .. } => format!(
            "{} is not advised as definitive treatment: {}",
            single_fraction(),
            facts::life_expectancy(*life)
        ),
        OrderAct::SingleFractionStateLife(recorded) => {
            format!(
                "{} {} is not advised as definitive treatment",
                state_life(*recorded, "with"),
                single_fraction()
            )
        }
        OrderAct::SurgeryFirst(reason, surgeon) => with(before_sbrt(*surgeon), &gate(*reason)),
        OrderAct::FractureRisk { factor, dose } => {
            let of = dose.map_or_else(
                || format!("more than {} Gy in a fraction", RISKY_FRACTION / 100),
                dose_and_fractions,
            );
            format!("Weigh the fracture risk of {of}: {}", facts::risk(*factor))
        }
        OrderAct::ReconsiderSurgery(life) => {
            format!(
                "Reconsider spine surgery: {}, surgery needs {}",
                facts::life_expectancy(*life),
                names::long_enough()
            )
        }
        OrderAct::SurgeryStateLife(recorded) => state_life(*recorded, "spine surgery needs"),
        OrderAct::ZoledronicExcluded(excluded) => {
            format!("Reconsider zoledronic acid: {}", excluded_by(*excluded))
        }
        OrderAct::ZoledronicMissing { lacking, unread, calcium } => {
            let asked = |fact: &Fact| match calcium.filter(|_| *fact == Fact::Calcium) {
                Some(amount) => format!("whether calcium {} is low", facts::calcium(amount)).into(),
                None => names::asked(*fact),
            };
            // Which of them could not be read stands below.
            let verb = if unread.is_empty() { "record" } else { "check" };
            let all: Vec<_> = lacking.iter().chain(unread).map(asked).collect();
            format!("Before zoledronic acid, {verb} {}", all.join(", "))
        }
    }
}

/// Asks for the life expectancy, or how long it is where a range or two values are recorded.
pub(super) fn state_life(recorded: Option<LifeSaid>, needs: &str) -> String {
    let ask = match recorded {
        Some(life) if life.contradicts => "State the life expectancy, its records contradict".to_owned(),
        Some(life) if life.at_least.or(life.at_most).is_some() => {
            format!("State the life expectancy, {} is recorded", facts::months_of(life))
        }
        _ => "State the life expectancy".to_owned(),
    };
    format!("{ask}: {needs} {}", names::long_enough())
}

fn excluded_by(excluded: Excluded) -> String {
    let said = match excluded {
        Excluded::Allergy => "bisphosphonate allergy (US label)",
        Excluded::Pregnancy => "pregnancy (US label)",
        Excluded::Primary => "lymphoma or leukaemia alone, no solid tumour",
        Excluded::Calcium(None) => "calcium is low (US label)",
        Excluded::Calcium(Some(amount)) => {
            return format!("calcium {}, low (US label)", facts::calcium(amount));
        }
        Excluded::OtherAgent => "another bone agent is current",
        Excluded::Prostate => "prostate cancer not progressing on hormones",
        Excluded::Clearance(clearance) => {
            return format!(
                "creatinine clearance {}, below {} (US label)",
                facts::millilitres(clearance),
                adjunct::LEAST_CLEARANCE / 100
            );
        }
    };
    said.to_owned()
}
