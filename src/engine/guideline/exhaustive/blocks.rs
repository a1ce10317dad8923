//! The blocks on patient-view: which inputs are combined, what is worse than what, and the two exceptions.

use super::patients::{beyond, emergency, overdue, result, silent, treated};
use super::space::{Axis, Block, Combination, Step};

/// Every course, onset and kind of a deficit.
const DEFICITS: &[&str] = &[
    "none",
    "radicular recent progressive",
    "radicular recent unknown",
    "radicular recent stable",
    "radicular recent improving",
    "radicular old progressive",
    "radicular old unknown",
    "radicular old stable",
    "radicular old improving",
    "radicular unknown progressive",
    "radicular unknown unknown",
    "radicular unknown stable",
    "radicular unknown improving",
    "weakness recent progressive",
    "weakness recent unknown",
    "weakness recent stable",
    "weakness recent improving",
    "weakness old progressive",
    "weakness old unknown",
    "weakness old stable",
    "weakness old improving",
    "weakness unknown progressive",
    "weakness unknown unknown",
    "weakness unknown stable",
    "weakness unknown improving",
];

macro_rules! axes {
    ($($name:literal: $values:expr),+ $(,)?) => { &[$(Axis { name: $name, values: $values }),+] };
}
pub(super) use axes;

macro_rules! step {
    ($axis:literal: $from:expr => $to:expr) => {
        Step { axis: $axis, from: $from, to: $to }
    };
}

pub(super) const YES: &[&str] = &["none", "yes"];
pub(super) const PAINS: &[&str] = &["none", "left", "side unknown", "both sides"];

/// Every way in which a symptom or sign gets worse.
const WORSE: &[Step] = &[
    step!("back pain": &["none"] => &["yes"]),
    step!("radicular pain": &["none"] => &["left", "side unknown", "both sides"]),
    step!("radicular pain": &["left", "side unknown"] => &["both sides"]),
    step!("deficit": &["none"] => DEFICITS),
    step!("deficit": &["radicular recent stable", "radicular recent improving"] => &["radicular recent progressive"]),
    step!("deficit": &["radicular recent improving"] => &["radicular recent stable"]),
    step!("deficit": &["radicular old stable", "radicular old improving"] => &["radicular old progressive"]),
    step!("deficit": &["radicular unknown stable", "radicular unknown improving"] => &["radicular unknown progressive"]),
    step!("deficit": &["radicular old progressive"] => &["radicular recent progressive"]),
    step!("deficit": &["radicular old stable"] => &["radicular recent stable"]),
    step!("deficit": &["radicular old improving"] => &["radicular recent improving"]),
    step!("deficit": &["weakness recent stable", "weakness recent improving"] => &["weakness recent progressive"]),
    step!("deficit": &["weakness old stable", "weakness old improving"] => &["weakness old progressive"]),
    step!("deficit": &["weakness unknown stable", "weakness unknown improving"] => &["weakness unknown progressive"]),
    step!("deficit": &["weakness old progressive"] => &["weakness recent progressive"]),
    step!("specific sign": &["none"] => &["old", "paraparesis"]),
    step!("specific sign": &["old"] => &["paraparesis"]),
    step!("other sign": &["none"] => &["urinary incontinence", "gait", "bladder or bowel"]),
    step!("other sign": &["urinary incontinence"] => &["gait", "bladder or bowel"]),
];

/// From the most dangerous onset and course to unknown ones.
const UNKNOWN: &[Step] = &[
    step!("deficit": &["radicular recent progressive"]
        => &["radicular unknown progressive", "radicular recent unknown", "radicular unknown unknown"]),
    step!("deficit": &["weakness recent progressive"]
        => &["weakness unknown progressive", "weakness recent unknown", "weakness unknown unknown"]),
];

/// The two exceptions of the invariant: pain of the same side makes a weakness radicular, and row 2 asks for a documented
/// onset of a weakness without spinal context.
pub(super) fn is_excepted(before: &Combination<'_>, after: &Combination<'_>) -> bool {
    let weak = |combination: &Combination<'_>| combination.of("deficit").starts_with("weakness");
    let same_side =
        |combination: &Combination<'_>| ["left", "both sides"].contains(&combination.of("radicular pain"));
    let becomes_radicular = weak(after) && !same_side(before) && same_side(after);
    let without_context = weak(after)
        && after.is("back pain", "none")
        && after.is("radicular pain", "none")
        && ["none", "bone"].contains(&after.of("metastases"));
    let onset_lost = weak(before) && without_context && after.of("deficit").contains("weakness unknown");
    becomes_radicular || onset_lost
}

pub(super) const SYMPTOMS: &[&str] = &["none", "back pain", "back pain imaged", "sign imaged", "sign"];
pub(super) const SINS: &[&str] = &["none", "6", "8", "13", "4 to 7"];
pub(super) const LIVES: &[&str] = &["none", "below 3 months", "2 months", "half a month", "6 months"];
pub(super) const PRIOR: &[&str] = &["none", "progressed", "not progressed", "not recorded", "not read"];
/// Sections 3.1 to 3.3: everything that sets a deadline.
pub(super) const CLOCK: Block = Block {
    name: "clock",
    axes: axes! {
        "cancer": &["history", "active"],
        "metastases": &["none", "bone", "suspected", "documented"],
        "back pain": YES,
        "radicular pain": PAINS,
        "deficit": DEFICITS,
        "specific sign": &["none", "old", "paraparesis"],
        "other sign": &["none", "urinary incontinence", "gait", "bladder or bowel"],
    },
    build: emergency,
    worse: WORSE,
    unknown: UNKNOWN,
};

/// The blocks on patient-view.
pub(super) const BLOCKS: &[Block] = &[
    CLOCK,
    Block {
        name: "imaging",
        axes: axes! {
            "scope": &["adult", "comfort care"],
            "metastases": &["none", "documented"],
            "back pain": YES,
            "radicular pain": &["none", "left", "both sides"],
            "deficit": DEFICITS,
            "specific sign": &["none", "old", "paraparesis", "cord compression diagnosis"],
            "other sign": &["none", "bladder or bowel"],
            "imaging": &["none", "lumbar", "whole", "whole, ESCC 0", "whole, ESCC 1c", "whole, ESCC 2", "no MRI, ESCC 2"],
        },
        build: emergency,
        worse: &[],
        unknown: UNKNOWN,
    },
    Block {
        name: "overdue",
        axes: axes! {
            "scope": &["adult", "child", "pregnant", "comfort care"],
            "metastases": &["none", "documented"],
            "back pain": YES,
            "radicular pain": PAINS,
            "deficit": &["none", "radicular recent progressive", "radicular old unknown", "radicular unknown stable", "weakness recent progressive"],
            "specific sign": &["none", "old", "paraparesis"],
            "other sign": &["none", "urinary incontinence", "gait", "bladder or bowel"],
            "imaging": &["none", "whole", "whole, ESCC 2"],
        },
        build: overdue,
        worse: &[],
        unknown: &[],
    },
    Block {
        name: "result",
        axes: axes! {
            "scope": &["adult", "child", "comfort care"],
            "metastases": &["none", "documented"],
            "back pain": YES,
            "specific sign": &["paraparesis", "cauda equina"],
            "other sign": &["none", "gait"],
            "study made": &["1 hours", "72 hours", "73 hours", "7 days", "169 hours", "30 days", "721 hours"],
            "grade": &["none", "0", "1c"],
            "later": &["none", "suspicion withdrawn", "back pain", "cord compression"],
            "results": &["read", "not read"],
        },
        build: result,
        worse: &[],
        unknown: &[],
    },
    Block {
        name: "treated",
        axes: axes! {
            "metastases": &["none", "documented"],
            "back pain": YES,
            "radicular pain": &["none", "left", "both sides"],
            "deficit": &["none", "radicular unknown progressive", "radicular unknown stable", "weakness unknown unknown"],
            "specific sign": &["none", "paraparesis"],
            "other sign": &["none", "bladder or bowel"],
            "treatment": &["surgery", "radiotherapy running", "radiotherapy ended", "radiotherapy before the findings"],
            "worse": YES,
            "imaging": &["none", "whole"],
            "scope": &["adult", "comfort care"],
        },
        build: treated,
        worse: &[],
        unknown: &[],
    },
    Block {
        name: "silent",
        axes: axes! {
            "who": &["not at risk", "deceased"],
            "back pain": YES,
            "radicular pain": PAINS,
            "deficit": DEFICITS,
            "specific sign": &["none", "paraparesis", "cord compression diagnosis", "cauda equina"],
            "draft": &["none", "X-ray", "part of the spine", "8 Gy in 1", "surgery", "zoledronic acid"],
        },
        build: silent,
        worse: &[],
        unknown: &[],
    },
    Block {
        name: "scores",
        axes: axes! {
            "scope": &["adult", "child", "pregnant", "comfort care"],
            "metastases": &["bone", "suspected", "documented"],
            "symptom": SYMPTOMS,
            "SINS": SINS,
            "Mirels": &["none", "7", "8", "9", "7 to 9"],
            "life expectancy": LIVES,
            "consult": &["none", "orthopaedics requested", "spine surgery requested"],
        },
        build: beyond,
        worse: &[],
        unknown: &[],
    },
    Block {
        name: "modality",
        axes: axes! {
            "histology": &["solid", "myeloma", "lymphoma", "germ cell"],
            "therapy": &["none", "current"],
            "symptom": &["none", "back pain", "back pain imaged", "sign imaged"],
            "SINS": SINS,
            "life expectancy": &["none", "2 months", "6 months"],
            "performance": &["ECOG 1"],
            "prior radiotherapy": &["none", "progressed", "not progressed"],
            "reirradiation": &["unknown", "not feasible", "feasible"],
            "deterioration": &["unknown", "despite radiotherapy", "despite both"],
            "area": &["unknown", "not amenable", "amenable"],
            "consult": &["none", "spine surgery done"],
        },
        build: beyond,
        worse: &[],
        unknown: &[],
    },
    Block {
        name: "regimen",
        axes: axes! {
            "symptom": SYMPTOMS,
            "SINS": SINS,
            "life expectancy": LIVES,
            "performance": &["ECOG 1", "ECOG 3", "not tolerable"],
            "prior radiotherapy": PRIOR,
            "lytic disease": YES,
            "fracture": &["none", "yes", "not read"],
            "consult": &["none", "spine surgery done", "MDT requested", "radiation oncology requested"],
            "SBRT": &["yes", "no"],
        },
        build: beyond,
        worse: &[],
        unknown: &[],
    },
];
