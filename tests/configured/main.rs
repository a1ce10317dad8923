//! A configured service as a hospital runs it: the program with a file, real tokens, real keys, TLS, limits.

#[cfg(test)]
mod access;
#[cfg(test)]
mod admin;
#[cfg(test)]
mod cors;
#[cfg(test)]
mod fetching;
#[cfg(test)]
mod key_server;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod service;
#[cfg(test)]
#[path = "../support/stub.rs"]
mod stub;
#[cfg(test)]
mod tls;
#[cfg(test)]
#[path = "../support/tokens.rs"]
mod tokens;
