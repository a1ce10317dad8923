//! Typed access to one table of a configuration, by the table of keys. What does not fit becomes a fault and the reading
//! goes on; what is not given has its default.

use super::Config;
use super::document::{Fault, Node, Place, Table, Value, literal};
use super::keys::{CODING, CONTACT, Heading, Kind, Unset, heading};

/// A table of the file.
pub(super) struct Section {
    /// Its name in messages, with the numbers of items.
    name: String,
    place: Option<Place>,
    members: Table,
    heading: &'static Heading,
}

/// For a table that the table of keys does not have: whatever stands in it is unknown.
const NOTHING: Heading = Heading { name: "?", repeats: false, means: "", keys: &[] };

/// How many letters may differ for a key to be meant.
const FARTHEST_MISSPELLING: usize = 2;

/// A text with its place.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) place: Place,
}

impl Section {
    /// The top of the file.
    pub(super) fn root(members: Table) -> Self {
        Self { name: String::new(), place: None, members, heading: heading("").unwrap_or(&NOTHING) }
    }

    /// The full name of a key.
    pub(super) fn key(&self, key: &str) -> String {
        if self.name.is_empty() { format!("`{key}`") } else { format!("`{}.{key}`", self.name) }
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.members.contains_key(key)
    }

    /// Takes the value of a key out, or its default. A required key that is not there is a fault.
    fn take(&mut self, key: &str, faults: &mut Vec<Fault>) -> Option<Node> {
        if let Some(node) = self.members.remove(key) {
            return Some(node);
        }
        match &self.heading.key(key)?.unset {
            Unset::Required { remedy, .. } => {
                self.missing(key, remedy, faults);
                None
            }
            Unset::Default(of) => {
                // A test holds that no default is a fault, so the place is never shown.
                let value = literal(&of(&Config::sandbox()))?;
                Some(Node { place: Place::File(1, 1), value })
            }
            Unset::Nothing { .. } => None,
        }
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
    pub(super) fn text(&mut self, key: &str, faults: &mut Vec<Fault>) -> Option<Text> {
        let node = self.take(key, faults)?;
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
    pub(super) fn texts(&mut self, key: &str, faults: &mut Vec<Fault>) -> Vec<Text> {
        let Some(node) = self.take(key, faults) else { return Vec::new() };
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

    /// A whole number within the bounds of its key.
    pub(super) fn number(&mut self, key: &str, faults: &mut Vec<Fault>) -> Option<i64> {
        let Kind::Number(least, most) = self.heading.key(key)?.kind else { return None };
        let node = self.take(key, faults)?;
        let number = match &node.value {
            Value::Integer(number) => Some(*number),
            Value::Word(word) => word.trim().replace('_', "").parse().ok(),
            _ => None,
        };
        let fits = number.filter(|number| (least..=most).contains(number));
        if fits.is_none() {
            let problem = format!("{} must be a whole number from {least} to {most}", self.key(key));
            faults.push(Fault::at(&node.place, problem));
        }
        fits
    }

    /// true or false.
    pub(super) fn boolean(&mut self, key: &str, faults: &mut Vec<Fault>) -> Option<bool> {
        let node = self.take(key, faults)?;
        let answer = match &node.value {
            Value::Boolean(yes) => Some(*yes),
            Value::Word(word) => word.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        };
        if answer.is_none() {
            self.wrong(key, &node, "true or false", faults);
        }
        answer
    }

    /// One of the words that its key takes.
    pub(super) fn choice(&mut self, key: &str, faults: &mut Vec<Fault>) -> Option<&'static str> {
        let Kind::Choice(words) = self.heading.key(key)?.kind else { return None };
        let text = self.text(key, faults)?;
        let chosen = words.iter().find(|word| **word == text.text);
        if chosen.is_none() {
            let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            let problem = format!("{} must be {}", self.key(key), words.join(" or "));
            faults.push(Fault::at(&text.place, problem));
        }
        chosen.copied()
    }

    /// A table below this one; an empty one when it is not there.
    pub(super) fn section(&mut self, key: &str, faults: &mut Vec<Fault>) -> Self {
        let full = |of: &str| if of.is_empty() { key.to_owned() } else { format!("{of}.{key}") };
        let below = heading(&full(self.heading.name)).unwrap_or(&NOTHING);
        self.table(key, full(&self.name), below, faults)
    }

    /// A contact; `None` when it is not given.
    pub(super) fn contact(&mut self, key: &str, faults: &mut Vec<Fault>) -> Option<Self> {
        let name = format!("{}.{key}", self.name);
        self.has(key).then(|| self.table(key, name, &CONTACT, faults))
    }

    fn table(&mut self, key: &str, name: String, heading: &'static Heading, faults: &mut Vec<Fault>) -> Self {
        let (place, members) = match self.members.remove(key) {
            None => (None, Table::new()),
            Some(Node { place, value: Value::Table(members) }) => (Some(place), members),
            Some(node) => {
                self.wrong(key, &node, "a table", faults);
                (Some(node.place), Table::new())
            }
        };
        Self { name, place, members, heading }
    }

    /// The tables of a heading that repeats.
    pub(super) fn sections(&mut self, key: &str, faults: &mut Vec<Fault>) -> Vec<Self> {
        self.tables(key, heading(key).unwrap_or(&NOTHING), faults)
    }

    /// The codings of a key.
    pub(super) fn codings(&mut self, key: &str, faults: &mut Vec<Fault>) -> Vec<Self> {
        self.tables(key, &CODING, faults)
    }

    fn tables(&mut self, key: &str, heading: &'static Heading, faults: &mut Vec<Fault>) -> Vec<Self> {
        let Some(node) = self.members.remove(key) else { return Vec::new() };
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
                    heading,
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

    /// What was not taken is unknown.
    pub(super) fn finish(self, faults: &mut Vec<Fault>) {
        for (key, node) in &self.members {
            let near = self.heading.names().map(|known| (strsim::damerau_levenshtein(known, key), known));
            let near = near.filter(|(distance, _)| *distance <= FARTHEST_MISSPELLING).min();
            let remedy = match near {
                Some((_, known)) => format!("did you mean `{known}`?"),
                None => {
                    format!("the keys here are {}", self.heading.names().collect::<Vec<_>>().join(", "))
                }
            };
            faults.push(Fault::at(&node.place, format!("{} is unknown; {remedy}", self.key(key))));
        }
    }
}
