//! The token path: an `Authorization` header through parser, claims, keys, signature and memory of ids.
//!
//! Most inputs are recipes of tokens that are signed here with a key of the client, because no mutation finds a signature.

#![no_main]

use chrono::{DateTime, Utc};
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};
use spinal_mets_cds::auth::{Authenticator, Denied, Endpoint, Reason};
use spinal_mets_cds::config::Client;
use spinal_mets_cds::outbound::Outbound;
use spinal_mets_cds_fuzz::clients::{BASE, ISSUERS, Recipe, SERVICE, check_accepted, clients};
use spinal_mets_cds_fuzz::{NOW, mutate};
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

static CLIENTS: LazyLock<Vec<Client>> = LazyLock::new(clients);
static OUTBOUND: LazyLock<Outbound> = LazyLock::new(|| Outbound::new(false).expect("an outbound client"));
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().build().expect("a runtime"));

fuzz_target!(|data: &[u8]| {
    let now: DateTime<Utc> = NOW.parse().expect("a fixed time");
    let recipe = Recipe::read(data);
    let header = recipe.as_ref().map_or_else(|| data.to_vec(), |recipe| recipe.token().into_bytes());
    let feedback = recipe.as_ref().is_some_and(|recipe| recipe.feedback);
    let endpoint = if feedback { Endpoint::Feedback(SERVICE) } else { Endpoint::Service(SERVICE) };
    let base = BASE.parse().expect("a URL");
    let tested = Authenticator::new(&base, &CLIENTS, &OUTBOUND, now).expect("key files");
    let ask = || RUNTIME.block_on(tested.authenticate(Some(&header), endpoint, now));
    match ask() {
        Ok(client) => {
            let number = ISSUERS.iter().position(|it| *it == client.issuer).expect("a configured client");
            if let Some(recipe) = &recipe {
                assert_eq!(recipe.signer(), Some(number), "accepted with the signature of another");
            }
            check_accepted(&header, number, feedback, now);
            let again = ask();
            let replayed = matches!(&again, Err(Denied::Rejected { reason: Reason::Replayed, .. }));
            assert!(replayed, "a token is taken twice: {again:?}");
        }
        Err(Denied::Rejected { kid, client, .. }) => {
            let fit = |kid: &String| kid.len() <= 100 && kid.bytes().all(|byte| byte.is_ascii_graphic());
            assert!(kid.as_ref().is_none_or(fit), "not fit for a log line: {kid:?}");
            assert!(kid.is_none() || client.is_some());
        }
        Err(other) => panic!("key files are there, and the memory is empty: {other:?}"),
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::mutate(data, size, max_size, seed)
});

fuzz_crossover!(|data1: &[u8], data2: &[u8], out: &mut [u8], seed: u32| {
    mutate::cross(data1, data2, out, seed)
});
