//! What a run of cases looks like to people, to programs and to a build server.

use super::case::Case;
use super::run::{Outcome, Verdict};
use crate::guideline::Code;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// So many of the slowest cases are named.
const SLOWEST: usize = 3;

/// How many cases ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Cases as expected.
    pub as_expected: usize,
    /// Cases that differ.
    pub differ: usize,
    /// Cases that were not run.
    pub skipped: usize,
    /// Cases that could not be run.
    pub broken: usize,
}

impl Count {
    /// Counts verdicts.
    pub fn of(outcomes: &[Outcome]) -> Self {
        let mut count = Self::default();
        for outcome in outcomes {
            let place = match outcome.verdict {
                Verdict::AsExpected => &mut count.as_expected,
                Verdict::Differs(_) => &mut count.differ,
                Verdict::Skipped(_) => &mut count.skipped,
                Verdict::Broken(_) => &mut count.broken,
            };
            *place += 1;
        }
        count
    }

    /// The summary line: `37 cases: 36 as expected, 1 differs`.
    pub fn line(self) -> String {
        let all = self.as_expected + self.differ + self.skipped + self.broken;
        let mut line =
            format!("{all} case{}: {} as expected", if all == 1 { "" } else { "s" }, self.as_expected);
        line.push_str(&match self.differ {
            0 => String::new(),
            1 => ", 1 differs".to_owned(),
            n => format!(", {n} differ"),
        });
        if self.skipped > 0 {
            line.push_str(&format!(", {} skipped", self.skipped));
        }
        if self.broken > 0 {
            line.push_str(&format!(", {} broken", self.broken));
        }
        line
    }
}

/// One line a case, reasons indented below, and the summary line.
pub fn table(outcomes: &[Outcome]) -> String {
    let width = outcomes.iter().map(|o| o.name.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for outcome in outcomes {
        let (word, reasons): (&str, &[String]) = match &outcome.verdict {
            Verdict::AsExpected => ("ok", &[]),
            Verdict::Differs(reasons) => ("DIFFERS", reasons),
            Verdict::Skipped(why) => ("skipped", std::slice::from_ref(why)),
            Verdict::Broken(why) => ("BROKEN", std::slice::from_ref(why)),
        };
        let remark = if outcome.times_compared { "" } else { " (times not compared)" };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:width$}  {word}{remark}", outcome.name);
        for reason in reasons {
            let _ = writeln!(text, "    {reason}");
        }
    }
    let _ = writeln!(text, "{}", Count::of(outcomes).line());
    text
}

/// The slowest cases of several, in one line.
pub fn slowest(outcomes: &[Outcome]) -> Option<String> {
    let mut by_time: Vec<&Outcome> = outcomes.iter().collect();
    by_time.sort_by_key(|outcome| std::cmp::Reverse(outcome.took));
    let named: Vec<String> = by_time
        .iter()
        .take(SLOWEST)
        .map(|outcome| format!("{} {:.1} ms", outcome.name, outcome.took.as_secs_f64() * 1_000.0))
        .collect();
    (outcomes.len() > SLOWEST).then(|| format!("slowest: {}", named.join(", ")))
}

/// The recommendation codes that none of these cases expects.
pub fn codes_without_case(cases: &[Case]) -> Vec<&'static str> {
    let expected: BTreeSet<&str> = cases
        .iter()
        .flat_map(|case| &case.told.expect)
        .flat_map(|card| &card.codes)
        .map(String::as_str)
        .collect();
    Code::ALL.iter().map(|code| code.as_str()).filter(|code| !expected.contains(code)).collect()
}

/// The same for programs.
pub fn json(outcomes: &[Outcome], codes_without_case: &[&str]) -> Value {
    let count = Count::of(outcomes);
    let cases: Vec<Value> = outcomes
        .iter()
        .map(|outcome| {
            let (verdict, reasons) = match &outcome.verdict {
                Verdict::AsExpected => ("as-expected", vec![]),
                Verdict::Differs(reasons) => ("differs", reasons.clone()),
                Verdict::Skipped(why) => ("skipped", vec![why.clone()]),
                Verdict::Broken(why) => ("broken", vec![why.clone()]),
            };
            let times_compared = outcome.times_compared;
            let took = outcome.took.as_secs_f64() * 1_000.0;
            json!({"case": outcome.name, "verdict": verdict, "reasons": reasons, "timesCompared": times_compared,
                "milliseconds": took})
        })
        .collect();
    json!({"cases": cases, "asExpected": count.as_expected, "differ": count.differ,
        "skipped": count.skipped, "broken": count.broken, "codesWithoutCase": codes_without_case})
}

/// The same as JUnit XML.
pub fn junit(outcomes: &[Outcome]) -> Result<String, String> {
    let mut suite = TestSuite::new("fhir-fixtures");
    for outcome in outcomes {
        let status = match &outcome.verdict {
            Verdict::AsExpected => TestCaseStatus::success(),
            Verdict::Differs(reasons) => failed(NonSuccessKind::Failure, &reasons.join("\n")),
            Verdict::Broken(why) => failed(NonSuccessKind::Error, why),
            Verdict::Skipped(why) => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(why.as_str());
                status
            }
        };
        let mut case = TestCase::new(outcome.name.as_str(), status);
        case.set_time(outcome.took);
        suite.add_test_case(case);
    }
    let mut report = Report::new("spinal-mets-cds");
    report.add_test_suite(suite);
    report.to_string().map_err(|e| e.to_string())
}

fn failed(kind: NonSuccessKind, why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(why.lines().next().unwrap_or_default());
    status.set_description(why);
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn outcomes() -> Vec<Outcome> {
        let outcome = |name: &str, verdict| Outcome {
            name: name.to_owned(),
            verdict,
            times_compared: true,
            reply: None,
            took: Duration::from_millis(1),
        };
        vec![
            outcome("a", Verdict::AsExpected),
            outcome("long", Verdict::Differs(vec!["card 1: indicator expected a, got <b>".to_owned()])),
            outcome("c", Verdict::Skipped("needs more".to_owned())),
        ]
    }

    #[test]
    fn the_table_has_a_line_a_case_and_a_summary() {
        assert_eq!(
            table(&outcomes()),
            "a     ok\nlong  DIFFERS\n    card 1: indicator expected a, got <b>\nc     skipped\n    needs more\n\
             3 cases: 1 as expected, 1 differs, 1 skipped\n"
        );
        assert_eq!(
            Count { as_expected: 36, differ: 1, ..Count::default() }.line(),
            "37 cases: 36 as expected, 1 differs"
        );
        assert_eq!(Count { as_expected: 1, ..Count::default() }.line(), "1 case: 1 as expected");
    }

    #[test]
    fn the_slowest_of_several_are_named() {
        let mut all = outcomes();
        assert_eq!(slowest(&all), None, "all of them are in the table");
        all.push(Outcome { name: "d".to_owned(), took: Duration::from_micros(2_500), ..all[0].clone() });
        assert_eq!(slowest(&all).unwrap(), "slowest: d 2.5 ms, a 1.0 ms, long 1.0 ms");
    }

    #[test]
    fn the_build_server_sees_failures_and_skips() {
        let xml = junit(&outcomes()).unwrap();
        assert!(xml.contains("tests=\"3\" skipped=\"1\" failures=\"1\" errors=\"0\""), "{xml}");
        assert!(xml.contains("got &lt;b&gt;"), "{xml}");
        assert_eq!(json(&outcomes(), &[])["cases"][1]["verdict"], "differs");
    }
}
