//! Radiotherapy as ordered or given: where it is aimed, its dose, its fractions and its technique.
//!
//! The elements of mCODE and CodeX come first, text last. A dose without a unit is unknown and never guessed.
//! Deliberately absent: whether a dose is a good one.

use super::coded::{BodySite, Coded, beginning};
use super::concept::Concept;
use super::context::{Context, Entry, extension_name, extensions};
use super::note::NoteKind;
use super::quantity::{Quantity, rounded, whole};
use super::reader::{Object, boolean, items, number, text};
use super::reference::body_structure;
use super::words;
use engine::domain::{Aim, Dose, Technique};
use json::Json;
use std::borrow::Cow;

/// The most irradiated volumes that are followed; a course has a handful.
const MOST_VOLUMES: usize = 32;
/// More than any course delivers, in cGy.
const MOST_CGY: f64 = 20_000.0;
/// More than any course has.
const MOST_FRACTIONS: u32 = 100;
/// cGy in a unit.
const DOSE_UNITS: &[(&[&str], f64)] =
    &[(&["cGy", "centigray"], 1.0), (&["Gy", "gray"], 100.0), (&["mGy"], 0.1)];

/// The extensions in which doses stand, by the last part of their url.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elements {
    /// Dose to a volume.
    dose: &'static [&'static str],
    /// Fractions of the whole resource.
    fractions: &'static [&'static str],
}

/// What was delivered.
pub(super) const DELIVERED: Elements = Elements {
    dose: &["mcode-radiotherapy-dose-delivered-to-volume"],
    fractions: &["codexrt-radiotherapy-fractions-delivered"],
};
/// What is prescribed or planned.
pub(super) const ORDERED: Elements = Elements {
    dose: &["codexrt-radiotherapy-dose-prescribed-to-volume", "codexrt-radiotherapy-dose-planned-to-volume"],
    fractions: &["codexrt-radiotherapy-fractions-prescribed", "codexrt-radiotherapy-fractions-planned"],
};

/// What a resource says about radiotherapy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Irradiation {
    pub(super) aim: Aim,
    pub(super) dose: Dose,
    /// Dose, fractions or technique come from words.
    pub(super) from_text: bool,
}

/// A dose to one volume.
#[derive(Debug, Clone, Copy, Default)]
struct Volume {
    site: BodySite,
    total: Option<u32>,
    per_fraction: Option<u32>,
    fractions: Option<u16>,
    uneven: bool,
}

/// Reads the extensions, the volumes and, where they leave something open, the words: `code` and the texts after it, by
/// rank; the notes of the resource are the last rank.
pub(super) fn read(
    entry: &Entry<'_>,
    cx: &mut Context<'_>,
    elements: Elements,
    code: &Coded<'_>,
    details: &[Coded<'_>],
) -> Irradiation {
    let stated = cx.body_site(entry);
    let volumes = volumes(entry, cx, elements);
    let technique_codes = techniques(entry, cx);
    let ranks = wordings(code, details, &technique_codes);
    let mut site = stated;
    volumes.iter().for_each(|volume| site.merge(&volume.site));

    let chosen = chosen(&volumes, &stated);
    let of_resource = fractions_of(entry, cx, elements.fractions);
    let mut dose = Dose { total_cgy: chosen.total, ..Dose::default() };
    let sessions = || fractions_of(entry, cx, &["mcode-radiotherapy-sessions"]);
    dose.fractions = chosen
        .fractions
        .or(of_resource)
        .or_else(|| divided(&chosen))
        .or_else(sessions)
        .filter(|_| !chosen.uneven);
    // A prescription may say the dose per fraction alone.
    let multiplied = || chosen.per_fraction?.checked_mul(dose.fractions?.into());
    dose.total_cgy = dose.total_cgy.or_else(multiplied);

    let notes = notes(entry);
    let mut scheme_ranks = ranks.clone();
    scheme_ranks.push(notes.iter().map(|note| beginning(note)).collect());
    let worded_scheme = !chosen.uneven && complete(&mut dose, &scheme_ranks);

    let coded_sbrt = code.concepts.has(Concept::StereotacticRadiotherapy)
        || technique_codes.iter().any(|coded| coded.concepts.has(Concept::StereotacticRadiotherapy));
    let said: Vec<Technique> = ranks.iter().flatten().filter_map(|text| words::technique(text)).collect();
    let worded = said.first().copied().filter(|first| said.iter().all(|other| other == first));
    dose.technique = if coded_sbrt {
        Technique::Sbrt
    } else if said.is_empty() {
        let external = ranks.iter().flatten().any(|text| words::says_external_beam(text));
        match by_numbers(&dose) {
            Technique::Unknown if external => Technique::Conventional,
            technique => technique,
        }
    } else {
        worded.unwrap_or_default()
    };
    let from_text = worded_scheme || !coded_sbrt && worded.is_some();
    Irradiation { aim: aim(site, &ranks), dose, from_text }
}

/// The texts of a resource by rank: its code's text, the displays, the order details.
fn wordings<'a>(
    code: &'a Coded<'_>,
    details: &'a [Coded<'_>],
    techniques: &'a [Coded<'_>],
) -> Vec<Vec<&'a str>> {
    let codings = code.codings.iter().chain(techniques.iter().flat_map(|coded| &coded.codings));
    let mut displays: Vec<&str> = codings.filter_map(|coding| coding.display.as_deref()).collect();
    displays.extend(techniques.iter().filter_map(|coded| coded.text.as_deref()));
    displays.sort_unstable();
    let ranks = [
        code.text.as_deref().into_iter().collect(),
        displays,
        details.iter().flat_map(Coded::wordings).collect(),
    ];
    ranks.map(|rank: Vec<&str>| rank.into_iter().map(beginning).collect()).into()
}

/// Where a treatment or order is aimed: by its body site and volumes, else by its words.
pub(super) fn aim(mut site: BodySite, ranks: &[Vec<&str>]) -> Aim {
    let texts = || ranks.iter().flatten().copied();
    if site.stated && !site.spine {
        return Aim::Elsewhere;
    }
    if site.levels.is_empty() {
        texts().filter(|text| words::names_spine(text)).for_each(|text| site.add_text(text));
    }
    if site.spine {
        Aim::Spine(site.levels)
    } else if texts().any(words::other_part) {
        Aim::Elsewhere
    } else {
        Aim::Unstated
    }
}

/// Fills what is open from the first rank of texts that states one scheme, as far as it agrees with what is known.
/// `true` when it filled something.
fn complete(dose: &mut Dose, ranks: &[Vec<&str>]) -> bool {
    if dose.total_cgy.is_some() && dose.fractions.is_some() {
        return false;
    }
    let mut stated =
        ranks.iter().map(|rank| rank.iter().filter_map(|text| words::scheme(text)).collect::<Vec<_>>());
    let Some(rank) = stated.find(|rank| !rank.is_empty()) else { return false };
    let Some(scheme) = rank.first().filter(|first| rank.iter().all(|other| other == *first)) else {
        return false;
    };
    let agrees = dose.total_cgy.is_none_or(|total| total == scheme.total_cgy)
        && dose.fractions.is_none_or(|fractions| fractions == scheme.fractions);
    if agrees {
        dose.total_cgy = Some(scheme.total_cgy);
        dose.fractions = Some(scheme.fractions);
    }
    agrees
}

/// The technique that dose and fractions tell (guideline.md section 2, "From codes to facts").
fn by_numbers(dose: &Dose) -> Technique {
    let Some(total) = dose.total_cgy else { return Technique::Unknown };
    let stereotactic = dose.fractions.is_some_and(|n| total >= 500 * u32::from(n) && n <= 5 && total > 800);
    if stereotactic { Technique::Sbrt } else { Technique::Conventional }
}

/// The volume that counts: one at the spine, else (where only the resource names the spine, or nothing does) any; of
/// several the highest dose per fraction.
fn chosen(volumes: &[Volume], stated: &BodySite) -> Volume {
    let at_spine = |volume: &&Volume| volume.site.spine;
    let some_at_spine = volumes.iter().any(|volume| volume.site.spine);
    let counts = |volume: &&Volume| at_spine(volume) || !some_at_spine || stated.spine && !volume.site.stated;
    let intensity = |volume: &&Volume| {
        let each =
            volume.total.zip(volume.fractions).and_then(|(total, n)| (total * 100).checked_div(n.into()));
        (each.or(volume.per_fraction.map(|each| each * 100)), volume.total, volume.fractions)
    };
    volumes.iter().filter(counts).max_by_key(intensity).copied().unwrap_or_default()
}

/// Total dose divided by the dose per fraction, where that gives whole fractions.
fn divided(volume: &Volume) -> Option<u16> {
    let (total, each) = volume.total.zip(volume.per_fraction)?;
    let n = total.checked_div(each).filter(|n| n * each == total)?;
    u16::try_from(n).ok()
}

/// The modality and technique extension.
fn techniques<'a>(entry: &Entry<'a>, cx: &mut Context<'_>) -> Vec<Coded<'a>> {
    let raws = entry.object.get("extension").map(items).unwrap_or_default();
    let wanted = |raw: &Json<'_>| {
        Object::read(*raw).is_some_and(|e| extension_name(&e) == "mcode-radiotherapy-modality-and-technique")
    };
    let mut found = Vec::new();
    for raw in raws.into_iter().filter(wanted).take(MOST_VOLUMES) {
        let parts: Vec<Object<'a>> = extensions(raw).collect();
        for coded in parts.iter().filter_map(|part| part.get("valueCodeableConcept")) {
            found.extend(cx.coded_from(entry, coded, "extension"));
        }
    }
    found
}

/// A number of fractions in an extension of the resource itself.
fn fractions_of(entry: &Entry<'_>, cx: &mut Context<'_>, names: &[&str]) -> Option<u16> {
    let raws = entry.object.get("extension").map(items).unwrap_or_default();
    let extension = raws.filter_map(Object::read).find(|e| names.contains(&extension_name(e).as_ref()))?;
    let read = fractions(&extension);
    if read.is_none() {
        cx.note(NoteKind::ValueNotAllowed, entry, "extension");
    }
    read
}

fn fractions(extension: &Object<'_>) -> Option<u16> {
    let names = ["valueUnsignedInt", "valuePositiveInt", "valueInteger"];
    let n = names.iter().find_map(|name| extension.get(name)).and_then(number).and_then(whole)?;
    u16::try_from(n).ok().filter(|_| (1..=MOST_FRACTIONS).contains(&n))
}

/// A dose in cGy.
fn dose_of(extension: &Object<'_>) -> Option<u32> {
    let quantity = Quantity::read(extension.get("valueQuantity")?)?;
    let cgy = quantity.times(DOSE_UNITS).filter(|cgy| (1.0..=MOST_CGY).contains(cgy))?;
    rounded(cgy)
}

/// The irradiated volumes with their doses. mCODE names a volume by reference to a BodyStructure.
fn volumes(entry: &Entry<'_>, cx: &mut Context<'_>, elements: Elements) -> Vec<Volume> {
    let raws = entry.object.get("extension").map(items).unwrap_or_default();
    let dosed = |raw: &Json<'_>| {
        Object::read(*raw).is_some_and(|e| elements.dose.contains(&extension_name(&e).as_ref()))
    };
    let mut found = Vec::new();
    for raw in raws.into_iter().filter(dosed).take(MOST_VOLUMES) {
        let mut volume = Volume::default();
        for part in extensions(raw).take(MOST_VOLUMES) {
            let usable = match extension_name(&part).as_ref() {
                "volume" => {
                    add_place(entry, cx, &part, &mut volume.site);
                    true
                }
                "totalDoseDelivered" | "totalDose" => {
                    volume.total = dose_of(&part);
                    volume.total.is_some()
                }
                "fractionDose" => {
                    volume.per_fraction = dose_of(&part);
                    volume.per_fraction.is_some()
                }
                "fractionsDelivered" | "fractions" => {
                    volume.fractions = fractions(&part);
                    volume.fractions.is_some()
                }
                "codexrt-radiotherapy-uniform-fractionation" => {
                    volume.uneven = part.get("valueBoolean").and_then(boolean) == Some(false);
                    true
                }
                _ => true,
            };
            if !usable {
                cx.note(NoteKind::ValueNotAllowed, entry, "extension");
            }
        }
        found.push(volume);
    }
    found
}

/// Adds the place of a volume. One that cannot be read is a site all the same, and nobody knows that it is the spine.
fn add_place(entry: &Entry<'_>, cx: &mut Context<'_>, part: &Object<'_>, site: &mut BodySite) {
    let Some(reference) = part.get("valueReference").and_then(Object::read) else { return };
    site.stated = true;
    let Some(target) = reference.raw("reference").and_then(text) else {
        if let Some(display) = reference.raw("display").and_then(text) {
            site.add_text(&display);
        }
        return;
    };
    match (body_structure(entry, &target, cx), reference.raw("display").and_then(text)) {
        (Some(place), _) if place.organ_at_risk => {}
        (Some(place), display) => {
            site.merge(&place.site);
            display.iter().for_each(|display| site.add_text(display));
        }
        (None, display) => {
            display.iter().for_each(|display| site.add_text(display));
            cx.note(NoteKind::MakesNoFact, entry, "extension");
        }
    }
}

/// The texts of `note`.
fn notes<'a>(entry: &Entry<'a>) -> Vec<Cow<'a, str>> {
    let raws = entry.object.get("note").map(items).unwrap_or_default();
    raws.into_iter().filter_map(|raw| Object::read(raw)?.raw("text").and_then(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_technique_follows_from_the_numbers() {
        use Technique::{Conventional, Sbrt, Unknown};
        for (total, n, expected) in [
            (800, 1, Conventional),
            (801, 1, Sbrt),
            (1600, 1, Sbrt),
            (2400, 2, Sbrt),
            (2400, 3, Sbrt),
            (3000, 5, Sbrt),
            (2500, 5, Sbrt),
            (2499, 5, Conventional),
            (2000, 5, Conventional),
            (3000, 10, Conventional),
            (3000, 6, Conventional),
            (3001, 10, Conventional),
            (1999, 5, Conventional),
            (800, 2, Conventional),
            (400, 1, Conventional),
            (5000, 25, Conventional),
            (600, 1, Conventional),
        ] {
            let dose = Dose { total_cgy: Some(total), fractions: Some(n), ..Dose::default() };
            assert_eq!(by_numbers(&dose), expected, "{total}/{n}");
        }
        assert_eq!(by_numbers(&Dose { total_cgy: Some(2400), ..Dose::default() }), Conventional);
        assert_eq!(by_numbers(&Dose { fractions: Some(2), ..Dose::default() }), Unknown);
    }
}
