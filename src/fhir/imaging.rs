//! MRI studies of the spine that have been made: ImagingStudy, DiagnosticReport, Procedure.
//!
//! Silence rests on these records, so whatever is doubtful (a status that is not known, a study in the future) is no
//! study. Deliberately absent: which study is adequate, and orders (in `order`).

use super::asked::Meaning;
use super::coded::{BodySite, Coded, beginning};
use super::context::{Context, DateChoice, EFFECTIVE, Entry};
use super::note::NoteKind;
use super::reader::{Object, items, text};
use super::words;
use engine::domain::{Modality, Regions, SpineMri, When};

/// `performed[x]` of Procedure.
pub(super) const PERFORMED: DateChoice = DateChoice {
    date_time: "performedDateTime",
    instant: "performedInstant",
    period: "performedPeriod",
    without_date: &["performedString", "performedAge", "performedRange"],
};

/// What an MRI covered, and whether only words say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Coverage {
    regions: Regions,
    from_text: bool,
}

/// The regions of an MRI of the spine by code; `None` when no code says that it is one.
pub(super) fn mri_regions(coded: &Coded<'_>) -> Option<Regions> {
    let named = coded.concepts.iter().filter_map(|concept| match concept.meaning() {
        Meaning::Mri(regions) => Some(regions),
        _ => None,
    });
    named.reduce(Regions::with)
}

/// What an MRI covered by codes, else by words. `is_mr`: the record says elsewhere that it is an MRI.
fn coverage(codes: &[Coded<'_>], texts: &[&str], site: &BodySite, is_mr: bool) -> Option<Coverage> {
    let wordings: Vec<&str> =
        codes.iter().flat_map(Coded::wordings).chain(texts.iter().copied().map(beginning)).collect();
    let in_words = wordings.iter().filter_map(|wording| words::imaging(wording));
    let in_words = in_words.filter(|found| found.modality == Modality::Mri && found.spine);
    let worded = in_words.map(|found| found.regions).reduce(Regions::with);
    let known = codes.iter().any(|coded| !coded.concepts.is_empty());
    match codes.iter().filter_map(mri_regions).reduce(Regions::with) {
        Some(regions) if !regions.is_empty() => Some(Coverage { regions, from_text: false }),
        // "MRI of the spine": a text or body site may say which part.
        Some(none) => {
            let said = worded.unwrap_or(none).with(site.regions);
            Some(Coverage { regions: said, from_text: false })
        }
        None if known => None,
        None => {
            let site_alone = (is_mr && site.spine).then_some(site.regions);
            let plain = wordings.iter().filter(|wording| is_mr && words::names_spine(wording));
            let plain = plain.map(|wording| words::regions(wording)).reduce(Regions::with);
            let regions = [worded, plain, site_alone].into_iter().flatten().reduce(Regions::with)?;
            Some(Coverage { regions, from_text: true })
        }
    }
}

/// Reads an ImagingStudy. `registered` means that nothing is available yet.
pub(super) fn study(entry: &Entry<'_>, cx: &mut Context<'_>) {
    match cx.text(entry, "status").as_deref() {
        None | Some("available") => {}
        Some("registered" | "cancelled" | "entered-in-error" | "unknown") => {
            return cx.note(NoteKind::NotInForce, entry, "status");
        }
        Some(_) => return cx.note(NoteKind::MalformedElement, entry, "status"),
    }
    let modalities = entry.object.get("modality").map(items).unwrap_or_default();
    let series: Vec<Object<'_>> =
        entry.object.get("series").map(items).unwrap_or_default().filter_map(Object::read).collect();
    let mri_series: Vec<&Object<'_>> =
        series.iter().filter(|one| one.get("modality").is_none_or(is_mr)).collect();
    let is_mr_study = modalities.chain(series.iter().filter_map(|one| one.get("modality"))).any(is_mr);

    let codes = cx.coded_list(entry, "procedureCode");
    let description = cx.text(entry, "description");
    let mut site = BodySite::default();
    let mut series_texts = Vec::new();
    for one in &mri_series {
        if let Some(raw) = one.get("bodySite")
            && let Some(coding) = Object::read(raw)
        {
            site.add(&Coded::of_coding(&coding, cx.value_sets));
        }
        series_texts.push(one.raw("description").and_then(text));
    }
    let described: Vec<&str> = series_texts.iter().flatten().map(|text| beginning(text)).collect();
    let mut texts: Vec<&str> = description.iter().map(AsRef::as_ref).collect();
    // "T1 SAG" is a sequence and no vertebra: a series tells its region only where it names the spine.
    texts.extend(described.iter().copied().filter(|text| words::names_spine(text)));
    let Some(coverage) = coverage(&codes, &texts, &site, is_mr_study) else {
        return cx.note(NoteKind::CodeNotKnown, entry, "procedureCode");
    };
    let lists_all = !described.is_empty() && described.len() == mri_series.len();
    let label = codes.iter().map(Coded::label).min().filter(|label| !label.is_empty());
    let label = label.or_else(|| description.as_deref().map(super::coded::shorten)).unwrap_or_default();
    let when = cx.date(entry, "started");
    let without = |named: fn(&str) -> bool| lists_all && !described.iter().any(|text| named(text));
    let (t1_missing, t2_missing) = (without(words::names_t1), without(words::names_t2));
    push(entry, cx, coverage, when, "started", label, (t1_missing, t2_missing));
}

fn is_mr(raw: json::Json<'_>) -> bool {
    let code = Object::read(raw).and_then(|coding| coding.get("code")).and_then(text);
    code.is_some_and(|code| code.eq_ignore_ascii_case("MR"))
}

/// Reads a DiagnosticReport. Without an effective date the first issue stands for it; an amended report may be issued
/// long after its study, so its issue does not.
pub(super) fn report(entry: &Entry<'_>, cx: &mut Context<'_>) {
    let status = cx.text(entry, "status");
    let first_issue = match status.as_deref() {
        None | Some("partial" | "preliminary" | "final") => true,
        Some("amended" | "corrected" | "appended") => false,
        Some("registered" | "cancelled" | "entered-in-error" | "unknown") => {
            return cx.note(NoteKind::NotInForce, entry, "status");
        }
        Some(_) => return cx.note(NoteKind::MalformedElement, entry, "status"),
    };
    let code = cx.coded(entry, "code").unwrap_or_default();
    let label = code.label();
    let codes = [code];
    let Some(coverage) = coverage(&codes, &[], &BodySite::default(), false) else {
        return cx.note(NoteKind::CodeNotKnown, entry, "code");
    };
    let effective = cx.span(entry, &EFFECTIVE);
    let issued = cx.date(entry, "issued").filter(|_| first_issue);
    push(entry, cx, coverage, effective.first().or(issued), "effective", label, (false, false));
}

/// Reads a Procedure that may be an MRI. `false` when it is none.
pub(super) fn procedure(entry: &Entry<'_>, cx: &mut Context<'_>, code: &Coded<'_>) -> bool {
    let site = cx.body_site(entry);
    let Some(coverage) = coverage(std::slice::from_ref(code), &[], &site, false) else { return false };
    if cx.text(entry, "status").as_deref() != Some("completed") {
        cx.note(NoteKind::NotInForce, entry, "status");
        return true;
    }
    let when = cx.span(entry, &PERFORMED).first();
    push(entry, cx, coverage, when, "performed", code.label(), (false, false));
    true
}

fn push(
    entry: &Entry<'_>,
    cx: &mut Context<'_>,
    coverage: Coverage,
    when: Option<When>,
    element: &'static str,
    label: String,
    (t1_missing, t2_missing): (bool, bool),
) {
    if when.is_some_and(|when| when.earliest() > cx.now) {
        return cx.note(NoteKind::ValueNotAllowed, entry, element);
    }
    if coverage.from_text {
        cx.note(NoteKind::FromText, entry, "");
    }
    let evidence = Context::evidence(entry, label, when);
    let mri = SpineMri { when, regions: coverage.regions, t1_missing, t2_missing, evidence };
    cx.facts.spine_mri.push(mri);
}
