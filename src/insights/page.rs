//! The report as one HTML document: no script, no outside reference, readable on paper and in the dark.

use super::{Insights, Interval, Line, plot, weekly_page};
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
th.number,td.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
form,.sums{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end}\
.sums{gap:.5rem 2.5rem}\
.sums div{display:flex;flex-direction:column-reverse}\
.sums dd{margin:0;font-size:2rem;line-height:1.2;font-variant-numeric:tabular-nums}\
.method{font-size:.85rem}\
svg{width:100%;max-width:60rem;height:auto;font-size:12px;fill:currentColor}\
.grid{stroke:GrayText;stroke-width:.5}\
.interval{stroke:currentColor;stroke-width:2}\
@media print{body{max-width:none;padding:0}.wide{overflow:visible}form,nav{display:none}tr{break-inside:avoid}\
thead{display:table-header-group}}";

/// SHA-256 of the style, as a Content-Security-Policy names it.
pub const STYLE_HASH: &str = "sha256-gLH+J3aCaCCfi1MMiy89sLQoNEyh6/voZl6/OEqF1ew=";

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
         <h1>What became of the cards</h1>\n<p>{from} to {to}{}. <a href=\"#method\">How cards are counted</a></p>\n</header>\n",
        if version.is_empty() { String::new() } else { format!(", decisions {}", escape(version)) }
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
        sums(out, &insights.total)?;
        if insights.total.iter().any(|line| told(line).is_some()) {
            heading(out, "acceptance", "Acceptance")?;
            plot::plot(out, &insights.total)?;
            writeln!(out, "</section>")?;
        }
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
         <p id=\"method\" class=\"method\">{}</p>\n</main>\n</body>\n</html>",
        insights.unknown_cards,
        escape(insights.note)
    )
}

/// From fewer cards than this no rate is told: its interval would say nothing.
pub(super) const ENOUGH: u64 = 10;
/// What stands in its place.
pub(super) const TOO_FEW: &str = "too few";

/// The acceptance of a line, where there are enough cards to tell it.
pub(super) fn told(line: &Line) -> Option<Interval> {
    line.acceptance.filter(|_| line.shown >= ENOUGH)
}

/// What became of all cards, in three numbers.
fn sums(out: &mut String, lines: &[Line]) -> std::fmt::Result {
    let sum = |of: fn(&Line) -> u64| lines.iter().map(of).sum::<u64>();
    let all = [
        ("shown", sum(|line| line.shown)),
        ("accepted", sum(|line| line.accepted)),
        ("overridden", sum(|line| line.overridden)),
    ];
    writeln!(out, "<dl class=\"sums\">")?;
    for (name, number) in all {
        writeln!(out, "<div><dt>{name}</dt><dd>{number}</dd></div>")?;
    }
    writeln!(out, "</dl>")
}

pub(super) fn heading(out: &mut String, anchor: &str, title: &str) -> std::fmt::Result {
    writeln!(out, "<section>\n<h2 id=\"{anchor}\">{title}</h2>")
}

/// Opens a table that may be wider than the screen; it is named by its heading. Its columns are words, then numbers.
pub(super) fn open_table(
    out: &mut String,
    heading: &str,
    words: &[&str],
    numbers: &[&str],
) -> std::fmt::Result {
    writeln!(
        out,
        "<div class=\"wide\" role=\"region\" aria-labelledby=\"{heading}\" tabindex=\"0\">\n<table>\n<thead>\n<tr>"
    )?;
    for column in words {
        write!(out, "<th scope=\"col\">{}</th>", escape(column))?;
    }
    for column in numbers {
        write!(out, "<th scope=\"col\" class=\"number\">{}</th>", escape(column))?;
    }
    writeln!(out, "</tr>\n</thead>\n<tbody>")
}

pub(super) fn close_table(out: &mut String) -> std::fmt::Result {
    writeln!(out, "</tbody>\n</table>\n</div>\n</section>")
}

fn table(out: &mut String, anchor: &str, lines: &[Line], by_month: bool) -> std::fmt::Result {
    let words: Vec<&str> =
        by_month.then_some("Days").into_iter().chain(["Recommendation", "Version"]).collect();
    let numbers = ["Shown", "Accepted", "Overridden", "Not answered", "Acceptance (95 %)"];
    open_table(out, anchor, &words, &numbers)?;
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
        let acceptance = match (told(line), line.acceptance) {
            (Some(it), _) => {
                format!("{:.1} % ({:.1} to {:.1})", it.rate * 100.0, it.low * 100.0, it.high * 100.0)
            }
            (None, Some(_)) => TOO_FEW.to_owned(),
            (None, None) => String::new(),
        };
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
    let numbers: Vec<&str> = reasons.keys().copied().collect();
    open_table(out, "reasons", &["Recommendation", "Version"], &numbers)?;
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
        let few = vec![count("2026.1", Fate::Shown, 9), count("2026.1", Fate::Accepted, 2)];
        let few = Insights::of(&Counts { cards: few, unknown: 0, remembered: 0 }, (&[], &[]), &query)
            .write(Format::Page)
            .unwrap();
        assert!(few.contains(">too few<") && !few.contains("22.2 %") && !few.contains("<svg"), "{few}");
        assert!(few.contains("<dt>shown</dt><dd>9</dd>") && few.contains("<dt>accepted</dt><dd>2</dd>"));
        let empty = Insights::of(&Counts::default(), (&[], &[]), &query).write(Format::Page).unwrap();
        assert!(empty.contains("No card was shown") && !empty.contains("<svg"));
    }
}
