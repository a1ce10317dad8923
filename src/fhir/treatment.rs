//! Procedure: surgery of the spine, radiotherapy, consults, and MRI studies recorded as procedures.
//!
//! A treatment can silence an alarm, so only one that surely took place counts. Deliberately absent: how a dose is read
//! (in `dose`), and which findings a treatment answers.

use super::care;
use super::coded::Coded;
use super::concept::Concept;
use super::consult;
use super::context::{Context, Entry};
use super::dose::{self, DELIVERED};
use super::imaging::{self, PERFORMED};
use super::note::{Note, NoteKind};
use chrono::{DateTime, Utc};
use engine::domain::{Aim, Dose, SpineTreatment, TreatmentKind};

/// Reads one Procedure.
pub(super) fn read(entry: &Entry<'_>, cx: &mut Context<'_>) {
    let code = cx.coded(entry, "code").unwrap_or_default();
    if let Some(held) = consult::named(entry, cx, &code) {
        let performed = cx.span(entry, &PERFORMED);
        return consult::procedure(entry, cx, &held, performed);
    }
    if code.concepts.has(Concept::ComfortCare) {
        return care::procedure(entry, cx, &code);
    }
    let Some(kind) = kind(entry, &code) else {
        if !imaging::procedure(entry, cx, &code) && code.concepts.is_empty() {
            cx.note(NoteKind::CodeNotKnown, entry, "code");
        }
        return;
    };
    let running = match (cx.text(entry, "status").as_deref(), kind) {
        (Some("in-progress" | "on-hold"), _) => true,
        // A course that was broken off was given in part; an operation that was broken off was not done.
        (Some("completed"), _) | (Some("stopped"), TreatmentKind::Radiotherapy) => false,
        _ => return cx.note(NoteKind::NotInForce, entry, "status"),
    };
    let span = cx.span(entry, &PERFORMED);
    if span.start.is_some_and(|start| start.earliest() > cx.now) {
        return cx.note(NoteKind::ValueNotAllowed, entry, "performed");
    }
    let (aim, dose) = match kind {
        TreatmentKind::SpineSurgery => (Aim::Spine(cx.body_site(entry).levels), Dose::default()),
        TreatmentKind::Radiotherapy => {
            let given = dose::read(entry, cx, DELIVERED, &code, &[]);
            if given.from_text {
                cx.note(NoteKind::FromText, entry, "code");
            }
            (given.aim, given.dose)
        }
    };
    let part = part(entry, &code);
    let treatment = SpineTreatment {
        kind,
        start: span.start,
        end: span.end.filter(|_| !running),
        running,
        aim,
        // What one fraction delivers is not the dose of the course.
        dose: if part == Some(Part::Fraction) { Dose::default() } else { dose },
        evidence: Context::evidence(entry, code.label(), span.end.or(span.start)),
    };
    if kind == TreatmentKind::Radiotherapy && part.is_some() {
        cx.treatment_parts.push(treatment);
    } else {
        cx.facts.treatments.push(treatment);
    }
}

fn kind(entry: &Entry<'_>, code: &Coded<'_>) -> Option<TreatmentKind> {
    if code.concepts.has(Concept::SpineSurgery) {
        Some(TreatmentKind::SpineSurgery)
    } else if is_radiotherapy(entry, code) {
        Some(TreatmentKind::Radiotherapy)
    } else {
        None
    }
}

/// Whether a resource is about radiotherapy by its code or its profile.
pub(super) fn is_radiotherapy(entry: &Entry<'_>, code: &Coded<'_>) -> bool {
    code.has_any(&[Concept::Radiotherapy, Concept::StereotacticRadiotherapy])
        || Context::has_profile(entry, |name| {
            (name.starts_with("mcode-") || name.starts_with("codexrt-"))
                && ["radiotherapy", "radiation", "brachytherapy"].iter().any(|word| name.contains(word))
        })
}

/// A part of a course that says again what the course says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A phase or a plan.
    PhaseOrPlan,
    /// One fraction.
    Fraction,
}

/// Which part of a course a resource is, by profile or code; `None` for a course.
pub(super) fn part(entry: &Entry<'_>, code: &Coded<'_>) -> Option<Part> {
    let profile = |words: &'static [&'static str]| {
        Context::has_profile(entry, |name| {
            name.starts_with("codexrt-radiotherapy-") && words.iter().any(|word| name.contains(word))
        })
    };
    if profile(&["-fraction"]) || code.codes().any(|code| code == "1297069006") {
        Some(Part::Fraction)
    } else if profile(&["-phase", "-plan-", "treatment-plan", "treated-plan"])
        || code.concepts.has(Concept::RadiotherapyPart)
    {
        Some(Part::PhaseOrPlan)
    } else {
        None
    }
}

/// Adds the parts of courses that no course on record covers.
pub(super) fn settle_parts(cx: &mut Context<'_>) {
    let parts = std::mem::take(&mut cx.treatment_parts);
    let courses = cx.facts.treatments.iter().filter(|course| course.kind == TreatmentKind::Radiotherapy);
    let courses: Vec<&SpineTreatment> = courses.collect();
    let (covered, own): (Vec<_>, Vec<_>) =
        parts.into_iter().partition(|part| courses.iter().any(|course| covers(course, part, cx.now)));
    cx.notes.extend(covered.into_iter().map(|part| Note::on(NoteKind::MakesNoFact, part.evidence.reference)));
    cx.facts.treatments.extend(own);
}

/// Whether a part belongs to a course: the sites agree and the times overlap, as far as both are known.
fn covers(course: &SpineTreatment, part: &SpineTreatment, now: DateTime<Utc>) -> bool {
    let times = |treatment: &SpineTreatment| {
        let start = treatment.start.or(treatment.end)?;
        let end = treatment.end.map_or_else(|| start.latest(), |end| end.latest());
        Some((start.earliest(), if treatment.running { now.max(end) } else { end }))
    };
    let overlap = match (times(course), times(part)) {
        (Some((from, to)), Some((part_from, part_to))) => from <= part_to && part_from <= to,
        _ => true,
    };
    overlap && same_site(course.aim, part.aim)
}

/// Whether two aims may be one site.
pub(super) fn same_site(a: Aim, b: Aim) -> bool {
    match (a, b) {
        (Aim::Spine(a), Aim::Spine(b)) => a.same_site(b),
        (Aim::Spine(_), Aim::Elsewhere) | (Aim::Elsewhere, Aim::Spine(_)) => false,
        _ => true,
    }
}
