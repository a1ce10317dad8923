//! Scores, judgements, measurements, treatments, drugs and their orders, as lines.

use super::{Lines, at_levels, status};
use crate::domain::{
    Aim, Consult, Dose, Drug, Facts, Histology, LifeExpectancyRecord, Measurement, MirelsParts, Performance,
    SinsParts, SpineTreatment, Technique, TreatmentKind,
};
use crate::guideline::Fact;

impl Lines {
    /// SINS, Mirels, performance status, life expectancy, judgements and laboratory values.
    pub(super) fn scores(&mut self, facts: &Facts) {
        for record in &facts.sins {
            let value =
                format!("{}{}", score(record.total, &sins_parts(&record.parts)), at_levels(record.levels));
            self.add_at(Fact::Sins, value, record.seen, &record.evidence);
        }
        for record in &facts.mirels {
            let name = if record.bone_words.is_empty() { &record.bone } else { &record.bone_words };
            let site = if name.is_empty() { String::new() } else { format!(" at {name}") };
            let value = format!("{}{site}", score(record.total, &mirels_parts(&record.parts)));
            self.add_at(Fact::Mirels, value, record.seen, &record.evidence);
        }
        for record in &facts.performance {
            let value = match record.value {
                Performance::Ecog(n) => format!("ECOG {n}"),
                Performance::Karnofsky(n) => format!("Karnofsky {n}"),
            };
            self.add_at(Fact::Performance, value, record.seen, &record.evidence);
        }
        for record in &facts.life_expectancy {
            self.add_at(Fact::LifeExpectancy, expectancy(record), record.seen, &record.evidence);
        }
        for record in &facts.judgements {
            let answer = if record.answer { "yes" } else { "no" };
            self.add_at(
                Fact::of_judgement(record.judgement),
                answer.to_owned(),
                record.seen,
                &record.evidence,
            );
        }
        self.measured(Fact::Creatinine, "mg/dL", &facts.creatinine);
        self.measured(Fact::CreatinineClearance, "mL/min", &facts.creatinine_clearance);
        self.measured(Fact::Weight, "kg", &facts.weight);
        for record in &facts.calcium {
            let value = match record.low {
                Some(true) => "low",
                Some(false) => "not low",
                None => "without interpretation and reference range",
            };
            self.add_at(Fact::Calcium, value.to_owned(), record.seen, &record.evidence);
        }
    }

    fn measured(&mut self, fact: Fact, unit: &str, records: &[Measurement]) {
        for record in records {
            let value = format!("{} {unit}", decimal(record.hundredths));
            self.add_at(fact, value, record.seen, &record.evidence);
        }
    }

    /// Treatments, consults, drugs, allergies and the orders for treatment.
    pub(super) fn care(&mut self, facts: &Facts) {
        facts.treatments.iter().for_each(|t| self.treatment(t));
        for evidence in &facts.radiotherapy_history {
            self.add(Fact::PriorRadiotherapy, "history code, no site".to_owned(), evidence);
        }
        for record in &facts.consults {
            let value = if record.done { "done" } else { "requested" };
            self.add_at(consult(record.consult), value.to_owned(), record.when, &record.evidence);
        }
        for record in &facts.medications {
            let (fact, name) = drug(record.drug);
            let course = if record.current { "current" } else { "not current" };
            self.add_at(fact, format!("{name}{course}"), record.when, &record.evidence);
        }
        for evidence in &facts.bisphosphonate_allergy {
            self.add(Fact::BisphosphonateAllergy, "yes".to_owned(), evidence);
        }
        for order in &facts.radiotherapy_orders {
            let mut value = format!("ordered{}{}{}", aim(order.aim), dose(&order.dose), status(order.status));
            if order.from_text {
                value.push_str(", read from text");
            }
            self.add(Fact::RadiotherapyOrders, value, &order.evidence);
        }
        for order in &facts.surgery_orders {
            let value = format!("ordered{}{}", aim(order.aim), status(order.status));
            self.add(Fact::SurgeryOrders, value, &order.evidence);
        }
        for order in &facts.zoledronic_orders {
            self.add(Fact::ZoledronicOrders, format!("ordered{}", status(order.status)), &order.evidence);
        }
    }

    fn treatment(&mut self, treatment: &SpineTreatment) {
        let (fact, mut value) = match treatment.kind {
            TreatmentKind::SpineSurgery => (Fact::SpineSurgery, "yes".to_owned()),
            TreatmentKind::Radiotherapy => (Fact::PriorRadiotherapy, "yes".to_owned()),
        };
        value.push_str(&aim(treatment.aim));
        value.push_str(&dose(&treatment.dose));
        if treatment.running {
            value.push_str(", running");
        }
        if let Some(end) = treatment.end {
            value.push_str(&format!(", until {}", end.for_programs(self.zone)));
        }
        self.add_at(fact, value, treatment.start.or(treatment.evidence.date), &treatment.evidence);
    }
}

/// ", prostate" and the like; empty when the kind is not known.
pub(super) const fn histology(histology: Histology) -> &'static str {
    match histology {
        Histology::Myeloma { in_remission: false } => ", myeloma",
        Histology::Myeloma { in_remission: true } => ", myeloma in remission",
        Histology::LymphomaAggressive => ", aggressive lymphoma",
        Histology::LymphomaOther => ", lymphoma",
        Histology::Leukaemia => ", leukaemia",
        Histology::GermCell => ", germ-cell tumour",
        Histology::SmallCell => ", small-cell carcinoma",
        Histology::Prostate => ", prostate",
        Histology::OtherSolid => ", solid tumour",
        Histology::Unknown => "",
    }
}

fn score(total: Option<u8>, parts: &[(&str, Option<u8>)]) -> String {
    let named = parts.iter().filter_map(|(name, points)| Some(format!("{name} {}", (*points)?)));
    let all: Vec<String> = total.map(|n| format!("total {n}")).into_iter().chain(named).collect();
    all.join(", ")
}

const fn sins_parts(parts: &SinsParts) -> [(&'static str, Option<u8>); 6] {
    [
        ("location", parts.location),
        ("pain", parts.pain),
        ("lesion", parts.lesion),
        ("alignment", parts.alignment),
        ("collapse", parts.collapse),
        ("posterolateral", parts.posterolateral),
    ]
}

const fn mirels_parts(parts: &MirelsParts) -> [(&'static str, Option<u8>); 4] {
    [("site", parts.site), ("pain", parts.pain), ("lesion", parts.lesion), ("size", parts.size)]
}

/// Hundredths as a number without needless zeros.
fn decimal(hundredths: u32) -> String {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn expectancy(record: &LifeExpectancyRecord) -> String {
    match (record.at_least, record.at_most) {
        (Some(low), Some(high)) if low == high => format!("{} months", decimal(low)),
        (Some(low), Some(high)) => format!("{} to {} months", decimal(low), decimal(high)),
        (Some(low), None) => format!("at least {} months", decimal(low)),
        (None, Some(high)) if record.below => format!("less than {} months", decimal(high)),
        (None, Some(high)) => format!("at most {} months", decimal(high)),
        (None, None) => "without bounds".to_owned(),
    }
}

fn aim(aim: Aim) -> String {
    match aim {
        Aim::Spine(levels) if levels.is_empty() => " at the spine".to_owned(),
        Aim::Spine(levels) => at_levels(levels),
        Aim::Unstated => ", site not stated".to_owned(),
        Aim::Elsewhere => " elsewhere".to_owned(),
    }
}

fn dose(dose: &Dose) -> String {
    let mut text = match (dose.total_cgy, dose.fractions) {
        (Some(total), Some(n)) => format!(", {total} cGy in {n}"),
        (Some(total), None) => format!(", {total} cGy"),
        (None, Some(n)) => format!(", {n} fractions"),
        (None, None) => String::new(),
    };
    text.push_str(match dose.technique {
        Technique::Sbrt => ", SBRT",
        Technique::Conventional => ", conventional",
        Technique::Unknown => "",
    });
    text
}

const fn consult(consult: Consult) -> Fact {
    match consult {
        Consult::SpineSurgery => Fact::SpineSurgeryConsult,
        Consult::Mdt => Fact::MdtConsult,
        Consult::RadiationOncology => Fact::RadiationOncologyConsult,
        Consult::Orthopaedic => Fact::OrthopaedicConsult,
    }
}

/// The fact that a drug feeds, and its name where the fact has several.
const fn drug(drug: Drug) -> (Fact, &'static str) {
    match drug {
        Drug::ZoledronicAcid => (Fact::BoneAgent, "zoledronic acid, "),
        Drug::OtherBoneAgent => (Fact::BoneAgent, ""),
        Drug::Corticosteroid => (Fact::CorticosteroidsGiven, ""),
        Drug::Antineoplastic => (Fact::AntineoplasticTherapy, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Level, Levels};

    #[test]
    fn values_read_well() {
        assert_eq!((decimal(110), decimal(300), decimal(5)), ("1.1".into(), "3".into(), "0.05".into()));
        assert_eq!(score(Some(9), &[("pain", Some(3)), ("lesion", None)]), "total 9, pain 3");
        let t8 = Level::new(15).map_or(Levels::NONE, |level| Levels::NONE.with(level));
        assert_eq!(
            (aim(Aim::Spine(t8)), aim(Aim::Spine(Levels::NONE))),
            (" at T8".into(), " at the spine".into())
        );
        let given = Dose { total_cgy: Some(2400), fractions: Some(2), technique: Technique::Sbrt };
        assert_eq!(dose(&given), ", 2400 cGy in 2, SBRT");
        assert_eq!(dose(&Dose::default()), "");
    }
}
