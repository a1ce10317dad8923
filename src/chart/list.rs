//! The list of fixture patients: `GET /`. A short tour, then all of them as a ward list, the most urgent first.
//!
//! Complete without scripts; a script adds the filters, and shows the stories and the tour alone until all are asked for.

use super::fixtures::{self, Fixture};
use super::frame::{self, Clock};
use super::groups::{self, Group};
use super::moment;
use super::ward::{Lead, Line};
use crate::cds_hooks::Indicator;
use chrono::{DateTime, Utc};
use maud::{Markup, html};

/// Indicators with their words, the most urgent first; the last stands for silence.
const URGENCIES: [(&str, &str); 4] =
    [("critical", "Critical"), ("warning", "Warning"), ("info", "For information"), ("none", "No card")];

/// What the page shows but for its frame.
fn body(ward: &[Line], now: DateTime<Utc>) -> Markup {
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
            h2 #ward { "Patients, the most urgent first" }
            (filters(&groups))
            // Before the table: who uses the keyboard need not pass every patient to get there.
            p { button #more type="button" hidden data-all=(ward.len()) { "All " (ward.len()) " test patients" } }
            div.wide tabindex="0" role="region" aria-label="The table of patients" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Patient" }
                            th scope="col" { "Problem" }
                            th scope="col" { "What the guideline asks" }
                            th scope="col" { "Due" }
                        }
                    }
                    tbody { @for line in ward { (row(line, now)) } }
                }
            }
        }
    }
}

/// The page, with these patients.
pub fn page(ward: &[Line], clock: Clock) -> String {
    frame::page(&frame::Page {
        title: "Patients",
        here: "/",
        styles: &["base.css", "list.css", "print.css"],
        script: "list.js",
        clock,
        data: &[],
        body: body(ward, clock.now),
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

fn row(line: &Line, now: DateTime<Utc>) -> Markup {
    let told = &line.fixture.told;
    let patient = line.fixture.patient();
    let indicator = line.card.as_ref().map_or("none", |card| word(card.indicator));
    html! {
        tr data-urgency=(indicator) data-subject=(line.group) data-test[!groups::is_story(line.fixture)]
            data-words={ (told.story) " " (told.covers.join(" ")) " " (line.fixture.name) " " (codes(line)) } {
            th scope="row" {
                a href={ "/chart/patients/" (line.fixture.name) } { (patient.name) }
                @if !patient.about.is_empty() { span.about { (patient.about) } }
            }
            td { (line.problem) }
            td.expected data-indicator=(indicator) {
                @match &line.card {
                    Some(card) => {
                        span.unseen { (indicator) ": " }
                        (card.sentence)
                        @if card.others > 0 { span.about { "and " (card.others) " more" } }
                    }
                    None => "No card"
                }
            }
            td.due { (line.card.as_ref().map(|card| due(card, now)).unwrap_or_default()) }
        }
    }
}

/// The recommendation codes that a reader may search for.
fn codes(line: &Line) -> String {
    line.fixture.told.expect.iter().flat_map(|card| &card.codes).cloned().collect::<Vec<_>>().join(" ")
}

const fn word(indicator: Indicator) -> &'static str {
    match indicator {
        Indicator::Critical => "critical",
        Indicator::Warning => "warning",
        Indicator::Info => "info",
    }
}

fn due(card: &Lead, now: DateTime<Utc>) -> String {
    match card.deadline {
        Some(at) if at < now => format!("{} overdue", moment::length(now - at)),
        Some(at) => format!("in {}", moment::length(at - now)),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::ward::Ward;
    use crate::domain::Site;
    use crate::fhir::ValueSets;
    use crate::services::Services;

    #[test]
    fn every_patient_is_on_the_list_with_its_sentence_and_the_most_urgent_come_first() {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
        let ward = Ward::default();
        let lines = ward.lines(&services, now);
        let page = page(&lines, Clock { now, frozen: true, has_worklist: false });
        let tests = fixtures::all().iter().filter(|fixture| !groups::is_story(fixture)).count();
        assert_eq!(page.matches(" data-test ").count(), tests);
        assert!(tests > 400 && page.contains(&format!("All {} test patients", fixtures::all().len())));
        for fixture in fixtures::all() {
            assert!(page.contains(&format!("/chart/patients/{}\"", fixture.name)), "{}", fixture.name);
        }
        let first = |urgency: &str| page.find(&format!("<tr data-urgency=\"{urgency}\"")).unwrap();
        assert!(
            first("critical") < first("warning")
                && first("warning") < first("info")
                && first("info") < first("none")
        );
        // What a line says is what the story gives, also when it is moved to this moment.
        for line in
            lines.iter().filter(|line| !line.fixture.needs_own_site() && line.fixture.moves_exactly(now))
        {
            let expected = line.fixture.told.expect.first();
            let found = line.card.as_ref().map(|card| word(card.indicator));
            if line.fixture.told.hook.as_deref() != Some("patient-view") {
                // On opening the chart more may be asked than its story is about, and never less.
                let rank = |word: Option<&str>| {
                    ["info", "warning", "critical"].iter().position(|it| Some(*it) == word)
                };
                assert!(rank(found) >= rank(expected.map(|card| &*card.indicator)), "{}", line.fixture.name);
                continue;
            }
            assert_eq!(found, expected.map(|card| &*card.indicator), "{}", line.fixture.name);
            let overdue = line.card.as_ref().and_then(|card| card.deadline).map(|at| at < now);
            let told = expected.and_then(|card| card.overdue);
            assert!(told.is_none() || told == overdue, "{}", line.fixture.name);
        }
        assert!(page.contains("MRI of the whole spine by today"), "the sentence of a card");
        assert!(std::sync::Arc::ptr_eq(&lines, &ward.lines(&services, now)), "kept for a while");
    }
}
