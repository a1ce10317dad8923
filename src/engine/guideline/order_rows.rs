//! The rows of the order check on radiotherapy, spine surgery and zoledronic acid (section 3.8).

use super::advice::Indicator;
use super::code::Code;
use super::lesion::{STABLE_MOST, UNSTABLE_LEAST};
use super::measure::{THREE_MONTHS, months};
use super::regimen::{RISKY_FRACTION, single_fraction};
use super::row::CodedRow;

/// 8 Gy in 1 fraction with a good prognosis.
pub(super) const EIGHT_GRAY_GOOD_PROGNOSIS: CodedRow = CodedRow {
    id: "order-radiotherapy/8gy-good-prognosis",
    holds: || {
        format!(
            "{single}, not SBRT, whatever its stated intent; life expectancy at least {months} months",
            single = single_fraction(),
            months = months(THREE_MONTHS)
        )
    },
    code: Code::Rt8gySingleGoodPrognosis,
    indicator: Indicator::Warning,
    offers: "referral naming an SBRT scheme, where the regimen allows one; always: referral naming 20 to 30 Gy in several fractions",
    statements: &["G-64", "G-65"],
};

/// 8 Gy in 1 fraction, prognosis unknown.
pub(super) const EIGHT_GRAY_STATE_PROGNOSIS: CodedRow = CodedRow {
    id: "order-radiotherapy/8gy-state-prognosis",
    holds: || format!("{single}, not SBRT; life expectancy unknown", single = single_fraction()),
    code: Code::RtStatePrognosis,
    indicator: Indicator::Info,
    offers: "",
    statements: &["G-64"],
};

/// Radiotherapy of an unstable spine.
pub(super) const UNSTABLE_SPINE: CodedRow = CodedRow {
    id: "order-radiotherapy/unstable-spine",
    holds: || format!("any radiotherapy; SINS min {UNSTABLE_LEAST} or more at the site"),
    code: Code::RtUnstableSpine,
    indicator: Indicator::Critical,
    offers: "spine-surgery referral",
    statements: &["G-17", "G-20"],
};

/// Conventional radiotherapy of an irradiated site.
pub(super) const REIRRADIATION: CodedRow = CodedRow {
    id: "order-radiotherapy/reirradiation",
    holds: || "conventional radiotherapy; prior radiotherapy at the site".to_owned(),
    code: Code::RtReirradiationUseSbrt,
    indicator: Indicator::Warning,
    offers: "referral for SBRT reirradiation",
    statements: &["G-40", "G-41"],
};

/// The gate before SBRT, closed by a finding.
pub(super) const GATE_BY_A_FINDING: CodedRow = CodedRow {
    id: "order-radiotherapy/gate",
    holds: || "SBRT; the gate before SBRT is closed by a known finding".to_owned(),
    code: Code::SbrtConsultSurgeryFirst,
    indicator: Indicator::Critical,
    offers: "spine-surgery referral",
    statements: &["G-60", "G-61", "G-62"],
};

/// The gate before SBRT, closed by what is unknown.
pub(super) const GATE_BY_THE_UNKNOWN: CodedRow = CodedRow {
    id: "order-radiotherapy/gate",
    holds: || "SBRT; the gate before SBRT is closed by an unknown finding only".to_owned(),
    code: Code::SbrtConsultSurgeryFirst,
    indicator: Indicator::Warning,
    offers: "spine-surgery referral",
    statements: &["G-60", "G-61", "G-62"],
};

/// A large fraction of SBRT where fracture is a risk.
pub(super) const VCF_RISK: CodedRow = CodedRow {
    id: "order-radiotherapy/vcf-risk",
    holds: || {
        format!(
            "SBRT above {risky} Gy per fraction; significant lytic disease, a vertebral fracture, or SINS min {gate} or more at the site",
            gate = STABLE_MOST + 1,
            risky = RISKY_FRACTION / 100
        )
    },
    code: Code::SbrtVcfRisk,
    indicator: Indicator::Warning,
    offers: "",
    statements: &["G-54", "G-55", "G-56", "G-57", "G-58"],
};

/// Dose and fractions outside of the schemes.
pub(super) const NOT_LISTED: CodedRow = CodedRow {
    id: "order-radiotherapy/scheme-not-listed",
    holds: || {
        "dose and fractions outside the listed schemes; SBRT at a site irradiated before is not checked"
            .to_owned()
    },
    code: Code::RtSchemeNotListed,
    indicator: Indicator::Info,
    offers: "",
    statements: &["G-32", "G-33", "G-34", "G-35", "G-36"],
};

/// Surgery with a short life expectancy.
pub(super) const SURGERY_SHORT_LIFE: CodedRow = CodedRow {
    id: "order-surgery/life-expectancy",
    holds: || format!("spine surgery; life expectancy below {months} months", months = months(THREE_MONTHS)),
    code: Code::SurgeryLifeExpectancy,
    indicator: Indicator::Warning,
    offers: "",
    statements: &["G-43"],
};

/// Surgery, life expectancy unknown.
pub(super) const SURGERY_STATE_LIFE: CodedRow = CodedRow {
    id: "order-surgery/life-expectancy",
    holds: || "spine surgery; life expectancy unknown".to_owned(),
    code: Code::SurgeryLifeExpectancy,
    indicator: Indicator::Info,
    offers: "",
    statements: &["G-43"],
};

/// Zoledronic acid against an exclusion.
pub(super) const ZOLEDRONIC_EXCLUDED: CodedRow = CodedRow {
    id: "order-zoledronic/check",
    holds: || {
        "zoledronic acid; adjunct/zoledronic excludes it by a known fact, or another bone agent is current"
            .to_owned()
    },
    code: Code::ZoledronicAcidCheck,
    indicator: Indicator::Warning,
    offers: "",
    statements: &["G-48", "G-49", "G-50"],
};

/// Zoledronic acid, facts missing.
pub(super) const ZOLEDRONIC_MISSING: CodedRow = CodedRow {
    id: "order-zoledronic/check",
    holds: || "zoledronic acid; a fact that may exclude it is missing".to_owned(),
    code: Code::ZoledronicAcidCheck,
    indicator: Indicator::Info,
    offers: "",
    statements: &["G-48", "G-49", "G-50"],
};

/// The rows, in the order of the printed table; a code with two indicators has two.
pub(super) const ROWS: [CodedRow; 12] = [
    EIGHT_GRAY_GOOD_PROGNOSIS,
    EIGHT_GRAY_STATE_PROGNOSIS,
    UNSTABLE_SPINE,
    REIRRADIATION,
    GATE_BY_A_FINDING,
    GATE_BY_THE_UNKNOWN,
    VCF_RISK,
    NOT_LISTED,
    SURGERY_SHORT_LIFE,
    SURGERY_STATE_LIFE,
    ZOLEDRONIC_EXCLUDED,
    ZOLEDRONIC_MISSING,
];
