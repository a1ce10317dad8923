//! What a patient has, in a few words: the cancer, and what was found. For a list, where a record has one line.

use super::facts::{self, FactLine};
use super::fixtures::Fixture;
use super::tables;
use crate::fhir::Chart;
use crate::guideline::Fact;
use crate::guideline::Panel;
use crate::json::Document;
use crate::services::Services;
use chrono_tz::Tz;

/// At most so many findings are named beside the cancer.
const MOST: usize = 2;

/// The cancer of a fixture patient and what was found, at the clock of its story.
pub(super) fn of(fixture: &Fixture, services: &Services) -> String {
    let resources = fixture.resources();
    let texts: Vec<String> = resources.iter().map(ToString::to_string).collect();
    let documents: Vec<Document<'_>> = texts.iter().filter_map(|text| Document::parse(text).ok()).collect();
    let only = resources.iter().find(|it| it.get("resourceType").is_some_and(|kind| kind == "Patient"));
    let id = only.and_then(|it| it.get("id")?.as_str());
    let mut chart = Chart {
        patient_id: fixture.told.patient.as_deref().or(id).unwrap_or_default(),
        resources: documents.iter().map(Document::root).collect(),
        ..Chart::default()
    };
    let reading = services.read(&mut chart, fixture.told.now);
    words(&facts::list(&reading.facts, Tz::UTC))
}

fn words(facts: &[FactLine]) -> String {
    let cancer = facts.iter().filter(|line| line.fact == Fact::Cancer).take(1).map(said);
    let found = |line: &&FactLine| {
        let is_finding = matches!(line.fact.panel(), Panel::Symptoms)
            || matches!(line.fact, Fact::Sins | Fact::Escc | Fact::Mirels | Fact::BaselineVcf);
        is_finding && !line.value.contains("denied") && line.fact != Fact::DeficitProgression
    };
    let metastases = |line: &&FactLine| matches!(line.fact, Fact::SpinalMetastases | Fact::BoneMetastases);
    let mut all: Vec<String> = cancer.collect();
    let others = facts.iter().filter(found).chain(facts.iter().filter(metastases)).map(said);
    for one in others {
        if all.len() > MOST {
            break;
        }
        if !all.iter().any(|known| known.eq_ignore_ascii_case(&one)) {
            all.push(one);
        }
    }
    if all.is_empty() { "No cancer and no finding on record".to_owned() } else { all.join("; ") }
}

/// The chart's own words, which a clinician knows from there; a score by its name and value.
fn said(line: &FactLine) -> String {
    let is_score = matches!(line.fact.panel(), Panel::Scores);
    if line.label.is_empty() || is_score {
        format!("{} {}", tables::name(line.fact.name()), line.value)
    } else {
        line.label.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::fixtures;
    use crate::domain::Site;
    use crate::fhir::ValueSets;

    #[test]
    fn the_cancer_comes_first_and_few_findings_follow() {
        let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
        let of = |name| of(fixtures::find(name).unwrap(), &services);
        assert_eq!(
            of("story-breast-sins-9-no-prognosis"),
            "Invasive carcinoma of the right breast; SINS total 9 at T8; Thoracic back pain"
        );
        for fixture in fixtures::all() {
            let words = super::of(fixture, &services);
            assert!(!words.is_empty(), "{}", fixture.name);
        }
    }
}
