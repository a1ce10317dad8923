//! Styles and scripts of the page, as they stand in `assets/`.
//!
//! Plain files, served as they are: no build step but cargo. `vendor/` holds two libraries with their licences and
//! versions. Nothing is loaded from another host.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

/// A file that the page loads.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its path below `/chart/assets/{VERSION}/`.
    pub path: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! assets {
    ($($media_type:literal: $($path:literal),+;)+) => {
        &[$($(Asset {
            path: $path,
            media_type: $media_type,
            text: include_str!(concat!("assets/", $path)),
        }),+),+]
    };
}

/// All of them.
pub const ALL: &[Asset] = assets! {
    "text/css; charset=utf-8": "base.css", "list.css", "document.css", "chart.css", "panel.css", "pictures.css", "print.css", "worklist.css";
    "text/javascript; charset=utf-8":
        "list.js", "patient.js", "smart.js", "own.js", "chart.js", "record.js", "search.js", "hooks.js", "answers.js", "cards.js",
        "panel.js",
        "dismiss.js", "drafts.js", "entry.js", "order-forms.js", "what-if.js", "changes.js", "difference.js",
        "page.js", "worklist.js", "vendor/marked.esm.js", "vendor/purify.es.mjs";
    "image/svg+xml": "icon.svg";
};

/// Part of the addresses of all files that changes with any of them, so that a browser may keep what it has.
pub static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    ALL.iter().for_each(|asset| (asset.path, asset.text).hash(&mut hasher));
    format!("{:016x}", hasher.finish())
});

/// The file at a path.
pub fn find(path: &str) -> Option<&'static Asset> {
    ALL.iter().find(|asset| asset.path == path)
}
