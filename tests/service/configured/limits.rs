//! What a call may cost, and what becomes of those that are too many.

use super::service::{CLIENT, Reply, Service, VIEW, send, view_request};
use reqwest::Method;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const ADMIN: &str = "0123456789abcdef0123456789abcdef";

fn with(limits: &str) -> String {
    format!("{CLIENT}\n[limits]\n{limits}\n")
}

/// A call that stands still in the middle of its body.
struct Slow(TcpStream);

impl Slow {
    fn begin(service: &Service) -> Self {
        let mut stream = TcpStream::connect(&service.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let token = service.token(|_, _| ());
        let (head, length) = ("Host: x\r\nContent-Type: application/json", view_request().len());
        let head = format!(
            "POST {VIEW} HTTP/1.1\r\n{head}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&view_request().as_bytes()[..100]).unwrap();
        Self(stream)
    }

    fn finish(mut self) -> String {
        self.0.write_all(&view_request().as_bytes()[100..]).unwrap();
        let mut answer = String::new();
        self.0.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// Asks until an answer is as expected, and not for ever.
async fn eventually(service: &Service, is_expected: impl Fn(&Reply) -> bool) -> Reply {
    let mut reply = send(service.call()).await;
    for _ in 0..50 {
        if is_expected(&reply) {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
        reply = send(service.call()).await;
    }
    reply
}

#[actix_web::test]
async fn when_all_places_are_taken_further_calls_get_503_and_those_in_flight_finish() {
    let settings = with("in_flight = 3") + "[admin]\ntoken_file = \"admin-token\"\n";
    let service = Service::start_with(&settings, |folder| {
        std::fs::write(folder.path().join("admin-token"), ADMIN).unwrap();
    });
    let slow: Vec<Slow> = (0..3).map(|_| Slow::begin(&service)).collect();
    // A call that came in between would take the place of one of them.
    let mut all_in_flight = false;
    for _ in 0..100 {
        let metrics = send(service.request(Method::GET, "/metrics").bearer_auth(ADMIN)).await.text;
        all_in_flight = metrics.contains("calls_in_flight 3");
        if all_in_flight {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(all_in_flight, "{}", service.log());
    let turned_away = eventually(&service, |reply| reply.status == 503).await;
    assert_eq!(
        (turned_away.status, turned_away.header("retry-after")),
        (503, Some("1")),
        "{}",
        service.log()
    );
    assert_eq!(turned_away.json()["resourceType"], "OperationOutcome");
    // Whoever watches over the service is answered all the same; pages wait for a place as calls do.
    assert_eq!(service.get("/healthz").await.status, 200);
    assert_eq!(service.get("/cds-services").await.status, 503);
    for call in slow {
        let answer = call.finish();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    assert_eq!(eventually(&service, |reply| reply.status == 200).await.status, 200);
}

#[actix_web::test]
async fn a_flood_is_answered_or_turned_away_and_nothing_remains_of_it() {
    let service = Service::start_with(&with("in_flight = 8"), |_| ());
    let calls: Vec<_> = (0..150).map(|_| send(service.call())).collect();
    let replies = futures_util::future::join_all(calls).await;
    for reply in &replies {
        match reply.status {
            200 => assert!(!reply.json()["cards"].as_array().unwrap().is_empty()),
            503 => assert_eq!(reply.header("retry-after"), Some("1")),
            other => panic!("{other}: {}", reply.text),
        }
    }
    assert!(replies.iter().any(|reply| reply.status == 200), "nobody was answered");
    assert_eq!(eventually(&service, |reply| reply.status == 200).await.status, 200);
}

#[actix_web::test]
async fn a_client_that_calls_too_often_is_told_when_to_come_again() {
    let service = Service::start_with(&with("client_calls_per_second = 1"), |_| ());
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let reply = send(service.call()).await;
        assert!(reply.status == 200 || reply.header("retry-after") == Some("1"));
        statuses.push(reply.status);
    }
    // A burst of two, and one more for each second that this took.
    assert_eq!(statuses[..2], [200, 200]);
    assert!(statuses.contains(&429), "{statuses:?}");
    // Whoever is not let in uses up nothing.
    for _ in 0..5 {
        assert_eq!(send(service.call_with("a.b.c")).await.status, 401);
    }
    assert_eq!(eventually(&service, |reply| reply.status == 200).await.status, 200);
}

#[actix_web::test]
async fn a_call_in_flight_is_finished_when_the_service_is_told_to_stop() {
    let mut service = Service::start();
    let slow = Slow::begin(&service);
    // In flight is what has been admitted: the counters say so.
    let admitted = async || service.log().contains("hook call");
    assert!(!admitted().await);
    actix_web::rt::time::sleep(Duration::from_millis(300)).await;
    service.terminate();
    actix_web::rt::time::sleep(Duration::from_millis(300)).await;
    assert!(TcpStream::connect(&service.address).is_err(), "new connections are still taken");
    let answer = slow.finish();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(service.ended_well());
}

#[actix_web::test]
async fn the_body_of_a_stranger_is_not_waited_for() {
    let service = Service::start();
    let address = service.address.clone();
    let answer = actix_web::rt::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let head = "Host: x\r\nContent-Type: application/json\r\nContent-Length: 5000000";
        write!(stream, "POST {VIEW} HTTP/1.1\r\n{head}\r\n\r\n{{").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    // Were it waited for, this would be the 408 of a slow body, or the end of the connection.
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

#[actix_web::test]
async fn headers_have_a_limit() {
    let service = Service::start();
    let long = service.call().header("x-long", "x".repeat(200_000));
    let status = send(long).await.status;
    assert!(status == 431 || status == 400, "{status}");
    let token = "x".repeat(20_000);
    assert_eq!(send(service.call_with(&token)).await.status, 401);
    assert_eq!(send(service.request(Method::GET, "/healthz")).await.status, 200);
}

#[actix_web::test]
async fn a_body_over_the_configured_limit_is_413() {
    let service = Service::start_with(&with("request_bytes = 2000"), |_| ());
    assert_eq!(send(service.call()).await.status, 413);
}
