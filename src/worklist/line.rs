//! A line of the worklist: one recommendation for one patient.

use crate::cases::compare::{rationale, recommendations, text, texts};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A recommendation that is to be worked on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Line {
    /// Bare id of the patient.
    pub patient: String,
    /// The recommendation code.
    pub code: String,
    /// The row that fired.
    #[serde(default)]
    pub row: String,
    /// `critical`, `warning` or `info`.
    #[serde(default)]
    pub indicator: String,
    /// When it must be done, RFC 3339 in UTC.
    #[serde(default)]
    pub deadline: Option<String>,
    /// The deadline has passed.
    #[serde(default)]
    pub overdue: bool,
    /// The first line of the card.
    #[serde(default)]
    pub summary: String,
    /// From which records, each as `fact=value (Type/id, date)`.
    #[serde(default)]
    pub facts: Vec<String>,
    /// What is not known and may change it.
    #[serde(default)]
    pub missing: Vec<String>,
    /// What has become of it since an earlier run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
}

/// What has become of a recommendation since an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It was not there.
    New,
    /// It was there, and its deadline has passed since.
    Overdue,
    /// It was there.
    Same,
    /// It is no longer there.
    Cleared,
}

impl Change {
    const ALL: [Self; 4] = [Self::New, Self::Overdue, Self::Same, Self::Cleared];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Overdue => "overdue",
            Self::Same => "same",
            Self::Cleared => "cleared",
        }
    }
}

/// The columns of the table.
const COLUMNS: [&str; 10] =
    ["patient", "code", "row", "indicator", "deadline", "overdue", "summary", "facts", "missing", "change"];

/// Between the members of a list in one cell.
const BETWEEN: &str = "; ";

impl Line {
    /// The recommendations of a card.
    pub fn of_card(patient: &str, card: &Value) -> Vec<Self> {
        let why = rationale(card);
        let part = |value: &Value, name| text(value, name).unwrap_or_default().to_owned();
        let recommendations = recommendations(card).iter().map(|recommendation| Self {
            patient: patient.to_owned(),
            code: part(recommendation, "code"),
            row: part(recommendation, "row"),
            indicator: part(card, "indicator"),
            deadline: text(why, "deadline").map(str::to_owned),
            overdue: why.get("overdue").and_then(Value::as_bool).unwrap_or(false),
            summary: part(card, "summary"),
            facts: recommendation
                .get("facts")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(fact)
                .collect(),
            missing: texts(recommendation, "missing").into_iter().map(str::to_owned).collect(),
            change: None,
        });
        recommendations.collect()
    }

    /// Its place as a text that is compared: what has a deadline first, by that; then by urgency, patient, code and row.
    pub fn order(&self) -> String {
        let urgency = match self.indicator.as_str() {
            "critical" => '0',
            "warning" => '1',
            _ => '2',
        };
        let deadline = self.deadline.as_deref().unwrap_or("~");
        format!("{deadline}\n{urgency}\n{}\n{}\n{}", self.patient, self.code, self.row)
    }

    /// As a line of JSON.
    pub fn json(&self) -> String {
        // A struct of texts can always be written.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// Reads a row of the table; `of` gives the cell of a column.
    pub(super) fn of_row<'a>(of: impl Fn(&str) -> &'a str) -> Self {
        let of = |name: &str| read(of(name));
        let list = |name| of(name).split(BETWEEN).filter(|it| !it.is_empty()).map(str::to_owned).collect();
        let text = |name| of(name).to_owned();
        Self {
            patient: text("patient"),
            code: text("code"),
            row: text("row"),
            indicator: text("indicator"),
            deadline: Some(text("deadline")).filter(|it| !it.is_empty()),
            overdue: of("overdue") == "yes",
            summary: text("summary"),
            facts: list("facts"),
            missing: list("missing"),
            change: Change::ALL.into_iter().find(|change| change.name() == of("change")),
        }
    }

    /// The names of the columns.
    pub fn header(with_change: bool) -> String {
        row(COLUMNS.into_iter().take(columns(with_change)))
    }

    /// As a row of the table.
    pub fn row(&self, with_change: bool) -> String {
        let overdue = if self.overdue { "yes" } else { "no" };
        let cells = [
            self.patient.clone(),
            self.code.clone(),
            self.row.clone(),
            self.indicator.clone(),
            self.deadline.clone().unwrap_or_default(),
            if self.indicator.is_empty() { String::new() } else { overdue.to_owned() },
            self.summary.clone(),
            self.facts.join(BETWEEN),
            self.missing.join(BETWEEN),
            self.change.map_or("", Change::name).to_owned(),
        ];
        row(cells.iter().map(|cell| plain(cell)).take(columns(with_change)))
    }
}

const fn columns(with_change: bool) -> usize {
    if with_change { COLUMNS.len() } else { COLUMNS.len() - 1 }
}

fn row(cells: impl Iterator<Item = impl AsRef<[u8]>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(cells);
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// How a formula begins.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell that no spreadsheet takes for a formula.
fn plain(cell: &str) -> String {
    if cell.starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() }
}

/// What [`plain`] was given.
fn read(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|it| it.starts_with(FORMULA)).unwrap_or(cell)
}

fn fact(fact: &Value) -> String {
    let part = |name| text(fact, name);
    let from: Vec<&str> = [part("reference"), part("date")].into_iter().flatten().collect();
    let said = format!("{}={}", part("fact").unwrap_or_default(), part("value").unwrap_or_default());
    if from.is_empty() { said } else { format!("{said} ({})", from.join(", ")) }
}
