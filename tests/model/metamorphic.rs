//! What must hold between a chart and the same chart with one thing changed.

use super::answer::{Card, Program};
use super::chart::*;
use super::fhir::{Key, call, resources};
use super::generate::Theme;
use super::rules::timing::Row;
use super::run::{Fault, Run};
use serde_json::{Value, json};
use spinal_mets_cds::synthesize::Random;

const EMERGENCY: [Theme; 3] = [Theme::Emergency, Theme::Emergency, Theme::Treated];
const ALL: [Theme; 5] =
    [Theme::Emergency, Theme::Treated, Theme::Treatment, Theme::ImagingOrders, Theme::TreatmentOrders];

fn cards(program: &Program, chart: &Chart) -> Vec<Card> {
    let resources = resources(chart);
    program.cards(chart.hook, &call(chart.hook, &resources, &program.keys), chart.now)
}

/// The timing row of an answer, with its card.
fn timing(cards: &[Card]) -> Option<(Row, &Card)> {
    cards.iter().find_map(|card| Some((Row::ALL.into_iter().find(|row| card.has(row.code()))?, card)))
}

fn told(cards: &[Card]) -> String {
    let told = cards.iter().map(|card| {
        format!("{:?} {:?} deadline {:?} overdue {}", card.indicator, card.codes, card.deadline, card.overdue)
    });
    told.collect::<Vec<_>>().join("; ")
}

fn fault(kind: &str, before: &[Card], after: &[Card], change: &str) -> Option<Fault> {
    let what = format!("{change}\nbefore: {}\nafter: {}", told(before), told(after));
    Some(Fault { kind: kind.to_owned(), what })
}

/// Whether what rows 1 to 3 ask for went away, got a later deadline or is no longer overdue. A slower row is no fault by
/// itself: an earlier onset makes row 3 of row 2, and the deadline stays.
fn calmer(before: &[Card], after: &[Card]) -> Option<&'static str> {
    let (row, card) = timing(before).filter(|(row, _)| row.is_fast())?;
    let Some((new_row, new_card)) = timing(after) else { return Some("the row went away") };
    // A card that treatment leads has the deadline of the treatment.
    let by_row = |card: &Card| Row::ALL.iter().any(|row| row.code() == card.codes[0].0);
    if by_row(card) && by_row(new_card) && new_card.deadline > card.deadline {
        Some(if new_row < row { "a faster row with a later deadline" } else { "a later deadline" })
    } else if card.overdue && !new_card.overdue {
        Some("no longer overdue")
    } else {
        None
    }
}

/// An order that is too late for a deadline may be in time once that has passed, because the faster row counts from now.
fn is_answered_by_order(chart: &Chart, kind: &str) -> bool {
    kind == "the row went away" && chart.records.iter().any(|record| matches!(record, Record::Imaging(_)))
}

fn more(chart: &Chart, record: Record) -> Chart {
    let mut more = chart.clone();
    more.records.push(record);
    more
}

fn findings(chart: &Chart) -> impl Iterator<Item = &Finding> {
    chart
        .records
        .iter()
        .filter_map(|record| if let Record::Finding(finding) = record { Some(finding) } else { None })
}

/// Whether a study was made, or a treatment given, at or after a moment.
fn is_answered_since(chart: &Chart, moment: When) -> bool {
    chart.records.iter().any(|record| match record {
        Record::Study { at, .. } => at.at_or_after(moment),
        Record::Treatment(treatment) => treatment.end.is_none_or(|end| end.at_or_after(moment)),
        _ => false,
    })
}

#[test]
fn one_more_record_of_a_finding_moves_no_deadline_of_rows_1_to_3_later() {
    Run::of(500).check(&EMERGENCY, |program, chart, random| {
        let own: Vec<Finding> = findings(chart).filter(|finding| finding.affirmed).copied().collect();
        if own.is_empty() {
            return None;
        }
        let again = random.one_of(&own);
        // Current radicular pain of the same side makes a weakness radicular: a named exception.
        if again.sign == Sign::RadicularPain
            && findings(chart).any(|finding| finding.sign == Sign::LegWeakness)
        {
            return None;
        }
        // Of two sides the later is the sign. Where that one has no time, its first deadline passes the sooner the earlier the
        // other side was there, and then the end of the day counts: a named exception of the clock.
        let is_other = |f: &Finding| f.side.is_some() && f.side != again.side;
        if again.side.is_some()
            && findings(chart).any(|f| is_other(f) && matches!(f.seen, Some(When::Day(_))))
        {
            return None;
        }
        let moment = chart.now - 60 * random.number(0, 30 * 60);
        let seen = Some(if random.chance(25) { When::Day(day_of(moment)) } else { When::At(moment) });
        // A deficit of no known onset is taken as one of this week (row 2); that it is older takes that away.
        let longest = if again.sign == Sign::RadicularDeficit { 168 } else { 400 };
        let onset =
            random.chance(50).then(|| When::At(chart.now - 60 * random.number(31 * 60, longest * 60)));
        // Row 2 asks a weakness outside of a spinal context for a documented onset: an older one takes it away.
        let onset = onset.filter(|_| again.sign != Sign::LegWeakness);
        // A finding without a date has that of its treatment, or now, unless one more record dates it.
        let dated = again.seen.is_some() || again.onset.is_some();
        let treated = chart.records.iter().any(|record| matches!(record, Record::Treatment(_)));
        if !dated && (treated || matches!(seen, Some(When::Day(_)))) {
            return None;
        }
        // What began before a study or a treatment is answered by it.
        if onset.or(seen).is_some_and(|began| is_answered_since(chart, began)) {
            return None;
        }
        let record = Finding { seen, onset, course: None, ..again };
        let (before, after) = (cards(program, chart), cards(program, &more(chart, Record::Finding(record))));
        calmer(&before, &after)
            .filter(|kind| !is_answered_by_order(chart, kind))
            .and_then(|kind| fault(kind, &before, &after, &format!("one more {record:?}")))
    });
}

#[test]
fn one_more_symptom_moves_no_deadline_of_rows_1_to_3_later() {
    Run::of(500).check(&EMERGENCY, |program, chart, random| {
        let sign = random.one_of(&[
            Sign::BackPain,
            Sign::RadicularPain,
            Sign::RadicularDeficit,
            Sign::LegWeakness,
            Sign::SaddleAnaesthesia,
            Sign::CordCompression,
            Sign::Gait,
        ]);
        // Radicular pain of the same side makes a weakness radicular: a named exception.
        if sign == Sign::RadicularPain && findings(chart).any(|finding| finding.sign == Sign::LegWeakness) {
            return None;
        }
        let side = matches!(sign, Sign::RadicularPain | Sign::RadicularDeficit | Sign::LegWeakness)
            .then(|| random.one_of(&[Side::Left, Side::Right, Side::Both]));
        let seen = Some(When::At(chart.now - 60 * random.number(0, 30 * 60)));
        let form = random.one_of(&[Form::Condition, Form::Observation]);
        let record = Finding { sign, side, affirmed: true, form, seen, onset: None, course: None };
        if seen.is_some_and(|began| is_answered_since(chart, began)) {
            return None;
        }
        let (before, after) = (cards(program, chart), cards(program, &more(chart, Record::Finding(record))));
        calmer(&before, &after)
            .filter(|kind| !is_answered_by_order(chart, kind))
            .and_then(|kind| fault(kind, &before, &after, &format!("one more {record:?}")))
    });
}

#[test]
fn a_worse_note_makes_no_row_slower_and_takes_none_away() {
    Run::of(400).check(&EMERGENCY, |program, chart, random| {
        let seen = When::At(chart.now - 60 * random.number(0, 20 * 60));
        let worse = more(chart, Record::Course { course: Course::Progressive, seen });
        let (before, after) = (cards(program, chart), cards(program, &worse));
        let (row, card) = timing(&before).filter(|(row, _)| row.is_fast())?;
        // An order that is too late for the old clock may be in time for the new one.
        let ordered = chart.records.iter().any(|record| matches!(record, Record::Imaging(_)));
        let Some((new_row, new_card)) = timing(&after) else {
            return if ordered { None } else { fault("the row went away", &before, &after, "a worse note") };
        };
        // The note restarts the clocks of deficits, which is all that it may do to a deadline.
        let latest = card.deadline.max(Some(seen.latest() + 48 * HOUR));
        let kind = if new_row > row {
            "a slower row"
        } else if new_card.deadline > latest {
            "a later deadline"
        } else {
            return None;
        };
        fault(kind, &before, &after, &format!("progressive at {seen:?}"))
    });
}

#[test]
fn one_more_risk_makes_nothing_later_and_opens_no_gate() {
    Run::of(500).check(&ALL[..3], |program, chart, random| {
        let recorded = When::At(chart.now - 60 * random.number(0, 20 * 60));
        let seen = Some(recorded);
        let record = match random.number(0, 4) {
            0 => Record::Cancer(Cancer::Breast, CancerState::Active),
            1 => {
                Record::Metastasis { site: Site::Spine(Level::T8), suspected: false, recurrent: false, seen }
            }
            2 => Record::Fracture { seen },
            _ => Record::SinsTotal { level: Level::T8, total: 8, seen: recorded },
        };
        let (before, after) = (cards(program, chart), cards(program, &more(chart, record)));
        let gate = |cards: &[Card]| cards.iter().any(|card| card.has("sbrt-consult-surgery-first"));
        let change = format!("one more {record:?}");
        // Where a regimen is named at all.
        let named = |cards: &[Card]| {
            cards.iter().any(|card| card.has("sbrt-de-novo") || card.has("sbrt-reirradiation"))
        };
        if gate(&before) && !gate(&after) && named(&after) {
            return fault("the gate opened", &before, &after, &change);
        }
        calmer(&before, &after)
            .and_then(|kind| fault(&format!("one more risk: {kind}"), &before, &after, &change))
    });
}

/// Whether some record grows too old, or an order comes due, within `ahead`.
fn something_ends(chart: &Chart, ahead: Moment) -> bool {
    let limits = [7, 14, 30, 60, 90, 180].map(|days| days * DAY);
    let crosses = |when: When| {
        [when.earliest(), when.latest()].iter().any(|at| {
            let age = chart.now - at;
            limits.iter().any(|limit| age <= *limit && age + ahead >= *limit)
        })
    };
    chart.records.iter().any(|record| match record {
        Record::Finding(finding) => {
            finding.seen.is_some_and(crosses)
                || finding.onset.is_some_and(crosses)
                || finding.seen.is_none() && finding.onset.is_none()
        }
        Record::Study { at, .. } => crosses(*at),
        Record::Escc { seen, .. } | Record::Course { seen, .. } | Record::ComfortCare { seen, .. } => {
            crosses(*seen)
        }
        Record::Metastasis { seen, .. } => seen.is_some_and(crosses),
        Record::Treatment(treatment) => crosses(treatment.start) || treatment.end.is_none_or(crosses),
        Record::Imaging(_) => true,
        _ => false,
    })
}

#[test]
fn time_alone_makes_nothing_less_overdue() {
    Run::of(600).check(&EMERGENCY, |program, chart, random| {
        let ahead = random.one_of(&[60, HOUR, 6 * HOUR, DAY, 2 * DAY]);
        if something_ends(chart, ahead) {
            return None;
        }
        let later = Chart { now: chart.now + ahead, ..chart.clone() };
        let (before, after) = (cards(program, chart), cards(program, &later));
        let (row, card) = timing(&before)?;
        let change = format!("{:.2} h later", ahead as f64 / 3_600.0);
        match timing(&after) {
            None => fault("the row went away", &before, &after, &change),
            Some((new_row, new_card)) if card.overdue && (!new_card.overdue || new_row != row) => {
                fault("no longer overdue", &before, &after, &change)
            }
            // What is asked of a study gets milder by the text (72 hours, 7 days, 30 days), whatever row stands beside it.
            Some((_, new_card))
                if new_card.indicator < card.indicator && !card.has("mescc-result-needed") =>
            {
                fault("a lower tier", &before, &after, &change)
            }
            Some(_) => None,
        }
    });
}

#[test]
fn what_was_not_read_is_said_where_a_card_is_calmer() {
    Run::of(500).check(&ALL, |program, chart, random| {
        let resources = resources(chart);
        let whole = call(chart.hook, &resources, &program.keys);
        let mut partial = whole.clone();
        let keys: Vec<&Key> =
            program.keys.iter().filter(|key| key.kind != "Patient" && key.kind != "Condition").collect();
        let kind = &random.one_of(&keys).kind;
        for key in keys.iter().filter(|key| key.kind == *kind) {
            partial["prefetch"][&key.name] = json!({"resourceType": "OperationOutcome",
                "issue": [{"severity": "error", "code": "timeout"}]});
        }
        let before = program.cards(chart.hook, &whole, chart.now);
        let after = program.cards(chart.hook, &partial, chart.now);
        let worst = |cards: &[Card]| cards.iter().map(|card| card.indicator).max();
        let silent_about_it =
            !after.iter().any(|card| card.text.to_lowercase().contains("could not be read"));
        if worst(&after) < worst(&before) && !after.is_empty() && silent_about_it {
            return fault("calmer and not a word", &before, &after, &format!("without {kind}"));
        }
        None
    });
}

fn reversed(call: &mut Value) {
    bundles(call).for_each(|entry| entry.reverse());
}

fn bundles(call: &mut Value) -> impl Iterator<Item = &mut Vec<Value>> {
    call["prefetch"]
        .as_object_mut()
        .unwrap()
        .values_mut()
        .filter_map(|value| value.get_mut("entry")?.as_array_mut())
}

/// Every Observation under another of their keys.
fn moved(call: &mut Value, keys: &[Key], random: &mut Random) {
    let own: Vec<&Key> = keys.iter().filter(|key| key.kind == "Observation").collect();
    let mut entries = Vec::new();
    for key in &own {
        entries.append(call["prefetch"][&key.name]["entry"].as_array_mut().unwrap());
    }
    for entry in entries {
        let key = random.one_of(&own);
        call["prefetch"][&key.name]["entry"].as_array_mut().unwrap().push(entry);
    }
    for key in own {
        call["prefetch"][&key.name].as_object_mut().unwrap().remove("total");
    }
}

/// A local code before and after the code that is known, in turn.
fn more_codings(value: &mut Value, first: bool) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Array(codings)) = members.get_mut("coding") {
                let local = json!({"system": "https://ehr.example.org/dictionary", "code": "LOCAL-1"});
                if first { codings.insert(0, local) } else { codings.push(local) }
            }
            members.values_mut().for_each(|member| more_codings(member, first));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| more_codings(item, first)),
        _ => {}
    }
}

#[test]
fn order_place_and_further_codings_change_nothing() {
    Run::of(400).check(&ALL, |program, chart, random| {
        let plain = call(chart.hook, &resources(chart), &program.keys);
        let mut changed = plain.clone();
        let name = match random.number(0, 3) {
            0 => {
                reversed(&mut changed);
                "reversed"
            }
            1 => {
                moved(&mut changed, &program.keys, random);
                "moved between keys"
            }
            _ => {
                let (mut first, mut last) = (plain.clone(), plain.clone());
                more_codings(&mut first["prefetch"], true);
                more_codings(&mut last["prefetch"], false);
                let answers = [first, last].map(|call| program.response(chart.hook, &call, chart.now));
                let same = answers[0] == answers[1];
                let what = format!("codings in another order\n{}\n{}", answers[0], answers[1]);
                return (!same).then(|| Fault { kind: "order of codings".to_owned(), what });
            }
        };
        let answers = [plain, changed].map(|call| program.response(chart.hook, &call, chart.now));
        let what = format!("{}\n{}", answers[0], answers[1]);
        (answers[0] != answers[1]).then(|| Fault { kind: name.to_owned(), what })
    });
}

/// The same resources, with another and older version of each symptom and score beside it.
fn with_older_versions(call: &mut Value, random: &mut Random) {
    for entries in bundles(call) {
        let mut older = Vec::new();
        for entry in entries.iter_mut() {
            let own = entry["resource"].clone();
            entry["resource"]["meta"] = json!({"versionId": "2", "lastUpdated": "2026-05-01T10:00:00Z"});
            let mut old = own;
            old["meta"] = json!({"versionId": "1", "lastUpdated": "2026-04-01T10:00:00Z"});
            match old["resourceType"].as_str() {
                Some("Observation") if old["valueBoolean"].is_boolean() => {
                    old["valueBoolean"] = json!(old["valueBoolean"] == false);
                }
                Some("Condition") => old["recordedDate"] = json!("2026-03-30"),
                _ => continue,
            }
            older.push(json!({"resource": old}));
        }
        for entry in older {
            let place = usize::try_from(random.number(0, i64::try_from(entries.len()).unwrap() + 1)).unwrap();
            entries.insert(place, entry);
        }
    }
    for value in call["prefetch"].as_object_mut().unwrap().values_mut() {
        if let Some(bundle) = value.as_object_mut() {
            bundle.remove("total");
        }
    }
}

#[test]
fn an_older_version_of_a_resource_changes_no_card() {
    Run::of(300).check(&ALL, |program, chart, random| {
        let plain = call(chart.hook, &resources(chart), &program.keys);
        let mut changed = plain.clone();
        with_older_versions(&mut changed, random);
        let [before, after] = [plain, changed].map(|call| program.cards(chart.hook, &call, chart.now));
        let bare = |cards: &[Card]| {
            cards.iter().map(|card| (card.indicator, card.codes.clone(), card.deadline)).collect::<Vec<_>>()
        };
        if bare(&before) == bare(&after) {
            None
        } else {
            fault("older versions", &before, &after, "older versions")
        }
    });
}
