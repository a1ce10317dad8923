//! What to do, a line each.

use super::super::adjunct;
use super::super::deadline::Deadline;
use super::super::lesion::{STABLE_MOST, UNSTABLE_LEAST};
use super::super::measure::{ONE_MONTH, THREE_MONTHS, months};
use super::super::regimen::{self, RISKY_FRACTION, single_fraction};
use super::super::regimen_card::SHORT_INTERVAL;
use super::super::say::{Act, Named, StabilityAct};
use super::super::tables::mri_timing;
use super::super::tables::stability::MIRELS_HIGH;
use super::escape::escape;
use super::{buttons, facts, first_line, names};
use crate::domain::moment;
use chrono_tz::Tz;

/// The line of an act.
pub(super) fn sentence(act: &Act, zone: Tz) -> String {
    let fixed = match act {
        Act::GoalsOfCare => {
            "Ask first whether this fits the goals of care: comfort care is recorded, so this card is shown one step milder."
        }
        Act::EarlierOverdue => {
            "An earlier finding is overdue by its own row already: do not use up the time."
        }
        Act::Extended => {
            "Extended from the summary, which speaks of progressing deficits only: this one is recorded as stable or improving."
        }
        Act::RecordPresentation => "Record symptoms and deficits: the presentation sets the deadline.",
        Act::OnlyMri => "Do not rely on X-ray, CT or bone scan: they cannot exclude spinal metastases.",
        Act::ReviewMrSafety => {
            "Have MR safety reviewed now: a device or implant is on record. The clock runs on, and plain films are no substitute."
        }
        Act::RecordResult => {
            "Record the result (ESCC grade), or record that cord compression is not suspected."
        }
        Act::RecordSuspicion => {
            "Record whether cord compression is suspected, and any pain, deficit or recent change."
        }
        Act::RecordNewFindings => {
            "Record any new or worse pain, deficit or sign: a new finding starts a new MRI deadline."
        }
        Act::TotalDisagrees => {
            "A recorded total disagrees with its components: the higher is used; check it."
        }
        Act::DiscussConflict => {
            "Discuss urgently with spine surgery, the multidisciplinary team and palliative care: neither surgery nor radiotherapy is simply preferred. Vertebroplasty may be considered."
        }
        Act::ReferToSurgery => "Refer to spine surgery.",
        Act::AskOncology => "Ask oncology whether systemic therapy is the primary treatment.",
        Act::PresentNotAmenable => {
            "Present to the multidisciplinary team: the area is recorded as not amenable to surgery."
        }
        Act::MayBeChemosensitive => "The tumour may be chemosensitive: ask oncology.",
        Act::FindOutPrior => "Find out whether the site was irradiated before: the regimen depends on it.",
        Act::CordCaution => {
            "SBRT: epidural progression is the commonest failure; delineate the cord with care and keep its dose constraints (myelopathy 1.2 % in reirradiation series)."
        }
        Act::Reirradiate => {
            "SBRT is the recommended option at a site irradiated before; the guideline names no dose scheme for it. Do not assume a poor prognosis."
        }
        Act::SurgeryFirst => "Ask spine surgery before SBRT: the gate comes first.",
        Act::Vertebroplasty => {
            "Consider vertebroplasty for mechanical pain from the fracture, if the operator finds the patient eligible; it can be combined with radiofrequency ablation."
        }
        Act::RecognisedFromText => {
            "An order was recognised from its text, not from a code: check that it is the one meant."
        }
        Act::DraftWithoutId => "The draft has no id, so it cannot be changed from here: change it by hand.",
        Act::DoseFromText => "Dose or technique was read from text: check that it is what is meant.",
        _ => return built(act, zone),
    };
    fixed.to_owned()
}

/// The lines with something of the patient, or a number that decides, in them.
fn built(act: &Act, zone: Tz) -> String {
    let three = months(THREE_MONTHS);
    match act {
        Act::OrderMri(due) => {
            format!("Order an MRI of the whole spine with T1 and T2 sequences, {}.", needed(*due, zone))
        }
        Act::BringForward(order, due) => format!(
            "Bring forward the MRI that is already ordered ({}): it is needed {}.",
            parts(order),
            needed(*due, zone)
        ),
        Act::CountsFrom(start) => {
            format!("The deadline counts from {}, when this was recorded.", start.for_people(zone))
        }
        Act::ReadStudy(made) => {
            format!("Read the whole-spine MRI of {}: no result is recorded.", made.for_people(zone))
        }
        Act::TreatIfCompressed(due) if due.overdue => format!(
            "If the cord is compressed, treat at once: treatment was due by {}, that time has passed.",
            moment(due.at, zone)
        ),
        Act::TreatIfCompressed(due) | Act::Treat { due: due @ Deadline { overdue: false, .. }, confirmed: false } => {
            format!("If the cord is compressed, treat by {}.", moment(due.at, zone))
        }
        Act::Treat { due, .. } if due.overdue => {
            format!("Treat now: treatment was due by {}.", moment(due.at, zone))
        }
        Act::Treat { due, .. } => format!("Treat by {}.", moment(due.at, zone)),
        Act::MriIfSuspected => format!(
            "If it is suspected, MRI of the whole spine is due within {}.",
            mri_timing::ROWS[0].gives.window.length.map(names::window).unwrap_or_default()
        ),
        Act::DecideModality { surgery: true } => {
            "Surgery and radiotherapy are equivalent: decide by multidisciplinary discussion with the patient's preference.".to_owned()
        }
        Act::DecideModality { surgery: false } => format!(
            "Decide by multidisciplinary discussion with the patient's preference; with a life expectancy below {three} months surgery is not an option."
        ),
        Act::Stability(act) => stability(*act),
        Act::RecordLifeExpectancy => {
            format!("Record the life expectancy; surgery needs at least {three} months.")
        }
        Act::Criteria { performance, stable, irradiable, time } => format!(
            "Criteria for radiotherapy — performance: {}; mechanical stability (SINS): {}; not irradiated before, or SBRT available: {}; time for the effect: {}.",
            names::criterion(*performance),
            names::criterion(*stable),
            names::criterion(*irradiable),
            names::criterion(*time)
        ),
        Act::AwaitMdt => format!(
            "Pending: the multidisciplinary team's answer (SINS {} to {}).",
            STABLE_MOST + 1,
            UNSTABLE_LEAST - 1
        ),
        Act::AwaitEstimate => {
            format!("Pending: the life expectancy (is it at least {} month?).", months(ONE_MONTH))
        }
        Act::StableSpine => {
            format!("SINS {STABLE_MOST} or less: stable, no surgery for stability (G-15).")
        }
        Act::SbrtSchemes => {
            let schemes: Vec<String> = regimen::SBRT.iter().map(buttons::scheme).collect();
            format!("SBRT, alternatives without a rank: {}.", schemes.join("; "))
        }
        Act::FractureRisk => format!(
            "More than {} Gy in one fraction: the fracture risk is raised here (12 % after SBRT in reirradiation series).",
            RISKY_FRACTION / 100
        ),
        Act::NotIrradiated(levels) => format!(
            "Not irradiated before: {}; the schemes for sites not irradiated apply there.",
            names::levels(*levels)
        ),
        Act::ShortInterval => format!(
            "Caution: the interval since the last course is below {} months, or not known.",
            SHORT_INTERVAL.num_days() / 30
        ),
        Act::Conventional { single } => format!(
            "Conventional alternative: {} (pain response about 70 %; about 20 % need reirradiation within months).",
            conventional(*single)
        ),
        Act::Zoledronic(clearance) => format!(
            "Zoledronic acid fits beside the antineoplastic therapy; dose by clearance {} in the US label: {}.",
            facts::millilitres(*clearance),
            adjunct::dose(*clearance)
        ),
        Act::ZoledronicMissing(missing) => {
            format!("Zoledronic acid may fit; not known: {}.", first_line::names_of(missing))
        }
        Act::OrderInstead(due) => format!(
            "Order an MRI of the whole spine with T1 and T2 sequences, {}. X-ray, CT and bone scan cannot exclude spinal metastases.",
            drafted(*due, zone)
        ),
        Act::CoverWholeSpine(due) => format!(
            "Make the MRI cover cervical, thoracic and lumbar spine with T1 and T2 sequences, {}.",
            drafted(*due, zone)
        ),
        Act::GiveTime(due) => {
            format!("Give the MRI a priority and a time that meet the deadline: {}.", drafted(*due, zone))
        }
        Act::GiveDate(due) => format!("Give the MRI a date: {}.", drafted(*due, zone)),
        Act::AlreadyThere(order) => {
            format!("A whole-spine MRI is already there ({}): bring it forward or give it a date.", parts(order))
        }
        Act::Order(order, act) => format!(
            "{} ({}): {}.",
            escape(order.label.raw()),
            escape(order.reference.raw()),
            first_line::order(act)
        ),
        _ => String::new(),
    }
}

/// When an MRI is needed that is not drafted.
fn needed(due: Option<Deadline>, zone: Tz) -> String {
    match due {
        Some(due) if due.overdue => {
            format!("as soon as possible (the deadline was {})", moment(due.at, zone))
        }
        Some(due) => format!("by {}", moment(due.at, zone)),
        None => "now".to_owned(),
    }
}

/// When a drafted MRI is needed.
fn drafted(due: Option<Deadline>, zone: Tz) -> String {
    match due {
        Some(due) if due.overdue => format!("now: it was due by {}", moment(due.at, zone)),
        Some(due) => format!("by {}", moment(due.at, zone)),
        None => "now, and record the presentation: it sets the deadline".to_owned(),
    }
}

fn parts(order: &Named) -> String {
    format!("{}, {}", escape(order.label.raw()), escape(order.reference.raw()))
}

/// The schemes of conventional radiotherapy.
pub(super) fn conventional(single: bool) -> String {
    if single {
        format!("{}, or 20 to 30 Gy in several", single_fraction())
    } else {
        regimen::SEVERAL.to_owned()
    }
}

fn stability(act: StabilityAct) -> String {
    let fixed = match act {
        StabilityAct::Conflict => {
            "Discuss at once with spine surgery, the multidisciplinary team and palliative care: the spine is unstable, and life expectancy is below what surgery needs. Vertebroplasty may be considered."
        }
        StabilityAct::SpineSurgery => {
            "Refer to spine surgery: an unstable spine is an indication for surgery."
        }
        StabilityAct::Mdt => "Present to the multidisciplinary team before treatment is chosen.",
        StabilityAct::CompleteSins => {
            "Record the missing parts of the SINS; until then present to the multidisciplinary team."
        }
        StabilityAct::RecordSins => {
            "Record the SINS: location, pain, lesion, alignment, collapse, posterolateral involvement."
        }
        StabilityAct::Orthopaedics => {
            "Refer to orthopaedics for prophylactic stabilisation of the long bone."
        }
        StabilityAct::CompleteMirels => "Record the missing parts of the Mirels score.",
        StabilityAct::WeighMirels => {
            return format!("Mirels {} is borderline: weigh the fracture risk.", MIRELS_HIGH - 1);
        }
    };
    fixed.to_owned()
}
