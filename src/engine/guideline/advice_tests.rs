//! A card for tests.

use super::*;

/// A card that says nothing.
pub(in crate::guideline) fn card(group: Group) -> Advice {
    Advice {
        group,
        indicator: Indicator::Info,
        recommendations: Vec::new(),
        deadline: None,
        overdue: None,
        more: Vec::new(),
        headline: Headline::Vertebroplasty { all_read: true },
        folded: Vec::new(),
        acts: Vec::new(),
        done: None,
        gaps: Vec::new(),
        proposals: Vec::new(),
        several: false,
        reason_references: Vec::new(),
        reason: Reason::SpinalMetastases,
    }
}
