//! Condition: diagnoses, symptoms, and whether they are current.
//!
//! Deliberately absent: what makes a diagnosis a cancer or a metastasis (in `cancer`).

use super::answer::severity;
use super::cancer::{self, Diagnosis};
use super::coded::{Coded, beginning};
use super::codes::ConceptSet;
use super::concept::Concept;
use super::context::{Context, DateChoice, Entry, extension_name};
use super::finding::{self, Circumstances};
use super::left_out::is_left_out;
use super::note::NoteKind;
use super::reader::{Object, items, text};
use super::words;
use engine::domain::{Certainty, Evidence, Progression};

/// `onset[x]`.
const ONSET: DateChoice = DateChoice {
    date_time: "onsetDateTime",
    instant: "onsetInstant",
    period: "onsetPeriod",
    without_date: &["onsetAge", "onsetRange", "onsetString"],
};

/// `clinicalStatus`, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clinical {
    /// Active, absent, or not understood (the dangerous reading).
    Current,
    /// Recurrence or relapse.
    CameBack,
    /// Inactive, remission or resolved.
    Past,
}

/// Reads one Condition.
pub(super) fn read(entry: &Entry<'_>, cx: &mut Context<'_>) {
    let Some(certainty) = verification(entry, cx) else {
        cx.note(NoteKind::NotInForce, entry, "verificationStatus");
        return;
    };
    let clinical = clinical(entry, cx);
    let code = cx.coded(entry, "code").unwrap_or_default();
    let by_words = in_words(&code);
    if code.concepts.is_empty() && by_words.is_none() && !cancer::is_one(entry, &code) {
        // Most of a chart: nothing else of it matters, so nothing else is read.
        return match (clinical, is_left_out(&code)) {
            (Clinical::Past, _) => cx.note(NoteKind::NotInForce, entry, "clinicalStatus"),
            (_, true) => cx.note(NoteKind::MakesNoFact, entry, "code"),
            (_, false) => cx.note(NoteKind::CodeNotKnown, entry, "code"),
        };
    }
    let site = cx.body_site(entry);
    let recorded = cx.date(entry, "recordedDate");
    let onset = cx.span(entry, &ONSET);
    let diagnosis = Diagnosis { clinical, certainty, site, recorded, onset: onset.start };
    let is_cancer = cancer::record(entry, cx, &code, &diagnosis);
    let by_words = by_words.filter(|_| !is_cancer);
    let irradiated = code.concepts.has(Concept::RadiotherapyHistory);
    if clinical == Clinical::Past {
        // What was once given was given, whatever the status of the record.
        if irradiated {
            let evidence = Context::evidence(entry, code.label(), recorded.or(onset.start));
            cx.facts.radiotherapy_history.push(evidence);
        } else if let Some(named) = by_words {
            from_text(entry, cx, |cx| cancer::record(entry, cx, &named, &diagnosis));
        } else if !is_cancer {
            cx.note(NoteKind::NotInForce, entry, "clinicalStatus");
        }
        return;
    }
    let circumstances = Circumstances {
        affirmed: true,
        seen: recorded.into_iter().collect(),
        onset: onset.start,
        stands_alone: onset.stated,
        progression: disease_course(entry, cx),
        severity: cx.coded(entry, "severity").and_then(|coded| severity(&coded)),
        site,
        plain: true,
    };
    if code.concepts.has(Concept::DeficitProgression) || code.concepts.has(Concept::EsccGrade) {
        cx.note(NoteKind::MakesNoFact, entry, "code");
    } else if let Some(named) = by_words {
        from_text(entry, cx, |cx| {
            cancer::record(entry, cx, &named, &diagnosis);
            finding::record(entry, cx, &named, &circumstances)
        });
    } else if !finding::record(entry, cx, &code, &circumstances) && !is_cancer {
        let kind = if is_left_out(&code) { NoteKind::MakesNoFact } else { NoteKind::CodeNotKnown };
        cx.note(kind, entry, "code");
    }
}

/// The code with the concepts that its words name, where no code is known: by its text, else by the displays of codes that
/// nobody here knows.
pub(super) fn in_words<'a>(code: &Coded<'a>) -> Option<Coded<'a>> {
    if !code.concepts.is_empty() {
        return None;
    }
    let of = |text: &str| words::problem(beginning(text));
    let by_text = code.text.as_deref().map(of).unwrap_or_default();
    let concepts = if by_text.is_empty() {
        let displays = code.codings.iter().filter_map(|coding| coding.display.as_deref());
        let by_display = displays.map(of).fold(ConceptSet::NONE, ConceptSet::union);
        // A text that stops silences the displays, too.
        let stopped = || code.text.as_deref().is_some_and(|text| words::stop(beginning(text)).is_some());
        if by_display.is_empty() || stopped() { ConceptSet::NONE } else { by_display }
    } else {
        by_text
    };
    (!concepts.is_empty()).then(|| {
        let wording =
            code.text.clone().or_else(|| code.codings.iter().find_map(|coding| coding.display.clone()));
        Coded { concepts, text: wording, ..Coded::default() }
    })
}

/// Makes records that were read from words: they are kept by themselves, because they may only raise.
pub(super) fn from_text<T>(
    entry: &Entry<'_>,
    cx: &mut Context<'_>,
    make: impl FnOnce(&mut Context<'_>) -> T,
) -> T {
    let facts = &cx.facts;
    let (cancer, metastases) = (facts.cancer.len(), facts.metastases.len());
    let (fractures, signs) = (facts.vertebral_fractures.len(), facts.signs.len());
    let worse = facts.worse_despite_treatment.len();
    let made = make(cx);
    let facts = &mut cx.facts;
    facts.worse_despite_treatment.truncate(worse);
    let mark = |evidence: &mut Evidence| evidence.label = read_from_text(&evidence.label);
    facts.from_text.cancer.extend(facts.cancer.drain(cancer..).map(|mut record| {
        mark(&mut record.evidence);
        record
    }));
    facts.from_text.metastases.extend(facts.metastases.drain(metastases..).map(|mut record| {
        mark(&mut record.evidence);
        record
    }));
    facts.from_text.vertebral_fractures.extend(facts.vertebral_fractures.drain(fractures..).map(
        |mut evidence| {
            mark(&mut evidence);
            evidence
        },
    ));
    let affirmed = facts.signs.drain(signs..).filter(|record| record.affirmed);
    facts.from_text.signs.extend(affirmed.map(|mut record| {
        mark(&mut record.evidence);
        record
    }));
    cx.note(NoteKind::FromText, entry, "code");
    made
}

/// How a card names what was read from words.
fn read_from_text(label: &str) -> String {
    format!("{label} (read from text)")
}

/// A status element: its codes; its text, where it has no codes. A bare string is read too.
#[derive(Debug, Default)]
pub(super) struct Status<'a>(Coded<'a>);

impl<'a> Status<'a> {
    /// Reads it; without the element it says nothing.
    pub(super) fn read(entry: &Entry<'a>, cx: &mut Context<'_>, name: &'static str) -> Self {
        let Some(raw) = entry.object.get(name) else { return Self::default() };
        match text(raw) {
            Some(code) => Self(Coded { text: Some(code), ..Coded::default() }),
            None => Self(cx.coded_from(entry, raw, name).unwrap_or_default()),
        }
    }

    /// Whether one of these codes is said, in any letter case.
    pub(super) fn says(&self, wanted: &[&str]) -> bool {
        let is_wanted = |code: &str| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(code));
        self.0.codes().any(is_wanted) || self.has_no_code() && self.0.text.as_deref().is_some_and(is_wanted)
    }

    /// Whether nothing is said.
    fn is_silent(&self) -> bool {
        self.has_no_code() && self.0.text.is_none()
    }

    fn has_no_code(&self) -> bool {
        self.0.codes().next().is_none()
    }
}

/// Documented or suspected; `None` when refuted or entered in error.
pub(super) fn verification(entry: &Entry<'_>, cx: &mut Context<'_>) -> Option<Certainty> {
    let status = Status::read(entry, cx, "verificationStatus");
    if status.says(&["refuted", "entered-in-error"]) {
        return None;
    }
    if status.says(&["confirmed"]) || status.is_silent() {
        return Some(Certainty::Documented);
    }
    if status.says(&["provisional", "differential", "unconfirmed"]) {
        return Some(Certainty::Suspected);
    }
    cx.note(NoteKind::MalformedElement, entry, "verificationStatus");
    Some(Certainty::Documented)
}

fn clinical(entry: &Entry<'_>, cx: &mut Context<'_>) -> Clinical {
    let status = Status::read(entry, cx, "clinicalStatus");
    if status.says(&["recurrence", "relapse"]) {
        return Clinical::CameBack;
    }
    if status.says(&["active"]) || status.is_silent() {
        return Clinical::Current;
    }
    if status.says(&["inactive", "remission", "resolved"]) {
        return Clinical::Past;
    }
    cx.note(NoteKind::MalformedElement, entry, "clinicalStatus");
    Clinical::Current
}

/// The disease-course extension.
fn disease_course(entry: &Entry<'_>, cx: &mut Context<'_>) -> Option<Progression> {
    let raws = entry.object.get("extension").map(items).unwrap_or_default();
    for extension in raws.into_iter().filter_map(Object::read) {
        if extension_name(&extension) == "condition-diseaseCourse"
            && let Some(raw) = extension.get("valueCodeableConcept")
        {
            let course = cx.coded_from(entry, raw, "extension").and_then(|coded| finding::course(&coded));
            if course.is_none() {
                cx.note(NoteKind::ValueNotAllowed, entry, "extension");
            }
            return course;
        }
    }
    None
}
