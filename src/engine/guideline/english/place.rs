//! Where an act stands among the lines of a card.

use super::super::say::Act;

/// Where an act stands among those of a card; acts of one place share a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// Goals of care come first.
    First,
    /// What must be asked before anything else is planned.
    Gate,
    /// The study, its order, its result; what a card asks for.
    Main,
    /// Treatment, and whom to call.
    Then,
    /// What is left.
    Last,
    /// Not to be done: to be known.
    Note,
}

/// The place of an act.
pub(super) const fn place(act: &Act) -> Place {
    match act {
        Act::GoalsOfCare => Place::First,
        Act::SurgeryFirst(_) => Place::Gate,
        Act::CountsFrom(_)
        | Act::CountsInTime(_)
        | Act::EarlierOverdue(_)
        | Act::SaidNew(_)
        | Act::Extended
        | Act::TotalDisagrees
        | Act::Criteria { .. }
        | Act::StableSpine
        | Act::FractureRisk
        | Act::ShortInterval(_)
        | Act::RecognisedFromText
        | Act::DoseFromText => Place::Note,
        Act::Call(_)
        | Act::Prepare
        | Act::TreatIfCompressed(_)
        | Act::Treat { .. }
        | Act::DecideModality { .. }
        | Act::SbrtSchemes
        | Act::Conventional { .. }
        | Act::Reirradiate
        | Act::NotIrradiated(_)
        | Act::ZoledronicMissing(_)
        | Act::MriIfSuspected => Place::Then,
        Act::CordCaution | Act::MayBeChemosensitive => Place::Last,
        _ => Place::Main,
    }
}
