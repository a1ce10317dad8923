//! What became of each prefetch key, and how often each outcome occurred in a call.
//!
//! Absent on purpose: how an outcome comes about (`gather`, `fetch`).

use std::fmt;

/// What became of one prefetch key (rows P-13 to P-18, F-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The client sent data, and all of it.
    Provided,
    /// The client sent `null`: it looked, and there is nothing.
    Null,
    /// The client sent a Bundle without entries: it looked, and there is nothing.
    Empty,
    /// Not sent or sent in part, and read from the FHIR server in full.
    Fetched,
    /// Sent or read in part: further pages could not be had, or entries cannot be read.
    Truncated,
    /// Not sent, or of the wrong shape, and there was no access by which to read it.
    Absent,
    /// The token does not cover it, or the FHIR server refused.
    Refused,
    /// The client sent an OperationOutcome, or the FHIR server gave no usable answer.
    Failed,
    /// The FHIR server did not answer within the deadline of the call.
    TimedOut,
    /// What came is the Patient of another id than the call asks about (P-23).
    OtherPatient,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 10] = [
        Self::Provided,
        Self::Null,
        Self::Empty,
        Self::Fetched,
        Self::Truncated,
        Self::Absent,
        Self::Refused,
        Self::Failed,
        Self::TimedOut,
        Self::OtherPatient,
    ];

    /// A stable name, for counters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provided => "provided",
            Self::Null => "null",
            Self::Empty => "empty",
            Self::Fetched => "fetched",
            Self::Truncated => "truncated",
            Self::Absent => "absent",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::TimedOut => "timed-out",
            Self::OtherPatient => "other-patient",
        }
    }

    /// Whether all there is has come, which may be nothing.
    pub const fn is_complete(self) -> bool {
        matches!(self, Self::Provided | Self::Null | Self::Empty | Self::Fetched)
    }

    /// Whether nothing could be had.
    pub const fn is_missing(self) -> bool {
        matches!(self, Self::Absent | Self::Refused | Self::Failed | Self::TimedOut | Self::OtherPatient)
    }

    /// How many keys of a call had each outcome.
    pub(super) fn count(outcomes: impl IntoIterator<Item = Self>) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        for outcome in outcomes {
            if let Some(count) = counts.0.get_mut(outcome as usize) {
                *count = count.saturating_add(1);
            }
        }
        counts
    }
}

/// Outcomes of one call, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutcomeCounts([u16; Outcome::ALL.len()]);

impl OutcomeCounts {
    /// The outcomes that occurred, with the number of keys.
    pub fn iter(&self) -> impl Iterator<Item = (Outcome, u16)> {
        Outcome::ALL.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }
}

/// An essential key that could not be had, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingKey {
    /// The key, as discovery names it.
    pub key: String,
    /// What became of it.
    pub outcome: Outcome,
}

impl fmt::Display for MissingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.outcome {
            Outcome::Refused => "the FHIR server did not allow it",
            Outcome::TimedOut => "the FHIR server did not answer in time",
            Outcome::Failed => "failed",
            Outcome::OtherPatient => "the Patient that came is not the patient of the context",
            _ => "not sent, of the wrong shape, or without what it announces",
        };
        write!(f, "{} ({why})", self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_counted_by_kind() {
        for (place, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome as usize, place);
            assert!(!(outcome.is_complete() && outcome.is_missing()));
        }
        let counts = Outcome::count([Outcome::TimedOut, Outcome::Provided, Outcome::TimedOut]);
        assert_eq!(counts.iter().collect::<Vec<_>>(), [(Outcome::Provided, 1), (Outcome::TimedOut, 2)]);
        assert_eq!(OutcomeCounts::default().iter().count(), 0);
    }
}
