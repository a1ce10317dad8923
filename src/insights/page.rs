//! The report as one HTML document: no script, no outside reference, readable on paper and in the dark.

use super::{Insights, Line, plot, weekly_page};
use crate::guideline::page::escape;
use std::fmt::Write;

/// The style of the page.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:80rem;margin:0 auto;padding:1rem}\
.wide{overflow-x:auto}\
table{border-collapse:collapse;width:100%;font-size:.9rem}\
th,td{border:1px solid GrayText;padding:.3rem .5rem;text-align:left;vertical-align:top}\
thead th{border-bottom-width:2px}\
tbody th{font-weight:600}\
td.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
form{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end}\
svg{width:100%;max-width:60rem;height:auto;font-size:12px;fill:currentColor}\
.grid{stroke:GrayText;stroke-width:.5}\
.interval{stroke:currentColor;stroke-width:2}\
@media print{body{max-width:none;padding:0}.wide{overflow:visible}form,nav{display:none}tr{break-inside:avoid}\
thead{display:table-header-group}}";

/// SHA-256 of the style, as a Content-Security-Policy names it.
pub const STYLE_HASH: &str = "sha256-MVRJvvhH8ewXodN8uDXhQ+eEQ8wcu9jwKZVc2XbIPFk=";

/// Writes the page. Writing to a string does not fail.
pub(super) fn html(insights: &Insights) -> String {
    let mut out = String::new();
    let _ = write_page(&mut out, insights);
    out
}

fn write_page(out: &mut String, insights: &Insights) -> std::fmt::Result {
    let (from, to) = (insights.from, insights.to);
    let version = insights.version.as_deref().unwrap_or_default();
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Spinal metastases: what became of the cards</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n\
         <h1>What became of the cards</h1>\n<p>{from} to {to}{}. {}</p>\n</header>\n",
        if version.is_empty() { String::new() } else { format!(", decisions {}", escape(version)) },
        escape(insights.note)
    )?;
    write!(
        out,
        "<form method=\"get\" action=\"insights\">\n\
         <label>First day <input type=\"date\" name=\"from\" value=\"{from}\"></label>\n\
         <label>Last day <input type=\"date\" name=\"to\" value=\"{to}\"></label>\n\
         <label>Version <input name=\"version\" value=\"{0}\" placeholder=\"all\" size=\"8\"></label>\n\
         <label>Client <input name=\"client\" value=\"{1}\" placeholder=\"all\" size=\"16\"></label>\n\
         <button>Show</button>\n</form>\n\
         <nav aria-label=\"Other forms\"><p>The same as <a href=\"insights?from={from}&amp;to={to}&amp;version={0}&amp;client={1}&amp;format=csv\">CSV</a> \
         or <a href=\"insights?from={from}&amp;to={to}&amp;version={0}&amp;client={1}&amp;format=json\">JSON</a>.</p></nav>\n<main>\n",
        escape(version),
        escape(insights.client.as_deref().unwrap_or_default())
    )?;
    if insights.total.is_empty() {
        writeln!(out, "<p>No card was shown in this period.</p>")?;
    } else {
        heading(out, "acceptance", "Acceptance")?;
        plot::plot(out, &insights.total)?;
        writeln!(out, "</section>")?;
        heading(out, "total", "The whole period")?;
        table(out, "total", &insights.total, false)?;
        reasons(out, insights)?;
        heading(out, "months", "Month by month")?;
        table(out, "months", &insights.months, true)?;
    }
    if let Some(answers) = insights.remembered_answers {
        writeln!(
            out,
            "<p>Answers that keep a card away for a while, or did: {answers}. A card that is away is not shown, and not counted as shown.</p>"
        )?;
    }
    weekly_page::write(out, insights)?;
    writeln!(
        out,
        "<p>Feedback on ids that are not ours, any version: {}. It is counted and nothing of it is kept.</p>\n\
         </main>\n</body>\n</html>",
        insights.unknown_cards
    )
}

pub(super) fn heading(out: &mut String, anchor: &str, title: &str) -> std::fmt::Result {
    writeln!(out, "<section>\n<h2 id=\"{anchor}\">{title}</h2>")
}

/// Opens a table that may be wider than the screen; it is named by its heading.
pub(super) fn open_table(out: &mut String, heading: &str, columns: &[&str]) -> std::fmt::Result {
    writeln!(
        out,
        "<div class=\"wide\" role=\"region\" aria-labelledby=\"{heading}\" tabindex=\"0\">\n<table>\n<thead>\n<tr>"
    )?;
    for column in columns {
        write!(out, "<th scope=\"col\">{}</th>", escape(column))?;
    }
    writeln!(out, "</tr>\n</thead>\n<tbody>")
}

pub(super) fn close_table(out: &mut String) -> std::fmt::Result {
    writeln!(out, "</tbody>\n</table>\n</div>\n</section>")
}

fn table(out: &mut String, anchor: &str, lines: &[Line], by_month: bool) -> std::fmt::Result {
    let counts =
        ["Recommendation", "Version", "Shown", "Accepted", "Overridden", "Not answered", "Acceptance (95 %)"];
    let columns: Vec<&str> = by_month.then_some("Days").into_iter().chain(counts).collect();
    open_table(out, anchor, &columns)?;
    for line in lines {
        write!(out, "<tr>")?;
        if by_month {
            write!(out, "<td>{} to {}</td>", line.from, line.to)?;
        }
        write!(
            out,
            "<th scope=\"row\">{}</th><td>{}</td>",
            escape(&line.recommendation),
            escape(&line.version)
        )?;
        for number in [line.shown, line.accepted, line.overridden, line.not_answered] {
            write!(out, "<td class=\"number\">{number}</td>")?;
        }
        let acceptance = line.acceptance.map_or_else(String::new, |it| {
            format!("{:.1} % ({:.1} to {:.1})", it.rate * 100.0, it.low * 100.0, it.high * 100.0)
        });
        writeln!(out, "<td class=\"number\">{acceptance}</td></tr>")?;
    }
    close_table(out)
}

fn reasons(out: &mut String, insights: &Insights) -> std::fmt::Result {
    let reasons = insights.reasons();
    if reasons.is_empty() {
        return Ok(());
    }
    heading(out, "reasons", "Why cards were overridden")?;
    let columns: Vec<&str> =
        ["Recommendation", "Version"].into_iter().chain(reasons.keys().copied()).collect();
    open_table(out, "reasons", &columns)?;
    for line in insights.total.iter().filter(|line| line.overridden > 0) {
        write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td>",
            escape(&line.recommendation),
            escape(&line.version)
        )?;
        for reason in reasons.keys() {
            let cards = line.reasons.get(*reason).copied().unwrap_or_default();
            write!(out, "<td class=\"number\">{cards}</td>")?;
        }
        writeln!(out, "</tr>")?;
    }
    write!(out, "<tr><th scope=\"row\">All</th><td></td>")?;
    for cards in reasons.values() {
        write!(out, "<td class=\"number\">{cards}</td>")?;
    }
    writeln!(out, "</tr>")?;
    close_table(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::{Format, Query};
    use crate::store::{Count, Counts, Fate};
    use base64::Engine;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_policy_allows_this_style_and_no_other() {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE));
        assert_eq!(STYLE_HASH, format!("sha256-{hash}"));
    }

    #[test]
    fn the_page_says_everything_and_stays_closed() {
        let query = Query::read("from=2026-05-01&to=2026-05-31", "2026-05-05".parse().unwrap()).unwrap();
        let count = |version: &str, fate, cards| Count {
            day: "2026-05-05".parse().unwrap(),
            recommendation: 0,
            guideline_version: version.to_owned(),
            fate,
            cards,
        };
        let reason = |name: &str| Fate::Overridden(Some(name.to_owned()));
        let cards = vec![
            count("2026.1", Fate::Shown, 40),
            count("2026.1", Fate::Accepted, 10),
            count("2026.1", reason("already-imaged"), 6),
            count("<script>", reason("<b>"), 3),
        ];
        let page = Insights::of(&Counts { cards, unknown: 7, remembered: 0 }, (&[], &[]), &query)
            .write(Format::Page)
            .unwrap();
        for text in ["mri-within-12h", "25.0 % (14.2 to 40.2)", "already-imaged", "any version: 7.", "<svg"] {
            assert!(page.contains(text), "{text}");
        }
        assert!(!page.contains("<script") && !page.contains("<b>") && !page.contains("style=\""));
        assert!(page.contains("&lt;script&gt;"));
        let empty = Insights::of(&Counts::default(), (&[], &[]), &query).write(Format::Page).unwrap();
        assert!(empty.contains("No card was shown") && !empty.contains("<svg"));
    }
}
