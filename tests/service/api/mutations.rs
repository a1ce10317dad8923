//! Thousands of damaged requests: each is answered or refused, none makes the service fail.

use super::helpers::{App, SELECT, VIEW, select_call, view_call};
use serde_json::{Value, json};

/// A small generator with a fixed seed, so that a failure can be seen again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound.max(1)
    }
}

fn odd_value(dice: &mut Dice) -> Value {
    let values = [
        json!(null),
        json!(""),
        json!([]),
        json!({}),
        json!(-1),
        json!(1e300),
        json!(true),
        json!("9999-99-99T99:99:99Z"),
        json!("2026-02-30"),
        json!("Patient/someone-else"),
        json!("\u{0}\u{1F9B4}é"),
        json!([null, 7, {"resource": null}]),
        json!({"resourceType": "OperationOutcome"}),
        json!({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}),
        json!("x".repeat(5_000)),
    ];
    values[dice.below(values.len())].clone()
}

/// Puts an odd value in a random place, removes a member, or doubles an item.
fn damage(value: &mut Value, dice: &mut Dice) {
    let stop = dice.below(7) == 0;
    match value {
        Value::Object(members) if !members.is_empty() && !stop => {
            let name = members.keys().nth(dice.below(members.len())).unwrap().clone();
            if dice.below(12) == 0 {
                members.remove(&name);
            } else {
                damage(&mut members[&name], dice);
            }
        }
        Value::Array(items) if !items.is_empty() && !stop => {
            let index = dice.below(items.len());
            if dice.below(12) == 0 {
                items.push(items[index].clone());
            } else {
                damage(&mut items[index], dice);
            }
        }
        other => *other = odd_value(dice),
    }
}

/// Cuts, overwrites or doubles some bytes of the text.
fn scramble(body: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(body.len());
    match dice.below(3) {
        0 => body.truncate(at),
        1 => body[at] = u8::try_from(dice.below(256)).unwrap(),
        _ => {
            let piece = body[at..(at + dice.below(40)).min(body.len())].to_vec();
            body.splice(at..at, piece);
        }
    }
}

#[actix_web::test]
async fn a_damaged_request_is_answered_or_refused() {
    let app = App::start().await;
    let mut dice = Dice(0x5eed_5eed_5eed_5eed);
    let mut seen = std::collections::BTreeMap::<u16, usize>::new();
    for round in 0..1_500 {
        let (path, mut call) = if round % 2 == 0 { (VIEW, view_call()) } else { (SELECT, select_call()) };
        for _ in 0..=dice.below(3) {
            damage(&mut call, &mut dice);
        }
        let mut body = call.to_string().into_bytes();
        if dice.below(4) == 0 {
            scramble(&mut body, &mut dice);
        }
        let reply = app.post_raw(path, body.clone()).await;
        let status = reply.status.as_u16();
        match status {
            200 => drop(reply.assert_answered()),
            400 | 412 => drop(reply.assert_refused(status)),
            _ => panic!("{status} for {}", String::from_utf8_lossy(&body)),
        }
        *seen.entry(status).or_default() += 1;
    }
    // The damage is neither so mild nor so heavy that one kind of answer is never tried.
    assert!(seen.len() == 3 && seen.values().all(|count| *count > 50), "{seen:?}");
}
