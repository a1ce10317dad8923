//! The derived table, and codes that are read by what they are.

use super::*;

#[test]
fn the_derived_table_names_concepts_systems_and_lists() {
    let mut lines = 0;
    for line in DERIVED.lines().filter(|line| !line.starts_with('#')) {
        let [concepts, system, lists, codes] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        for id in concepts.split(' ') {
            assert!(Concept::ALL.iter().any(|concept| concept.id() == id), "{id}");
        }
        assert!([SNOMED, RXNORM, LOINC, NDC].contains(&system) && !lists.is_empty(), "{line}");
        assert!(
            codes
                .split(' ')
                .all(|code| code.bytes().all(|b| b.is_ascii_digit() || b == b'-') && !code.is_empty())
        );
        lines += 1;
    }
    assert!(lines > 100, "{lines}");
    let left_out = include_str!("../../hooks/value-sets/derive/left-out.tsv");
    let sets = sets();
    for line in left_out.lines().filter(|line| !line.starts_with('#')) {
        let [system, code, why] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        assert!(sets.concepts(Some(system), code).is_empty() && !why.is_empty(), "{line}");
    }
}

#[test]
fn codes_are_read_by_what_they_are() {
    let sets = sets();
    const ATC: &str = "http://www.whocc.no/atc";
    const HCPCS: &str = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets";
    const ICD9: &str = "http://hl7.org/fhir/sid/icd-9-cm";
    const ICD11: &str = "http://id.who.int/icd/release/11/2024-01/mms";
    for (system, code, expected) in [
        (ATC, "L01XG01", &[C::AntineoplasticDrug][..]),
        (ATC, "l02bb04", &[C::AntineoplasticDrug]),
        (ATC, "L04AX04", &[C::AntineoplasticDrug]),
        (ATC, "L04AB02", &[]),
        (ATC, "L03AA02", &[]),
        (ATC, "H02AB02", &[C::Corticosteroid]),
        (ATC, "H02AA02", &[]),
        (ATC, "M05BA08", &[C::ZoledronicAcid, C::Bisphosphonate]),
        (HCPCS, "J9041", &[C::AntineoplasticDrug]),
        // Not for cancer, although it is numbered among them.
        (HCPCS, "J9332", &[]),
        (HCPCS, "J3489", &[C::ZoledronicAcid]),
        (ICD9, "1749", &[C::PrimaryMalignancy]),
        (ICD9, "198.5", &[C::SecondaryMalignancy, C::BoneMetastasis]),
        (ICD9, "203.01", &[C::PrimaryMalignancy, C::Myeloma, C::CancerInRemission]),
        (ICD11, "2E03", &[C::SecondaryMalignancy, C::BoneMetastasis]),
        (ICD11, "2C82.0&XS9R", &[C::PrimaryMalignancy, C::ProstateCancer]),
        (ICD, "M51.16", &[C::RadicularPain]),
        (ICD, "M50.022", &[C::Myelopathy]),
        (ICD, "M21.371", &[C::LimbWeakness, C::LimbLeg, C::SideRight]),
        (ICD, "S22.080A", &[C::OtherVertebralFracture]),
        (ICD, "S32.1XXA", &[]),
        (ICD, "M80.08XA", &[C::OtherVertebralFracture]),
        (RXNORM, "358258", &[C::AntineoplasticDrug]),
        (SNOMED, "94704006", &[C::CancerInRemission, C::Myeloma]),
        (SNOMED, "385763009", &[C::ComfortCare]),
        (SNOMED, "1338007", &[]),
        (SNOMED, "308482002", &[C::SpineSurgeryConsult]),
        // Numbered among the antineoplastics: a protectant, a diluent, for early puberty, a growth factor.
        (HCPCS, "J9209", &[]),
        (HCPCS, "J9175", &[]),
        (HCPCS, "J9226", &[]),
        (HCPCS, "J9361", &[]),
        (HCPCS, "Q5116", &[C::AntineoplasticDrug]),
        (HCPCS, "J2919", &[C::Corticosteroid]),
        // Radiosurgery of the head is no radiotherapy of the spine.
        (CPT, "77372", &[]),
        (CPT, "77432", &[]),
        (CPT, "77373", &[C::Radiotherapy, C::StereotacticRadiotherapy]),
        // Deformity of ankle and foot, among them a foot drop.
        (ICD9, "736.79", &[]),
        (ICD9, "736.05", &[C::LimbWeakness, C::LimbArm]),
        (ICD9, "169.9", &[]),
    ] {
        assert_eq!(sets.concepts(Some(system), code), set(expected), "{system} {code}");
    }
}

#[test]
fn orders_are_read_by_the_codes_of_the_radlex_playbook() {
    let sets = sets();
    for (code, expected) in [
        ("RPID487", &[C::MriCervical][..]),
        ("RPID542", &[C::MriThoracic]),
        ("RPID541", &[C::MriLumbar]),
        ("RPID5777", &[C::MriCervical, C::MriThoracic]),
        ("RPID5775", &[C::MriCervical, C::MriLumbar]),
        ("RPID5800", &[C::MriThoracicLumbar]),
        ("RPID5779", &[C::MriWholeSpine]),
        ("RPID751", &[C::MriSpine]),
        // Thoracolumbar may be the junction alone.
        ("RPID5783", &[C::MriSpine]),
        // Of an additional region: what it covers is not plain.
        ("RPID4820", &[]),
        ("RPID21", &[C::CtSpine]),
        ("RPID297", &[C::CtSpine]),
        ("RPID2666", &[C::XraySpine]),
        ("RPID4509", &[C::XraySpine]),
        ("RPID5083", &[C::BoneScan]),
        // Densitometry, angiography, guidance, marrow, and a bone scan by PET.
        ("RPID78", &[]),
        ("RPID570", &[]),
        ("RPID299", &[]),
        ("RPID5177", &[]),
        ("RPID6015", &[]),
        ("RPID6347", &[]),
        ("RID10312", &[]),
    ] {
        for system in
            ["http://www.radlex.org", "urn:oid:2.16.840.1.113883.6.256", "http://playbook.radlex.org"]
        {
            assert_eq!(sets.concepts(Some(system), code), set(expected), "{system} {code}");
        }
    }
}

#[test]
fn drugs_are_read_by_the_product_of_their_national_drug_code() {
    let sets = sets();
    for (code, expected) in [
        // Zoledronic acid 4 mg, pamidronate, denosumab 120 mg, bortezomib, dexamethasone.
        ("63323-961-98", &[C::ZoledronicAcid][..]),
        ("63323096198", &[C::ZoledronicAcid]),
        ("61703-324-18", &[C::Bisphosphonate]),
        ("55513-730-01", &[C::BoneAgent]),
        ("55513073001", &[C::BoneAgent]),
        ("63020-049-01", &[C::AntineoplasticDrug]),
        ("0641-0367-25", &[C::Corticosteroid]),
        // Newer than 2020, by the payer's list alone: mirvetuximab, bortezomib, methylprednisolone.
        ("72903-853-01", &[C::AntineoplasticDrug]),
        ("72903085301", &[C::AntineoplasticDrug]),
        ("50742-484-01", &[C::AntineoplasticDrug]),
        ("0781-3516-75", &[C::Corticosteroid]),
        // As they are given for osteoporosis.
        ("55513-710-01", &[]),
        ("0078-0435-61", &[]),
        // For graft-versus-host disease, and methotrexate, which is given for arthritis, too.
        ("50881-012-01", &[]),
        ("61703-124-01", &[]),
        // A growth factor; the same digits as the denosumab above, without the dashes.
        ("55513-190-01", &[]),
        ("5551373001", &[]),
    ] {
        for system in ["http://hl7.org/fhir/sid/ndc", "urn:oid:2.16.840.1.113883.6.69"] {
            assert_eq!(sets.concepts(Some(system), code), set(expected), "{system} {code}");
        }
        assert!(sets.concepts(Some(RXNORM), code).is_empty());
    }
    let denosumab = CodeRow { system: NDC, code: "55513-0730", is_category: true };
    assert!(sets.codes(C::BoneAgent).any(|row| row == denosumab), "a product is not searched for");
}
