//! What the record places on the spine: lesions, scores, fractures, treated volumes, and what imaging covered.
//!
//! [`super::spine`] draws them. Whether a study is adequate is not shown here: the guideline decides that.

use super::record;
use crate::domain::{
    Aim, Certainty, Dose, Escc, Facts, Level, Levels, MetastasisSite, Modality, OrderStatus, Regions,
    SinsRecord, Technique, TreatmentKind, When,
};
use crate::fhir::levels::level_of;
use crate::fhir::words;
use crate::guideline::ScoredLesion;
use crate::services::form::Grade;
use chrono_tz::Tz;
use serde_json::Value;
use std::collections::BTreeMap;

/// What stands at one level.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AtLevel {
    pub(super) lesion: Option<Certainty>,
    pub(super) fracture: bool,
    /// The score that decides.
    pub(super) sins: Option<Scored>,
    /// The latest grade of what presses on the cord here.
    pub(super) escc: Option<Escc>,
}

/// A score with its band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scored {
    /// "SINS 9".
    pub(super) words: String,
    /// How serious the band is.
    pub(super) grade: Grade,
    /// "potentially unstable".
    pub(super) band: &'static str,
}

/// A long bone with its score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LongBone {
    /// As the record names it; empty where it does not.
    pub(super) name: String,
    /// The score that decides.
    pub(super) mirels: Scored,
}

/// A volume that was irradiated or operated on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Volume {
    pub(super) surgery: bool,
    pub(super) levels: Levels,
    pub(super) words: String,
}

/// What a study covered, or an order will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Coverage {
    pub(super) ordered: bool,
    pub(super) regions: Regions,
    pub(super) words: String,
}

/// Everything that the drawing shows.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) levels: BTreeMap<Level, AtLevel>,
    pub(super) volumes: Vec<Volume>,
    pub(super) imaging: Vec<Coverage>,
    /// The long bones that are scored.
    pub(super) bones: Vec<LongBone>,
    /// What names no level, in sentences.
    pub(super) unplaced: Vec<String>,
}

/// Places what the record says, and the scores that decide. `resources` are looked at for the sites of fractures and grades
/// only.
pub(super) fn marks(facts: &Facts, scores: &[ScoredLesion], resources: &[Value], zone: Tz) -> Marks {
    let mut marks = Marks::default();
    for record in &facts.metastases {
        match record.site {
            MetastasisSite::Spine(levels) => {
                let certainty = record.certainty;
                marks.place(levels, "Metastasis of the spine", |at| {
                    at.lesion = at.lesion.max(Some(certainty))
                });
            }
            MetastasisSite::Bone => marks.unplaced("Metastasis of bone, no vertebra named".to_owned()),
        }
    }
    for lesion in scores {
        let scored =
            Scored { words: lesion.score(), grade: lesion.standing.grade, band: lesion.standing.band_name() };
        match &lesion.bone {
            Some(name) => marks.bones.push(LongBone { name: name.clone(), mirels: scored }),
            None => marks.place(lesion.levels, &format!("{}, {}", scored.words, scored.band), |at| {
                at.sins = Some(scored.clone());
            }),
        }
    }
    for evidence in &facts.vertebral_fractures {
        let levels = levels_of(&evidence.reference, &evidence.label, resources);
        marks.place(levels, "Vertebral fracture", |at| at.fracture = true);
    }
    let mut grades: Vec<_> = facts.escc.iter().collect();
    grades.sort_by_key(|record| (record.seen.is_none(), record.seen.map(When::latest), record.grade));
    for record in grades {
        let levels = levels_of(&record.evidence.reference, &record.evidence.label, resources);
        let when = record.seen.map(|at| format!(" ({})", at.for_people(zone))).unwrap_or_default();
        let words = format!("ESCC {}{when}", record.grade.label());
        marks.place(levels, &words, |at| at.escc = Some(record.grade));
    }
    for treatment in &facts.treatments {
        let surgery = treatment.kind == TreatmentKind::SpineSurgery;
        let what = if surgery { "Spine surgery" } else { "Radiotherapy" };
        let when = treatment.start.or(treatment.evidence.date).map(|at| at.for_people(zone));
        let course = if treatment.running { "running".to_owned() } else { String::new() };
        let words = [what.to_owned(), dose(&treatment.dose), when.unwrap_or_default(), course];
        let words = words.into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(", ");
        match treatment.aim {
            Aim::Spine(levels) if !levels.is_empty() => marks.volumes.push(Volume { surgery, levels, words }),
            Aim::Spine(_) => marks.unplaced(format!("{words}: spine, no level named")),
            Aim::Unstated => marks.unplaced(format!("{words}: no site named")),
            Aim::Elsewhere => {}
        }
    }
    for evidence in &facts.radiotherapy_history {
        let _ = evidence;
        marks.unplaced("Radiotherapy in the history, no site and time named".to_owned());
    }
    imaging(facts, zone, &mut marks);
    marks
}

fn imaging(facts: &Facts, zone: Tz, marks: &mut Marks) {
    for study in &facts.spine_mri {
        let when = study.when.map_or("date not known".to_owned(), |at| at.for_people(zone));
        let gaps = match (study.t1_missing, study.t2_missing) {
            (true, true) => ", no T1, no T2",
            (true, false) => ", no T1",
            (false, true) => ", no T2",
            (false, false) => "",
        };
        let words = format!("MRI {when}: {}{gaps}", study.regions);
        marks.imaging.push(Coverage { ordered: false, regions: study.regions, words });
    }
    for order in &facts.imaging_orders {
        let state = match order.status {
            OrderStatus::Draft { .. } => "draft",
            OrderStatus::Active => "ordered",
            OrderStatus::Completed => continue,
        };
        let due = order.due.map(|at| format!(", due {}", at.for_people(zone))).unwrap_or_default();
        let words = format!("{} {state}{due}: {}", order.modality.name(), order.regions);
        if order.modality == Modality::Mri {
            marks.imaging.push(Coverage { ordered: true, regions: order.regions, words });
        } else {
            marks.unplaced(format!("{words}; cannot exclude metastases"));
        }
    }
}

impl Marks {
    fn place(&mut self, levels: Levels, words: &str, mark: impl Fn(&mut AtLevel)) {
        if levels.is_empty() {
            self.unplaced(format!("{words}, no level named"));
        }
        levels.iter().for_each(|level| mark(self.levels.entry(level).or_default()));
    }

    fn unplaced(&mut self, words: String) {
        if !self.unplaced.contains(&words) {
            self.unplaced.push(words);
        }
    }
}

/// "SINS 9", or the least that the recorded parts come to.
pub(super) fn sins(record: &SinsRecord) -> String {
    let parts = record.parts;
    let known =
        [parts.location, parts.pain, parts.lesion, parts.alignment, parts.collapse, parts.posterolateral];
    let sum: u8 = known.iter().flatten().sum();
    match record.total {
        Some(total) => format!("SINS {total}"),
        None if known.iter().all(Option::is_some) => format!("SINS {sum}"),
        None => format!("SINS in part ({} of 6)", known.iter().flatten().count()),
    }
}

/// "30 Gy in 10 (conventional)".
fn dose(dose: &Dose) -> String {
    let gray = |cgy: u32| format!("{}", f64::from(cgy) / 100.0);
    let given = match (dose.total_cgy, dose.fractions) {
        (Some(total), Some(n)) => format!("{} Gy in {n}", gray(total)),
        (Some(total), None) => format!("{} Gy", gray(total)),
        (None, Some(n)) => format!("{n} fractions"),
        (None, None) => String::new(),
    };
    let technique = match dose.technique {
        Technique::Sbrt => " SBRT",
        Technique::Conventional | Technique::Unknown => "",
    };
    format!("{given}{technique}").trim().to_owned()
}

/// The levels that a resource names by code or in words, in its label or as its body site.
fn levels_of(reference: &str, label: &str, resources: &[Value]) -> Levels {
    let Some(resource) = resources.iter().find(|r| record::reference(r) == reference) else {
        return words::levels(label);
    };
    let site = record::site(resource).unwrap_or_default();
    // A Condition has several, an Observation one.
    let sites = match resource.get("bodySite") {
        Some(Value::Array(sites)) => sites.iter().collect(),
        one => Vec::from_iter(one),
    };
    let codings = sites.into_iter().filter_map(|site| site.get("coding")?.as_array()).flatten();
    let coded = codings.filter_map(|coding| {
        let system = coding.get("system").and_then(Value::as_str);
        level_of(system, coding.get("code")?.as_str()?)
    });
    coded.fold(words::levels(label).union(words::levels(&site)), Levels::with)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Evidence, SinsParts};
    use serde_json::json;

    #[test]
    fn a_fracture_stands_where_its_resource_says() {
        let resource = json!({"resourceType": "Condition", "id": "f", "bodySite": [{"coding": [
            {"system": "http://snomed.info/sct", "code": "77435000"}]}]});
        let evidence = |label: &str| Evidence {
            reference: "Condition/f".to_owned(),
            label: label.to_owned(),
            date: None,
        };
        let place = |label: &str, resources: &[Value]| {
            let facts = Facts { vertebral_fractures: vec![evidence(label)], ..Facts::default() };
            let marks = marks(&facts, &[], resources, Tz::UTC);
            (marks.levels.keys().map(ToString::to_string).collect::<Vec<_>>(), marks.unplaced.len())
        };
        assert_eq!(place("Fracture", &[resource]), (vec!["T8".to_owned()], 0));
        assert_eq!(place("Fracture of L2", &[]), (vec!["L2".to_owned()], 0));
        assert_eq!(place("Fracture", &[]), (Vec::new(), 1));
    }

    #[test]
    fn a_score_in_part_is_called_so() {
        let record = |total, parts| SinsRecord {
            levels: Levels::NONE,
            total,
            parts,
            seen: None,
            evidence: Evidence { reference: String::new(), label: String::new(), date: None },
        };
        assert_eq!(sins(&record(Some(9), SinsParts::default())), "SINS 9");
        let two = SinsParts { pain: Some(3), lesion: Some(2), ..SinsParts::default() };
        assert_eq!(sins(&record(None, two)), "SINS in part (2 of 6)");
    }
}
