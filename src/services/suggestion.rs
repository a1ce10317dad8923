//! Proposals to CDS Hooks suggestions: new orders through fhir-sdk's builders, changed drafts as the client sent them.
//!
//! Deliberately absent: which orders to propose; and how a draft is changed ([`super::changed_draft`]).

use super::answer::observation;
use super::cards::{CardContext, guideline_row};
use super::changed_draft::{Drafts, changed_draft, period};
use super::referral_codes::{Standard, consult_code, standard};
use crate::cds_hooks::{Action, ActionSelectionBehavior, ActionType, Suggestion};
use crate::domain::{self, Consult, OrderIntent, Priority, Region, Regions, SuggestedOrder};
use crate::guideline::say::{Alternatives, Asks};
use crate::guideline::{Advice, Recommendation, Step, Timing, english};
use fhir_sdk::DateTime as FhirDateTime;
use fhir_sdk::r4b::codes::{RequestIntent, RequestPriority, RequestStatus};
use fhir_sdk::r4b::resources::{ServiceRequest, ServiceRequestBuilder, ServiceRequestOccurrence};
use fhir_sdk::r4b::types::{Annotation, CodeableConcept, Coding, Period, Reference};
use serde_json::value::{RawValue, to_raw_value};
use std::str::FromStr;

pub(super) const SNOMED: &str = "http://snomed.info/sct";
const LOINC: &str = "http://loinc.org";
pub(super) const FINDING: &str = "urn:spinal-mets-cds:finding";

/// System, code, display; an empty display is left out.
pub(super) type CodeRow = (&'static str, &'static str, &'static str);

/// The built-in codes of a whole-spine MRI (guideline.md section 3.2).
pub(super) const WHOLE_SPINE: [CodeRow; 2] = [
    (
        SNOMED,
        "411611000119102",
        "Magnetic resonance imaging of cervical, thoracic, and lumbar spine without contrast (procedure)",
    ),
    (LOINC, "30854-4", "MR Cervical and thoracic and lumbar spine WO contrast"),
];

/// Codes of the regional MRI orders.
const REGIONAL: [(Region, [CodeRow; 2]); 3] = [
    (
        Region::Cervical,
        [
            (
                SNOMED,
                "571891000119109",
                "Magnetic resonance imaging of cervical spine without contrast (procedure)",
            ),
            (LOINC, "30667-0", "MR Cervical spine WO contrast"),
        ],
    ),
    (
        Region::Thoracic,
        [
            (
                SNOMED,
                "396171000119100",
                "Magnetic resonance imaging of thoracic spine without contrast (procedure)",
            ),
            (LOINC, "36532-0", "MR Thoracic spine WO contrast"),
        ],
    ),
    (
        Region::Lumbar,
        [
            (
                SNOMED,
                "394451000119106",
                "Magnetic resonance imaging of lumbar spine without contrast (procedure)",
            ),
            (LOINC, "30679-5", "MR Lumbar spine WO contrast"),
        ],
    ),
];

/// The suggestions of a card. A proposal of which any action cannot be built is left out whole.
pub(super) fn suggestions(advice: &Advice, context: &CardContext<'_>) -> Vec<Suggestion> {
    let Some(lead) = advice.recommendations.first() else { return Vec::new() };
    let drafts = Drafts::of(context);
    advice
        .proposals
        .iter()
        .filter_map(|proposal| {
            let actions: Option<Vec<Vec<Action>>> =
                proposal.steps.iter().map(|step| actions(step, advice, &drafts, context)).collect();
            let actions: Vec<Action> = actions?.into_iter().flatten().collect();
            (!actions.is_empty()).then(|| Suggestion {
                label: english::label(proposal.label, &context.reader()),
                uuid: context.ids.suggestion(lead.code),
                action_selection_behavior: (context.dialect.reads_action_selection && actions.len() > 1)
                    .then(|| selection_of(&proposal.steps)),
                actions,
            })
        })
        .collect()
}

/// Whether a part of the actions is an act by itself: referrals are, the parts of an order are not.
fn selection_of(steps: &[Step]) -> ActionSelectionBehavior {
    if steps.iter().all(|step| matches!(step, Step::Refer { .. })) {
        ActionSelectionBehavior::Any
    } else {
        ActionSelectionBehavior::All
    }
}

fn actions(
    step: &Step,
    advice: &Advice,
    drafts: &Drafts<'_>,
    context: &CardContext<'_>,
) -> Option<Vec<Action>> {
    Some(match step {
        Step::Delete { reference, .. } if !drafts.has(reference) => return None,
        Step::Delete { reference, label } => vec![Action {
            kind: ActionType::Delete,
            description: english::remove(label),
            resource: None,
            resource_id: Some(reference.clone()),
        }],
        Step::CreateWholeSpineMri(timing) => {
            let order = new_order(whole_spine_code(context)?, timing, advice, context)?;
            vec![create(english::order_mri(), order)]
        }
        Step::CreateRegionalMri(regions, timing) => regional(*regions, timing, advice, context)?,
        Step::Update { reference, label, widen, timing, clear_time } => {
            let resource = changed_draft(reference, *widen, timing, *clear_time, drafts, context)?;
            let clears = *clear_time && timing.end.is_none() && !*widen;
            vec![Action {
                kind: ActionType::Update,
                description: match (widen, clears) {
                    (true, _) => english::make_whole(label, timing.priority.is_some()),
                    (_, true) => english::clear(label),
                    _ => english::set(label, timing.priority.is_some()),
                },
                resource: Some(resource),
                resource_id: None,
            }]
        }
        Step::Refer { consult, asks, alternatives, urgent } => {
            let said = (*asks, *alternatives);
            let name = consult_code(*consult).1;
            vec![create(english::refer_to(name), referral(*consult, said, *urgent, advice, context)?)]
        }
        Step::Record { answer, study_references } => {
            vec![create(english::record(*answer), observation(*answer, study_references, context)?)]
        }
    })
}

fn create(description: String, resource: Box<RawValue>) -> Action {
    Action { kind: ActionType::Create, description, resource: Some(resource), resource_id: None }
}

fn regional(
    regions: Regions,
    timing: &Timing,
    advice: &Advice,
    context: &CardContext<'_>,
) -> Option<Vec<Action>> {
    REGIONAL
        .iter()
        .filter(|(region, _)| regions.has(*region))
        .map(|(region, codes)| {
            let text = format!("MRI {} spine, T1 and T2 (part of a whole-spine MRI)", region.name());
            let code = site_concept(SuggestedOrder::RegionalMri(*region), codes, &text, context)?;
            let order = new_order(code, timing, advice, context)?;
            Some(create(english::order_region(*region), order))
        })
        .collect()
}

pub(super) fn whole_spine_code(context: &CardContext<'_>) -> Option<CodeableConcept> {
    site_concept(SuggestedOrder::WholeSpineMri, &WHOLE_SPINE, "MRI whole spine, T1 and T2", context)
}

/// The site's own codings of an MRI order, or the built-in ones where it has none.
fn site_concept(
    order: SuggestedOrder,
    built_in: &[CodeRow],
    text: &str,
    context: &CardContext<'_>,
) -> Option<CodeableConcept> {
    let own = context.site.codings(order);
    if own.is_empty() { concept(built_in, text) } else { code(own_codings(own)?, text) }
}

fn own_codings(own: &[domain::Coding]) -> Option<Vec<Option<Coding>>> {
    let coding = |c: &domain::Coding| {
        let mut coding = Coding::builder().system(c.system.clone()).code(c.code.clone());
        if let Some(display) = &c.display {
            coding = coding.display(display.clone());
        }
        coding.build().ok().map(Some)
    };
    own.iter().map(coding).collect()
}

fn code(codings: Vec<Option<Coding>>, text: &str) -> Option<CodeableConcept> {
    CodeableConcept::builder().coding(codings).text(text.to_owned()).build().ok()
}

pub(super) fn concept(codes: &[(&str, &str, &str)], text: &str) -> Option<CodeableConcept> {
    let codings = codes.iter().map(|(system, code, display)| {
        let mut coding = Coding::builder().system((*system).to_owned()).code((*code).to_owned());
        if !display.is_empty() {
            coding = coding.display((*display).to_owned());
        }
        coding.build().ok().map(Some)
    });
    code(codings.collect::<Option<Vec<_>>>()?, text)
}

/// A new draft order for an MRI.
fn new_order(
    code: CodeableConcept,
    timing: &Timing,
    advice: &Advice,
    context: &CardContext<'_>,
) -> Option<Box<RawValue>> {
    let imaging = concept(&[(SNOMED, "363679005", "Imaging (procedure)")], "Imaging")?;
    let mut order = draft(code, &Grounds::of_imaging(advice), advice, context)?.category(vec![Some(imaging)]);
    if let Some(priority) = timing.priority {
        order = order.priority(match priority {
            Priority::Routine => RequestPriority::Routine,
            Priority::Urgent => RequestPriority::Urgent,
            Priority::Asap => RequestPriority::Asap,
            Priority::Stat => RequestPriority::Stat,
        });
    }
    if let Some(period) = period(timing, context) {
        let start = FhirDateTime::from_str(&period.start).ok()?;
        let end = FhirDateTime::from_str(&period.end).ok()?;
        let period = Period::builder().start(start).end(end).build().ok()?;
        order = order.occurrence(ServiceRequestOccurrence::Period(period));
    }
    written(order)
}

/// A new draft referral; its code says that it is a consult, so that it is never taken for a treatment order.
fn referral(
    consult: Consult,
    (asks, alternatives): (Option<Asks>, Option<Alternatives>),
    urgent: bool,
    advice: &Advice,
    context: &CardContext<'_>,
) -> Option<Box<RawValue>> {
    let (ours, name) = consult_code(consult);
    let Standard { referral: standard, specialty } = standard(consult);
    let asks = asks.map(english::asks);
    let text = asks.as_ref().map_or_else(|| name.to_owned(), |asks| format!("{name}: {asks}"));
    // The site's own codings first; ours stays, because a consult on record is recognised by it.
    let mut referral = concept(&[(FINDING, ours, name), standard], &text)?;
    referral.coding.splice(0..0, own_codings(context.site.codings(SuggestedOrder::Referral(consult)))?);
    let category = concept(&[(SNOMED, "3457005", "Patient referral (procedure)")], "Patient referral")?;
    let specialty_text = name.trim_end_matches(" consult");
    let performer = match specialty {
        Some(specialty) => concept(&[specialty], specialty_text)?,
        None => CodeableConcept::builder().text(specialty_text.to_owned()).build().ok()?,
    };
    let priority = if urgent { RequestPriority::Urgent } else { RequestPriority::Routine };
    let grounds = Grounds::of_card(advice);
    let mut order = draft(referral, &grounds, advice, context)?
        .category(vec![Some(category)])
        .performer_type(performer)
        .priority(priority);
    if let Some(asks) = asks {
        let detail = CodeableConcept::builder().text(asks).build().ok()?;
        order = order.order_detail(vec![Some(detail)]);
    }
    if let Some(alternatives) = alternatives {
        let reasons = Annotation::builder().text(grounds.note(context)).build().ok()?;
        let alternatives = Annotation::builder().text(english::alternatives(alternatives)).build().ok()?;
        order = order.note(vec![Some(reasons), Some(alternatives)]);
    }
    written(order)
}

/// What a suggested order rests on.
struct Grounds<'a> {
    recommendations: Vec<&'a Recommendation>,
    /// Conditions, as `Type/id`.
    reasons: Vec<String>,
}

impl<'a> Grounds<'a> {
    fn of_card(advice: &'a Advice) -> Self {
        Self {
            recommendations: advice.recommendations.iter().collect(),
            reasons: advice.reason_references.clone(),
        }
    }

    /// An MRI has the reasons of its own rows: another need on the card may rest on another finding.
    fn of_imaging(advice: &'a Advice) -> Self {
        Self { recommendations: advice.for_imaging(), reasons: advice.imaging_reasons() }
    }

    /// Why the order is suggested, with the place of the row in the guideline where it can be read.
    fn note(&self, context: &CardContext<'_>) -> String {
        let lead = self.recommendations.first();
        let row = lead.and_then(|lead| guideline_row(lead, context));
        english::note(self.recommendations.iter().copied(), row.as_deref())
    }
}

/// What every new order has: nothing in it that is not known, so no requester and no authoredOn.
fn draft(
    code: CodeableConcept,
    grounds: &Grounds<'_>,
    advice: &Advice,
    context: &CardContext<'_>,
) -> Option<ServiceRequestBuilder> {
    let mut order = ServiceRequest::builder()
        .status(RequestStatus::Draft)
        .intent(match context.site.order_intent {
            OrderIntent::Proposal => RequestIntent::Proposal,
            OrderIntent::Order => RequestIntent::Order,
        })
        .code(code)
        .subject(reference(&format!("Patient/{}", context.patient_id))?)
        .note(vec![Some(Annotation::builder().text(grounds.note(context)).build().ok()?)]);
    if let Some(encounter) = context.encounter_id {
        order = order.encounter(reference(&format!("Encounter/{encounter}"))?);
    }
    if grounds.reasons.is_empty() {
        let reason =
            CodeableConcept::builder().text(english::reason(advice.reason).to_owned()).build().ok()?;
        Some(order.reason_code(vec![Some(reason)]))
    } else {
        let reasons: Option<Vec<_>> = grounds.reasons.iter().map(|r| reference(r).map(Some)).collect();
        Some(order.reason_reference(reasons?))
    }
}

fn written(order: ServiceRequestBuilder) -> Option<Box<RawValue>> {
    let order = order.build().ok()?;
    // The type is written by the library.
    to_raw_value(&order).ok()
}

pub(super) fn reference(to: &str) -> Option<Reference> {
    Reference::builder().reference(to.to_owned()).build().ok()
}
