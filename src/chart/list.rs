//! The list of fixture patients: `GET /`. A short tour, then all of them as a ward list, the most urgent first.
//!
//! Complete without scripts; a script adds the filters. What each line says is what the case expects at its own time: no
//! chart is asked about before it is opened.

use super::fixtures::{self, Fixture};
use super::frame::{self, Clock};
use super::groups::{self, Group};
use super::moment;
use crate::cases::case::Expect;
use crate::guideline::page::{Page, page as guideline_page};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use std::sync::LazyLock;

static PAGE: LazyLock<Page> = LazyLock::new(guideline_page);

/// Every patient with the group that it is in, the most urgent first.
static WARD: LazyLock<Vec<(&'static Fixture, &'static str)>> = LazyLock::new(|| {
    let groups = groups::all();
    let mut ward: Vec<(&Fixture, &str)> = groups
        .iter()
        .flat_map(|group| group.fixtures.iter().map(|fixture| (*fixture, group.anchor)))
        .collect();
    ward.sort_by_key(|(fixture, _)| {
        let card = fixture.told.expect.first();
        let due = card.and_then(|card| card.deadline).map(|at| at - fixture.told.now);
        (card.map_or(URGENCIES.len(), |card| rank(&card.indicator)), due.is_none(), due, fixture.name)
    });
    ward
});

/// Indicators with their words, the most urgent first.
const URGENCIES: [(&str, &str); 4] =
    [("critical", "Critical"), ("warning", "Warning"), ("info", "For information"), ("none", "No card")];

fn rank(indicator: &str) -> usize {
    URGENCIES.iter().position(|(known, _)| *known == indicator).unwrap_or(URGENCIES.len())
}

/// What the page shows but for its frame: it does not depend on the clock.
static BODY: LazyLock<Markup> = LazyLock::new(|| {
    let groups = groups::all();
    html! {
        div.intro {
            h1 { "Patients" }
            p.lead {
                "Open a chart and see what a clinician would see. The page plays the EHR; the cards come from the public "
                "CDS Hooks services of this program. All " (fixtures::all().len()) " patients are invented."
            }
        }
        section.tour aria-labelledby="tour" {
            h2 #tour { "A short tour" }
            ol role="list" { @for (fixture, tries) in groups::tour() { (stop(fixture, tries)) } }
        }
        section.ward aria-labelledby="ward" {
            h2 #ward { "All patients" }
            (filters(&groups))
            div.wide tabindex="0" role="region" aria-label="Patients, the most urgent first" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Patient" }
                            th scope="col" { "Problem" }
                            th scope="col" { "What the guideline asks" }
                            th scope="col" { "Due" }
                        }
                    }
                    tbody { @for (fixture, group) in &*WARD { (row(fixture, group)) } }
                }
            }
            button #more type="button" hidden { "Show all" }
        }
    }
});

/// The page.
pub fn page(clock: Clock) -> String {
    frame::page(&frame::Page {
        title: "Patients",
        here: "/",
        styles: &["base.css", "list.css", "print.css"],
        script: "list.js",
        clock,
        data: &[],
        body: BODY.clone(),
    })
}

fn stop(fixture: &Fixture, tries: &str) -> Markup {
    html! {
        li {
            a href={ "/chart/patients/" (fixture.name) } { (fixture.patient().name) }
            p { (tries) }
        }
    }
}

fn filters(groups: &[Group]) -> Markup {
    html! {
        search.search {
            p.field {
                label for="search" { "Search names, problems and recommendation codes" }
                input #search type="search" autocomplete="off" spellcheck="false" placeholder="for example: weak leg, mri-within-24h";
            }
            p.field {
                label for="urgency" { "Urgency" }
                select #urgency {
                    option value="" { "all" }
                    @for (indicator, words) in URGENCIES { option value=(indicator) { (words) } }
                }
            }
            p.field {
                label for="subject" { "Subject" }
                select #subject {
                    option value="" { "all" }
                    @for group in groups { option value=(group.anchor) { (group.title) } }
                }
            }
            p #found role="status" aria-live="polite" {}
        }
    }
}

fn row(fixture: &Fixture, group: &str) -> Markup {
    let told = &fixture.told;
    let patient = fixture.patient();
    let card = told.expect.first();
    let indicator = card.map_or("none", |card| &card.indicator);
    html! {
        tr data-urgency=(indicator) data-subject=(group) data-words={ (told.covers.join(" ")) " " (fixture.name) } {
            th scope="row" {
                a href={ "/chart/patients/" (fixture.name) } { (patient.name) }
                @if !patient.about.is_empty() { span.about { (patient.about) } }
            }
            td { (told.story) }
            td.expected data-indicator=(indicator) {
                @match card {
                    Some(card) => {
                        span.unseen { (indicator) ": " }
                        (asks(card))
                        @if told.expect.len() > 1 { span.about { "and " (told.expect.len() - 1) " more" } }
                    }
                    None => "No card"
                }
            }
            td.due { (card.map(|card| due(card, told.now)).unwrap_or_default()) }
        }
    }
}

/// What the lead code of a card asks for; of several clauses the first.
fn asks(card: &Expect) -> &str {
    let Some(code) = card.codes.first() else { return "" };
    let what =
        PAGE.rows().map(|(_, row)| row).find(|row| row.code == code).map_or(code.as_str(), |row| row.what);
    what.split("; ").next().unwrap_or(what)
}

fn due(card: &Expect, now: DateTime<Utc>) -> String {
    match card.deadline {
        Some(at) if at < now => format!("{} overdue", moment::length(now - at)),
        Some(at) => format!("in {}", moment::length(at - now)),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_patient_is_on_the_list_and_the_most_urgent_come_first() {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        let page = page(Clock { now, frozen: true });
        for fixture in fixtures::all() {
            assert!(page.contains(&format!("/chart/patients/{}\"", fixture.name)), "{}", fixture.name);
        }
        let first = |urgency: &str| page.find(&format!("<tr data-urgency=\"{urgency}\"")).unwrap();
        assert!(
            first("critical") < first("warning")
                && first("warning") < first("info")
                && first("info") < first("none")
        );
        for card in fixtures::all().iter().flat_map(|fixture| &fixture.told.expect) {
            assert_ne!(Some(asks(card)), card.codes.first().map(String::as_str), "a code, and no words");
        }
    }
}
