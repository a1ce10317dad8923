//! What a call still lacks after prefetch, asked for at the FHIR server that it names (rows F-1, P-14, P-18).
//!
//! Two rounds: the keys, then the Medications that orders in hand refer to without words that tell a drug we look at, one by
//! one: a search for them would not be for the patient. Absent on purpose: HTTP and trust (`ehr`), and what the answers amount to
//! (`gather`).

use super::gather::{Gathered, Key};
use super::outcome::Outcome;
use super::prefetch::{Kind, PATIENT_TOKEN, encode};
use crate::cds_hooks::Request;
use crate::domain::Source;
use crate::ehr::{Access, Fetched, Interaction, Reach, Session, Start, Wanted};
use crate::fhir::{DraftOrder, medication_reference, resource_key};
use crate::json::{Document, Json};
use std::borrow::Cow;
use std::collections::HashSet;

/// Most Medications read one by one.
const MOST_MEDICATIONS: usize = 50;

/// What was fetched for one call.
#[derive(Debug, Default)]
pub struct FetchedData {
    /// By the place of the key.
    keys: Vec<(usize, Fetched)>,
    medications: Vec<Fetched>,
}

impl FetchedData {
    /// Adds it to what came in prefetch.
    pub(super) fn add_to<'a>(&'a self, gathered: &mut Gathered<'a>) {
        self.add_keys(gathered);
        let is_medication = |page: &Json<'_>| {
            resource_key(*page).is_some_and(|(kind, _)| kind == Source::Medication.resource_type())
        };
        let pages = self.medications.iter().flat_map(|fetched| &fetched.pages).map(Document::root);
        gathered.resources.extend(pages.filter(is_medication));
    }

    fn add_keys<'a>(&'a self, gathered: &mut Gathered<'a>) {
        for (place, fetched) in &self.keys {
            gathered.add(*place, fetched);
        }
    }
}

/// The keys to ask for: absent ones, and what comes after a first page. Not `null`, not empty, not failed.
fn wanted(gathered: &Gathered<'_>, patient_id: &str) -> Vec<(usize, Wanted)> {
    let mut wanted = Vec::new();
    // Dots alone and slashes are steps in a path, also where they are encoded; no id has them.
    if patient_id.bytes().all(|byte| byte == b'.') || patient_id.contains(['/', '\\']) {
        return wanted;
    }
    for (place, Key { template, outcome, first_page }) in gathered.keys.iter().enumerate() {
        let start = match (outcome, &template.query, first_page) {
            (Outcome::Absent, Some(query), _) => {
                Start::Query(query.replace(PATIENT_TOKEN, &encode(patient_id)))
            }
            (Outcome::Truncated, _, Some(page)) => Start::Page(page.link.clone().into_owned()),
            _ => continue,
        };
        let interaction = match template.kind {
            Kind::Read => Interaction::Read,
            Kind::Search => Interaction::Search,
        };
        wanted.push((place, Wanted { resource_type: template.source.resource_type(), interaction, start }));
    }
    wanted
}

/// Fetches what is missing, as far as the call gives access. Nobody is asked when nothing is missing.
pub(super) async fn fetch(
    gathered: &Gathered<'_>,
    request: &Request<'_>,
    drafts: &[DraftOrder<'_>],
    reach: Reach<'_>,
) -> FetchedData {
    let asked = wanted(gathered, request.context.patient_id.trim());
    if asked.is_empty() && !orders(gathered, drafts).any(refers_to_medication) {
        return FetchedData::default();
    }
    let (server, authorization) = (request.fhir_server.as_deref(), request.fhir_authorization.as_ref());
    let session = Access::granted(reach.client, reach.correlation, server, authorization)
        .and_then(|access| reach.fetcher.session(access, reach.received, reach.deadline, reach.correlation));
    match session {
        Some(session) => read(gathered, asked, drafts, &session).await,
        None => FetchedData::default(),
    }
}

/// Everything that is read of a patient, by an app that the EHR let in.
pub(super) async fn fetch_all(gathered: &Gathered<'_>, patient_id: &str, session: &Session) -> FetchedData {
    read(gathered, wanted(gathered, patient_id), &[], session).await
}

/// Asks for the keys, and then for the Medications that orders refer to.
async fn read(
    gathered: &Gathered<'_>,
    asked: Vec<(usize, Wanted)>,
    drafts: &[DraftOrder<'_>],
    session: &Session,
) -> FetchedData {
    let (places, asked): (Vec<usize>, Vec<Wanted>) = asked.into_iter().unzip();
    let keys = places.into_iter().zip(session.fetch(&asked).await).collect();
    let mut fetched = FetchedData { keys, ..FetchedData::default() };
    let mut so_far = gathered.clone();
    fetched.add_keys(&mut so_far);
    let kind = Source::Medication.resource_type();
    let one = |id: String| Wanted {
        resource_type: kind,
        interaction: Interaction::Read,
        start: Start::Query(format!("{kind}/{id}")),
    };
    let unseen = unseen_medications(&so_far, drafts, session).into_iter().take(MOST_MEDICATIONS);
    let asked: Vec<Wanted> = unseen.map(one).collect();
    fetched.medications = session.fetch(&asked).await;
    fetched
}

/// Everything in hand that may refer to a Medication, drafts first.
fn orders<'a>(
    gathered: &'a Gathered<'_>,
    drafts: &'a [DraftOrder<'_>],
) -> impl Iterator<Item = Json<'a>> + Clone {
    drafts.iter().map(|draft| draft.raw).chain(gathered.resources.iter().copied())
}

/// Whether it may refer to a Medication: a look at the text, which costs next to nothing.
fn refers_to_medication(raw: Json<'_>) -> bool {
    raw.get().contains("medicationReference")
}

/// The ids of Medications on the server that orders refer to and that did not come; those of drafts first. What the
/// context holds is a draft itself and is never asked for (H-6).
fn unseen_medications(gathered: &Gathered<'_>, drafts: &[DraftOrder<'_>], session: &Session) -> Vec<String> {
    let kind = Source::Medication.resource_type();
    let orders = orders(gathered, drafts);
    let mut known: HashSet<String> = orders
        .clone()
        .filter_map(resource_key)
        .filter(|(found, _)| found == kind)
        .map(|(_, id)| id.into_owned())
        .collect();
    let named = orders.filter(|raw| refers_to_medication(*raw)).filter_map(medication_reference);
    let mut named: Vec<(Cow<'_, str>, bool)> = named.collect();
    // Those of which nothing at all is known come first.
    named.sort_by_key(|(_, has_words)| *has_words);
    let mut unseen = Vec::new();
    for (reference, _) in named {
        if let Some(id) = session.id_here(&reference, kind).filter(|id| known.insert(id.clone())) {
            unseen.push(id);
        }
    }
    unseen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::ValueSets;
    use crate::json::Object;
    use crate::services::gather::gather;
    use crate::services::prefetch::templates;

    #[test]
    fn only_what_did_not_come_is_asked_for() {
        let templates = templates(&ValueSets::built_in().unwrap(), &crate::config::Profile::default());
        let absent = ["patient", "procedures", "devices"];
        let value = |key: &str| match key {
            "conditions" => r#"{"resourceType":"Bundle","link":[{"relation":"next","url":"https://x/2"}],
                    "entry":[{"resource":{"resourceType":"Condition"}}]}"#
                .to_owned(),
            // A page with nothing on it, and more to come: as if it had not been sent.
            "imagingStudies" => {
                r#"{"resourceType":"Bundle","link":[{"relation":"next","url":"https://x/3"}]}"#.to_owned()
            }
            "allergies" => r#"{"resourceType":"OperationOutcome"}"#.to_owned(),
            "devices" => r#""<html>""#.to_owned(),
            "encounters" => r#"{"resourceType":"Bundle","total":0}"#.to_owned(),
            _ => "null".to_owned(),
        };
        let sent = templates.iter().filter(|it| !absent.iter().take(2).any(|key| *key == it.key));
        let members: Vec<String> = sent.map(|it| format!("{:?}:{}", it.key, value(&it.key))).collect();
        let body = format!("{{{}}}", members.join(","));
        let body = Document::parse(&body).unwrap();
        let prefetch = Object::read(body.root()).unwrap();
        let wanted = wanted(&gather(&prefetch, &templates), "a b,c");
        let starts: Vec<_> = wanted.iter().map(|(_, wanted)| &wanted.start).collect();
        let query = |text: &str| Start::Query(text.to_owned());
        assert_eq!(
            starts,
            [
                &query("Patient/a%20b%5C%2Cc"),
                &Start::Page("https://x/2".to_owned()),
                &query("Procedure?patient=a%20b%5C%2Cc&_count=500"),
                &query("ImagingStudy?patient=a%20b%5C%2Cc&_count=500"),
                &query("Device?patient=a%20b%5C%2Cc&_count=500"),
            ]
        );
    }
}
