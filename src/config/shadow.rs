//! `[shadow]`: whether cards are shown, or counted alone.

use super::Shadow;
use super::document::{Fault, Place};
use super::read::Reading;
use super::section::Section;

/// The setting, and where it stands; `None` when a fault stands in the way.
pub(super) fn shadow(root: &mut Section, reading: &mut Reading<'_>) -> (Option<Shadow>, Option<Place>) {
    let mut section = root.section("shadow", &mut reading.faults);
    let enabled = section.boolean("enabled", &mut reading.faults);
    let cases = section.number("cases_per_week", &mut reading.faults);
    let seed = section.number("seed", &mut reading.faults);
    let keep_days = section.number("keep_days", &mut reading.faults);
    let place = section.place().cloned();
    section.finish(&mut reading.faults);
    let read = || {
        let cases_per_week = usize::try_from(cases?).ok()?;
        Some(Shadow { enabled: enabled?, cases_per_week, seed: seed?, keep_days: keep_days? })
    };
    (read(), place)
}

/// What does not go with a shadow mode that is on.
pub(super) fn fits(place: Option<Place>, has_panel: bool, has_admin: bool, reading: &mut Reading<'_>) {
    if has_panel {
        let problem = "`shadow.enabled` shows nobody a card, and the panel of `smart.enabled` shows cards: turn one of them off";
        reading.faults.push(Fault { place: place.clone(), problem: problem.to_owned() });
    }
    if !has_admin {
        let problem = "`shadow.enabled` counts for /insights, which is closed without `admin.token_file`";
        reading.warnings.push(Fault { place, problem: problem.to_owned() });
    }
}
