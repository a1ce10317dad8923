//! Reading from FHIR servers: a sound one, from which every card must come as from prefetch, and one that misbehaves.

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod misbehaviour;
#[cfg(test)]
mod paging;
#[cfg(test)]
mod same_cards;
#[cfg(test)]
#[path = "../support/stub.rs"]
mod stub;
#[cfg(test)]
mod trust;
