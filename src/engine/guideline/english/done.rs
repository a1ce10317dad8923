//! What was done so far: each with its time, or not on record, or not read.

use super::super::advice::FactUsed;
use super::super::fact::Fact;
use super::super::say::{ConsultDone, Done, Value};
use super::{Reader, facts, names};
use crate::domain::When;

/// The lines of "Done so far".
pub(super) fn lines(done: &Done, reader: &Reader<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut none, mut unread): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut absent = |fact: Fact, name: &'static str| {
        if done.unread.contains(&fact) { unread.push(name) } else { none.push(name) }
    };
    match done.studies.as_slice() {
        [] => absent(Fact::SpineMri, "spine MRI"),
        studies => {
            let said: Vec<String> = studies
                .iter()
                .map(|study| {
                    let when = study.when.map_or_else(String::new, |when| format!(", {}", reader.when(when)));
                    format!("{}{when}", study.regions)
                })
                .collect();
            lines.push(format!("MRI: {}{}", said.join("; "), more(done.more_studies)));
            match done.result {
                Some((grade, seen)) => {
                    let when = seen.map_or_else(String::new, |when| format!(", {}", reader.when(when)));
                    // A grade says nothing of a study that was made after it.
                    let made = studies.iter().filter_map(|study| study.when);
                    if seen.is_some_and(|seen| made.into_iter().any(|made| made.is_surely_after(seen))) {
                        lines.push(format!("Result of an earlier MRI: ESCC {}{when}", grade.label()));
                        absent(Fact::Escc, "coded result of the last MRI");
                    } else {
                        lines.push(format!("ESCC on record: {}{when}", grade.label()));
                    }
                }
                None => absent(Fact::Escc, "coded result"),
            }
        }
    }
    match done.orders.as_slice() {
        [] => absent(Fact::SpineMriOrders, "MRI order"),
        orders => {
            let said: Vec<String> = orders
                .iter()
                .map(|order| {
                    let due = order.due.map_or_else(String::new, |due| format!(", for {}", reader.when(due)));
                    let priority =
                        order.priority.map_or_else(String::new, |priority| format!(", {}", priority.code()));
                    format!("{}{due}{priority}", order.regions)
                })
                .collect();
            lines.push(format!("MRI ordered: {}{}", said.join("; "), more(done.more_orders)));
        }
    }
    let mut consults = Vec::new();
    for (consult, record) in &done.consults {
        let fact = Fact::of_consult(*consult);
        match record {
            Some(ConsultDone { done, when }) => {
                let state = if *done { "done" } else { "requested" };
                let when = when.map_or_else(String::new, |when| format!(" {}", reader.when(when)));
                consults.push(format!("{} {state}{when}", names::team(*consult)));
            }
            None => absent(fact, names::consult_name(*consult)),
        }
    }
    if !consults.is_empty() {
        lines.push(format!("Consults: {}", consults.join("; ")));
    }
    if let Some((kind, start, end)) = done.treatment {
        let when = match (start, end.filter(|end| !is_of_one_day(start, *end))) {
            (Some(start), Some(end)) => format!(" from {} to {}", reader.when(start), reader.when(end)),
            (Some(start), None) => format!(" {}", reader.when(start)),
            (None, Some(end)) => format!(" until {}", reader.when(end)),
            (None, None) => String::new(),
        };
        lines.push(format!("Treatment: {}{when}", facts::treatment(kind)));
    }
    match done.corticosteroid {
        Some(when) => {
            let when = when.map_or_else(|| "given".to_owned(), |when| reader.when(when));
            lines.push(format!("Corticosteroid: {when}"));
        }
        None => absent(Fact::CorticosteroidsGiven, "corticosteroid"),
    }
    if !none.is_empty() {
        lines.push(format!("None on record: {}", none.join(", ")));
    }
    if !unread.is_empty() {
        lines.push(format!("Could not be read: {}", unread.join(", ")));
    }
    lines
}

fn more(count: usize) -> String {
    if count == 0 { String::new() } else { format!("; {count} more") }
}

/// Whether a fact is said by what was done: a study, an order, a consult that is or is not there.
pub(super) const fn says(used: &FactUsed) -> bool {
    match used.fact {
        Fact::SpineMri => matches!(used.value, Value::NoneOnRecord),
        Fact::CorticosteroidsGiven | Fact::SpineSurgeryConsult => true,
        _ => false,
    }
}

/// Whether a course began and ended on one day.
fn is_of_one_day(start: Option<When>, end: When) -> bool {
    start.is_some_and(|start| end.latest() - start.earliest() <= chrono::Duration::days(1))
}
