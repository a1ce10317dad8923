//! The stories that ask for nothing, though they look as if they did.

use super::alarm::{
    SIGNS, active_cancer, cancer_now_or_once, cord_sign, draft_of, pain_of_days, unread_study,
    vertebral_metastasis,
};
use super::chart::{Finding, Maker, OWN, instant, set, status};
use super::code::Meaning;
use super::story::Story;
use chrono::TimeDelta;
use serde_json::json;

/// Tells a story that asks for nothing.
pub(super) fn tell(story: Story, chart: &mut Maker<'_>) {
    match story {
        Story::SilentNoCancer => {
            let recorded = chart.days_ago(1, 10);
            let meaning =
                chart.random.one_of(&[Meaning::BackPain, Meaning::RadicularPain, Meaning::CaudaEquina]);
            chart.finding(&Finding::new(meaning, recorded));
        }
        Story::SilentOldPain => {
            cancer_now_or_once(chart);
            let recorded = chart.days_ago(100, 2_000);
            chart.finding(&Finding::new(Meaning::BackPain, recorded));
        }
        Story::SilentDeceased => {
            cord_sign(chart);
            let died = instant(chart.now - TimeDelta::minutes(3));
            if let Some(patient) = chart.resources.first_mut() {
                set(patient, "deceasedDateTime", json!(died));
            }
        }
        Story::SilentImaged => {
            cancer_now_or_once(chart);
            let (recorded, _) = pain_of_days(chart);
            let since = (chart.now - recorded.at).num_minutes();
            let made = chart.minutes_ago(0, since.max(1));
            chart.whole_spine_study(made);
        }
        Story::SilentOrdered => {
            cancer_now_or_once(chart);
            let (recorded, deadline) = pain_of_days(chart);
            let mut order = chart.order(Meaning::WholeSpineMri, "active", recorded);
            let left = deadline.map_or(1, |deadline| (deadline - chart.now).num_minutes());
            let due = chart.now + TimeDelta::minutes(chart.random.number(10, left.max(11)));
            set(&mut order, "occurrenceDateTime", json!(instant(due)));
            chart.add(order);
        }
        Story::SilentStable => {
            active_cancer(chart, Meaning::SolidCancer);
            vertebral_metastasis(chart);
            let (points, recorded) = (chart.random.number(1, 7), chart.days_ago(1, 50));
            chart.score("sins-total", points, recorded);
        }
        Story::SilentSkinCancer => {
            active_cancer(chart, Meaning::SkinCancer);
            let recorded = chart.days_ago(0, 5);
            chart.finding(&Finding::new(Meaning::RadicularPain, recorded));
        }
        Story::SilentEnteredInError => {
            active_cancer(chart, Meaning::SolidCancer);
            let recorded = chart.minutes_ago(5, 11 * 60);
            let meaning = chart.random.one_of(&SIGNS);
            let place = chart.finding(&Finding::new(meaning, recorded));
            let Some(sign) = chart.resources.get_mut(place) else { return };
            if sign.get("resourceType").is_some_and(|kind| kind == "Condition") {
                set(sign, "verificationStatus", status("condition-ver-status", "entered-in-error"));
            } else {
                set(sign, "status", json!("entered-in-error"));
            }
        }
        Story::SilentExcluded => {
            unread_study(chart);
            let graded = chart.minutes_ago(5, 20 * 60);
            let grade = chart.random.one_of(&["0", "1a", "1b"]);
            chart.observation(OWN, "escc-grade", ("valueString", json!(grade)), graded);
        }
        Story::SilentDenied => {
            cancer_now_or_once(chart);
            let (code, recorded) = (chart.concept(Meaning::BackPain, true), chart.days_ago(1, 10).text());
            chart.add(json!({ "resourceType": "Observation", "status": "final", "code": code,
                "effectiveDateTime": recorded, "valueBoolean": false }));
        }
        Story::SilentOrder => {
            let recorded = chart.days_ago(1, 10);
            chart.finding(&Finding::new(Meaning::BackPain, recorded));
            let draft = draft_of(chart, Meaning::SpineXray);
            chart.draft(draft);
        }
        // Cancer without any finding.
        _ => cancer_now_or_once(chart),
    }
}
