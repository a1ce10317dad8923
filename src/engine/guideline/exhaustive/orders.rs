//! The blocks of the order check and of the adjuncts: drafts of every kind, and what may exclude a drug.

use super::blocks::{LIVES, PRIOR, SINS, YES, axes};
use super::judged::{JUDGEMENTS, drug, judge};
use super::patients::{DAY, ago, beyond, evidence, now, patient, present, site};
use super::space::{Axis, Block, Combination, Situation};
use crate::domain::{
    Aim, CalciumRecord, Dose, Drug, Facts, ImagingOrder, Measurement, Modality, OrderStatus, Priority,
    RadiotherapyOrder, Region, Regions, Sex, Source, SurgeryOrder, Technique, When, WholeSpineMriAs,
    ZoledronicOrder,
};
use crate::guideline::Occasion;
use chrono::Duration;

const SELECTED: OrderStatus = OrderStatus::Draft { selected: true };

fn imaging(reference: &str, modality: Modality, regions: Regions) -> ImagingOrder {
    ImagingOrder {
        status: SELECTED,
        modality,
        regions,
        priority: None,
        due: None,
        authored: None,
        from_text: false,
        evidence: evidence(&format!("ServiceRequest/{reference}"), 0),
    }
}

/// The draft that a combination names.
pub(super) fn draft(facts: &mut Facts, combination: &Combination<'_>) {
    let whole = || imaging("whole", Modality::Mri, Regions::WHOLE);
    let part = |region| imaging(&format!("{region:?}"), Modality::Mri, Regions::of(region));
    let x_ray = || imaging("x-ray", Modality::XRay, Regions::of(Region::Lumbar));
    let soon = Some(When::instant(now() + Duration::hours(1)));
    match combination.of("draft") {
        "X-ray" => facts.imaging_orders.push(x_ray()),
        "X-ray without id" => {
            let mut order = x_ray();
            order.evidence.reference = "ServiceRequest".to_owned();
            facts.imaging_orders.push(order);
        }
        "CT and bone scan" => facts.imaging_orders.extend([
            imaging("ct", Modality::Ct, Regions::NONE),
            imaging("scan", Modality::BoneScan, Regions::NONE),
        ]),
        "part of the spine" => facts.imaging_orders.push(part(Region::Lumbar)),
        "part of the spine and X-ray" => facts.imaging_orders.extend([part(Region::Lumbar), x_ray()]),
        "three regions" => facts.imaging_orders.extend(Regions::WHOLE.iter().map(part)),
        "whole in time" => facts.imaging_orders.push(ImagingOrder { due: soon, ..whole() }),
        "whole too late" => {
            let due = Some(When::instant(now() + Duration::days(100)));
            facts.imaging_orders.push(ImagingOrder { due, ..whole() });
        }
        "whole undated" => facts.imaging_orders.push(whole()),
        "whole stat" => {
            facts.imaging_orders.push(ImagingOrder { priority: Some(Priority::Stat), ..whole() });
        }
        "surgery" => facts.surgery_orders.push(SurgeryOrder {
            status: SELECTED,
            aim: Aim::Unstated,
            evidence: evidence("ServiceRequest/surgery", 0),
        }),
        "zoledronic acid" => facts
            .zoledronic_orders
            .push(ZoledronicOrder { status: SELECTED, evidence: evidence("MedicationRequest/draft", 0) }),
        radiotherapy => {
            let dose = |total_cgy, fractions, technique| Some(Dose { total_cgy, fractions, technique });
            let dose = match radiotherapy {
                "8 Gy in 1" => dose(Some(800), Some(1), Technique::Conventional),
                "SBRT 20 Gy in 1" => dose(Some(2_000), Some(1), Technique::Sbrt),
                "SBRT 24 Gy in 2" => dose(Some(2_400), Some(2), Technique::Sbrt),
                "SBRT 8 Gy in 1" => dose(Some(800), Some(1), Technique::Sbrt),
                "SBRT 40 Gy in 5" => dose(Some(4_000), Some(5), Technique::Sbrt),
                "SBRT without dose" => dose(None, None, Technique::Sbrt),
                "20 Gy in 5" => dose(Some(2_000), Some(5), Technique::Conventional),
                "40 Gy in 15" => dose(Some(4_000), Some(15), Technique::Unknown),
                "radiotherapy without dose" => dose(None, None, Technique::Unknown),
                _ => None,
            };
            facts.radiotherapy_orders.extend(dose.map(|dose| RadiotherapyOrder {
                status: SELECTED,
                dose,
                from_text: false,
                aim: Aim::Unstated,
                evidence: evidence("ServiceRequest/radiotherapy", 0),
            }));
        }
    }
}

fn imaging_orders(combination: &Combination<'_>) -> Situation {
    let mut facts = patient(combination);
    let hours = if combination.is("clock", "overdue") { 6 * DAY } else { 2 };
    let pains = if combination.is("clock", "overdue") { 20 * DAY } else { 2 };
    present(&mut facts, combination, pains, hours);
    super::patients::image(&mut facts, combination);
    draft(&mut facts, combination);
    let placed = |regions, due| ImagingOrder {
        status: OrderStatus::Active,
        due,
        ..imaging("placed", Modality::Mri, regions)
    };
    match combination.of("placed") {
        "whole in time" => {
            let due = Some(When::instant(now() + Duration::hours(1)));
            facts.imaging_orders.push(placed(Regions::WHOLE, due));
        }
        "whole undated" => facts.imaging_orders.push(placed(Regions::WHOLE, None)),
        "other regions" => {
            let regions = Regions::of(Region::Cervical).with(Regions::of(Region::Thoracic));
            facts.imaging_orders.push(placed(regions, None));
        }
        _ => {}
    }
    if combination.is("special", "device") {
        facts.mri_safety.push(evidence("Device/pacemaker", 100 * DAY));
    }
    let mut site = site(combination);
    if combination.is("special", "ordered by region") {
        site.whole_spine_mri_as = WholeSpineMriAs::Regions;
    }
    let occasion = if combination.is("draft", "none") { Occasion::PatientView } else { Occasion::OrderCheck };
    Situation { facts, site, occasion }
}

fn treatment_orders(combination: &Combination<'_>) -> Situation {
    let mut situation = beyond(combination);
    draft(&mut situation.facts, combination);
    Situation { occasion: Occasion::OrderCheck, ..situation }
}

/// What speaks for and against zoledronic acid.
fn drugs(combination: &Combination<'_>) -> Situation {
    let mut facts = patient(combination);
    let measured = |hundredths| Measurement {
        hundredths,
        seen: Some(ago(DAY)),
        evidence: evidence("Observation/laboratory", DAY),
    };
    if combination.is("agent", "denosumab") {
        drug(&mut facts, Drug::OtherBoneAgent);
    }
    match combination.of("allergy") {
        "yes" => facts.bisphosphonate_allergy.push(evidence("AllergyIntolerance/a", DAY)),
        "not read" => facts.unavailable.push(Source::AllergyIntolerance),
        _ => {}
    }
    match combination.of("clearance") {
        "by creatinine" => {
            facts.creatinine.push(measured(100));
            facts.weight.push(measured(7_000));
            facts.sex = Some(Sex::Female);
        }
        number => facts.creatinine_clearance.extend(number.parse().ok().map(measured)),
    }
    let low = match combination.of("calcium") {
        "low" => Some(Some(true)),
        "normal" => Some(Some(false)),
        "without range" => Some(None),
        _ => None,
    };
    facts.calcium.extend(low.map(|low| CalciumRecord {
        amount: None,
        low,
        seen: Some(ago(DAY)),
        evidence: evidence("Observation/calcium", DAY),
    }));
    let symptoms = beyond(combination).facts;
    facts.signs = symptoms.signs;
    facts.spine_mri = symptoms.spine_mri;
    facts.escc = symptoms.escc;
    judge(&mut facts, combination);
    draft(&mut facts, combination);
    let occasion =
        if combination.is("draft", "zoledronic acid") { Occasion::OrderCheck } else { Occasion::PatientView };
    Situation { facts, site: site(combination), occasion }
}

const CLEARANCES: &[&str] = &["none", "2999", "3000", "6001", "by creatinine"];
const CALCIUM: &[&str] = &["none", "low", "normal", "without range"];

/// The blocks of the order check and of the adjuncts.
pub(super) const BLOCKS: &[Block] = &[
    Block {
        name: "imaging orders",
        axes: axes! {
            "clock": &["running", "overdue"],
            "scope": &["adult", "comfort care"],
            "metastases": &["none", "suspected", "documented"],
            "back pain": YES,
            "radicular pain": &["none", "left"],
            "deficit": &["none", "radicular old stable", "radicular recent progressive"],
            "specific sign": &["none", "paraparesis"],
            "other sign": &["none", "bladder or bowel"],
            "imaging": &["none", "whole"],
            "draft": &[
                "none", "X-ray", "X-ray without id", "CT and bone scan", "part of the spine", "part of the spine and X-ray",
                "three regions", "whole in time", "whole too late", "whole undated", "whole stat",
            ],
            "placed": &["none", "whole in time", "whole undated", "other regions"],
            "special": &["none", "device", "ordered by region"],
        },
        build: imaging_orders,
        worse: &[],
        unknown: &[],
    },
    Block {
        name: "treatment orders",
        axes: axes! {
            "draft": &[
                "8 Gy in 1", "SBRT 20 Gy in 1", "SBRT 24 Gy in 2", "SBRT 8 Gy in 1",
                "SBRT 40 Gy in 5", "SBRT without dose", "20 Gy in 5", "40 Gy in 15",
                "radiotherapy without dose", "surgery",
            ],
            "metastases": &["suspected", "documented"],
            "symptom": &["none", "sign imaged", "sign"],
            "SINS": SINS,
            "life expectancy": LIVES,
            "prior radiotherapy": PRIOR,
            "fracture": &["none", "yes", "not read"],
            "lytic disease": YES,
            "consult": &["none", "spine surgery done"],
            "SBRT": &["yes", "no"],
        },
        build: treatment_orders,
        worse: &[],
        unknown: &[],
    },
    Block {
        name: "drugs",
        axes: axes! {
            "draft": &["none", "zoledronic acid"],
            "scope": &["adult", "pregnant"],
            "histology": &["solid", "myeloma", "prostate", "lymphoma"],
            "metastases": &["none", "bone"],
            "therapy": &["none", "current"],
            "agent": &["none", "denosumab"],
            "allergy": &["none", "yes", "not read"],
            "clearance": CLEARANCES,
            "calcium": CALCIUM,
            "prostate progression": &["unknown", "yes", "no"],
        },
        build: drugs,
        worse: &[],
        unknown: &[],
    },
    Block {
        name: "judgements",
        axes: axes! {
            "judgement": &JUDGEMENTS,
            "answered": &["yes", "no"],
            "another judgement": &JUDGEMENTS,
            "that answered": &["yes", "no"],
            "histology": &["solid", "prostate", "myeloma"],
            "metastases": &["documented"],
            "therapy": &["none", "current"],
            "clearance": &["6001"],
            "calcium": &["normal"],
            "SINS": &["6", "13"],
            "life expectancy": &["none", "6 months"],
            "performance": &["ECOG 1"],
            "prior radiotherapy": &["none", "progressed"],
            "fracture": &["none", "yes"],
            "symptom": &["none", "back pain imaged"],
        },
        build: drugs,
        worse: &[],
        unknown: &[],
    },
    Block {
        name: "adjunct card",
        axes: axes! {
            "histology": &["solid", "myeloma"],
            "metastases": &["none", "bone", "documented"],
            "therapy": &["none", "current"],
            "clearance": CLEARANCES,
            "calcium": CALCIUM,
            "mechanical pain": &["unknown", "yes", "no"],
            "fracture": &["none", "yes"],
            "symptom": &["none", "back pain", "back pain imaged", "deficit imaged", "sign imaged", "sign"],
        },
        build: drugs,
        worse: &[],
        unknown: &[],
    },
];
