//! Reading from FHIR servers: a sound one, from which every card must come as from prefetch, and one that misbehaves.

mod fixtures;
mod helpers;
mod misbehaviour;
mod paging;
mod profiles;
mod same_cards;
mod trust;
