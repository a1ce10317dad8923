//! What resources refer to: Medications, BodyStructures, and the Conditions that orders give as their reason.
//!
//! They are looked for among the contained resources, the chart and the Bundle of drafts, by `Type/id`, absolute URL,
//! `urn:uuid` or the `fullUrl` of a draft. Deliberately absent: fetching, and what the referring resource makes of it.

use super::coded::BodySite;
use super::condition;
use super::context::{Context, Entry, contained, extension_name, extensions};
use super::draft_reason;
use super::identity::Reference;
use super::medication;
use super::reader::{Object, items, text};
use super::words;
use engine::domain::{Aim, Levels, Sign};
use std::collections::HashSet;

/// "Irradiated volume of organ at risk" of SNOMED CT: it is spared, not treated.
const ORGAN_AT_RISK: &str = "1162586008";
/// Extensions by which a resource names its place by reference, by the last part of their url.
const SITE_EXTENSIONS: [&str; 2] = ["bodySite", "procedure-targetBodyStructure"];
/// The most references that are followed from one element.
const MOST: usize = 32;

/// The place that a BodyStructure describes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) site: BodySite,
    /// An organ that is spared, whatever it belongs to.
    pub(super) organ_at_risk: bool,
}

/// A Condition as the reason of an order.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reason {
    pub(super) site: BodySite,
    /// What it counts as for the time of the call.
    pub(super) sign: Option<Sign>,
}

/// Reads what others refer to, so that it is known when they are read. The drafts come first: a draft is the newer copy.
pub(super) fn collect<'a, 'e: 'a>(
    drafts: impl Iterator<Item = (&'a Entry<'e>, Option<&'a str>)> + Clone,
    stored: &'a [Entry<'e>],
    cx: &mut Context<'_>,
) {
    let all = || drafts.clone().chain(stored.iter().map(|entry| (entry, None)));
    for (entry, full_url) in all() {
        match entry.resource_type.as_ref() {
            "BodyStructure" => {
                let place = read_body_structure(entry, cx);
                for name in names(entry, full_url) {
                    cx.body_structures.entry(name).or_insert(place);
                }
            }
            "Medication" => {
                let product = medication::medication(entry, cx);
                for name in names(entry, full_url) {
                    cx.medications.entry(name).or_insert_with(|| product.clone());
                }
            }
            _ => {}
        }
    }
    let is_order = |entry: &&Entry<'_>| entry.resource_type == "ServiceRequest";
    let wanted: HashSet<String> = all()
        .map(|(entry, _)| entry)
        .filter(is_order)
        .flat_map(reasons)
        .map(|reference| Reference::parse(&reference).target("Condition"))
        .collect();
    if wanted.is_empty() {
        return;
    }
    for (entry, full_url) in all().filter(|(entry, _)| entry.resource_type == "Condition") {
        for name in names(entry, full_url).into_iter().filter(|name| wanted.contains(name)) {
            let reason = read_reason(entry, cx);
            cx.reasons.entry(name).or_insert(reason);
        }
    }
}

/// The names by which a resource may be referred to.
fn names(entry: &Entry<'_>, full_url: Option<&str>) -> Vec<String> {
    let url = full_url.map(|url| Reference::parse(url).target(&entry.resource_type));
    std::iter::once(entry.reference.clone()).chain(url).collect()
}

/// The place that a reference to a BodyStructure names; `None` when it is not there.
pub(super) fn body_structure(entry: &Entry<'_>, reference: &str, cx: &mut Context<'_>) -> Option<Place> {
    let named = Reference::parse(reference);
    if named.is_contained {
        return contained(entry, "BodyStructure", named.id).map(|found| read_body_structure(&found, cx));
    }
    cx.body_structures.get(&named.target("BodyStructure")).copied()
}

fn read_body_structure(entry: &Entry<'_>, cx: &mut Context<'_>) -> Place {
    let mut site = BodySite::default();
    if let Some(location) = cx.coded(entry, "location") {
        site.add(&location);
    }
    for qualifier in cx.coded_list(entry, "locationQualifier") {
        site.add(&qualifier);
    }
    if let Some(description) = cx.text(entry, "description") {
        site.add_text(&description);
    }
    let morphology = cx.coded(entry, "morphology").unwrap_or_default();
    Place { site, organ_at_risk: morphology.codes().any(|code| code == ORGAN_AT_RISK) }
}

/// What the BodyStructures say that a resource names as its place: by an extension, of the resource or of its
/// `bodySite`, or by the element `bodyStructure` of later versions. One that is not there says what its display says.
pub(super) fn referred_site(entry: &Entry<'_>, cx: &mut Context<'_>) -> BodySite {
    let mut site = BodySite::default();
    let mut references: Vec<Object<'_>> = Vec::new();
    let elements = entry.object.get("bodySite").map(items).unwrap_or_default();
    let of_elements = elements.into_iter().flat_map(extensions);
    let of_resource = entry.object.get("extension").map(items).unwrap_or_default();
    for extension in of_elements.chain(of_resource.into_iter().filter_map(Object::read)) {
        if SITE_EXTENSIONS.contains(&extension_name(&extension).as_ref()) {
            references.extend(extension.get("valueReference").and_then(Object::read));
        }
    }
    let later = entry.object.get("bodyStructure").map(items).unwrap_or_default();
    references.extend(later.into_iter().filter_map(Object::read));
    for reference in references.into_iter().take(MOST) {
        let named = reference.raw("reference").and_then(text);
        if let Some(place) = named.and_then(|named| body_structure(entry, &named, cx)) {
            site.merge(&place.site);
        } else if let Some(display) = reference.raw("display").and_then(text) {
            site.add_text(&display);
        }
    }
    site
}

/// The references that an order gives as its reason.
fn reasons<'a>(entry: &Entry<'a>) -> Vec<std::borrow::Cow<'a, str>> {
    let raws = entry.object.get("reasonReference").map(items).unwrap_or_default();
    let reference = |raw| Object::read(raw)?.raw("reference").and_then(text);
    raws.into_iter().take(MOST).filter_map(reference).collect()
}

/// The spine, where the Conditions that an order gives as its reason name it. They never lead elsewhere: the reason of an
/// order on the spine may be a cancer of the breast.
pub(super) fn aim_of_reasons(entry: &Entry<'_>, cx: &mut Context<'_>) -> Option<Aim> {
    let mut levels = None;
    for reason in conditions(entry, cx).into_iter().filter(|reason| reason.site.spine) {
        levels = Some(levels.unwrap_or(Levels::NONE).union(reason.site.levels));
    }
    levels.map(Aim::Spine)
}

/// The signs that the Conditions of an order's reason count as.
pub(super) fn codes_of_reasons(entry: &Entry<'_>, cx: &mut Context<'_>) -> Vec<Sign> {
    conditions(entry, cx).into_iter().filter_map(|reason| reason.sign).collect()
}

/// The Conditions that an order gives as its reason.
fn conditions(entry: &Entry<'_>, cx: &mut Context<'_>) -> Vec<Reason> {
    let mut found = Vec::new();
    for reference in reasons(entry) {
        let named = Reference::parse(&reference);
        found.extend(if named.is_contained {
            contained(entry, "Condition", named.id).map(|found| read_reason(&found, cx))
        } else {
            cx.reasons.get(&named.target("Condition")).copied()
        });
    }
    found
}

/// What a Condition says as the reason of an order: where it is, by its body site, its code and its words, and what it
/// counts as; nothing when it is refuted.
fn read_reason(entry: &Entry<'_>, cx: &mut Context<'_>) -> Reason {
    if condition::verification(entry, cx).is_none() {
        return Reason::default();
    }
    let mut site = cx.body_site(entry);
    let code = cx.coded(entry, "code").unwrap_or_default();
    site.spine |= code.concepts.has(super::concept::Concept::SpineMetastasis);
    for wording in code.wordings().into_iter().filter(|wording| words::names_spine(wording)) {
        site.add_text(wording);
    }
    Reason { site, sign: draft_reason::sign(&code) }
}
