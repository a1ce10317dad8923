//! What is not known, a line each.

use super::super::code::Code;
use super::super::fact::Fact;
use super::super::measure::{THREE_MONTHS, months};
use super::super::say::{Gap, LeadsTo, Part, Supposed};
use super::{Reader, facts};
use crate::domain::{NotUnderstood, Source};

/// The lines of what is not known. What could not be read comes first, because it may hold everything else.
pub(super) fn lines(gaps: &[Gap], reader: &Reader<'_>) -> Vec<String> {
    let sources = |gap: &Gap| match gap {
        Gap::Unread(sources) | Gap::PartlyRead(sources) => sources.clone(),
        _ => Vec::new(),
    };
    let unread: Vec<Source> = gaps.iter().flat_map(sources).collect();
    let (first, then): (Vec<&Gap>, Vec<&Gap>) = gaps.iter().partition(|gap| !sources(gap).is_empty());
    first.into_iter().chain(then).filter_map(|gap| sentence(gap, &unread, reader)).collect()
}

/// The line of a gap; `None` for a fact that nobody is asked for.
fn sentence(gap: &Gap, unread: &[Source], reader: &Reader<'_>) -> Option<String> {
    Some(match gap {
        Gap::Fact(fact) => match when_unknown(*fact) {
            Some(said) => said.to_owned(),
            // A judgement can always be asked for, unless it may stand in what could not be read.
            None if fact.answers().len() == 2 && !fact.sources().iter().any(|of| unread.contains(of)) => {
                format!("{}: {}?", fact.plain_name(), fact.answers().join(" or "))
            }
            None => return None,
        },
        Gap::ClearanceLacks { weight, age, sex } => {
            let lacks = [(*weight, "weight"), (*age, "age"), (*sex, "sex")];
            let lacks: Vec<&str> =
                lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, name)| name).collect();
            let are = if lacks.len() > 1 { "are" } else { "is" };
            let lacks = match lacks.as_slice() {
                [first, middle, last] => format!("{first}, {middle} and {last}"),
                few => few.join(" and "),
            };
            format!(
                "Creatinine clearance: a creatinine is recorded, {lacks} {are} not; or a measured clearance."
            )
        }
        Gap::Decides(fact, outcomes) => decides(*fact, outcomes),
        Gap::Parts(parts) => {
            let parts: Vec<&str> = parts.iter().map(|part| part_name(*part)).collect();
            format!("Parts of the score that decide: {}.", parts.join(", "))
        }
        Gap::Outdated { fact, when, days, value } => {
            let value = value.map_or_else(String::new, |value| {
                format!(" ({})", facts::value(&value, &|when| reader.when(when)))
            });
            let name = match fact {
                Fact::LifeExpectancy => "life expectancy",
                Fact::Performance => "performance status",
                other => other.plain_name(),
            };
            format!("The last {name}{value} is of {}, older than {days} days.", reader.when(*when))
        }
        Gap::Result => {
            "The result of the MRI: no ESCC grade that decides, and no diagnosis made of it, is recorded."
                .to_owned()
        }
        Gap::Sign { dated: true } => {
            "Whether the sign has become worse, and whether it comes from the spine.".to_owned()
        }
        Gap::Sign { dated: false } => {
            "Whether the sign is new or worse, and whether it comes from the spine.".to_owned()
        }
        Gap::NewSinceTreatment => "What is new or worse since the treatment.".to_owned(),
        Gap::Corticosteroid => {
            "Whether corticosteroids were given: deterioration despite both indicates surgery.".to_owned()
        }
        Gap::LifeForSurgery => format!(
            "Whether life expectancy is at least {} months: surgery stays on the list.",
            months(THREE_MONTHS)
        ),
        Gap::Unread(sources) => format!("Could not be read: {}.", names(sources)),
        Gap::PartlyRead(sources) => {
            format!("Only partly read, so something may be missing: {}.", names(sources))
        }
        Gap::NotUnderstood(records) => {
            format!("Not understood here: {}.", counted(*records))
        }
        Gap::Versions { reference, newest } => {
            let kind = reference.split('/').next().unwrap_or_default();
            let used = if *newest { "newest" } else { "more urgent" };
            format!("Several versions of one {kind} came: the {used} was used.")
        }
    })
}

/// What is said when a decision needs a fact and it is not known; `None` where it has no words of its own.
const fn when_unknown(fact: Fact) -> Option<&'static str> {
    Some(match fact {
        Fact::Cancer => "Which tumour the bone metastases come from.",
        Fact::BaselineVcf => "Whether there is a vertebral fracture.",
        Fact::BisphosphonateAllergy => "Allergies to bisphosphonates.",
        Fact::RadicularPainSide => "Which side the radicular pain is on: taken as one side.",
        Fact::DeficitOnset => "When the deficit began: taken as recent.",
        Fact::DeficitProgression => "Whether the deficit is progressing: taken as progressing.",
        Fact::DeficitSide => "Which side the deficit is on.",
        Fact::Presentation => "Symptoms and deficits: they set the deadline; record them.",
        Fact::Sins => "The SINS, or parts of it that decide.",
        Fact::Performance => "Whether radiotherapy is tolerable (performance status).",
        Fact::LifeExpectancy => "The life expectancy, in months.",
        Fact::ProstateProgressionOnHormones => "Whether the prostate cancer progresses on hormones.",
        Fact::CreatinineClearance => "Creatinine clearance, or creatinine with age, sex and weight.",
        Fact::Calcium => "Whether calcium is low: a value with its interpretation or reference range.",
        Fact::PriorRadiotherapy => "Whether the site was irradiated before.",
        Fact::BoneAgent => "Whether a bone agent is current.",
        _ => return None,
    })
}

/// What each value of a missing fact leads to: "SINS 0–6: radiotherapy · 7–12: MDT · 13–18: surgery."
fn decides(fact: Fact, outcomes: &[LeadsTo]) -> String {
    let three = months(THREE_MONTHS);
    let name = match fact {
        Fact::Performance => "Radiotherapy tolerable,",
        other => other.plain_name(),
    };
    let said = |it: &LeadsTo| {
        let value = match it.value {
            Supposed::Sins(from, to) if from == to => from.to_string(),
            Supposed::Sins(from, to) => format!("{from}–{to}"),
            Supposed::AtLeast3(true) => format!("{three} months or more"),
            Supposed::AtLeast3(false) => format!("under {three} months"),
            Supposed::Tolerable(true) => "yes".to_owned(),
            Supposed::Tolerable(false) => "no".to_owned(),
        };
        format!("{value}: {}", outcome(it.code))
    };
    format!("{name} {}.", outcomes.iter().map(said).collect::<Vec<_>>().join(" · "))
}

/// Where a recommendation leads, in a word or two.
const fn outcome(code: Option<Code>) -> &'static str {
    match code {
        Some(Code::SurgeryPreferred) => "surgery",
        Some(Code::RadiotherapyPreferred) => "radiotherapy",
        Some(Code::RadiotherapyPreferredProvisional) => "radiotherapy, provisionally",
        Some(Code::SystemicTherapyPrimary) => "systemic therapy",
        Some(Code::SurgeryCandidacyConflict) => "MDT, urgently",
        Some(_) => "MDT",
        None => "no recommendation",
    }
}

const fn part_name(part: Part) -> &'static str {
    match part {
        Part::Location => "location",
        Part::Pain => "pain",
        Part::Lesion => "lesion",
        Part::Alignment => "alignment",
        Part::Collapse => "collapse",
        Part::Posterolateral => "posterolateral involvement",
        Part::Site => "site",
        Part::Size => "size",
    }
}

/// Sources, as a clinician calls them.
fn names(sources: &[Source]) -> String {
    sources.iter().map(|source| source.plain_name()).collect::<Vec<_>>().join(", ")
}

fn counted(records: NotUnderstood) -> String {
    let of = |number: usize, one: &str, many: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{number} {many}")),
    };
    let parts = [
        of(records.problems, "problem", "problems"),
        of(records.drugs, "drug", "drugs"),
        of(records.orders, "order", "orders"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
