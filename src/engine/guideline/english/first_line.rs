//! First lines: the act, its level and the value that decides, and the deadline.
//!
//! Each line is built from its fullest form to its shortest, and the first that fits is taken: what gives way is the
//! reason, never the act or the deadline.

use super::super::adjunct;
use super::super::deadline::Deadline;
use super::super::say::{
    Again, Booked, Complaint, Headline, LastScore, MriAct, SignName, StudyFault, Team, TreatState, Trigger,
};
use super::{Reader, choice, facts, names, order_line};
use crate::domain::{Modality, Precision, Side, Sign, TreatmentKind, When};
use chrono::Duration;

/// A study whose result is missing is read "now" for this long; later its result is recorded.
const READ_NOW: Duration = Duration::days(7);

/// The first line, in so many characters where one of its forms fits.
pub(in crate::guideline) fn first_line(headline: &Headline, reader: &Reader<'_>, room: usize) -> String {
    let forms = forms(headline, reader);
    let fits = forms.iter().find(|form| form.chars().count() <= room);
    fits.or(forms.last()).cloned().unwrap_or_default()
}

/// The forms of a line, the fullest first.
fn forms(headline: &Headline, reader: &Reader<'_>) -> Vec<String> {
    match headline {
        Headline::Mri { act, trigger, due, earlier } => mri(*act, *trigger, (*due, *earlier), reader),
        Headline::ReadStudy { made, graded, sign, due } => {
            let (made_at, sign) = (reader.when(*made), names::sign(*sign));
            if due.overdue && made.shortest_age(reader.now) > READ_NOW {
                let act = format!("Record the result of the whole-spine MRI of {made_at}");
                return vec![format!("{act}: cord compression was suspected ({sign})"), act];
            }
            let then = if due.overdue {
                format!("treatment window closed {} ago", reader.since(due.at))
            } else {
                format!("if the cord is compressed, treat by {}", reader.moment(due.at))
            };
            let act = if *graded {
                format!("Regrade the whole-spine MRI of {made_at} now (ESCC 1c)")
            } else {
                format!("Read the whole-spine MRI of {made_at} now")
            };
            vec![
                format!("{act}: cord compression suspected ({sign}); {then}"),
                format!("{act}: {sign}; {then}"),
                format!("{act}; {then}"),
            ]
        }
        Headline::AskMescc { sign, more, old, since, patient } => {
            let more = if *more { " and other signs" } else { "" };
            let since = since_onset(*since, reader);
            let sign = format!("{}{}", if *old { "long-standing " } else { "" }, names::sign(*sign));
            let then = format!("If yes, MRI within {}", names::first_window());
            let ask = "Decide whether cord compression is suspected";
            vec![
                format!("{ask}: {sign}{more}{since}, {}. {then}", names::patient(*patient)),
                format!("{ask}: {sign}{more}{since}. {then}"),
                format!("{ask}: {sign}{more}. {then}"),
                format!("{ask}. {then}"),
            ]
        }
        Headline::AskNewOrWorse { since, answered } => {
            let treatment = since.map_or("treatment", |treated| match treated.kind {
                TreatmentKind::SpineSurgery => "spine surgery",
                TreatmentKind::Radiotherapy => "radiotherapy",
            });
            let at = since.and_then(|treated| {
                let start = reader.near(treated.start)?;
                Some(match treated.end.and_then(|end| reader.near(end)) {
                    _ if treated.running => format!(", running since {start}"),
                    Some(end) => format!(" of {start} to {end}"),
                    None => format!(" of {start}"),
                })
            });
            let at = at.unwrap_or_default();
            let line = |at: &str| match answered {
                true => format!(
                    "Record what is new or worse since the {treatment}{at}: it starts a new MRI deadline"
                ),
                false => format!(
                    "Ask whether anything is new or worse since the {treatment}{at}: a new finding starts a new MRI deadline"
                ),
            };
            vec![line(&at), line("")]
        }
        Headline::Treat { state, sign, team, due } => treat(*state, *sign, *team, *due, reader),
        Headline::Stability { act, score, bone, life, last, again, beside: _ } => {
            let last = last.and_then(|last| match last {
                LastScore::TooOld(at) => Some(format!("the last, of {}, is too old", reader.near(at)?)),
                LastScore::OffScale(Some(value)) => Some(format!("{value} was entered, off the scale")),
                LastScore::OffScale(None) => Some("what was entered is no point on the scale".to_owned()),
            });
            choice::stability(*act, *score, bone, *life, last, *again)
        }
        Headline::Treatment { modality, regimen, criteria } => {
            choice::treatment(*modality, *regimen, criteria)
        }
        Headline::Zoledronic { myeloma, clearance } => vec![format!(
            "Consider zoledronic acid beside antineoplastic therapy: {}, clearance {} (US label: {})",
            if *myeloma { "myeloma" } else { "bone metastases" },
            facts::millilitres(*clearance),
            adjunct::dose(*clearance)
        )],
        Headline::Vertebroplasty { all_read } => {
            let deficit = if *all_read { ", no deficit charted" } else { "" };
            vec![format!("Consider vertebroplasty: mechanical pain from a vertebral fracture{deficit}")]
        }
        Headline::Order { label, others, act } => {
            let (said, name) = (order_line::order(act), choice::short(label.raw()));
            let more = match others {
                0 => None,
                1 => Some("1 more order".to_owned()),
                others => Some(format!("{others} more orders")),
            };
            let named = (!name.is_empty()).then(|| format!("\"{name}\""));
            let all: Vec<String> = named.into_iter().chain(more).collect();
            let full = (!all.is_empty()).then(|| format!("{said} ({})", all.join(" and ")));
            let instead = order_line::instead(act);
            let listed = instead.iter().flat_map(|instead| {
                let named = full.as_ref().map(|full| format!("{full}{instead}"));
                named.into_iter().chain([format!("{said}{instead}")])
            });
            let listed: Vec<String> = listed.collect();
            listed.into_iter().chain(full).chain([said]).collect()
        }
    }
}

/// " by …" or " now, … overdue". `earlier`: the deadline is that of a finding that the line does not name.
fn due_words((due, earlier): (Option<Deadline>, bool), reader: &Reader<'_>) -> String {
    match due {
        Some(due) if due.overdue && earlier => {
            format!(" now, {} overdue for an earlier finding", reader.since(due.at))
        }
        Some(due) if due.overdue => format!(" now, {} overdue", reader.since(due.at)),
        Some(due) => format!(" by {}", reader.moment(due.at)),
        None => String::new(),
    }
}

fn mri(act: MriAct, trigger: Trigger, due: (Option<Deadline>, bool), reader: &Reader<'_>) -> Vec<String> {
    let by = due_words(due, reader);
    let said = match act {
        MriAct::Order { again } => {
            format!("MRI of the whole spine{}{by}", if again.is_some() { " again" } else { "" })
        }
        MriAct::AskPresentation => {
            "Order an MRI of the whole spine, and record symptoms and deficits".to_owned()
        }
        MriAct::InsteadOf(other) => {
            let comma = if by.contains("overdue") { "," } else { "" };
            format!("MRI of the whole spine{by}{comma} instead of {}", other.map_or("this", Modality::name))
        }
        MriAct::Extend => format!("Extend the MRI to the whole spine{by}"),
        MriAct::Existing(booked) => existing(booked, "whole-spine MRI", due, reader),
        MriAct::Appointment(booked, true) => extended(booked, due, reader),
        MriAct::Appointment(booked, false) => existing(booked, "spine MRI", due, reader),
        MriAct::BeforeLeaving(at) => {
            let of = at.and_then(|at| reader.near(at)).map_or_else(String::new, |at| format!(" of {at}"));
            let due =
                by.strip_prefix(" now,").map_or_else(|| format!(", due{by}"), |late| format!(",{late}"));
            let due = if by.is_empty() { String::new() } else { due };
            format!("Secure the whole-spine MRI{of} before the patient leaves{due}")
        }
        MriAct::StateDate => match due.0 {
            Some(due) if !due.overdue => {
                format!("Date the whole-spine MRI for {} or earlier", reader.moment(due.at))
            }
            _ => format!("Give the whole-spine MRI a date{by}"),
        },
    };
    let [full, short, shortest] = trigger_words(trigger, reader);
    // What is overdue is the earlier finding, not the one that is named.
    let then = if due.1 && due.0.is_some_and(|due| due.overdue) { "; now also" } else { ":" };
    let again = match act {
        MriAct::Order { again: Some(again) } => Some(why_again(again, reader)),
        _ => None,
    };
    let with_it = again.iter().flat_map(|why| [&full, &short].map(|of| format!("{said}{then} {of}; {why}")));
    let mut forms: Vec<String> = with_it.collect();
    // The act and its deadline stay where no reason has room.
    forms.extend([
        format!("{said}{then} {full}"),
        format!("{said}{then} {short}"),
        format!("{said}{then} {shortest}"),
        said,
    ]);
    forms
}

/// Why the MRI that there is does not do.
fn why_again(again: Again, reader: &Reader<'_>) -> String {
    let near = again.made.and_then(|made| reader.near(made));
    let last = near.map_or_else(|| "the last MRI".to_owned(), |made| format!("the MRI of {made}"));
    let fault = match again.fault {
        StudyFault::NoDate => "has no date",
        StudyFault::ReadAsLow(grade) => return format!("{last} says ESCC {}", grade.label()),
        StudyFault::Future => "is dated in the future",
        StudyFault::BeforeOnset => "was before it",
        StudyFault::BeforeRecord => "was before its latest record",
        StudyFault::Sequences { t1: true, t2: true } => "lacks T1 and T2",
        StudyFault::Sequences { t1: true, .. } => "lacks T1",
        StudyFault::Sequences { .. } => "lacks T2",
        StudyFault::Partial => "shows a part",
    };
    format!("{last} {fault}")
}

/// What becomes of an appointment for a part of the spine that is not in time.
fn extended(booked: Booked, due: (Option<Deadline>, bool), reader: &Reader<'_>) -> String {
    let (Booked::Later(at) | Booked::Passed(at)) = booked else {
        return existing(booked, "MRI of the whole spine", due, reader);
    };
    let of = reader.near(at).map_or_else(String::new, |at| format!(" of {at}"));
    let passed = matches!(booked, Booked::Passed(_));
    let when = match due.0 {
        Some(due) if !due.overdue && passed => format!(" for {} or earlier", reader.moment(due.at)),
        Some(due) if !due.overdue => format!(" and move it to {} or earlier", reader.moment(due.at)),
        _ => due_words(due, reader),
    };
    if passed {
        format!("Rebook the spine MRI{of} as one of the whole spine{when}")
    } else {
        format!("Extend the spine MRI{of} to the whole spine{when}")
    }
}

/// What becomes of an order that is not in time.
fn existing(booked: Booked, what: &str, due: (Option<Deadline>, bool), reader: &Reader<'_>) -> String {
    let by = due_words(due, reader);
    match booked {
        Booked::Later(at) => {
            let of = reader.near(at).map_or_else(String::new, |at| format!(" of {at}"));
            match due.0 {
                Some(due) if !due.overdue => {
                    let to = reader.moment(due.at);
                    // "of 10 May to 10 May" says nothing: the day is right and the hour is not.
                    if at.precision() == Precision::Day && reader.day(at.earliest()) == reader.day_of(due.at)
                    {
                        format!("Set a time before {to} for the {what}")
                    } else {
                        format!("Move the {what}{of} to {to} or earlier")
                    }
                }
                _ => format!("Bring the {what}{of} forward{by}"),
            }
        }
        Booked::Passed(at) => {
            let of = reader.near(at).map_or_else(String::new, |at| format!(" of {at}"));
            match due.0 {
                Some(due) if !due.overdue => {
                    let at = reader.moment(due.at);
                    format!("Rebook the {what} for {at} or earlier, its slot{of} has passed")
                }
                _ => format!("Rebook the {what}{by}, its slot{of} has passed"),
            }
        }
        Booked::Undated => match due.0 {
            Some(due) if !due.overdue => {
                format!("Book the ordered {what} for {} or earlier", reader.moment(due.at))
            }
            _ => format!("Book the ordered {what}{by}"),
        },
    }
}

/// Why, from the fullest form to the shortest.
fn trigger_words(trigger: Trigger, reader: &Reader<'_>) -> [String; 3] {
    match trigger {
        Trigger::Mescc { sign, more, with_pain, since } => {
            let and = match (more, with_pain) {
                (true, _) => " and other signs",
                (false, true) => ", with pain",
                (false, false) => "",
            };
            let since = since_onset(since, reader);
            let (suspected, sign) = match sign {
                SignName::One(Sign::CordCompression) => {
                    ("cord compression diagnosed, suspected until imaged", None)
                }
                SignName::One(Sign::MesccSuspected) => ("cord compression suspected by a clinician", None),
                // "Without radicular pain, with pain" would puzzle.
                SignName::OtherWeakness if with_pain => ("cord compression suspected", Some("limb weakness")),
                sign => ("cord compression suspected", Some(names::sign(sign))),
            };
            let Some(sign) = sign else {
                let and = and.trim_start();
                let and = if and.is_empty() { String::new() } else { format!(" ({and})") };
                return [format!("{suspected}{and}"), suspected.to_owned(), suspected.to_owned()];
            };
            [
                format!("{suspected} ({sign}{since}{and})"),
                format!("{suspected} ({sign}{and})"),
                suspected.to_owned(),
            ]
        }
        Trigger::Finding { complaint, side, patient, since, worse } => {
            let side = match side {
                Some(Side::Left) => "left ",
                Some(Side::Right) => "right ",
                _ => "",
            };
            let said = match complaint {
                Complaint::OtherWeakness => format!("new {side}{}", names::complaint(complaint)),
                _ => format!("{side}{}", names::complaint(complaint)),
            };
            [
                format!("{said}{}, {}", since_worse(since, worse, reader), names::patient(patient)),
                format!("{said}, {}", names::patient(patient)),
                said,
            ]
        }
        Trigger::Suspicion { no_symptom } => {
            let suspected = "spinal metastases suspected".to_owned();
            let none = if no_symptom { ", no pain, weakness or cord sign recorded" } else { "" };
            [format!("{suspected}{none}"), suspected.clone(), suspected]
        }
    }
}

/// " worse since …", else " since …".
fn since_worse(since: Option<When>, worse: Option<When>, reader: &Reader<'_>) -> String {
    let worse = worse.and_then(|worse| reader.near(worse));
    worse.map_or_else(|| since_onset(since, reader), |worse| format!(", recorded as worse {worse}"))
}

fn since_onset(since: Option<When>, reader: &Reader<'_>) -> String {
    since.and_then(|since| reader.near(since)).map_or_else(String::new, |since| format!(" since {since}"))
}

fn treat(
    state: TreatState,
    sign: Option<SignName>,
    team: Team,
    due: Deadline,
    reader: &Reader<'_>,
) -> Vec<String> {
    let by_diagnosis = sign == Some(SignName::One(Sign::CordCompression));
    let sign = sign.map_or("sign of cord compression", names::sign);
    let call = names::call(team);
    let then = if due.overdue {
        format!("treatment was due {} ago", reader.since(due.at))
    } else {
        format!("if the cord is compressed, treat by {}", reader.moment(due.at))
    };
    let suspected = "cord compression suspected";
    match state {
        TreatState::Confirmed => {
            let act = format!("Treat cord compression{}", due_words((Some(due), false), reader));
            // The diagnosis says no more than the act.
            let act = if by_diagnosis { act } else { format!("{act}: {sign}") };
            let call = call.map(|call| format!("{act}. {call}"));
            call.into_iter().chain([act]).collect()
        }
        TreatState::Booked(at) => {
            let act = call.unwrap_or("Prepare treatment");
            let mri = format!("the MRI of {}", reader.when(at));
            vec![
                format!("{act} before {mri}: {sign}; {then}"),
                format!("{act} before {mri}; {then}"),
                format!("{act} before the MRI; {then}"),
            ]
        }
        TreatState::Unimaged | TreatState::Imaged => {
            let act = call.map_or_else(|| "Prepare treatment now".to_owned(), |call| format!("{call} now"));
            vec![
                format!("{act}: {suspected} ({sign}); {then}"),
                format!("{act}: {sign}; {then}"),
                format!("{act}; {then}"),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{GOALS_OF_CARE, SUMMARY_LENGTH};
    use super::*;
    use crate::domain::{Escc, Site};
    use crate::guideline::say::{PatientKind, Treated};
    use chrono::{DateTime, TimeZone, Utc};

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 9, 30, 8, 0, 0).unwrap()
    }

    /// Past, present and future moments, the longest to write among them.
    fn whens() -> Vec<When> {
        [-280, -20, -1, 0, 3].map(|days| When::instant(now() + Duration::hours(24 * days - 9))).to_vec()
    }

    fn dues() -> Vec<Deadline> {
        [-24_000, -30, -1, 0, 5, 200]
            .map(|hours| Deadline { at: now() + Duration::hours(hours), overdue: hours < 0 })
            .to_vec()
    }

    fn signs() -> Vec<SignName> {
        let named = [
            SignName::WeaknessOfBothLegs,
            SignName::WeaknessOnBothSides,
            SignName::BilateralDeficit,
            SignName::BilateralPain,
            SignName::OtherWeakness,
            SignName::Escc(Escc::G3),
        ];
        // The longest names, and those that a line words on its own.
        let one = [
            Sign::CordCompression,
            Sign::MesccSuspected,
            Sign::BladderOrBowelDisturbance,
            Sign::Paraparesis,
            Sign::SpinalMetastasesSuspected,
        ];
        one.map(SignName::One).into_iter().chain(named).collect()
    }

    fn triggers() -> Vec<Trigger> {
        let since: Vec<Option<When>> = whens().into_iter().map(Some).chain([None]).collect();
        let mut triggers = vec![];
        for since in since.iter().copied() {
            for sign in signs() {
                let trigger = |more, with_pain| Trigger::Mescc { sign, more, with_pain, since };
                triggers.extend([trigger(true, false), trigger(false, true), trigger(false, false)]);
            }
            for complaint in [Complaint::RadicularDeficit, Complaint::OtherWeakness, Complaint::BackPain] {
                let patient = PatientKind::SpinalMetastasesSuspected;
                let side = Some(Side::Right);
                triggers.push(Trigger::Finding { complaint, side, patient, since, worse: since });
            }
        }
        triggers.extend([true, false].map(|no_symptom| Trigger::Suspicion { no_symptom }));
        triggers
    }

    fn acts() -> Vec<MriAct> {
        let booked = whens().into_iter().flat_map(|at| [Booked::Later(at), Booked::Passed(at)]);
        let booked = booked.chain([Booked::Undated]);
        let booked = booked.flat_map(|booked| {
            [MriAct::Existing(booked), MriAct::Appointment(booked, true), MriAct::Appointment(booked, false)]
        });
        let leaving = whens().into_iter().map(|at| MriAct::BeforeLeaving(Some(at)));
        let other = [MriAct::AskPresentation, MriAct::Extend, MriAct::StateDate, MriAct::InsteadOf(None)];
        let instead = [Modality::Ct, Modality::BoneScan].map(|other| MriAct::InsteadOf(Some(other)));
        let made = [Some(When::instant(now() - Duration::days(280))), None];
        let again =
            made.map(|made| Some(Again { made, fault: StudyFault::Sequences { t1: true, t2: true } }));
        let ordered = again.into_iter().chain([None]).map(|again| MriAct::Order { again });
        booked.chain(leaving).chain(other).chain(instead).chain(ordered).collect()
    }

    /// The longest opening of a first line stands before it, where goals of care are asked first.
    fn fits(headline: &Headline) -> usize {
        let site = Site::default();
        let reader = Reader { site: &site, now: now() };
        let room = SUMMARY_LENGTH - GOALS_OF_CARE.len();
        let line = first_line(headline, &reader, room);
        assert!((1..=room).contains(&line.chars().count()), "{} characters: {line}", line.chars().count());
        line.len()
    }

    #[test]
    fn every_line_of_an_mri_has_a_form_that_fits() {
        let mut longest = 0;
        for act in acts() {
            for trigger in triggers() {
                for due in dues().into_iter().map(Some).chain([None]) {
                    for earlier in [true, false] {
                        longest = longest.max(fits(&Headline::Mri { act, trigger, due, earlier }));
                    }
                }
            }
        }
        assert!(longest > 100, "the lines are longer than {longest}");
    }

    #[test]
    fn every_line_of_a_treatment_and_of_a_question_has_a_form_that_fits() {
        let teams = [Team::Both, Team::SpineSurgery, Team::RadiationOncology, Team::Asked];
        for sign in signs() {
            for due in dues() {
                for at in whens() {
                    let states = [
                        TreatState::Unimaged,
                        TreatState::Imaged,
                        TreatState::Confirmed,
                        TreatState::Booked(at),
                    ];
                    for (state, team) in states.into_iter().flat_map(|state| teams.map(|team| (state, team)))
                    {
                        fits(&Headline::Treat { state, sign: Some(sign), team, due });
                    }
                    fits(&Headline::ReadStudy { made: at, graded: true, sign, due });
                    fits(&Headline::ReadStudy { made: at, graded: false, sign, due });
                    let patient = PatientKind::SpinalMetastasesSuspected;
                    fits(&Headline::AskMescc { sign, more: true, old: true, since: Some(at), patient });
                    for kind in [TreatmentKind::SpineSurgery, TreatmentKind::Radiotherapy] {
                        let treated = |end, running| Some(Treated { kind, start: at, end, running });
                        let all = [treated(Some(at), false), treated(None, true), None];
                        for (since, answered) in all.into_iter().flat_map(|it| [(it, true), (it, false)]) {
                            fits(&Headline::AskNewOrWorse { since, answered });
                        }
                    }
                }
            }
        }
    }
}
