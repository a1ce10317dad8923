//! The table of all configuration keys. Reading, overrides by variables, the hint at a misspelt key, `sample.toml` and
//! `docs/configuration.md` are made from it, so a key that does not stand here does not exist.
//!
//! A default is never written here: it is the value that the sandbox has ([`Config::sandbox`]).

use super::Config;
use super::headings::HEADINGS;

/// A table of the file, with its keys.
#[derive(Debug)]
pub(super) struct Heading {
    /// Its name with dots; empty for the top of the file.
    pub(super) name: &'static str,
    /// Whether it stands there several times, `[[…]]`.
    pub(super) repeats: bool,
    /// What its keys are about.
    pub(super) means: &'static str,
    /// Its keys, in the order of the sample.
    pub(super) keys: &'static [Key],
}

/// A key.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) unset: Unset,
    /// What it means, in one or two short sentences.
    pub(super) means: &'static str,
}

/// What a key takes.
#[derive(Debug)]
pub(super) enum Kind {
    Text,
    Texts,
    Boolean,
    /// A whole number between these two.
    Number(i64, i64),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of codings: [`CODING`].
    Codings,
    /// A person or desk to call: [`CONTACT`].
    Contact,
}

/// What holds when a key is not given.
#[derive(Debug)]
pub(super) enum Unset {
    /// It must be given.
    Required {
        /// Why, or what to write.
        remedy: &'static str,
        /// TOML of the sample.
        example: &'static str,
    },
    /// The value that the sandbox has, as TOML.
    Default(fn(&Config) -> String),
    /// No value.
    Nothing {
        /// What the service does then.
        then: &'static str,
        /// TOML of the sample.
        example: &'static str,
        /// Whether the sample has the example in force; else the line is a comment.
        in_force: bool,
    },
}

/// A key with a default: the value that the sandbox has.
pub(super) const fn default(
    name: &'static str,
    kind: Kind,
    of: fn(&Config) -> String,
    means: &'static str,
) -> Key {
    Key { name, kind, unset: Unset::Default(of), means }
}

/// A key that must be given.
pub(super) const fn required(
    name: &'static str,
    kind: Kind,
    example: &'static str,
    remedy: &'static str,
    means: &'static str,
) -> Key {
    Key { name, kind, unset: Unset::Required { remedy, example }, means }
}

/// A key that may be left out; the sample has its example in force.
pub(super) const fn optional(
    name: &'static str,
    kind: Kind,
    example: &'static str,
    then: &'static str,
    means: &'static str,
) -> Key {
    Key { name, kind, unset: Unset::Nothing { then, example, in_force: true }, means }
}

/// A key that may be left out; the sample has its example as a comment.
pub(super) const fn optional_hint(
    name: &'static str,
    kind: Kind,
    example: &'static str,
    then: &'static str,
    means: &'static str,
) -> Key {
    Key { name, kind, unset: Unset::Nothing { then, example, in_force: false }, means }
}

/// Members of one coding.
pub(super) const CODING: Heading = Heading {
    name: "coding",
    repeats: false,
    means: "A coding of the site in a suggested order",
    keys: &[
        Key {
            name: "system",
            kind: Kind::Text,
            unset: Unset::Required {
                remedy: "a coding needs `system` and `code`",
                example: "\"urn:oid:1.2.3\"",
            },
            means: "URI of the code system.",
        },
        Key {
            name: "code",
            kind: Kind::Text,
            unset: Unset::Required { remedy: "a coding needs `system` and `code`", example: "\"MR0123\"" },
            means: "The code.",
        },
        Key {
            name: "display",
            kind: Kind::Text,
            unset: Unset::Nothing { then: "no display", example: "\"MRI whole spine\"", in_force: true },
            means: "What the code system calls it.",
        },
    ],
};

/// Members of one contact.
pub(super) const CONTACT: Heading = Heading {
    name: "contact",
    repeats: false,
    means: "Whom an emergency card says to call",
    keys: &[
        Key {
            name: "name",
            kind: Kind::Text,
            unset: Unset::Required {
                remedy: "a contact needs `name` and `number`",
                example: "\"Spine surgeon on call\"",
            },
            means: "The person or desk; at most 60 characters.",
        },
        Key {
            name: "number",
            kind: Kind::Text,
            unset: Unset::Required {
                remedy: "a contact needs `name` and `number`",
                example: "\"+31 20 555 0101\"",
            },
            means: "The telephone or pager number; at most 40 characters.",
        },
    ],
};

/// A key that is also taken in another place: table and name there, table and name where it belongs.
pub(super) struct Moved {
    pub(super) from: (&'static str, &'static str),
    pub(super) to: (&'static str, &'static str),
}

/// Keys that are also taken in another place. The example of the contract prints `value_sets` below the heading
/// `[look_back_days]`, where TOML counts it in, and `whole_spine_mri` was there before `[facility.orders]`.
pub(super) const MOVED: &[Moved] = &[
    Moved { from: ("look_back_days", "value_sets"), to: ("facility", "value_sets") },
    Moved { from: ("facility", "whole_spine_mri"), to: ("facility.orders", "whole_spine_mri") },
];

/// The table of this name.
pub(super) fn heading(name: &str) -> Option<&'static Heading> {
    HEADINGS.iter().find(|it| it.name == name)
}

impl Heading {
    /// The key of this name.
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|it| it.name == name)
    }

    /// Names of the keys and of the tables right below, to tell what is unknown.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        let below = HEADINGS.iter().filter_map(|it| match it.name.rsplit_once('.') {
            Some((parent, name)) => (parent == self.name).then_some(name),
            None => (self.name.is_empty() && !it.name.is_empty()).then_some(it.name),
        });
        self.keys.iter().map(|key| key.name).chain(below)
    }
}

impl Kind {
    /// What a reader of the documentation needs to know to write a value.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Text => "string".to_owned(),
            Self::Texts => "list of strings".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::Number(least, most) => format!("whole number, {least} to {most}"),
            Self::Choice(words) => {
                words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(" or ")
            }
            Self::Codings => "list of codings".to_owned(),
            Self::Contact => "contact".to_owned(),
        }
    }
}
/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
