//! Which build this is: what `--version`, `/healthz` and the counters say.

pub use crate::guideline::GUIDELINE_VERSION;
use std::sync::LazyLock;

/// The release.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit that it was built from. The packaging scripts set it; reading it from the repository would build the whole
/// program anew at each commit.
pub const COMMIT: &str = match option_env!("SPINAL_METS_CDS_COMMIT") {
    Some(commit) => commit,
    None => "not recorded",
};

/// Everything in one line.
pub fn line() -> &'static str {
    static LINE: LazyLock<String> =
        LazyLock::new(|| format!("{VERSION} (commit {COMMIT}, guideline {GUIDELINE_VERSION})"));
    &LINE
}
