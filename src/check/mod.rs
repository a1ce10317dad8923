//! A document of CDS Hooks 2.0.1, of any service or client, held against the rows of the requirement list
//! (`hooks/CONFORMANCE.md`), on its raw bytes.
//!
//! One file a kind of document; [`Rule`] is the table of what is checked. The test programs hold every answer of this service
//! against it, `check-response` those of others. Deliberately absent: what a FHIR resource says, and what a card should advise.

mod action;
mod answer;
mod discovery;
mod everywhere;
mod feedback;
mod finding;
mod hook;
mod markdown;
mod request;
mod rule;
mod shape;
mod template;
mod text;

pub use finding::{Finding, Findings, MOST_TOLD};
pub use hook::{HookContext, find as hook_context};
pub use request::{Asked, NoRequest};
pub use rule::{Rule, Severity};

use crate::json::{Json, Object};
use finding::{Place, did_you_mean, kind_of, name_of, nearest};
use thiserror::Error;

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The services on offer.
    Discovery,
    /// The answer to a hook call.
    Answer,
    /// What a client tells about cards.
    Feedback,
}

impl Kind {
    /// Every kind with the member that tells it.
    const MARKS: [(&'static str, Self); 4] = [
        ("services", Self::Discovery),
        ("cards", Self::Answer),
        ("systemActions", Self::Answer),
        ("feedback", Self::Feedback),
    ];

    /// As it is printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Answer => "answer",
            Self::Feedback => "feedback",
        }
    }

    /// Tells the kind from the members.
    fn of(root: Json<'_>) -> Result<Self, UnknownKind> {
        let Some(object) = Object::of_any_size(root) else {
            return Err(UnknownKind(format!("it is {}, not an object", kind_of(root))));
        };
        let has = |name: &str| object.raw(name).is_some() || object.repeats(name);
        let mut kinds: Vec<Self> =
            Self::MARKS.iter().filter(|(name, _)| has(name)).map(|(_, it)| *it).collect();
        kinds.dedup();
        match kinds.as_slice() {
            [kind] => Ok(*kind),
            [] if has("hook") && has("context") => {
                Err(UnknownKind("it is a hook request; give it with --request beside its answer".to_owned()))
            }
            [] => match object.text("resourceType") {
                Some(it) if it == "OperationOutcome" => {
                    Err(UnknownKind("it is an OperationOutcome, a refusal and no answer".to_owned()))
                }
                _ => Err(UnknownKind(format!("no member tells it{}", near(root)))),
            },
            _ => Err(UnknownKind("it has the members of more than one kind".to_owned())),
        }
    }
}

/// What was probably meant by a member of the top.
fn near(root: Json<'_>) -> String {
    let marks = || Kind::MARKS.iter().map(|(name, _)| *name);
    did_you_mean(root.members().take(20).find_map(|(name, _)| nearest(&name_of(name), marks())))
}

/// It cannot be told what kind of document it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "it cannot be told what this is: {0}. An object with `services` is discovery, one with `cards` an answer, one with \
     `feedback` feedback; --kind says it for all"
)]
pub struct UnknownKind(String);

/// What was found about a document.
#[derive(Debug, Clone)]
pub struct Report {
    /// What it was held to be; `None` where no JSON could be read.
    pub kind: Option<Kind>,
    /// What is wrong with it.
    pub findings: Findings,
}

/// Checks a document. Without `kind` it is told from the document; `asked` is the request, where an answer is checked beside it.
///
/// # Errors
///
/// When the document is JSON and its kind cannot be told.
pub fn check(bytes: &[u8], kind: Option<Kind>, asked: Option<&Asked>) -> Result<Report, UnknownKind> {
    let mut findings = Findings::default();
    let Some(document) = text::read(bytes, &mut findings) else {
        return Ok(Report { kind, findings });
    };
    let root = document.root();
    let kind = kind.map_or_else(|| Kind::of(root), Ok)?;
    everywhere::check(root, kind, &mut findings);
    match kind {
        Kind::Discovery => discovery::check(root, &mut findings),
        Kind::Answer => answer::check(root, asked, &mut findings),
        Kind::Feedback => feedback::check(root, &mut findings),
    }
    findings.sort();
    Ok(Report { kind: Some(kind), findings })
}

/// Findings about how a document came over HTTP: its media type, and whether anybody could listen.
pub fn check_transport(media_type: Option<&str>, is_open: bool, findings: &mut Findings) {
    let is_json = |it: &str| {
        let plain = it.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        plain == "application/json" || plain.ends_with("+json")
    };
    if !media_type.is_some_and(is_json) {
        let problem = match media_type {
            Some(it) => format!("the media type is {}", finding::quoted(it)),
            None => "the answer has no media type".to_owned(),
        };
        findings.add(Rule::MediaType, &Place::TOP, problem);
    }
    if is_open {
        findings.add(Rule::PlainHttp, &Place::TOP, "it came over plain http");
    }
    findings.sort();
}
