//! Every row of every table broken in each mechanical way: left out, without one of its conditions, behind the row that
//! follows it.
//!
//! A table sees a patient only through the answers of its conditions. These are noted wherever a table is asked, over every
//! combination of the blocks, and each broken table is put to them again. How often each row decides is kept in
//! `decided.tsv`, and a break must change that. Where the first row decides it need not, if an earlier row is seen to decide
//! wherever the looser row would hold; what else makes the same rule is listed with the reason. So a change of any row, also one that no invariant speaks of, shows in a line of that file.
//!
//! `UPDATE_DECIDED=1 cargo test -p spinal-mets-cds-engine --lib exhaustive` writes it anew; review it like code.

use super::VISITED;
use crate::guideline::page::{Decision, page};
use crate::guideline::tables::row::{Answer, Condition, RowSpec};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

/// Which conditions of each row are met.
type Answers = Vec<Vec<bool>>;

/// What the tables were asked, by anchor, and how often.
pub(super) type Asked = BTreeMap<&'static str, BTreeMap<Answers, usize>>;

thread_local! {
    static ASKED: RefCell<Asked> = const { RefCell::new(BTreeMap::new()) };
}

/// Notes what a table answers to an input.
pub(in crate::guideline) fn note<C: Condition, G>(
    anchor: &'static str,
    rows: &[RowSpec<C, G>],
    input: &C::Input,
) {
    let met = |condition: &C| condition.answer(input) == Answer::Yes;
    let answers = rows.iter().map(|row| row.when.iter().map(met).collect()).collect();
    ASKED.with_borrow_mut(|asked| *asked.entry(anchor).or_default().entry(answers).or_default() += 1);
}

/// What was noted on this thread since the last time.
pub(super) fn take() -> Asked {
    ASKED.take()
}

/// Puts what two threads noted together.
pub(super) fn join(all: &mut Asked, more: Asked) {
    for (anchor, answers) in more {
        for (answers, times) in answers {
            *all.entry(anchor).or_default().entry(answers).or_default() += times;
        }
    }
}

/// A row of a broken table: its place in the whole one, and the condition that is not asked.
type Kept = (usize, Option<usize>);

/// How often each row of these decides.
fn decided(table: &Decision, rows: &[Kept], asked: &BTreeMap<Answers, usize>) -> BTreeMap<usize, usize> {
    let most = if table.first_decides { 1 } else { rows.len() };
    let mut decided = BTreeMap::new();
    for (answers, times) in asked {
        let holds = |(row, without): &&Kept| {
            answers[*row].iter().enumerate().all(|(place, met)| *met || Some(place) == *without)
        };
        for (row, _) in rows.iter().filter(holds).take(most) {
            *decided.entry(*row).or_default() += times;
        }
    }
    decided
}

/// The same by what the rows give: two ways in which one row holds are one.
fn given(table: &Decision, rows: &[Kept], asked: &BTreeMap<Answers, usize>) -> BTreeMap<String, usize> {
    let mut given = BTreeMap::new();
    for (place, times) in decided(table, rows, asked) {
        let row = &table.rows[place];
        let what = format!("{} {} {} {} {:?}", row.id, row.code, row.indicator, row.offers, row.statements);
        *given.entry(what).or_default() += times;
    }
    given
}

/// Every break of a table, with its name.
fn breaks(table: &Decision, asked: &BTreeMap<Answers, usize>) -> Vec<(String, Vec<Kept>)> {
    let whole: Vec<Kept> = (0..table.rows.len()).map(|place| (place, None)).collect();
    let conditions: Vec<usize> = asked.keys().next().unwrap().iter().map(Vec::len).collect();
    let holds = |met: &[bool]| met.iter().all(|met| *met);
    let name = |place: usize| {
        let way = table.rows[..place].iter().filter(|row| row.id == table.rows[place].id).count() + 1;
        format!("{} way {way}", table.rows[place].id)
    };
    let mut breaks = Vec::new();
    for place in 0..whole.len() {
        let mut left_out = whole.clone();
        left_out.remove(place);
        breaks.push((format!("{}: left out", name(place)), left_out));
        for condition in 0..conditions[place] {
            let mut looser = whole.clone();
            looser[place].1 = Some(condition);
            breaks.push((format!("{}: without condition {}", name(place), condition + 1), looser));
        }
        // Where every row that holds is shown, and where two rows never hold together, their order decides nothing.
        let meets = |next: usize| asked.keys().any(|met| holds(&met[place]) && holds(&met[next]));
        if table.first_decides && place + 1 < whole.len() && meets(place + 1) {
            let mut turned = whole.clone();
            turned.swap(place, place + 1);
            breaks.push((format!("{}: behind {}", name(place), name(place + 1)), turned));
        }
    }
    breaks
}

/// Whether some input meets every condition of a row but the one that is left out: there an earlier row decides, or one that
/// gives the same.
fn is_tried(asked: &BTreeMap<Answers, usize>, (row, without): Kept) -> bool {
    let all_but_it = |met: &[bool]| met.iter().enumerate().all(|(at, met)| *met != (Some(at) == without));
    without.is_some() && asked.keys().any(|answers| all_but_it(&answers[row]))
}

/// Conditions that no input tries alone, because what is asked says them already. They stay where a reader of the one row
/// would miss them.
const SAME_RULE: &[(&str, &str)] = &[
    ("mescc/question way 1: without condition 1", "signs are looked for only where no MRI row holds"),
    (
        "stability/sins-not-recorded way 1: without condition 1",
        "the other two conditions ask only where no score is usable",
    ),
    (
        "regimen/sbrt-reirradiation way 1: without condition 3",
        "the table is asked beside modality/5 and 6 alone, and these ask for SBRT at an irradiated site",
    ),
];

#[test]
fn every_break_of_a_row_changes_what_is_decided() {
    let page = page();
    let (mut same, mut number) = (Vec::new(), 0);
    for table in &page.decisions {
        let asked = &VISITED.asked[table.anchor];
        let whole: Vec<Kept> = (0..table.rows.len()).map(|place| (place, None)).collect();
        let expected = given(table, &whole, asked);
        for (name, rows) in breaks(table, asked) {
            number += 1;
            let decides_the_same = given(table, &rows, asked) == expected;
            // Where the first row decides, a condition may say once more what earlier rows leave over.
            let is_left_over = table.first_decides && rows.iter().any(|kept| is_tried(asked, *kept));
            if decides_the_same && !is_left_over {
                same.push(name);
            }
        }
    }
    println!("{:>16}: {number} broken tables, {} of them the same rule", "tables", same.len());
    let listed: Vec<&str> = SAME_RULE.iter().map(|(name, _)| *name).collect();
    assert_eq!(same, listed);
}

#[test]
fn how_often_each_row_decides_is_as_written() {
    let mut text = String::from("# How often each row decides, over every combination of the blocks.\n");
    for table in &page().decisions {
        let rows: Vec<Kept> = (0..table.rows.len()).map(|place| (place, None)).collect();
        let decided = decided(table, &rows, &VISITED.asked[table.anchor]);
        for (place, row) in table.rows.iter().enumerate() {
            text.push_str(&format!("{}\t{}\n", row.id, decided.get(&place).copied().unwrap_or_default()));
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("guideline/exhaustive/decided.tsv");
    #[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
    if std::env::var_os("UPDATE_DECIDED").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(written, text, "a row decides more or less often: UPDATE_DECIDED=1 writes decided.tsv");
}
