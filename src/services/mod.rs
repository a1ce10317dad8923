//! From a hook call to its cards: what is asked, what came, what the chart says, what the guideline says.
//!
//! Never here: HTTP and its statuses, the clock, a rule of the guideline, a FHIR element.

mod answer;
pub mod assessment;
pub mod call;
pub mod card_id;
pub mod cards;
mod changed_draft;
pub mod drafts;
pub mod fetch;
pub mod form;
pub mod gather;
mod link;
mod observation;
mod offer;
pub mod offered;
pub mod outcome;
mod outline;
pub mod override_reason;
pub mod pending;
pub mod plan;
pub mod prefetch;
pub mod question;
mod referral_codes;
pub mod repeat;
mod suggestion;
pub mod whole;

pub use call::{Answer, CallError, NO_CLIENT, Services, StartError};
pub use card_id::{CardId, IdKey, SharedIdKey};
pub use observation::{Author, performer};
pub use offer::Dialect;
pub use outcome::{MissingKey, Outcome, OutcomeCounts};
pub use outline::{Case, Outline};
pub use pending::Pending;
pub use question::Question;
pub use repeat::{Likeness, Recalled, Repeat, Showing};
pub use whole::WholeChart;
