//! The service as a client sees it: the real server on a free port, asked over HTTP.

mod chart;
mod cors;
mod discovery;
mod guideline;
mod helpers;
mod mutations;
mod openapi;
mod prefetch;
mod serve;
mod shadow;
mod statuses;
mod worklist;
