//! Section 3.3: MESCC suspected or confirmed, and untreated.
//!
//! Treatment by presentation + 24 hours; surgery and radiotherapy are equivalent. SBRT schemes are never shown.
//! Deliberately absent: what makes MESCC suspected ([`super::mescc`]).

use super::advice::{Advice, FactUsed, Group, Proposal, Step};
use super::answers;
use super::compose::{Parts, compose, distinct_facts};
use super::deadline::deadline;
use super::describe::finding_facts;
use super::emergency;
use super::fact::Fact;
use super::measure::{self, Life, Since};
use super::mescc::{self, Imaging, Suspected};
use super::mri_timing;
use super::picture::Picture;
use super::questions;
use super::say::{Act, Gap, Headline, Label, Question, Reason, SignName, Team, TreatState};
pub(super) use super::tables::mescc_treatment::TREAT_WITHIN;
use super::tables::mescc_treatment::{Compressed, MODALITY, NO_SURGERY, TREAT};
use crate::domain::{Consult, Site, When};

/// Signs that call for treatment: not imaged, imaged and confirmed, or imaged within the 24 hours without a result. Where
/// one is confirmed, those that wait for a result are signs of the same compression, however long ago they presented.
fn untreated<'a, 'p, 'f>(
    picture: &Picture<'f>,
    suspected: &'a [Suspected<'p, 'f>],
) -> Vec<&'a Suspected<'p, 'f>> {
    let confirmed = suspected.iter().any(|s| matches!(s.imaging, Imaging::Confirmed));
    suspected
        .iter()
        .filter(|s| match &s.imaging {
            Imaging::None | Imaging::Confirmed => true,
            // A result that could not be read may be a compressed cord.
            Imaging::NoResult(study) => {
                let asked_for = questions::result_row(study.when, picture.clock.now).is_some();
                let in_time = || !deadline(s.presentation, TREAT_WITHIN, picture.clock.now).overdue;
                mri_timing::result_is_unread(picture.facts) || asked_for && (confirmed || in_time())
            }
            Imaging::Excluded => false,
        })
        .collect()
}

/// Whether MESCC is neither excluded nor treated: the treatment card of section 3.5 waits. A study whose result nobody
/// recorded for so long that it is not asked for any more has answered its sign.
pub(super) fn is_open(picture: &Picture<'_>, suspected: &[Suspected<'_, '_>]) -> bool {
    suspected.iter().any(|s| match &s.imaging {
        Imaging::None | Imaging::Confirmed => true,
        Imaging::NoResult(study) => questions::result_row(study.when, picture.clock.now).is_some(),
        Imaging::Excluded => false,
    })
}

/// What passes the table.
pub(super) fn compressed(picture: &Picture<'_>, suspected: &[Suspected<'_, '_>], site: &Site) -> Compressed {
    Compressed {
        untreated: !untreated(picture, suspected).is_empty(),
        life: measure::life_expectancy(picture, site).class,
    }
}

/// The part of the emergency card that asks for treatment.
pub(super) fn advise(
    picture: &Picture<'_>,
    suspected: &[Suspected<'_, '_>],
    booked: Option<When>,
    site: &Site,
) -> Option<Advice> {
    let signs = untreated(picture, suspected);
    let presentation = signs.iter().map(|s| s.presentation).reduce(When::or_earlier)?;
    let due = deadline(presentation, TREAT_WITHIN, picture.clock.now);
    let life = measure::life_expectancy(picture, site);
    let compressed = Compressed { untreated: !signs.is_empty(), life: life.class };
    let no_surgery = NO_SURGERY.holds(&compressed);
    let confirmed = signs.iter().any(|s| matches!(s.imaging, Imaging::Confirmed));
    let comfort = picture.facts.comfort_care.is_some();

    let members = mescc::findings_of(signs.iter().copied());
    let mut facts: Vec<FactUsed> = members.into_iter().flat_map(|c| finding_facts(&c.finding)).collect();
    facts.extend(life.fact());
    let facts = distinct_facts(facts);
    let mut recommendations = vec![
        TREAT.recommendation(
            facts.clone(),
            if life.class == Life::Unknown { vec![Fact::LifeExpectancy] } else { Vec::new() },
        ),
        MODALITY.recommendation(facts.clone(), Vec::new()),
    ];
    if no_surgery {
        recommendations.push(NO_SURGERY.recommendation(facts, Vec::new()));
    }
    let unimaged = signs.iter().any(|s| matches!(s.imaging, Imaging::None));
    let state = match booked {
        _ if confirmed => TreatState::Confirmed,
        Some(at) if unimaged => TreatState::Booked(at),
        _ if unimaged => TreatState::Unimaged,
        _ => TreatState::Imaged,
    };
    let graded = |s: &&&Suspected<'_, '_>| matches!(s.sign.name, SignName::Escc(_));
    let sign = signs
        .iter()
        .find(graded)
        .or_else(|| signs.iter().find(|s| matches!(s.imaging, Imaging::Confirmed)).or(signs.first()));
    let sign = sign.map(|s| s.sign.name);
    // A result that could not be read may well be recorded: it is not asked for.
    let asks_result = state == TreatState::Imaged && !mri_timing::result_is_unread(picture.facts);
    let studies = questions::studies_of(signs.iter().filter_map(|s| match &s.imaging {
        Imaging::NoResult(study) => Some(study),
        _ => None,
    }));
    let results = asks_result.then(|| answers::to(Question::Result, &studies)).into_iter().flatten();
    let team = team(picture, presentation, no_surgery);
    let headline = Headline::Treat { state, sign, team, due };
    let call = match team {
        Team::Asked if confirmed => None,
        Team::Asked => Some(Act::Prepare),
        team => Some(Act::Call(team)),
    };
    // A device delays the images that are still to be made.
    let safety = emergency::mr_safety(picture).filter(|_| unimaged && !confirmed);
    let acts = call.into_iter().chain([Act::Treat { due, confirmed }]);
    let acts = acts.chain([Act::DecideModality { surgery: !no_surgery }]).chain(safety);
    Some(compose(
        picture,
        Parts {
            indicator: if comfort { TREAT.indicator.milder() } else { TREAT.indicator },
            recommendations,
            acts: emergency::goals_of_care(picture).into_iter().chain(acts).collect(),
            gaps: (life.class == Life::Unknown).then_some(Gap::LifeForSurgery).into_iter().collect(),
            proposals: referrals(team).into_iter().chain(results).collect(),
            several: true,
            deadline: Some((due.at, due.overdue)),
            reason: Reason::Mescc,
            ..Parts::of(Group::Emergency, headline)
        },
    ))
}

/// Whom to call: who is an option, and was not asked since the sign.
fn team(picture: &Picture<'_>, since: When, no_surgery: bool) -> Team {
    let open = |consult| measure::consult(picture, consult, Since::latest([Some(since)])).is_none();
    match (!no_surgery && open(Consult::SpineSurgery), open(Consult::RadiationOncology)) {
        (true, true) => Team::Both,
        (true, false) => Team::SpineSurgery,
        (false, true) => Team::RadiationOncology,
        (false, false) => Team::Asked,
    }
}

/// Urgent referrals to those who are an option and were not asked since the sign.
fn referrals(team: Team) -> Option<Proposal> {
    let refer = |consult| Step::Refer { consult, asks: None, alternatives: None, urgent: true };
    let consults: &[Consult] = match team {
        Team::Both => &[Consult::SpineSurgery, Consult::RadiationOncology],
        Team::SpineSurgery => &[Consult::SpineSurgery],
        Team::RadiationOncology => &[Consult::RadiationOncology],
        Team::Asked => return None,
    };
    let steps = consults.iter().copied().map(refer).collect();
    Some(Proposal { label: Label::ReferUrgently(team), steps })
}
