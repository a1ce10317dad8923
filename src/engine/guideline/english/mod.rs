//! The words of a card, in English: all of them, and nothing else makes any.
//!
//! An [`Advice`] comes as values ([`super::say`]); here they become its first line, its detail and its buttons. Numbers in a
//! sentence are the constants that decide. Text from the record is escaped here, once. Deliberately absent: decisions.
//! No deciding module may use this one (`tests/conventions.rs`).

mod acts;
mod buttons;
mod choice;
mod done;
mod escape;
mod facts;
pub(super) mod first_line;
mod gaps;
mod names;
mod order_line;
mod place;
mod stability_act;
mod standing;
mod times;

use super::advice::{Advice, FactUsed, Group};
use super::say::{Act, Value};
use crate::domain::{Site, When};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub(super) use buttons::scheme;
pub use buttons::{
    alternatives, answer, asks, clear, label, make_whole, note, order_mri, order_region, question, record,
    refer_to, remove, set,
};
pub use names::reason;
pub(super) use names::{sign, window};
pub use standing::{Grade, ScoredLesion, Standing, location_of, mirels_standing, sins_standing};

/// Most characters of a summary (requirement C-2).
pub const SUMMARY_LENGTH: usize = 139;

/// Most characters of a detail (guideline.md section 4).
pub const DETAIL_LENGTH: usize = 1_200;

/// What stands before a first line where goals of care are asked first.
const GOALS_OF_CARE: &str = "Ask goals of care first. ";

/// Most lines of "Not known".
const GAPS: usize = 4;

/// Who reads, and when: times are said in the zone of the facility and against the present.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// The facility.
    pub site: &'a Site,
    /// The clock.
    pub now: DateTime<Utc>,
}

impl Reader<'_> {
    /// The zone of every time.
    pub(super) const fn zone(&self) -> Tz {
        self.site.time_zone
    }
}

/// The first line of a card. The exhaustive check holds that it fits; cutting it is the last resort.
pub fn summary(advice: &Advice, reader: &Reader<'_>) -> String {
    cut(uncut_summary(advice, reader), SUMMARY_LENGTH)
}

/// The first line as it is made: by its shortest form, where none fits.
pub(super) fn uncut_summary(advice: &Advice, reader: &Reader<'_>) -> String {
    let first = if advice.acts.contains(&Act::GoalsOfCare) { GOALS_OF_CARE } else { "" };
    let room = SUMMARY_LENGTH - first.len();
    let line = first_line::first_line(&advice.headline, reader, room);
    let too = advice.folded.iter().find_map(|folded| choice::preferred_too(&advice.headline, folded));
    let fits = |line: &String| line.chars().count() <= room;
    let line = too.map(|too| format!("{line}; {too}")).filter(fits).unwrap_or(line);
    // A bone that may break is in sight, where nothing else of the line gives way to it.
    let bone = choice::beside(&advice.headline);
    let with_bone = bone.iter().map(|bone| format!("{line}; {bone}")).find(fits);
    format!("{first}{}", with_bone.unwrap_or(line))
}

fn cut(text: String, length: usize) -> String {
    if text.chars().count() <= length {
        return text;
    }
    text.chars().take(length - 1).chain(std::iter::once('…')).collect()
}

/// The text of a card, in GitHub Flavored Markdown. What is too long for it loses facts, and says how many.
pub fn detail(advice: &Advice, reader: &Reader<'_>) -> String {
    let acts::Lines { mut to_do, call, notes } =
        acts::lines(&advice.acts, advice.group == Group::Emergency, reader);
    let done = advice.done.as_ref().map(|done| done::lines(done, reader)).unwrap_or_default();
    // What each row rests on first stands before the rest of any: what has no room is cut from the end.
    let first = advice.recommendations.iter().filter_map(|it| it.facts.first());
    let facts = first.chain(advice.recommendations.iter().flat_map(|it| &it.facts));
    // What was done says these already.
    let facts = facts.filter(|used| advice.done.is_none() || !done::says(used));
    // Who is called already is told what else is asked of him, and not called twice.
    let called = call.and_then(|place| to_do.get_mut(place));
    let told = advice.folded.iter().find_map(choice::told_on_the_call);
    let is_told = called.is_some() && told.is_some();
    if let (Some(line), Some(told)) = (called, told) {
        line.push_str(&format!(" {told}"));
    }
    let left = advice.folded.iter().filter(|it| {
        let is_said = choice::preferred_too(&advice.headline, it).is_some();
        !is_said && (!is_told || choice::told_on_the_call(it).is_none())
    });
    let folded = left.map(|headline| first_line::first_line(headline, reader, SUMMARY_LENGTH));
    let mut folded: Vec<String> = folded.collect();
    // The act of a card that folded into this one is an act of this one, where there is room and no line says it already.
    let act = |line: &str| line.split([':', ',', '(', ';', '.']).next().unwrap_or_default().to_owned();
    let acts: Vec<String> =
        folded.extract_if(.., |line| !to_do.iter().any(|done| act(done) == act(line))).collect();
    let room = acts::MOST.saturating_sub(to_do.len());
    to_do.extend(acts.iter().take(room).map(|line| format!("{line}.")));
    folded.extend(acts.into_iter().skip(room));
    // The numbers of records come first: what has no room is cut from the end.
    let more = advice.more.iter().map(|more| facts::more_records(more, reader));
    let facts = folded.into_iter().chain(more).chain(facts::lines(facts, reader)).collect();
    let source = vec![buttons::statements(&advice.recommendations).join(", ")];
    let acts_and_source: usize =
        [&to_do, &done, &source].into_iter().map(|lines| length(lines)).sum::<usize>() + HEADINGS;
    // Acts, what was done and the source stay whole; what is not known gives way before them, and the reasons before that.
    let room = DETAIL_LENGTH.saturating_sub(acts_and_source + LEAST_WHY);
    let gaps = fitting_gaps(&gaps::lines(&advice.gaps, reader), room);
    let notes = if length(&notes) + length(&gaps) <= room { notes } else { Vec::new() };
    let around = acts_and_source + length(&gaps) + length(&notes);
    let why = [fitting(facts, DETAIL_LENGTH.saturating_sub(around)), notes].concat();
    let sections =
        [("Do now", to_do), ("Done so far", done), ("Why", why), ("Not known", gaps), ("Source", source)];
    let text = sections.iter().filter_map(|(title, lines)| section(title, lines)).collect::<Vec<_>>();
    cut(text.join("\n\n"), DETAIL_LENGTH)
}

/// The text of a critical card that was answered and is shown in short: what to do, and until when the rest is left out.
pub fn brief_detail(
    advice: &Advice,
    answered: DateTime<Utc>,
    until: DateTime<Utc>,
    reader: &Reader<'_>,
) -> String {
    let to_do = acts::lines(&advice.acts, advice.group == Group::Emergency, reader).to_do;
    let (answered, until) = (reader.moment(answered), reader.moment_and_zone(until));
    let short = vec![format!(
        "Answered {answered} with a reason. Whole again {until}, or when anything is new or worse"
    )];
    let sections = [("Do now", to_do), ("In short", short)];
    let text = sections.iter().filter_map(|(title, lines)| section(title, lines)).collect::<Vec<_>>();
    cut(text.join("\n\n"), DETAIL_LENGTH)
}

/// Characters that are kept for the reasons: their number at least.
const LEAST_WHY: usize = 20;

/// Characters of lines in a list.
fn length(lines: &[String]) -> usize {
    lines.iter().map(|line| line.chars().count() + 3).sum()
}

/// As much of what is not known as there is room for, and how much more there is.
fn fitting_gaps(lines: &[String], room: usize) -> Vec<String> {
    let shown = (0..=GAPS).rev().map(|most| counted(lines.to_vec(), most));
    shown.into_iter().find(|shown| length(shown) <= room).unwrap_or_default()
}

/// Characters of the headings and the empty lines around them.
const HEADINGS: usize = 90;

/// As many of the lines as there is room for, and how many more there are.
fn fitting(lines: Vec<String>, room: usize) -> Vec<String> {
    let mut left = room;
    let fit = lines.iter().take_while(|line| {
        let needs = line.chars().count() + 3;
        let fits = needs + 20 <= left;
        left = left.saturating_sub(needs);
        fits
    });
    let fit = fit.count();
    counted(lines, fit)
}

/// The first lines, and how many more there are.
fn counted(mut lines: Vec<String>, most: usize) -> Vec<String> {
    let more = lines.len().saturating_sub(most);
    if more > 0 {
        lines.truncate(most);
        lines.push(format!("{more} more {}", if more == 1 { "line" } else { "lines" }));
    }
    lines
}

/// A heading with its lines, without repeats; `None` without lines.
fn section(title: &str, lines: &[String]) -> Option<String> {
    let mut items: Vec<String> = Vec::new();
    for line in lines {
        let item = format!("- {line}");
        if !items.contains(&item) {
            items.push(item);
        }
    }
    (!items.is_empty()).then(|| format!("**{title}**\n\n{}", items.join("\n")))
}

/// The value of a fact, for a rationale.
pub fn value(used: &FactUsed, zone: Tz) -> String {
    facts::value(&used.value, &|when| when.for_people(zone))
}

/// The same with its dates as `date` writes them: every other word is of ours, nothing of it is from the record.
pub fn value_dated(of: &Value, date: &dyn Fn(When) -> String) -> String {
    facts::value(of, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_never_exceeds_its_length_in_characters() {
        assert_eq!(cut("short".to_owned(), SUMMARY_LENGTH), "short");
        assert_eq!(cut("ü".repeat(200), SUMMARY_LENGTH).chars().count(), SUMMARY_LENGTH);
        let exact = "x".repeat(SUMMARY_LENGTH);
        assert_eq!(cut(exact.clone(), SUMMARY_LENGTH), exact);
    }

    #[test]
    fn what_is_not_known_gives_way_line_by_line() {
        let lines: Vec<String> = (0..7).map(|_| "x".repeat(100)).collect();
        for room in 0..600 {
            let shown = fitting_gaps(&lines, room);
            assert!(length(&shown) <= room, "{room}");
            assert_eq!(shown.is_empty(), room < "7 more lines".len() + 3, "{room}");
        }
        assert_eq!(fitting_gaps(&lines, 600).len(), GAPS + 1);
        assert_eq!(fitting_gaps(&lines[..2], 600), lines[..2]);
    }

    #[test]
    fn facts_that_have_no_room_are_counted() {
        let lines = || vec!["x".repeat(40); 5];
        assert_eq!(fitting(lines(), 1_000), lines());
        assert_eq!(fitting(lines(), 110), [&lines()[..2], &["3 more lines".to_owned()]].concat());
    }
}
