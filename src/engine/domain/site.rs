//! How a site is set up, as far as the guideline and the suggested orders depend on it.

use super::{Consult, Region};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// A coding that a site wants in its orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coding {
    /// Code system URI.
    pub system: String,
    /// Code.
    pub code: String,
    /// Display, if the site states one.
    pub display: Option<String>,
}

/// An order that the service may suggest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SuggestedOrder {
    /// MRI of the whole spine.
    WholeSpineMri,
    /// MRI of one region, where a whole-spine MRI is three orders.
    RegionalMri(Region),
    /// Referral for a consult.
    Referral(Consult),
}

/// Whom an emergency card says to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The person or desk.
    pub name: String,
    /// Telephone or pager number.
    pub number: String,
}

/// The contacts of a site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contacts {
    /// Spine surgery on call.
    pub spine_on_call: Option<Contact>,
    /// Radiation oncology on call.
    pub radiation_oncology_on_call: Option<Contact>,
    /// Who coordinates the care of spinal metastases.
    pub coordinator: Option<Contact>,
}

/// `ServiceRequest.intent` of suggested orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OrderIntent {
    /// proposal
    #[default]
    Proposal,
    /// order
    Order,
}

/// How a whole-spine MRI is ordered at the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WholeSpineMriAs {
    /// One order.
    #[default]
    One,
    /// Cervical, thoracic and lumbar orders created together.
    Regions,
}

/// How long a record counts, in days (guideline.md section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookBack {
    /// Symptoms, deficits and recorded suspicion; 90.
    pub symptoms: u16,
    /// ESCC grades; 30.
    pub escc: u16,
    /// Performance status; 30.
    pub performance: u16,
    /// Life expectancy; 90.
    pub life_expectancy: u16,
    /// SINS and Mirels; 60.
    pub sins: u16,
    /// Creatinine and calcium; 30.
    pub laboratory: u16,
}

impl Default for LookBack {
    fn default() -> Self {
        Self { symptoms: 90, escc: 30, performance: 30, life_expectancy: 90, sins: 60, laboratory: 30 }
    }
}

/// Site settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The facility's time zone, for dates without a time; UTC by default.
    pub time_zone: Tz,
    /// Intent of suggested orders.
    pub order_intent: OrderIntent,
    /// The site's own codings of suggested orders; an order that is not there has the built-in ones alone.
    pub orders: BTreeMap<SuggestedOrder, Vec<Coding>>,
    /// Whom an emergency card says to call.
    pub contacts: Contacts,
    /// One order or three.
    pub whole_spine_mri_as: WholeSpineMriAs,
    /// Look-back windows.
    pub look_back: LookBack,
    /// Whether SBRT can be had; the sandbox says yes, a configured service must say.
    pub sbrt_available: bool,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            time_zone: Tz::UTC,
            order_intent: OrderIntent::default(),
            orders: BTreeMap::new(),
            contacts: Contacts::default(),
            whole_spine_mri_as: WholeSpineMriAs::default(),
            look_back: LookBack::default(),
            sbrt_available: true,
        }
    }
}

impl Site {
    /// The site's own codings of an order.
    pub fn codings(&self, order: SuggestedOrder) -> &[Coding] {
        self.orders.get(&order).map_or(&[], Vec::as_slice)
    }
}
