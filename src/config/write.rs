//! `sample.toml` and `docs/configuration.md`, written from the table of keys.
//!
//! `UPDATE_CONFIG=1 cargo test --test check_config` writes both files; a test fails while they are stale.

use super::headings::HEADINGS;
use super::keys::{CODING, CONTACT, Heading, Key, MOVED, Unset};
use super::{Config, PREFIX};
use std::fmt::Write;

/// A configuration with every key; what has a default shows it.
pub fn sample() -> String {
    let mut text = format!(
        "# A configuration with every key, made from the table of keys in src/config/headings.rs.\n\
         # What has a default shows it; leave such a key out to keep the default. Relative paths start at the folder of this\n\
         # file. Every key can be overridden by a variable: {PREFIX}LIMITS__IN_FLIGHT=256,\n\
         # {PREFIX}CLIENTS__0__ISSUER=https://…, lists as a TOML list or with commas. `check-config` says what is wrong.\n"
    );
    for heading in HEADINGS {
        let _ = match (heading.name, heading.repeats) {
            ("", _) => write!(text, "\n# {}.\n", heading.means),
            (name, true) => write!(text, "\n# {}.\n[[{name}]]\n", heading.means),
            (name, false) => write!(text, "\n# {}.\n[{name}]\n", heading.means),
        };
        for key in heading.keys {
            let note = match &key.unset {
                Unset::Required { .. } => format!("{} Required.", key.means),
                Unset::Default(_) => key.means.to_owned(),
                Unset::Nothing { then, .. } => format!("{} Without it: {then}.", key.means),
            };
            let (comment, value) = match &key.unset {
                Unset::Required { example, .. } => ("", (*example).to_owned()),
                Unset::Default(of) => ("", of(&Config::sandbox())),
                Unset::Nothing { example, in_force, .. } => {
                    (if *in_force { "" } else { "# " }, (*example).to_owned())
                }
            };
            let _ = write!(text, "# {note}\n{comment}{} = {value}\n", key.name);
        }
    }
    text
}

/// The documentation of every key.
pub fn documentation() -> String {
    let mut text = "# Configuration\n\n\
        Made from the table of keys in `src/config/headings.rs`; do not edit. A whole file to start from: \
        [`sample.toml`](../src/config/sample.toml).\n\n\
        `spinal-mets-cds check-config FILE` says everything that is wrong, at once, with line and column. A required key \
        has no default. Relative paths start at the folder of the file.\n\n"
        .to_owned();
    let _ = writeln!(
        text,
        "Every key can be overridden by a variable `{PREFIX}SECTION__KEY`, such as `{PREFIX}LIMITS__IN_FLIGHT=256` \
         or `{PREFIX}CLIENTS__0__ISSUER=https://ehr.example.org`. The variable of a list holds a TOML list, or its \
         items with commas between."
    );
    for heading in HEADINGS.iter().chain([&CODING, &CONTACT]) {
        section(&mut text, heading);
    }
    text.push_str("\n## Taken in another place too\n\n");
    for moved in MOVED {
        let (from, to) = (moved.from, moved.to);
        let _ = writeln!(text, "- `{}.{}` is `{}.{}`; give one of the two.", from.0, from.1, to.0, to.1);
    }
    text
}

fn section(text: &mut String, heading: &Heading) {
    let title = match (heading.name, heading.repeats) {
        ("", _) => "Top of the file".to_owned(),
        (name, true) => format!("`[[{name}]]`"),
        (name, false) if name == CODING.name || name == CONTACT.name => format!("Members of a {name}"),
        (name, false) => format!("`[{name}]`"),
    };
    let _ = write!(text, "\n## {title}\n\n{}.\n\n", heading.means);
    text.push_str("| key | takes | without it | meaning |\n|---|---|---|---|\n");
    for key in heading.keys {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            key.name,
            key.kind.words(),
            without(key),
            key.means.replace('|', "\\|")
        );
    }
}

fn without(key: &Key) -> String {
    match &key.unset {
        Unset::Required { .. } => "required".to_owned(),
        Unset::Default(of) => format!("`{}`", of(&Config::sandbox())),
        Unset::Nothing { then, .. } => (*then).to_owned(),
    }
}
