//! The cards of section 3.1 and 3.2 that ask instead of setting a deadline: the result of an MRI that was made, a sign
//! that may mean cord compression, and findings that a treatment covers.
//!
//! Deliberately absent: when they fire ([`super::mescc`], [`super::treated`]).

use super::advice::{Advice, FactUsed, Group, Indicator, Recommendation};
use super::code::Code;
use super::compose::{Parts, compose, distinct};
use super::deadline::deadline;
use super::describe::{self, fact, finding_facts};
use super::emergency;
use super::fact::Fact;
use super::mescc::{Imaging, MesccSign, Suspected};
use super::mescc_treatment;
use super::mri_timing;
use super::picture::Picture;
use super::row::CodedRow;
use super::study::WholeStudy;
use crate::domain::{Site, TreatmentKind, When};
use chrono::{DateTime, Duration, Utc};
use std::cmp::Reverse;

/// A sign asks whether the cord is compressed.
pub(super) const QUESTION: CodedRow = CodedRow {
    id: "mescc/question",
    holds: || {
        "no MRI row holds, and there is a non-specific sign alone, urinary incontinence, or an old sign recorded again; until an MRI or the clinician has answered it".to_owned()
    },
    code: Code::MesccQuestion,
    indicator: Indicator::Info,
    offers: "",
    statements: &["G-06", "G-11"],
};

/// How long after the study its missing result is asked for (guideline.md section 3.1): critical, warning, info.
pub(super) const RESULT_CRITICAL: Duration = Duration::hours(72);
/// The same, as a warning.
pub(super) const RESULT_WARNING: Duration = Duration::days(7);
/// The same, for information; then the study has answered the sign.
pub(super) const RESULT_INFO: Duration = Duration::days(30);

/// The result of the MRI is asked for, the longer ago the milder.
pub(super) const RESULT_NEEDED: [CodedRow; 3] = [
    result_needed(
        || {
            format!(
                "MESCC suspected, adequate MRI since onset without a coded result (ESCC 1c counts as none), until {} hours after the study",
                RESULT_CRITICAL.num_hours()
            )
        },
        Indicator::Critical,
    ),
    result_needed(
        || format!("the same, until {} days after the study", RESULT_WARNING.num_days()),
        Indicator::Warning,
    ),
    result_needed(
        || format!("the same, until {} days after the study; then silent", RESULT_INFO.num_days()),
        Indicator::Info,
    ),
];

const fn result_needed(holds: fn() -> String, indicator: Indicator) -> CodedRow {
    CodedRow {
        id: "mescc/result-needed",
        holds,
        code: Code::MesccResultNeeded,
        indicator,
        offers: "",
        statements: &["G-11", "G-12"],
    }
}

/// The row for a study of that time that has no result; `None` once the study has answered the sign.
pub(super) fn result_row(study: When, now: DateTime<Utc>) -> Option<&'static CodedRow> {
    let [critical, warning, info] = &RESULT_NEEDED;
    match study.shortest_age(now) {
        age if age <= RESULT_CRITICAL => Some(critical),
        age if age <= RESULT_WARNING => Some(warning),
        age if age <= RESULT_INFO => Some(info),
        _ => None,
    }
}

/// Findings that a treatment covers.
pub(super) const REASSESS: CodedRow = CodedRow {
    id: "mescc/reassess",
    holds: || {
        "findings that began before a treatment of the spine which runs or ended recently, and that nobody recorded as worse since; patient-view only".to_owned()
    },
    code: Code::ReassessAfterTreatment,
    indicator: Indicator::Info,
    offers: "",
    statements: &["G-06"],
};

/// The rows, in the order of the printed table.
pub(super) const ROWS: [CodedRow; 5] = {
    let [critical, warning, info] = RESULT_NEEDED;
    [QUESTION, critical, warning, info, REASSESS]
};

/// Asks for the result of the MRI; `None` where every study is too long ago to ask for it.
pub(super) fn result_card(
    picture: &Picture<'_>,
    suspected: &[Suspected<'_, '_>],
    site: &Site,
) -> Option<Advice> {
    // A result that could not be read is not one that nobody recorded.
    if mri_timing::result_is_unread(picture.facts) {
        return None;
    }
    let (zone, now) = (site.time_zone, picture.clock.now);
    let mut needed: Vec<(&CodedRow, &Suspected<'_, '_>, &WholeStudy<'_>)> = suspected
        .iter()
        .filter_map(|one| match &one.imaging {
            Imaging::NoResult(study) => Some((result_row(study.when, now)?, one, study)),
            _ => None,
        })
        .collect();
    needed.sort_by_key(|(row, ..)| Reverse(row.indicator));
    let (row, first, study) = *needed.first()?;

    let members = needed.iter().flat_map(|(_, one, _)| one.sign.members.iter().chain(&one.with));
    let mut facts: Vec<FactUsed> = members.flat_map(|c| finding_facts(&c.finding, zone)).collect();
    let parts = needed.iter().flat_map(|(_, _, study)| &study.parts);
    facts.extend(
        parts.map(|mri| fact(Fact::SpineMri, format!("{}, no coded result", mri.regions), &mri.evidence)),
    );
    let comfort = picture.facts.comfort_care.is_some();
    let presentation = needed.iter().map(|(_, one, _)| one.presentation).reduce(When::or_earlier)?;
    let due = deadline(presentation, mescc_treatment::TREAT_WITHIN, now);
    let at = describe::moment(due.at, zone);
    let made = study.when.for_people(zone);
    let mut what_to_do = vec![
        format!("Read the whole-spine MRI of {made}: no result is recorded."),
        "Record the result (ESCC grade), or record that cord compression is not suspected.".to_owned(),
        if due.overdue {
            format!(
                "If the cord is compressed, treat at once: treatment was due by {at}, that time has passed."
            )
        } else {
            format!("If the cord is compressed, treat by {at}.")
        },
    ];
    what_to_do.splice(0..0, emergency::goals_of_care(picture));
    Some(simple(
        picture,
        site,
        if comfort { row.indicator.milder() } else { row.indicator },
        row.recommendation(distinct(facts), vec![Fact::Escc]),
        format!(
            "Read the whole-spine MRI of {made} and record its result: cord compression suspected ({})",
            first.sign.name
        ),
        what_to_do,
        vec!["The result of the whole-spine MRI: no ESCC grade or diagnosis is recorded.".to_owned()],
    ))
}

pub(super) fn question_card(picture: &Picture<'_>, questions: &[MesccSign<'_, '_>], site: &Site) -> Advice {
    let members = questions.iter().flat_map(|sign| sign.members.iter());
    let facts: Vec<FactUsed> =
        members.flat_map(|c| finding_facts(&c.finding, site.time_zone)).map(as_sign).collect();
    let first = questions.first().map_or("sign", |s| s.name);
    let more = if questions.len() > 1 { " and other signs" } else { "" };
    simple(
        picture,
        site,
        QUESTION.indicator,
        QUESTION.recommendation(distinct(facts), vec![Fact::MesccSigns]),
        format!(
            "Ask whether cord compression is suspected: {first}{more} on record, {}",
            describe::patient(picture)
        ),
        vec![
            "Record whether cord compression is suspected, and any pain, deficit or recent change."
                .to_owned(),
            "If it is suspected, MRI of the whole spine is due within 12 hours.".to_owned(),
        ],
        vec!["Whether the sign is new or worse, and whether it comes from the spine.".to_owned()],
    )
}

/// A weakness that only asks stands in the card as a sign.
fn as_sign(mut used: FactUsed) -> FactUsed {
    if used.fact == Fact::Deficit {
        used.fact = Fact::MesccSigns;
    }
    used
}

pub(super) fn reassess_card(picture: &Picture<'_>, site: &Site) -> Advice {
    let zone = site.time_zone;
    let mut facts: Vec<FactUsed> = Vec::new();
    let mut treatment = "treatment";
    let mut since = String::new();
    for (finding, by) in &picture.covered {
        let (name, value) = match by.record.kind {
            TreatmentKind::SpineSurgery => ("spine surgery", "spine surgery"),
            TreatmentKind::Radiotherapy => ("radiotherapy", "radiotherapy of the spine"),
        };
        treatment = name;
        since = by.start.for_people(zone);
        facts.push(fact(Fact::TreatmentSinceOnset, value, &by.record.evidence));
        facts.extend(finding_facts(finding, zone));
    }
    simple(
        picture,
        site,
        REASSESS.indicator,
        REASSESS.recommendation(distinct(facts), vec![Fact::DeficitProgression]),
        format!(
            "Ask whether anything is new or worse since the {treatment} of {since}; earlier findings are not counted"
        ),
        vec![
            "Record any new or worse pain, deficit or sign: a new finding starts a new MRI deadline."
                .to_owned(),
        ],
        vec!["Whether anything is new or worse since the treatment.".to_owned()],
    )
}

fn simple(
    picture: &Picture<'_>,
    site: &Site,
    indicator: Indicator,
    recommendation: Recommendation,
    summary: String,
    what_to_do: Vec<String>,
    not_known: Vec<String>,
) -> Advice {
    let recommendations = vec![recommendation];
    let parts = Parts {
        group: Group::Emergency,
        indicator,
        summary,
        recommendations,
        what_to_do,
        not_known,
        ..Parts::default()
    };
    compose(picture, site, parts)
}
