//! The frame of every page: head, header, footer; and the empty regions of a chart that the scripts fill.
//!
//! No style and no script stands inside a page, so that the Content-Security-Policy need not allow any. What
//! fills a chart comes from [`super::view`]; the cards are shown by the browser.

use super::fixtures::{Fixture, rfc3339};
use super::{assets, moment, panel};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The clock of the service when a page is made, and what the service has to show.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// What it shows.
    pub now: DateTime<Utc>,
    /// Whether it stands still.
    pub frozen: bool,
    /// Whether there is a folder of worklists to show.
    pub has_worklist: bool,
}

/// One page.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    /// The path of the entry of the navigation that this is.
    pub(super) here: &'a str,
    pub(super) styles: &'a [&'a str],
    /// Its script; none where it is empty.
    pub(super) script: &'a str,
    pub(super) clock: Clock,
    /// Members of `body.dataset`.
    pub(super) data: &'a [(&'a str, &'a str)],
    pub(super) body: Markup,
}

const PLACES: [(&str, &str); 5] = [
    ("/", "Patients"),
    ("/chart/own", "Your own data"),
    ("/worklist", "Worklist"),
    ("/guideline", "The guideline"),
    ("/insights", "Insights"),
];

const CHART_STYLES: [&str; 6] =
    ["base.css", "list.css", "chart.css", "panel.css", "pictures.css", "print.css"];

pub(super) fn page(page: &Page<'_>) -> String {
    let asset = |path: &str| format!("/chart/assets/{}/{path}", *assets::VERSION);
    let clock = page.clock;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) " · Spinal metastases" }
                link rel="icon" href=(asset("icon.svg")) type="image/svg+xml";
                @for style in page.styles { link rel="stylesheet" href=(asset(style)); }
                @if !page.script.is_empty() { script type="module" src=(asset(page.script)) {} }
            }
            body data-now=(rfc3339(clock.now)) data-frozen=(clock.frozen)
                data-case=[datum(page, "case")] data-state="waiting" {
                a.skip href="#main" { "Skip to the content" }
                header.top {
                    p.product { a href="/" { "Spinal metastases" } " " span { "guideline cards, sandbox" } }
                    nav aria-label="Pages" {
                        ul {
                            @for (path, name) in PLACES.iter().filter(|(path, _)| clock.has_worklist || *path != "/worklist") {
                                li {
                                    a href=(path) aria-current=[(*path == page.here).then_some("page")] { (name) }
                                }
                            }
                        }
                    }
                    p.clock {
                        (if clock.frozen { "Clock stopped at " } else { "Opened at " })
                        time datetime=(rfc3339(clock.now)) { (moment::with_zone(clock.now, Tz::UTC)) }
                    }
                }
                main #main tabindex="-1" { (page.body) }
                footer.bottom {
                    p {
                        "Shows what one guideline summary asks for, from which facts, and what was not known. It decides "
                        "nothing and orders nothing; nobody has approved it for clinical use."
                    }
                    p { "Nothing leaves this machine: this page calls no other host." }
                }
                p #status.status role="status" aria-live="polite" {}
            }
        }
    }
    .into_string()
}

fn datum<'a>(page: &Page<'a>, name: &str) -> Option<&'a str> {
    page.data.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

/// A page that is made elsewhere, such as the guideline, in the frame of the others. `document` is one of our own: its body is
/// taken as it is, and its style gives way to ours.
pub fn around(title: &str, here: &str, document: &str, clock: Clock) -> String {
    let body = document.split_once("<body>").map_or(document, |(_, rest)| rest);
    let body = body.split_once("</body>").map_or(body, |(body, _)| body);
    let body = body.replace("<main>", "<div class=\"content\">").replace("</main>", "</div>");
    page(&Page {
        title,
        here,
        styles: &["base.css", "document.css", "print.css"],
        script: "",
        clock,
        data: &[],
        body: html! { div.document { (PreEscaped(body)) } },
    })
}

/// The chart of a fixture patient, empty until the scripts have asked the services.
pub fn patient(fixture: &Fixture, clock: Clock) -> String {
    let body = html! {
        p.back { a href="/" { "← All patients" } }
        div #banner.banner { h1 { "Chart of an invented patient" } }
        div.story {
            p { strong { "Story. " } (fixture.told.story) }
            @if fixture.needs_own_site() {
                p.caution {
                    "This story is about a site with settings of its own. The sandbox answers with its own settings, so "
                    "the cards may differ from the story."
                }
            }
            @if fixture.told.now != clock.now {
                p.aside {
                    "The dates of the record are moved to the present; those in the words of the story are not."
                    @if !fixture.moves_exactly(clock.now) {
                        " At this time of day, days without a time lie a little differently to the clock than in the story."
                    }
                }
            }
        }
        (chart(false))
    };
    page(&Page {
        title: &fixture.patient().name,
        here: "",
        styles: &CHART_STYLES,
        script: "patient.js",
        clock,
        data: &[("case", fixture.name)],
        body,
    })
}

/// The page for data that the user brings.
pub fn own(clock: Clock) -> String {
    let body = html! {
        div.intro {
            h1 { "Your own data" }
            p.lead {
                "A FHIR R4 Bundle, single resources, NDJSON, or a CDS Hooks request: see the cards, what was read from it, and "
                "what was ignored and why."
            }
            p { strong { "It stays on this machine. " } "The text goes to this service on your own computer, is read, and is forgotten. Nothing is stored." }
        }
        section.bring aria-labelledby="bring" {
            h2 #bring { "Bring a file" }
            div #drop.drop {
                p { "Drop a file here, or" }
                p {
                    label.button for="file" { "Choose a file" }
                    input #file.unseen type="file" accept=".json,.ndjson,.jsonl,application/json,application/fhir+json" multiple;
                }
            }
            details.paste {
                summary { "Paste text" }
                label for="text" { "FHIR JSON, or a hook request" }
                textarea #text rows="8" spellcheck="false" autocomplete="off" {}
                button #take type="button" { "Read the text" }
            }
            div #found aria-live="polite" {}
        }
        div #banner.banner hidden {}
        (chart(true))
    };
    page(&Page {
        title: "Your own data",
        here: "/chart/own",
        styles: &CHART_STYLES,
        script: "own.js",
        clock,
        data: &[],
        body,
    })
}

/// The regions of a chart.
fn chart(hidden: bool) -> Markup {
    html! {
        noscript { p.caution { "A chart needs scripts: the browser plays the EHR that asks the services." } }
        div #chart.chart hidden[hidden] data-asks=(panel::asks()) {
            div.answers {
                section #basket.drafts aria-labelledby="drafts-title" hidden {
                    h2 #drafts-title tabindex="-1" { "Draft orders" }
                    div #drafts {}
                }
                section aria-labelledby="cards-title" {
                    div.head {
                        h2 #cards-title tabindex="-1" { "What the guideline says" }
                        button #record-findings type="button" aria-haspopup="dialog" { "Record findings" }
                    }
                    div #difference {}
                    div #cards { p.waiting { "Asking the services…" } }
                }
                section.write aria-labelledby="entry-title" {
                    h2 #entry-title { "Write an order" }
                    div #entry {}
                }
                section.what-if aria-labelledby="what-if-title" {
                    h2 #what-if-title { "What if" }
                    div #what-if {}
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
}
