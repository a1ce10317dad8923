//! The page as Markdown.

use super::{Page, PrintedRow, anchor};
use crate::guideline::Fact;
use std::fmt::Write;

/// Writes the page. Writing to a string does not fail.
pub(super) fn markdown(page: &Page) -> String {
    let mut out = String::new();
    let _ = write_page(&mut out, page);
    out
}

fn write_page(out: &mut String, page: &Page) -> std::fmt::Result {
    writeln!(out, "# The guideline as the service decides it\n")?;
    writeln!(
        out,
        "Generated from the constants that decide; do not edit. Decisions {}. Source of the statements: \"Treatment for Spinal Metastases (guideline summary)\".\n",
        page.guideline_version
    )?;
    writeln!(out, "- [What it is](#about)")?;
    for decision in &page.decisions {
        writeln!(out, "- [{}](#{})", decision.title, decision.anchor)?;
    }
    writeln!(out, "- [Statements](#statements)")?;

    heading(out, "about", "What it is")?;
    write_about(out, page)?;

    for principle in &page.principles {
        heading(out, principle.anchor, principle.title)?;
        for line in &principle.says {
            writeln!(out, "{line}\n")?;
        }
    }
    writeln!(out, "Every decision looks at: {}.", names(page.looks_at_always))?;

    for decision in &page.decisions {
        heading(out, decision.anchor, decision.title)?;
        writeln!(out, "{}\n", decision.read)?;
        writeln!(out, "| row | holds when | what | code | indicator | time, order, referral | statements |")?;
        writeln!(out, "|---|---|---|---|---|---|---|")?;
        let mut last = "";
        for row in &decision.rows {
            write_row(out, row, row.id != last)?;
            last = row.id;
        }
        writeln!(out)?;
        for note in &decision.notes {
            writeln!(out, "- {note}")?;
        }
        writeln!(out, "- Looks at: {}.", names(&decision.looks_at))?;
    }

    heading(out, "statements", "Statements")?;
    writeln!(out, "| id | statement | rows |\n|---|---|---|")?;
    for statement in &page.statements {
        let rows: Vec<String> = statement.rows.iter().map(|id| format!("[{id}](#{})", anchor(id))).collect();
        writeln!(
            out,
            "| <a id=\"{0}\"></a>{0} | {1} | {2} |",
            statement.id,
            statement.says,
            rows.join(", ")
        )?;
    }
    Ok(())
}

/// What the guideline is, alone.
pub(super) fn about(page: &Page) -> String {
    let mut out = String::new();
    let _ = write_about(&mut out, page);
    out
}

fn write_about(out: &mut String, page: &Page) -> std::fmt::Result {
    writeln!(out, "| asked | answer | facts | decisions |\n|---|---|---|---|")?;
    for attribute in &page.about {
        let (facts, decisions) = (names(attribute.facts), attribute.decisions.join(", "));
        writeln!(out, "| {} | {} | {facts} | {decisions} |", attribute.name, attribute.says)?;
    }
    Ok(())
}

fn heading(out: &mut String, anchor: &str, title: &str) -> std::fmt::Result {
    writeln!(out, "\n<a id=\"{anchor}\"></a>\n\n## {title}\n")
}

fn write_row(out: &mut String, row: &PrintedRow, first: bool) -> std::fmt::Result {
    let id = if first { format!("<a id=\"{}\"></a>{}", anchor(row.id), row.id) } else { row.id.to_owned() };
    let statements: Vec<String> = row.statements.iter().map(|id| format!("[{id}](#{id})")).collect();
    writeln!(
        out,
        "| {id} | {} | {} | `{}` | {} | {} | {} |",
        row.holds,
        row.what,
        row.code,
        row.indicator,
        row.offers,
        statements.join(", ")
    )
}

fn names(facts: &[Fact]) -> String {
    facts.iter().map(|fact| format!("`{}`", fact.name())).collect::<Vec<_>>().join(", ")
}
