//! The rows of the timeline: findings, studies, scores, treatments, orders and running deadlines, each with its times.
//!
//! [`super::timeline`] draws them.

use super::spine_marks::sins;
use crate::domain::{Facts, Modality, OrderStatus, Side, Sign, TreatmentKind, When};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// What a row is about, in the order of the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    /// Symptoms and signs.
    Finding,
    /// Scores and grades.
    Score,
    /// Studies made.
    Study,
    /// Treatments.
    Treatment,
    /// Orders placed or drafted.
    Order,
    /// A deadline of a card.
    Deadline,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) lane: Lane,
    pub(super) words: String,
    /// Where its bar begins and ends; `None` for no bar.
    pub(super) bar: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Moments on it: recorded, made, due.
    pub(super) points: Vec<DateTime<Utc>>,
    /// A deadline that has passed.
    pub(super) overdue: bool,
}

/// At most this many rows of a lane, the latest of them.
const MOST: usize = 6;

/// The rows in the order of the drawing, and how many older ones were left out.
pub(super) fn rows(facts: &Facts, cards: &[Value], now: DateTime<Utc>) -> (Vec<Row>, usize) {
    let mut rows = Vec::new();
    for sign in facts.signs.iter().filter(|sign| sign.affirmed) {
        let points: Vec<DateTime<Utc>> = sign.seen.iter().map(|at| at.earliest()).collect();
        let from = sign.onset.map(When::earliest).into_iter().chain(points.iter().copied()).min();
        let words = format!("{}{}", name(sign.sign), side(sign.side));
        rows.push(Row {
            lane: Lane::Finding,
            words,
            bar: from.map(|at| (at, now.max(at))),
            points,
            overdue: false,
        });
    }
    let mut point = |lane, words: String, at: Option<When>| {
        rows.push(Row {
            lane,
            words,
            bar: None,
            points: at.map(When::earliest).into_iter().collect(),
            overdue: false,
        });
    };
    facts.sins.iter().for_each(|record| point(Lane::Score, sins(record), record.seen));
    facts
        .escc
        .iter()
        .for_each(|record| point(Lane::Score, format!("ESCC {}", record.grade.label()), record.seen));
    facts.spine_mri.iter().for_each(|study| point(Lane::Study, format!("MRI {}", study.regions), study.when));
    for order in &facts.imaging_orders {
        let state = match order.status {
            OrderStatus::Draft { .. } => "draft",
            OrderStatus::Active => "ordered",
            OrderStatus::Completed => continue,
        };
        let regions =
            if order.modality == Modality::BoneScan { String::new() } else { format!(" {}", order.regions) };
        point(
            Lane::Order,
            format!("{}{regions}, {state}", order.modality.name()),
            order.due.or(order.authored),
        );
    }
    for treatment in &facts.treatments {
        let words = match treatment.kind {
            TreatmentKind::SpineSurgery => "Spine surgery",
            TreatmentKind::Radiotherapy => "Radiotherapy",
        };
        let start = treatment.start.or(treatment.evidence.date).map(When::earliest);
        let end = if treatment.running { Some(now) } else { treatment.end.map(When::latest) };
        let bar = start.map(|at| (at, end.unwrap_or(at).max(at)));
        let points = start.into_iter().collect();
        rows.push(Row { lane: Lane::Treatment, words: words.to_owned(), bar, points, overdue: false });
    }
    rows.extend(cards.iter().filter_map(|card| deadline(card, now)));
    rows.retain(|row| row.lane == Lane::Deadline || !row.points.is_empty() || row.bar.is_some());
    limited(rows)
}

/// The deadline of a card, with the words of its summary before the colon.
fn deadline(card: &Value, now: DateTime<Utc>) -> Option<Row> {
    let rationale = card.get("extension")?.get("org.spinal-mets-cds.rationale")?;
    let at = DateTime::parse_from_rfc3339(rationale.get("deadline")?.as_str()?).ok()?.with_timezone(&Utc);
    let summary = card.get("summary")?.as_str()?;
    // A colon without a space is part of a time.
    let head = summary.split(": ").next().unwrap_or_default();
    let words = head.split("; ").next().unwrap_or_default().to_owned();
    let bar = Some((at.min(now), at.max(now)));
    Some(Row { lane: Lane::Deadline, words, bar, points: vec![at], overdue: at < now })
}

fn limited(mut rows: Vec<Row>) -> (Vec<Row>, usize) {
    let latest = |row: &Row| row.points.iter().copied().chain(row.bar.map(|(from, _)| from)).max();
    rows.sort_by_key(|row| (row.lane, std::cmp::Reverse(latest(row))));
    let mut left_out = 0;
    let mut kept: Vec<Row> = Vec::new();
    for row in rows {
        // Two cards about one deadline are one: the shorter words say it.
        let is_deadline = |other: &&mut Row| other.lane == Lane::Deadline && row.lane == Lane::Deadline;
        let same = |other: &&mut Row| {
            other.points == row.points
                && (other.words.starts_with(&row.words) || row.words.starts_with(&other.words))
        };
        if let Some(other) = kept.iter_mut().filter(is_deadline).find(same) {
            if row.words.len() < other.words.len() {
                other.words = row.words;
            }
            continue;
        }
        if kept.contains(&row) {
            continue;
        }
        if kept.iter().filter(|k| k.lane == row.lane).count() < MOST {
            kept.push(row);
        } else {
            left_out += 1;
        }
    }
    (kept, left_out)
}

const fn name(sign: Sign) -> &'static str {
    match sign {
        Sign::BackPain => "Back or neck pain",
        Sign::RadicularPain => "Radicular pain",
        Sign::RadicularDeficit => "Radicular deficit",
        Sign::LimbWeakness => "Limb weakness",
        Sign::LimbNumbness => "Limb numbness",
        Sign::Paraparesis => "Paraparesis or paraplegia",
        Sign::SaddleAnaesthesia => "Saddle anaesthesia",
        Sign::SensoryLevel => "Sensory level",
        Sign::LhermitteSign => "Lhermitte's sign",
        Sign::Myelopathy => "Myelopathy",
        Sign::CaudaEquina => "Cauda equina syndrome",
        Sign::CordCompression => "Cord compression",
        Sign::MesccSuspected => "Compression suspected",
        Sign::GaitDisturbance => "Gait disturbance",
        Sign::UrinaryRetention => "Urinary retention",
        Sign::BladderOrBowelDisturbance => "Bladder or bowel",
        Sign::UrinaryIncontinence => "Urinary incontinence",
        Sign::SpinalMetastasesSuspected => "Metastases suspected",
    }
}

const fn side(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Left) => ", left",
        Some(Side::Right) => ", right",
        Some(Side::Both) => ", both sides",
        None => "",
    }
}
