//! Two processes with one PostgreSQL behind a balancer that knows nothing but TCP.

use super::helpers::overridden;
use super::postgres;
use super::service::{CLIENT, SERVICE, Service, Site, call, card_of, feedback, the_line};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const FEEDBACK: &str = "/cds-services/spinal-metastases-patient-view/feedback";
const AT: &str = "2026-05-05T08:01:00Z";

/// Sends each connection to the next replica; to another one where that does not take it.
struct Balancer {
    base: String,
    next: Arc<AtomicUsize>,
}

impl Balancer {
    fn start(replicas: &[&Service]) -> Self {
        let addresses: Vec<String> =
            replicas.iter().map(|replica| replica.base.trim_start_matches("http://").to_owned()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let next = Arc::new(AtomicUsize::new(0));
        let turn = Arc::clone(&next);
        // Ends with the test program.
        std::thread::spawn(move || {
            for client in listener.incoming().map(Result::unwrap) {
                let first = turn.fetch_add(1, Ordering::SeqCst);
                let mut replicas =
                    addresses.iter().cycle().skip(first % addresses.len()).take(addresses.len());
                let Some(replica) = replicas.find_map(|address| TcpStream::connect(address).ok()) else {
                    continue;
                };
                join(&client, &replica);
                join(&replica, &client);
            }
        });
        Self { base, next }
    }

    /// The replica that gets the next connection.
    fn turn_to(&self, replica: usize) {
        self.next.store(replica, Ordering::SeqCst);
    }
}

fn join(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    std::thread::spawn(move || {
        // A replica that was killed breaks its connections.
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}

#[test]
fn replicas_share_what_one_of_them_learns() {
    let Some(server) = postgres::shared() else { return };
    let site = Site::new(&server.database(), "");
    let (one, two) = (site.serve(), site.serve());
    let balancer = Balancer::start(&[&one, &two]);
    balancer.turn_to(0);
    let card = card_of(site.post(&balancer.base, SERVICE, &call()).send().unwrap());
    // The next connection goes to the other one.
    let told = feedback(&[overridden(card["uuid"].as_str().unwrap(), AT)]);
    assert_eq!(site.post(&balancer.base, FEEDBACK, &told).send().unwrap().status().as_u16(), 200);
    let insights = Site::insights(&one.base);
    assert_eq!((&insights["unknownCards"], &the_line(&insights)["overridden"]), (&0.into(), &1.into()));

    // A token that one of them has taken is refused by the other, for a hook call and for feedback.
    for (path, body) in [(SERVICE, call()), (FEEDBACK, told)] {
        let token = site.token(path);
        let send = |replica: usize| {
            balancer.turn_to(replica);
            let request = CLIENT.post(format!("{}{path}", balancer.base)).bearer_auth(&token).json(&body);
            request.send().unwrap().status().as_u16()
        };
        assert_eq!([send(0), send(1), send(0)], [200, 401, 401], "{path}");
    }
    // The admin pages stay closed without their token.
    assert_eq!(CLIENT.get(format!("{}/insights", one.base)).send().unwrap().status().as_u16(), 401);
}

#[test]
fn a_replica_that_is_killed_takes_nothing_acknowledged_with_it() {
    let Some(server) = postgres::shared() else { return };
    let site = Site::new(&server.database(), "");
    let (mut one, two) = (site.serve(), site.serve());
    let balancer = Balancer::start(&[&one, &two]);
    let mut acknowledged = BTreeSet::new();
    let mut refused = 0;
    for round in 0..120 {
        if round == 60 {
            one.kill();
        }
        let Ok(answer) = site.post(&balancer.base, SERVICE, &call()).send() else { continue };
        let card: Value = card_of(answer);
        let id = card["uuid"].as_str().unwrap();
        match site.post(&balancer.base, FEEDBACK, &feedback(&[overridden(id, AT)])).send() {
            Ok(response) if response.status().as_u16() == 200 => {
                acknowledged.insert(id.to_owned());
            }
            _ => refused += 1,
        }
    }
    assert!(acknowledged.len() > 100, "{} acknowledged, {refused} refused", acknowledged.len());
    let insights = Site::insights(&two.base);
    let kept = the_line(&insights)["overridden"].as_u64().unwrap();
    assert!(kept >= u64::try_from(acknowledged.len()).unwrap());
    let again: Vec<Value> = acknowledged.iter().map(|id| overridden(id, AT)).collect();
    assert_eq!(site.post(&two.base, FEEDBACK, &feedback(&again)).send().unwrap().status().as_u16(), 200);
    assert_eq!(the_line(&Site::insights(&two.base))["overridden"], kept, "each of them was there");
}

#[test]
fn hook_calls_go_on_while_the_server_of_the_store_is_away() {
    let Some(server) = postgres::Postgres::start() else { return };
    let site = Site::new(&server.database(), "");
    let service = site.serve();
    let card = card_of(site.post(&service.base, SERVICE, &call()).send().unwrap());
    let told = feedback(&[overridden(card["uuid"].as_str().unwrap(), AT)]);
    let status =
        |path: &str, body: &Value| site.post(&service.base, path, body).send().unwrap().status().as_u16();
    assert_eq!(status(FEEDBACK, &told), 200);
    server.stop();
    for _ in 0..3 {
        assert_eq!((status(SERVICE, &call()), status(FEEDBACK, &told)), (200, 503));
    }
    // It can also be started anew while the server is away.
    let other = site.serve();
    card_of(site.post(&other.base, SERVICE, &call()).send().unwrap());
    server.go_on();
    assert_eq!(status(FEEDBACK, &told), 200);
    let insights = Site::insights(&service.base);
    assert_eq!((&insights["unknownCards"], &the_line(&insights)["overridden"]), (&0.into(), &1.into()));
}
