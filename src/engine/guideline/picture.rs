//! The patient as all decisions see them: current findings that no treatment covers, what is
//! known of the disease, and the signs of cord compression.

use super::finding::{self, Clock, Event, Finding, Kind};
use super::scope::{self, Disease};
use super::study::{Reached, Studies};
use super::treated::{self, Effect, Treatment};
use crate::domain::{Escc, EsccRecord, Facts, Limb, Side, Sign, Site, When};
use chrono::{DateTime, Duration, Utc};
use std::rc::Rc;

/// A diagnosis or an undated finding is met by a whole-spine MRI of this time before it.
pub(super) const STUDY_BEFORE: Duration = Duration::days(14);

/// A finding that counts, with the time from which its records start the clock.
#[derive(Debug, Clone)]
pub(super) struct Counting<'f> {
    pub(super) finding: Finding<'f>,
    /// A treatment that is over, or began before the finding got worse: earlier records start no clock.
    pub(super) since: Option<When>,
}

impl<'f> Counting<'f> {
    /// Whether a whole-spine study answers the finding.
    pub(super) fn is_answered(&self, studies: &Studies<'f>) -> bool {
        studies.adequate_when(self.finding.need()).is_some()
    }

    /// When it presented. Of a finding that got worse after its study, what is worse counts.
    pub(super) fn presentation(&self, studies: &Studies<'f>, clock: Clock) -> When {
        let studied = (!self.is_answered(studies))
            .then(|| studies.adequate_when(self.finding.begin.earliest()))
            .flatten();
        self.finding.presentation(clock, self.since, studied)
    }
}

/// Everything that the decisions look at.
#[derive(Debug)]
pub(super) struct Picture<'f> {
    pub(super) facts: &'f Facts,
    pub(super) clock: Clock,
    pub(super) disease: Disease<'f>,
    pub(super) counting: Vec<Counting<'f>>,
    /// Findings covered by a treatment, with it.
    pub(super) covered: Vec<(Finding<'f>, Treatment<'f>)>,
    /// Onset and presentation of what has no date.
    pub(super) undated: When,
    /// Treatments that can be placed in time.
    pub(super) treatments: Vec<Treatment<'f>>,
    /// What is recorded as worse despite treatment.
    worse_despite: Rc<[Event]>,
    /// MRI studies that can be placed in time.
    pub(super) studies: Studies<'f>,
    /// The latest ESCC grade, with the study that it speaks of.
    pub(super) graded: Option<Graded>,
    /// The sides of the radicular pain that counts.
    radicular_pain: Sides,
}

/// The latest ESCC grade and the whole-spine study that it was recorded at or after.
#[derive(Debug, Clone, Copy)]
pub(super) struct Graded {
    pub(super) grade: Escc,
    pub(super) study: Reached,
}

/// So many findings are settled before somebody asks again whether the answer is still wanted.
const AT_ONCE: usize = 256;

/// Draws the picture. `None`: nobody wants it any more.
pub(super) fn picture<'f>(
    facts: &'f Facts,
    site: &Site,
    now: DateTime<Utc>,
    is_wanted: &dyn Fn() -> bool,
) -> Option<Picture<'f>> {
    let clock = Clock { now, look_back: Duration::days(site.look_back.symptoms.into()) };
    // An undated finding takes the date of a recent study or treatment; which treatments count depends on whether
    // spinal metastases are documented, which no undated finding can change.
    let treatments = treated::treatments(facts, scope::spinal_metastases_documented(facts));
    let studies = Studies::new(facts, now);
    let undated = date_of_the_undated(&studies, clock, &treatments);

    let mut findings = finding::current(facts, clock, undated);
    // The grade that reaches furthest: whether any is at or after a study.
    let last_low = low_grades(facts).max_by_key(|seen| (seen.latest(), seen.is_instant()));
    for finding in &mut findings {
        if finding.is(Sign::CordCompression) {
            take_date_of_its_study(finding, last_low, &studies);
        }
    }
    findings.extend(high_escc(facts, site, clock, undated, &studies));
    let disease = scope::disease(facts, &findings, clock);

    let worse = treated::worse_despite(facts, clock);
    let mut counting = Vec::new();
    let mut covered = Vec::new();
    for (place, mut finding) in findings.into_iter().enumerate() {
        if place.is_multiple_of(AT_ONCE) && !is_wanted() {
            return None;
        }
        match treated::settle(&mut finding, &treatments, &worse, clock) {
            Effect::Counts { since } => counting.push(Counting { finding, since }),
            Effect::Covered(treatment) => covered.push((finding, treatment)),
            Effect::Gone => {}
        }
    }
    // Numbness of a limb is a fact only beside radicular pain of the same side.
    covered.retain(|(finding, _)| !finding.is(Sign::LimbNumbness));
    let painful = counting.iter().filter(|c: &&Counting<'_>| c.finding.is(Sign::RadicularPain));
    let radicular_pain = Sides::of(painful.map(|c| c.finding.side));
    counting.retain(|c| !c.finding.is(Sign::LimbNumbness) || radicular_pain.on(c.finding.side));
    let graded = graded(facts, &studies);
    Some(Picture {
        facts,
        clock,
        disease,
        counting,
        covered,
        undated,
        treatments,
        worse_despite: worse,
        studies,
        graded,
        radicular_pain,
    })
}

/// The latest grade with its study. A grade without a date speaks of the latest study.
fn graded(facts: &Facts, studies: &Studies<'_>) -> Option<Graded> {
    let latest = latest_escc(facts, |_| true)?;
    let study = match latest.seen {
        Some(seen) => studies.latest_until(seen),
        None => studies.latest(),
    }?;
    Some(Graded { grade: latest.grade, study })
}

/// Onset and presentation of a finding without any date: a whole-spine MRI of the last 14 days, else a treatment
/// within the look-back, else now.
fn date_of_the_undated(studies: &Studies<'_>, clock: Clock, treatments: &[Treatment<'_>]) -> When {
    let now = When::instant(clock.now);
    let studied = studies.shortly_before(now, STUDY_BEFORE);
    let treated = || treatments.iter().rev().find(|t| t.covers(clock)).map(|t| t.start);
    studied.or_else(treated).unwrap_or(now)
}

/// A cord-compression diagnosis recorded after its MRI takes the study's date as its onset, unless its own onset is
/// certainly later. One that contradicts a low grade of that study is no result of it.
fn take_date_of_its_study(finding: &mut Finding<'_>, last_low: Option<When>, studies: &Studies<'_>) {
    let Some(recorded) = finding.first_event().map(|e| e.when) else { return };
    let Some(study) = studies.shortly_before(recorded, STUDY_BEFORE) else { return };
    if last_low.is_some_and(|seen| seen.is_at_or_after(study)) {
        return;
    }
    if finding.onset.is_none_or(|onset| !onset.is_surely_after(study)) && finding.begin.is_surely_after(study)
    {
        finding.begin = study;
    }
}

/// When grades were recorded that exclude cord compression.
fn low_grades(facts: &Facts) -> impl Iterator<Item = When> {
    facts.escc.iter().filter(|record| record.grade <= Escc::G1b).filter_map(|record| record.seen)
}

/// The latest ESCC within its look-back, as a sign when it is 2 or 3; its onset is the date of its study.
fn high_escc<'f>(
    facts: &'f Facts,
    site: &Site,
    clock: Clock,
    undated: When,
    studies: &Studies<'f>,
) -> Option<Finding<'f>> {
    let recent = Clock { look_back: Duration::days(site.look_back.escc.into()), ..clock };
    let latest = latest_escc(facts, |record| record.seen.is_none_or(|when| recent.counts(when)))?;
    if latest.grade < Escc::G2 {
        return None;
    }
    let seen = latest.seen.unwrap_or(undated);
    // Only the first reading of a study is its result: a high grade after a low one is new.
    let read_as_low =
        |study: When| low_grades(facts).any(|low| low.is_at_or_after(study) && seen.is_surely_after(low));
    let study = studies.shortly_before(seen, STUDY_BEFORE).filter(|study| !read_as_low(*study));
    let begin = study.unwrap_or(seen);
    let kind = Kind::HighEscc(latest.grade);
    Some(Finding::of_one(kind, seen, begin, latest.seen.is_some(), &latest.evidence))
}

/// The latest grade among those that `usable` accepts; the worst of one date. One without a date may be the latest or not:
/// it counts where it is no milder than the latest.
pub(super) fn latest_escc(facts: &Facts, usable: impl Fn(&EsccRecord) -> bool) -> Option<&EsccRecord> {
    let usable = || facts.escc.iter().filter(|record| usable(record));
    let dated = usable().filter_map(|record| Some((record.seen?, record)));
    let latest = dated.max_by_key(|(when, record)| (when.latest(), record.grade)).map(|(_, record)| record);
    let undated = usable().filter(|record| record.seen.is_none());
    latest.into_iter().chain(undated).max_by_key(|record| record.grade)
}

impl<'f> Picture<'f> {
    /// Whether a record of that time counts as a current symptom: within the look-back, and not covered by a treatment.
    /// Worse despite the treatment, it counts again.
    pub(super) fn is_current(&self, date: Option<When>) -> bool {
        let when = date.unwrap_or(self.undated);
        let worse = |t: &Treatment<'_>| self.worse_despite.iter().any(|it| it.when.is_at_or_after(t.start));
        let covered = |t: &Treatment<'_>| t.covers(self.clock) && !when.is_surely_after(t.start) && !worse(t);
        self.clock.counts(when) && !self.treatments.iter().any(covered)
    }

    /// Counting findings of one sign.
    pub(super) fn of(&self, sign: Sign) -> impl Iterator<Item = &Counting<'f>> {
        self.counting.iter().filter(move |c| c.finding.is(sign))
    }

    /// Back or radicular pain that counts.
    pub(super) fn pains(&self) -> impl Iterator<Item = &Counting<'f>> {
        self.of(Sign::BackPain).chain(self.of(Sign::RadicularPain))
    }

    /// Deficits that are radicular: coded so, or beside radicular pain of the same side.
    pub(super) fn radicular_deficits(&self) -> impl Iterator<Item = &Counting<'f>> {
        self.counting.iter().filter(|c| match c.finding.kind {
            Kind::Sign(Sign::RadicularDeficit) => true,
            Kind::Sign(Sign::LimbWeakness | Sign::LimbNumbness) => self.radicular_pain.on(c.finding.side),
            _ => false,
        })
    }

    /// Limb weakness that is not in one root; numbness alone makes no fact.
    pub(super) fn other_weakness(&self) -> impl Iterator<Item = &Counting<'f>> {
        self.of(Sign::LimbWeakness).filter(|c| !self.radicular_pain.on(c.finding.side))
    }

    /// Weakness of both legs, or of limbs on both sides that are not named (guideline.md section 2): paraparesis.
    pub(super) fn weakness_of_both_legs(&self) -> Vec<&Counting<'f>> {
        let legs: Vec<_> = self.other_weakness().filter(|c| c.finding.limb != Some(Limb::Arm)).collect();
        if Sides::of(legs.iter().map(|c| c.finding.side)).cover(Side::Both) { legs } else { Vec::new() }
    }
}

/// The sides that a set of findings names.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sides {
    left: bool,
    right: bool,
}

impl Sides {
    /// Gathers the sides.
    pub(super) fn of(sides: impl Iterator<Item = Option<Side>>) -> Self {
        sides.flatten().fold(Self::default(), |all, side| Self {
            left: all.left || side != Side::Right,
            right: all.right || side != Side::Left,
        })
    }

    /// Whether the side of a finding is among them. An unknown side never is.
    fn on(self, side: Option<Side>) -> bool {
        side.is_some_and(|side| self.cover(side))
    }

    /// Whether the side is among them; `Both` asks for both.
    pub(super) const fn cover(self, side: Side) -> bool {
        match side {
            Side::Left => self.left,
            Side::Right => self.right,
            Side::Both => self.left && self.right,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Evidence;
    use chrono::TimeZone;

    #[test]
    fn a_grade_without_a_date_hides_no_higher_one() {
        let record = |grade, day: Option<u32>| EsccRecord {
            grade,
            seen: day.map(|day| When::instant(Utc.with_ymd_and_hms(2026, 5, day, 9, 0, 0).unwrap())),
            evidence: Evidence { reference: "Observation/o".to_owned(), label: "x".to_owned(), date: None },
        };
        let latest = |grades: &[(Escc, Option<u32>)]| {
            let escc = grades.iter().map(|(grade, day)| record(*grade, *day)).collect();
            latest_escc(&Facts { escc, ..Facts::default() }, |_| true).map(|it| it.grade)
        };
        assert_eq!(latest(&[]), None);
        assert_eq!(latest(&[(Escc::G3, Some(1)), (Escc::G0, Some(2))]), Some(Escc::G0));
        assert_eq!(latest(&[(Escc::G3, Some(2)), (Escc::G0, None)]), Some(Escc::G3));
        assert_eq!(latest(&[(Escc::G0, Some(2)), (Escc::G3, None)]), Some(Escc::G3));
        assert_eq!(latest(&[(Escc::G1c, None), (Escc::G2, Some(2)), (Escc::G3, Some(1))]), Some(Escc::G2));
    }
}
