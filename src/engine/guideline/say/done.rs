//! What was done so far.

use super::super::fact::Fact;
use crate::domain::{Consult, Escc, Priority, Regions, TreatmentKind, When};

/// A study that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StudyDone {
    /// When.
    pub when: Option<When>,
    /// What it covered.
    pub regions: Regions,
}

/// An order that is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderDone {
    /// What it covers.
    pub regions: Regions,
    /// For when.
    pub due: Option<When>,
    /// Its priority.
    pub priority: Option<Priority>,
}

/// A consult.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsultDone {
    /// It was done; else requested.
    pub done: bool,
    /// When.
    pub when: Option<When>,
}

/// What was done for the patient; what is absent here and not in `unread` is not on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The latest MRI studies of the spine.
    pub studies: Vec<StudyDone>,
    /// How many there are besides.
    pub more_studies: usize,
    /// The latest grade of epidural compression, and when it was recorded.
    pub result: Option<(Escc, Option<When>)>,
    /// The placed orders for an MRI of the spine, the next one first.
    pub orders: Vec<OrderDone>,
    /// How many there are besides.
    pub more_orders: usize,
    /// Consults; `None`: there is none.
    pub consults: [(Consult, Option<ConsultDone>); 3],
    /// The latest treatment of the spine, when it began, and when it ended.
    pub treatment: Option<(TreatmentKind, Option<When>, Option<When>)>,
    /// When a corticosteroid was given or ordered.
    pub corticosteroid: Option<Option<When>>,
    /// What could not be read.
    pub unread: Vec<Fact>,
}
