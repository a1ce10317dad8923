use super::*;
use Concept as C;

const GENERIC: &[(&str, &str)] = &[];

fn sets() -> ValueSets {
    ValueSets::built_in().unwrap()
}

#[test]
fn built_in_sets_load() {
    let _ = GENERIC;
    assert!(sets().concepts(Some(SNOMED), "94602001").has(C::SpineMetastasis));
}
