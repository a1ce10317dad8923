//! The services on offer: one line each, in the order of the numbers that ids of cards carry. Only ever appended to.
//!
//! Discovery, routes, the ids of cards and their counters, the runner of fixtures, the examples and the list in
//! `hooks/README.md` follow from it.

use super::drafts::Orders;
use crate::guideline::Occasion;

/// A service.
#[derive(Debug, Clone, Copy)]
pub struct Offered {
    /// Its id, and the name of its folder in `hooks`.
    pub id: &'static str,
    /// Its entry in discovery, as JSON, without the prefetch templates.
    pub entry: &'static str,
    /// The orders that it is about.
    pub orders: Orders,
}

macro_rules! offered {
    ($($id:literal: $orders:expr;)+) => {
        /// Every service; its place is its number.
        pub const OFFERED: &[Offered] = &[$(Offered {
            id: $id,
            entry: include_str!(concat!("../../hooks/", $id, "/service.json")),
            orders: $orders,
        }),+];
    };
}

offered! {
    "spinal-metastases-patient-view": Orders::None;
    "spinal-metastases-order-select": Orders::Selected;
    "spinal-metastases-order-sign": Orders::All;
    "spinal-metastases-encounter-discharge": Orders::Leaving;
    "spinal-metastases-appointment-book": Orders::Appointments;
    "spinal-metastases-order-dispatch": Orders::Dispatched;
}

/// When a service is asked; `None` for one that is not offered.
pub fn occasion(id: &str) -> Option<Occasion> {
    OFFERED.iter().find(|service| service.id == id).map(|service| service.orders.occasion())
}

/// The number of a service in an id.
pub fn number(id: &str) -> Option<u8> {
    OFFERED.iter().position(|service| service.id == id).and_then(|at| u8::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ids in the field carry these numbers, so they stand here once more: a line is never changed or removed.
    const IN_THE_FIELD: [&str; 6] = [
        "spinal-metastases-patient-view",
        "spinal-metastases-order-select",
        "spinal-metastases-order-sign",
        "spinal-metastases-encounter-discharge",
        "spinal-metastases-appointment-book",
        "spinal-metastases-order-dispatch",
    ];

    #[test]
    fn numbers_of_services_never_change_meaning() {
        assert_eq!(IN_THE_FIELD.len(), OFFERED.len(), "a new service is appended here, too");
        for (place, id) in IN_THE_FIELD.iter().enumerate() {
            assert_eq!(number(id).map(usize::from), Some(place));
        }
    }

    #[test]
    fn a_folder_holds_the_service_of_its_name() {
        for service in OFFERED {
            let entry: serde_json::Value = serde_json::from_str(service.entry).unwrap();
            assert_eq!(entry["id"], service.id);
        }
        for id in crate::config::OPTIONAL_SERVICES {
            assert!(number(id).is_some(), "{id} is not offered");
        }
        assert!(OFFERED.len() <= 8, "the number has three bits in an id");
    }
}
