//! Findings, studies and orders in words, and as the facts of a rationale.
//!
//! Text from the record passes through [`escape`] before it enters a sentence. Deliberately absent: which sentence
//! belongs to which row.

use super::advice::FactUsed;
use super::compose::unread;
use super::fact::Fact;
use super::finding::{Finding, Kind};
use super::mri_timing::{Because, Need};
use super::picture::{Picture, Sides};
use super::scope::SpinalMetastases;
use super::tables::mri_timing::Kind as Presents;
pub(super) use crate::domain::moment;
use crate::domain::{Evidence, ImagingOrder, Limb, Progression, Side, Sign, SpineMri, When};
use chrono_tz::Tz;

/// Studies named on a card.
const STUDIES_NAMED: usize = 3;

/// Text from the record, safe inside GitHub Flavored Markdown: no tags, no links, no formatting, one line.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '@' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    // A scheme or "www." would become a link.
    if out.contains("://") || out.contains("www.") {
        return out.replace("://", "\\://").replace("www.", "www\\.");
    }
    out
}

/// A fact with its record.
pub(super) fn fact(name: Fact, value: impl Into<String>, evidence: &Evidence) -> FactUsed {
    FactUsed {
        fact: name,
        value: value.into(),
        label: Some(evidence.label.clone()),
        date: evidence.date,
        // A resource without an id has no reference, only a type.
        reference: Some(evidence.reference.clone()).filter(|reference| reference.contains('/')),
    }
}

/// A fact about the whole chart, without a record of its own.
pub(super) fn bare_fact(name: Fact, value: impl Into<String>) -> FactUsed {
    FactUsed { fact: name, value: value.into(), label: None, date: None, reference: None }
}

/// One sentence for the card.
pub(super) fn sentence(used: &FactUsed, zone: Tz) -> String {
    let name = used.fact.plain_name();
    // A value that begins with the name of the fact is not led by it once more.
    let (head, rest) = used.value.split_at_checked(name.len()).unwrap_or_default();
    let mut text = if head.eq_ignore_ascii_case(name) {
        [name, rest].concat()
    } else {
        [name, ": ", &used.value].concat()
    };
    let mut source: Vec<String> = Vec::new();
    source.extend(used.label.as_deref().filter(|l| !l.is_empty()).map(|l| ["\"", &escape(l), "\""].concat()));
    source.extend(used.date.map(|d| d.for_people(zone)));
    source.extend(used.reference.as_deref().map(escape));
    if !source.is_empty() {
        text.push_str(&[" (", &source.join(", "), ")"].concat());
    }
    text
}

/// The facts behind a finding, one a record.
pub(super) fn finding_facts(finding: &Finding<'_>, zone: Tz) -> Vec<FactUsed> {
    let (name, mut words) = match finding.kind {
        Kind::Sign(sign) => (fact_name(sign), vec![sign_name(sign).to_owned()]),
        Kind::HighEscc(grade) => (Fact::Escc, vec![grade.label().to_owned()]),
    };
    words.extend(finding.limb.map(|l| if l == Limb::Arm { "arm" } else { "leg" }.to_owned()));
    words.extend(finding.side.map(|s| side_name(s).to_owned()));
    words.extend(finding.onset.map(|o| format!("onset {}", o.for_people(zone))));
    words.extend(finding.course.map(|c| course_name(c).to_owned()));
    finding.evidence.iter().map(|e| fact(name, words.join(", "), e)).collect()
}

const fn fact_name(sign: Sign) -> Fact {
    match sign {
        Sign::BackPain => Fact::LocalBackPain,
        Sign::RadicularPain => Fact::RadicularPain,
        Sign::RadicularDeficit | Sign::LimbWeakness | Sign::LimbNumbness => Fact::Deficit,
        Sign::SpinalMetastasesSuspected => Fact::SpinalMetastases,
        _ => Fact::MesccSigns,
    }
}

const fn sign_name(sign: Sign) -> &'static str {
    match sign {
        Sign::BackPain => "back pain",
        Sign::RadicularPain => "radicular pain",
        Sign::RadicularDeficit => "radicular deficit",
        Sign::LimbWeakness => "limb weakness",
        Sign::LimbNumbness => "limb numbness",
        Sign::Paraparesis => "paraparesis or paraplegia",
        Sign::SaddleAnaesthesia => "saddle anaesthesia",
        Sign::SensoryLevel => "sensory level",
        Sign::LhermitteSign => "Lhermitte's sign",
        Sign::Myelopathy => "myelopathy",
        Sign::CaudaEquina => "cauda equina syndrome",
        Sign::CordCompression => "cord compression diagnosis",
        Sign::MesccSuspected => "cord compression suspected by a clinician",
        Sign::GaitDisturbance => "gait disturbance",
        Sign::UrinaryRetention => "urinary retention",
        Sign::BladderOrBowelDisturbance => "bladder or bowel disturbance",
        Sign::UrinaryIncontinence => "urinary incontinence",
        Sign::SpinalMetastasesSuspected => "suspected by a clinician",
    }
}

const fn side_name(side: Side) -> &'static str {
    match side {
        Side::Left => "left",
        Side::Right => "right",
        Side::Both => "both sides",
    }
}

const fn course_name(course: Progression) -> &'static str {
    match course {
        Progression::Progressive => "progressive",
        Progression::Stable => "stable",
        Progression::Improving => "improving",
    }
}

/// The patient in a phrase for the summary.
pub(super) fn patient(picture: &Picture<'_>) -> &'static str {
    match picture.disease.spinal_metastases {
        SpinalMetastases::Documented => "spinal metastases",
        SpinalMetastases::Suspected => "spinal metastases suspected",
        SpinalMetastases::NoneOnRecord if picture.disease.cancer_active => "active cancer",
        SpinalMetastases::NoneOnRecord
            if picture.disease.because.iter().any(|(fact, ..)| *fact == Fact::BoneMetastases) =>
        {
            "bone metastases"
        }
        SpinalMetastases::NoneOnRecord
            if picture.disease.because.iter().any(|(fact, ..)| *fact == Fact::Cancer) =>
        {
            "history of cancer"
        }
        SpinalMetastases::NoneOnRecord
            if picture.disease.because.iter().any(|(fact, ..)| *fact == Fact::SpinalMetastases) =>
        {
            "spinal metastases suspected once"
        }
        SpinalMetastases::NoneOnRecord => "cord compression suspected",
    }
}

/// Most characters of a summary (requirement C-2).
pub const SUMMARY_LENGTH: usize = 139;

/// A summary: action, trigger, and when it is due. Where it would be too long the trigger gives way, never the other two.
pub(super) fn summary(action: &str, need: &Need<'_, '_>, picture: &Picture<'_>, due: &str) -> String {
    let (trigger, short) = trigger(need, picture);
    let full = format!("{action}: {trigger}{due}");
    if full.chars().count() <= SUMMARY_LENGTH { full } else { format!("{action}: {short}{due}") }
}

/// What triggers the need, for a summary: the worst sign or finding, its side, and the kind of patient; and the same in
/// short.
fn trigger(need: &Need<'_, '_>, picture: &Picture<'_>) -> (String, String) {
    match &need.because {
        Because::Mescc(suspected) => {
            let mut names: Vec<&str> = suspected.iter().map(|s| s.sign.name).collect();
            names.dedup();
            let with = suspected.first().is_some_and(|s| !s.with.is_empty());
            let first = names.first().copied().unwrap_or("sign");
            let more = match names.len() {
                0 | 1 if with => " with pain".to_owned(),
                0 | 1 => String::new(),
                _ => " and other signs".to_owned(),
            };
            let suspected = "cord compression suspected";
            (format!("{suspected} ({first}{more})"), suspected.to_owned())
        }
        Because::Findings(findings) => {
            let sides = Sides::of(findings.iter().map(|c| c.finding.side));
            let side = match (sides.cover(Side::Left), sides.cover(Side::Right)) {
                (true, false) => ", left",
                (false, true) => ", right",
                _ => "",
            };
            let name = match need.row.kind() {
                Some(Presents::RadicularDeficit) => "radicular deficit",
                Some(Presents::OtherWeakness) => "new limb weakness",
                Some(Presents::RadicularPain) => "radicular pain",
                _ => "back pain",
            };
            (format!("{name}{side}, {}", patient(picture)), format!("{name}{side}"))
        }
        Because::Suspicion(_) => {
            let suspected = "spinal metastases suspected";
            let symptoms = [Fact::LocalBackPain, Fact::RadicularPain, Fact::Deficit, Fact::MesccSigns];
            let none = if unread(picture.facts, &symptoms).is_empty() { ", no symptom recorded" } else { "" };
            (format!("{suspected}{none}"), suspected.to_owned())
        }
    }
}

/// The studies that did not answer the need, latest first, each with the reason.
pub(super) fn inadequate_studies(need: &Need<'_, '_>, picture: &Picture<'_>) -> Vec<FactUsed> {
    let begin = began(need, picture);
    let mut studies: Vec<&SpineMri> = picture.facts.spine_mri.iter().collect();
    studies
        .sort_by_key(|mri| (std::cmp::Reverse(mri.when.map(When::earliest)), mri.evidence.reference.clone()));
    studies
        .into_iter()
        .take(STUDIES_NAMED)
        .map(|mri| {
            fact(
                Fact::SpineMri,
                format!("{} — {}", mri.regions, why_inadequate(mri, begin, picture)),
                &mri.evidence,
            )
        })
        .collect()
}

fn why_inadequate(mri: &SpineMri, began: Option<When>, picture: &Picture<'_>) -> &'static str {
    let Some(when) = mri.when else { return "without a date, so it cannot be placed" };
    if when.earliest() > picture.clock.now {
        return "dated in the future, so it cannot be placed";
    }
    if began.is_some_and(|began| !when.is_at_or_after(began)) {
        return "made before the present findings began";
    }
    if mri.t1_missing || mri.t2_missing {
        return "no T1 or no T2 sequence among its series";
    }
    if !mri.regions.is_whole() {
        return "part of the spine only";
    }
    "made before the finding was recorded as new or worse"
}

/// When the earliest of the findings behind the need began.
fn began(need: &Need<'_, '_>, picture: &Picture<'_>) -> Option<When> {
    let begins: Vec<When> = match &need.because {
        Because::Mescc(suspected) => {
            suspected.iter().flat_map(|s| s.sign.members.iter().map(|c| c.finding.begin)).collect()
        }
        Because::Findings(findings) => findings
            .iter()
            .filter(|c| picture.studies.adequate_when(c.finding.begin.earliest()).is_none())
            .map(|c| c.finding.begin)
            .collect(),
        Because::Suspicion(records) => records.iter().filter_map(|e| e.date).collect(),
    };
    begins.into_iter().min_by_key(|w| w.earliest())
}

/// An order as a fact.
pub(super) fn order_fact(order: &ImagingOrder, value: impl Into<String>) -> FactUsed {
    fact(Fact::SpineMriOrders, value, &order.evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_the_record_cannot_format_link_or_open_a_tag() {
        assert_eq!(escape("<b>x</b> & y"), "&lt;b&gt;x&lt;/b&gt; &amp; y");
        assert_eq!(escape("[a](http://b.example) *c*\n# d"), "\\[a\\](http\\://b.example) \\*c\\* \\# d");
        assert_eq!(escape("www.example.org"), "www\\.example.org");
        assert_eq!(escape("Condition/c-1"), "Condition/c-1");
    }
}
