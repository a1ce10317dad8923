//! A chart with the set-up that it is read in, and what must hold of its reading and of the advice that follows.
//!
//! The input is an object: `setup` (patient, clock, zone, occasion, site, what could not be had), `resources`, and `drafts`
//! as `{"selected": …, "resource": …}`. A set-up that makes no sense falls back to the usual one.

use crate::answer;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use spinal_mets_cds::cds_hooks::Response;
use spinal_mets_cds::domain::{OrderIntent, Site, Source, WholeSpineMriAs};
use spinal_mets_cds::fhir::{self, Chart, DraftOrder, Reading, ValueSets, resource_key};
use spinal_mets_cds::guideline::english::{self, Reader};
use spinal_mets_cds::guideline::{Advice, Occasion, assess};
use spinal_mets_cds::json::{Document, Json};
use spinal_mets_cds::services::IdKey;
use spinal_mets_cds::services::cards::{CardContext, cards};
use std::collections::HashSet;
use std::sync::LazyLock;

static VALUE_SETS: LazyLock<ValueSets> =
    LazyLock::new(|| ValueSets::built_in().expect("built-in value sets"));

const SOURCES: [Source; 15] = [
    Source::Patient,
    Source::Condition,
    Source::Observation,
    Source::Procedure,
    Source::ServiceRequest,
    Source::ImagingStudy,
    Source::DiagnosticReport,
    Source::MedicationRequest,
    Source::MedicationStatement,
    Source::MedicationAdministration,
    Source::Medication,
    Source::AllergyIntolerance,
    Source::Device,
    Source::Encounter,
    Source::BodyStructure,
];

#[derive(Deserialize)]
struct Input<'a> {
    #[serde(default)]
    setup: Value,
    #[serde(borrow, default)]
    resources: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    drafts: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Draft<'a> {
    #[serde(default)]
    selected: bool,
    #[serde(borrow)]
    resource: &'a RawValue,
}

fn document(raw: &RawValue) -> Document<'_> {
    Document::parse(raw.get()).expect("what is JSON by one reader is by the other")
}

/// A question about a chart.
#[derive(Debug)]
pub struct Question<'a> {
    patient_id: String,
    now: DateTime<Utc>,
    occasion: Occasion,
    site: Site,
    unavailable: Vec<Source>,
    incomplete: Vec<Source>,
    resources: Vec<Document<'a>>,
    /// Whether it is selected, and the draft.
    drafts: Vec<(bool, Document<'a>)>,
}

impl<'a> Question<'a> {
    /// Reads an input; `None` when it is none.
    pub fn read(data: &'a [u8]) -> Option<Self> {
        let input: Input<'a> = serde_json::from_slice(data).ok()?;
        let drafts = input.drafts.into_iter().filter_map(|raw| {
            let draft: Draft<'a> = serde_json::from_str(raw.get()).ok()?;
            Some((draft.selected, document(draft.resource)))
        });
        let setup = &input.setup;
        let text = |name: &str| setup[name].as_str();
        let sources = |name: &str| {
            let named = setup[name].as_array().map(Vec::as_slice).unwrap_or_default();
            let known = |source: &Source| named.iter().any(|it| it == source.resource_type());
            SOURCES.into_iter().filter(known).collect()
        };
        let usual = Site::default();
        Some(Self {
            patient_id: text("patient").filter(|id| !id.is_empty()).unwrap_or("pat-1").to_owned(),
            // Clocks of the years 1970 to 9999: no machine shows another.
            now: text("now")
                .and_then(|it| it.parse::<DateTime<Utc>>().ok())
                .filter(|it| (0..253_402_300_800).contains(&it.timestamp()))
                .unwrap_or_else(|| crate::NOW.parse().expect("a fixed time")),
            occasion: if text("occasion") == Some("orders") {
                Occasion::OrderCheck
            } else {
                Occasion::PatientView
            },
            site: Site {
                time_zone: text("zone").and_then(|it| it.parse().ok()).unwrap_or(usual.time_zone),
                order_intent: if setup["order"] == true { OrderIntent::Order } else { OrderIntent::Proposal },
                whole_spine_mri_as: if setup["regions"] == true {
                    WholeSpineMriAs::Regions
                } else {
                    WholeSpineMriAs::One
                },
                sbrt_available: setup["sbrt"] != false,
                ..usual
            },
            unavailable: sources("unavailable"),
            incomplete: sources("incomplete"),
            resources: input.resources.into_iter().map(document).collect(),
            drafts: drafts.collect(),
        })
    }

    fn drafts(&self) -> Vec<DraftOrder<'_>> {
        let mut orders = Vec::with_capacity(self.drafts.len());
        for (selected, draft) in &self.drafts {
            orders.extend(DraftOrder::read(draft.root(), None, *selected));
        }
        orders
    }

    fn reading(&self, resources: Vec<Json<'_>>) -> Reading {
        let chart = Chart {
            patient_id: &self.patient_id,
            resources,
            drafts: self.drafts(),
            unavailable: self.unavailable.clone(),
            incomplete: self.incomplete.clone(),
            ..Chart::default()
        };
        fhir::read(&chart, &VALUE_SETS, &self.site, self.now)
    }

    /// Reads, assesses and writes the cards; checks what must hold of each.
    ///
    /// # Panics
    ///
    /// When a promise is broken.
    pub fn ask(&self) {
        let reading = self.reading(self.resources.iter().map(Document::root).collect());
        let advice = assess(&reading.facts, &self.site, self.now, self.occasion);
        let (drafts, key) = (self.drafts(), IdKey::random());
        let context = CardContext {
            dialect: spinal_mets_cds::services::Dialect::default(),
            facts: &reading.facts,
            site: &self.site,
            now: self.now,
            patient_id: &self.patient_id,
            encounter_id: None,
            user_id: None,
            drafts: &drafts,
            ids: key.issuer(spinal_mets_cds::services::NO_CLIENT, 0, self.now),
            guideline_url: None,
            panel_url: None,
            ways: &[],
        };
        let response = Response { cards: cards(&advice, &context), extension: None };
        assert_eq!(response.cards.len(), advice.len(), "advice without a card");
        answer::check(&response, &self.patient_id);
        for (advice, card) in advice.iter().zip(&response.cards) {
            check_advice(advice, &self.site, self.now);
            assert_eq!(card.suggestions.len(), advice.proposals.len(), "a proposal without a suggestion");
        }
        if !reading.facts.unavailable.is_empty() {
            assert!(reading.facts.unavailable.is_sorted());
        }
        self.order_does_not_matter(&reading, &advice);
        self.what_is_foreign_does_not_matter(&reading, &advice);
    }

    /// Of two resources of one name the first counts, so only a chart without such is turned round.
    fn order_does_not_matter(&self, reading: &Reading, advice: &[Advice]) {
        let mut names = HashSet::new();
        let unique =
            self.resources.iter().all(|raw| resource_key(raw.root()).is_none_or(|key| names.insert(key)));
        if !unique {
            return;
        }
        let reversed = self.reading(self.resources.iter().rev().map(Document::root).collect());
        assert_eq!(reversed.facts, reading.facts, "the order of resources changes the facts");
        assert_eq!(assess(&reversed.facts, &self.site, self.now, self.occasion), advice);
    }

    /// Another patient's records, a haemoglobin and a visit change nothing.
    fn what_is_foreign_does_not_matter(&self, reading: &Reading, advice: &[Advice]) {
        const FOREIGN: [&str; 4] = [
            r#"{"resourceType":"Condition","id":"fuzz-foreign-1","subject":{"reference":"Patient/fuzz-nobody"},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"C79.51"}]},"onsetDateTime":"2026-05-03"}"#,
            r#"{"resourceType":"Observation","id":"fuzz-foreign-2","status":"final","subject":{"reference":"Patient/fuzz-nobody"},"code":{"coding":[{"system":"urn:spinal-mets-cds:finding","code":"comfort-care"}]},"valueBoolean":true}"#,
            r#"{"resourceType":"Observation","id":"fuzz-neutral-1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},"valueQuantity":{"value":8.1,"unit":"g/dL"}}"#,
            r#"{"resourceType":"Immunization","id":"fuzz-neutral-2","status":"completed"}"#,
        ];
        if self.patient_id == "fuzz-nobody" {
            return;
        }
        let foreign = FOREIGN.map(|text| Document::parse(text).expect("JSON"));
        let more = foreign.iter().chain(&self.resources).map(Document::root).collect();
        let with_more = self.reading(more);
        assert_eq!(with_more.facts, reading.facts, "what is foreign changes the facts");
        assert_eq!(assess(&with_more.facts, &self.site, self.now, self.occasion), advice);
    }
}

fn check_advice(advice: &Advice, site: &Site, now: DateTime<Utc>) {
    let reader = Reader { site, now };
    assert!(!advice.recommendations.is_empty(), "advice without a recommendation");
    let summary = english::summary(advice, &reader);
    // What is too long ends with this.
    assert!(!summary.is_empty() && !summary.ends_with('…'), "a summary too long: {summary}");
    assert_eq!(advice.overdue.is_some(), advice.deadline.is_some());
    if let (Some(deadline), Some(overdue)) = (advice.deadline, advice.overdue) {
        assert_eq!(overdue, deadline < now, "deadline {deadline}, now {now}");
    }
    for proposal in &advice.proposals {
        assert!(!proposal.steps.is_empty());
        assert!(!english::label(proposal.label, &reader).is_empty());
    }
    for reference in &advice.reason_references {
        assert!(reference.starts_with("Condition/"), "{reference} is no Condition");
    }
}
