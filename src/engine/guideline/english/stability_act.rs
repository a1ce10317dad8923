//! What a score of stability asks for, as a line of "Do now".

use super::super::say::StabilityAct;
use super::super::tables::stability::MIRELS_HIGH;

/// The line.
pub(super) fn line(act: StabilityAct) -> String {
    let fixed = match act {
        StabilityAct::Conflict => {
            "Discuss at once with spine surgery, the multidisciplinary team and palliative care: unstable, and life expectancy below what surgery needs. Vertebroplasty may be considered."
        }
        StabilityAct::SpineSurgery => {
            "Refer to spine surgery: an unstable spine is an indication for surgery."
        }
        StabilityAct::Mdt => "Present to the multidisciplinary team before treatment is chosen.",
        StabilityAct::CompleteSins => {
            "Record the missing parts of the SINS; until then present to the multidisciplinary team."
        }
        StabilityAct::RecordSins => {
            "Record the SINS: location, pain, lesion, alignment, collapse, posterolateral involvement."
        }
        StabilityAct::Orthopaedics => "Refer to orthopaedics: high fracture risk of the long bone.",
        StabilityAct::CompleteMirels => "Record the missing parts of the Mirels score.",
        StabilityAct::WeighMirels => {
            return format!(
                "Weigh the fracture risk of the long bone: Mirels {}, high from {MIRELS_HIGH}.",
                MIRELS_HIGH - 1
            );
        }
    };
    fixed.to_owned()
}
