//! What several parts of this test program use.

pub(crate) mod program;
pub(crate) mod stub;
pub(crate) mod tokens;
pub(crate) mod uuids;
