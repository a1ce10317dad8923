//! The request path: the bytes of a body through envelope, prefetch, drafts, mapping, engine and cards of each service.

#![no_main]

use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};
use serde_json::Value;
use spinal_mets_cds::cds_hooks::{Request, document};
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::fhir::ValueSets;
use spinal_mets_cds::services::Services;
use spinal_mets_cds::services::offered::OFFERED;
use spinal_mets_cds_fuzz::{NOW, answer, choice, mutate, strict::repeats_a_member, without_uuids};
use std::sync::LazyLock;

static TESTED: LazyLock<Services> = LazyLock::new(|| {
    let value_sets = ValueSets::built_in().expect("built-in value sets");
    Services::new(value_sets, Site::default()).expect("built-in services")
});

fuzz_target!(|data: &[u8]| {
    let now = NOW.parse().expect("a fixed time");
    for service in OFFERED.iter().map(|offered| offered.id) {
        let Ok(given) = TESTED.call(service, data, now) else { continue };
        let body = document(data).expect("an answered request is JSON");
        let request = Request::read(&body).expect("an answered request can be read");
        let told = answer::check(&given.response, &request.context.patient_id);
        if given.response.cards.is_empty() {
            continue;
        }
        if let Some(told) = &told
            && let Ok(request) = serde_json::from_slice::<Value>(data)
            && !repeats_a_member(data)
        {
            answer::check_orders(told, &request);
        }
        if choice(data, 4) == 0 {
            let again = TESTED.call(service, data, now).expect("the same question is answered again");
            let again = answer::check(&again.response, &request.context.patient_id);
            assert_eq!(
                again.map(without_uuids),
                told.map(without_uuids),
                "the same question, another answer"
            );
        }
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::mutate(data, size, max_size, seed)
});

fuzz_crossover!(|data1: &[u8], data2: &[u8], out: &mut [u8], seed: u32| {
    mutate::cross(data1, data2, out, seed)
});
