//! From a card over its feedback to the insights, through the program.

use super::helpers::overridden;
use super::service::{CLIENT, SERVICE, Service, Site, call, call_about, card_of, feedback, post, the_line};
use crate::support::program::program;
use reqwest::blocking::RequestBuilder;
use serde_json::{Value, json};
use sqlx::Connection;
use std::process::Command;

const FEEDBACK: &str = "/cds-services/spinal-metastases-patient-view/feedback";
const AT: &str = "2026-05-05T08:01:00.250+02:00";

fn insights(base: &str) -> Value {
    CLIENT.get(format!("{base}/insights?format=json")).send().unwrap().json().unwrap()
}

fn fresh_card(base: &str) -> Value {
    card_of(post(base, SERVICE, &call()))
}

fn id(card: &Value) -> &str {
    card["uuid"].as_str().unwrap()
}

#[test]
fn a_card_is_overridden_and_seen_in_the_insights_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::sandbox(folder.path());
    let base = &service.base;
    let card_about = |patient| card_of(post(base, SERVICE, &call_about(patient)));
    let [first, second, _unanswered] = ["1", "2", "3"].map(card_about);
    // The same card of the same patient once more is no further showing.
    card_about("3");
    let lead = first["source"]["topic"]["code"].as_str().unwrap();
    let accepted = json!({"card": format!("urn:uuid:{}", id(&second)), "outcome": "accepted",
        "outcomeTimestamp": AT, "acceptedSuggestions": [{"id": second["suggestions"][0]["uuid"]}]});
    let told = feedback(&[
        overridden(id(&first), AT),
        json!({"card": id(&first), "outcome": "ignored"}),
        accepted,
        overridden("7f3c9b6e-0000-4000-8000-canary", AT),
    ]);
    // To another service of ours, as a batch may be: the card says where it belongs.
    for path in [FEEDBACK, "/cds-services/spinal-metastases-order-sign/feedback"] {
        let response = post(base, path, &told);
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.text().unwrap(), "");
    }
    let before = insights(base);
    let log = service.stop();
    assert!(
        log.contains("stored=2") && log.contains("rejected=1") && log.contains("unknown_cards=1"),
        "{log}"
    );
    for secret in ["canary", id(&first), "already-imaged"] {
        assert!(!log.contains(secret), "{secret}\n{log}");
    }

    let service = Service::sandbox(folder.path());
    let after = insights(&service.base);
    assert_eq!(before, after);
    let line = the_line(&after);
    assert_eq!((&line["recommendation"], &line["version"]), (&json!(lead), &json!("2026.2")));
    assert_eq!((&line["shown"], &line["accepted"], &line["overridden"]), (&json!(3), &json!(1), &json!(1)));
    assert_eq!((&line["reasons"], &line["notAnswered"]), (&json!({"already-imaged": 1}), &json!(1)));
    assert_eq!(after["unknownCards"], 2);

    let page = CLIENT.get(format!("{}/insights", service.base)).send().unwrap();
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(page.text().unwrap().contains(lead));
    let csv = CLIENT.get(format!("{}/insights?format=csv", service.base)).send().unwrap().text().unwrap();
    assert!(
        csv.lines().nth(1).unwrap().starts_with(&format!("2026-05-01,2026-05-05,{lead},2026.2,3,1,1,1,"))
    );
    // Known again, so nothing is counted twice.
    assert_eq!(post(&service.base, FEEDBACK, &told).status().as_u16(), 200);
    assert_eq!(the_line(&insights(&service.base)), line);
}

#[test]
fn what_cannot_be_taken_is_refused_by_its_kind() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::sandbox(folder.path());
    let base = &service.base;
    for (path, body, status) in [
        (FEEDBACK, json!({"feedback": []}), 200),
        (FEEDBACK, json!({}), 400),
        (FEEDBACK, json!([]), 400),
        (FEEDBACK, feedback(&[json!({"card": "canary"})]), 400),
        ("/cds-services/no-such-service/feedback", json!({"feedback": []}), 404),
        ("/analytics/1f2e", json!({}), 404),
    ] {
        let response = post(base, path, &body);
        assert_eq!(response.status().as_u16(), status, "{path} {body}");
        assert!(!response.text().unwrap().contains("canary"));
    }
    let text = CLIENT.post(format!("{base}{FEEDBACK}")).header("content-type", "text/plain").body("{}");
    assert_eq!(text.send().unwrap().status().as_u16(), 415);
    let read = CLIENT.get(format!("{base}{FEEDBACK}")).send().unwrap();
    assert_eq!((read.status().as_u16(), &read.headers()["allow"]), (405, &"POST".parse().unwrap()));
    for query in ["from=canary", "format=xml", "version=x", "from=2026-02-01&to=2026-01-01"] {
        let refused = CLIENT.get(format!("{base}/insights?{query}")).send().unwrap();
        assert_eq!(refused.status().as_u16(), 400, "{query}");
        assert!(!refused.text().unwrap().contains("canary"));
    }
}

#[test]
fn feedback_needs_a_token_as_a_hook_call_does() {
    let site = Site::new("sqlite://feedback.db", "");
    let service = site.serve();
    let card = card_of(site.post(&service.base, SERVICE, &call()).send().unwrap());
    let told = feedback(&[overridden(id(&card), AT)]);
    let send = |token: Option<String>| {
        let request = CLIENT.post(format!("{}{FEEDBACK}", service.base)).json(&told);
        let request = token.into_iter().fold(request, RequestBuilder::bearer_auth);
        request.send().unwrap().status().as_u16()
    };
    assert_eq!(send(None), 401);
    assert_eq!(send(Some(site.token("/cds-services/spinal-metastases-order-sign/feedback"))), 401);
    assert_eq!(Site::insights(&service.base)["total"][0]["overridden"], 0);
    assert_eq!(send(Some(site.token(FEEDBACK))), 200);
    assert_eq!(send(Some(site.token(SERVICE))), 200);
    assert_eq!(Site::insights(&service.base)["total"][0]["overridden"], 1);
    let closed = CLIENT.get(format!("{}/insights", service.base)).send().unwrap();
    assert_eq!(closed.status().as_u16(), 401);
    assert!(!service.stop().contains("canary"));
}

#[test]
fn a_comment_is_kept_only_where_the_site_says_so() {
    for (line, is_kept) in
        [("", false), ("keep_user_comments = false", false), ("keep_user_comments = true", true)]
    {
        let site = Site::new("sqlite://feedback.db", line);
        let service = site.serve();
        let card = card_of(site.post(&service.base, SERVICE, &call()).send().unwrap());
        let told = feedback(&[overridden(id(&card), AT)]);
        assert_eq!(site.post(&service.base, FEEDBACK, &told).send().unwrap().status().as_u16(), 200);
        assert!(!service.stop().contains("canary"));
        let files = ["feedback.db", "feedback.db-wal"].map(|file| site.folder().join(file));
        let kept: Vec<u8> = files.iter().flat_map(|file| std::fs::read(file).unwrap_or_default()).collect();
        assert!(String::from_utf8_lossy(&kept).contains(id(&card)), "the right files are looked at");
        assert_eq!(String::from_utf8_lossy(&kept).contains("canary of Mrs Smith"), is_kept, "{line}");
    }
}

/// Hook calls are answered, feedback is not taken, and the client is told to come again.
fn assert_feedback_waits(base: &str, card: &str) {
    let refused = post(base, FEEDBACK, &feedback(&[overridden(card, AT)]));
    assert_eq!(refused.status().as_u16(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(refused.json::<Value>().unwrap()["resourceType"], "OperationOutcome");
    fresh_card(base);
    assert_eq!(CLIENT.get(format!("{base}/healthz")).send().unwrap().status().as_u16(), 200);
}

#[test]
fn a_locked_database_holds_up_no_hook_call() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::sandbox(folder.path());
    let card = fresh_card(&service.base);
    let url = format!("sqlite://{}/spinal-mets-cds.db", folder.path().display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut other = runtime.block_on(sqlx::SqliteConnection::connect(&url)).unwrap();
    runtime.block_on(sqlx::query("BEGIN EXCLUSIVE").execute(&mut other)).unwrap();
    assert_feedback_waits(&service.base, id(&card));
    runtime.block_on(sqlx::query("ROLLBACK").execute(&mut other)).unwrap();
    assert_eq!(post(&service.base, FEEDBACK, &feedback(&[overridden(id(&card), AT)])).status().as_u16(), 200);
}

/// What `docs/operate.md` says: a copy while the service runs, and in its place later.
#[test]
fn a_copy_that_was_made_under_load_is_put_back_with_its_feedback_and_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::sandbox(folder.path());
    let (told, untold) = (fresh_card(&service.base), fresh_card(&service.base));
    assert_eq!(post(&service.base, FEEDBACK, &feedback(&[overridden(id(&told), AT)])).status().as_u16(), 200);
    let backup = || program().args(["backup", "copy.db"]).current_dir(folder.path()).output().unwrap();
    let done = backup();
    assert!(done.status.success(), "{done:?}");
    // What is told after the copy is not in it.
    let later = fresh_card(&service.base);
    assert_eq!(
        post(&service.base, FEEDBACK, &feedback(&[overridden(id(&later), AT)])).status().as_u16(),
        200
    );
    assert_eq!(backup().status.code(), Some(2), "a copy is never written over");

    service.kill();
    let at = |name: &str| folder.path().join(name);
    for gone in ["spinal-mets-cds.db", "spinal-mets-cds.db-wal", "spinal-mets-cds.db-shm"] {
        let _ = std::fs::remove_file(at(gone));
    }
    let nothing = program().args(["backup", "other.db"]).current_dir(folder.path()).output().unwrap();
    assert!(!nothing.status.success() && !at("spinal-mets-cds.db").exists(), "{nothing:?}");
    std::fs::rename(at("copy.db"), at("spinal-mets-cds.db")).unwrap();
    let service = Service::sandbox(folder.path());
    assert_eq!(the_line(&insights(&service.base))["overridden"], 1, "its feedback is that of before");
    assert_eq!(
        post(&service.base, FEEDBACK, &feedback(&[overridden(id(&untold), AT)])).status().as_u16(),
        200
    );
    let told = insights(&service.base);
    assert_eq!(
        (&told["unknownCards"], &the_line(&told)["overridden"]),
        (&json!(0), &json!(2)),
        "its keys are those of before"
    );
}

#[test]
fn a_database_that_cannot_be_opened_stops_no_start() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("spinal-mets-cds.db");
    std::fs::create_dir(&in_the_way).unwrap();
    let service = Service::sandbox(folder.path());
    assert_feedback_waits(&service.base, id(&fresh_card(&service.base)));
    let ready = CLIENT.get(format!("{}/readyz", service.base)).send().unwrap();
    assert_eq!(ready.status().as_u16(), 503);
    let for_calls = CLIENT.get(format!("{}/readyz?without=store", service.base)).send().unwrap();
    assert_eq!(for_calls.status().as_u16(), 200, "{}", for_calls.text().unwrap());
    let metric = |value| {
        let text = CLIENT.get(format!("{}/metrics", service.base)).send().unwrap().text().unwrap();
        assert!(text.contains(&format!("spinal_mets_cds_store_available {value}\n")), "{text}");
    };
    metric(0);
    std::fs::remove_dir(&in_the_way).unwrap();
    let ready = CLIENT.get(format!("{}/readyz", service.base)).send().unwrap();
    assert_eq!(ready.status().as_u16(), 200, "{}", ready.text().unwrap());
    metric(1);
    let card = fresh_card(&service.base);
    assert_eq!(post(&service.base, FEEDBACK, &feedback(&[overridden(id(&card), AT)])).status().as_u16(), 200);
    assert_eq!(insights(&service.base)["unknownCards"], 0);
}

#[cfg(unix)]
#[test]
fn a_full_disk_holds_up_no_hook_call_and_loses_nothing() {
    const PROGRAM: &str = env!("CARGO_BIN_EXE_spinal-mets-cds");
    // No file may grow over some 300 kB, which the program meets as it meets a full disk.
    let script = format!(
        "trap '' XFSZ; ulimit -f 600; exec '{PROGRAM}' serve --listen 127.0.0.1:0 --now 2026-05-05T08:00:00Z"
    );
    let folder = tempfile::tempdir().unwrap();
    let full = Service::start(Command::new("sh").args(["-c", &script]).current_dir(folder.path()));
    let mut kept = 0;
    let card = loop {
        let card = fresh_card(&full.base);
        let told = feedback(&[overridden(id(&card), AT)]);
        if post(&full.base, FEEDBACK, &told).status().as_u16() != 200 {
            break card;
        }
        kept += 1;
        assert!(kept < 5000, "the limit was not met");
    };
    assert!(kept > 0);
    assert_feedback_waits(&full.base, id(&card));
    full.stop();
    let service = Service::sandbox(folder.path());
    assert_eq!(the_line(&insights(&service.base))["overridden"], kept);
    assert_eq!(post(&service.base, FEEDBACK, &feedback(&[overridden(id(&card), AT)])).status().as_u16(), 200);
    assert_eq!(the_line(&insights(&service.base))["overridden"], kept + 1);
}

#[test]
fn what_was_acknowledged_outlives_a_kill_in_the_middle_of_a_load() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::sandbox(folder.path());
    let (sender, acknowledged) = std::sync::mpsc::channel();
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let (base, sender) = (service.base.clone(), sender.clone());
            std::thread::spawn(move || {
                // Until the connection breaks.
                loop {
                    let card = CLIENT.post(format!("{base}{SERVICE}")).json(&call()).send();
                    let Ok(Ok(answer)) = card.map(reqwest::blocking::Response::json::<Value>) else { break };
                    let card = answer["cards"][0]["uuid"].as_str().unwrap();
                    let told = feedback(&[overridden(card, AT)]);
                    let Ok(taken) = CLIENT.post(format!("{base}{FEEDBACK}")).json(&told).send() else {
                        break;
                    };
                    assert_eq!(taken.status().as_u16(), 200);
                    if sender.send(card.to_owned()).is_err() {
                        break;
                    }
                }
            })
        })
        .collect();
    drop(sender);
    let mut cards: Vec<String> = acknowledged.iter().take(60).collect();
    service.kill();
    cards.extend(acknowledged.iter());
    senders.into_iter().for_each(|sender| sender.join().unwrap());

    let service = Service::sandbox(folder.path());
    let told: Vec<Value> = cards.iter().map(|card| overridden(card, AT)).collect();
    let kept = the_line(&insights(&service.base))["overridden"].as_u64().unwrap();
    assert!(kept >= u64::try_from(cards.len()).unwrap(), "{kept} of {}", cards.len());
    assert_eq!(post(&service.base, FEEDBACK, &feedback(&told)).status().as_u16(), 200);
    assert_eq!(the_line(&insights(&service.base))["overridden"], kept, "each of them was there");
}

#[test]
fn purge_says_how_much_it_deleted() {
    let purge = |folder: &std::path::Path, days: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"));
        command.args(["purge", "--older-than", days]).current_dir(folder).output().unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let nothing = purge(folder.path(), "0");
    assert_eq!(nothing.status.code(), Some(2));
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "no database is made");
    let service = Service::sandbox(folder.path());
    let card = fresh_card(&service.base);
    assert_eq!(post(&service.base, FEEDBACK, &feedback(&[overridden(id(&card), AT)])).status().as_u16(), 200);
    insights(&service.base);
    for (days, words) in [("36500", " 0 entries"), ("0", " 1 entries of feedback, 1 daily")] {
        let done = purge(folder.path(), days);
        let said = String::from_utf8(done.stdout).unwrap();
        assert!(done.status.success() && said.contains(words), "{said}");
    }
    assert!(insights(&service.base)["total"].as_array().unwrap().is_empty());
}
