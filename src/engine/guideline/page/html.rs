//! The page as one HTML document: no script, no outside reference, readable on paper and in the dark.

use super::{Decision, Page, PrintedRow, READING, anchor};
use crate::guideline::Fact;
use std::fmt::Write;

/// The style of the page.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:80rem;margin:0 auto;padding:1rem;overflow-wrap:break-word}\
.wide{overflow-x:auto}\
table{border-collapse:collapse;width:100%;font-size:.9rem}\
th,td{border:1px solid GrayText;padding:.3rem .5rem;text-align:left;vertical-align:top}\
thead th{border-bottom-width:2px}\
tbody th{white-space:nowrap;font-weight:600}\
summary{cursor:pointer;padding:.3rem 0}\
summary h2{display:inline}\
:target{outline:3px solid Highlight;outline-offset:2px}\
@media print{details::details-content{content-visibility:visible;height:auto}\
body{max-width:none;padding:0}.wide{overflow:visible}nav{display:none}tr{break-inside:avoid}\
thead{display:table-header-group}a{color:inherit;text-decoration:none}}";

/// SHA-256 of the style, as a Content-Security-Policy names it.
pub const STYLE_HASH: &str = "sha256-ZsH7bZ3fc83Xj3u7GqkI8noedy+3TMk2uMxnv1WH4ag=";

/// Writes the page. Writing to a string does not fail.
pub(super) fn html(page: &Page) -> String {
    let mut out = String::new();
    let _ = write_page(&mut out, page);
    out
}

fn write_page(out: &mut String, page: &Page) -> std::fmt::Result {
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Spinal metastases: the guideline as the service decides it</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>The guideline as the service decides it</h1>\n\
         <p>Decisions {}. Source of the statements: “Treatment for Spinal Metastases (guideline summary)”.</p>\n</header>\n",
        escape(page.guideline_version)
    )?;
    writeln!(out, "<nav aria-label=\"Contents\">\n<ul>\n<li><a href=\"#statements\">Statements</a></li>")?;
    for decision in &page.decisions {
        writeln!(out, "<li><a href=\"#{}\">{}</a></li>", decision.anchor, escape(decision.title))?;
    }
    writeln!(out, "<li><a href=\"#about\">About this source</a></li>\n</ul>\n</nav>\n<main>")?;

    write_statements(out, page)?;
    for principle in &page.principles {
        heading(out, principle.anchor, principle.title)?;
        for line in &principle.says {
            writeln!(out, "<p>{}</p>", escape(line))?;
        }
        writeln!(out, "</section>")?;
    }
    writeln!(out, "<p>Every decision looks at: {}.</p>", names(page.looks_at_always))?;

    for decision in &page.decisions {
        heading(out, decision.anchor, decision.title)?;
        writeln!(out, "<p>{}</p>", escape(decision.read))?;
        let columns =
            ["Row", "Holds when", "What", "Code", "Indicator", "Time, order, referral", "Statements"];
        open_table(out, decision.anchor, &columns)?;
        let mut last = "";
        for row in &decision.rows {
            write_row(out, row, row.id != last)?;
            last = row.id;
        }
        writeln!(out, "</tbody>\n</table>\n</div>")?;
        write_notes(out, decision)?;
        writeln!(out, "</section>")?;
    }
    write_about(out, page)?;
    writeln!(out, "</main>\n</body>\n</html>")
}

fn write_statements(out: &mut String, page: &Page) -> std::fmt::Result {
    heading(out, "statements", "Statements")?;
    open_table(out, "statements", &["Id", "Statement", "Rows"])?;
    for statement in &page.statements {
        let rows: Vec<String> =
            statement.rows.iter().map(|id| format!("<a href=\"#{}\">{id}</a>", anchor(id))).collect();
        writeln!(
            out,
            "<tr id=\"{0}\"><th scope=\"row\">{0}</th><td>{1}</td><td>{2}</td></tr>",
            statement.id,
            escape(statement.says),
            rows.join(", ")
        )?;
    }
    writeln!(out, "</tbody>\n</table>\n</div>\n</section>")
}

/// What else belongs to a decision: how its text is read and at what it looks are folded.
fn write_notes(out: &mut String, decision: &Decision) -> std::fmt::Result {
    let (readings, others): (Vec<&str>, Vec<&str>) =
        decision.notes.iter().map(String::as_str).partition(|note| note.starts_with(READING));
    let list = |out: &mut String, notes: &[&str]| {
        let items = notes.iter().map(|note| format!("<li>{}</li>", escape(note)));
        writeln!(out, "<ul>\n{}\n</ul>", items.collect::<Vec<_>>().join("\n"))
    };
    if !others.is_empty() {
        list(out, &others)?;
    }
    if !readings.is_empty() {
        let said: Vec<&str> = readings.iter().filter_map(|note| note.strip_prefix(READING)).collect();
        writeln!(out, "<details>\n<summary>How the text is read ({})</summary>", said.len())?;
        list(out, &said)?;
        writeln!(out, "</details>")?;
    }
    let looks_at = &decision.looks_at;
    writeln!(
        out,
        "<details>\n<summary>What it looks at ({})</summary>\n<p>{}.</p>\n</details>",
        looks_at.len(),
        names(looks_at)
    )
}

/// What the guideline is, folded. The anchor stands inside, since a browser unfolds what holds the target of a link.
fn write_about(out: &mut String, page: &Page) -> std::fmt::Result {
    writeln!(
        out,
        "<section>\n<details>\n<summary><h2 id=\"about-title\">About this source</h2></summary>\n<div id=\"about\">"
    )?;
    open_table(out, "about-title", &["Asked", "Answer"])?;
    for attribute in &page.about {
        let decisions: Vec<String> =
            attribute.decisions.iter().map(|it| format!("<a href=\"#{it}\">{it}</a>")).collect();
        write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}",
            escape(attribute.name),
            escape(&attribute.says.replace('`', ""))
        )?;
        if !attribute.facts.is_empty() {
            write!(out, "<br>Facts: {}", names(attribute.facts))?;
        }
        if !decisions.is_empty() {
            write!(out, "<br>Decisions: {}", decisions.join(", "))?;
        }
        writeln!(out, "</td></tr>")?;
    }
    writeln!(out, "</tbody>\n</table>\n</div>\n</div>\n</details>\n</section>")
}

fn heading(out: &mut String, anchor: &str, title: &str) -> std::fmt::Result {
    writeln!(out, "<section>\n<h2 id=\"{anchor}\">{}</h2>", escape(title))
}

/// Opens a table that may be wider than the screen; it is named by its heading.
fn open_table(out: &mut String, heading: &str, columns: &[&str]) -> std::fmt::Result {
    writeln!(
        out,
        "<div class=\"wide\" role=\"region\" aria-labelledby=\"{heading}\" tabindex=\"0\">\n<table>\n<thead>\n<tr>"
    )?;
    for column in columns {
        write!(out, "<th scope=\"col\">{}</th>", escape(column))?;
    }
    writeln!(out, "</tr>\n</thead>\n<tbody>")
}

fn write_row(out: &mut String, row: &PrintedRow, first: bool) -> std::fmt::Result {
    let id = if first { format!(" id=\"{}\"", anchor(row.id)) } else { String::new() };
    let statements: Vec<String> =
        row.statements.iter().map(|id| format!("<a href=\"#{id}\">{id}</a>")).collect();
    writeln!(
        out,
        "<tr{id}><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
        row.id,
        escape(&row.holds),
        escape(row.what),
        row.code,
        escape(&row.indicator),
        escape(&row.offers),
        statements.join(", ")
    )
}

fn names(facts: &[Fact]) -> String {
    facts.iter().map(|fact| format!("<code>{}</code>", fact.name())).collect::<Vec<_>>().join(", ")
}

/// Text as HTML shows it, in an element or in a quoted attribute.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_policy_allows_this_style_and_no_other() {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE));
        assert_eq!(STYLE_HASH, format!("sha256-{hash}"));
    }

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escape("a < b & \"c\""), "a &lt; b &amp; &quot;c&quot;");
    }
}
