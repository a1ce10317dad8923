//! The facts of a patient as a list of lines: what the chart states, before any rule looks at it.

mod care;

use crate::domain::{
    CancerStatus, Certainty, Evidence, Facts, ImagingOrder, Levels, Limb, MetastasisSite, OrderStatus,
    Progression, Sex, Side, Sign, SignRecord, SpineMri, When,
};
use crate::guideline::Fact;
use chrono_tz::Tz;
use serde::{Serialize, Serializer};

/// One statement of the chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactLine {
    /// Name of the fact (guideline.md section 2).
    #[serde(serialize_with = "name")]
    pub fact: Fact,
    /// What it says, in words of our own.
    pub value: String,
    /// How the chart words it; empty when it does not. From the record: escape before showing.
    #[serde(skip)]
    pub label: String,
    /// When, as precisely as it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// `Type/id` of the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// A fact by its name.
fn name<S: Serializer>(fact: &Fact, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(fact.name())
}

impl FactLine {
    /// The line with the chart's own words in its value.
    #[must_use]
    pub fn with_words(mut self) -> Self {
        if !self.label.is_empty() {
            self.value = format!("{} ({})", self.value, self.label);
        }
        self
    }
}

/// Collects the lines.
struct Lines {
    zone: Tz,
    lines: Vec<FactLine>,
}

/// Every statement of the chart.
pub fn list(facts: &Facts, zone: Tz) -> Vec<FactLine> {
    let mut out = Lines { zone, lines: Vec::new() };
    if let Some(age) = facts.age_years {
        out.bare(Fact::AgeYears, age.to_string(), facts.patient.as_deref());
    }
    if facts.deceased {
        out.bare(Fact::Deceased, "yes".to_owned(), facts.patient.as_deref());
    }
    if let Some(sex) = facts.sex {
        let value = match sex {
            Sex::Female => "female",
            Sex::Male => "male",
        };
        out.bare(Fact::Sex, value.to_owned(), facts.patient.as_deref());
    }
    for (fact, value, evidence) in
        [(Fact::Pregnancy, "yes", &facts.pregnant), (Fact::GoalsOfCare, "comfort", &facts.comfort_care)]
    {
        evidence.iter().for_each(|e| out.add(fact, value.to_owned(), e));
    }
    let facts = &*facts.with_text();
    for cancer in &facts.cancer {
        let status = match cancer.status {
            CancerStatus::Active => "active",
            CancerStatus::History => "history",
        };
        let kind = care::histology(cancer.histology);
        out.add(Fact::Cancer, format!("{status}{kind}"), &cancer.evidence);
    }
    for metastasis in &facts.metastases {
        let certainty = match metastasis.certainty {
            Certainty::Documented => "documented",
            Certainty::Suspected => "suspected",
        };
        match metastasis.site {
            MetastasisSite::Spine(levels) => {
                out.add(
                    Fact::SpinalMetastases,
                    format!("{certainty}{}", at_levels(levels)),
                    &metastasis.evidence,
                );
            }
            MetastasisSite::Bone => out.add(Fact::BoneMetastases, certainty.to_owned(), &metastasis.evidence),
        }
    }
    let fractures = facts.vertebral_fractures.iter().chain(&facts.other_vertebral_fractures);
    fractures.for_each(|e| out.add(Fact::BaselineVcf, "yes".to_owned(), e));
    out.scores(facts);
    facts.signs.iter().for_each(|s| out.sign(s));
    for record in &facts.progressions {
        let value = format!("{}{}", progression(record.progression), side(record.side));
        out.add(Fact::DeficitProgression, value, &record.evidence);
    }
    for evidence in &facts.worse_despite_treatment {
        out.add(Fact::ProgressionAfterRadiotherapy, "yes".to_owned(), evidence);
    }
    facts.escc.iter().for_each(|e| out.add(Fact::Escc, e.grade.label().to_owned(), &e.evidence));
    facts.spine_mri.iter().for_each(|m| out.mri(m));
    facts.imaging_orders.iter().for_each(|o| out.order(o));
    out.care(facts);
    facts.mri_safety.iter().for_each(|e| out.add(Fact::MriSafety, "review needed".to_owned(), e));
    out.lines
}

impl Lines {
    fn bare(&mut self, fact: Fact, value: String, reference: Option<&str>) {
        let reference = reference.map(str::to_owned);
        self.lines.push(FactLine { fact, value, label: String::new(), date: None, reference });
    }

    fn add(&mut self, fact: Fact, value: String, evidence: &Evidence) {
        self.add_at(fact, value, evidence.date, evidence);
    }

    fn add_at(&mut self, fact: Fact, value: String, date: Option<When>, evidence: &Evidence) {
        let date = date.map(|d| d.for_programs(self.zone));
        let (label, reference) = (evidence.label.clone(), Some(evidence.reference.clone()));
        self.lines.push(FactLine { fact, value, label, date, reference });
    }

    fn sign(&mut self, record: &SignRecord) {
        let (fact, name) = sign_name(record.sign);
        let mut value = name.to_owned();
        value.push_str(side(record.side));
        value.push_str(match record.limb {
            Some(Limb::Arm) => ", arm",
            Some(Limb::Leg) => ", leg",
            None => "",
        });
        if !record.affirmed {
            value.push_str(", denied");
        }
        if let Some(onset) = record.onset {
            value.push_str(&format!(", since {}", onset.for_programs(self.zone)));
        }
        if let Some(course) = record.progression {
            value.push_str(&format!(", {}", progression(course)));
        }
        self.add(fact, value, &record.evidence);
    }

    fn mri(&mut self, study: &SpineMri) {
        let mut value = study.regions.to_string();
        for (missing, what) in [(study.t1_missing, ", no T1"), (study.t2_missing, ", no T2")] {
            if missing {
                value.push_str(what);
            }
        }
        self.add_at(Fact::SpineMri, value, study.when, &study.evidence);
    }

    fn order(&mut self, order: &ImagingOrder) {
        let mut value = format!("{} {}", order.modality.name(), order.regions);
        value.push_str(status(order.status));
        if let Some(priority) = order.priority {
            value.push_str(&format!(", {}", priority.code()));
        }
        if let Some(due) = order.due {
            value.push_str(&format!(", due {}", due.for_programs(self.zone)));
        }
        if order.from_text {
            value.push_str(", read from text");
        }
        self.add_at(Fact::SpineMriOrders, value, order.authored, &order.evidence);
    }
}

const fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Draft { selected: true } => ", draft, selected",
        OrderStatus::Draft { selected: false } => ", draft",
        OrderStatus::Active => ", active",
        OrderStatus::Completed => ", completed",
    }
}

fn at_levels(levels: Levels) -> String {
    if levels.is_empty() {
        return String::new();
    }
    format!(" at {}", levels.iter().map(|l| l.to_string()).collect::<Vec<_>>().join(" "))
}

const fn side(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Left) => ", left",
        Some(Side::Right) => ", right",
        Some(Side::Both) => ", both sides",
        None => "",
    }
}

const fn progression(progression: Progression) -> &'static str {
    match progression {
        Progression::Progressive => "progressive",
        Progression::Stable => "stable",
        Progression::Improving => "improving",
    }
}

/// The fact that a sign feeds, and its everyday name.
const fn sign_name(sign: Sign) -> (Fact, &'static str) {
    match sign {
        Sign::BackPain => (Fact::LocalBackPain, "back or neck pain"),
        Sign::RadicularPain => (Fact::RadicularPain, "radicular pain"),
        Sign::RadicularDeficit => (Fact::Deficit, "radicular deficit"),
        Sign::LimbWeakness => (Fact::Deficit, "limb weakness"),
        Sign::LimbNumbness => (Fact::Deficit, "limb numbness"),
        Sign::Paraparesis => (Fact::MesccSigns, "paraparesis or paraplegia"),
        Sign::SaddleAnaesthesia => (Fact::MesccSigns, "saddle anaesthesia"),
        Sign::SensoryLevel => (Fact::MesccSigns, "sensory level"),
        Sign::LhermitteSign => (Fact::MesccSigns, "Lhermitte's sign"),
        Sign::Myelopathy => (Fact::MesccSigns, "myelopathy"),
        Sign::CaudaEquina => (Fact::MesccSigns, "cauda equina syndrome"),
        Sign::CordCompression => (Fact::MesccSigns, "cord compression"),
        Sign::MesccSuspected => (Fact::MesccSigns, "MESCC suspected"),
        Sign::GaitDisturbance => (Fact::MesccSigns, "gait disturbance"),
        Sign::UrinaryRetention => (Fact::MesccSigns, "urinary retention"),
        Sign::BladderOrBowelDisturbance => (Fact::MesccSigns, "bladder or bowel disturbance"),
        Sign::UrinaryIncontinence => (Fact::MesccSigns, "urinary incontinence"),
        Sign::SpinalMetastasesSuspected => (Fact::SpinalMetastases, "suspected by a clinician"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Escc, EsccRecord};

    fn evidence(reference: &str) -> Evidence {
        Evidence { reference: reference.to_owned(), label: "as written".to_owned(), date: None }
    }

    #[test]
    fn a_line_names_the_fact_its_value_and_its_resource() {
        let facts = Facts {
            patient: Some("Patient/p".to_owned()),
            age_years: Some(61),
            signs: vec![SignRecord {
                sign: Sign::LimbWeakness,
                affirmed: false,
                side: Some(Side::Left),
                levels: Levels::NONE,
                limb: Some(Limb::Leg),
                seen: Vec::new(),
                onset: None,
                stands_alone: false,
                progression: Some(Progression::Stable),
                severity: None,
                metastatic_by_code: false,
                evidence: evidence("Observation/w"),
            }],
            escc: vec![EsccRecord { grade: Escc::G2, seen: None, evidence: evidence("Observation/e") }],
            ..Facts::default()
        };
        let lines: Vec<_> = list(&facts, Tz::UTC).into_iter().map(FactLine::with_words).collect();
        assert_eq!(lines[0].value, "61");
        assert_eq!(
            (lines[1].fact, &*lines[1].value),
            (Fact::Deficit, "limb weakness, left, leg, denied, stable (as written)")
        );
        assert_eq!((lines[2].fact, lines[2].reference.as_deref()), (Fact::Escc, Some("Observation/e")));
    }
}
