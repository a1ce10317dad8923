//! The only writer to stdout and stderr.
//!
//! A reader that goes away early (`| head`) ends the output and is no error.

use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};

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

/// Writes much to stdout, piece by piece.
#[derive(Debug)]
pub struct Buffered(BufWriter<StdoutLock<'static>>);

impl Buffered {
    /// Nothing yet.
    #[expect(
        clippy::new_without_default,
        reason = "it holds the lock of stdout, which nobody takes by default"
    )]
    pub fn new() -> Self {
        Self(BufWriter::with_capacity(1 << 20, io::stdout().lock()))
    }

    /// Writes a piece; a reader that went away is an error of the kind `BrokenPipe`.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(text.as_bytes())
    }

    /// Writes what is left.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes one line to stderr. Where stderr is gone too, there is nobody to tell.
pub fn complain(text: &str) {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = writeln!(io::stderr().lock(), "spinal-mets-cds: {one_line}");
}
