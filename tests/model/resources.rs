//! Records as FHIR resources, with the codes that are read.

use super::chart::*;
use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

const SNOMED: &str = "http://snomed.info/sct";
const ICD: &str = "http://hl7.org/fhir/sid/icd-10-cm";
const LOINC: &str = "http://loinc.org";
const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
pub(crate) const OWN: &str = "urn:spinal-mets-cds:finding";

pub(crate) fn written(when: When) -> String {
    let at = DateTime::from_timestamp(when.earliest(), 0).unwrap();
    match when {
        When::At(_) | When::Between(..) => at.to_rfc3339_opts(SecondsFormat::Secs, true),
        When::Day(_) => at.format("%Y-%m-%d").to_string(),
    }
}

pub(crate) fn code(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": system, "code": code}]})
}

fn status(system: &str, value: &str) -> Value {
    code(&format!("http://terminology.hl7.org/CodeSystem/{system}"), value)
}

/// Sets a member where there is something to say.
pub(crate) fn set(resource: &mut Value, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        resource[name] = value;
    }
}

fn condition(concept: Value, recorded: Option<When>) -> Value {
    let mut made = json!({"resourceType": "Condition", "clinicalStatus": status("condition-clinical", "active"),
        "verificationStatus": status("condition-ver-status", "confirmed"), "code": concept});
    set(&mut made, "recordedDate", recorded.map(|when| json!(written(when))));
    made
}

pub(crate) fn observation(concept: Value, effective: Option<When>) -> Value {
    let mut made = json!({"resourceType": "Observation", "status": "final", "code": concept});
    set(&mut made, "effectiveDateTime", effective.map(|when| json!(written(when))));
    made
}

pub(crate) fn with(mut resource: Value, name: &str, value: Value) -> Value {
    resource[name] = value;
    resource
}

pub(crate) fn site_code(level: Level) -> Value {
    code(
        SNOMED,
        match level {
            Level::T8 => "77435000",
            Level::L3 => "55492004",
            Level::Open => "421060004",
        },
    )
}

fn side_code(side: Side) -> Value {
    code(
        SNOMED,
        match side {
            Side::Left => "7771000",
            Side::Right => "24028007",
            Side::Both => "51440002",
        },
    )
}

fn sign_code(sign: Sign) -> Value {
    let (system, value) = match sign {
        Sign::BackPain => (SNOMED, "161891005"),
        Sign::RadicularPain => (OWN, "radicular-pain"),
        Sign::RadicularDeficit => (OWN, "radicular-deficit"),
        Sign::LegWeakness => (SNOMED, "249945007"),
        Sign::Paraparesis => (SNOMED, "1845001"),
        Sign::SaddleAnaesthesia => (SNOMED, "449813001"),
        Sign::SensoryLevel => (OWN, "sensory-level"),
        Sign::Lhermitte => (OWN, "lhermitte-sign"),
        Sign::CaudaEquina => (SNOMED, "192970008"),
        Sign::CordCompression => (SNOMED, "71286001"),
        Sign::MesccSuspected => (OWN, "mescc-suspected"),
        Sign::Gait => (SNOMED, "22325002"),
        Sign::Retention => (SNOMED, "267064002"),
        Sign::Bowel => (SNOMED, "40492006"),
        Sign::UrinaryIncontinence => (SNOMED, "165232002"),
        Sign::MetastasesSuspected => (OWN, "spinal-metastases-suspected"),
    };
    code(system, value)
}

pub(crate) fn course_code(course: Course) -> Value {
    code(
        OWN,
        match course {
            Course::Progressive => "progressive",
            Course::Stable => "stable",
            Course::Improving => "improving",
        },
    )
}

pub(crate) fn finding(finding: &Finding) -> Value {
    let concept = sign_code(finding.sign);
    let mut made = match finding.form {
        Form::Condition => {
            let mut made = condition(concept, finding.seen);
            set(&mut made, "onsetDateTime", finding.onset.map(|when| json!(written(when))));
            set(&mut made, "bodySite", finding.side.map(|side| json!([side_code(side)])));
            made
        }
        Form::Observation => {
            let mut made = observation(concept, finding.onset.or(finding.seen));
            if finding.onset.is_some() {
                set(&mut made, "issued", finding.seen.map(|when| json!(written(when))));
            }
            made["valueBoolean"] = json!(finding.affirmed);
            set(&mut made, "bodySite", finding.side.map(side_code));
            made
        }
    };
    if let Some(course) = finding.course {
        match finding.form {
            Form::Condition => {
                made["extension"] = json!([{"url": "http://hl7.org/fhir/StructureDefinition/condition-diseaseCourse",
                    "valueCodeableConcept": course_code(course)}]);
            }
            Form::Observation => {
                made["component"] = json!([{"code": code(OWN, "deficit-progression"),
                    "valueCodeableConcept": course_code(course)}]);
            }
        }
    }
    made
}

pub(crate) fn cancer(cancer: Cancer, state: CancerState) -> Value {
    let (system, active, past) = match cancer {
        Cancer::Breast => (ICD, "C50.911", "Z85.3"),
        Cancer::Prostate => (ICD, "C61", "Z85.46"),
        Cancer::Myeloma => (ICD, "C90.00", "C90.01"),
        Cancer::AggressiveLymphoma => (ICD, "C83.30", "C83.3A"),
        Cancer::OtherLymphoma => (ICD, "C82.00", "C82.0A"),
        Cancer::SmallCell => (SNOMED, "254632001", "254632001"),
        Cancer::SkinOnly => (ICD, "C44.311", "Z85.828"),
    };
    match state {
        CancerState::Active => condition(code(system, active), Some(When::Day(1_735_689_600))),
        CancerState::HistoryCode if cancer != Cancer::SmallCell => {
            condition(code(system, past), Some(When::Day(1_735_689_600)))
        }
        _ => with(
            condition(code(system, active), Some(When::Day(1_735_689_600))),
            "clinicalStatus",
            status("condition-clinical", "remission"),
        ),
    }
}

pub(crate) fn metastasis(site: Site, suspected: bool, recurrent: bool, seen: Option<When>) -> Value {
    let mut made = match site {
        Site::Spine(level) => {
            with(condition(code(SNOMED, "94602001"), seen), "bodySite", json!([site_code(level)]))
        }
        Site::Bone => condition(code(ICD, "C79.51"), seen),
    };
    if suspected {
        made["verificationStatus"] = status("condition-ver-status", "unconfirmed");
    }
    if recurrent {
        made["clinicalStatus"] = status("condition-clinical", "recurrence");
    }
    made
}

pub(crate) fn study(region: Region, at: When, t1_missing: bool) -> Value {
    let mut made = json!({"resourceType": "ImagingStudy", "status": "available", "started": written(at),
        "modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "MR"}],
        "procedureCode": [mri_code(region)]});
    if t1_missing {
        made["series"] = json!([{"uid": "1.2.3", "modality": {"code": "MR"}, "description": "T2 sagittal"}]);
    }
    made
}

fn mri_code(region: Region) -> Value {
    code(
        SNOMED,
        match region {
            Region::Whole => "411611000119102",
            Region::Thoracic => "396171000119100",
            Region::Lumbar => "394451000119106",
        },
    )
}

fn order(concept: Value, authored: Option<When>, draft: bool) -> Value {
    let state = if draft { "draft" } else { "active" };
    let mut made =
        json!({"resourceType": "ServiceRequest", "status": state, "intent": "order", "code": concept});
    set(&mut made, "authoredOn", authored.map(|when| json!(written(when))));
    made
}

pub(crate) fn imaging(imaging: &Imaging) -> Value {
    let concept = match imaging.modality {
        Modality::Mri => mri_code(imaging.region),
        Modality::Ct => code(SNOMED, "241577003"),
        Modality::XRay => code(SNOMED, "840361000"),
        Modality::BoneScan => code(LOINC, "25031-6"),
    };
    let mut made = order(concept, imaging.authored, imaging.draft.is_some());
    let priority = imaging.priority.map(|priority| match priority {
        Priority::Routine => "routine",
        Priority::Urgent => "urgent",
        Priority::Asap => "asap",
        Priority::Stat => "stat",
    });
    set(&mut made, "priority", priority.map(|priority| json!(priority)));
    set(&mut made, "occurrenceDateTime", imaging.due.map(|when| json!(written(when))));
    made
}

pub(crate) fn treatment(treatment: &Treatment) -> Value {
    let concept = code(SNOMED, if treatment.surgery { "10836008" } else { "1287742003" });
    let mut period = json!({"start": written(treatment.start)});
    set(&mut period, "end", treatment.end.map(|end| json!(written(end))));
    let state = if treatment.end.is_some() { "completed" } else { "in-progress" };
    json!({"resourceType": "Procedure", "status": state, "code": concept, "performedPeriod": period,
        "bodySite": [site_code(treatment.level)]})
}

pub(crate) fn radiotherapy_draft(level: Level, dose: &Dose, authored: Moment) -> Value {
    let concept = code(SNOMED, if dose.stereotactic { "115959002" } else { "1287742003" });
    let url = "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-prescribed-to-volume";
    let gray =
        json!({"value": dose.centigray, "unit": "cGy", "system": "http://unitsofmeasure.org", "code": "cGy"});
    let mut made = order(concept, Some(When::At(authored)), true);
    made["bodySite"] = json!([site_code(level)]);
    made["extension"] = json!([{"url": url, "extension": [{"url": "totalDose", "valueQuantity": gray},
        {"url": "fractions", "valueUnsignedInt": dose.fractions}]}]);
    made
}

pub(crate) fn surgery_draft(level: Level, authored: Moment) -> Value {
    with(
        order(code(SNOMED, "10836008"), Some(When::At(authored)), true),
        "bodySite",
        json!([site_code(level)]),
    )
}

pub(crate) fn drug(drug: Drug, at: When, draft: bool) -> Value {
    let value = match drug {
        Drug::Zoledronic => "77655",
        Drug::Denosumab => "993449",
        Drug::Corticosteroid => "3264",
    };
    json!({"resourceType": "MedicationRequest", "status": if draft { "draft" } else { "active" }, "intent": "order",
        "medicationCodeableConcept": code(RXNORM, value), "authoredOn": written(at)})
}

pub(crate) fn consult(consult: Consult, done: bool, at: Option<When>) -> Value {
    let value = match consult {
        Consult::SpineSurgery => "spine-surgery-consult",
        Consult::Mdt => "mdt-consult",
        Consult::RadiationOncology => "radiation-oncology-consult",
        Consult::Orthopaedic => "orthopaedic-consult",
    };
    let made = order(code(OWN, value), at, false);
    with(made, "status", json!(if done { "completed" } else { "active" }))
}

pub(crate) fn judgement_code(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::RadiotherapyTolerable => "radiotherapy-tolerable",
        Judgement::ReirradiationFeasible => "reirradiation-feasible",
        Judgement::DeteriorationDespiteRadiotherapy => "deterioration-despite-radiotherapy",
        Judgement::ProgressionAfterRadiotherapy => "progression-after-radiotherapy",
        Judgement::AreaAmenable => "area-amenable-to-surgery",
        Judgement::LyticDisease => "significant-lytic-disease",
        Judgement::MechanicalPain => "mechanical-pain",
        Judgement::ProstateProgression => "prostate-progression-on-hormones",
        Judgement::AntineoplasticTherapy => "antineoplastic-therapy",
    }
}

/// The parts of a score as components.
pub(crate) fn parts(total: &str, prefix: &str, names: &[&str], parts: &[Option<i64>], seen: When) -> Value {
    let stated = names.iter().zip(parts).filter_map(|(name, points)| Some((name, (*points)?)));
    let components: Vec<Value> = stated
        .map(|(name, points)| json!({"code": code(OWN, &format!("{prefix}{name}")), "valueInteger": points}))
        .collect();
    with(observation(code(OWN, total), Some(seen)), "component", json!(components))
}

pub(crate) fn expectancy(value: Expectancy, seen: When) -> Value {
    let months =
        |n: i64| json!({"value": n, "unit": "months", "system": "http://unitsofmeasure.org", "code": "mo"});
    let made = observation(code(OWN, "life-expectancy"), Some(seen));
    match value {
        Expectancy::Months(n) => with(made, "valueQuantity", months(n)),
        Expectancy::Range(low, high) => {
            with(made, "valueRange", json!({"low": months(low), "high": months(high)}))
        }
        Expectancy::BelowThree => with(made, "valueCodeableConcept", code(OWN, "lt-3-months")),
        Expectancy::ThreeOrMore => with(made, "valueCodeableConcept", code(OWN, "ge-3-months")),
    }
}

pub(crate) fn fracture(seen: Option<When>) -> Value {
    condition(code(SNOMED, "274146004"), seen)
}

pub(crate) fn laboratory(loinc: &str, value: Value, seen: When) -> Value {
    with(observation(code(LOINC, loinc), Some(seen)), "valueQuantity", value)
}

pub(crate) fn integer(loinc: &str, value: i64, seen: When) -> Value {
    with(observation(code(LOINC, loinc), Some(seen)), "valueInteger", json!(value))
}

pub(crate) fn own_boolean(name: &str, yes: bool, seen: When) -> Value {
    with(observation(code(OWN, name), Some(seen)), "valueBoolean", json!(yes))
}

pub(crate) fn allergy() -> Value {
    json!({"resourceType": "AllergyIntolerance", "clinicalStatus": status("allergyintolerance-clinical", "active"),
        "code": code(RXNORM, "77655")})
}

pub(crate) fn pacemaker() -> Value {
    json!({"resourceType": "Device", "status": "active", "type": code(SNOMED, "14106009")})
}

pub(crate) fn pregnant(seen: When) -> Value {
    condition(code(SNOMED, "77386006"), Some(seen))
}
