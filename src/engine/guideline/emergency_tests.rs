//! What the emergency card says of orders and of the patient.

use super::*;
use crate::domain::{Evidence, Source, SpineMri};

#[test]
fn a_completed_order_is_told_where_no_study_came_of_it() {
    let evidence = Evidence { reference: "ServiceRequest/r".to_owned(), label: "x".to_owned(), date: None };
    let order = ImagingOrder {
        modality: Modality::Mri,
        regions: Regions::WHOLE,
        status: OrderStatus::Completed,
        priority: None,
        due: None,
        authored: None,
        from_text: false,
        evidence: evidence.clone(),
    };
    let study =
        SpineMri { when: None, regions: Regions::WHOLE, t1_missing: false, t2_missing: false, evidence };
    let told = |spine_mri: &[SpineMri], unavailable: &[Source]| {
        let (spine_mri, unavailable) = (spine_mri.to_vec(), unavailable.to_vec());
        let imaging_orders = vec![order.clone()];
        other_order_facts(&Facts { imaging_orders, spine_mri, unavailable, ..Facts::default() }).len()
    };
    assert_eq!(told(&[], &[]), 1);
    assert_eq!(told(&[study], &[]), 0, "there is a study");
    assert_eq!(told(&[], &[Source::ImagingStudy]), 0, "studies could not be read");
}

#[test]
fn the_age_stands_on_the_card_of_a_child_alone() {
    let named = |age| context_facts(&Facts { age_years: age, ..Facts::default() }).len();
    assert_eq!([None, Some(17), Some(18)].map(named), [0, 1, 0]);
}
