//! Section 3.6: the schemes of radiotherapy, and what closes the gate before SBRT.
//!
//! Schemes are alternatives; none is ranked or recommended over another. Deliberately absent: the table
//! ([`super::tables::regimen`]), and any scheme for reirradiation, because the guideline gives none.

use super::fact::Fact;
use super::finding::Clock;
use super::lesion::{Lesion, STABLE_MOST};
use super::measure::{self, Since};
use super::mescc;
use super::picture::Picture;
use super::say::{GateReason, Score, Surgeon, Value};
use super::symptoms;
use super::tables::regimen::GateIs;
use crate::domain::{Consult, Dose, Evidence, Judgement, Sign, Technique, When};

/// A listed scheme, in cGy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme {
    /// Its statement.
    pub statement: &'static str,
    /// Number of fractions.
    pub fractions: u16,
    /// Least total.
    pub least: u32,
    /// Greatest total.
    pub most: u32,
}

/// De novo SBRT (G-32 to G-35).
#[rustfmt::skip]
pub(super) static SBRT: [Scheme; 4] = [
    Scheme { statement: "G-32", fractions: 1, least: 1_600, most: 2_400 },
    Scheme { statement: "G-33", fractions: 2, least: 2_400, most: 2_400 },
    Scheme { statement: "G-34", fractions: 3, least: 2_400, most: 2_700 },
    Scheme { statement: "G-35", fractions: 5, least: 3_000, most: 3_500 },
];

/// Conventional radiotherapy in several fractions (G-36).
pub(super) const SEVERAL: &str = "20 to 30 Gy in several fractions";

/// More than this per fraction raises the fracture risk (G-57), in cGy; exactly this does not.
pub(super) const RISKY_FRACTION: u32 = 1_900;

/// Total and fractions of the single dose of conventional radiotherapy (G-36, G-64).
pub(super) const SINGLE_8_GY: (u32, u16) = (800, 1);

/// [`SINGLE_8_GY`] in words.
pub(super) fn single_fraction() -> String {
    format!("{} Gy in {} fraction", SINGLE_8_GY.0 / 100, SINGLE_8_GY.1)
}

/// Whether dose and fractions are among G-32 to G-36; `None` when they, or the technique, are not known.
pub(super) fn is_listed(dose: Dose) -> Option<bool> {
    let (total, fractions) = (dose.total_cgy?, dose.fractions?);
    let several = fractions >= 2 && (2_000..=3_000).contains(&total);
    let conventional = (total, fractions) == SINGLE_8_GY || several;
    match effective_technique(dose) {
        Technique::Sbrt => {
            Some(SBRT.iter().any(|s| s.fractions == fractions && (s.least..=s.most).contains(&total)))
        }
        Technique::Conventional => Some(conventional),
        Technique::Unknown => None,
    }
}

/// The technique: what has a dose and is not said to be SBRT is conventional, unless its fractions are those of SBRT.
pub(super) fn effective_technique(dose: Dose) -> Technique {
    if dose.technique != Technique::Unknown || dose.total_cgy.is_none() {
        return dose.technique;
    }
    let large = per_fraction(dose).is_some_and(|fraction| fraction >= 500);
    let few = dose.fractions.is_some_and(|fractions| fractions <= 5);
    let sbrt = large && few && dose.total_cgy > Some(SINGLE_8_GY.0);
    if sbrt { Technique::Sbrt } else { Technique::Conventional }
}

/// Dose per fraction in cGy.
pub(super) fn per_fraction(dose: Dose) -> Option<u32> {
    dose.total_cgy?.checked_div(u32::from(dose.fractions?))
}

/// Whether spine surgery must be asked before SBRT (G-60 to G-62).
#[derive(Debug, Clone)]
pub(super) struct Gate<'f> {
    /// Findings that close it, by fact name, value and record.
    pub(super) known: Vec<(Fact, Value, Vec<&'f Evidence>)>,
    /// Facts whose absence closes it.
    pub(super) unknown: Vec<Fact>,
    /// The first of them may stand in what could not be read.
    unread: bool,
    /// What the recorded parts of a score allow, where that is open.
    part: Option<Score>,
    /// A spine-surgery consult was done after the findings.
    pub(super) opened: bool,
    /// One was requested after them, and its answer is not on record.
    pub(super) asked: Option<When>,
    /// One was done, and not after them.
    saw_before: bool,
}

impl Gate<'_> {
    /// Whether it is closed.
    pub(super) fn is_closed(&self) -> bool {
        self.state() != GateIs::Open
    }

    /// What is on record of spine surgery.
    pub(super) const fn surgeon(&self) -> Surgeon {
        match (self.asked, self.saw_before) {
            (Some(_), _) => Surgeon::Asked,
            (None, true) => Surgeon::SawBefore,
            (None, false) => Surgeon::NotAsked,
        }
    }

    /// What closes it, for a reader: the first of it.
    pub(super) fn reason(&self) -> Option<GateReason> {
        let known = self.known.first().map(|(_, value, _)| match value {
            Value::Score(score) => GateReason::Score(*score),
            Value::Yes => GateReason::Fracture,
            Value::Sign(name) | Value::WorseSign(name, _) => GateReason::Sign(Some(*name)),
            _ => GateReason::Sign(None),
        });
        let unknown = |fact: &Fact| {
            let part = self.part.filter(|_| *fact == Fact::Sins);
            GateReason::Unknown { fact: *fact, unread: self.unread, part }
        };
        known.or(self.unknown.first().map(unknown))
    }

    /// As the tables see it.
    pub(super) const fn state(&self) -> GateIs {
        if self.opened || (self.known.is_empty() && self.unknown.is_empty()) {
            GateIs::Open
        } else if self.known.is_empty() {
            GateIs::ClosedByUnknown
        } else {
            GateIs::ClosedByFinding
        }
    }
}

/// The gate for a patient with these scored lesions.
pub(super) fn gate<'f>(picture: &Picture<'f>, lesions: &[Lesion<'f>]) -> Gate<'f> {
    let facts = picture.facts;
    let mut known: Vec<(Fact, Value, Vec<&Evidence>)> = Vec::new();
    let mut unknown = Vec::new();
    let mut dates: Vec<Option<When>> = Vec::new();

    let unstable: Vec<&Lesion<'f>> = lesions.iter().filter(|l| l.score.min > STABLE_MOST).collect();
    for lesion in &unstable {
        known.push((Fact::Sins, Value::Score(lesion.said()), lesion.evidence.clone()));
    }
    // A score that may be 7 or more is looked at too, whatever else closes the gate.
    dates.extend(lesions.iter().filter(|l| l.score.max > STABLE_MOST).map(|l| l.seen));
    if unstable.is_empty() && (lesions.is_empty() || lesions.iter().any(|l| l.score.max > STABLE_MOST)) {
        unknown.push(Fact::Sins);
    }
    for fracture in facts.vertebral_fractures.iter().chain(&facts.other_vertebral_fractures) {
        known.push((Fact::BaselineVcf, Value::Yes, vec![fracture]));
        dates.push(fracture.date);
    }
    // A fracture or sign read from words closes the gate; it is the one thing of sections 3.4 to 3.7 that it decides.
    for fracture in &facts.from_text.vertebral_fractures {
        known.push((Fact::BaselineVcf, Value::Yes, vec![fracture]));
        dates.push(fracture.date);
    }
    for sign in facts.from_text.signs.iter().filter(|sign| sign.sign.closes_the_gate()) {
        known.push((Fact::MesccSigns, Value::FromText, vec![&sign.evidence]));
        dates.push(sign.evidence.date);
    }
    if facts.vertebral_fractures.is_empty()
        && facts.other_vertebral_fractures.is_empty()
        && Fact::BaselineVcf.is_unread(facts)
    {
        unknown.push(Fact::BaselineVcf);
    }
    for sign in mescc::signs(picture) {
        for member in &sign.members {
            let own = |when: &When| member.finding.evidence.iter().any(|e| e.date == Some(*when));
            let worse = member.finding.worse().max_by_key(|when| when.latest()).filter(|when| !own(when));
            let value = worse.map_or(Value::Sign(sign.name), |worse| Value::WorseSign(sign.name, worse));
            known.push((Fact::MesccSigns, value, member.finding.evidence.clone()));
            // A sign that got worse since the consult is not the one that was looked at.
            let presented = member.presentation(&picture.studies, picture.clock);
            dates.push(member.finding.dated().map(|_| presented));
            dates.extend(member.finding.worse().map(Some));
        }
    }
    // Where only unknown facts close the gate, a consult since the metastases were documented and the symptoms began
    // opens it. Urinary incontinence is no symptom here (guideline.md section 3.5).
    if known.is_empty() {
        dates.extend(facts.metastases.iter().filter_map(|m| m.seen).map(Some));
        let symptoms = picture.counting.iter().filter(|c| !c.finding.is(Sign::UrinaryIncontinence));
        dates.extend(symptoms.filter_map(|c| c.finding.dated()).map(Some));
        dates.extend(symptoms::mechanical_pain(picture).and_then(|evidence| evidence.date).map(Some));
    }
    // A consult is before what closes the gate only where all of that has a date.
    let placed = dates.iter().all(Option::is_some);
    let consult = measure::consult(picture, Consult::SpineSurgery, Since::latest(dates));
    let opened = consult.is_some_and(|consult| consult.done);
    let asked = consult.filter(|consult| !consult.done).and_then(|consult| consult.when);
    let unread = unknown.first().is_some_and(|fact| fact.is_unread(facts));
    let part = lesions.iter().filter(|lesion| lesion.score.max > STABLE_MOST).map(Lesion::said).next();
    let mut surgeons = facts.consults.iter().filter(|it| it.consult == Consult::SpineSurgery && it.done);
    let saw_before = !opened && placed && surgeons.any(|it| it.when.is_some());
    Gate { known, unknown, unread, part, opened, asked, saw_before }
}

/// Known risk factors of fracture after SBRT other than the dose (G-55, G-56, G-58), each with its record.
pub(super) fn fracture_risks<'f>(
    picture: &Picture<'f>,
    lesions: &[Lesion<'f>],
) -> Vec<(Fact, Value, &'f Evidence)> {
    let mut risks = Vec::new();
    if let Some((true, evidence)) =
        measure::judgement(picture, Judgement::SignificantLyticDisease, None::<Clock>)
    {
        risks.push((Fact::SignificantLyticDisease, Value::Yes, evidence));
    }
    let fractures = picture.facts.vertebral_fractures.iter().chain(&picture.facts.other_vertebral_fractures);
    risks.extend(fractures.map(|e| (Fact::BaselineVcf, Value::Yes, e)));
    for lesion in lesions.iter().filter(|l| l.score.min > STABLE_MOST) {
        let value = Value::Score(lesion.said());
        risks.extend(lesion.evidence.iter().map(|e| (Fact::Sins, value, *e)));
    }
    risks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dose(total: u32, fractions: u16, technique: Technique) -> Dose {
        Dose { total_cgy: Some(total), fractions: Some(fractions), technique }
    }

    #[test]
    fn the_listed_schemes_and_their_neighbours() {
        use Technique::{Conventional, Sbrt, Unknown};
        for (total, fractions, technique, listed) in [
            (1_600, 1, Sbrt, Some(true)),
            (2_400, 1, Sbrt, Some(true)),
            (2_500, 1, Sbrt, Some(false)),
            (2_400, 2, Sbrt, Some(true)),
            (2_000, 2, Sbrt, Some(false)),
            (2_700, 3, Sbrt, Some(true)),
            (3_500, 5, Sbrt, Some(true)),
            (4_000, 4, Sbrt, Some(false)),
            (800, 1, Conventional, Some(true)),
            (2_000, 5, Conventional, Some(true)),
            (2_000, 2, Conventional, Some(true)),
            (2_000, 1, Conventional, Some(false)),
            (1_999, 5, Conventional, Some(false)),
            (3_000, 10, Conventional, Some(true)),
            (3_001, 10, Conventional, Some(false)),
            (4_000, 15, Unknown, Some(false)),
            (3_000, 10, Unknown, Some(true)),
            (2_400, 2, Unknown, Some(true)),
            (3_000, 6, Unknown, Some(true)),
            (600, 1, Unknown, Some(false)),
            // 5 Gy in 5 fractions is SBRT; a fraction less, one more fraction, or 8 Gy in all is not.
            (2_500, 5, Unknown, Some(false)),
            (2_495, 5, Unknown, Some(true)),
            (800, 1, Unknown, Some(true)),
        ] {
            assert_eq!(is_listed(dose(total, fractions, technique)), listed, "{total}/{fractions}");
        }
        assert_eq!(is_listed(Dose::default()), None);
        assert_eq!(effective_technique(dose(2_400, 0, Unknown)), Conventional, "no dose per fraction");
    }

    #[test]
    fn a_fraction_of_exactly_nineteen_gray_is_not_risky() {
        assert_eq!(per_fraction(dose(1_900, 1, Technique::Sbrt)), Some(RISKY_FRACTION));
        assert_eq!(per_fraction(dose(1_900, 0, Technique::Sbrt)), None);
    }
}
