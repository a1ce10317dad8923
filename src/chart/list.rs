//! The list of fixture patients: `GET /`.
//!
//! Complete without scripts; a script adds the search.

use super::fixtures::Fixture;
use super::frame::{self, Clock};
use super::groups::{self, Group};
use maud::{Markup, html};

/// The page.
pub fn page(clock: Clock) -> String {
    let groups = groups::all();
    let all: usize = groups.iter().skip(1).map(|group| group.fixtures.len()).sum();
    let body = html! {
        div.intro {
            h1 { "Patients" }
            p.lead {
                "Open a chart and see what a clinician would see. The page plays the EHR; the cards come from the public "
                "CDS Hooks services of this program. All " (all) " patients are invented."
            }
            p {
                a.button href="/chart/own" { "Open your own data" }
                span.aside { "A FHIR Bundle or a hook request. It stays on this machine." }
            }
        }
        search.search {
            label for="search" { "Search stories, findings and recommendation codes" }
            input #search type="search" autocomplete="off" spellcheck="false" placeholder="for example: weak leg, mri-within-24h";
            p #found role="status" aria-live="polite" {}
        }
        nav.groups aria-label="Groups" {
            ul { @for group in &groups { li { a href={ "#" (group.anchor) } { (group.title) } } } }
        }
        @for group in &groups { (section(group)) }
    };
    frame::page(&frame::Page {
        title: "Patients",
        here: "/",
        styles: &["base.css", "list.css", "print.css"],
        script: "list.js",
        clock,
        data: &[],
        body,
    })
}

fn section(group: &Group) -> Markup {
    html! {
        section.group aria-labelledby=(group.anchor) {
            h2 id=(group.anchor) { (group.title) " " span.count { (group.fixtures.len()) } }
            p.about { (group.about) }
            ul.patients { @for fixture in &group.fixtures { (entry(fixture)) } }
        }
    }
}

fn entry(fixture: &Fixture) -> Markup {
    let told = &fixture.told;
    html! {
        li data-words={ (told.covers.join(" ")) } {
            a href={ "/chart/patients/" (fixture.name) } { (told.story) }
            p.meta {
                @match told.hook.as_deref() {
                    Some("order-select") => { span.hook { "an order is selected" } }
                    Some("order-sign") => { span.hook { "orders are signed" } }
                    Some("encounter-discharge") => { span.hook { "the patient leaves" } }
                    Some("appointment-book") => { span.hook { "an appointment is booked" } }
                    Some("order-dispatch") => { span.hook { "an order is dispatched" } }
                    _ => {}
                }
                @if told.expect.is_empty() { span.expected { "no card" } }
                @for card in &told.expect {
                    span.expected data-indicator=(card.indicator) {
                        (card.indicator) " " @if let Some(code) = card.codes.first() { code { (code) } }
                    }
                }
                span.name { (fixture.name) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::fixtures;

    #[test]
    fn every_patient_is_on_the_list() {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        let page = page(Clock { now, frozen: true });
        for fixture in fixtures::all() {
            assert!(page.contains(&format!("/chart/patients/{}\"", fixture.name)), "{}", fixture.name);
        }
    }
}
