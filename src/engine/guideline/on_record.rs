//! Which facts a chart says anything about, whatever it says: for counting how charts change, never for a decision.
//!
//! Deliberately absent: whether what stands there is current, and what follows from it.

use super::fact::Fact;
use crate::domain::{
    Aim, Consult, Drug, Facts, Judgement, MetastasisSite, Side, Sign, SpineTreatment, TreatmentKind,
};

impl Fact {
    /// Whether any record says something of it. Facts that are worked out from others (a presentation, a treatment since the
    /// onset) are on no record.
    pub fn is_on_record(self, facts: &Facts) -> bool {
        let sign = |which: &[Sign]| facts.signs.iter().any(|it| which.contains(&it.sign));
        let judged = |which: Judgement| facts.judgements.iter().any(|it| it.judgement == which);
        let consult = |which: Consult| facts.consults.iter().any(|it| it.consult == which);
        let drug = |which: &[Drug]| facts.medications.iter().any(|it| which.contains(&it.drug));
        let treated =
            |which: TreatmentKind| facts.treatments.iter().any(|it: &SpineTreatment| it.kind == which);
        let metastasis =
            |holds: fn(&MetastasisSite) -> bool| facts.metastases.iter().any(|it| holds(&it.site));
        let deficits = || facts.signs.iter().filter(|it| DEFICITS.contains(&it.sign));
        match self {
            Self::AgeYears => facts.age_years.is_some(),
            Self::Deceased => facts.deceased,
            Self::Sex => facts.sex.is_some(),
            Self::Cancer => !facts.cancer.is_empty(),
            Self::SpinalMetastases => metastasis(|site| matches!(site, MetastasisSite::Spine(_))),
            Self::BoneMetastases => metastasis(|site| matches!(site, MetastasisSite::Bone)),
            Self::BaselineVcf => {
                !facts.vertebral_fractures.is_empty() || !facts.other_vertebral_fractures.is_empty()
            }
            Self::Pregnancy => facts.pregnant.is_some(),
            Self::GoalsOfCare => facts.comfort_care.is_some(),
            Self::MriSafety => !facts.mri_safety.is_empty(),
            Self::BisphosphonateAllergy => !facts.bisphosphonate_allergy.is_empty(),
            Self::LocalBackPain => sign(&[Sign::BackPain]),
            Self::RadicularPain => sign(&[Sign::RadicularPain]),
            Self::RadicularPainSide => {
                facts.signs.iter().any(|it| it.sign == Sign::RadicularPain && it.side.is_some())
            }
            Self::Deficit => sign(DEFICITS),
            Self::DeficitOnset => deficits().any(|it| it.onset.is_some()),
            Self::DeficitProgression => {
                !facts.progressions.is_empty() || deficits().any(|it| it.progression.is_some())
            }
            Self::DeficitSide => {
                deficits().any(|it| matches!(it.side, Some(Side::Left | Side::Right | Side::Both)))
            }
            Self::MesccSigns => sign(SIGNS_OF_COMPRESSION),
            Self::Escc => !facts.escc.is_empty(),
            Self::Sins => !facts.sins.is_empty() || !facts.sins_off_scale.is_empty(),
            Self::Mirels => !facts.mirels.is_empty(),
            Self::Performance => !facts.performance.is_empty(),
            Self::LifeExpectancy => !facts.life_expectancy.is_empty(),
            Self::RadiotherapyTolerable => judged(Judgement::RadiotherapyTolerable),
            Self::ReirradiationFeasible => judged(Judgement::ReirradiationFeasible),
            Self::DeteriorationDespiteRadiotherapy => judged(Judgement::DeteriorationDespiteRadiotherapy),
            Self::ProgressionAfterRadiotherapy => judged(Judgement::ProgressionAfterRadiotherapy),
            Self::AreaAmenableToSurgery => judged(Judgement::AreaAmenableToSurgery),
            Self::SignificantLyticDisease => judged(Judgement::SignificantLyticDisease),
            Self::MechanicalPain => judged(Judgement::MechanicalPain),
            Self::ProstateProgressionOnHormones => judged(Judgement::ProstateProgressionOnHormones),
            Self::NoNewFindingsSinceTreatment => judged(Judgement::NoNewFindingsSinceTreatment),
            Self::Creatinine => !facts.creatinine.is_empty(),
            Self::CreatinineClearance => !facts.creatinine_clearance.is_empty(),
            Self::Weight => !facts.weight.is_empty(),
            Self::Calcium => !facts.calcium.is_empty(),
            Self::SpineMri => !facts.spine_mri.is_empty(),
            Self::SpineMriOrders => !facts.imaging_orders.is_empty(),
            Self::SpineSurgery => treated(TreatmentKind::SpineSurgery),
            Self::PriorRadiotherapy => {
                treated(TreatmentKind::Radiotherapy) || !facts.radiotherapy_history.is_empty()
            }
            Self::SpineSurgeryConsult => consult(Consult::SpineSurgery),
            Self::MdtConsult => consult(Consult::Mdt),
            Self::RadiationOncologyConsult => consult(Consult::RadiationOncology),
            Self::OrthopaedicConsult => consult(Consult::Orthopaedic),
            Self::BoneAgent => drug(&[Drug::ZoledronicAcid, Drug::OtherBoneAgent]),
            Self::CorticosteroidsGiven => drug(&[Drug::Corticosteroid]),
            Self::AntineoplasticTherapy => {
                drug(&[Drug::Antineoplastic]) || judged(Judgement::AntineoplasticTherapy)
            }
            Self::RadiotherapyOrders => {
                facts.radiotherapy_orders.iter().any(|it| !matches!(it.aim, Aim::Elsewhere))
            }
            Self::SurgeryOrders => !facts.surgery_orders.is_empty(),
            Self::ZoledronicOrders => !facts.zoledronic_orders.is_empty(),
            Self::Presentation | Self::TreatmentSinceOnset | Self::Order => false,
        }
    }
}

/// Weakness and numbness.
const DEFICITS: &[Sign] = &[Sign::RadicularDeficit, Sign::LimbWeakness, Sign::LimbNumbness];

/// Signs of cord compression, specific or not.
const SIGNS_OF_COMPRESSION: &[Sign] = &[
    Sign::Paraparesis,
    Sign::SaddleAnaesthesia,
    Sign::SensoryLevel,
    Sign::LhermitteSign,
    Sign::Myelopathy,
    Sign::CaudaEquina,
    Sign::CordCompression,
    Sign::MesccSuspected,
    Sign::GaitDisturbance,
    Sign::UrinaryRetention,
    Sign::BladderOrBowelDisturbance,
    Sign::UrinaryIncontinence,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Sex;

    #[test]
    fn an_empty_chart_says_nothing_and_a_record_says_its_fact() {
        let empty = Facts::default();
        assert!(!Fact::ALL.iter().any(|fact| fact.is_on_record(&empty)));
        let some = Facts { age_years: Some(60), sex: Some(Sex::Male), ..Facts::default() };
        let said: Vec<Fact> = Fact::ALL.iter().copied().filter(|fact| fact.is_on_record(&some)).collect();
        assert_eq!(said, [Fact::AgeYears, Fact::Sex]);
    }
}
