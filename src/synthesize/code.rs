//! The codes that stand for a meaning and for nothing else, in every system of the value sets.

use super::Random;
use crate::fhir::codes::{CodeRow, ICD10CM, aliases};
use crate::fhir::{Concept, ConceptSet, ValueSets};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A system with its codes, and whether a search can name each.
type OfSystem = (String, Vec<(String, bool)>);

/// Codes by what they mean, grouped by system, so that each system is as likely as the others.
#[derive(Debug)]
pub struct Codes(BTreeMap<Meaning, Vec<OfSystem>>);

macro_rules! meanings {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $([$($concept:ident),+]),+;)+) => {
        /// What a story says, and the concepts that a code of it stands for: exactly one of these sets.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Meaning {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Meaning {
            const ALL: &'static [Self] = &[$(Self::$name),+];

            const fn concepts(self) -> &'static [&'static [Concept]] {
                match self { $(Self::$name => &[$(&[$(Concept::$concept),+]),+]),+ }
            }

            /// How a colleague would call it; what a display or a text says beside the code.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

meanings! {
    /// A primary cancer of an organ, of no kind that is treated differently.
    SolidCancer = "Carcinoma", [PrimaryMalignancy];
    /// A history code.
    CancerHistory = "Personal history of cancer", [HistoryOfMalignancy];
    /// Myeloma, not in remission.
    Myeloma = "Myeloma", [Myeloma, PrimaryMalignancy, NotASolidTumour], [Myeloma, NotASolidTumour], [Myeloma, PrimaryMalignancy], [Myeloma];
    /// Hodgkin or high-grade lymphoma.
    AggressiveLymphoma = "High-grade lymphoma", [AggressiveLymphoma, Lymphoma, PrimaryMalignancy],
        [AggressiveLymphoma, Lymphoma, PrimaryMalignancy, NotASolidTumour];
    /// Non-melanoma skin cancer, which alone is no cancer.
    SkinCancer = "Basal cell carcinoma", [NonMelanomaSkinCancer], [NonMelanomaSkinCancer, PrimaryMalignancy];
    /// Metastasis of the vertebral column.
    SpineMetastasis = "Vertebral metastasis", [SpineMetastasis, SecondaryMalignancy, BoneMetastasis],
        [SpineMetastasis, SecondaryMalignancy], [SpineMetastasis];
    /// Metastasis of bone.
    BoneMetastasis = "Bone metastasis", [BoneMetastasis, SecondaryMalignancy], [BoneMetastasis];
    /// Pain of the back or neck.
    BackPain = "Back pain", [BackPain];
    /// Radicular pain of no stated side.
    RadicularPain = "Radicular pain", [RadicularPain];
    /// Radicular pain of the left.
    RadicularPainLeft = "Left radicular pain", [RadicularPain, SideLeft];
    /// A radicular deficit.
    RadicularDeficit = "Radicular deficit", [RadicularDeficit];
    /// Weakness of a leg.
    LegWeakness = "Weakness of leg", [LimbWeakness, LimbLeg];
    /// Paraparesis.
    Paraparesis = "Paraparesis", [Paraparesis];
    /// Saddle anaesthesia.
    SaddleAnaesthesia = "Saddle anaesthesia", [SaddleAnaesthesia];
    /// Sensory level.
    SensoryLevel = "Sensory level", [SensoryLevel];
    /// Lhermitte's sign.
    Lhermitte = "Lhermitte's sign", [LhermitteSign];
    /// Myelopathy.
    Myelopathy = "Myelopathy", [Myelopathy];
    /// Cauda equina syndrome.
    CaudaEquina = "Cauda equina syndrome", [CaudaEquina];
    /// Cord compression.
    CordCompression = "Cord compression", [CordCompression];
    /// MRI of the whole spine.
    WholeSpineMri = "MRI whole spine", [MriWholeSpine];
    /// MRI of the lumbar spine.
    LumbarMri = "MRI lumbar spine", [MriLumbar];
    /// X-ray of the spine.
    SpineXray = "X-ray of spine", [XraySpine];
    /// CT of the spine.
    SpineCt = "CT of spine", [CtSpine];
    /// Bone scintigraphy.
    BoneScan = "Bone scan", [BoneScan];
    /// A current drug against cancer.
    CancerDrug = "Systemic treatment", [AntineoplasticDrug];
    /// Radiotherapy of no stated technique.
    Radiotherapy = "Radiotherapy", [Radiotherapy];
}

impl Codes {
    /// The codes of these value sets.
    pub fn new(sets: &ValueSets) -> Self {
        let of = |meaning: &Meaning| {
            let wanted: Vec<ConceptSet> = meaning.concepts().iter().map(|set| concept_set(set)).collect();
            let mut systems: BTreeMap<&str, Vec<(String, bool)>> = BTreeMap::new();
            let named = meaning.concepts().iter().filter_map(|set| set.first());
            for row in named.flat_map(|concept| sets.codes(*concept)) {
                let fits = |(code, _): &(String, bool)| {
                    wanted.contains(&sets.concepts(Some(row.system), code))
                        && !says_remission(row.system, code)
                };
                systems.entry(row.system).or_default().extend(written(row).into_iter().filter(fits));
            }
            let systems = systems.into_iter().filter(|(_, codes)| !codes.is_empty());
            let mut systems: Vec<OfSystem> =
                systems.map(|(system, codes)| (system.to_owned(), codes)).collect();
            for (_, codes) in &mut systems {
                codes.sort();
                codes.dedup();
            }
            (*meaning, systems)
        };
        Self(Meaning::ALL.iter().map(of).collect())
    }

    /// Whether there is a code for it; a site's value sets may leave none.
    pub fn has(&self, meaning: Meaning) -> bool {
        self.0.get(&meaning).is_some_and(|systems| !systems.is_empty())
    }

    /// A coding of this meaning, under one of the names of its system; one that a search by code finds, if asked for.
    pub fn coding(&self, meaning: Meaning, is_searched: bool, random: &mut Random) -> Value {
        let fit = |(_, can_be): &&(String, bool)| *can_be || !is_searched;
        let systems = self.0.get(&meaning).into_iter().flatten();
        let systems: Vec<_> = systems.filter(|(_, codes)| codes.iter().any(|code| fit(&code))).collect();
        let Some((system, codes)) = systems.get(random.place(systems.len())) else { return Value::Null };
        let codes: Vec<_> = codes.iter().filter(fit).collect();
        let code = codes.get(random.place(codes.len())).map(|(code, _)| code.as_str()).unwrap_or_default();
        let names: Vec<&str> = [system.as_str()].into_iter().chain(aliases(system)).collect();
        let name = if random.chance(80) { system } else { random.one_of(&names) };
        let mut coding = json!({ "system": name, "code": code });
        if let (true, Some(members)) = (random.chance(60), coding.as_object_mut()) {
            members.insert("display".to_owned(), json!(meaning.word()));
        }
        coding
    }
}

fn concept_set(concepts: &[Concept]) -> ConceptSet {
    concepts.iter().fold(ConceptSet::NONE, |set, concept| set.with(*concept))
}

/// Whether a code of a blood cancer may say by its fifth character that it is in remission; no story means that.
fn says_remission(system: &str, code: &str) -> bool {
    let plain: String = code.chars().filter(|c| *c != '.').collect();
    let is_of_blood = plain.starts_with("C8") || plain.starts_with("C9");
    system == ICD10CM && plain.len() == 5 && is_of_blood && plain.ends_with(['1', 'A', 'B'])
}

/// What a chart may write for a row: the code, and below a category a code that is longer.
fn written(row: CodeRow<'_>) -> Vec<(String, bool)> {
    let code = row.code.to_owned();
    if !row.is_category || row.code.contains('-') {
        return vec![(code, !row.is_category)];
    }
    let longer = if code.contains('.') { format!("{code}9") } else { format!("{code}.9") };
    vec![(code, false), (longer, false)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_meaning_has_codes_and_each_code_means_that_alone() {
        let sets = ValueSets::built_in().unwrap();
        let codes = Codes::new(&sets);
        let mut systems = BTreeSet::new();
        for meaning in Meaning::ALL {
            assert!(codes.has(*meaning), "{meaning:?}");
            let mut random = Random::new(1, 1);
            for _ in 0..50 {
                let coding = codes.coding(*meaning, false, &mut random);
                let found = sets.concepts(coding["system"].as_str(), coding["code"].as_str().unwrap());
                let fits = meaning.concepts().iter().any(|set| concept_set(set) == found);
                assert!(fits, "{meaning:?}: {coding} is {found:?}");
                systems.insert(coding["system"].as_str().unwrap().to_owned());
            }
        }
        assert!(systems.len() > 12, "{systems:?}");
    }
}
