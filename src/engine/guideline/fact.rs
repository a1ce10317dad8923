//! Every fact, one line each: its name, what a reader calls it, on which resources it rests, and where it is shown.
//!
//! What follows from it: the names in a rationale, `missing`, "could not be read", the panels of the chart page, and the
//! facts that a decision looks at. Deliberately absent: values, which each decision works out for itself.

use crate::domain::{Consult, Facts, Judgement, Source};

/// The part of the chart in which a reader looks for a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Panel {
    /// Diagnoses, devices, allergies, goals of care.
    Problems,
    /// Symptoms and signs.
    Symptoms,
    /// Scores, judgements, measurements.
    Scores,
    /// Studies and their reports.
    Imaging,
    /// Treatment, medication, consults.
    Care,
    /// Orders.
    Orders,
    /// The patient's own data.
    Patient,
}

/// Medication as any of its resources tells it.
const DRUGS: &[Source] = &[
    Source::MedicationRequest,
    Source::MedicationStatement,
    Source::MedicationAdministration,
    Source::Medication,
];
/// A finding or diagnosis, and what a clinician judges.
const FINDING: &[Source] = &[Source::Condition, Source::Observation];
/// A score or measurement.
const MEASURED: &[Source] = &[Source::Observation];
/// A consult, requested or done.
const CONSULT: &[Source] = &[Source::ServiceRequest, Source::Procedure, Source::Encounter];
/// An order.
const ORDER: &[Source] = &[Source::ServiceRequest];

/// The answers to a yes/no fact.
const YES_NO: &[&str] = &["yes", "no"];

macro_rules! facts {
    ($($fact:ident = $name:literal, $plain:literal, $sources:expr, $panel:ident
        $(, answers $answers:expr)?;)+) => {
        /// A fact of guideline.md section 2.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fact {
            $(#[doc = $plain] $fact,)+
        }

        impl Fact {
            /// Every fact.
            pub const ALL: &'static [Self] = &[$(Self::$fact),+];

            /// Its name in the rationale of a card.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$fact => $name),+ }
            }

            /// What a reader calls it.
            pub const fn plain_name(self) -> &'static str {
                match self { $(Self::$fact => $plain),+ }
            }

            /// The resources on which it rests: with one of them unread its absence means nothing.
            pub const fn sources(self) -> &'static [Source] {
                match self { $(Self::$fact => $sources),+ }
            }

            /// Where a reader looks for it.
            pub const fn panel(self) -> Panel {
                match self { $(Self::$fact => Panel::$panel),+ }
            }

            /// Its answers, where they are a closed set; empty otherwise.
            pub const fn answers(self) -> &'static [&'static str] {
                match self { $(Self::$fact => facts!(@list $($answers)?)),+ }
            }
        }
    };
    (@list) => { &[] };
    (@list $answers:expr) => { $answers };
}

#[rustfmt::skip]
facts! {
    AgeYears = "age_years", "Age", &[Source::Patient], Patient;
    Deceased = "deceased", "Deceased", &[Source::Patient], Patient, answers YES_NO;
    Sex = "sex", "Sex", &[Source::Patient], Patient;
    Cancer = "cancer", "Cancer", FINDING, Problems;
    SpinalMetastases = "spinal_metastases", "Spinal metastases", FINDING, Problems;
    BoneMetastases = "bone_metastases", "Bone metastases", FINDING, Problems;
    BaselineVcf = "baseline_vcf", "Vertebral fracture", FINDING, Problems, answers YES_NO;
    Pregnancy = "pregnancy", "Pregnancy", FINDING, Problems, answers YES_NO;
    GoalsOfCare = "goals_of_care", "Goals of care", FINDING, Problems;
    MriSafety = "mri_safety", "Device or implant", &[Source::Device, Source::Condition, Source::Observation], Problems;
    BisphosphonateAllergy = "bisphosphonate_allergy", "Bisphosphonate allergy", &[Source::AllergyIntolerance], Problems, answers YES_NO;
    LocalBackPain = "local_back_pain", "Back or neck pain", FINDING, Symptoms, answers YES_NO;
    RadicularPain = "radicular_pain", "Radicular pain", FINDING, Symptoms, answers YES_NO;
    RadicularPainSide = "radicular_pain_side", "Side of the radicular pain", FINDING, Symptoms, answers &["left", "right", "both"];
    Deficit = "deficit", "Neurological deficit", FINDING, Symptoms;
    DeficitOnset = "deficit_onset", "Onset of the deficit", FINDING, Symptoms;
    DeficitProgression = "deficit_progression", "Course of the deficit", FINDING, Symptoms, answers &["progressive", "stable", "improving"];
    DeficitSide = "deficit_side", "Side of the deficit", FINDING, Symptoms, answers &["left", "right", "both"];
    Presentation = "presentation", "Presentation", FINDING, Symptoms;
    MesccSigns = "mescc_signs", "Sign of cord compression", FINDING, Symptoms;
    Escc = "escc", "Epidural compression grade (ESCC)", MEASURED, Scores, answers &["0", "1a", "1b", "1c", "2", "3"];
    Sins = "sins", "SINS", MEASURED, Scores;
    Mirels = "mirels", "Mirels score", MEASURED, Scores;
    Performance = "performance", "Performance", MEASURED, Scores;
    LifeExpectancy = "life_expectancy", "Life expectancy", MEASURED, Scores, answers &["lt-3-months", "ge-3-months"];
    RadiotherapyTolerable = "radiotherapy_tolerable", "Radiotherapy tolerable", FINDING, Scores, answers YES_NO;
    ReirradiationFeasible = "reirradiation_feasible", "Repeat radiotherapy feasible", FINDING, Scores, answers YES_NO;
    DeteriorationDespiteRadiotherapy = "deterioration_despite_radiotherapy", "Deterioration despite radiotherapy", FINDING, Scores, answers YES_NO;
    ProgressionAfterRadiotherapy = "progression_after_radiotherapy", "Progression after radiotherapy", FINDING, Scores, answers YES_NO;
    AreaAmenableToSurgery = "area_amenable_to_surgery", "Area amenable to surgery", FINDING, Scores, answers YES_NO;
    SignificantLyticDisease = "significant_lytic_disease", "Significant lytic disease", FINDING, Scores, answers YES_NO;
    MechanicalPain = "mechanical_pain", "Mechanical pain", FINDING, Scores, answers YES_NO;
    ProstateProgressionOnHormones = "prostate_progression_on_hormones", "Prostate cancer progressing on hormones", FINDING, Scores, answers YES_NO;
    NoNewFindingsSinceTreatment = "no_new_findings_since_treatment", "Nothing new or worse since the treatment", FINDING, Symptoms, answers YES_NO;
    Creatinine = "creatinine", "Creatinine", MEASURED, Scores;
    CreatinineClearance = "creatinine_clearance", "Creatinine clearance", &[Source::Observation, Source::Patient], Scores;
    Weight = "weight", "Weight", MEASURED, Scores;
    Calcium = "calcium", "Calcium", MEASURED, Scores;
    SpineMri = "spine_mri", "MRI of the spine", &[Source::ImagingStudy, Source::DiagnosticReport, Source::Procedure], Imaging;
    SpineMriOrders = "spine_mri_orders", "Order", ORDER, Orders;
    TreatmentSinceOnset = "treatment_since_onset", "Treatment since onset", &[Source::Procedure], Care;
    SpineSurgery = "spine_surgery", "Spine surgery", &[Source::Procedure], Care;
    PriorRadiotherapy = "prior_radiotherapy", "Radiotherapy before", &[Source::Procedure, Source::Condition, Source::Observation], Care;
    SpineSurgeryConsult = "spine_surgery_consult", "Spine-surgery consult", CONSULT, Care;
    MdtConsult = "mdt_consult", "Multidisciplinary consult", CONSULT, Care;
    RadiationOncologyConsult = "radiation_oncology_consult", "Radiation-oncology consult", CONSULT, Care;
    OrthopaedicConsult = "orthopaedic_consult", "Orthopaedic consult", CONSULT, Care;
    BoneAgent = "bone_agent", "Current bone agent", DRUGS, Care, answers YES_NO;
    CorticosteroidsGiven = "corticosteroids_given", "Corticosteroids", DRUGS, Care, answers YES_NO;
    AntineoplasticTherapy = "antineoplastic_therapy", "Antineoplastic therapy", &[Source::MedicationRequest, Source::MedicationStatement, Source::MedicationAdministration, Source::Medication, Source::Condition, Source::Observation], Care, answers YES_NO;
    Order = "order", "Order", ORDER, Orders;
    RadiotherapyOrders = "radiotherapy_orders", "Order", ORDER, Orders;
    SurgeryOrders = "surgery_orders", "Order", ORDER, Orders;
    ZoledronicOrders = "zoledronic_orders", "Order", &[Source::ServiceRequest, Source::MedicationRequest], Orders;
}

impl Fact {
    /// The fact of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fact| fact.name() == name)
    }

    /// Whether a resource on which it rests could not be read, or only in part: then its absence says nothing.
    pub fn is_unread(self, facts: &Facts) -> bool {
        let unread =
            |source: &Source| facts.unavailable.contains(source) || facts.incomplete.contains(source);
        self.sources().iter().any(unread)
    }

    /// The fact that a consult is.
    pub const fn of_consult(consult: Consult) -> Self {
        match consult {
            Consult::SpineSurgery => Self::SpineSurgeryConsult,
            Consult::Mdt => Self::MdtConsult,
            Consult::RadiationOncology => Self::RadiationOncologyConsult,
            Consult::Orthopaedic => Self::OrthopaedicConsult,
        }
    }

    /// The fact that a yes/no judgement gives.
    pub const fn of_judgement(judgement: Judgement) -> Self {
        match judgement {
            Judgement::RadiotherapyTolerable => Self::RadiotherapyTolerable,
            Judgement::ReirradiationFeasible => Self::ReirradiationFeasible,
            Judgement::DeteriorationDespiteRadiotherapy => Self::DeteriorationDespiteRadiotherapy,
            Judgement::ProgressionAfterRadiotherapy => Self::ProgressionAfterRadiotherapy,
            Judgement::AreaAmenableToSurgery => Self::AreaAmenableToSurgery,
            Judgement::SignificantLyticDisease => Self::SignificantLyticDisease,
            Judgement::MechanicalPain => Self::MechanicalPain,
            Judgement::AntineoplasticTherapy => Self::AntineoplasticTherapy,
            Judgement::ProstateProgressionOnHormones => Self::ProstateProgressionOnHormones,
            Judgement::NoNewFindingsSinceTreatment => Self::NoNewFindingsSinceTreatment,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_has_a_name_of_its_own_and_rests_on_something() {
        for fact in Fact::ALL {
            assert_eq!(Fact::named(fact.name()), Some(*fact));
            assert!(!fact.sources().is_empty(), "{fact:?}");
        }
        assert_eq!(Fact::named("fact"), None);
    }

    #[test]
    fn a_fact_is_unread_with_any_of_its_resources() {
        let read = Facts::default();
        for fact in Fact::ALL {
            assert!(!fact.is_unread(&read));
            for source in fact.sources() {
                assert!(fact.is_unread(&Facts { unavailable: vec![*source], ..Facts::default() }));
                assert!(fact.is_unread(&Facts { incomplete: vec![*source], ..Facts::default() }));
            }
        }
    }
}
