//! Radiotherapy with its dose, consults, drugs and allergies.

use crate::helpers::*;
use serde_json::{Value, json};
use spinal_mets_cds::domain::*;
use spinal_mets_cds::fhir::NoteKind;

const MCODE: &str = "http://hl7.org/fhir/us/mcode/StructureDefinition";
const CODEX: &str = "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition";
const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";

/// A dose to a volume: total and unit, further parts.
fn delivered(total: f64, unit: &str, more: &[Value]) -> Value {
    let mut parts =
        vec![json!({"url": "totalDoseDelivered", "valueQuantity": {"value": total, "code": unit}})];
    parts.extend(more.iter().cloned());
    json!({"url": format!("{MCODE}/mcode-radiotherapy-dose-delivered-to-volume"), "extension": parts})
}

fn in_fractions(n: u32) -> Value {
    json!({"url": "fractionsDelivered", "valueUnsignedInt": n})
}

fn at_volume(display: &str) -> Value {
    json!({"url": "volume", "valueReference": {"display": display}})
}

fn course(extensions: &[Value]) -> Value {
    with(procedure(code(SNOMED, "1217123003")), json!({"extension": extensions}))
}

fn dose(total: Option<u32>, n: Option<u16>, technique: Technique) -> Dose {
    Dose { total_cgy: total, fractions: n, technique }
}

#[test]
fn doses_that_were_delivered() {
    use Technique::{Conventional, Sbrt, Unknown};
    let uneven = json!({"url": "codexrt-radiotherapy-uniform-fractionation", "valueBoolean": false});
    let sessions = json!({"url": format!("{MCODE}/mcode-radiotherapy-sessions"), "valueUnsignedInt": 3});
    let of_phase =
        json!({"url": format!("{CODEX}/codexrt-radiotherapy-fractions-delivered"), "valueUnsignedInt": 5});
    let cases = [
        (vec![delivered(2400.0, "cGy", &[in_fractions(2)])], dose(Some(2400), Some(2), Sbrt)),
        (vec![delivered(24.0, "Gy", &[in_fractions(2)])], dose(Some(2400), Some(2), Sbrt)),
        (vec![delivered(24000.0, "mGy", &[in_fractions(2)])], dose(Some(2400), Some(2), Sbrt)),
        (vec![delivered(8.0, "Gy", &[in_fractions(1)])], dose(Some(800), Some(1), Conventional)),
        (vec![delivered(30.0, "Gy", &[in_fractions(10)])], dose(Some(3000), Some(10), Conventional)),
        (vec![delivered(24.0, "", &[in_fractions(2)])], dose(None, Some(2), Unknown)),
        (vec![delivered(24.0, "J", &[in_fractions(2)])], dose(None, Some(2), Unknown)),
        (vec![delivered(-24.0, "Gy", &[in_fractions(2)])], dose(None, Some(2), Unknown)),
        (vec![delivered(24.0, "Gy", &[])], dose(Some(2400), None, Conventional)),
        (vec![delivered(24.0, "Gy", &[in_fractions(0)])], dose(Some(2400), None, Conventional)),
        (vec![delivered(24.0, "Gy", &[]), sessions.clone()], dose(Some(2400), Some(3), Sbrt)),
        (vec![delivered(25.0, "Gy", &[]), of_phase, sessions], dose(Some(2500), Some(5), Sbrt)),
        (vec![delivered(24.0, "Gy", &[in_fractions(2), uneven])], dose(Some(2400), None, Conventional)),
        // The volume at the spine counts; of several, the one with the highest dose per fraction.
        (
            vec![
                delivered(60.0, "Gy", &[in_fractions(30), at_volume("left breast")]),
                delivered(20.0, "Gy", &[in_fractions(5), at_volume("T8 vertebra")]),
            ],
            dose(Some(2000), Some(5), Conventional),
        ),
        (
            vec![
                delivered(30.0, "Gy", &[in_fractions(10), at_volume("T7")]),
                delivered(24.0, "Gy", &[in_fractions(2), at_volume("T8")]),
            ],
            dose(Some(2400), Some(2), Sbrt),
        ),
        (vec![], dose(None, None, Unknown)),
    ];
    for (extensions, expected) in cases {
        let read = one(course(&extensions));
        assert_eq!(read.facts.treatments[0].dose, expected, "{extensions:?}");
    }
}

#[test]
fn doses_and_techniques_in_words() {
    use Technique::{Conventional, Sbrt, Unknown};
    let text = |text: &str| json!({"coding": [{"system": SNOMED, "code": "1287742003"}], "text": text});
    for (coded, more, expected, from_text) in [
        (text("Radiotherapy T8, 24 Gy in 2 fractions"), json!({}), dose(Some(2400), Some(2), Sbrt), true),
        (text("8 Gy x 1"), json!({}), dose(Some(800), Some(1), Conventional), true),
        (text("SBRT"), json!({}), dose(None, None, Sbrt), true),
        (text("Conventional radiotherapy"), json!({}), dose(None, None, Conventional), true),
        (
            text("Radiotherapy"),
            json!({"note": [{"text": "20Gy/5#"}]}),
            dose(Some(2000), Some(5), Conventional),
            true,
        ),
        (
            text("Radiotherapy"),
            json!({"note": [{"text": "previous 20Gy/5#"}]}),
            dose(None, None, Unknown),
            false,
        ),
        (text("Radiotherapy"), json!({"note": [{"text": "no SBRT"}]}), dose(None, None, Unknown), false),
        (code(SNOMED, "115959002"), json!({}), dose(None, None, Sbrt), false),
        // The element outweighs the words.
        (
            text("24 Gy in 2 fractions"),
            json!({"extension": [delivered(20.0, "Gy", &[in_fractions(5)])]}),
            dose(Some(2000), Some(5), Conventional),
            false,
        ),
        (
            text("24 Gy in 2 fractions"),
            json!({"extension": [delivered(20.0, "Gy", &[])]}),
            dose(Some(2000), None, Conventional),
            false,
        ),
    ] {
        let read = one(with(procedure(coded.clone()), more.clone()));
        assert_eq!(read.facts.treatments[0].dose, expected, "{coded} {more}");
        assert_eq!(kinds(&read).contains(&NoteKind::FromText), from_text, "{coded} {more}");
    }
    let technique = json!({"extension": [{"url": format!("{MCODE}/mcode-radiotherapy-modality-and-technique"),
        "extension": [{"url": "mcode-radiotherapy-technique", "valueCodeableConcept": code(SNOMED, "115959002")}]}]});
    let read = one(with(procedure(code(SNOMED, "1217123003")), technique));
    assert_eq!(read.facts.treatments[0].dose.technique, Sbrt);
}

#[test]
fn words_aim_a_course_that_has_no_site() {
    let t8 = Levels::NONE.with(level(Region::Thoracic, 8));
    let text = |text: &str| json!({"coding": [{"system": SNOMED, "code": "1287742003"}], "text": text});
    for (words, more, expected) in [
        ("Radiotherapy of T8 vertebra", json!({}), Aim::Spine(t8)),
        ("Radiotherapy of left breast", json!({}), Aim::Elsewhere),
        ("Radiotherapy", json!({}), Aim::Unstated),
        ("Radiotherapy of T8 vertebra", json!({"bodySite": [{"text": "left breast"}]}), Aim::Elsewhere),
        ("Radiotherapy T8", json!({"bodySite": [{"text": "spine"}]}), Aim::Spine(t8)),
    ] {
        let read = one(with(procedure(text(words)), more.clone()));
        assert_eq!(read.facts.treatments[0].aim, expected, "{words} {more}");
    }
}

#[test]
fn a_spared_organ_is_no_target() {
    let structure = json!({"resourceType": "BodyStructure", "id": "b", "patient": {"reference": "Patient/1"},
        "location": {"text": "spinal cord"}, "morphology": code(SNOMED, "1162586008")});
    let volume = json!({"url": "volume", "valueReference": {"reference": "BodyStructure/b", "display": "Spinal cord"}});
    let lung = course(&[
        delivered(60.0, "Gy", &[in_fractions(30), at_volume("left lung")]),
        delivered(24.0, "Gy", &[in_fractions(2), volume]),
    ]);
    let treatment = &reading(&[lung, structure], &[]).facts.treatments[0];
    assert_eq!(treatment.aim, Aim::Elsewhere);
}

#[test]
fn phases_and_fractions_say_again_what_the_course_says() {
    let profiled = |id: &str, name: &str, c: &str, more: Value| {
        let base = with(
            procedure(code(SNOMED, c)),
            json!({"id": id, "meta": {"profile": [format!("{CODEX}/{name}")]}}),
        );
        with(base, more)
    };
    let whole = profiled(
        "c",
        "codexrt-radiotherapy-course-summary",
        "1217123003",
        json!({"extension": [delivered(25.0, "Gy", &[in_fractions(5)])]}),
    );
    let phase = profiled(
        "p",
        "codexrt-radiotherapy-treated-phase",
        "1222565005",
        json!({"extension": [delivered(10.0, "Gy", &[in_fractions(2)])]}),
    );
    let fraction = profiled(
        "f",
        "codexrt-radiotherapy-treated-fraction",
        "1297069006",
        json!({"extension": [delivered(8.0, "Gy", &[in_fractions(1)])]}),
    );
    let references = |resources: &[Value]| {
        let facts = reading(resources, &[]).facts;
        facts.treatments.iter().map(|t| t.evidence.reference.clone()).collect::<Vec<_>>()
    };
    let earlier = json!({"performedPeriod": {"start": "2020-01-01", "end": "2020-01-05"}});
    let elsewhere = json!({"bodySite": [{"text": "left breast"}]});
    let spine = json!({"bodySite": [{"text": "T8 vertebra"}]});
    assert_eq!(references(&[whole.clone(), phase.clone(), fraction.clone()]), ["Procedure/c"]);
    assert_eq!(references(&[fraction.clone(), phase.clone(), whole.clone()]), ["Procedure/c"]);
    assert_eq!(references(&[whole.clone(), with(phase.clone(), earlier)]), ["Procedure/c", "Procedure/p"]);
    assert_eq!(
        references(&[with(whole, elsewhere), with(phase.clone(), spine)]),
        ["Procedure/c", "Procedure/p"]
    );
    assert_eq!(references(&[phase]), ["Procedure/p"]);
    // What one fraction delivers is not a course of 8 Gy in 1.
    assert_eq!(one(fraction).facts.treatments[0].dose, Dose::default());
}

// ---- Consults ----

const CONSULTS: [(&str, Consult); 4] = [
    ("spine-surgery-consult", Consult::SpineSurgery),
    ("mdt-consult", Consult::Mdt),
    ("radiation-oncology-consult", Consult::RadiationOncology),
    ("orthopaedic-consult", Consult::Orthopaedic),
];

#[test]
fn consults_are_requested_or_done() {
    for (c, consult) in CONSULTS {
        let request = || order(code(OWN, c));
        let made = || procedure(code(OWN, c));
        let encounter = json!({"resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/1"},
            "period": {"start": "2026-05-09T08:00:00Z", "end": "2026-05-09T10:00:00Z"}});
        let visit =
            |status: &str, more: Value| with(with(encounter.clone(), json!({"status": status})), more);
        let kind = json!({"type": [code(OWN, c)]});
        let cases = [
            (with(request(), json!({"status": "draft"})), Some((false, Some(day(2026, 5, 9))))),
            (request(), Some((false, Some(day(2026, 5, 9))))),
            (with(request(), json!({"intent": "proposal"})), Some((false, Some(day(2026, 5, 9))))),
            (with(request(), json!({"status": "completed"})), Some((true, Some(day(2026, 5, 9))))),
            (
                with(request(), json!({"status": "completed", "occurrenceDateTime": "2026-05-10"})),
                Some((true, Some(day(2026, 5, 10)))),
            ),
            (with(request(), json!({"status": "completed", "occurrenceDateTime": "2026-06-10"})), None),
            (with(request(), json!({"status": "revoked"})), None),
            (with(request(), json!({"status": "on-hold"})), None),
            (with(request(), json!({"status": "entered-in-error"})), None),
            (with(request(), json!({"doNotPerform": true})), None),
            (made(), Some((true, Some(day(2026, 5, 5))))),
            (with(made(), json!({"status": "in-progress"})), Some((false, Some(day(2026, 5, 5))))),
            (with(made(), json!({"status": "not-done"})), None),
            (visit("finished", kind.clone()), Some((true, Some(at(9, 10))))),
            (visit("planned", kind.clone()), Some((false, Some(at(9, 10))))),
            (visit("cancelled", kind), None),
            (visit("finished", json!({"serviceType": code(OWN, c)})), Some((true, Some(at(9, 10))))),
            (visit("finished", json!({"reasonCode": [code(OWN, c)]})), Some((true, Some(at(9, 10))))),
            (visit("finished", json!({"type": [code("urn:x", "visit")]})), None),
            (visit("finished", json!({"type": 7})), None),
        ];
        for (resource, expected) in cases {
            let read = one(resource.clone());
            let found = read.facts.consults.first().map(|r| (r.consult, r.done, r.when));
            assert_eq!(found, expected.map(|(done, when)| (consult, done, when)), "{resource}");
            assert!(read.facts.imaging_orders.is_empty() && read.facts.radiotherapy_orders.is_empty());
        }
        let draft = reading(&[], &[with(request(), json!({"status": "draft"}))]).facts;
        assert_eq!(draft.consults.iter().map(|r| r.done).collect::<Vec<_>>(), [false]);
    }
}

// ---- Drugs ----

fn drug_resource(kind: &str, status: &str, coded: Value) -> Value {
    let date = match kind {
        "MedicationRequest" => "authoredOn",
        _ => "effectiveDateTime",
    };
    let mut resource = json!({"resourceType": kind, "id": "m", "status": status,
        "subject": {"reference": "Patient/1"}, "medicationCodeableConcept": coded});
    resource[date] = json!("2026-04-20");
    resource
}

fn drugs(resource: &Value) -> Vec<(Drug, bool)> {
    one(resource.clone()).facts.medications.iter().map(|m| (m.drug, m.current)).collect()
}

#[test]
fn which_drugs_are_read() {
    use Drug::{Corticosteroid, OtherBoneAgent, ZoledronicAcid};
    let rx = |c: &str| code(RXNORM, c);
    let prolia =
        json!({"coding": [{"system": RXNORM, "code": "993449"}, {"system": RXNORM, "code": "993453"}]});
    for (coded, expected) in [
        (rx("77655"), vec![ZoledronicAcid]),
        (rx("285143"), vec![ZoledronicAcid]),
        (rx("993449"), vec![OtherBoneAgent]),
        (rx("1046399"), vec![OtherBoneAgent]),
        (rx("11473"), vec![OtherBoneAgent]),
        (rx("993453"), vec![]),
        (prolia, vec![]),
        (json!({"coding": [{"system": RXNORM, "code": "993449"}], "text": "Prolia 60 mg"}), vec![]),
        (rx("3264"), vec![Corticosteroid]),
        (json!({"text": "Dexamethasone 8 mg"}), vec![Corticosteroid]),
        (json!({"text": "dexamethasone eye drops"}), vec![]),
        (json!({"text": "Zoledronic acid 4 mg"}), vec![ZoledronicAcid]),
        (json!({"text": "Xgeva"}), vec![OtherBoneAgent]),
        (json!({"text": "Dexamethasone 4 mg if needed"}), vec![Corticosteroid]),
        // What is stopped, planned or not tolerated is not taken; the danger of a false "current" is silence.
        (json!({"text": "dexamethasone - stopped"}), vec![]),
        (json!({"text": "geplant: Zoledronat"}), vec![]),
        (json!({"text": "allergy to Xgeva"}), vec![]),
        (rx("161"), vec![]),
        (json!(5), vec![]),
    ] {
        let found = drugs(&drug_resource("MedicationRequest", "active", coded.clone()));
        assert_eq!(found, expected.iter().map(|drug| (*drug, true)).collect::<Vec<_>>(), "{coded}");
    }
}

#[test]
fn which_drugs_are_current() {
    let table = [
        ("MedicationRequest", "active", Some(true), Some(true)),
        ("MedicationRequest", "completed", Some(false), Some(false)),
        ("MedicationRequest", "stopped", Some(false), Some(false)),
        ("MedicationRequest", "on-hold", Some(false), Some(false)),
        ("MedicationRequest", "draft", None, None),
        ("MedicationRequest", "cancelled", None, None),
        ("MedicationRequest", "entered-in-error", None, None),
        ("MedicationStatement", "active", Some(true), Some(true)),
        ("MedicationStatement", "completed", Some(true), Some(false)),
        ("MedicationStatement", "intended", None, None),
        ("MedicationStatement", "not-taken", None, None),
        ("MedicationAdministration", "in-progress", Some(true), Some(true)),
        // A bone agent lasts for weeks after it was given.
        ("MedicationAdministration", "completed", Some(true), Some(false)),
        ("MedicationAdministration", "not-done", None, None),
        ("MedicationAdministration", "unknown", None, None),
    ];
    for (kind, status, zoledronic, steroid) in table {
        for (c, expected) in [("77655", zoledronic), ("3264", steroid)] {
            let found = drugs(&drug_resource(kind, status, code(RXNORM, c)));
            assert_eq!(found.first().map(|(_, current)| *current), expected, "{kind} {status} {c}");
        }
    }
    for (date, expected) in [("2026-02-20", true), ("2026-02-01", false), ("2026-06-01", false)] {
        let given = drug_resource("MedicationAdministration", "completed", code(RXNORM, "77655"));
        let found = drugs(&with(given, json!({"effectiveDateTime": date})));
        assert_eq!(found.contains(&(Drug::ZoledronicAcid, true)), expected, "{date}");
    }
    let request = drug_resource("MedicationRequest", "active", code(RXNORM, "77655"));
    assert!(drugs(&with(request.clone(), json!({"intent": "proposal"}))).is_empty());
    assert!(drugs(&with(request.clone(), json!({"doNotPerform": true}))).is_empty());
    assert_eq!(one(request).facts.medications[0].when, Some(day(2026, 4, 20)));
}

#[test]
fn drugs_are_found_by_reference() {
    let product = json!({"resourceType": "Medication", "id": "z", "code": code(RXNORM, "77655")});
    let mixed = json!({"resourceType": "Medication", "id": "z",
        "ingredient": [{"itemCodeableConcept": code(RXNORM, "77655")}]});
    let by = |reference: Value| {
        let mut resource = drug_resource("MedicationRequest", "active", json!(null));
        resource["medicationReference"] = reference;
        resource
    };
    let far = by(json!({"reference": "Medication/z"}));
    let near = with(by(json!({"reference": "#z"})), json!({"contained": [product.clone()]}));
    let named = by(json!({"reference": "Medication/unknown", "display": "Zoledronic acid"}));
    for (resources, expected) in [
        (vec![far.clone(), product.clone()], 1),
        (vec![far.clone(), mixed], 1),
        (vec![near], 1),
        (vec![named], 1),
        (vec![far], 0),
        (vec![by(json!({"reference": "#y"})), product], 0),
    ] {
        assert_eq!(reading(&resources, &[]).facts.medications.len(), expected, "{resources:?}");
    }
}

#[test]
fn antineoplastic_drugs_are_told_by_their_profile() {
    let profiled = |kind: &str, status: &str, name: &str| {
        let drug = drug_resource(kind, status, code(RXNORM, "161"));
        with(drug, json!({"meta": {"profile": [format!("{MCODE}/{name}")]}}))
    };
    for (resource, expected) in [
        (profiled("MedicationRequest", "active", "mcode-cancer-related-medication-request"), Some(true)),
        (profiled("MedicationRequest", "stopped", "mcode-cancer-related-medication-request"), Some(false)),
        (profiled("MedicationStatement", "active", "mcode-cancer-related-medication-statement"), Some(true)),
        (
            profiled(
                "MedicationAdministration",
                "completed",
                "mcode-cancer-related-medication-administration",
            ),
            Some(true),
        ),
        (profiled("MedicationRequest", "active", "us-core-medicationrequest"), None),
    ] {
        let found = drugs(&resource).first().copied();
        assert_eq!(found, expected.map(|current| (Drug::Antineoplastic, current)), "{resource}");
    }
    // Zoledronic acid under the same profile is a bone agent and no antineoplastic therapy.
    let bone = drug_resource("MedicationRequest", "active", code(RXNORM, "77655"));
    let bone = with(
        bone,
        json!({"meta": {"profile": [format!("{MCODE}/mcode-cancer-related-medication-request")]}}),
    );
    assert_eq!(drugs(&bone), [(Drug::ZoledronicAcid, true)]);
}

#[test]
fn bisphosphonates_that_are_not_tolerated() {
    let allergy = |more: Value| {
        with(
            json!({"resourceType": "AllergyIntolerance", "id": "a", "patient": {"reference": "Patient/1"}}),
            more,
        )
    };
    let status = |c: &str| code("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", c);
    for (more, expected) in [
        (json!({"code": code(RXNORM, "77655")}), 1),
        (json!({"code": code(RXNORM, "11473")}), 1),
        (json!({"code": {"text": "Bisphosphonates"}}), 1),
        (json!({"code": {"text": "several"}, "reaction": [{"substance": code(RXNORM, "77655")}]}), 1),
        (json!({"code": code(RXNORM, "77655"), "clinicalStatus": status("active")}), 1),
        (json!({"code": code(RXNORM, "77655"), "clinicalStatus": status("resolved")}), 0),
        (json!({"code": code(RXNORM, "77655"), "clinicalStatus": status("inactive")}), 0),
        (json!({"code": code(RXNORM, "77655"), "verificationStatus": status("refuted")}), 0),
        (json!({"code": code(RXNORM, "77655"), "verificationStatus": status("unconfirmed")}), 1),
        (json!({"code": code(RXNORM, "77655"), "patient": {"reference": "Patient/2"}}), 0),
        (json!({"code": code(RXNORM, "993449")}), 0),
        (json!({"code": {"text": "Penicillin"}}), 0),
        (json!({"code": 3}), 0),
    ] {
        assert_eq!(one(allergy(more.clone())).facts.bisphosphonate_allergy.len(), expected, "{more}");
    }
}
