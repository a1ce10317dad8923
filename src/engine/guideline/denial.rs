//! Denials: what was affirmed before one, on its side and limb, is over (guideline.md section 2).
//!
//! Deliberately absent: what is left of a finding ([`super::finding`]).

use crate::domain::{Facts, Limb, Side, Sign, SignRecord, When};

/// The latest denial of a sign, whatever its side.
pub(super) fn latest_denial(facts: &Facts, sign: Sign) -> Option<When> {
    let denials = facts.signs.iter().filter(|record| record.sign == sign && !record.affirmed);
    denials.filter_map(latest_record).max_by_key(|when| when.latest())
}

/// The latest denial of a sign on a side and limb.
pub(super) struct Denial {
    sign: Sign,
    side: Option<Side>,
    limb: Option<Limb>,
    when: When,
}

impl Denial {
    /// Whether it ends the finding that a record belongs to.
    pub(super) fn closes(&self, record: &SignRecord) -> bool {
        let covers_side = matches!(self.side, None | Some(Side::Both)) || self.side == record.side;
        let covers_limb = self.limb.is_none() || self.limb == record.limb;
        self.sign == record.sign
            && covers_side
            && covers_limb
            && latest_record(record).is_some_and(|affirmed| self.when.is_surely_after(affirmed))
    }
}

/// The latest denial of each sign, side and limb. An undated denial cannot be placed and ends nothing.
pub(super) fn denials(facts: &Facts) -> Vec<Denial> {
    let mut latest: Vec<Denial> = Vec::new();
    for record in facts.signs.iter().filter(|record| !record.affirmed) {
        let Some(when) = latest_record(record) else { continue };
        let (sign, side, limb) = (record.sign, record.side, record.limb);
        match latest.iter_mut().find(|d| (d.sign, d.side, d.limb) == (sign, side, limb)) {
            Some(denial) if denial.when.earliest() < when.earliest() => denial.when = when,
            Some(_) => {}
            None => latest.push(Denial { sign, side, limb, when }),
        }
    }
    latest
}

/// The latest recorded, effective or issued date; without one, the onset.
pub(super) fn latest_record(record: &SignRecord) -> Option<When> {
    record.seen.iter().copied().max_by_key(|w| w.latest()).or(record.onset)
}
