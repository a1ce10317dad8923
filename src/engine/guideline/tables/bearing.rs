//! Of the statements of a row, those that bear on the patient.
//!
//! A row that holds for one of several reasons rests on the statement of that reason and not on the others. Each such statement
//! speaks of one fact, and is cited only where that fact says so, or where the row asks for it.

use crate::guideline::advice::FactUsed;
use crate::guideline::fact::Fact;
use crate::guideline::lesion::UNSTABLE_LEAST;
use crate::guideline::say::Value;

/// Whether a statement bears on what is known, or on what is missing.
pub(super) fn bears(statement: &str, facts: &[FactUsed], missing: &[Fact]) -> bool {
    let says = |name: Fact, speaks: &dyn Fn(&Value) -> bool| {
        missing.contains(&name) || facts.iter().any(|used| used.fact == name && speaks(&used.value))
    };
    let any = |_: &Value| true;
    let yes = |value: &Value| *value == Value::Yes;
    let no = |value: &Value| *value == Value::No;
    let unstable = |value: &Value| matches!(value, Value::Score(score) if score.least >= UNSTABLE_LEAST);
    match statement {
        "G-24" => says(Fact::Sins, &unstable),
        "G-25" => says(Fact::ReirradiationFeasible, &no) && says(Fact::ProgressionAfterRadiotherapy, &yes),
        "G-26" => {
            says(Fact::DeteriorationDespiteRadiotherapy, &yes) && says(Fact::CorticosteroidsGiven, &yes)
        }
        "G-27" => says(Fact::AreaAmenableToSurgery, &any),
        "G-44" => says(Fact::Sins, &unstable) || says(Fact::MechanicalPain, &yes),
        "G-45" | "G-56" | "G-62" => says(Fact::BaselineVcf, &yes),
        "G-55" => says(Fact::SignificantLyticDisease, &yes),
        // A score that is surely stable is among the facts of no row that rests on these.
        "G-58" | "G-61" => says(Fact::Sins, &any),
        "G-60" => says(Fact::MesccSigns, &any),
        _ => true,
    }
}
