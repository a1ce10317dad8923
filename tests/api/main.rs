//! The service as a client sees it: the real server on a free port, asked over HTTP.

#[cfg(test)]
mod chart;
#[cfg(test)]
mod cors;
#[cfg(test)]
mod discovery;
#[cfg(test)]
mod guideline;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod prefetch;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod statuses;
