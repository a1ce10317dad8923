//! What the engine answers: recommendations with their reasons, and proposals for orders.
//!
//! One [`Advice`] becomes one card. Deliberately absent: uuids, JSON and FHIR; those are the work of the services.

use super::fact::Fact;
use crate::domain::{Consult, Priority, Regions, When};
use chrono::{DateTime, Utc};

/// Code system of recommendation codes (guideline.md section 4).
pub const RECOMMENDATION_SYSTEM: &str = "urn:spinal-mets-cds:recommendation";

/// Version of the decisions; it changes whenever advice for the same patient may change.
pub const GUIDELINE_VERSION: &str = "2026.1";

/// How urgent a card is, rising.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Indicator {
    /// For information.
    Info,
    /// Needs attention.
    Warning,
    /// Needs action now.
    Critical,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal,)+) => {
        /// A recommendation code (guideline.md sections 3 and 4). Codes never change meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in the order of the guideline.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as the outside sees it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }
        }
    };
}

codes! {
    /// MRI timing row 1.
    MriWithin12h = "mri-within-12h",
    /// MRI timing row 2.
    MriWithin24h = "mri-within-24h",
    /// MRI timing row 3.
    MriWithin48h = "mri-within-48h",
    /// MRI timing row 4.
    MriWithin1Week = "mri-within-1-week",
    /// MRI timing row 5.
    MriWithin2Weeks = "mri-within-2-weeks",
    /// MRI timing row 6.
    MriAskPresentation = "mri-ask-presentation",
    /// MESCC suspected or confirmed, untreated.
    MesccTreatWithin24h = "mescc-treat-within-24h",
    /// Surgery and radiotherapy are equivalent: multidisciplinary discussion.
    MesccModalityMdt = "mescc-modality-mdt",
    /// Adequate MRI without a coded result, 24 hours after presentation.
    MesccResultNeeded = "mescc-result-needed",
    /// A sign that does not make MESCC suspected, but asks.
    MesccQuestion = "mescc-question",
    /// Findings that began before a treatment that is recent.
    ReassessAfterTreatment = "reassess-after-treatment",
    /// A surgery indication with a life expectancy below 3 months.
    SurgeryCandidacyConflict = "surgery-candidacy-conflict",
    /// SINS 13 or more.
    SinsSurgeryIndicated = "sins-surgery-indicated",
    /// SINS 7 to 12.
    SinsMdtConsult = "sins-mdt-consult",
    /// SINS with missing parts that decide.
    SinsIndeterminate = "sins-indeterminate",
    /// No usable SINS in a symptomatic patient.
    SinsNotRecorded = "sins-not-recorded",
    /// Mirels 9 or more.
    MirelsHighFractureRisk = "mirels-high-fracture-risk",
    /// Mirels with missing parts that decide.
    MirelsIndeterminate = "mirels-indeterminate",
    /// Mirels exactly 8.
    MirelsBorderline = "mirels-borderline",
    /// Modality row 2.
    SurgeryPreferred = "surgery-preferred",
    /// Modality rows 3 and 7.
    ModalityUndetermined = "modality-undetermined",
    /// Modality row 4.
    SystemicTherapyPrimary = "systemic-therapy-primary",
    /// Modality row 5.
    RadiotherapyPreferred = "radiotherapy-preferred",
    /// Modality row 6.
    RadiotherapyPreferredProvisional = "radiotherapy-preferred-provisional",
    /// SBRT schemes, site not irradiated before.
    SbrtDeNovo = "sbrt-de-novo",
    /// Conventional radiotherapy.
    CebrtPalliative = "cebrt-palliative",
    /// SBRT at a site irradiated before.
    SbrtReirradiation = "sbrt-reirradiation",
    /// Spine surgery is asked before SBRT.
    SbrtConsultSurgeryFirst = "sbrt-consult-surgery-first",
    /// Risk of vertebral compression fracture after SBRT.
    SbrtVcfRisk = "sbrt-vcf-risk",
    /// Zoledronic acid fits.
    ZoledronicAcidEligible = "zoledronic-acid-eligible",
    /// Zoledronic acid: facts are missing.
    ZoledronicAcidNeedsFacts = "zoledronic-acid-needs-facts",
    /// Vertebroplasty to be considered.
    VertebroplastyConsider = "vertebroplasty-consider",
    /// X-ray, CT or bone scan drafted where an MRI is due.
    ImagingCannotExclude = "imaging-cannot-exclude",
    /// MRI of part of the spine drafted.
    MriExtendToWholeSpine = "mri-extend-to-whole-spine",
    /// Whole-spine MRI drafted, not in time.
    MriOrderTooLate = "mri-order-too-late",
    /// Whole-spine MRI drafted without a date, rows 4 and 5.
    MriStateDate = "mri-state-date",
    /// 8 Gy in 1 drafted with a good prognosis.
    Rt8gySingleGoodPrognosis = "rt-8gy-single-good-prognosis",
    /// 8 Gy in 1 drafted, prognosis unknown.
    RtStatePrognosis = "rt-state-prognosis",
    /// Radiotherapy drafted for an unstable spine.
    RtUnstableSpine = "rt-unstable-spine",
    /// Conventional radiotherapy drafted at an irradiated site.
    RtReirradiationUseSbrt = "rt-reirradiation-use-sbrt",
    /// Dose and fractions outside the listed schemes.
    RtSchemeNotListed = "rt-scheme-not-listed",
    /// Spine surgery drafted, life expectancy short or unknown.
    SurgeryLifeExpectancy = "surgery-life-expectancy",
    /// Zoledronic acid drafted against an exclusion.
    ZoledronicAcidCheck = "zoledronic-acid-check",
}

/// A fact that made a recommendation fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactUsed {
    /// Which one.
    pub fact: Fact,
    /// Its value, in the engine's words.
    pub value: String,
    /// How the chart words it. From the record: escape before showing.
    pub label: Option<String>,
    /// The date of the record.
    pub date: Option<When>,
    /// `Type/id`.
    pub reference: Option<String>,
}

/// One recommendation of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendation {
    /// Its code.
    pub code: Code,
    /// The statements that it rests on.
    pub statements: &'static [&'static str],
    /// The row that fired, as `table/row`.
    pub row: &'static str,
    /// The facts that made it fire.
    pub facts: Vec<FactUsed>,
    /// The facts that were missing.
    pub missing: Vec<Fact>,
}

/// Priority and end of a proposed order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// `ServiceRequest.priority`; `None`: left as it is. A draft's higher priority stays.
    pub priority: Option<Priority>,
    /// End of the occurrence period that starts now; `None`: no period (row 6).
    pub end: Option<DateTime<Utc>>,
}

/// One change to the orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Remove a selected draft.
    Delete {
        /// `Type/id` of the draft.
        reference: String,
        /// How the chart names it.
        label: String,
    },
    /// Order a whole-spine MRI as the site does it.
    CreateWholeSpineMri(Timing),
    /// Order an MRI of single regions, one order each.
    CreateRegionalMri(Regions, Timing),
    /// Change a selected draft: time and priority, and its code when `widen` is set.
    Update {
        /// `Type/id` of the draft.
        reference: String,
        /// How the chart names it.
        label: String,
        /// Make it a whole-spine MRI.
        widen: bool,
        /// Its new priority and time.
        timing: Timing,
        /// Its time has passed: it is taken out where no new one is set.
        clear_time: bool,
    },
    /// Refer to a consult.
    Refer {
        /// Which one.
        consult: Consult,
        /// What to ask for, beyond the consult itself.
        asks: Option<String>,
        /// Whether it is urgent.
        urgent: bool,
    },
}

/// Something that can be done with one click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Text of the button.
    pub label: String,
    /// Its changes, taken together; never empty.
    pub steps: Vec<Step>,
}

/// The groups that become one card each (guideline.md section 4), in the order of ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Sections 3.1 to 3.3.
    Emergency,
    /// Section 3.4.
    Stability,
    /// Sections 3.5 and 3.6.
    Treatment,
    /// Section 3.7.
    Adjunct,
    /// Section 3.8.
    OrderCheck,
}

/// One card's worth of advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Which card.
    pub group: Group,
    /// The worst indicator of its recommendations.
    pub indicator: Indicator,
    /// Lead first; never empty.
    pub recommendations: Vec<Recommendation>,
    /// By when; absent where no window runs.
    pub deadline: Option<DateTime<Utc>>,
    /// Whether the deadline has passed; present with `deadline`.
    pub overdue: Option<bool>,
    /// Action first, then the reason, then the deadline; at most 139 characters, no text from the record.
    pub summary: String,
    /// Sentences under "Why"; text from the record is escaped.
    pub why: Vec<String>,
    /// Sentences under "What to do".
    pub what_to_do: Vec<String>,
    /// Sentences under "Not known".
    pub not_known: Vec<String>,
    /// Proposals; may be empty.
    pub proposals: Vec<Proposal>,
    /// Whether several proposals may be taken: they serve different needs.
    pub several: bool,
    /// The Conditions that triggered it, for `reasonReference`.
    pub reason_references: Vec<String>,
    /// The trigger in words, for `reasonCode` where no Condition stands behind it.
    pub reason_text: &'static str,
}
