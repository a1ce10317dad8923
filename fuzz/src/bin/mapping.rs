//! FHIR resources through mapping, engine and cards, at sites and times of the input's choice.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_crossover, fuzz_mutator, fuzz_target};
use spinal_mets_cds_fuzz::{chart::Question, mutate};

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some(question) = Question::read(data) else { return Corpus::Reject };
    question.ask();
    Corpus::Keep
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::mutate(data, size, max_size, seed)
});

fuzz_crossover!(|data1: &[u8], data2: &[u8], out: &mut [u8], seed: u32| {
    mutate::cross(data1, data2, out, seed)
});
