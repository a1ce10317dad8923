//! How far a long run is, on a terminal; nowhere else.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error. It goes away when it is dropped.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// Bytes, of a number that is known later.
    pub(super) fn of_bytes(what: &'static str) -> Self {
        Self::new(what, "{msg} {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left")
    }

    /// Parts of the population.
    pub(super) fn of_parts(what: &'static str, parts: usize) -> Self {
        let bar = Self::new(what, "{msg} {bar:30} part {pos} of {len}, {eta} left");
        bar.0.set_length(parts as u64);
        bar
    }

    /// Cases or patients.
    pub(super) fn of_patients(what: &'static str, count: u64) -> Self {
        let bar = Self::new(what, "{msg} {bar:30} {pos} of {len}, {eta} left");
        bar.0.set_length(count);
        bar
    }

    fn new(what: &'static str, template: &str) -> Self {
        // Hidden by itself where standard error is no terminal.
        let bar = ProgressBar::new(0).with_message(what);
        match ProgressStyle::with_template(template) {
            Ok(style) => Self(bar.with_style(style)),
            Err(_) => Self(bar),
        }
    }

    /// Shows that so much is done.
    pub(super) fn show(&self, done: u64, total: Option<u64>) {
        if let Some(total) = total {
            self.0.set_length(total);
        }
        self.0.set_position(done);
    }

    /// Shows that one more is done.
    pub(super) fn one_more(&self) {
        self.0.inc(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
