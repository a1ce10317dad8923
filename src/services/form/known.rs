//! What the record answers already: the latest of each kind, whatever its age. It is shown for confirmation, and its date
//! beside it.

use super::fill::Answers;
use super::questions::{LEVEL, LOCATION};
use crate::domain::scales::{MIRELS, SINS};
use crate::domain::{
    Certainty, Facts, Level, Levels, Limb, MetastasisSite, Performance, Progression, Side, Sign, SignRecord,
    When,
};
use crate::guideline::{Fact, at_least_three_months, english};
use std::collections::BTreeMap;

/// The questions for a deficit.
const DEFICITS: [&str; 4] = ["weakness", "walks", "feeling", "bladder"];

/// The other questions that name a finding, which an onset may be said of.
const FINDINGS: [&str; 3] = ["back-pain", "radicular-pain", "mescc-suspected"];

/// An answer of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// When it was recorded.
    pub when: Option<When>,
}

/// The answers of the record: the name of the choice of each question, and when it was recorded.
pub fn known(facts: &Facts) -> BTreeMap<String, (String, Known)> {
    let mut found = Found::default();
    scores(facts, &mut found);
    for record in &facts.escc {
        found.add("escc", record.grade.label(), record.seen);
    }
    for record in &facts.performance {
        match record.value {
            Performance::Ecog(value) => found.add("ecog", &value.to_string(), record.seen),
            Performance::Karnofsky(value) => found.add("karnofsky", &value.to_string(), record.seen),
        }
    }
    for record in &facts.life_expectancy {
        match at_least_three_months(record) {
            Some(true) => found.add("life-expectancy", "ge-3-months", record.seen),
            Some(false) => found.add("life-expectancy", "lt-3-months", record.seen),
            None => {}
        }
    }
    for record in &facts.judgements {
        let question = Fact::of_judgement(record.judgement).name().replace('_', "-");
        found.add(&question, if record.answer { "yes" } else { "no" }, record.seen);
    }
    for record in &facts.progressions {
        let course = match record.progression {
            Progression::Progressive => "progressive",
            Progression::Stable => "stable",
            Progression::Improving => "improving",
        };
        found.add("deficit-progression", course, record.seen);
    }
    for record in &facts.signs {
        if let Some((question, value)) = sign(record) {
            let seen = record.seen.iter().copied().max_by_key(|when| when.latest()).or(record.onset);
            found.add(question, value, seen);
        }
    }
    found.0
}

/// The records, as `Type/id`, that state without an onset the very deficit that is answered here; what is said of its onset
/// is said of them, and of no other sign. Where the answers name no finding, the onset is that of the only deficit on record
/// that has none; of several nobody knows which is meant.
pub fn undated(facts: &Facts, answers: &Answers) -> Vec<String> {
    let is_answered = |record: &SignRecord| {
        sign(record).is_some_and(|(question, value)| {
            DEFICITS.contains(&question) && answers.get(question).is_some_and(|answer| answer == value)
        })
    };
    let undated = facts.signs.iter().filter(|it| it.affirmed && it.onset.is_none());
    let of = |record: &SignRecord| record.evidence.reference.clone();
    if answers.keys().any(|id| FINDINGS.contains(&id.as_str()) || DEFICITS.contains(&id.as_str())) {
        return undated.filter(|record| is_answered(record)).map(of).collect();
    }
    let is_deficit =
        |sign| !matches!(sign, Sign::BackPain | Sign::RadicularPain | Sign::SpinalMetastasesSuspected);
    let mut deficits: Vec<String> = undated.filter(|record| is_deficit(record.sign)).map(of).collect();
    deficits.sort();
    deficits.dedup();
    if deficits.len() == 1 { deficits } else { Vec::new() }
}

/// The latest MRI of the spine that an answer about its result is derived from, as `Type/id`.
pub fn study(facts: &Facts) -> Option<String> {
    let studies = facts.spine_mri.iter().filter(|it| it.evidence.reference.starts_with("ImagingStudy/"));
    let latest = studies.max_by_key(|it| it.when.map(When::latest));
    latest.map(|it| it.evidence.reference.clone())
}

/// The levels of the answers; those of the record where none is answered.
pub(super) fn levels(answer: Option<&String>) -> Levels {
    let named = |level: &Level| Some(level.to_string()) == answer.cloned();
    (1..=29).filter_map(Level::new).find(named).map_or(Levels::NONE, |level| Levels::NONE.with(level))
}

#[derive(Default)]
struct Found(BTreeMap<String, (String, Known)>);

impl Found {
    /// The later of two answers stands; one without a date gives way.
    fn add(&mut self, question: &str, value: &str, when: Option<When>) {
        let later = |known: &Known| known.when.map(When::latest) <= when.map(When::latest);
        if self.0.get(question).is_none_or(|(_, known)| later(known)) {
            self.0.insert(question.to_owned(), (value.to_owned(), Known { when }));
        }
    }
}

/// The parts of the latest score, and the level that it is of; else that of a documented metastasis.
fn scores(facts: &Facts, found: &mut Found) {
    let documented = facts.metastases.iter().filter(|it| it.certainty == Certainty::Documented);
    let of_lesions = documented.filter_map(|it| match it.site {
        MetastasisSite::Spine(levels) if !levels.is_empty() => Some((levels, it.seen)),
        _ => None,
    });
    let of_scores = facts.sins.iter().filter(|it| !it.levels.is_empty()).map(|it| (it.levels, it.seen));
    let latest = |(_, seen): &(Levels, Option<When>)| seen.map(When::latest);
    let site = of_scores.max_by_key(latest).or_else(|| of_lesions.max_by_key(latest));
    if let Some((levels, seen)) = site
        && let Some(level) = levels.iter().next()
    {
        found.add(LEVEL, &level.to_string(), seen);
        if let Some(points) = english::location_of(Levels::NONE.with(level)) {
            found.add(LOCATION, &points.to_string(), seen);
        }
    }
    for record in &facts.sins {
        if site.is_some_and(|(levels, _)| !levels.same_site(record.levels)) {
            continue;
        }
        let parts = &record.parts;
        let parts =
            [parts.location, parts.pain, parts.lesion, parts.alignment, parts.collapse, parts.posterolateral];
        for (scale, points) in SINS.iter().zip(parts) {
            points.into_iter().for_each(|points| found.add(scale.code, &points.to_string(), record.seen));
        }
    }
    for record in &facts.mirels {
        let parts = &record.parts;
        for (scale, points) in MIRELS.iter().zip([parts.site, parts.pain, parts.lesion, parts.size]) {
            points.into_iter().for_each(|points| found.add(scale.code, &points.to_string(), record.seen));
        }
    }
}

/// The question and choice of a sign; `None` where the sign is wider than any choice, as a disturbance of gait or of bladder or
/// bowel: one click would record what nobody said.
fn sign(record: &SignRecord) -> Option<(&'static str, &'static str)> {
    let yes = record.affirmed;
    let side = |left, right, both| match record.side {
        Some(Side::Left) => Some(left),
        Some(Side::Right) => Some(right),
        Some(Side::Both) => Some(both),
        None => None,
    };
    Some(match record.sign {
        Sign::MesccSuspected => ("mescc-suspected", if yes { "yes" } else { "no" }),
        Sign::BackPain => ("back-pain", if yes { "yes" } else { "no" }),
        Sign::RadicularPain if yes => ("radicular-pain", side("left", "right", "both")?),
        Sign::RadicularPain => ("radicular-pain", "no"),
        Sign::Paraparesis if yes => ("weakness", "legs"),
        Sign::LimbWeakness | Sign::RadicularDeficit if yes => match record.limb {
            Some(Limb::Arm) => ("weakness", side("left-arm", "right-arm", "")?),
            Some(Limb::Leg) => ("weakness", side("left-leg", "right-leg", "legs")?),
            None => return None,
        },
        Sign::GaitDisturbance if !yes => ("walks", "unaided"),
        Sign::SaddleAnaesthesia if yes => ("feeling", "saddle"),
        Sign::SensoryLevel if yes => ("feeling", "level"),
        Sign::UrinaryRetention if yes => ("bladder", "retention"),
        Sign::UrinaryIncontinence if yes => ("bladder", "urine"),
        _ => return None,
    })
    .filter(|(_, value)| !value.is_empty())
}
