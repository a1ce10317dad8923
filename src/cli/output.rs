//! The only writer to stdout and stderr.
//!
//! A reader that goes away early (`| head`) ends the output and is no error.

use std::io::{self, ErrorKind, Write};

/// Writes to stdout.
pub fn say(text: &str) -> io::Result<()> {
    match print(text) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        ended => ended,
    }
}

/// Writes to stdout, for whoever can stop early: a reader that went away is an error of the kind `BrokenPipe`.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

/// Writes one line to stderr. Where stderr is gone too, there is nobody to tell.
pub fn complain(text: &str) {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = writeln!(io::stderr().lock(), "spinal-mets-cds: {one_line}");
}
