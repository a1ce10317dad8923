//! What was found, and where: places as JSON pointers (RFC 6901), written only for what is told.

use super::rule::{Rule, Severity};
use crate::json::Json;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// Of each severity so many findings are told one by one; the rest is counted.
pub const MOST_TOLD: usize = 200;

/// Longest value that is quoted, in characters.
const QUOTED: usize = 40;

/// A rule that is not kept at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// JSON pointer from the top of the document; empty for the document as a whole.
    pub place: String,
    /// What is wrong there, as a clause.
    pub problem: String,
}

/// All findings about one document.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    told: Vec<Finding>,
    must: usize,
    should: usize,
}

impl Findings {
    /// The findings in the order of their places, at most [`MOST_TOLD`] of each severity.
    pub fn told(&self) -> &[Finding] {
        &self.told
    }

    /// How many there are of a severity, those included that are not told.
    pub const fn count(&self, severity: Severity) -> usize {
        match severity {
            Severity::Must => self.must,
            Severity::Should => self.should,
        }
    }

    /// How many are counted and not told.
    pub fn untold(&self) -> usize {
        (self.must + self.should).saturating_sub(self.told.len())
    }

    /// Adds one.
    pub(super) fn add(&mut self, rule: Rule, at: &Place<'_>, problem: impl fmt::Display) {
        let count = match rule.severity() {
            Severity::Must => &mut self.must,
            Severity::Should => &mut self.should,
        };
        *count += 1;
        if *count <= MOST_TOLD {
            self.told.push(Finding { rule, place: at.to_string(), problem: problem.to_string() });
        }
    }

    /// Whether one more of this severity would only be counted.
    pub(super) const fn is_full(&self, severity: Severity) -> bool {
        self.count(severity) >= MOST_TOLD
    }

    /// Brings them into the order of the document: of two members by name, of two items by number.
    pub(super) fn sort(&mut self) {
        self.told.sort_by(|a, b| {
            by_parts(&a.place, &b.place).then_with(|| a.rule.severity().cmp(&b.rule.severity()))
        });
    }
}

fn by_parts(a: &str, b: &str) -> Ordering {
    let number = |part: &str| part.parse::<usize>().ok();
    let (mut left, mut right) = (a.split('/'), b.split('/'));
    loop {
        let order = match (left.next(), right.next()) {
            (Some(a), Some(b)) => match (number(a), number(b)) {
                (Some(x), Some(y)) => x.cmp(&y),
                _ => a.cmp(b),
            },
            (None, None) => return Ordering::Equal,
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// A place in the document that is being read; its pointer is written when it is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    around: Option<&'p Place<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    Top,
    Member(&'p str),
    Item(usize),
}

impl<'p> Place<'p> {
    /// The document as a whole.
    pub(super) const TOP: Place<'static> = Place { around: None, step: Step::Top };

    /// A member of the object here.
    pub(super) const fn member(&'p self, name: &'p str) -> Self {
        Self { around: Some(self), step: Step::Member(name) }
    }

    /// The name of the member that it is; `None` for an item or the top.
    pub(super) const fn name(&self) -> Option<&'p str> {
        match self.step {
            Step::Member(name) => Some(name),
            Step::Top | Step::Item(_) => None,
        }
    }

    /// An item of the array here, from 0.
    pub(super) const fn item(&'p self, index: usize) -> Self {
        Self { around: Some(self), step: Step::Item(index) }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(around) = self.around {
            around.fmt(f)?;
        }
        match self.step {
            Step::Top => Ok(()),
            Step::Member(name) => {
                let name: String = name.chars().take(2 * QUOTED).collect();
                write!(f, "/{}", name.replace('~', "~0").replace('/', "~1"))
            }
            Step::Item(index) => write!(f, "/{index}"),
        }
    }
}

/// The name of a member; as it is written where it stands for no characters.
pub(super) fn name_of(name: Json<'_>) -> Cow<'_, str> {
    name.string().unwrap_or_else(|| Cow::Borrowed(name.get()))
}

/// A text between quotes, cut to a length that a line can hold.
pub(super) fn quoted(text: &str) -> String {
    let mut characters = text.chars().map(|it| if it.is_control() { ' ' } else { it });
    let mut quoted: String = characters.by_ref().take(QUOTED).collect();
    if characters.next().is_some() {
        quoted.push('…');
    }
    format!("\"{quoted}\"")
}

/// What kind of value it is, with its article.
pub(super) fn kind_of(json: Json<'_>) -> &'static str {
    match json.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// Of the known names the one that was probably meant.
pub(super) fn nearest<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // Longer ones are no misspelling, and comparing them costs memory.
    if written.len() > 2 * QUOTED {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let written = plain(written);
    let measured = known.into_iter().map(|it| (strsim::damerau_levenshtein(&plain(it), &written), it));
    let (distance, name) = measured.min_by_key(|(distance, _)| *distance)?;
    // A third of the letters may differ.
    (distance <= 3 && distance * 3 <= name.len()).then_some(name)
}

/// ` (did you mean …?)`, or nothing.
pub(super) fn did_you_mean(near: Option<&str>) -> String {
    near.map(|it| format!(" (did you mean `{it}`?)")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_pointer() {
        let (cards, top) = (Place::TOP.member("a/b~c"), Place::TOP);
        assert_eq!((top.to_string(), cards.item(3).to_string()), (String::new(), "/a~1b~0c/3".to_owned()));
    }

    #[test]
    fn findings_stand_in_the_order_of_the_document_and_the_rest_is_counted() {
        let mut findings = Findings::default();
        let cards = Place::TOP.member("cards");
        for index in (0..300).rev() {
            findings.add(Rule::Summary, &cards.item(index), "x");
        }
        findings.add(Rule::CardOrder, &cards, "y");
        findings.sort();
        let places: Vec<&str> = findings.told().iter().map(|it| it.place.as_str()).collect();
        assert_eq!(places[..3], ["/cards", "/cards/100", "/cards/101"]);
        assert_eq!((findings.count(Severity::Must), findings.untold()), (300, 100));
    }

    #[test]
    fn a_name_is_near_another_or_none() {
        let known = ["selectionBehavior", "summary", "uuid"];
        assert_eq!(nearest("selectionBehaviour", known), Some("selectionBehavior"));
        assert_eq!(nearest("selection_behavior", known), Some("selectionBehavior"));
        assert_eq!(nearest("sumary", known), Some("summary"));
        assert_eq!(nearest("priority", known), None);
        assert_eq!(nearest(&"s".repeat(1_000_000), known), None);
    }

    #[test]
    fn what_is_quoted_is_short_and_cannot_steer_a_terminal() {
        assert_eq!(quoted("a\u{1b}[2J"), "\"a [2J\"");
        assert_eq!(quoted(&"é".repeat(50)), format!("\"{}…\"", "é".repeat(40)));
    }
}
