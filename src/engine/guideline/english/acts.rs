//! What to do now, at most three lines, and what a reader must know beside it.

use super::super::adjunct;
use super::super::deadline::Deadline;
use super::super::lesion::STABLE_MOST;
use super::super::measure::{ONE_MONTH, months};
use super::super::regimen::{self, RISKY_FRACTION, single_fraction};
use super::super::regimen_card::SHORT_INTERVAL;
use super::super::say::{Act, Named, OrderAct};
use super::escape::escape;
use super::place::{Place, place};
use super::{Reader, buttons, facts, names, order_line, stability_act};
use crate::domain::Contact;

/// Most lines of "Do now".
pub(super) const MOST: usize = 3;

/// A sentence and its place.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    place: Place,
    /// Whether it begins with a call of a team.
    is_call: bool,
    text: String,
}

/// The acts of a card in words.
pub(super) struct Lines {
    /// "Do now", at most [`MOST`].
    pub(super) to_do: Vec<String>,
    /// The place in `to_do` of the line that begins with a call of a team.
    pub(super) call: Option<usize>,
    /// What a reader must know beside it.
    pub(super) notes: Vec<String>,
}

/// The lines of "Do now", and the notes.
pub(super) fn lines(acts: &[Act], contacts_too: bool, reader: &Reader<'_>) -> Lines {
    let confirmed = acts.iter().any(|act| matches!(act, Act::Treat { confirmed: true, .. }));
    // "If" is no word beside "confirmed".
    let gated = acts.iter().any(|act| matches!(act, Act::SurgeryFirst(_)));
    let told = acts.iter().filter(|act| match act {
        Act::TreatIfCompressed(_) => !confirmed,
        // What the gate guards waits for it.
        Act::ReferToRadiotherapy => !gated,
        _ => true,
    });
    let irradiated = acts.iter().any(|act| matches!(act, Act::Order(_, OrderAct::Reirradiation { .. })));
    let mut said: Vec<Said> = Vec::new();
    for act in told {
        let text = sentence(act, irradiated, reader);
        let line = Said { place: place(act), is_call: matches!(act, Act::Call(_)), text };
        if !line.text.is_empty() && !said.contains(&line) {
            said.push(line);
        }
    }
    if contacts_too {
        said.extend(contacts(reader).map(|text| Said { place: Place::Then, is_call: false, text }));
    }
    // Each order has a line of its own; other acts of one place share one.
    let orders = acts.iter().any(|act| matches!(act, Act::Order(..)));
    let mut lines: Vec<Said> = Vec::new();
    for place in [Place::First, Place::Gate, Place::Main, Place::Then, Place::Last] {
        for next in said.iter().filter(|said| said.place == place) {
            match lines.last_mut() {
                Some(line) if line.place == place && !orders => {
                    line.text.push(' ');
                    line.text.push_str(&next.text);
                }
                _ => lines.push(next.clone()),
            }
        }
    }
    while lines.len() > MOST {
        let Some(last) = lines.pop() else { break };
        if let Some(line) = lines.last_mut() {
            line.text.push(' ');
            line.text.push_str(&last.text);
        }
    }
    let notes = said.into_iter().filter(|said| said.place == Place::Note);
    Lines {
        call: lines.iter().position(|line| line.is_call),
        to_do: lines.into_iter().map(|line| line.text).collect(),
        notes: notes.map(|said| said.text.trim_end_matches('.').to_owned()).collect(),
    }
}

/// Whom to call, as the site says.
fn contacts(reader: &Reader<'_>) -> Option<String> {
    let contacts = &reader.site.contacts;
    let one = |what: &str, contact: &Option<Contact>| {
        let Contact { name, number } = contact.as_ref()?;
        Some(format!("{what} {} {}", escape(name), escape(number)))
    };
    let all = [
        one("spine surgery", &contacts.spine_on_call),
        one("radiation oncology", &contacts.radiation_oncology_on_call),
        one("coordinator", &contacts.coordinator),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    (!all.is_empty()).then(|| format!("Call: {}.", all.join("; ")))
}

/// The line of an act; empty where another act says it. `irradiated`: the card says that the site was irradiated before.
fn sentence(act: &Act, irradiated: bool, reader: &Reader<'_>) -> String {
    let fixed = match act {
        Act::RecordResult | Act::OnlyMri => "",
        Act::GoalsOfCare => "Comfort care is recorded: ask first whether this fits the goals of care.",
        Act::Extended => "Extended from the summary, which speaks of progressing deficits only.",
        Act::RecordPresentation => "Record symptoms and deficits: they set the deadline.",
        Act::ReviewMrSafety => {
            "Have MR safety reviewed now (device or implant): the clock runs on, and X-ray and CT are no substitute."
        }
        Act::RecordSuspicion => {
            "Record whether cord compression is suspected, and any pain, other deficit or recent change."
        }
        Act::RecordNewFindings => {
            "Record any new or worse pain, deficit or sign: it starts a new MRI deadline."
        }
        Act::TotalDisagrees => "A recorded total disagrees with its components: the higher is used.",
        Act::DiscussConflict => {
            "Discuss with spine surgery, the multidisciplinary team and palliative care: neither surgery nor radiotherapy is preferred by itself. Vertebroplasty may be considered."
        }
        Act::Prepare => "Prepare treatment with the teams that were asked.",
        Act::ReferToSurgery => "Refer to spine surgery.",
        Act::PlanSurgery => "Plan it with spine surgery, which was asked or saw the patient since the score.",
        Act::ReferToRadiotherapy => "Refer to radiation oncology.",
        Act::AskTolerable => {
            "Ask whether radiotherapy is tolerable; until then the multidisciplinary team decides."
        }
        Act::CompleteCriteria => "Present to the multidisciplinary team.",
        Act::AwaitMdt => "Ask the multidisciplinary team: the spine is potentially unstable.",
        Act::AskOncology => {
            "Ask oncology: systemic therapy is the primary treatment, unless it is given already."
        }
        Act::PresentNotAmenable => {
            "Present to the multidisciplinary team: the area is recorded as not amenable to surgery."
        }
        Act::MayBeChemosensitive => "The tumour may be chemosensitive: ask oncology.",
        Act::FindOutPrior => "Find out whether the site was irradiated before: the regimen depends on it.",
        Act::CordCaution => {
            "SBRT: delineate the cord with care and keep its dose constraints; epidural progression is the commonest failure."
        }
        Act::Reirradiate => {
            "SBRT is the recommended option where the site was irradiated before; no dose scheme is named. Do not assume a poor prognosis."
        }
        Act::SurgeryFirst(None) => "Ask spine surgery first; plan SBRT only after its answer.",
        Act::Vertebroplasty => {
            "Consider vertebroplasty, if the operator finds the patient eligible; it can be combined with radiofrequency ablation."
        }
        Act::RecognisedFromText => {
            "An order was read from text, not from a code: check that it is the one meant."
        }
        Act::DraftWithoutId => "The draft has no id, so it cannot be changed from here: change it by hand.",
        Act::DoseFromText => "Dose or technique was read from text: check that it is what is meant.",
        _ => return built(act, irradiated, reader),
    };
    fixed.to_owned()
}

/// The lines with something of the patient, or a number that decides, in them.
fn built(act: &Act, irradiated: bool, reader: &Reader<'_>) -> String {
    match act {
        Act::Call(team) => names::call(*team).map_or_else(String::new, |call| format!("{call}.")),
        Act::OrderMri(due) => {
            format!("Order an MRI of the whole spine with T1 and T2 sequences, {}.", needed(*due, reader))
        }
        Act::BringForward(order, due) => {
            let when = if due.is_some_and(|due| due.overdue) { "now" } else { "in time" };
            format!("Have the ordered MRI made {when} ({}): needed {}.", quoted(order), needed(*due, reader))
        }
        Act::MoveAppointment { order, passed, due } => {
            let verb = if *passed { "Book the MRI again" } else { "Move the appointment" };
            format!("{verb} ({}): needed {}.", quoted(order), needed(*due, reader))
        }
        Act::CountsInTime(until) => {
            format!("An order up to {} still counts as in time.", reader.moment_and_zone(*until))
        }
        Act::EarlierOverdue(due) => format!(
            "By its own row an earlier finding was due {}, {} ago.",
            reader.moment_and_zone(due.at),
            reader.since(due.at)
        ),
        Act::SurgeryFirst(Some(asked)) => format!(
            "Get the answer of spine surgery, asked {}; plan SBRT only after it.",
            reader.when(*asked)
        ),
        Act::SaidNew(when) => format!("Something new or worse: recorded {}.", reader.when(*when)),
        Act::DateAlso(orders) => {
            let orders: Vec<String> =
                orders.iter().map(|label| format!("\"{}\"", escape(&facts::cut(label.raw())))).collect();
            format!("Give the rest of the set, which is not selected, the same time: {}.", orders.join(", "))
        }
        Act::LeavesBefore(order, due) => {
            let needed = needed(*due, reader);
            format!(
                "Have the ordered MRI made before the patient leaves, or fix the visit for it ({}): needed {needed}.",
                quoted(order)
            )
        }
        Act::CountsFrom(start) => format!("MRI deadline counted from {}.", reader.when(*start)),
        Act::EarlierSets(window, start) => format!(
            "An earlier finding sets the deadline: MRI within {} of {}.",
            names::window(*window),
            reader.when(*start)
        ),
        Act::ReadStudy { made, graded: true } => format!(
            "Regrade the whole-spine MRI of {}: ESCC 1c does not say whether the cord is compressed. Record ESCC 2 or 3, or no cord compression.",
            reader.when(*made)
        ),
        Act::ReadStudy { made, graded: false } => format!(
            "Read the whole-spine MRI of {}, and record its ESCC grade, or no cord compression.",
            reader.when(*made)
        ),
        Act::TreatIfCompressed(due) | Act::Treat { due, confirmed: false } => {
            if due.overdue {
                format!(
                    "If the cord is compressed, treat at once: the window closed {}, {} ago.",
                    reader.moment_and_zone(due.at),
                    reader.since(due.at)
                )
            } else {
                format!("If the cord is compressed, treat by {}.", reader.moment_and_zone(due.at))
            }
        }
        Act::Treat { due, .. } if due.overdue => {
            format!("Treat now: due {}, {} ago.", reader.moment_and_zone(due.at), reader.since(due.at))
        }
        Act::Treat { due, .. } => format!("Treat by {}.", reader.moment_and_zone(due.at)),
        Act::MriIfSuspected => {
            format!("If it is suspected, MRI of the whole spine within {}.", names::first_window())
        }
        Act::DecideModality { surgery: true } => {
            "Surgery and radiotherapy are equivalent: decide by multidisciplinary discussion with the patient's preference.".to_owned()
        }
        Act::DecideModality { surgery: false } => format!(
            "Surgery needs a life expectancy of {}: radiotherapy is left. Settle it in multidisciplinary discussion with the patient's preference.",
            names::long_enough()
        ),
        Act::Stability(act) => stability_act::line(*act),
        Act::RecordLifeExpectancy => {
            format!("Record the life expectancy: surgery needs {}.", names::long_enough())
        }
        Act::Criteria { performance, stable, irradiable, time } => format!(
            "Radiotherapy criteria: performance {}; stability (SINS) {}; new site, or SBRT available: {}; life expectancy at least {} month: {}",
            names::criterion(*performance),
            names::criterion(*stable),
            names::criterion(*irradiable),
            months(ONE_MONTH),
            names::criterion(*time)
        ),
        Act::AwaitEstimate => {
            format!(
                "State whether life expectancy is at least {} month: less leaves no time for the effect.",
                months(ONE_MONTH)
            )
        }
        Act::StableSpine => format!("SINS {STABLE_MOST} or less: stable, no surgery for stability"),
        Act::SbrtSchemes => format!("Listed, none ranked: SBRT {}.", sbrt()),
        Act::FractureRisk => {
            format!("More than {} Gy in one fraction: the fracture risk is raised here", RISKY_FRACTION / 100)
        }
        Act::NotIrradiated(levels) => format!(
            "Not irradiated before: {}; the schemes for new sites apply there.",
            names::levels(*levels)
        ),
        Act::ShortInterval(Some(last)) => format!(
            "The last course was {}, less than {} months ago",
            reader.when(*last),
            SHORT_INTERVAL.num_days() / 30
        ),
        Act::ShortInterval(None) => "Interval since the last course: not known".to_owned(),
        Act::Conventional { single } => format!("Conventional: {}.", conventional(*single)),
        Act::Zoledronic(clearance) => format!(
            "Consider zoledronic acid; dose at {} in the US label: {}.",
            facts::millilitres(*clearance),
            adjunct::dose(*clearance)
        ),
        Act::ZoledronicMissing(missing) => {
            let missing: Vec<_> = missing.iter().map(|fact| names::asked(*fact)).collect();
            format!("Zoledronic acid may fit; not known: {}.", missing.join(", "))
        }
        Act::OrderInstead(due) => format!(
            "Order an MRI of the whole spine with T1 and T2 sequences, {}. X-ray, CT and bone scan cannot exclude spinal metastases.",
            needed(*due, reader)
        ),
        Act::CoverWholeSpine(due) => format!(
            "Make the MRI cover cervical, thoracic and lumbar spine with T1 and T2 sequences, {}.",
            needed(*due, reader)
        ),
        Act::GiveTime(None) => "Rebook the MRI: its slot has passed.".to_owned(),
        Act::GiveTime(due) => format!("Set priority and time of the MRI: needed {}.", needed(*due, reader)),
        Act::GiveDate(due) => format!("Give the MRI a date: needed {}.", needed(*due, reader)),
        Act::AlreadyThere(order) => {
            format!("A whole-spine MRI is there already ({}): bring it forward or give it a date.", quoted(order))
        }
        Act::Order(order, act) => {
            let instead = instead(act, irradiated);
            let more = if instead.is_empty() { instead } else { format!(" {instead}") };
            format!("{} ({}).{more}", order_line::order(act), quoted(order))
        }
        _ => String::new(),
    }
}

/// What the guideline lists in place of what was ordered; empty where it lists nothing.
fn instead(act: &OrderAct, irradiated: bool) -> String {
    match act {
        OrderAct::NotListed { single, .. } => {
            let of = if irradiated { " for a site not irradiated before" } else { "" };
            format!("Listed{of}: SBRT {}; conventional {}.", sbrt(), conventional(*single))
        }
        // Where the site was irradiated before, SBRT alone is recommended.
        OrderAct::SingleFraction { .. } | OrderAct::SingleFractionStateLife(_) if irradiated => String::new(),
        OrderAct::SingleFraction { sbrt: true, .. } => {
            format!("Listed instead: SBRT {}; conventional {}.", sbrt(), conventional(false))
        }
        OrderAct::SingleFraction { .. } | OrderAct::SingleFractionStateLife(_) => {
            format!("Listed instead: {}.", conventional(false))
        }
        _ => String::new(),
    }
}

/// The schemes of SBRT.
fn sbrt() -> String {
    regimen::SBRT.iter().map(buttons::dose).collect::<Vec<_>>().join(", ")
}

/// When an MRI is needed.
fn needed(due: Option<Deadline>, reader: &Reader<'_>) -> String {
    match due {
        Some(due) if due.overdue => format!("now (due {})", reader.moment_and_zone(due.at)),
        Some(due) => format!("by {}", reader.moment_and_zone(due.at)),
        None => "now".to_owned(),
    }
}

fn quoted(order: &Named) -> String {
    match order.label.raw().trim() {
        "" => "order without a name".to_owned(),
        label => format!("\"{}\"", escape(&facts::cut(label))),
    }
}

/// The schemes of conventional radiotherapy.
pub(super) fn conventional(single: bool) -> String {
    if single {
        format!("{}, or {}", single_fraction(), regimen::SEVERAL)
    } else {
        regimen::SEVERAL.to_owned()
    }
}
