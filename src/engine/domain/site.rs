//! How a site is set up, as far as the guideline and the suggested orders depend on it.

use chrono_tz::Tz;

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
    /// The site's own codings for a whole-spine MRI; empty: the built-in ones.
    pub whole_spine_mri: Vec<Coding>,
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
            whole_spine_mri: Vec::new(),
            whole_spine_mri_as: WholeSpineMriAs::default(),
            look_back: LookBack::default(),
            sbrt_available: true,
        }
    }
}
