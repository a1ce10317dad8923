//! A TOML file with the overrides of the environment as one tree; each value knows where it came from.
//!
//! An override is a variable `SPINAL_METS_CDS__SECTION__KEY`; items of a list are named by their index. Its text is taken as
//! what the key asks for: a word, a number, a comma list, or TOML for lists and tables.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What the variables begin with.
pub const PREFIX: &str = "SPINAL_METS_CDS__";

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Line and column in the file, both from 1.
    File(usize, usize),
    /// A variable.
    Variable(String),
}

/// A value.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// A string of the file.
    Text(String),
    /// The text of a variable, to be read as what the key asks for.
    Word(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Node>),
    Table(Table),
    /// A float or a date; no key takes one.
    Other(&'static str),
}

/// Members by name, with the place of each.
pub(super) type Table = BTreeMap<String, Node>;

/// Something that is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands; `None` for the configuration as a whole.
    pub place: Option<Place>,
    /// What is wrong and what to do.
    pub problem: String,
}

impl Fault {
    pub(super) fn at(place: &Place, problem: impl Into<String>) -> Self {
        Self { place: Some(place.clone()), problem: problem.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(line, column) => write!(f, "{line}:{column}"),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// Reads a TOML text as far as it goes.
pub(super) fn read(text: &str, faults: &mut Vec<Fault>) -> Table {
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        faults.push(Fault::at(&position(text, at), format!("not valid TOML: {}", error.message())));
    }
    table(document.get_ref(), &|at| position(text, at))
}

fn position(text: &str, at: usize) -> Place {
    let before = text.get(..at.min(text.len())).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Place::File(line, column)
}

fn table(members: &DeTable<'_>, place: &dyn Fn(usize) -> Place) -> Table {
    let member = |(name, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
        let value = Node { place: place(name.span().start), value: value_of(value.get_ref(), place) };
        (name.get_ref().to_string(), value)
    };
    members.iter().map(member).collect()
}

fn value_of(value: &DeValue<'_>, place: &dyn Fn(usize) -> Place) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            match i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()) {
                Ok(number) => Value::Integer(number),
                Err(_) => Value::Other("a number out of range"),
            }
        }
        DeValue::Boolean(yes) => Value::Boolean(*yes),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| Node { place: place(item.span().start), value: value_of(item.get_ref(), place) })
                .collect(),
        ),
        DeValue::Table(members) => Value::Table(table(members, place)),
        DeValue::Float(_) => Value::Other("a number with a fraction"),
        DeValue::Datetime(_) => Value::Other("a date"),
    }
}

/// Puts the overrides of `environment` over the file; other variables are none of our business.
pub(super) fn override_by(
    root: &mut Table,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    faults: &mut Vec<Fault>,
) {
    let mut ours: Vec<(String, OsString)> = environment
        .into_iter()
        .filter_map(|(name, text)| Some((name.into_string().ok()?, text)))
        .filter(|(name, _)| name.to_ascii_uppercase().starts_with(PREFIX))
        .collect();
    // Whole lists and tables before their members, and indices in the order of their numbers.
    ours.sort_by_key(|(name, _)| (name.len(), name.clone()));
    for (name, text) in ours {
        let place = Place::Variable(name.clone());
        let Ok(text) = text.into_string() else {
            faults.push(Fault::at(&place, "its value is not UTF-8"));
            continue;
        };
        let path: Vec<String> =
            name.chars().skip(PREFIX.len()).collect::<String>().split("__").map(str::to_lowercase).collect();
        if let Err(problem) = put(root, &path, &place, text) {
            faults.push(Fault::at(&place, problem));
        }
    }
}

/// Puts one override where its path leads.
fn put(table: &mut Table, path: &[String], place: &Place, text: String) -> Result<(), String> {
    let Some((name, rest)) = path.split_first() else { return Ok(()) };
    if name.is_empty() {
        return Err("names no key; write SPINAL_METS_CDS__SECTION__KEY".to_owned());
    }
    if rest.is_empty() {
        table.insert(name.clone(), word(text, place));
        return Ok(());
    }
    let index = rest.first().and_then(|it| it.parse::<usize>().ok());
    let entry = table.entry(name.clone()).or_insert_with(|| {
        let value = if index.is_some() { Value::List(Vec::new()) } else { Value::Table(Table::new()) };
        Node { place: place.clone(), value }
    });
    match (&mut entry.value, index) {
        (Value::Table(members), None) => put(members, rest, place, text),
        (Value::List(items), Some(index)) => {
            put_item(items, index, rest.get(1..).unwrap_or_default(), place, text)
        }
        (Value::List(_), None) => Err(format!("`{name}` is a list: name an item by its number")),
        _ => Err(format!("`{name}` holds one value and has no parts")),
    }
}

fn put_item(
    items: &mut Vec<Node>,
    index: usize,
    rest: &[String],
    place: &Place,
    text: String,
) -> Result<(), String> {
    if index > items.len() {
        return Err(format!("item {index} does not follow: the list has {} so far", items.len()));
    }
    if index == items.len() {
        let value = Value::Table(Table::new());
        items.push(Node { place: place.clone(), value });
    }
    let Some(item) = items.get_mut(index) else { return Ok(()) };
    if rest.is_empty() {
        *item = word(text, place);
        return Ok(());
    }
    match &mut item.value {
        Value::Table(members) => put(members, rest, place, text),
        _ => Err(format!("item {index} has no parts")),
    }
}

/// A value written as TOML; `None` when it is none.
pub(super) fn literal(text: &str) -> Option<Value> {
    let document = format!("it = {text}");
    let parsed = DeTable::parse(&document).ok()?;
    let value = parsed.get_ref().get("it")?;
    Some(value_of(value.get_ref(), &|_| Place::File(1, 1)))
}

/// Moves a member to the table where it belongs. When it stands in both, that is a fault.
pub(super) fn move_member(
    root: &mut Table,
    (from, name): (&str, &str),
    (to, new_name): (&str, &str),
    faults: &mut Vec<Fault>,
) {
    let Some(node) = table_at(root, from, None).and_then(|table| table.remove(name)) else { return };
    let place = node.place.clone();
    let Some(target) = table_at(root, to, Some(&place)) else { return };
    if target.contains_key(new_name) {
        let problem = format!("`{name}` is given twice; keep the one in [{to}]");
        faults.push(Fault::at(&place, problem));
    } else {
        target.insert(new_name.to_owned(), node);
    }
}

/// The table of a dotted name; made at `place` when that is given and the table is not there.
fn table_at<'t>(root: &'t mut Table, name: &str, place: Option<&Place>) -> Option<&'t mut Table> {
    let mut table = root;
    for part in name.split('.') {
        if let (false, Some(place)) = (table.contains_key(part), place) {
            let value = Value::Table(Table::new());
            table.insert(part.to_owned(), Node { place: place.clone(), value });
        }
        match &mut table.get_mut(part)?.value {
            Value::Table(below) => table = below,
            _ => return None,
        }
    }
    Some(table)
}

/// The value of a variable: TOML where it opens a list or table, else a word.
fn word(text: String, place: &Place) -> Node {
    let value = if text.trim_start().starts_with(['[', '{']) {
        let document = format!("it = {text}");
        match DeTable::parse(&document) {
            Ok(parsed) => match parsed.get_ref().get("it") {
                Some(value) => value_of(value.get_ref(), &|_| place.clone()),
                None => Value::Word(text),
            },
            Err(_) => Value::Other("neither a TOML list nor a TOML table, though it begins like one"),
        }
    } else {
        Value::Word(text)
    };
    Node { place: place.clone(), value }
}
