//! `check-response` over answers of other services, each clean or with planted faults; over damage at every place of a good
//! document; over bytes of any kind; and as a tester runs it. What this service itself sends is held against the same rules by
//! the test program `conformance`.

#[cfg(test)]
mod bytes;
#[cfg(test)]
mod command;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod samples;
