//! The rows of the worklist page: what one card asks of one patient is one row, with its evidence folded.

use super::moment;
use super::tables::{name, said};
use super::worklist::encoded;
use crate::worklist::Line;
use chrono_tz::Tz;
use indexmap::{IndexMap, IndexSet};
use maud::{Markup, html};

/// The lines of one patient that say one sentence, in the order of the first of each.
pub(super) fn grouped(lines: &[Line]) -> Vec<Vec<&Line>> {
    let mut all: IndexMap<_, Vec<&Line>> = IndexMap::new();
    for line in lines {
        let change = line.change.map(|change| change.name());
        all.entry((&line.patient, &line.summary, &line.deadline, change)).or_default().push(line);
    }
    all.into_values().collect()
}

/// One row, for lines that say one sentence; `file` is the worklist that they stand in.
pub(super) fn row(same: &[&Line], file: &str) -> Markup {
    let Some(line) = same.first() else { return html! {} };
    let others = same.len() - 1;
    let facts: IndexSet<&String> = same.iter().flat_map(|line| &line.facts).collect();
    let missing: IndexSet<String> = same.iter().flat_map(|line| &line.missing).map(|it| name(it)).collect();
    let missing: Vec<String> = missing.into_iter().collect();
    html! {
        tr data-overdue[line.overdue] {
            td.due {
                @if let Some(deadline) = &line.deadline {
                    time datetime=(deadline) { (moment::for_people(deadline, Tz::UTC)) }
                    @if line.overdue { " " strong { "overdue" } }
                } @else { "no deadline" }
                @if let Some(change) = line.change { " " span.change { (change.name()) } }
            }
            th scope="row" { (line.patient) }
            td.what {
                p.expected data-indicator=(line.indicator) {
                    span.unseen { (line.indicator) ": " }
                    (if line.summary.is_empty() { &line.code } else { &line.summary })
                }
                @if others > 0 { p.about { "and " (others) " more" } }
                details {
                    summary { "Evidence" }
                    @if !facts.is_empty() { ul { @for told in &facts { (fact(told)) } } }
                    @for one in same { (code(one, file)) }
                }
            }
            td.missing { (missing.join(", ")) }
        }
    }
}

/// The recommendation code of a line, which leads to all lines that have it, and its row.
fn code(line: &Line, file: &str) -> Markup {
    let by_code = format!("/worklist?file={}&code={}", encoded(file), encoded(&line.code));
    html! {
        p.meta { a href=(by_code) { code { (line.code) } } " " span.name { (line.row) } }
    }
}

/// A fact in words; from which record is said where one points at it.
fn fact(told: &str) -> Markup {
    let (fact, rest) = told.split_once('=').unwrap_or((told, ""));
    let (value, reference, date) = parts(rest);
    html! {
        li title=[reference] {
            (said(fact, value))
            @if let Some(date) = date { span.when { " · " (moment::for_people(date, Tz::UTC)) } }
        }
    }
}

/// Value, `Type/id` and date of `value (Type/id, date)`; each of the two may be absent.
fn parts(told: &str) -> (&str, Option<&str>, Option<&str>) {
    let origin = told.strip_suffix(')').and_then(|it| it.rsplit_once(" ("));
    let is_date = |it: &&str| moment::for_people(it, Tz::UTC) != **it || it.parse::<u16>().is_ok();
    let is_reference = |it: &&str| it.contains('/') && !it.contains(' ');
    let Some((value, origin)) = origin else { return (told, None, None) };
    match origin.split_once(", ") {
        Some((reference, date)) if is_reference(&reference) => (value, Some(reference), Some(date)),
        None if is_date(&origin) => (value, None, Some(origin)),
        None if is_reference(&origin) => (value, Some(origin), None),
        _ => (told, None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_one_row_and_its_codes_are_folded() {
        let line = |patient: &str, code: &str| Line {
            patient: patient.to_owned(),
            code: code.to_owned(),
            row: "table/1".to_owned(),
            summary: "MRI by today".to_owned(),
            facts: vec!["local_back_pain=back or neck pain (Condition/c, 2026-04-28)".to_owned()],
            missing: vec!["escc".to_owned()],
            ..Line::default()
        };
        let lines = [line("a", "one"), line("b", "one"), line("a", "two"), line("a", "three")];
        let rows = grouped(&lines);
        assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
        let html = row(&rows[0], "f.csv").into_string();
        let (shown, folded) = html.split_once("<details>").unwrap();
        assert!(shown.contains("MRI by today") && shown.contains("and 2 more") && !shown.contains("one"));
        assert!(folded.contains("code=three") && folded.contains("table/1"));
        assert_eq!(folded.matches("<li").count(), 1, "the same fact once: {folded}");
        assert!(folded.contains("title=\"Condition/c\"") && folded.contains("28 Apr 2026"), "{folded}");
        assert!(folded.contains("Back or neck pain") && folded.contains("Epidural compression grade (ESCC)"));
    }

    #[test]
    fn a_value_keeps_its_own_brackets() {
        assert_eq!(parts("6 (T8)"), ("6 (T8)", None, None));
        assert_eq!(parts("6 (T8) (Observation/s)"), ("6 (T8)", Some("Observation/s"), None));
        assert_eq!(parts("yes (2026-04)"), ("yes", None, Some("2026-04")));
        assert_eq!(parts("yes (2026-04-28T10:00:00Z)").2, Some("2026-04-28T10:00:00Z"));
        assert_eq!(parts("yes"), ("yes", None, None));
    }
}
