//! Section 3.3: MESCC suspected or confirmed, and untreated.
//!
//! Treatment by presentation + 24 hours; surgery and radiotherapy are equivalent. SBRT schemes are never shown.
//! Deliberately absent: what makes MESCC suspected ([`super::mescc`]).

use super::advice::{Advice, FactUsed, Group, Indicator, Proposal, Step};
use super::code::Code;
use super::compose::{Parts, compose, distinct};
use super::deadline::{Deadline, deadline};
use super::describe::{fact, finding_facts, moment};
use super::emergency;
use super::fact::Fact;
use super::measure::{self, Life, Since, THREE_MONTHS, months};
use super::mescc::{Imaging, Suspected};
use super::mri_timing;
use super::picture::Picture;
use super::questions;
use super::row::CodedRow;
use crate::domain::{Consult, Site, When};
use chrono::Duration;

/// Treatment within this time of presentation (G-12).
pub(super) const TREAT_WITHIN: Duration = Duration::hours(24);

/// Treatment is due.
pub(super) const TREAT: CodedRow = CodedRow {
    id: "mescc-treatment/treat",
    holds: || {
        format!(
            "MESCC is suspected and not imaged, or confirmed, or imaged without a coded result until presentation + {} hours; and it is not treated since onset",
            TREAT_WITHIN.num_hours()
        )
    },
    code: Code::MesccTreatWithin24h,
    indicator: Indicator::Critical,
    offers: "urgent spine-surgery and radiation-oncology referral, until both are requested since the sign",
    statements: &["G-12", "G-28", "G-46"],
};

/// How it is decided.
pub(super) const MODALITY: CodedRow = CodedRow {
    id: "mescc-treatment/modality",
    holds: || "beside mescc-treatment/treat".to_owned(),
    code: Code::MesccModalityMdt,
    indicator: Indicator::Critical,
    offers: "",
    statements: &["G-28"],
};

/// Surgery leaves the list.
pub(super) const NO_SURGERY: CodedRow = CodedRow {
    id: "mescc-treatment/no-surgery",
    holds: || {
        format!(
            "beside mescc-treatment/treat, life expectancy below {months} months; unknown: both stay",
            months = months(THREE_MONTHS)
        )
    },
    code: Code::SurgeryCandidacyConflict,
    indicator: Indicator::Critical,
    offers: "urgent radiation-oncology referral alone",
    statements: &["G-43"],
};

/// The rows, in the order of the printed table.
pub(super) const ROWS: [CodedRow; 3] = [TREAT, MODALITY, NO_SURGERY];

/// Signs that call for treatment: not imaged, imaged and confirmed, or imaged within the 24 hours without a result.
fn untreated<'a, 'p, 'f>(
    picture: &Picture<'f>,
    suspected: &'a [Suspected<'p, 'f>],
) -> Vec<&'a Suspected<'p, 'f>> {
    suspected
        .iter()
        .filter(|s| match s.imaging {
            Imaging::None | Imaging::Confirmed => true,
            // A result that could not be read may be a compressed cord.
            Imaging::NoResult(_) => {
                mri_timing::result_is_unread(picture.facts)
                    || !deadline(s.presentation, TREAT_WITHIN, picture.clock.now).overdue
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

/// The part of the emergency card that asks for treatment.
pub(super) fn advise(picture: &Picture<'_>, suspected: &[Suspected<'_, '_>], site: &Site) -> Option<Advice> {
    let signs = untreated(picture, suspected);
    let presentation = signs.iter().map(|s| s.presentation).reduce(When::or_earlier)?;
    let due = deadline(presentation, TREAT_WITHIN, picture.clock.now);
    let life = measure::life_expectancy(picture, site);
    let no_surgery = life.class == Life::Below3;
    let confirmed = signs.iter().any(|s| matches!(s.imaging, Imaging::Confirmed));
    let comfort = picture.facts.comfort_care.is_some();

    let members = signs.iter().flat_map(|s| s.sign.members.iter().chain(&s.with));
    let mut facts: Vec<FactUsed> = members.flat_map(|c| finding_facts(&c.finding, site.time_zone)).collect();
    facts.extend(life.evidence.map(|e| fact(Fact::LifeExpectancy, life.class.words(), e)));
    let facts = distinct(facts);
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
    let state = if confirmed { "cord compression confirmed" } else { "cord compression suspected" };
    let first = signs.first().map_or("sign", |s| s.sign.name);
    Some(compose(
        picture,
        site,
        Parts {
            group: Group::Emergency,
            indicator: if comfort { TREAT.indicator.milder() } else { TREAT.indicator },
            summary: if due.overdue {
                format!("Treat now: {state} ({first}){}", due_phrase(due, site))
            } else {
                format!(
                    "Treat within {} hours: {state} ({first}){}",
                    TREAT_WITHIN.num_hours(),
                    due_phrase(due, site)
                )
            },
            recommendations,
            what_to_do: what_to_do(no_surgery, confirmed, emergency::goals_of_care(picture), due, site),
            not_known: if life.class == Life::Unknown {
                vec!["Whether life expectancy is at least 3 months: surgery stays on the list.".to_owned()]
            } else {
                Vec::new()
            },
            proposals: referrals(picture, presentation, no_surgery).into_iter().collect(),
            several: true,
            deadline: Some((due.at, due.overdue)),
            reason_text: "Suspected metastatic epidural spinal cord compression",
            ..Parts::default()
        },
    ))
}

fn what_to_do(
    no_surgery: bool,
    confirmed: bool,
    goals: Option<String>,
    due: Deadline,
    site: &Site,
) -> Vec<String> {
    let by = moment(due.at, site.time_zone);
    let modality = if no_surgery {
        "Decide by multidisciplinary discussion with the patient's preference; with a life expectancy below 3 months surgery is not an option."
    } else {
        "Surgery and radiotherapy are equivalent: decide by multidisciplinary discussion with the patient's preference."
    };
    let treat = if due.overdue {
        format!("Treat now: treatment was due by {by}.")
    } else if confirmed {
        format!("Treat by {by}.")
    } else {
        format!("If the cord is compressed, treat by {by}.")
    };
    goals.into_iter().chain([treat, modality.to_owned()]).collect()
}

fn due_phrase(due: Deadline, site: &Site) -> String {
    let word = if due.overdue { "overdue since" } else { "by" };
    format!("; {word} {}", moment(due.at, site.time_zone))
}

/// Urgent referrals, unless both were requested since the sign.
fn referrals(picture: &Picture<'_>, since: When, no_surgery: bool) -> Option<Proposal> {
    let asked = |consult| measure::consult(picture, consult, Since::latest([Some(since)])).is_some();
    if asked(Consult::RadiationOncology) && asked(Consult::SpineSurgery) {
        return None;
    }
    let refer = |consult| Step::Refer { consult, asks: None, alternatives: None, urgent: true };
    let (label, steps) = if no_surgery {
        ("Refer urgently to radiation oncology", vec![refer(Consult::RadiationOncology)])
    } else {
        (
            "Refer urgently to spine surgery and radiation oncology",
            vec![refer(Consult::SpineSurgery), refer(Consult::RadiationOncology)],
        )
    };
    Some(Proposal { label: label.to_owned(), steps })
}
