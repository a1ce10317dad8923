//! What must hold for the trace of every combination: it says of each row what the cards say.

use crate::guideline::tables::row::Verdict;
use crate::guideline::{Advice, MOST_CARDS, RowTrace, Silence, Trace};
use std::collections::BTreeSet;

/// Everything in which the trace and the cards disagree.
pub(super) fn trace_faults(advice: &[Advice], trace: &Trace) -> Vec<String> {
    let mut found = Vec::new();
    let rows = || trace.tables.iter().flat_map(|table| table.rows.iter().map(move |row| (table, row)));
    let shown: BTreeSet<&str> = rows().filter(|(_, row)| row.shown).map(|(_, row)| row.id).collect();
    for id in advice.iter().flat_map(|a| &a.recommendations).map(|r| r.row) {
        if !shown.contains(id) && !stands_in(id, trace) {
            found.push(format!("{id} is on a card, and by the trace it does not hold"));
        }
    }
    for (table, row) in rows() {
        let holds = row.verdict == Verdict::Holds && !row.later;
        if holds && !row.shown && row.silent.is_none() {
            found.push(format!("{} holds, is on no card, and nothing says why", row.id));
        }
        if row.silent == Some(Silence::MostCards) && advice.len() < MOST_CARDS {
            found.push(format!("{} is on no card, and the reason is not known", row.id));
        }
        if row.shown && table.silent.is_some() {
            found.push(format!("{} is on a card although its table is silent", row.id));
        }
        if row.later && !table.first_decides {
            found.push(format!("{} gives way to an earlier row of a table where every row counts", row.id));
        }
    }
    if advice.is_empty() && trace.why_silent(chrono_tz::Tz::UTC).is_empty() && !trace.tables.is_empty() {
        found.push("no card, and nothing says why".to_owned());
    }
    found
}

/// Whether the row stands for one that the guideline names no regimen for.
fn stands_in(id: &str, trace: &Trace) -> bool {
    let gives_way = |row: &RowTrace| row.silent == Some(Silence::NoRegimen);
    id == "modality/7" && trace.tables.iter().flat_map(|table| &table.rows).any(gives_way)
}

#[test]
fn a_trace_that_disagrees_with_the_cards_is_caught() {
    let block = &super::blocks::CLOCK;
    let (advice, trace) = (0..block.size())
        .map(|rank| {
            let situation = (block.build)(&block.combination(rank));
            let now = super::patients::now();
            crate::guideline::assess_with_trace(&situation.facts, &situation.site, now, situation.occasion)
        })
        .find(|(advice, _)| advice.iter().any(|a| a.recommendations.iter().any(|r| r.row == "mri-timing/2")))
        .unwrap();
    assert!(trace_faults(&advice, &trace).is_empty());
    let hit = |trace: &mut Trace, change: fn(&mut RowTrace)| {
        let rows = trace.tables.iter_mut().flat_map(|table| &mut table.rows);
        rows.filter(|row| row.shown).for_each(change);
    };
    let mut broken = trace.clone();
    hit(&mut broken, |row| row.shown = false);
    let found = trace_faults(&advice, &broken).join("\n");
    assert!(found.contains("does not hold") && found.contains("nothing says why"), "{found}");
    let mut broken = trace.clone();
    hit(&mut broken, |row| {
        row.shown = false;
        row.silent = Some(Silence::MostCards);
    });
    assert!(trace_faults(&advice, &broken).join("\n").contains("the reason is not known"));
    let mut broken = trace;
    for table in &mut broken.tables {
        table.silent = Some(Silence::ComfortCare);
    }
    assert!(trace_faults(&advice, &broken).join("\n").contains("although its table is silent"));
}
