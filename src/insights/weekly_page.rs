//! The weekly part of the page: cards by row, shifts, and the cases of shadow mode with their buttons.

use super::page::{ENOUGH, TOO_FEW, close_table, heading, open_table};
use super::{CaseLine, Insights, Interval};
use crate::guideline::page::escape;
use crate::store::Judged;
use std::fmt::Write;

pub(super) fn write(out: &mut String, insights: &Insights) -> std::fmt::Result {
    let weeks = &insights.weeks;
    if weeks.calls.is_empty() {
        return Ok(());
    }
    if weeks.calls.iter().any(|it| it.shadow) {
        writeln!(
            out,
            "<p><strong>Shadow mode:</strong> cards marked \"not shown\" were shown to nobody.</p>"
        )?;
    }
    rows(out, insights)?;
    shifts(out, insights)?;
    calls(out, insights)?;
    cases(out, insights)
}

const fn shown(shadow: bool) -> &'static str {
    if shadow { "not shown" } else { "shown" }
}

fn percent(share: Option<Interval>) -> String {
    let text =
        |it: Interval| format!("{:.1} % ({:.1} to {:.1})", it.rate * 100.0, it.low * 100.0, it.high * 100.0);
    share.map(text).unwrap_or_default()
}

fn rows(out: &mut String, insights: &Insights) -> std::fmt::Result {
    heading(out, "rows", "Cards by row")?;
    const WORDS: [&str; 3] = ["Service", "Row", "Shown"];
    const NUMBERS: [&str; 6] =
        ["Cards", "For 1,000 calls", "First seen", "With a deadline", "Passed by then", "Passed (95 %)"];
    open_table(out, "rows", &WORDS, &NUMBERS)?;
    for row in &insights.weeks.rows {
        write!(
            out,
            "<tr><td>{}</td><th scope=\"row\">{}</th><td>{}</td>",
            row.service,
            escape(&row.row),
            shown(row.shadow)
        )?;
        write!(
            out,
            "<td class=\"number\">{}</td><td class=\"number\">{:.1}</td>",
            row.cards, row.per_thousand_calls
        )?;
        for number in [row.first, row.with_deadline, row.overdue] {
            write!(out, "<td class=\"number\">{number}</td>")?;
        }
        let passed = if row.overdue_share.is_some() && row.with_deadline < ENOUGH {
            TOO_FEW.to_owned()
        } else {
            percent(row.overdue_share)
        };
        writeln!(out, "<td class=\"number\">{passed}</td></tr>")?;
    }
    close_table(out)
}

fn shifts(out: &mut String, insights: &Insights) -> std::fmt::Result {
    heading(out, "shifts", "What changed")?;
    if insights.weeks.shifts.is_empty() {
        return writeln!(
            out,
            "<p>No week differs from the weeks before it by more than chance and the usual differences between weeks.</p>\n</section>"
        );
    }
    open_table(
        out,
        "shifts",
        &["Week of", "Service", "What", "Name"],
        &["For 1,000 calls before", "In this week", "Standard errors"],
    )?;
    for it in &insights.weeks.shifts {
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><th scope=\"row\">{}</th><td class=\"number\">{:.1}</td><td class=\"number\">{:.1}</td><td class=\"number\">{:+.1}</td></tr>",
            it.week,
            it.service,
            it.what,
            escape(&it.name),
            it.before,
            it.now,
            it.standard_errors
        )?;
    }
    close_table(out)
}

fn calls(out: &mut String, insights: &Insights) -> std::fmt::Result {
    heading(out, "calls", "Calls week by week")?;
    open_table(out, "calls", &["Week of", "Service", "Cards"], &["Answered", "Chart read"])?;
    for it in &insights.weeks.calls {
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>",
            it.week,
            it.service,
            shown(it.shadow),
            it.answered,
            it.read
        )?;
    }
    close_table(out)
}

fn cases(out: &mut String, insights: &Insights) -> std::fmt::Result {
    if insights.cases.is_empty() {
        return Ok(());
    }
    let judged = insights.judged;
    heading(out, "cases", "Cases to judge")?;
    writeln!(
        out,
        "<p>A sample of the cards of shadow mode, without the patient: {} wait, {} right, {} wrong, {} from which it cannot be told. Right of right and wrong: {}.</p>",
        judged.open,
        judged.right,
        judged.wrong,
        judged.cannot_tell,
        percent(judged.right_share)
    )?;
    open_table(
        out,
        "cases",
        &["Week of", "Recommendations", "Urgency", "Facts", "Missing", "Times", "Judged"],
        &[],
    )?;
    for case in &insights.cases {
        one(out, case)?;
    }
    close_table(out)
}

fn one(out: &mut String, line: &CaseLine) -> std::fmt::Result {
    let listed =
        |items: &[String]| items.iter().map(|it| escape(it).to_string()).collect::<Vec<_>>().join("<br>");
    let case = &line.case;
    let late = if case.overdue == Some(true) { ", deadline passed" } else { "" };
    write!(
        out,
        "<tr><td>{}</td><th scope=\"row\">{}</th><td>{}{late}</td><td>{}</td><td>{}</td><td class=\"number\">{}</td><td>{}<form method=\"post\">",
        line.week,
        listed(&case.recommendations),
        escape(&case.indicator),
        listed(&case.facts),
        listed(&case.missing),
        line.times,
        line.judged.unwrap_or_default()
    )?;
    for judged in Judged::ALL {
        let name = judged.name();
        write!(
            out,
            "<button formaction=\"insights/cases/{}/{name}\">{}</button>",
            escape(&line.id),
            name.replace('-', " ")
        )?;
    }
    writeln!(out, "</form></td></tr>")
}
