//! First lines of stability and treatment: what is chosen, and the values that decide.
//!
//! Deliberately absent: orders ([`super::order_line`]).

use super::super::fact::Fact;
use super::super::measure::{ONE_MONTH, months};
use super::super::say::{
    BesideSpine, Criteria, GateReason, Headline, LifeSaid, ModalityAct, Performed, RecordText, RegimenAct,
    Score, StabilityAct,
};
use super::super::tables::stability::MIRELS_HIGH;
use super::escape::bare;
use super::{facts, names, order_line};

/// Most characters of an order's name.
const NAME: usize = 30;

/// What a score asks for, the fullest form first.
pub(super) fn stability(
    act: StabilityAct,
    score: Option<Score>,
    bone: &RecordText,
    life: Option<LifeSaid>,
    last: Option<String>,
    again: bool,
) -> Vec<String> {
    let bone = names::lower(&short(bone.raw())).into_owned();
    let at = if bone.is_empty() { bone } else { format!("{bone}, ") };
    let number = score.map_or_else(String::new, facts::score);
    let said = match act {
        StabilityAct::Conflict => {
            let life =
                life.map_or_else(String::new, |life| format!(", but {}", facts::life_expectancy(life)));
            let short =
                format!("Discuss now with spine surgery, MDT and palliative care: SINS {number}, unstable");
            return vec![format!("{short}{life}"), short];
        }
        StabilityAct::SpineSurgery if again => {
            format!(
                "Refer to spine surgery again, now: SINS {number}, unstable, scored since the last consult"
            )
        }
        StabilityAct::SpineSurgery => format!("Refer to spine surgery now: SINS {number}, unstable"),
        StabilityAct::Mdt if again => format!(
            "Present again to the multidisciplinary team: SINS {number}, potentially unstable, scored since the last time"
        ),
        StabilityAct::Mdt => {
            format!("Present to the multidisciplinary team: SINS {number}, potentially unstable")
        }
        StabilityAct::CompleteSins => {
            format!(
                "Complete the SINS and present to the multidisciplinary team: {number} by the recorded parts"
            )
        }
        StabilityAct::RecordSins => {
            let last = last.unwrap_or_else(|| "none entered".to_owned());
            format!("Record a SINS for the symptomatic spinal metastases: {last}")
        }
        StabilityAct::Orthopaedics => {
            format!("Refer to orthopaedics: {at}Mirels {number}, high fracture risk")
        }
        StabilityAct::CompleteMirels => {
            let of = if at.is_empty() { at } else { format!(" ({})", at.trim_end_matches(", ")) };
            format!(
                "Complete the Mirels score{of}: {number} by its recorded parts, high fracture risk from {MIRELS_HIGH}"
            )
        }
        StabilityAct::WeighMirels => {
            format!("Weigh the fracture risk: {at}Mirels {number}, high from {MIRELS_HIGH}")
        }
    };
    vec![said]
}

/// What a long bone asks for beside the spine, the fullest form first; none where it asks for nothing.
pub(super) fn beside(headline: &Headline) -> Vec<String> {
    let Headline::Stability { beside: Some(BesideSpine { act, score, bone }), .. } = headline else {
        return Vec::new();
    };
    let mut forms: Vec<String> = stability(*act, Some(*score), bone, None, None, false);
    forms.iter_mut().for_each(|line| *line = names::lower(line).into_owned());
    let short = forms.first().and_then(|line| Some(line.rsplit_once(", high")?.0.to_owned()));
    forms.extend(short);
    forms
}

/// What a card of the spine's stability adds to a call of spine surgery; `None` for every other card.
pub(super) fn told_on_the_call(headline: &Headline) -> Option<String> {
    match headline {
        Headline::Stability { act: StabilityAct::SpineSurgery, score: Some(score), .. } => {
            Some(format!("Tell spine surgery that the spine is unstable: SINS {}.", facts::score(*score)))
        }
        _ => None,
    }
}

/// What a card of the spine's stability says of the treatment that folded into it: surgery is preferred, too.
pub(super) fn preferred_too(upper: &Headline, folded: &Headline) -> Option<String> {
    match (upper, folded) {
        (
            Headline::Stability { act: StabilityAct::SpineSurgery, .. },
            Headline::Treatment { modality: ModalityAct::Surgery { unstable: true, .. }, criteria, .. },
        ) => {
            let life =
                criteria.life.map_or_else(String::new, |life| format!("{}, ", facts::life_expectancy(life)));
            Some(format!("{life}surgery preferred"))
        }
        _ => None,
    }
}

/// The values of the criteria in one phrase; empty where none is known.
fn known(criteria: &Criteria) -> String {
    let parts = [
        criteria.score.map(|score| format!("SINS {}", facts::score(score))),
        criteria.performance.map(facts::performance),
        criteria.life.map(facts::life_expectancy),
        criteria.irradiated.map(|irradiated| {
            match (irradiated, criteria.elsewhere) {
                (true, _) if criteria.no_sbrt => "irradiated before, no SBRT here",
                (true, _) => "irradiated before",
                (false, true) => "this site not irradiated before",
                (false, false) => "not irradiated before",
            }
            .to_owned()
        }),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// "act: values", or the act alone.
pub(super) fn with(act: &str, values: &str) -> String {
    if values.is_empty() { act.to_owned() } else { format!("{act}: {values}") }
}

/// Why surgery is indicated, where the spine is not unstable.
const fn failed(criteria: &Criteria) -> &'static str {
    if criteria.progressed {
        "progressed after radiotherapy, not to be repeated"
    } else {
        "worse despite radiotherapy and corticosteroids"
    }
}

/// A modality with its regimen, the fullest form first.
pub(super) fn treatment(
    modality: ModalityAct,
    regimen: Option<RegimenAct>,
    criteria: &Criteria,
) -> Vec<String> {
    let values = known(criteria);
    let score = criteria.score.map_or_else(String::new, |score| format!("SINS {}", facts::score(score)));
    let life = criteria.life.map_or_else(String::new, facts::life_expectancy);
    let both = [score.as_str(), life.as_str()].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>();
    let both = both.join(", ");
    match modality {
        ModalityAct::Radiotherapy | ModalityAct::Provisional { .. } => {
            radiotherapy(modality, regimen, criteria, &values)
        }
        ModalityAct::Conflict { unstable } => {
            let why = if unstable { score.as_str() } else { failed(criteria) };
            vec![
                format!("Discuss now with spine surgery, MDT and palliative care: {why}; {life}"),
                format!("Discuss now with spine surgery, MDT and palliative care: {life}"),
                "Discuss now with spine surgery, MDT and palliative care".to_owned(),
            ]
        }
        ModalityAct::Surgery { unstable, asked } => {
            let act = if asked {
                "Plan surgery, the preferred treatment, with spine surgery (asked already)"
            } else {
                "Refer to spine surgery, the preferred treatment"
            };
            let worse = failed(criteria);
            let why = if unstable { both } else { format!("{worse}, {life}") };
            let short = if unstable { score } else { worse.to_owned() };
            vec![with(act, &why), with(act, &short), act.to_owned()]
        }
        ModalityAct::Systemic { therapy_unread, cancer } => {
            let therapy = if therapy_unread {
                "current therapy could not be read"
            } else {
                "no current therapy charted"
            };
            let act = if therapy_unread {
                "Ask oncology whether systemic therapy comes first"
            } else {
                "Ask oncology for systemic therapy, the primary treatment"
            };
            vec![format!("{act}: {}, {therapy}", names::blood_cancer(cancer))]
        }
        ModalityAct::NotAmenable { unstable } => {
            let why = if unstable { score.as_str() } else { failed(criteria) };
            vec![
                format!(
                    "Present to the multidisciplinary team: surgery indicated ({why}), area not amenable to it"
                ),
                "Present to the multidisciplinary team: surgery indicated, area not amenable to it"
                    .to_owned(),
            ]
        }
        ModalityAct::StateLifeExpectancy { unstable } => {
            let why = if unstable { score.as_str() } else { failed(criteria) };
            let needs =
                if why.is_empty() { "surgery needs".to_owned() } else { format!("{why}; surgery needs") };
            vec![order_line::state_life(criteria.life, &needs), order_line::state_life(None, &needs)]
        }
        ModalityAct::AskTolerable => {
            let at = match criteria.performance {
                Some(scale @ Performed::Scale(_)) => format!(" at {}", facts::performance(scale)),
                _ => String::new(),
            };
            let rest = Criteria { performance: None, ..criteria.clone() };
            let ask = format!("Ask whether radiotherapy is tolerable{at}");
            vec![with(&ask, &known(&rest)), with(&ask, &both), ask]
        }
        ModalityAct::CompleteCriteria => {
            let open: Vec<_> = criteria.open.iter().map(|fact| names::asked(*fact)).collect();
            let act = if open.is_empty() {
                "Present to the multidisciplinary team".to_owned()
            } else {
                // Its recorded parts leave the score open.
                let partly = criteria.score.is_some() && criteria.open.contains(&Fact::Sins);
                let state = if partly { "open" } else { "not known" };
                let open = match open.as_slice() {
                    [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
                    few => few.join(""),
                };
                format!("Present to the multidisciplinary team, {open} {state}")
            };
            // Where radiotherapy is not tolerable, that decides and does not give way.
            let judged = criteria.performance.filter(|it| matches!(it, Performed::Judged(_)));
            let judged = judged.map(facts::performance).into_iter().chain([both.clone()]);
            let judged: Vec<String> = judged.filter(|it| !it.is_empty()).collect();
            // That the site was not irradiated is no reason by itself.
            let others =
                criteria.score.is_some() || criteria.performance.is_some() || criteria.life.is_some();
            let values = if criteria.irradiated == Some(false) && !others { String::new() } else { values };
            vec![with(&act, &values), with(&act, &judged.join(", ")), with(&act, &both), act]
        }
    }
}

fn radiotherapy(
    modality: ModalityAct,
    regimen: Option<RegimenAct>,
    criteria: &Criteria,
    values: &str,
) -> Vec<String> {
    if regimen == Some(RegimenAct::SurgeryFirst) {
        let line = with(order_line::before_sbrt(criteria.surgeon), &order_line::gate(criteria.gate));
        let preferred = match modality {
            ModalityAct::Provisional { .. } => "radiotherapy preferred, provisionally",
            _ => "radiotherapy preferred",
        };
        // A score names its level.
        let score =
            matches!(criteria.gate, Some(GateReason::Score(_) | GateReason::Unknown { part: Some(_), .. }));
        let to = if score || criteria.levels.is_empty() {
            String::new()
        } else {
            format!(" to {}", names::levels(criteria.levels))
        };
        let act = order_line::before_sbrt(criteria.surgeon);
        let with_levels = with(&format!("{act}{to}"), &order_line::gate(criteria.gate));
        return vec![format!("{with_levels}; {preferred}"), format!("{line}; {preferred}"), line];
    }
    let act = match regimen {
        Some(RegimenAct::Reirradiation) => "Refer to radiation oncology for SBRT reirradiation",
        _ => "Refer to radiation oncology",
    };
    let last = match regimen {
        Some(RegimenAct::PriorUnread) => ". Earlier radiotherapy could not be read",
        Some(RegimenAct::Conventional) => ". Conventional: no SBRT here",
        Some(RegimenAct::Either) => ". SBRT or conventional",
        _ => "",
    };
    // A life expectancy that is recorded may leave open whether there is time for the effect.
    let estimate = criteria.life.map_or_else(
        || "life expectancy pending".to_owned(),
        |life| format!("{} (at least {} month?)", facts::life_expectancy(life), months(ONE_MONTH)),
    );
    let pending = match modality {
        ModalityAct::Provisional { mdt: true, estimate: true } if criteria.life.is_none() => {
            "; MDT and life expectancy pending".to_owned()
        }
        ModalityAct::Provisional { mdt: true, estimate: true } => format!("; MDT pending, {estimate}"),
        ModalityAct::Provisional { mdt: true, .. } => "; MDT pending".to_owned(),
        ModalityAct::Provisional { .. } => format!("; {estimate}"),
        _ => String::new(),
    };
    let short = Criteria { life: None, irradiated: None, ..criteria.clone() };
    // Where it is pending, it is said there.
    let values = if pending.contains("life expectancy") {
        known(&Criteria { life: None, ..criteria.clone() })
    } else {
        values.to_owned()
    };
    vec![
        format!("{}{pending}{last}", with(act, &values)),
        format!("{}{pending}{last}", with(act, &known(&short))),
        format!("{act}{pending}{last}"),
    ]
}

/// An order's name, short enough for a first line.
pub(super) fn short(label: &str) -> String {
    let label = bare(label);
    if label.chars().count() <= NAME { label } else { label.chars().take(NAME - 1).chain(['…']).collect() }
}
