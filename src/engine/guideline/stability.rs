//! Section 3.4: stability of documented spinal metastases by SINS, and of long bones by Mirels.
//!
//! Deliberately absent: SINS 6 or less, which is a line in the treatment card; and what else follows from an unstable
//! spine (section 3.5).

use super::advice::{Advice, FactUsed, Group, Indicator, Proposal, Recommendation, Step};
use super::case::Case;
use super::compose::{Parts, TREATMENT_SOURCES, absent, compose, distinct};
use super::describe::fact;
use super::fact::Fact;
use super::finding::Clock;
use super::lesion::{self, Lesion, SinsLesions};
use super::measure::{self, Life, LifeExpectancy, Since};
use super::outdated;
use super::picture::Picture;
use super::say::{Act, Asks, BesideSpine, Gap, Headline, Label, LastScore, StabilityAct, Value};
use super::scope::SpinalMetastases;
use super::symptoms;
use super::tables::modality::CONFLICT;
use super::tables::row::first;
use super::tables::stability::{ROWS, Row, Scored};
use crate::domain::{
    Aim, Certainty, Consult, ConsultRecord, Judgement, OffScaleRecord, Site, TreatmentKind, When,
};
use chrono::Duration;
use std::cmp::Reverse;

/// What the stability card rests on.
#[derive(Debug)]
pub(super) struct Stability<'p, 'f> {
    pub(super) sins: &'p SinsLesions<'f>,
    pub(super) life: LifeExpectancy<'f>,
    /// Symptomatic in the sense of section 3.5.
    pub(super) symptomatic: bool,
    /// A timing row holds, or a treatment waits for its effect: `sins-not-recorded` waits.
    pub(super) waits: bool,
}

/// Whether a score is not asked for yet: while a treatment of the spine runs and for 90 days after it, and after spine surgery
/// at that level until a finding is recorded since.
fn waits_for_treatment(picture: &Picture<'_>) -> bool {
    let levels = measure::lesion_levels(picture);
    // What has no date takes one (guideline.md section 3.2).
    let events = picture.counting.iter().flat_map(|c| c.finding.events()).map(|event| event.when);
    let undated = picture.counting.iter().filter(|c| c.finding.dated().is_none()).map(|c| c.finding.begin);
    let fractures = picture.facts.vertebral_fractures.iter().map(|it| it.date.unwrap_or(picture.undated));
    let pain = measure::judgement(picture, Judgement::MechanicalPain, Some(picture.clock));
    let pain = pain.filter(|(yes, _)| *yes).map(|(_, evidence)| evidence.date.unwrap_or(picture.undated));
    let last = events.chain(undated).chain(fractures).chain(pain).max_by_key(|when| when.earliest());
    let recorded_since = |when: When| last.is_some_and(|last| last.is_surely_after(when));
    picture.treatments.iter().any(|treatment| {
        let here = matches!(treatment.record.aim, Aim::Spine(treated) if treated.same_site(levels));
        let operated = here && treatment.record.kind == TreatmentKind::SpineSurgery;
        treatment.covers(picture.clock) || (operated && !recorded_since(treatment.start))
    })
}

/// Whether metastases of spine or bone are documented: Mirels asks for them.
pub(super) fn has_metastases(picture: &Picture<'_>) -> bool {
    picture.disease.spinal_metastases == SpinalMetastases::Documented
        || picture.facts.metastases.iter().any(|m| m.certainty == Certainty::Documented)
}

/// Whether a score is not asked for yet: an MRI row holds, or a treatment waits for its effect.
pub(super) fn waits(case: &Case<'_, '_>) -> bool {
    case.coded_row || waits_for_treatment(case.coded)
}

/// A spine without a usable score as the table sees it.
pub(super) fn no_sins(case: &Case<'_, '_>) -> Scored {
    Scored::NoSins { symptomatic: case.basis.symptomatic, waits: waits(case) }
}

/// The consult of a row that was requested or done since the score of a lesion.
pub(super) fn consulted<'f>(
    lesion: &Lesion<'_>,
    row: &Row,
    picture: &Picture<'f>,
) -> Option<&'f ConsultRecord> {
    // A score without a date is dated now, so that no old consult silences it.
    let since = Since::latest([Some(lesion.seen.unwrap_or(When::instant(picture.clock.now)))]);
    measure::consult(picture, row.gives.consult?, since)
}

/// A lesion of the spine as the table sees it.
pub(super) fn by_sins(lesion: &Lesion<'_>) -> Scored {
    Scored::Sins(lesion.band())
}

/// A lesion of a long bone as the table sees it.
pub(super) const fn by_mirels(lesion: &Lesion<'_>) -> Scored {
    Scored::Mirels(lesion.score)
}

/// The stability card.
pub(super) fn advise(picture: &Picture<'_>, stability: &Stability<'_, '_>, site: &Site) -> Option<Advice> {
    let spinal = picture.disease.spinal_metastases == SpinalMetastases::Documented;
    let mut hits: Vec<(&'static Row, Vec<Lesion<'_>>)> = Vec::new();
    if spinal {
        if stability.sins.lesions.is_empty() {
            let none = Scored::NoSins { symptomatic: stability.symptomatic, waits: stability.waits };
            // A score that could not be read is not one that nobody recorded.
            let row = first(&ROWS, &none).filter(|_| !Fact::Sins.is_unread(picture.facts));
            hits.extend(row.map(|row| (row, Vec::new())));
        } else {
            hits.extend(highest(&stability.sins.lesions, picture, by_sins));
        }
    }
    if has_metastases(picture) {
        let mirels = lesion::mirels(picture, site);
        hits.extend(highest(&mirels, picture, by_mirels));
    }
    let (lead, lead_lesions) = hits.first()?;

    let indicated = |row: &Row| row.gives.act == StabilityAct::SpineSurgery;
    let conflict = indicated(lead) && stability.life.class == Life::Below3;
    let act = |row: &Row| {
        if conflict && indicated(row) { StabilityAct::Conflict } else { row.gives.act }
    };
    let recommendations: Vec<Recommendation> = hits
        .iter()
        .map(|(row, lesions)| {
            if conflict && indicated(row) {
                conflict_recommendation(lesions, &stability.life)
            } else {
                recommendation(row, lesions, picture, site)
            }
        })
        .collect();
    let mut steps: Vec<Consult> = hits.iter().filter_map(|(row, _)| row.gives.consult).collect();
    if conflict {
        steps.insert(0, Consult::Mdt);
    }
    steps.dedup();
    let urgent = lead.indicator == Indicator::Critical;
    let mut acts: Vec<Act> = hits.iter().map(|(row, _)| Act::Stability(act(row))).collect();
    if hits.iter().flat_map(|(_, lesions)| lesions).any(|lesion| lesion.disagrees) {
        acts.push(Act::TotalDisagrees);
    }
    let gaps = hits
        .iter()
        .filter(|(row, _)| row.gives.asks_for_score())
        .flat_map(|(_, lesions)| lesions)
        .map(|lesion| Gap::Parts(lesion.missing.clone()))
        .chain(outdated::values(picture, site))
        .collect();
    let highest = highest_of(lead_lesions);
    // The lead is of the spine where both ask for something. A bone that only asks for thought stands in the text.
    let fragile = hits.get(1).filter(|(row, _)| row.gives.act == StabilityAct::Orthopaedics);
    let beside = fragile.and_then(|(row, lesions)| {
        let bone = highest_of(lesions)?;
        Some(BesideSpine { act: act(row), score: bone.said(), bone: bone.bone.into() })
    });
    let headline = Headline::Stability {
        act: act(lead),
        score: highest.map(Lesion::said),
        bone: highest.map_or("", |lesion| lesion.bone).into(),
        beside,
        life: stability.life.said,
        last: last_score(picture, site),
        again: lead_lesions.iter().any(|lesion| before(lesion, lead, picture).is_some_and(|it| it.done)),
    };
    Some(compose(
        picture,
        Parts {
            indicator: hits.iter().map(|(row, _)| row.indicator).max().unwrap_or(lead.indicator),
            recommendations,
            acts: distinct(acts),
            gaps: distinct(gaps),
            proposals: steps.into_iter().map(|consult| referral(consult, None, urgent)).collect(),
            several: true,
            rests_on: TREATMENT_SOURCES.to_vec(),
            ..Parts::of(Group::Stability, headline)
        },
    ))
}

fn highest_of<'l, 'f>(lesions: &'l [Lesion<'f>]) -> Option<&'l Lesion<'f>> {
    lesions.iter().max_by_key(|l| (l.score.max, l.score.min))
}

/// The row of the highest lesion whose consult was not requested or done since its score, with all lesions that reach it.
/// Of several lesions the highest is acted on (guideline.md section 2).
fn highest<'l>(
    lesions: &[Lesion<'l>],
    picture: &Picture<'_>,
    seen_as: impl Fn(&Lesion<'l>) -> Scored,
) -> Option<(&'static Row, Vec<Lesion<'l>>)> {
    let row_of = |lesion: &Lesion<'l>| first(&ROWS, &seen_as(lesion));
    let rank = |lesion: &&Lesion<'l>| {
        let certain = row_of(lesion).is_some_and(|row| row.indicator == Indicator::Critical);
        (certain, lesion.score.max, lesion.score.min)
    };
    let open =
        |lesion: &&Lesion<'l>| row_of(lesion).is_none_or(|row| consulted(lesion, row, picture).is_none());
    let row = row_of(lesions.iter().filter(open).max_by_key(rank)?)?;
    let reaches = |lesion: &&Lesion<'l>| row_of(lesion).is_some_and(|r| r.id == row.id);
    Some((row, lesions.iter().filter(open).filter(reaches).cloned().collect()))
}

/// SINS values of the look-back that are off their scale, the latest first.
fn off_scale<'f>(picture: &Picture<'f>, site: &Site) -> Vec<&'f OffScaleRecord> {
    let clock = Clock { look_back: Duration::days(site.look_back.sins.into()), ..picture.clock };
    let counts = |it: &&OffScaleRecord| it.evidence.date.is_none_or(|when| clock.counts(when));
    let mut found: Vec<_> = picture.facts.sins_off_scale.iter().filter(counts).collect();
    found.sort_by_key(|it| Reverse(it.evidence.date.map(When::latest)));
    found
}

/// The last SINS, where none can be used. What counts as recent is told before what is too old.
fn last_score(picture: &Picture<'_>, site: &Site) -> Option<LastScore> {
    let total = off_scale(picture, site).into_iter().find(|it| !it.is_part);
    let too_old = outdated::values(picture, site).into_iter().find_map(|gap| match gap {
        Gap::Outdated { fact: Fact::Sins, when, .. } => Some(LastScore::TooOld(when)),
        _ => None,
    });
    total.map(|it| LastScore::OffScale(it.value)).or(too_old)
}

/// The consult of a row that was done or requested before the score of a lesion, where none was since.
fn before<'f>(lesion: &Lesion<'_>, row: &Row, picture: &Picture<'f>) -> Option<&'f ConsultRecord> {
    let (seen, wanted) = lesion.seen.zip(row.gives.consult)?;
    let of_kind = picture.facts.consults.iter().filter(|record| record.consult == wanted);
    let earlier = of_kind.filter(|record| record.when.is_some_and(|when| !when.is_at_or_after(seen)));
    earlier.max_by_key(|record| record.when.map(When::latest))
}

fn recommendation(
    row: &'static Row,
    lesions: &[Lesion<'_>],
    picture: &Picture<'_>,
    site: &Site,
) -> Recommendation {
    let name = row.scores();
    let mut facts: Vec<FactUsed> = lesions.iter().flat_map(|lesion| lesion_facts(name, lesion)).collect();
    let unscored = facts.is_empty();
    if name == Fact::Sins {
        // Beside a score only a part tells anything: why the score is a range.
        let told = off_scale(picture, site).into_iter().filter(|it| unscored || it.is_part);
        facts.extend(
            told.map(|it| fact(name, Value::OffScale { value: it.value, is_part: it.is_part }, &it.evidence)),
        );
    }
    if facts.is_empty() {
        facts.extend(absent(picture.facts, name, Value::NoUsableScore));
    }
    if unscored {
        facts.extend(symptoms::symptom_facts(picture));
    }
    let earlier = lesions
        .iter()
        .filter_map(|lesion| before(lesion, row, picture))
        .max_by_key(|it| it.when.map(When::latest));
    facts
        .extend(earlier.map(|it| {
            fact(Fact::of_consult(it.consult), Value::BeforeScore { done: it.done }, &it.evidence)
        }));
    let missing = if row.gives.asks_for_score() { vec![name] } else { Vec::new() };
    row.recommendation(facts, missing)
}

/// SINS 13 or more with a life expectancy below 3 months: neither surgery nor radiotherapy is simply preferred.
fn conflict_recommendation(lesions: &[Lesion<'_>], life: &LifeExpectancy<'_>) -> Recommendation {
    let mut facts: Vec<FactUsed> =
        lesions.iter().flat_map(|lesion| lesion_facts(Fact::Sins, lesion)).collect();
    facts.extend(life.fact());
    CONFLICT.recommendation(facts, Vec::new())
}

/// A score as facts, one a record.
pub(super) fn lesion_facts(name: Fact, lesion: &Lesion<'_>) -> Vec<FactUsed> {
    let said = |e| {
        let used = fact(name, Value::Score(lesion.said()), e);
        // The name of a component is not that of the score.
        if lesion.by_parts { FactUsed { label: None, ..used } } else { used }
    };
    lesion.evidence.iter().copied().map(said).collect()
}

/// One click for a referral.
pub(super) fn referral(consult: Consult, asks: Option<Asks>, urgent: bool) -> Proposal {
    let steps = vec![Step::Refer { consult, asks, alternatives: None, urgent }];
    Proposal { label: Label::Refer(consult, asks), steps }
}
