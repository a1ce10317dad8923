//! The report for spreadsheets: one line for each month, recommendation and version; the columns never depend on the data.
//!
//! No field can hold a comma, a quote or a formula: all are days, numbers and codes of ours, so nothing is quoted.

use super::{Line, NO_REASON};
use crate::store::reason_names;
use std::fmt::Write;

pub(super) fn csv(lines: &[Line]) -> String {
    let reasons: Vec<&str> = reason_names().chain(std::iter::once(NO_REASON)).collect();
    let mut out =
        String::from("from,to,recommendation,guideline_version,shown,accepted,overridden,not_answered");
    out.push_str(",acceptance,acceptance_low,acceptance_high");
    // Writing to a string does not fail.
    for reason in &reasons {
        let _ = write!(out, ",overridden_{reason}");
    }
    out.push_str("\r\n");
    for line in lines {
        let _ = write!(
            out,
            "{},{},{},{},{},{},{},{}",
            line.from,
            line.to,
            line.recommendation,
            line.version,
            line.shown,
            line.accepted,
            line.overridden,
            line.not_answered
        );
        match line.acceptance {
            Some(it) => {
                let _ = write!(out, ",{:.4},{:.4},{:.4}", it.rate, it.low, it.high);
            }
            None => out.push_str(",,,"),
        }
        for reason in &reasons {
            let _ = write!(out, ",{}", line.reasons.get(*reason).copied().unwrap_or_default());
        }
        out.push_str("\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::{Insights, Query};
    use crate::store::{Count, Counts, Fate};

    #[test]
    fn every_line_has_every_column() {
        let day = "2026-05-05".parse().unwrap();
        let count = |fate, cards| Count {
            day,
            recommendation: 0,
            guideline_version: "2026.1".to_owned(),
            fate,
            cards,
        };
        let reason = Some("data-wrong".to_owned());
        let cards = vec![count(Fate::Shown, 4), count(Fate::Overridden(reason), 1), count(Fate::Accepted, 1)];
        let query = Query::read("from=2026-05-01&to=2026-05-31", day).unwrap();
        let text = csv(&Insights::of(&Counts { cards, ..Counts::default() }, (&[], &[]), &query).months);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].len(), lines[1].len());
        let value = |column: &str| lines[1][lines[0].iter().position(|name| *name == column).unwrap()];
        assert_eq!(value("recommendation"), "mri-within-12h");
        assert_eq!((value("from"), value("to"), value("shown")), ("2026-05-01", "2026-05-31", "4"));
        assert_eq!((value("acceptance"), value("acceptance_low")), ("0.2500", "0.0456"));
        assert_eq!((value("overridden_data-wrong"), value("overridden_none-given")), ("1", "0"));
        assert!(text.ends_with("\r\n"));
    }
}
