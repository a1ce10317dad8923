//! Which override reasons are kept by name; anything else could be free text and is kept as [`OTHER`] (rows O-3, O-5).

use crate::services::override_reason::{NON_ADHERENCE, NON_ADHERENCE_SYSTEM, OVERRIDE_REASON_SYSTEM, codes};

/// A reason that is not on the lists.
pub(super) const OTHER: &str = "other";

/// Every name under which a reason is kept.
pub fn names() -> impl Iterator<Item = &'static str> {
    codes().chain(NON_ADHERENCE).chain(std::iter::once(OTHER))
}

/// The name under which a reason is kept. A code without a system is looked for in both lists.
pub(super) fn kept(system: Option<&str>, code: &str) -> &'static str {
    let ours = codes().map(|code| (OVERRIDE_REASON_SYSTEM, code));
    let theirs = NON_ADHERENCE.iter().map(|code| (NON_ADHERENCE_SYSTEM, *code));
    ours.chain(theirs)
        .find(|(of, known)| *known == code && system.is_none_or(|system| system == *of))
        .map_or(OTHER, |(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_reasons_keep_their_names() {
        assert_eq!(kept(Some(OVERRIDE_REASON_SYSTEM), "already-imaged"), "already-imaged");
        assert_eq!(kept(None, "already-imaged"), "already-imaged");
        assert_eq!(kept(Some(NON_ADHERENCE_SYSTEM), "patient-refuses"), "patient-refuses");
        assert_eq!(kept(Some(NON_ADHERENCE_SYSTEM), "indication-order-exists"), "indication-order-exists");
        assert_eq!(kept(Some(OVERRIDE_REASON_SYSTEM), "patient-refuses"), OTHER);
        assert_eq!(kept(Some("urn:else"), "already-imaged"), OTHER);
        assert_eq!(kept(None, "Mrs Smith says no"), OTHER);
    }
}
