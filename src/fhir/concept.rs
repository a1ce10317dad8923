//! The concepts that codes are mapped to: one line each, and all that is known of a concept stands in its line.
//!
//! A line gives the value set (`hooks/value-sets/<id>.json`), what the concept means when a code names it, in which resource
//! types it is read, and how it is asked for. Derived from it: the prefetch templates and the tables of the
//! mappers. A line whose resource types and request do not agree does not compile.
//!
//! A code may belong to several concepts (left sciatica is radicular pain and says its side).

use super::asked::{AskedIn, AskedIn::*, Group::*, Meaning, Meaning::*};
use engine::domain::{Consult, Judgement, Region, Regions, Sign, Source};

macro_rules! concepts {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal, $meaning:expr, read_in($($source:ident),+), $asked:expr;)+) => {
        /// A concept that a code can stand for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Concept {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Concept {
            /// Every concept, in the order of this file.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name of its value set: `urn:spinal-mets-cds:ValueSet:<id>`, file `<id>.json`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }

            /// What it is, in words.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii()),+ }
            }

            /// What a code of it means.
            pub const fn meaning(self) -> Meaning {
                match self { $(Self::$name => $meaning),+ }
            }

            /// The resource types in which it is read.
            pub const fn read_in(self) -> &'static [Source] {
                match self { $(Self::$name => &[$(Source::$source),+]),+ }
            }

            /// How its codes are asked for in prefetch.
            pub const fn asked_in(self) -> AskedIn {
                match self { $(Self::$name => $asked),+ }
            }

            /// The text of its file in `hooks/value-sets/`: a concept without a file does not compile.
            pub const fn built_in_value_set(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!("../../hooks/value-sets/", $id, ".json")),)+
                }
            }
        }
    };
}

concepts! {
    /// Metastasis of the vertebral column.
    SpineMetastasis = "spine-metastasis", Diagnosis, read_in(Condition), All;
    /// Metastasis of bone, site to be checked.
    BoneMetastasis = "bone-metastasis", Diagnosis, read_in(Condition), All;
    /// Any secondary cancer.
    SecondaryMalignancy = "secondary-malignancy", Diagnosis, read_in(Condition), All;
    /// Any primary cancer.
    PrimaryMalignancy = "primary-malignancy", Diagnosis, read_in(Condition), All;
    /// Non-melanoma skin cancer, current or past: alone it is no cancer.
    NonMelanomaSkinCancer = "non-melanoma-skin-cancer", Exclusion, read_in(Condition), All;
    /// A history code: the cancer is past.
    HistoryOfMalignancy = "history-of-malignancy", Diagnosis, read_in(Condition), All;
    /// A code that says itself that the cancer is in remission.
    CancerInRemission = "cancer-in-remission", Diagnosis, read_in(Condition), All;
    /// History of metastatic cancer (mCODE; value false means no).
    HistoryOfMetastaticCancer = "history-of-metastatic-cancer", Statement,
        read_in(Condition, Observation), Group(ObservationsScores);
    /// Multiple myeloma and plasmacytoma.
    Myeloma = "myeloma", Diagnosis, read_in(Condition), All;
    /// Lymphoma.
    Lymphoma = "lymphoma", Diagnosis, read_in(Condition), All;
    /// Hodgkin lymphoma and high-grade lymphoma.
    AggressiveLymphoma = "aggressive-lymphoma", Diagnosis, read_in(Condition), All;
    /// Germ-cell tumour.
    GermCellTumour = "germ-cell-tumour", Diagnosis, read_in(Condition), All;
    /// Small-cell carcinoma.
    SmallCellCarcinoma = "small-cell-carcinoma", Diagnosis, read_in(Condition), All;
    /// Prostate cancer.
    ProstateCancer = "prostate-cancer", Diagnosis, read_in(Condition), All;
    /// A cancer whose code tells no solid tumour of an organ.
    NotASolidTumour = "not-a-solid-tumour", Diagnosis, read_in(Condition), All;
    /// Local back pain, neck and thoracic too.
    BackPain = "back-pain", Sign(Sign::BackPain), read_in(Condition, Observation), Group(ObservationsSigns);
    /// Radicular pain or radiculopathy.
    RadicularPain = "radicular-pain", Sign(Sign::RadicularPain),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Codes that say left.
    SideLeft = "side-left", Qualifier,
        read_in(Condition, Observation), NotAsked("it says the side of what another code names");
    /// Codes that say right.
    SideRight = "side-right", Qualifier,
        read_in(Condition, Observation), NotAsked("it says the side of what another code names");
    /// Codes that say both sides.
    SideBoth = "side-both", Qualifier,
        read_in(Condition, Observation), NotAsked("it says the side of what another code names");
    /// Limb weakness and monoparesis.
    LimbWeakness = "limb-weakness", Sign(Sign::LimbWeakness),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// A deficit coded as radicular.
    RadicularDeficit = "radicular-deficit", Sign(Sign::RadicularDeficit),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Numbness or hypaesthesia of a limb named by the code.
    LimbNumbness = "limb-numbness", Sign(Sign::LimbNumbness),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Numbness or hypaesthesia: a limb must be named by the body site.
    Numbness = "numbness", Statement, read_in(Condition, Observation), Group(ObservationsSigns);
    /// Codes (findings and body sites) that name a leg.
    LimbLeg = "limb-leg", Qualifier,
        read_in(Condition, Observation), NotAsked("it says the limb of what another code names");
    /// Codes (findings and body sites) that name an arm.
    LimbArm = "limb-arm", Qualifier,
        read_in(Condition, Observation), NotAsked("it says the limb of what another code names");
    /// Paraparesis, paraplegia, quadriplegia.
    Paraparesis = "paraparesis", Sign(Sign::Paraparesis),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Saddle anaesthesia.
    SaddleAnaesthesia = "saddle-anaesthesia", Sign(Sign::SaddleAnaesthesia),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Sensory level.
    SensoryLevel = "sensory-level", Sign(Sign::SensoryLevel),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Lhermitte's sign.
    LhermitteSign = "lhermitte-sign", Sign(Sign::LhermitteSign),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Myelopathy, upper-motor-neurone signs.
    Myelopathy = "myelopathy", Sign(Sign::Myelopathy),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Cauda equina syndrome.
    CaudaEquina = "cauda-equina-syndrome", Sign(Sign::CaudaEquina),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Cord compression.
    CordCompression = "cord-compression", Sign(Sign::CordCompression),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Cord or myelopathy codes that are metastatic by themselves (713425003, 192906003).
    MetastaticByCode = "metastatic-by-code", Qualifier,
        read_in(Condition, Observation), NotAsked("it says more of a code that another set names too");
    /// `mescc-suspected`.
    MesccSuspected = "mescc-suspected", Sign(Sign::MesccSuspected),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// `spinal-metastases-suspected`.
    SpinalMetastasesSuspected = "spinal-metastases-suspected", Sign(Sign::SpinalMetastasesSuspected),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Gait disturbance or ataxia.
    GaitDisturbance = "gait-disturbance", Sign(Sign::GaitDisturbance),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Urinary retention.
    UrinaryRetention = "urinary-retention", Sign(Sign::UrinaryRetention),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Bowel incontinence, other bladder or bowel disturbance.
    BladderOrBowelDisturbance = "bladder-or-bowel-disturbance", Sign(Sign::BladderOrBowelDisturbance),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// Urinary incontinence.
    UrinaryIncontinence = "urinary-incontinence", Sign(Sign::UrinaryIncontinence),
        read_in(Condition, Observation), Group(ObservationsSigns);
    /// `deficit-progression`.
    DeficitProgression = "deficit-progression", Score, read_in(Observation), Group(ObservationsSigns);
    /// `progression-after-radiotherapy`.
    ProgressionAfterRadiotherapy = "progression-after-radiotherapy",
        JudgementAndStatement(Judgement::ProgressionAfterRadiotherapy), read_in(Condition, Observation), Group(ObservationsScores);
    /// `deterioration-despite-radiotherapy`.
    DeteriorationDespiteRadiotherapy = "deterioration-despite-radiotherapy",
        JudgementAndStatement(Judgement::DeteriorationDespiteRadiotherapy), read_in(Condition, Observation), Group(ObservationsScores);
    /// Value codes: progressive, worse.
    CourseProgressive = "course-progressive", Qualifier,
        read_in(Condition, Observation), NotAsked("it is a value of what another code names");
    /// Value codes: stable.
    CourseStable = "course-stable", Qualifier,
        read_in(Condition, Observation), NotAsked("it is a value of what another code names");
    /// Value codes: improving, better.
    CourseImproving = "course-improving", Qualifier,
        read_in(Condition, Observation), NotAsked("it is a value of what another code names");
    /// `escc-grade`.
    EsccGrade = "escc-grade", Score, read_in(Observation), Group(ObservationsScores);
    /// `sins-total` and its parts.
    Sins = "sins", Score, read_in(Observation), Group(ObservationsScores);
    /// Vertebral fracture, pathological or compression.
    VertebralFracture = "vertebral-fracture", Statement,
        read_in(Condition, Observation), Group(ObservationsStatus);
    /// Traumatic or osteoporotic fracture of a vertebra, or the sequela of one: neither pathological nor a symptom.
    OtherVertebralFracture = "other-vertebral-fracture", Statement,
        read_in(Condition, Observation), Group(ObservationsStatus);
    /// `comfort-care`.
    ComfortCare = "comfort-care", Statement,
        read_in(Condition, Observation, Procedure, ServiceRequest), Group(ObservationsScores);
    /// Pregnant.
    Pregnant = "pregnant", Statement, read_in(Condition, Observation), Group(ObservationsStatus);
    /// Pregnancy status asked (Observation code).
    PregnancyStatus = "pregnancy-status", Score, read_in(Observation), Group(ObservationsStatus);
    /// Device or implant that needs an MR-safety review.
    MriSafety = "mri-safety-review", Statement,
        read_in(Condition, Observation, Device), Group(ObservationsStatus);
    /// MRI of the cervical spine.
    MriCervical = "mri-cervical-spine", Mri(Regions::of(Region::Cervical)),
        read_in(ImagingStudy, DiagnosticReport, Procedure, ServiceRequest), Group(DiagnosticReportsMri);
    /// MRI of the thoracic spine.
    MriThoracic = "mri-thoracic-spine", Mri(Regions::of(Region::Thoracic)),
        read_in(ImagingStudy, DiagnosticReport, Procedure, ServiceRequest), Group(DiagnosticReportsMri);
    /// MRI of the lumbar spine.
    MriLumbar = "mri-lumbar-spine", Mri(Regions::of(Region::Lumbar)),
        read_in(ImagingStudy, DiagnosticReport, Procedure, ServiceRequest), Group(DiagnosticReportsMri);
    /// MRI of the whole spine.
    MriWholeSpine = "mri-whole-spine", Mri(Regions::WHOLE),
        read_in(ImagingStudy, DiagnosticReport, Procedure, ServiceRequest), Group(DiagnosticReportsMri);
    /// MRI of thoracic and lumbar spine.
    MriThoracicLumbar = "mri-thoracic-and-lumbar-spine",
        Mri(Regions::of(Region::Thoracic).with(Regions::of(Region::Lumbar))),
        read_in(ImagingStudy, DiagnosticReport, Procedure, ServiceRequest), Group(DiagnosticReportsMri);
    /// MRI of the spine, region not stated.
    MriSpine = "mri-spine", Mri(Regions::NONE),
        read_in(ImagingStudy, DiagnosticReport, Procedure, ServiceRequest), Group(DiagnosticReportsMri);
    /// CT of the spine.
    CtSpine = "ct-spine", Imaging, read_in(ServiceRequest), All;
    /// X-ray of the spine.
    XraySpine = "xray-spine", Imaging, read_in(ServiceRequest), All;
    /// Bone scintigraphy.
    BoneScan = "bone-scintigraphy", Imaging, read_in(ServiceRequest), All;
    /// Surgery of the spine; vertebroplasty and kyphoplasty left out.
    SpineSurgery = "spine-surgery", Treatment, read_in(Procedure, ServiceRequest), All;
    /// Vertebroplasty and kyphoplasty: not spine surgery.
    Vertebroplasty = "vertebroplasty", Exclusion, read_in(Procedure, ServiceRequest), All;
    /// Radiotherapy courses, modalities and techniques.
    Radiotherapy = "radiotherapy", Treatment, read_in(Procedure, ServiceRequest), All;
    /// Phases, plans and fractions of a radiotherapy course.
    RadiotherapyPart = "radiotherapy-part", Treatment, read_in(Procedure, ServiceRequest), All;
    /// Radiotherapy that is stereotactic by its code.
    StereotacticRadiotherapy = "stereotactic-radiotherapy", Treatment, read_in(Procedure, ServiceRequest), All;
    /// Radiotherapy was once given; no site and no time.
    RadiotherapyHistory = "radiotherapy-history", Statement,
        read_in(Condition, Observation), Group(ObservationsScores);
    /// Body sites that name the spine or a region of it.
    SpineSite = "spine-site", Qualifier,
        read_in(Condition, Observation, Procedure, ServiceRequest, ImagingStudy, BodyStructure),
        NotAsked("it is the body site of what another code names");
    /// Body sites of the cervical spine.
    CervicalSite = "cervical-site", Qualifier,
        read_in(Condition, Observation, Procedure, ServiceRequest, ImagingStudy, BodyStructure),
        NotAsked("it is the body site of what another code names");
    /// Body sites of the thoracic spine.
    ThoracicSite = "thoracic-site", Qualifier,
        read_in(Condition, Observation, Procedure, ServiceRequest, ImagingStudy, BodyStructure),
        NotAsked("it is the body site of what another code names");
    /// Body sites of the lumbar spine.
    LumbarSite = "lumbar-site", Qualifier,
        read_in(Condition, Observation, Procedure, ServiceRequest, ImagingStudy, BodyStructure),
        NotAsked("it is the body site of what another code names");
    /// Body sites of the sacral spine.
    SacralSite = "sacral-site", Qualifier,
        read_in(Condition, Observation, Procedure, ServiceRequest, ImagingStudy, BodyStructure),
        NotAsked("it is the body site of what another code names");
    /// Spine surgery consult.
    SpineSurgeryConsult = "spine-surgery-consult", Consult(Consult::SpineSurgery),
        read_in(ServiceRequest, Procedure, Encounter), Group(Encounters);
    /// Multidisciplinary team consult.
    MdtConsult = "mdt-consult", Consult(Consult::Mdt),
        read_in(ServiceRequest, Procedure, Encounter), Group(Encounters);
    /// Radiation oncology consult.
    RadiationOncologyConsult = "radiation-oncology-consult", Consult(Consult::RadiationOncology),
        read_in(ServiceRequest, Procedure, Encounter), Group(Encounters);
    /// Orthopaedic consult.
    OrthopaedicConsult = "orthopaedic-consult", Consult(Consult::Orthopaedic),
        read_in(ServiceRequest, Procedure, Encounter), Group(Encounters);
    /// Mirels score and its parts.
    Mirels = "mirels", Score, read_in(Observation), Group(ObservationsScores);
    /// ECOG performance status.
    Ecog = "ecog", Measurement, read_in(Observation), Group(ObservationsStatus);
    /// Karnofsky performance status.
    Karnofsky = "karnofsky", Measurement, read_in(Observation), Group(ObservationsStatus);
    /// `life-expectancy`.
    LifeExpectancy = "life-expectancy", Measurement, read_in(Observation), Group(ObservationsScores);
    /// `radiotherapy-tolerable`.
    RadiotherapyTolerable = "radiotherapy-tolerable", Judgement(Judgement::RadiotherapyTolerable),
        read_in(Condition, Observation), Group(ObservationsScores);
    /// `reirradiation-feasible`.
    ReirradiationFeasible = "reirradiation-feasible", Judgement(Judgement::ReirradiationFeasible),
        read_in(Condition, Observation), Group(ObservationsScores);
    /// `area-amenable-to-surgery`.
    AreaAmenableToSurgery = "area-amenable-to-surgery", Judgement(Judgement::AreaAmenableToSurgery),
        read_in(Condition, Observation), Group(ObservationsScores);
    /// `significant-lytic-disease`.
    SignificantLyticDisease = "significant-lytic-disease", Judgement(Judgement::SignificantLyticDisease),
        read_in(Condition, Observation), Group(ObservationsScores);
    /// `mechanical-pain`.
    MechanicalPain = "mechanical-pain", Judgement(Judgement::MechanicalPain),
        read_in(Condition, Observation), Group(ObservationsScores);
    /// `prostate-progression-on-hormones`.
    ProstateProgressionOnHormones = "prostate-progression-on-hormones",
        Judgement(Judgement::ProstateProgressionOnHormones),
        read_in(Condition, Observation), Group(ObservationsScores);
    /// `antineoplastic-therapy`.
    AntineoplasticTherapy = "antineoplastic-therapy", Judgement(Judgement::AntineoplasticTherapy),
        read_in(Condition, Observation), Group(ObservationsScores);
    /// `no-new-findings-since-treatment`.
    NoNewFindingsSinceTreatment = "no-new-findings-since-treatment",
        Judgement(Judgement::NoNewFindingsSinceTreatment),
        read_in(Condition, Observation), Group(ObservationsScores);
    /// Creatinine.
    Creatinine = "creatinine", Measurement, read_in(Observation), Group(ObservationsStatus);
    /// Measured creatinine clearance, never eGFR.
    CreatinineClearance = "creatinine-clearance", Measurement, read_in(Observation), Group(ObservationsStatus);
    /// Calcium.
    Calcium = "calcium", Measurement, read_in(Observation), Group(ObservationsStatus);
    /// Body weight.
    BodyWeight = "body-weight", Measurement, read_in(Observation), Group(ObservationsStatus);
    /// Zoledronic acid.
    ZoledronicAcid = "zoledronic-acid", Drug,
        read_in(Medication, MedicationRequest, MedicationStatement, MedicationAdministration, AllergyIntolerance),
        All;
    /// Denosumab at the oncology dose, other bisphosphonates.
    BoneAgent = "bone-agent", Drug,
        read_in(Medication, MedicationRequest, MedicationStatement, MedicationAdministration), All;
    /// Bisphosphonates other than zoledronic acid.
    Bisphosphonate = "bisphosphonate", Drug,
        read_in(Medication, MedicationRequest, MedicationStatement, MedicationAdministration, AllergyIntolerance),
        All;
    /// Antineoplastic and endocrine therapy of cancer.
    AntineoplasticDrug = "antineoplastic-drug", Drug,
        read_in(Medication, MedicationRequest, MedicationStatement, MedicationAdministration),
        All;
    /// Corticosteroids.
    Corticosteroid = "corticosteroid", Drug,
        read_in(Medication, MedicationRequest, MedicationStatement, MedicationAdministration), All;
}
