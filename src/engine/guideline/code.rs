//! The recommendation codes: one list, only ever appended to. A line holds the number that ids in the field carry, the
//! code, and what it asks for; number and code never change, and neither is ever used for something else.

macro_rules! codes {
    ($($number:literal $name:ident = $code:literal, $what:literal;)+) => {
        /// A recommendation code (guideline.md sections 3 and 4). Codes never change meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $what] $name,)+
        }

        impl Code {
            /// Every code, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as the outside sees it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The number that ids of cards carry.
            pub const fn number(self) -> u8 {
                match self { $(Self::$name => $number),+ }
            }

            /// What it asks for, in one sentence.
            pub const fn what(self) -> &'static str {
                match self { $(Self::$name => $what),+ }
            }
        }
    };
}

impl Code {
    /// The code of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }

    /// The code of that number.
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.number() == number)
    }
}

#[rustfmt::skip]
codes! {
     0 MriWithin12h = "mri-within-12h", "MRI of the whole spine within 12 hours";
     1 MriWithin24h = "mri-within-24h", "MRI of the whole spine within 24 hours";
     2 MriWithin48h = "mri-within-48h", "MRI of the whole spine within 48 hours";
     3 MriWithin1Week = "mri-within-1-week", "MRI of the whole spine within 1 week";
     4 MriWithin2Weeks = "mri-within-2-weeks", "MRI of the whole spine within 2 weeks";
     5 MriAskPresentation = "mri-ask-presentation", "MRI of the whole spine now; record the presentation, it sets the deadline";
     6 MesccTreatWithin24h = "mescc-treat-within-24h", "Treat within 24 hours of presentation; SBRT schemes are not shown";
     7 MesccModalityMdt = "mescc-modality-mdt", "Surgery and radiotherapy are equivalent: multidisciplinary discussion with the patient's preference";
     8 MesccResultNeeded = "mescc-result-needed", "Record the MRI result; if the cord is compressed, treat now";
     9 MesccQuestion = "mescc-question", "Record whether cord compression is suspected";
    10 ReassessAfterTreatment = "reassess-after-treatment", "Record whether anything is new or worse since the treatment";
    11 SurgeryCandidacyConflict = "surgery-candidacy-conflict", "Surgery indicated, life expectancy below 3 months: urgent spine, multidisciplinary and palliative discussion; vertebroplasty may be considered";
    12 SinsSurgeryIndicated = "sins-surgery-indicated", "Spine unstable: surgery is indicated";
    13 SinsMdtConsult = "sins-mdt-consult", "Spine potentially unstable: consult the multidisciplinary team";
    14 SinsIndeterminate = "sins-indeterminate", "Record the missing parts of the SINS; consult at the level of the upper band";
    15 SinsNotRecorded = "sins-not-recorded", "Record the SINS";
    16 MirelsHighFractureRisk = "mirels-high-fracture-risk", "High risk of fracture of a long bone: orthopaedics";
    17 MirelsIndeterminate = "mirels-indeterminate", "Record the missing parts of the Mirels score";
    18 MirelsBorderline = "mirels-borderline", "Weigh the fracture risk";
    19 SurgeryPreferred = "surgery-preferred", "Surgery is preferred";
    20 ModalityUndetermined = "modality-undetermined", "Record what decides; each criterion is shown as met, not met or unknown";
    21 SystemicTherapyPrimary = "systemic-therapy-primary", "Systemic therapy first: ask oncology";
    22 RadiotherapyPreferred = "radiotherapy-preferred", "Radiotherapy is preferred";
    23 RadiotherapyPreferredProvisional = "radiotherapy-preferred-provisional", "Radiotherapy is preferred; the multidisciplinary answer or the life expectancy is pending";
    24 SbrtDeNovo = "sbrt-de-novo", "SBRT, schemes side by side, none ranked; cord constraints";
    25 CebrtPalliative = "cebrt-palliative", "Conventional radiotherapy as an alternative";
    26 SbrtReirradiation = "sbrt-reirradiation", "Reirradiation by SBRT without a dose scheme; caution after a short or unknown interval; cord constraints";
    27 SbrtConsultSurgeryFirst = "sbrt-consult-surgery-first", "Ask spine surgery before SBRT";
    28 SbrtVcfRisk = "sbrt-vcf-risk", "Weigh the risk of vertebral fracture after SBRT";
    29 ZoledronicAcidEligible = "zoledronic-acid-eligible", "Consider zoledronic acid beside the antineoplastic therapy";
    30 ZoledronicAcidNeedsFacts = "zoledronic-acid-needs-facts", "Record what is missing for zoledronic acid";
    31 VertebroplastyConsider = "vertebroplasty-consider", "Consider vertebroplasty; the operator judges eligibility";
    32 ImagingCannotExclude = "imaging-cannot-exclude", "MRI of the whole spine instead: this imaging cannot exclude spinal metastases";
    33 MriExtendToWholeSpine = "mri-extend-to-whole-spine", "Extend the MRI to the whole spine";
    34 MriOrderTooLate = "mri-order-too-late", "Bring the MRI forward";
    35 MriStateDate = "mri-state-date", "State a date for the MRI";
    36 Rt8gySingleGoodPrognosis = "rt-8gy-single-good-prognosis", "Choose more than 8 Gy in 1 fraction";
    37 RtStatePrognosis = "rt-state-prognosis", "State the life expectancy";
    38 RtUnstableSpine = "rt-unstable-spine", "Ask spine surgery before radiotherapy";
    39 RtReirradiationUseSbrt = "rt-reirradiation-use-sbrt", "Consider SBRT instead";
    40 RtSchemeNotListed = "rt-scheme-not-listed", "Check dose and fractions";
    41 SurgeryLifeExpectancy = "surgery-life-expectancy", "Reconsider, or state the life expectancy";
    42 ZoledronicAcidCheck = "zoledronic-acid-check", "Reconsider, or record what is missing";
}
