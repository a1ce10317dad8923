//! The page of the panel inside an EHR, empty until its scripts have asked for the record; and the pages before it.

use super::fixtures::rfc3339;
use super::{assets, panel};
use chrono::{DateTime, Utc};
use maud::{DOCTYPE, Markup, html};

/// What the page of the panel needs to know.
#[derive(Debug)]
pub struct App<'a> {
    /// The path before every path of the service, without a slash at its end.
    pub prefix: &'a str,
    /// Names the session.
    pub handle: &'a str,
    /// What the page sends with everything that it asks for.
    pub key: &'a str,
    /// Names of the facts that the card asked for, as they came.
    pub asked: &'a [String],
    /// What answers may be written as: `observations`, `response` or `nothing`.
    pub writes: &'a str,
    /// The clinician who signed in.
    pub user: Option<&'a str>,
    /// The clock of the service.
    pub now: DateTime<Utc>,
}

const STYLES: [&str; 6] = ["base.css", "list.css", "chart.css", "panel.css", "pictures.css", "print.css"];

fn page(title: &str, prefix: &str, script: Option<&str>, body: Markup) -> String {
    let asset = |path: &str| format!("{prefix}/chart/assets/{}/{path}", *assets::VERSION);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Spinal metastases" }
                link rel="icon" href=(asset("icon.svg")) type="image/svg+xml";
                @for style in STYLES { link rel="stylesheet" href=(asset(style)); }
                // The pages that are linked to may not be framed; and the answers so far stand here.
                base target="_blank";
                @if let Some(script) = script { script type="module" src=(asset(script)) {} }
            }
            (body)
        }
    }
    .into_string()
}

/// The page of the panel.
pub fn app(app: &App<'_>) -> String {
    let base = format!("{}/smart/app/{}", app.prefix, app.handle);
    let hint = match app.writes {
        "observations" => "What you save goes to the patient's record in the EHR, under your name.",
        "response" => {
            "What you save goes to the patient's record as an answered questionnaire, under your name."
        }
        "nobody" => {
            "Nothing can be written from here, because the EHR does not say which clinician signed in: copy the text \
             into your note."
        }
        _ => "The EHR lets nothing be written from here: copy the text into your note.",
    };
    let body = html! {
        body data-now=(rfc3339(app.now)) data-frozen="false" data-state="waiting" data-base=(base) data-key=(app.key)
            data-facts=(app.asked.join(" ")) data-writes=(app.writes) data-user=[app.user] {
            a.skip href="#main" target="_self" { "Skip to the content" }
            header.top {
                p.product { strong { "Spinal metastases" } " " span { "guideline cards" } }
                p.hint { @if let Some(user) = app.user { "Signed in as " (user) } }
                button #end type="button" { "Close the panel" }
            }
            main #main tabindex="-1" {
                div #banner.banner { h1 { "Reading the record…" } }
                noscript { p.caution { "The panel needs scripts." } }
                div #chart.chart data-asks=(panel::asks()) {
                    div.answers {
                        section aria-labelledby="cards-title" {
                            div.head {
                                h2 #cards-title tabindex="-1" { "What the guideline says" }
                                button #record-findings type="button" aria-haspopup="dialog" disabled { "Record findings" }
                            }
                            p.hint { (hint) }
                            div #difference {}
                            div #cards { p.waiting { "Reading the record of the EHR…" } }
                        }
                    }
                    div.pictures {
                        section.timeline aria-labelledby="timeline-title" { h2 #timeline-title { "Time" } div #timeline {} }
                        section.spine aria-labelledby="spine-title" { h2 #spine-title { "Spine" } div #spine {} }
                        section.path aria-labelledby="path-title" { h2 #path-title { "Why: rows of the guideline" } div #path {} }
                        section.record aria-labelledby="record-title" { h2 #record-title { "The record" } div #record {} }
                        section.notes aria-labelledby="notes-title" { h2 #notes-title { "Ignored or doubtful" } div #notes {} }
                    }
                }
            }
            footer.bottom {
                p {
                    "Shows what one guideline summary asks for, from which facts, and what was not known. It decides "
                    "nothing and orders nothing; nobody has approved it for clinical use."
                }
            }
            p #status.status role="status" aria-live="polite" {}
        }
    };
    page("Panel", app.prefix, Some("smart.js"), body)
}

/// A page that says why the panel cannot be opened.
pub fn trouble(prefix: &str, words: &str) -> String {
    plain("The panel cannot be opened", prefix, html! { p.lead { (words) } })
}

/// A page that asks whose chart is to be opened: the name and the address of each EHR.
pub fn choice(prefix: &str, ehrs: &[(String, String)]) -> String {
    let body = html! {
        p.lead { "Choose the EHR to sign in at." }
        ul { @for (name, address) in ehrs { li { a href=(address) target="_self" { (name) } } } }
    };
    plain("Where is the patient's chart?", prefix, body)
}

fn plain(title: &str, prefix: &str, body: Markup) -> String {
    let body = html! {
        body data-state="ready" {
            header.top { p.product { strong { "Spinal metastases" } " " span { "guideline cards" } } }
            main #main tabindex="-1" { h1 { (title) } (body) }
        }
    };
    page(title, prefix, None, body)
}
