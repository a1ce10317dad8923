//! `[facility]` and `[look_back_days]`: what advice and suggested orders depend on.

use super::document::Fault;
use super::read::Reading;
use super::section::Section;
use crate::domain::{
    Coding, Consult, Contact, Contacts, LookBack, OrderIntent, Region, Site, SuggestedOrder, WholeSpineMriAs,
};
use crate::fhir::ValueSets;
use chrono_tz::Tz;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Each order that may be suggested, with its key in `[facility.orders]`.
const ORDERS: [(&str, SuggestedOrder); 8] = [
    ("whole_spine_mri", SuggestedOrder::WholeSpineMri),
    ("cervical_mri", SuggestedOrder::RegionalMri(Region::Cervical)),
    ("thoracic_mri", SuggestedOrder::RegionalMri(Region::Thoracic)),
    ("lumbar_mri", SuggestedOrder::RegionalMri(Region::Lumbar)),
    ("spine_surgery_referral", SuggestedOrder::Referral(Consult::SpineSurgery)),
    ("radiation_oncology_referral", SuggestedOrder::Referral(Consult::RadiationOncology)),
    ("mdt_referral", SuggestedOrder::Referral(Consult::Mdt)),
    ("orthopaedic_referral", SuggestedOrder::Referral(Consult::Orthopaedic)),
];

/// Longest name of a contact in characters: it stands on one line of a card.
const LONGEST_NAME: usize = 60;

/// Longest number of a contact in characters.
const LONGEST_NUMBER: usize = 40;

/// The settings of the site, and the folder of its value sets. After a fault the rest is read on with what the sandbox has.
pub(super) fn facility(root: &mut Section, reading: &mut Reading<'_>) -> (Site, Option<PathBuf>) {
    let mut site = Site::default();
    let mut section = root.section("facility", &mut reading.faults);
    if let Some(available) = section.boolean("sbrt_available", &mut reading.faults) {
        site.sbrt_available = available;
    }
    match section.choice("order_intent", &mut reading.faults) {
        Some("order") => site.order_intent = OrderIntent::Order,
        _ => site.order_intent = OrderIntent::Proposal,
    }
    match section.choice("whole_spine_mri_as", &mut reading.faults) {
        Some("regions") => site.whole_spine_mri_as = WholeSpineMriAs::Regions,
        _ => site.whole_spine_mri_as = WholeSpineMriAs::One,
    }
    if let Some(text) = section.text("time_zone", &mut reading.faults) {
        match text.text.parse::<Tz>() {
            Ok(zone) => site.time_zone = zone,
            Err(_) => reading.fault(
                &text,
                "`facility.time_zone` is not a time zone; write an IANA name such as \"Europe/Amsterdam\"",
            ),
        }
    }
    site.orders = orders(&mut section, site.whole_spine_mri_as, reading);
    site.contacts = contacts(&mut section, reading);
    let value_sets = value_sets(&mut section, reading);
    section.finish(&mut reading.faults);
    site.look_back = look_back(root, reading);
    (site, value_sets)
}

fn orders(
    facility: &mut Section,
    whole_spine_as: WholeSpineMriAs,
    reading: &mut Reading<'_>,
) -> BTreeMap<SuggestedOrder, Vec<Coding>> {
    let mut section = facility.section("orders", &mut reading.faults);
    let mut orders = BTreeMap::new();
    let mut without = Vec::new();
    for (key, order) in ORDERS {
        let mut codings = Vec::new();
        for mut coding in section.codings(key, &mut reading.faults) {
            let system = coding.text("system", &mut reading.faults);
            let code = coding.text("code", &mut reading.faults);
            let display = coding.text("display", &mut reading.faults).map(|it| it.text);
            if let (Some(system), Some(code)) = (system, code) {
                codings.push(Coding { system: system.text, code: code.text, display });
            }
            coding.finish(&mut reading.faults);
        }
        let is_suggested =
            whole_spine_as == WholeSpineMriAs::Regions || !matches!(order, SuggestedOrder::RegionalMri(_));
        if !codings.is_empty() {
            orders.insert(order, codings);
        } else if is_suggested {
            without.push(format!("`{key}`"));
        }
    }
    if !without.is_empty() {
        let problem = format!(
            "[facility.orders] has no coding of the site for {}: these orders are suggested with the built-in codes \
             alone; see that your order entry takes them",
            without.join(", ")
        );
        reading.warnings.push(Fault { place: section.place().cloned(), problem });
    }
    section.finish(&mut reading.faults);
    orders
}

fn contacts(facility: &mut Section, reading: &mut Reading<'_>) -> Contacts {
    let mut section = facility.section("contacts", &mut reading.faults);
    let mut contact = |key| {
        let mut contact = section.contact(key, &mut reading.faults)?;
        let mut line = |key, longest| {
            let text = contact.text(key, &mut reading.faults)?;
            let is_plain = |c: char| !c.is_control() && !"[]<>`*_|\\".contains(c);
            if text.text.chars().count() > longest || !text.text.chars().all(is_plain) {
                let problem = format!(
                    "{} must be at most {longest} characters on one line, without any of [ ] < > ` * _ | \\",
                    contact.key(key)
                );
                reading.fault(&text, problem);
                return None;
            }
            Some(text.text.trim().to_owned())
        };
        let (name, number) = (line("name", LONGEST_NAME), line("number", LONGEST_NUMBER));
        contact.finish(&mut reading.faults);
        Some(Contact { name: name?, number: number? })
    };
    let contacts = Contacts {
        spine_on_call: contact("spine_on_call"),
        radiation_oncology_on_call: contact("radiation_oncology_on_call"),
        coordinator: contact("coordinator"),
    };
    section.finish(&mut reading.faults);
    contacts
}

fn look_back(root: &mut Section, reading: &mut Reading<'_>) -> LookBack {
    let mut section = root.section("look_back_days", &mut reading.faults);
    // Without a number there is a fault, so 0 is never used.
    let mut days = |key| {
        let days = section.number(key, &mut reading.faults);
        days.and_then(|days| u16::try_from(days).ok()).unwrap_or_default()
    };
    let look_back = LookBack {
        symptoms: days("symptoms"),
        escc: days("escc"),
        performance: days("performance"),
        life_expectancy: days("life_expectancy"),
        sins: days("sins"),
        laboratory: days("laboratory"),
    };
    section.finish(&mut reading.faults);
    look_back
}

fn value_sets(facility: &mut Section, reading: &mut Reading<'_>) -> Option<PathBuf> {
    let text = facility.text("value_sets", &mut reading.faults)?;
    let folder = reading.path(&text);
    let added = ValueSets::built_in().map_err(|error| error.to_string());
    if let Err(problem) =
        added.and_then(|mut sets| sets.add_folder(&folder).map_err(|error| error.to_string()))
    {
        reading.fault(&text, format!("`facility.value_sets`: {problem}"));
    }
    Some(folder)
}
