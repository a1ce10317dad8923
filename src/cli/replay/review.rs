//! `replay --review`: each case that differs is shown, and the reader says whether the answer is right.

use crate::cases::Case;
use crate::cases::compare::{self, Reply};
use crate::cases::run::{Outcome, Verdict};
use crate::cases::update::update;
use crate::cli::output;
use std::io::{self, BufRead};

/// What the reader says of a case.
enum Said {
    Accept,
    Leave,
    Quit,
}

/// Shows each case that differs, and rewrites the expectations of those whose answer is accepted. How many are.
pub(super) fn review(cases: &[Case], outcomes: &[Outcome]) -> anyhow::Result<usize> {
    let differ = |outcome: &Outcome| matches!(outcome.verdict, Verdict::Differs(_));
    let all = outcomes.iter().filter(|outcome| differ(outcome)).count();
    let mut lines = io::stdin().lock().lines();
    let (mut seen, mut accepted) = (0, 0);
    for (case, outcome) in cases.iter().zip(outcomes) {
        let Outcome { verdict: Verdict::Differs(reasons), reply: Some(reply), .. } = outcome else {
            continue;
        };
        seen += 1;
        output::print(&shown(case, reasons, reply, seen, all))?;
        match ask(&mut lines)? {
            Said::Accept => {
                update(case, reply)?;
                accepted += 1;
            }
            Said::Leave => {}
            Said::Quit => break,
        }
    }
    Ok(accepted)
}

fn ask(lines: &mut impl Iterator<Item = io::Result<String>>) -> io::Result<Said> {
    loop {
        output::print("accept the answer? yes, no, quit: ")?;
        // Nobody is there any more: nothing is accepted.
        let Some(line) = lines.next().transpose()? else { return Ok(Said::Quit) };
        match line.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => return Ok(Said::Accept),
            "n" | "no" => return Ok(Said::Leave),
            "q" | "quit" => return Ok(Said::Quit),
            _ => {}
        }
    }
}

/// The story, what differs, and the cards that came.
fn shown(case: &Case, reasons: &[String], reply: &Reply, seen: usize, all: usize) -> String {
    let mut text = format!("\n[{seen}/{all}] {}\n  {}\n", case.name, case.told.story.trim());
    for reason in reasons {
        text.push_str(&format!("    {reason}\n"));
    }
    match compare::cards(&reply.body) {
        Some([]) => text.push_str("  the answer: no card\n"),
        Some(cards) => {
            text.push_str("  the answer:\n");
            for card in cards {
                let said = |name| compare::text(card, name).unwrap_or_default();
                text.push_str(&format!("    {}: {}\n", said("indicator"), said("summary")));
            }
        }
        None => text.push_str(&format!("  the answer: status {}\n", reply.status)),
    }
    text
}
