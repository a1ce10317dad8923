//! Judgements and measurements as the treatment decisions see them (guideline.md sections 2 and 3.5).
//!
//! Each is known, unknown, or conflicting (which counts as unknown). Deliberately absent: the decisions.

use super::advice::FactUsed;
use super::describe::fact;
use super::fact::Fact;
use super::finding::Clock;
use super::picture::Picture;
use super::say::{Gap, LifeSaid, Performed, Value};
use super::tables::regimen::Before;
use super::tables::row::Answer;
use crate::domain::{
    Aim, Certainty, Consult, ConsultRecord, Drug, Evidence, Judgement, Levels, LifeExpectancyRecord,
    MetastasisSite, Performance, Sex, Site, SpineTreatment, TreatmentKind, When,
};
use chrono::Duration;

/// A criterion of G-19 to G-22.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Criterion {
    /// Met.
    Met,
    /// Not met.
    NotMet,
    /// Not known.
    Unknown,
}

/// Life expectancy against the 3 months of G-23 and G-43.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Life {
    /// Less than 3 months.
    Below3,
    /// At least 3 months.
    AtLeast3,
    /// Not recorded, outdated, conflicting, or a range that straddles 3.
    Unknown,
}

impl Life {
    /// Whether it is this class.
    pub(super) fn answer(self, wanted: Self) -> Answer {
        match self {
            _ if self == wanted => Answer::Yes,
            Self::Unknown => Answer::Unknown,
            Self::Below3 | Self::AtLeast3 => Answer::No,
        }
    }

    /// The class as a condition.
    pub(super) fn says(self) -> String {
        let months = months(THREE_MONTHS);
        match self {
            Self::Below3 => format!("life expectancy below {months} months"),
            Self::AtLeast3 => format!("life expectancy at least {months} months"),
            Self::Unknown => "life expectancy unknown".to_owned(),
        }
    }
}

/// Life expectancy with its record.
#[derive(Debug, Clone, Copy)]
pub(super) struct LifeExpectancy<'f> {
    pub(super) class: Life,
    /// G-22: long enough for the effect of radiotherapy (lower bound of 1 month).
    pub(super) long_enough: Criterion,
    pub(super) evidence: Option<&'f Evidence>,
    /// As it was recorded.
    pub(super) said: Option<LifeSaid>,
}

/// Whole months of a number of hundredths.
pub(super) const fn months(hundredths: u32) -> u32 {
    hundredths / 100
}

impl LifeExpectancy<'_> {
    /// As a fact with its record.
    pub(super) fn fact(&self) -> Option<FactUsed> {
        let (said, evidence) = self.said.zip(self.evidence)?;
        Some(fact(Fact::LifeExpectancy, Value::Life(said), evidence))
    }
}

/// Three months, in hundredths.
pub(super) const THREE_MONTHS: u32 = 300;
/// One month, in hundredths.
pub(super) const ONE_MONTH: u32 = 100;

/// Whether a life expectancy reaches a bound, in hundredths of a month; `None` for a range that holds it.
fn reaches(record: &LifeExpectancyRecord, bound: u32) -> Option<bool> {
    if record.at_least.is_some_and(|least| least >= bound) {
        Some(true)
    } else if record.at_most.is_some_and(|most| most < bound || (most == bound && record.below)) {
        Some(false)
    } else {
        None
    }
}

/// Whether a recorded life expectancy is at least three months; `None` where it leaves that open.
pub fn at_least_three_months(record: &LifeExpectancyRecord) -> Option<bool> {
    reaches(record, THREE_MONTHS)
}

/// The latest life expectancy within its look-back; different ones of one time make it unknown.
pub(super) fn life_expectancy<'f>(picture: &Picture<'f>, site: &Site) -> LifeExpectancy<'f> {
    let clock = Clock { look_back: Duration::days(site.look_back.life_expectancy.into()), ..picture.clock };
    let usable = || picture.facts.life_expectancy.iter().filter(|r| r.seen.is_none_or(|w| clock.counts(w)));
    let Some(latest) = usable().max_by_key(|r| (r.seen.is_none(), r.seen.map(When::latest))) else {
        let (class, long_enough) = (Life::Unknown, Criterion::Unknown);
        return LifeExpectancy { class, long_enough, evidence: None, said: None };
    };
    let class = |record: &LifeExpectancyRecord| {
        let life = match reaches(record, THREE_MONTHS) {
            Some(true) => Life::AtLeast3,
            Some(false) => Life::Below3,
            None => Life::Unknown,
        };
        let long_enough = match reaches(record, ONE_MONTH) {
            Some(true) => Criterion::Met,
            Some(false) => Criterion::NotMet,
            None => Criterion::Unknown,
        };
        (life, long_enough)
    };
    let (life, long_enough) = class(latest);
    let conflict = usable().any(|r| r.seen == latest.seen && class(r) != (life, long_enough));
    let said = LifeSaid {
        at_least: latest.at_least,
        at_most: latest.at_most,
        below: latest.below,
        contradicts: false,
    };
    if conflict {
        return LifeExpectancy {
            class: Life::Unknown,
            long_enough: Criterion::Unknown,
            evidence: Some(&latest.evidence),
            said: Some(LifeSaid { contradicts: true, ..said }),
        };
    }
    LifeExpectancy { class: life, long_enough, evidence: Some(&latest.evidence), said: Some(said) }
}

/// Greatest ECOG that is adequate for radiotherapy (G-19).
pub(super) const ECOG_MOST: u8 = 2;
/// Least Karnofsky that is adequate for radiotherapy (G-19).
pub(super) const KARNOFSKY_LEAST: u8 = 60;

/// G-19: performance adequate for radiotherapy. The clinician's own yes or no wins; ECOG 3–4 or Karnofsky below 60 asks.
pub(super) fn performance<'f>(picture: &Picture<'f>, site: &Site) -> (Criterion, Option<&'f Evidence>) {
    let clock = Clock { look_back: Duration::days(site.look_back.performance.into()), ..picture.clock };
    if let Some((tolerable, evidence)) = judgement(picture, Judgement::RadiotherapyTolerable, Some(clock)) {
        let met = if tolerable { Criterion::Met } else { Criterion::NotMet };
        return (met, Some(evidence));
    }
    // Two answers of one time: the clinician's word would win, but it cannot be told which it is.
    if let Some(record) = picture.facts.judgements.iter().find(|r| {
        r.judgement == Judgement::RadiotherapyTolerable && r.seen.is_none_or(|when| clock.counts(when))
    }) {
        return (Criterion::Unknown, Some(&record.evidence));
    }
    let adequate = |value: Performance| match value {
        Performance::Ecog(grade) => grade <= ECOG_MOST,
        Performance::Karnofsky(percent) => percent >= KARNOFSKY_LEAST,
    };
    let latest = picture
        .facts
        .performance
        .iter()
        .filter(|r| r.seen.is_none_or(|when| clock.counts(when)))
        .max_by_key(|r| (r.seen.is_none(), r.seen.map(When::latest), !adequate(r.value)));
    match latest {
        Some(record) if adequate(record.value) => (Criterion::Met, Some(&record.evidence)),
        Some(record) => (Criterion::Unknown, Some(&record.evidence)),
        None => (Criterion::Unknown, None),
    }
}

/// Performance as its record says it: on a scale, or as the clinician judged.
pub(super) fn performed(picture: &Picture<'_>, criterion: Criterion, evidence: &Evidence) -> Performed {
    let scale = picture.facts.performance.iter().find(|record| std::ptr::eq(&record.evidence, evidence));
    scale.map_or(Performed::Judged(criterion), |record| Performed::Scale(record.value))
}

/// The latest answer to a judgement; two answers of one time conflict and count as unknown.
pub(super) fn judgement<'f>(
    picture: &Picture<'f>,
    which: Judgement,
    clock: Option<Clock>,
) -> Option<(bool, &'f Evidence)> {
    let usable = || {
        picture
            .facts
            .judgements
            .iter()
            .filter(|r| r.judgement == which)
            .filter(|r| clock.is_none_or(|clock| r.seen.is_none_or(|when| clock.counts(when))))
    };
    let latest = usable().max_by_key(|r| (r.seen.is_none(), r.seen.map(When::latest)))?;
    let conflict = usable().any(|r| r.seen == latest.seen && r.answer != latest.answer);
    (!conflict).then_some((latest.answer, &latest.evidence))
}

/// A course at the site; a site that is not named is taken as the same, and the card says so.
pub(super) const fn course(course: &SpineTreatment) -> Value {
    match course.aim {
        Aim::Spine(levels) => Value::Course(levels),
        _ => Value::Course(Levels::NONE),
    }
}

/// A corticosteroid that is current, or was given within the look-back of symptoms (G-26).
pub(super) fn corticosteroid<'f>(picture: &Picture<'f>) -> Option<&'f Evidence> {
    let given = picture.facts.medications.iter().filter(|m| m.drug == Drug::Corticosteroid);
    given
        .filter(|m| m.current || m.when.is_some_and(|when| picture.clock.counts(when)))
        .map(|m| &m.evidence)
        .next()
}

/// Whether any part of the spine was irradiated.
pub(super) fn spine_irradiated(picture: &Picture<'_>) -> bool {
    let of_spine = |it: &SpineTreatment| matches!(it.aim, Aim::Spine(_));
    picture.facts.treatments.iter().any(|it| it.kind == TreatmentKind::Radiotherapy && of_spine(it))
}

/// Prior radiotherapy at a site.
#[derive(Debug, Clone)]
pub(super) enum Prior<'f> {
    /// None on record.
    None,
    /// None on record, but not all that may tell of it could be read.
    Unknown,
    /// Courses at the site, and history codes without site and time.
    At(Vec<&'f SpineTreatment>, Vec<&'f Evidence>),
}

impl Prior<'_> {
    /// As the tables see it.
    pub(super) const fn before(&self) -> Before {
        match self {
            Self::None => Before::Never,
            Self::Unknown => Before::Unknown,
            Self::At(..) => Before::Irradiated,
        }
    }
}

/// Prior radiotherapy at these levels. No levels count as the same site, on either side.
pub(super) fn prior_radiotherapy<'f>(picture: &Picture<'f>, levels: Levels) -> Prior<'f> {
    let facts = picture.facts;
    let courses: Vec<&SpineTreatment> = facts
        .treatments
        .iter()
        .filter(|t| t.kind == TreatmentKind::Radiotherapy)
        .filter(|t| match t.aim {
            Aim::Spine(irradiated) => irradiated.same_site(levels),
            Aim::Unstated => true,
            Aim::Elsewhere => false,
        })
        .collect();
    let history: Vec<&Evidence> = facts.radiotherapy_history.iter().collect();
    if !courses.is_empty() || !history.is_empty() {
        return Prior::At(courses, history);
    }
    if Fact::PriorRadiotherapy.is_unread(facts) { Prior::Unknown } else { Prior::None }
}

/// The levels of the documented spinal metastases together; none as soon as one of them names none.
pub(super) fn lesion_levels(picture: &Picture<'_>) -> Levels {
    let documented = picture.facts.metastases.iter().filter(|m| m.certainty == Certainty::Documented);
    let sites = documented.filter_map(|m| match m.site {
        MetastasisSite::Spine(levels) => Some(levels),
        MetastasisSite::Bone => None,
    });
    let mut all = Levels::NONE;
    for levels in sites {
        if levels.is_empty() {
            return Levels::NONE;
        }
        all = all.union(levels);
    }
    all
}

/// What a consult must not predate.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Since {
    /// The latest date of what it is about.
    after: Option<When>,
    /// Something that it is about has no date, or there is nothing at all: a consult of the look-back meets that.
    undated: bool,
}

impl Since {
    /// After all of these; what has no date is met by any consult of the look-back.
    pub(super) fn latest(dates: impl IntoIterator<Item = Option<When>>) -> Self {
        let (mut any, mut since) = (false, Self::default());
        for date in dates {
            any = true;
            match date {
                Some(when) if since.after.is_none_or(|after| after.earliest() < when.earliest()) => {
                    since.after = Some(when);
                }
                Some(_) => {}
                None => since.undated = true,
            }
        }
        Self { undated: since.undated || !any, ..since }
    }

    fn is_met(self, consult: When, clock: Clock) -> bool {
        self.after.is_none_or(|after| consult.is_at_or_after(after))
            && (!self.undated || clock.counts(consult))
    }
}

/// The latest consult of a kind at or after `since`, requested or done.
pub(super) fn consult<'f>(picture: &Picture<'f>, which: Consult, since: Since) -> Option<&'f ConsultRecord> {
    picture
        .facts
        .consults
        .iter()
        .filter(|c| c.consult == which)
        .filter(|c| c.when.is_some_and(|when| since.is_met(when, picture.clock)))
        .max_by_key(|c| (c.done, c.when.map(When::latest)))
}

/// Whether a drug is current, with its record.
pub(super) fn drug<'f>(picture: &Picture<'f>, which: Drug) -> Option<&'f Evidence> {
    picture.facts.medications.iter().find(|m| m.drug == which && m.current).map(|m| &m.evidence)
}

/// Current antineoplastic therapy: a drug, or the judgement.
pub(super) fn antineoplastic<'f>(picture: &Picture<'f>) -> Option<&'f Evidence> {
    let judged = judgement(picture, Judgement::AntineoplasticTherapy, None);
    drug(picture, Drug::Antineoplastic)
        .or_else(|| judged.filter(|(yes, _)| *yes).map(|(_, evidence)| evidence))
}

/// Creatinine clearance in hundredths of mL/min: recorded within the look-back, else by Cockcroft and Gault from
/// creatinine, age, sex and weight.
pub(super) fn clearance<'f>(picture: &Picture<'f>, site: &Site) -> Option<(u32, Vec<&'f Evidence>)> {
    let clock = Clock { look_back: Duration::days(site.look_back.laboratory.into()), ..picture.clock };
    let facts = picture.facts;
    let latest = |values: &'f [crate::domain::Measurement], clock: Option<Clock>| {
        values
            .iter()
            .filter(|m| clock.is_none_or(|clock| m.seen.is_none_or(|when| clock.counts(when))))
            .max_by_key(|m| (m.seen.map(When::latest), std::cmp::Reverse(m.hundredths)))
    };
    if let Some(recorded) = latest(&facts.creatinine_clearance, Some(clock)) {
        return Some((recorded.hundredths, vec![&recorded.evidence]));
    }
    let creatinine = latest(&facts.creatinine, Some(clock))?;
    let weight = latest(&facts.weight, None)?;
    let age = u64::from(facts.age_years?.min(140));
    let sex = facts.sex?;
    let clearance = cockcroft_gault(age, weight.hundredths, creatinine.hundredths, sex)?;
    Some((clearance, vec![&creatinine.evidence, &weight.evidence]))
}

/// What a clearance lacks besides a creatinine that counts; `None` where there is none, where nothing else is missing, or where
/// it may stand in what could not be read.
pub(super) fn clearance_lacks(picture: &Picture<'_>, site: &Site) -> Option<Gap> {
    let clock = Clock { look_back: Duration::days(site.look_back.laboratory.into()), ..picture.clock };
    let facts = picture.facts;
    let (weight, age, sex) = (facts.weight.is_empty(), facts.age_years.is_none(), facts.sex.is_none());
    let creatinine = facts.creatinine.iter().any(|m| m.seen.is_none_or(|when| clock.counts(when)));
    let known = creatinine && !Fact::CreatinineClearance.is_unread(facts);
    (known && (weight || age || sex)).then_some(Gap::ClearanceLacks { weight, age, sex })
}

/// (140 − age) × kg / (72 × mg/dL), × 0.85 for women, in hundredths of mL/min; weight and creatinine are in hundredths,
/// which cancel. `None` without creatinine.
fn cockcroft_gault(age_years: u64, weight: u32, creatinine: u32, sex: Sex) -> Option<u32> {
    let percent = if sex == Sex::Female { 85 } else { 100 };
    let above = 140_u64.saturating_sub(age_years) * u64::from(weight) * percent;
    let hundredths = above.checked_div(72 * u64::from(creatinine))?;
    Some(u32::try_from(hundredths).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cockcroft_and_gault_in_hundredths() {
        assert_eq!(cockcroft_gault(60, 7_200, 100, Sex::Male), Some(8_000));
        assert_eq!(cockcroft_gault(60, 7_200, 100, Sex::Female), Some(6_800));
        assert_eq!(cockcroft_gault(60, 7_200, 0, Sex::Male), None);
    }
}
