//! Calls of the sandbox, kept as cases that `replay` takes, without the people in them.
//!
//! Each call is pseudonymised before anything is written ([`pseudonym`]): what is kept is listed, and whatever is not on the
//! list goes. The expectation of a case is the answer to what was kept, so that a case agrees with itself; where the words
//! that went made other cards, its story says so. Deliberately absent: a configured service, whose calls nobody keeps.

mod kept;
pub mod pseudonym;
mod systems;

use crate::cases::Case;
use crate::cases::case::{CASE_FILE, REQUEST_FILE};
use crate::cases::compare::{Reply, cards, codes};
use crate::cases::update::update;
use crate::services::Services;
use chrono::{DateTime, SecondsFormat, Utc};
use pseudonym::Pseudonyms;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

/// Keeps calls in a folder.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    session: Mutex<Session>,
}

/// One run of the sandbox: the same id has the same name in all of its calls.
#[derive(Debug)]
struct Session {
    pseudonyms: Pseudonyms,
    calls: u64,
}

/// An answered call.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The id of the service.
    pub service: &'a str,
    /// The request as it came.
    pub body: &'a [u8],
    /// The answer as it went.
    pub response: &'a [u8],
    /// The clock of the answer.
    pub now: DateTime<Utc>,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is a case in this folder.
    In(PathBuf),
    /// Nothing of it can be kept, for this reason.
    Not(&'static str),
}

/// The time of every file that is written, in seconds since 1970: the year 2000.
const FILE_TIME: u64 = 946_684_800;

impl Recorder {
    /// Keeps calls in this folder, beside those that lie there.
    ///
    /// # Errors
    ///
    /// The folder cannot be made or read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let numbers = fs::read_dir(folder)?
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.split('-').next()?.parse::<u64>().ok());
        let session = Session { calls: numbers.max().unwrap_or_default(), pseudonyms: Pseudonyms::default() };
        Ok(Self { folder: folder.to_owned(), session: Mutex::new(session) })
    }

    /// Keeps a call.
    ///
    /// # Errors
    ///
    /// The folder cannot be written.
    pub fn keep(&self, services: &Services, call: Answered<'_>) -> io::Result<Kept> {
        let Ok(request) = serde_json::from_slice::<Value>(call.body) else {
            return Ok(Kept::Not("it is no JSON"));
        };
        let (number, kept, now) = {
            let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
            let Some((kept, now)) = session.pseudonyms.request(&request, call.now) else {
                return Ok(Kept::Not("it names no patient"));
            };
            session.calls += 1;
            (session.calls, kept, now)
        };
        let body = format!("{kept:#}\n");
        let reply = match services.call(call.service, body.as_bytes(), now) {
            Ok(answer) => {
                Reply { status: 200, body: serde_json::to_value(&answer.response).map_err(io::Error::other)? }
            }
            // What makes it a call must not have been taken away.
            Err(_) => return Ok(Kept::Not("what is left of it without people is no call")),
        };
        let hook = services.hook(call.service).unwrap_or_default();
        let folder = self.made(number, hook)?;
        fs::write(folder.join(REQUEST_FILE), body)?;
        let told = format!(
            "story = {}\nnow = {}\n\n[request]\nservice = {}\n",
            quoted(&story(hook, call.response, &reply)),
            quoted(&now.to_rfc3339_opts(SecondsFormat::Secs, true)),
            quoted(call.service),
        );
        fs::write(folder.join(CASE_FILE), told)?;
        let case = Case::load(&folder, String::new()).map_err(io::Error::other)?;
        update(&case, &reply).map_err(io::Error::other)?;
        timeless(&folder)?;
        Ok(Kept::In(folder))
    }

    /// A new folder of this number, or of the next that another recorder has left free.
    fn made(&self, number: u64, hook: &str) -> io::Result<PathBuf> {
        let is_taken = |number: u64| {
            let start = format!("{number:05}-");
            let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
            entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with(&start))
        };
        let mut number = number;
        loop {
            let folder = self.folder.join(format!("{number:05}-{hook}"));
            if !is_taken(number) {
                match fs::create_dir(&folder) {
                    Ok(()) => {
                        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
                        session.calls = session.calls.max(number);
                        return Ok(folder);
                    }
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    Err(error) => return Err(error),
                }
            }
            number += 1;
        }
    }
}

/// The times of the files are no clock: whoever knows when a call was made could move its dates back.
fn timeless(folder: &Path) -> io::Result<()> {
    let then = UNIX_EPOCH + Duration::from_secs(FILE_TIME);
    for entry in fs::read_dir(folder)? {
        File::options().append(true).open(entry?.path())?.set_modified(then)?;
    }
    File::open(folder)?.set_modified(then)
}

/// What the case says of itself.
fn story(hook: &str, response: &[u8], kept: &Reply) -> String {
    let response: Value = serde_json::from_slice(response).unwrap_or_else(|_| json!({}));
    let all = |body: &Value| -> Vec<String> {
        cards(body).unwrap_or_default().iter().flat_map(codes).map(str::to_owned).collect()
    };
    let (shown, kept) = (all(&response), all(&kept.body));
    let mut story = format!("A recorded call of {hook}; names, ids and dates are invented.");
    if shown != kept {
        let shown = if shown.is_empty() { "no card".to_owned() } else { shown.join(", ") };
        story.push_str(&format!(" What was left out decided: the call was answered with {shown}."));
    }
    story
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
