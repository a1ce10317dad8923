//! Made-up patients as case folders, and as an export with its answers.

use super::{Chart, Expected, Hook, Patient};
use crate::cases::bundle::{BUNDLE_FILE, reference_of};
use crate::cases::case::CASE_FILE;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Where the resources of a case lie.
const BASE: &str = "https://ehr.example.org/fhir/r4";

impl Patient {
    /// The name of its case.
    pub fn name(&self) -> String {
        format!("{:06}-{}", self.number, self.story.id())
    }

    /// Writes it as a case below a folder.
    ///
    /// # Errors
    ///
    /// The folder cannot be written.
    pub fn write_case(&self, below: &Path) -> io::Result<()> {
        let folder = below.join(self.name());
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(BUNDLE_FILE), format!("{:#}\n", bundle(&self.chart)))?;
        fs::write(folder.join(CASE_FILE), self.case_file())
    }

    fn case_file(&self) -> String {
        let mut text = format!(
            "story = {}\ncovers = [{}]\nhook = {}\nnow = {}\npatient = {}\n",
            quoted(self.story.what()),
            quoted(self.story.id()),
            quoted(self.story.hook().name()),
            quoted(&self.chart.now.to_rfc3339()),
            quoted(&self.id),
        );
        let drafts: Vec<String> =
            self.chart.drafts.iter().filter_map(reference_of).map(|name| quoted(&name)).collect();
        // Writing to a String cannot fail.
        if !drafts.is_empty() {
            let _ = writeln!(text, "drafts = [{}]", drafts.join(", "));
        }
        if self.story.hook() == Hook::OrderSelect {
            let _ = writeln!(text, "selections = [{}]", drafts.join(", "));
        }
        for card in &self.expected {
            let codes: Vec<String> = card.codes.iter().map(|code| quoted(code.as_str())).collect();
            let _ = write!(
                text,
                "\n[[expect]]\ncodes = [{}]\nindicator = {}\n",
                codes.join(", "),
                quoted(card.indicator)
            );
            if let Some(deadline) = card.deadline {
                let _ = write!(text, "deadline = {}\noverdue = false\n", quoted(&deadline.to_rfc3339()));
            }
        }
        text
    }

    /// Its line in the answers of an export: the cards of its opened chart.
    pub fn answer(&self) -> Value {
        let cards: Vec<Value> = self.expected_on_view.iter().map(Expected::json).collect();
        json!({ "patient": self.id, "story": self.story.id(), "cards": cards })
    }
}

impl Expected {
    fn json(&self) -> Value {
        let codes: Vec<&str> = self.codes.iter().map(|code| code.as_str()).collect();
        let mut card = json!({ "codes": codes, "indicator": self.indicator });
        if let (Some(deadline), Some(members)) = (self.deadline, card.as_object_mut()) {
            members.insert("deadline".to_owned(), json!(super::chart::instant(deadline)));
        }
        card
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn bundle(chart: &Chart) -> Value {
    let entries: Vec<Value> = chart
        .resources
        .iter()
        .chain(&chart.drafts)
        .map(|resource| {
            let name = reference_of(resource).unwrap_or_default();
            json!({ "fullUrl": format!("{BASE}/{name}"), "resource": resource })
        })
        .collect();
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries })
}

/// An export in the making: a file a type, and the answers beside it.
#[derive(Debug)]
pub struct Export {
    folder: PathBuf,
    files: BTreeMap<String, BufWriter<File>>,
    answers: Option<BufWriter<File>>,
}

impl Export {
    /// An export in this folder, its answers in a file of their own.
    ///
    /// # Errors
    ///
    /// Folder or file cannot be made.
    pub fn create(folder: &Path, answers: Option<&Path>) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let answers = answers.map(File::create).transpose()?.map(BufWriter::new);
        Ok(Self { folder: folder.to_owned(), files: BTreeMap::new(), answers })
    }

    /// Adds a patient; drafts lie in an export like any other order.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn add(&mut self, patient: &Patient) -> io::Result<()> {
        for resource in patient.chart.resources.iter().chain(&patient.chart.drafts) {
            let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
            if !self.files.contains_key(kind) {
                let file = File::create(self.folder.join(kind).with_extension("ndjson"))?;
                self.files.insert(kind.to_owned(), BufWriter::new(file));
            }
            if let Some(file) = self.files.get_mut(kind) {
                writeln!(file, "{resource}")?;
            }
        }
        match &mut self.answers {
            Some(answers) => writeln!(answers, "{}", patient.answer()),
            None => Ok(()),
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn finish(self) -> io::Result<()> {
        self.files.into_values().chain(self.answers).try_for_each(|mut file| file.flush())
    }
}
