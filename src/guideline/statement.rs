//! The statements of the guideline summary, as cited on cards.
//!
//! Each sentence is ours and carries the facts of the statement with the same id in the product's guideline page.
//! Deliberately absent: when a statement applies, which is in the decision tables.

/// A statement id with its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// `G-nn`.
    pub id: &'static str,
    /// What it says.
    pub says: &'static str,
}

/// The sentence of a statement; empty for an id that is not in [`STATEMENTS`].
pub fn says(id: &str) -> &'static str {
    STATEMENTS.iter().find(|s| s.id == id).map_or("", |s| s.says)
}

const fn s(id: &'static str, says: &'static str) -> Statement {
    Statement { id, says }
}

/// The statements that the present tables cite, in order.
pub const STATEMENTS: &[Statement] = &[
    s("G-03", "When spinal metastases are suspected, image the full spinal column by MRI at once."),
    s("G-04", "The MRI includes T1- and T2-weighted sequences."),
    s("G-05", "Only MRI shows spinal metastases and epidural compression adequately."),
    s("G-06", "How soon depends on the presentation."),
    s("G-07", "Local back pain only: MRI within 2 weeks."),
    s("G-08", "Unilateral radicular pain: MRI within 1 week."),
    s("G-09", "Radicular deficit progressing over more than 7 days: MRI within 48 hours."),
    s("G-10", "Deficit progressing fast, in less than 7 days: MRI within 24 hours."),
    s("G-11", "Suspected metastatic epidural spinal cord compression (MESCC): MRI within 12 hours."),
    s("G-12", "MESCC is treated within 24 hours."),
    s("G-13", "X-ray, CT and bone scintigraphy cannot exclude spinal metastases; do not rely on them."),
    s("G-63", "Do not delay the MRI."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_every_sentence_says_something() {
        for (i, statement) in STATEMENTS.iter().enumerate() {
            assert!(
                STATEMENTS[i + 1..].iter().all(|other| other.id != statement.id),
                "{} twice",
                statement.id
            );
            assert!(statement.says.ends_with('.'), "{}", statement.id);
        }
        assert_eq!(says("G-99"), "");
    }
}
