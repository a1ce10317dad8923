//! The store against real databases, and the feedback of a client from its request to the insights.

mod both;
mod faults;
mod flow;
mod helpers;
mod postgres;
mod remembered;
mod repeated;
mod replicas;
mod service;
mod watch;
