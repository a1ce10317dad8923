//! The store against real databases, and the feedback of a client from its request to the insights.

#[cfg(test)]
mod both;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod replicas;
#[cfg(test)]
mod service;
#[cfg(test)]
#[path = "../support/tokens.rs"]
mod tokens;
