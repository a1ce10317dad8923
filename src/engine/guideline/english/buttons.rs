//! Buttons, and what they put into an order.

use super::super::advice::Recommendation;
use super::super::measure::{THREE_MONTHS, months};
use super::super::regimen::{self, RISKY_FRACTION, Scheme};
use super::super::say::{Alternatives, Answer, Asks, Label, MriButton, RecordText};
use super::escape::bare;
use super::{Reader, acts, names};
use crate::domain::Region;

/// The text of a button.
pub fn label(label: Label, reader: &Reader<'_>) -> String {
    match label {
        Label::Mri { button, end, overdue, part, drops } => {
            let verb = match (button, drops) {
                (MriButton::Order, _) => "Order",
                (MriButton::Add, _) => "Add",
                (MriButton::SetTime, false) => "Set the time:",
                (MriButton::SetTime, true) => "Drop the other imaging, set the time:",
                (MriButton::ClearTime, false) => "Remove the passed date:",
                (MriButton::ClearTime, true) => "Drop the other imaging, remove the passed date:",
                (MriButton::Extend, false) => "Extend to",
                (MriButton::Extend, true) => "Drop the other imaging, extend to",
                (MriButton::ReplaceBy, _) => "Replace by",
            };
            let by = match end {
                Some(end) if overdue => format!(" now, by {}", reader.moment(end)),
                Some(end) => format!(" by {}", reader.moment(end)),
                None => String::new(),
            };
            let what = part.map_or_else(|| "whole spine".to_owned(), |part| part.to_string());
            format!("{verb} MRI {what}{by}")
        }
        Label::Refer(consult, None) => format!("Refer to {}", names::consult(consult)),
        Label::Refer(consult, Some(wanted)) => {
            format!("Refer to {}: {}", names::consult(consult), asks(wanted))
        }
        Label::ReferUrgently(team) => format!("Refer urgently to {}", names::teams(team)),
        Label::Answer(of) => answer(of),
    }
}

/// An answer, as its button says it.
pub fn answer(answer: Answer) -> String {
    let three = months(THREE_MONTHS);
    match answer {
        Answer::NoCompression => "Report read: no cord compression".to_owned(),
        Answer::Grade2 => "Cord compressed: ESCC 2".to_owned(),
        Answer::Grade3 => "Cord compressed: ESCC 3".to_owned(),
        Answer::Suspected => "Cord compression suspected".to_owned(),
        Answer::NotSuspected => "Cord compression not suspected".to_owned(),
        Answer::NothingNew => "Nothing new or worse".to_owned(),
        Answer::LifeBelow3 => format!("Life expectancy under {three} months"),
        Answer::LifeAtLeast3 => format!("Life expectancy {three} months or more"),
        Answer::Tolerable => "Radiotherapy tolerable".to_owned(),
        Answer::NotTolerable => "Radiotherapy not tolerable".to_owned(),
        Answer::Progresses => "Prostate cancer progresses on hormones".to_owned(),
        Answer::DoesNotProgress => "Prostate cancer does not progress on hormones".to_owned(),
    }
}

/// What an answer is about: the name of the Observation, whose value says yes, no or how much.
pub const fn question(of: Answer) -> &'static str {
    match of {
        Answer::NoCompression | Answer::Suspected | Answer::NotSuspected => "Cord compression suspected",
        Answer::Grade2 | Answer::Grade3 => "Epidural spinal cord compression (ESCC) grade",
        Answer::NothingNew => "Nothing new or worse since the treatment",
        Answer::LifeBelow3 | Answer::LifeAtLeast3 => "Life expectancy",
        Answer::Tolerable | Answer::NotTolerable => "Radiotherapy tolerable",
        Answer::Progresses | Answer::DoesNotProgress => "Prostate cancer progresses on hormones",
    }
}

/// What recording an answer does.
pub fn record(of: Answer) -> String {
    format!("Record: {}", answer(of))
}

/// What a referral asks for.
pub fn asks(asks: Asks) -> String {
    match asks {
        Asks::Sbrt(of) => scheme(of),
        Asks::Conventional => format!("conventional {}", acts::conventional(false)),
        Asks::Reirradiation => "SBRT reirradiation".to_owned(),
    }
}

/// A scheme of SBRT.
pub(in crate::guideline) fn scheme(scheme: &Scheme) -> String {
    format!("SBRT {}", dose(scheme))
}

/// Its dose and fractions.
pub(super) fn dose(scheme: &Scheme) -> String {
    let Scheme { least, most, fractions, .. } = scheme;
    let dose =
        if least == most { (least / 100).to_string() } else { format!("{} to {}", least / 100, most / 100) };
    format!("{dose} Gy in {fractions} fraction{}", if *fractions == 1 { "" } else { "s" })
}

/// The schemes that a referral lists.
pub fn alternatives(of: Alternatives) -> String {
    let sbrt = regimen::SBRT.iter().map(|listed| {
        let note = if of.risky && listed.fractions == 1 {
            format!(" (above {} Gy: higher vertebral fracture risk)", RISKY_FRACTION / 100)
        } else {
            String::new()
        };
        format!("{}{note}", scheme(listed))
    });
    let conventional = format!("conventional {}", acts::conventional(of.single));
    let schemes: Vec<String> = sbrt.chain([conventional]).collect();
    format!("Alternatives without a rank: {}.", schemes.join("; "))
}

/// The statements of rows that fired, in order.
pub(super) fn statements<'a>(of: impl IntoIterator<Item = &'a Recommendation>) -> Vec<&'static str> {
    let mut ids: Vec<&str> = of.into_iter().flat_map(|it| it.statements.iter().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The note of a suggested order: the statements that it rests on, with where their row can be read.
pub fn note<'a>(of: impl IntoIterator<Item = &'a Recommendation>, row: Option<&str>) -> String {
    let at = row.map_or_else(String::new, |row| format!(": {row}"));
    format!("Suggested by the spinal metastases guideline ({}){at}.", statements(of).join(", "))
}

/// What deleting a draft does.
pub fn remove(label: &RecordText) -> String {
    format!("Remove the draft order: {}", bare(label.raw()))
}

/// What ordering the MRI does.
pub fn order_mri() -> String {
    "Order an MRI of the whole spine with T1 and T2 sequences".to_owned()
}

/// What ordering the MRI of a region does.
pub fn order_region(region: Region) -> String {
    format!("Order an MRI of the {} spine", region.name())
}

/// What taking the passed time of a draft out does.
pub fn clear(label: &RecordText) -> String {
    format!("Remove the passed date of the draft order: {}", bare(label.raw()))
}

/// What changing a draft does to its time, and to its priority where that is changed, too.
pub fn set(label: &RecordText, priority: bool) -> String {
    format!("Set {} of the draft order: {}", timing(priority), bare(label.raw()))
}

const fn timing(priority: bool) -> &'static str {
    if priority { "priority and time" } else { "the time" }
}

/// What changing a draft does to its region and time.
pub fn make_whole(label: &RecordText, priority: bool) -> String {
    format!(
        "Make it an MRI of the whole spine and set {} of the draft order: {}",
        timing(priority),
        bare(label.raw())
    )
}

/// What a referral does.
pub fn refer_to(consult: &str) -> String {
    format!("Request: {consult}")
}
