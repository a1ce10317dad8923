//! A second model of the guideline: the sections of the text one after the other, as plain as they stand there.

pub(crate) mod adjunct;
pub(crate) mod basis;
pub(crate) mod emergency;
pub(crate) mod facts;
pub(crate) mod findings;
pub(crate) mod orders;
pub(crate) mod stability;
pub(crate) mod timing;
pub(crate) mod treatment;
