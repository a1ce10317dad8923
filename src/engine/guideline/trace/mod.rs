//! What became of every row of every table for one patient, and why there is no card where there is none.
//!
//! Made with the rows and inputs that decide, and only when somebody asks. Deliberately absent: a decision.

mod passes;
mod silence;

use super::advice::Advice;
use super::case::Case;
pub use super::english::ScoredLesion;
use super::fact::Fact;
use super::lesion;
use super::tables::row::{Condition, Gives, Verdict};
use super::tables::{TABLES, Table};
pub(super) use passes::{
    adjunct, mescc, mescc_treatment, modality, mri_timing, order_imaging, order_radiotherapy, order_surgery,
    order_zoledronic, regimen, stability,
};
pub use silence::Silence;

/// What is put to a table: everything that passes it, and what silences it.
#[derive(Debug)]
pub(super) struct Pass<I> {
    /// The order that it is about, as the chart names it.
    pub(super) about: Option<String>,
    /// Everything that passes the table.
    pub(super) inputs: Vec<I>,
    /// Why the table is not asked.
    pub(super) silent: Option<Silence>,
    /// Why a row that holds is not shown.
    pub(super) rows: Vec<(&'static str, Silence)>,
}

impl<I> Pass<I> {
    /// These inputs, and nothing that silences them.
    pub(super) const fn of(inputs: Vec<I>) -> Self {
        Self { about: None, inputs, silent: None, rows: Vec::new() }
    }

    /// The same, where something silences the table.
    pub(super) fn silenced(self, silent: Option<Silence>) -> Self {
        Self { silent, ..self }
    }
}

/// What became of the tables for one patient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// Why no table was asked.
    pub nobody: Option<Silence>,
    /// The tables that the occasion asks, in their order; a table of the order check once an order.
    pub tables: Vec<TableTrace>,
    /// The lesions with the scores that decide.
    pub scores: Vec<ScoredLesion>,
}

/// What became of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableTrace {
    /// Its anchor on the guideline page.
    pub anchor: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// The order that it is about, as the chart names it: escape before showing.
    pub about: Option<String>,
    /// Whether the first row that holds decides.
    pub first_decides: bool,
    /// Why the table is not asked.
    pub silent: Option<Silence>,
    /// Its rows, in order. Two with one id are two ways in which it holds.
    pub rows: Vec<RowTrace>,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowTrace {
    /// `table/row`.
    pub id: &'static str,
    /// When it holds.
    pub holds: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// An earlier row decided.
    pub later: bool,
    /// A card shows it.
    pub shown: bool,
    /// Why a row that holds is not shown.
    pub silent: Option<Silence>,
}

impl<C: Condition, G: Gives> Table<C, G> {
    /// What became of the table.
    pub(super) fn trace(&self, case: &Case<'_, '_>, advice: &[Advice]) -> Vec<TableTrace> {
        let passes = (self.passes)(case);
        passes.into_iter().map(|pass| self.judge(pass, case, advice)).collect()
    }

    fn judge(&self, pass: Pass<C::Input>, case: &Case<'_, '_>, advice: &[Advice]) -> TableTrace {
        #[cfg(test)]
        if pass.silent.is_none() {
            pass.inputs.iter().for_each(|input| super::exhaustive::note(self.about.anchor, self.rows, input));
        }
        let mut decided = false;
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            let verdict = row.verdict(&pass.inputs, case.picture.facts);
            let later = decided && self.about.first_decides;
            let holds = verdict == Verdict::Holds;
            decided |= holds;
            let given = advice.iter().flat_map(|card| &card.recommendations).any(|r| r.row == row.id);
            let shown = given && holds && !later;
            let known = || pass.rows.iter().find(|(id, _)| *id == row.id).map(|(_, silence)| silence.clone());
            let silent = if holds && !shown && !later {
                pass.silent.clone().or_else(known).or(Some(Silence::MostCards))
            } else {
                None
            };
            rows.push(RowTrace { id: row.id, holds: row.says(), verdict, later, shown, silent });
        }
        TableTrace {
            anchor: self.about.anchor,
            title: self.about.title,
            about: pass.about,
            first_decides: self.about.first_decides,
            silent: pass.silent,
            rows,
        }
    }
}

/// What became of every table.
pub(super) fn trace(case: &Case<'_, '_>, advice: &[Advice]) -> Trace {
    let vertebral = case.sins.lesions.iter().map(ScoredLesion::vertebral);
    let long_bones = lesion::mirels(case.coded, case.site);
    Trace {
        nobody: None,
        tables: TABLES.iter().flat_map(|table| table.trace(case, advice)).collect(),
        scores: vertebral.chain(long_bones.iter().map(ScoredLesion::of_long_bone)).collect(),
    }
}

impl Trace {
    /// A patient of whom no table is asked.
    pub(super) const fn nobody(why: Silence) -> Self {
        Self { nobody: Some(why), tables: Vec::new(), scores: Vec::new() }
    }

    /// Why nothing is shown: one sentence for everything that is silent for one reason.
    pub fn why_silent(&self, zone: chrono_tz::Tz) -> Vec<String> {
        if let Some(why) = &self.nobody {
            return vec![why.sentence(zone)];
        }
        let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
        for table in &self.tables {
            let about = table.about.as_deref().map(|about| format!(" ({about})")).unwrap_or_default();
            let name = format!("{}{about}", table.title);
            let reason = table.why_silent(zone);
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, names)) => names.push(name),
                None => reasons.push((reason, vec![name])),
            }
        }
        reasons.into_iter().map(|(reason, names)| format!("{}: {reason}", names.join("; "))).collect()
    }

    /// Why nothing is shown, in the few reasons that tell most: for a place with little room.
    pub fn why_nothing(&self, zone: chrono_tz::Tz) -> Vec<String> {
        if let Some(why) = &self.nobody {
            return vec![why.sentence(zone)];
        }
        let of_table = |table: &'_ TableTrace| {
            table.silent.clone().or_else(|| table.rows.iter().find_map(|row| row.silent.clone()))
        };
        let mut reasons: Vec<(u8, Silence)> =
            self.tables.iter().filter_map(of_table).filter_map(|why| Some((why.tells()?, why))).collect();
        reasons.sort_by_key(|(place, _)| *place);
        reasons.dedup();
        reasons.iter().take(MOST_REASONS).map(|(_, why)| why.sentence(zone)).collect()
    }
}

/// Most reasons for silence in a place with little room.
const MOST_REASONS: usize = 2;

impl TableTrace {
    /// Why the table gives nothing: what silences it, else which conditions are not met.
    fn why_silent(&self, zone: chrono_tz::Tz) -> String {
        if let Some(silent) = &self.silent {
            return silent.sentence(zone);
        }
        if let Some(silent) = self.rows.iter().find_map(|row| row.silent.as_ref()) {
            return silent.sentence(zone);
        }
        let (mut unmet, mut unknown): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for row in &self.rows {
            match &row.verdict {
                Verdict::DoesNotHold { unmet: condition } if !unmet.contains(&condition.as_str()) => {
                    unmet.push(condition);
                }
                Verdict::CannotTell { missing } => {
                    unknown.extend(missing.iter().map(|fact| fact.plain_name()));
                }
                _ => {}
            }
        }
        unknown.sort_unstable();
        unknown.dedup();
        let mut sentence = format!("no row holds. Not met: {}.", unmet.join("; "));
        if unmet.is_empty() {
            sentence = "no row holds.".to_owned();
        }
        if !unknown.is_empty() {
            sentence.push_str(&format!(" Not known: {}.", unknown.join(", ")));
        }
        sentence
    }
}

impl RowTrace {
    /// Whether it holds, and no row before it has decided.
    pub fn applies(&self) -> bool {
        self.verdict == Verdict::Holds && !self.later
    }

    /// What became of it, beside when it holds: a condition that is all of it is not said again.
    pub fn became(&self) -> String {
        match &self.verdict {
            Verdict::DoesNotHold { unmet } if *unmet == self.holds => "no".to_owned(),
            Verdict::DoesNotHold { unmet } => format!("not met: {unmet}"),
            verdict => verdict.words(),
        }
    }
}

impl Verdict {
    /// The verdict in a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Holds => "holds".to_owned(),
            Self::DoesNotHold { unmet } => format!("does not hold, not met: {unmet}"),
            Self::CannotTell { missing } => {
                let names: Vec<&str> = missing.iter().map(|fact: &Fact| fact.plain_name()).collect();
                format!("cannot tell, not known: {}", names.join(", "))
            }
        }
    }
}
