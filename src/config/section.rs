//! Typed access to one table of a configuration; whatever does not fit becomes a fault and the reading goes on.
//!
//! Absent on purpose: which keys there are and what they mean.

use super::document::{Fault, Node, Place, Table, Value};
use std::ops::RangeInclusive;

/// A table, and its name in messages.
pub(super) struct Section {
    name: String,
    place: Option<Place>,
    members: Table,
    /// Every key that was asked for, to tell what is unknown.
    known: Vec<&'static str>,
}

/// A text with its place.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) place: Place,
}

impl Section {
    pub(super) const fn root(members: Table) -> Self {
        Self { name: String::new(), place: None, members, known: Vec::new() }
    }

    /// The full name of a key.
    pub(super) fn key(&self, key: &str) -> String {
        if self.name.is_empty() { format!("`{key}`") } else { format!("`{}.{key}`", self.name) }
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.members.contains_key(key)
    }

    fn take(&mut self, key: &'static str) -> Option<Node> {
        self.known.push(key);
        self.members.remove(key)
    }

    fn wrong(&self, key: &str, node: &Node, wanted: &str, faults: &mut Vec<Fault>) {
        let is = match &node.value {
            Value::Text(_) => "a string",
            Value::Word(_) => "something else",
            Value::Integer(_) => "a number",
            Value::Boolean(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Other(what) => what,
        };
        faults.push(Fault::at(&node.place, format!("{} must be {wanted} and is {is}", self.key(key))));
    }

    /// Says that a key is missing.
    pub(super) fn missing(&self, key: &str, remedy: &str, faults: &mut Vec<Fault>) {
        faults.push(Fault {
            place: self.place.clone(),
            problem: format!("{} is missing; {remedy}", self.key(key)),
        });
    }

    /// A string that is not blank.
    pub(super) fn text(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<Text> {
        let node = self.take(key)?;
        match node.value {
            Value::Text(text) | Value::Word(text) => {
                if text.trim().is_empty() {
                    let problem = format!("{} is empty; give it a value or leave it out", self.key(key));
                    faults.push(Fault::at(&node.place, problem));
                    return None;
                }
                Some(Text { text, place: node.place })
            }
            _ => {
                self.wrong(key, &node, "a string", faults);
                None
            }
        }
    }

    /// A list of strings; a variable may hold a comma list.
    pub(super) fn texts(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Vec<Text> {
        let Some(node) = self.take(key) else { return Vec::new() };
        let items = match &node.value {
            Value::List(items) => items.clone(),
            Value::Word(words) => {
                let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
                let item =
                    |word: &str| Node { place: node.place.clone(), value: Value::Word(word.to_owned()) };
                words.map(item).collect()
            }
            _ => {
                self.wrong(key, &node, "a list of strings", faults);
                return Vec::new();
            }
        };
        let mut texts = Vec::new();
        for item in items {
            match item.value {
                Value::Text(text) | Value::Word(text) if !text.trim().is_empty() => {
                    texts.push(Text { text, place: item.place });
                }
                _ => self.wrong(key, &item, "a list of strings, none of them empty,", faults),
            }
        }
        texts
    }

    /// A whole number within bounds.
    pub(super) fn number(
        &mut self,
        key: &'static str,
        bounds: RangeInclusive<i64>,
        faults: &mut Vec<Fault>,
    ) -> Option<i64> {
        let node = self.take(key)?;
        let number = match &node.value {
            Value::Integer(number) => Some(*number),
            Value::Word(word) => word.trim().replace('_', "").parse().ok(),
            _ => None,
        };
        let fits = number.filter(|number| bounds.contains(number));
        if fits.is_none() {
            let problem = format!(
                "{} must be a whole number from {} to {}",
                self.key(key),
                bounds.start(),
                bounds.end()
            );
            faults.push(Fault::at(&node.place, problem));
        }
        fits
    }

    /// true or false.
    pub(super) fn boolean(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<bool> {
        let node = self.take(key)?;
        let told = match &node.value {
            Value::Boolean(yes) => Some(*yes),
            Value::Word(word) => word.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        };
        if told.is_none() {
            self.wrong(key, &node, "true or false", faults);
        }
        told
    }

    /// A table; an empty one when it is not there.
    pub(super) fn section(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Self {
        let name = if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) };
        let (place, members) = match self.take(key) {
            None => (None, Table::new()),
            Some(Node { place, value: Value::Table(members) }) => (Some(place), members),
            Some(node) => {
                self.wrong(key, &node, "a table", faults);
                (Some(node.place), Table::new())
            }
        };
        Self { name, place, members, known: Vec::new() }
    }

    /// A list of tables.
    pub(super) fn sections(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Vec<Self> {
        let Some(node) = self.take(key) else { return Vec::new() };
        let Value::List(items) = &node.value else {
            self.wrong(key, &node, "a list of tables", faults);
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let name = if self.name.is_empty() {
                format!("{key}[{index}]")
            } else {
                format!("{}.{key}[{index}]", self.name)
            };
            match &item.value {
                Value::Table(members) => sections.push(Self {
                    name,
                    place: Some(item.place.clone()),
                    members: members.clone(),
                    known: Vec::new(),
                }),
                _ => self.wrong(key, item, "a list of tables", faults),
            }
        }
        sections
    }

    /// Where the table stands.
    pub(super) const fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// Whatever was not asked for is unknown.
    pub(super) fn finish(self, faults: &mut Vec<Fault>) {
        for (key, node) in &self.members {
            let near = self.known.iter().map(|known| (strsim::damerau_levenshtein(known, key), known));
            let near = near.filter(|(distance, _)| *distance <= 2).min();
            let remedy = match near {
                Some((_, known)) => format!("did you mean `{known}`?"),
                None => format!("the keys here are {}", self.known.join(", ")),
            };
            faults.push(Fault::at(&node.place, format!("{} is unknown; {remedy}", self.key(key))));
        }
    }
}
