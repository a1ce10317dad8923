//! Observation: findings, judgements, grades, scores and measurements, in the value or in components.
//!
//! Deliberately absent: how values say yes and no (in `answer`), and which record is current.

use super::answer::{self, Answer, Value, values};
use super::coded::Coded;
use super::concept::Concept;
use super::condition::{from_text, in_words};
use super::context::{Context, EFFECTIVE, Entry, Statement, latest};
use super::finding::{self, Circumstances};
use super::measurement;
use super::note::NoteKind;
use super::reader::{Object, items};
use super::scores::{self, Score, Taken};
use engine::domain::{
    CancerRecord, CancerStatus, EsccRecord, MirelsParts, MirelsRecord, OffScaleRecord, Progression,
    ProgressionRecord, SinsParts, SinsRecord,
};

/// One statement of an Observation: the resource itself, or a component of it.
struct Part<'a, 'b> {
    coded: Coded<'a>,
    object: &'b Object<'a>,
    is_component: bool,
}

/// Reads one Observation.
pub(super) fn read(entry: &Entry<'_>, cx: &mut Context<'_>) {
    if !in_force(entry, cx) {
        return;
    }
    let raws = entry.object.get("component").map(items).unwrap_or_default();
    let components: Vec<Object<'_>> = raws.into_iter().filter_map(Object::read).collect();
    let mut parts: Vec<Part<'_, '_>> = Vec::with_capacity(components.len() + 1);
    if let Some(coded) = cx.coded(entry, "code") {
        parts.push(Part { coded, object: &entry.object, is_component: false });
    }
    for object in &components {
        if let Some(coded) = object.get("code").and_then(|raw| cx.coded_from(entry, raw, "component")) {
            parts.push(Part { coded, object, is_component: true });
        }
    }
    let known = parts.iter().any(|part| !part.coded.concepts.is_empty());
    let words =
        parts.first().filter(|part| !known && !part.is_component).and_then(|part| in_words(&part.coded));
    if !known && words.is_none() {
        // Most of a chart: nothing else of it matters, so nothing else is read.
        cx.note(NoteKind::CodeNotKnown, entry, "code");
        return;
    }
    let effective = cx.span(entry, &EFFECTIVE);
    let issued = cx.date(entry, "issued");
    let site = cx.body_site(entry);
    let mut seen: Vec<_> = [effective.start, effective.end, issued].into_iter().flatten().collect();
    seen.sort_by_key(|when| (when.earliest(), when.latest()));
    seen.dedup();
    let base = Circumstances { seen, onset: effective.first(), site, ..Circumstances::default() };
    match words {
        // Without a value such an Observation says nothing: its code may be the question.
        Some(coded) => {
            let part = Part { coded, object: &entry.object, is_component: false };
            if !values(part.object, cx.value_sets).is_empty() && finding::is_finding(&part.coded) {
                from_text(entry, cx, |cx| statement(entry, cx, &part, &base, None));
            }
        }
        None => read_parts(entry, cx, &parts, &base),
    }
}

/// Whether the status lets it count. A status that is not known counts, with a note: the dangerous reading.
fn in_force(entry: &Entry<'_>, cx: &mut Context<'_>) -> bool {
    match cx.text(entry, "status").as_deref() {
        Some("entered-in-error" | "cancelled") => {
            cx.note(NoteKind::NotInForce, entry, "status");
            return false;
        }
        None | Some("registered" | "preliminary" | "final" | "amended" | "corrected" | "appended") => {}
        Some(_) => cx.note(NoteKind::MalformedElement, entry, "status"),
    }
    true
}

fn read_parts(entry: &Entry<'_>, cx: &mut Context<'_>, parts: &[Part<'_, '_>], base: &Circumstances) {
    let states_sign = |part: &Part<'_, '_>| !finding::signs(&part.coded, &base.site).is_empty();
    // A course beside a finding of the same Observation is the course of that finding.
    let own_sign = parts.iter().any(|part| !part.is_component && states_sign(part));
    let own_course = parts
        .iter()
        .filter(|part| part.is_component && part.coded.concepts.has(Concept::DeficitProgression))
        .find_map(|part| course_of(part.object, cx));
    let mut sins = Score::<SinsParts>::default();
    let mut mirels = Score::<MirelsParts>::default();
    for part in parts {
        let concepts = part.coded.concepts;
        if concepts.has(Concept::DeficitProgression) {
            if !(part.is_component && own_sign) || course_of(part.object, cx).is_none() {
                progression(entry, cx, part, base);
            }
        } else if concepts.has(Concept::EsccGrade) {
            escc(entry, cx, part, base);
        } else if concepts.has(Concept::Sins) {
            if let Taken::NotAllowed(value) = sins.take_sins(&part.coded, part.object) {
                cx.note(NoteKind::ValueNotAllowed, entry, "value");
                let evidence = Context::evidence(entry, part.coded.label(), base.date());
                let is_part = scores::is_part_of_sins(&part.coded);
                cx.facts.sins_off_scale.push(OffScaleRecord { value, is_part, evidence });
            }
        } else if concepts.has(Concept::Mirels) {
            if matches!(mirels.take_mirels(&part.coded, part.object), Taken::NotAllowed(_)) {
                cx.note(NoteKind::ValueNotAllowed, entry, "value");
            }
        } else if concepts.has(Concept::PregnancyStatus) {
            pregnancy(entry, cx, part, base);
        } else if measurement::is_measurement(concepts) {
            let seen = latest(base.seen.iter().copied());
            measurement::read(entry, cx, &part.coded, part.object, seen);
        } else if finding::is_finding(&part.coded) && !spoken_for(part, parts, cx, base) {
            let course = if part.is_component { None } else { own_course };
            statement(entry, cx, part, base, course);
        }
    }
    push_scores(entry, cx, base, sins, mirels);
}

/// One record of each score, whose parts may stand in the value and in the components.
fn push_scores(
    entry: &Entry<'_>,
    cx: &mut Context<'_>,
    base: &Circumstances,
    sins: Score<SinsParts>,
    mirels: Score<MirelsParts>,
) {
    let seen = latest(base.seen.iter().copied());
    if let Some(label) = sins.label {
        let evidence = Context::evidence(entry, label, base.date());
        let (levels, total, parts) = (base.site.levels, sins.total, sins.parts);
        cx.facts.sins.push(SinsRecord { levels, total, parts, seen, evidence });
    }
    if let Some(label) = mirels.label {
        let (bone, bone_words) = (cx.body_site_name(entry), cx.body_site_words(entry));
        let evidence = Context::evidence(entry, label, base.date());
        let (total, parts) = (mirels.total, mirels.parts);
        cx.facts.mirels.push(MirelsRecord { bone, bone_words, total, parts, seen, evidence });
    }
}

/// An Observation without a value of its own whose components state the same sign leaves the statement to them.
fn spoken_for(part: &Part<'_, '_>, parts: &[Part<'_, '_>], cx: &Context<'_>, base: &Circumstances) -> bool {
    let own = finding::signs(&part.coded, &base.site);
    !part.is_component
        && values(part.object, cx.value_sets).is_empty()
        && parts.iter().any(|other| {
            other.is_component
                && finding::signs(&other.coded, &base.site).iter().any(|sign| own.contains(sign))
        })
}

/// Whether a "yes" or "no" makes the cards milder. Such a statement must be plain: comfort care needs a value that says
/// yes, and a suspicion of cord compression a value that says no.
fn silences(part: &Part<'_, '_>, answer: Answer) -> bool {
    match answer {
        Answer::Yes { .. } => part.coded.concepts.has(Concept::ComfortCare),
        Answer::No { .. } => part.coded.concepts.has(Concept::MesccSuspected),
        Answer::Unknown => false,
    }
}

fn statement(
    entry: &Entry<'_>,
    cx: &mut Context<'_>,
    part: &Part<'_, '_>,
    base: &Circumstances,
    course: Option<Progression>,
) {
    let mut circumstances = Circumstances { progression: course, ..base.clone() };
    let answer = answer::answer(part.object, cx.value_sets);
    let plain = match answer {
        Answer::Yes { doubtful, .. } | Answer::No { doubtful } => {
            !doubtful && !values(part.object, cx.value_sets).is_empty()
        }
        Answer::Unknown => false,
    };
    if !plain && (silences(part, answer) || finding::is_judgement(&part.coded)) {
        cx.note(NoteKind::ValueNotAllowed, entry, "value");
        // What is a finding besides counts all the same.
        if silences(part, answer) || !finding::is_sign_or_state(&part.coded) {
            return;
        }
    }
    circumstances.plain = plain;
    match answer {
        Answer::Yes { severity, doubtful } => {
            circumstances.affirmed = true;
            circumstances.severity = severity;
            if doubtful {
                cx.note(NoteKind::ValueNotAllowed, entry, "value");
            }
        }
        Answer::No { doubtful: true } => cx.note(NoteKind::ValueNotAllowed, entry, "value"),
        Answer::No { doubtful: false } => {}
        Answer::Unknown => {
            cx.note(NoteKind::MakesNoFact, entry, "value");
            return;
        }
    }
    // "Radicular pain: left" states its side, and "weakness: worse" its course, in the value.
    for value in values(part.object, cx.value_sets) {
        match &value {
            Value::Coded(coded) => {
                circumstances.site.add_finding(coded);
                circumstances.progression = circumstances.progression.or_else(|| finding::course(coded));
            }
            Value::Text(text) => {
                circumstances.site.add_finding(&Coded { text: Some(text.clone()), ..Coded::default() });
                circumstances.progression =
                    circumstances.progression.or_else(|| finding::course_of_text(text));
            }
            _ => {}
        }
    }
    if part.coded.concepts.has(Concept::HistoryOfMetastaticCancer) && circumstances.affirmed {
        let evidence = Context::evidence(entry, part.coded.label(), circumstances.date());
        let record = CancerRecord {
            status: CancerStatus::History,
            secondary: true,
            histology: engine::domain::Histology::Unknown,
            evidence,
        };
        cx.facts.cancer.push(record);
    }
    finding::record(entry, cx, &part.coded, &circumstances);
}

/// The course that a value states; `None` without a usable one.
fn course_of(object: &Object<'_>, cx: &Context<'_>) -> Option<Progression> {
    values(object, cx.value_sets).iter().find_map(|value| match value {
        Value::Coded(coded) => finding::course(coded),
        Value::Text(text) => finding::course_of_text(text),
        _ => None,
    })
}

fn progression(entry: &Entry<'_>, cx: &mut Context<'_>, part: &Part<'_, '_>, base: &Circumstances) {
    let Some(progression) = course_of(part.object, cx) else {
        cx.note(NoteKind::ValueNotAllowed, entry, "value");
        return;
    };
    let mut site = base.site;
    site.add_finding(&part.coded);
    let evidence = Context::evidence(entry, part.coded.label(), base.date());
    let seen = latest(base.seen.iter().copied());
    cx.facts.progressions.push(ProgressionRecord { progression, side: site.side, seen, evidence });
}

fn escc(entry: &Entry<'_>, cx: &mut Context<'_>, part: &Part<'_, '_>, base: &Circumstances) {
    let found = values(part.object, cx.value_sets);
    match scores::escc(&found) {
        Some(grade) => {
            let evidence = Context::evidence(entry, part.coded.label(), base.date());
            cx.facts.escc.push(EsccRecord { grade, seen: latest(base.seen.iter().copied()), evidence });
        }
        None => cx.note(NoteKind::ValueNotAllowed, entry, "value"),
    }
}

/// "Pregnancy status" has its own answers: the finding "pregnant", or words.
fn pregnancy(entry: &Entry<'_>, cx: &mut Context<'_>, part: &Part<'_, '_>, base: &Circumstances) {
    let affirmed = values(part.object, cx.value_sets).iter().find_map(|value| match value {
        Value::Boolean(yes) => Some(*yes),
        Value::Text(text) => says_pregnant(text),
        Value::Coded(coded) if coded.concepts.has(Concept::Pregnant) => Some(true),
        Value::Coded(coded) if coded.codes().any(|code| code == "60001007") => Some(false),
        Value::Coded(coded) => coded.wordings().into_iter().find_map(says_pregnant),
        _ => None,
    });
    match affirmed {
        Some(affirmed) => {
            let evidence = Context::evidence(entry, part.coded.label(), base.date());
            cx.pregnancy.push(Statement { affirmed, evidence });
        }
        None => cx.note(NoteKind::ValueNotAllowed, entry, "value"),
    }
}

fn says_pregnant(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "pregnant" | "yes" | "positive" => Some(true),
        "not pregnant" | "nonpregnant" | "no" | "negative" => Some(false),
        _ => None,
    }
}
