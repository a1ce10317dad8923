//! From a hook call to its cards.

pub mod cards;
pub mod prefetch;
