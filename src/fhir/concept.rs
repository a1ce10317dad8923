//! The concepts that codes are mapped to. One FHIR ValueSet each in `hooks/value-sets/`.
//!
//! A code may belong to several concepts (left sciatica is radicular pain and says its side). Deliberately absent:
//! what a concept means for a patient, which is the work of the mappers beside this file.

macro_rules! concepts {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal,)+) => {
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

            /// The text of its file in `hooks/value-sets/`: a concept without a file does not compile.
            pub(super) const fn built_in_value_set(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!("../../hooks/value-sets/", $id, ".json")),)+
                }
            }
        }
    };
}

concepts! {
    /// Metastasis of the vertebral column.
    SpineMetastasis = "spine-metastasis",
    /// Metastasis of bone, site to be checked.
    BoneMetastasis = "bone-metastasis",
    /// Any secondary cancer.
    SecondaryMalignancy = "secondary-malignancy",
    /// Any primary cancer.
    PrimaryMalignancy = "primary-malignancy",
    /// Non-melanoma skin cancer, current or past: alone it is no cancer.
    NonMelanomaSkinCancer = "non-melanoma-skin-cancer",
    /// A history code: the cancer is past.
    HistoryOfMalignancy = "history-of-malignancy",
    /// History of metastatic cancer (mCODE; value false means no).
    HistoryOfMetastaticCancer = "history-of-metastatic-cancer",
    /// Multiple myeloma and plasmacytoma.
    Myeloma = "myeloma",
    /// Lymphoma.
    Lymphoma = "lymphoma",
    /// Hodgkin lymphoma and high-grade lymphoma.
    AggressiveLymphoma = "aggressive-lymphoma",
    /// Germ-cell tumour.
    GermCellTumour = "germ-cell-tumour",
    /// Small-cell carcinoma.
    SmallCellCarcinoma = "small-cell-carcinoma",
    /// Prostate cancer.
    ProstateCancer = "prostate-cancer",
    /// A cancer whose code tells no solid tumour of an organ.
    NotASolidTumour = "not-a-solid-tumour",
    /// Local back pain, neck and thoracic too.
    BackPain = "back-pain",
    /// Radicular pain or radiculopathy.
    RadicularPain = "radicular-pain",
    /// Codes that say left.
    SideLeft = "side-left",
    /// Codes that say right.
    SideRight = "side-right",
    /// Codes that say both sides.
    SideBoth = "side-both",
    /// Limb weakness and monoparesis.
    LimbWeakness = "limb-weakness",
    /// A deficit coded as radicular.
    RadicularDeficit = "radicular-deficit",
    /// Numbness or hypaesthesia of a limb named by the code.
    LimbNumbness = "limb-numbness",
    /// Numbness or hypaesthesia: a limb must be named by the body site.
    Numbness = "numbness",
    /// Codes (findings and body sites) that name a leg.
    LimbLeg = "limb-leg",
    /// Codes (findings and body sites) that name an arm.
    LimbArm = "limb-arm",
    /// Paraparesis, paraplegia, quadriplegia.
    Paraparesis = "paraparesis",
    /// Saddle anaesthesia.
    SaddleAnaesthesia = "saddle-anaesthesia",
    /// Sensory level.
    SensoryLevel = "sensory-level",
    /// Lhermitte's sign.
    LhermitteSign = "lhermitte-sign",
    /// Myelopathy, upper-motor-neurone signs.
    Myelopathy = "myelopathy",
    /// Cauda equina syndrome.
    CaudaEquina = "cauda-equina-syndrome",
    /// Cord compression.
    CordCompression = "cord-compression",
    /// Cord or myelopathy codes that are metastatic by themselves (713425003, 192906003).
    MetastaticByCode = "metastatic-by-code",
    /// `mescc-suspected`.
    MesccSuspected = "mescc-suspected",
    /// `spinal-metastases-suspected`.
    SpinalMetastasesSuspected = "spinal-metastases-suspected",
    /// Gait disturbance or ataxia.
    GaitDisturbance = "gait-disturbance",
    /// Urinary retention.
    UrinaryRetention = "urinary-retention",
    /// Bowel incontinence, other bladder or bowel disturbance.
    BladderOrBowelDisturbance = "bladder-or-bowel-disturbance",
    /// Urinary incontinence.
    UrinaryIncontinence = "urinary-incontinence",
    /// `deficit-progression`.
    DeficitProgression = "deficit-progression",
    /// `progression-after-radiotherapy`.
    ProgressionAfterRadiotherapy = "progression-after-radiotherapy",
    /// `deterioration-despite-radiotherapy`.
    DeteriorationDespiteRadiotherapy = "deterioration-despite-radiotherapy",
    /// Value codes: progressive, worse.
    CourseProgressive = "course-progressive",
    /// Value codes: stable.
    CourseStable = "course-stable",
    /// Value codes: improving, better.
    CourseImproving = "course-improving",
    /// `escc-grade`.
    EsccGrade = "escc-grade",
    /// `sins-total` and its parts.
    Sins = "sins",
    /// Vertebral fracture, pathological or compression.
    VertebralFracture = "vertebral-fracture",
    /// `comfort-care`.
    ComfortCare = "comfort-care",
    /// Pregnant.
    Pregnant = "pregnant",
    /// Pregnancy status asked (Observation code).
    PregnancyStatus = "pregnancy-status",
    /// Device or implant that needs an MR-safety review.
    MriSafety = "mri-safety-review",
    /// MRI of the cervical spine.
    MriCervical = "mri-cervical-spine",
    /// MRI of the thoracic spine.
    MriThoracic = "mri-thoracic-spine",
    /// MRI of the lumbar spine.
    MriLumbar = "mri-lumbar-spine",
    /// MRI of the whole spine.
    MriWholeSpine = "mri-whole-spine",
    /// MRI of thoracic and lumbar spine.
    MriThoracicLumbar = "mri-thoracic-and-lumbar-spine",
    /// MRI of the spine, region not stated.
    MriSpine = "mri-spine",
    /// CT of the spine.
    CtSpine = "ct-spine",
    /// X-ray of the spine.
    XraySpine = "xray-spine",
    /// Bone scintigraphy.
    BoneScan = "bone-scintigraphy",
    /// Surgery of the spine; vertebroplasty and kyphoplasty left out.
    SpineSurgery = "spine-surgery",
    /// Vertebroplasty and kyphoplasty: not spine surgery.
    Vertebroplasty = "vertebroplasty",
    /// Radiotherapy courses, modalities and techniques.
    Radiotherapy = "radiotherapy",
    /// Phases, plans and fractions of a radiotherapy course.
    RadiotherapyPart = "radiotherapy-part",
    /// Radiotherapy that is stereotactic by its code.
    StereotacticRadiotherapy = "stereotactic-radiotherapy",
    /// Radiotherapy was once given; no site and no time.
    RadiotherapyHistory = "radiotherapy-history",
    /// Body sites that name the spine or a region of it.
    SpineSite = "spine-site",
    /// Body sites of the cervical spine.
    CervicalSite = "cervical-site",
    /// Body sites of the thoracic spine.
    ThoracicSite = "thoracic-site",
    /// Body sites of the lumbar spine.
    LumbarSite = "lumbar-site",
    /// Body sites of the sacral spine.
    SacralSite = "sacral-site",
    /// Spine surgery consult.
    SpineSurgeryConsult = "spine-surgery-consult",
    /// Multidisciplinary team consult.
    MdtConsult = "mdt-consult",
    /// Radiation oncology consult.
    RadiationOncologyConsult = "radiation-oncology-consult",
    /// Orthopaedic consult.
    OrthopaedicConsult = "orthopaedic-consult",
    /// Mirels score and its parts.
    Mirels = "mirels",
    /// ECOG performance status.
    Ecog = "ecog",
    /// Karnofsky performance status.
    Karnofsky = "karnofsky",
    /// `life-expectancy`.
    LifeExpectancy = "life-expectancy",
    /// `radiotherapy-tolerable`.
    RadiotherapyTolerable = "radiotherapy-tolerable",
    /// `reirradiation-feasible`.
    ReirradiationFeasible = "reirradiation-feasible",
    /// `area-amenable-to-surgery`.
    AreaAmenableToSurgery = "area-amenable-to-surgery",
    /// `significant-lytic-disease`.
    SignificantLyticDisease = "significant-lytic-disease",
    /// `mechanical-pain`.
    MechanicalPain = "mechanical-pain",
    /// `prostate-progression-on-hormones`.
    ProstateProgressionOnHormones = "prostate-progression-on-hormones",
    /// `antineoplastic-therapy`.
    AntineoplasticTherapy = "antineoplastic-therapy",
    /// Creatinine.
    Creatinine = "creatinine",
    /// Measured creatinine clearance, never eGFR.
    CreatinineClearance = "creatinine-clearance",
    /// Calcium.
    Calcium = "calcium",
    /// Body weight.
    BodyWeight = "body-weight",
    /// Zoledronic acid.
    ZoledronicAcid = "zoledronic-acid",
    /// Denosumab at the oncology dose, other bisphosphonates.
    BoneAgent = "bone-agent",
    /// Bisphosphonates other than zoledronic acid.
    Bisphosphonate = "bisphosphonate",
    /// Corticosteroids.
    Corticosteroid = "corticosteroid",
}
