//! What pages in a browser may do (CORS-2).

use super::service::{CLIENT, Service, VIEW, send};
use reqwest::{Method, RequestBuilder};

const ORIGIN: &str = "https://ehr.example.org";

fn preflight(service: &Service, origin: &str) -> RequestBuilder {
    service
        .request(Method::OPTIONS, VIEW)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
}

#[actix_web::test]
async fn without_origins_there_are_no_cors_headers_at_all() {
    let service = Service::start();
    for request in [preflight(&service, ORIGIN), service.call().header("origin", ORIGIN)] {
        let reply = send(request).await;
        assert!(!reply.headers.iter().any(|(name, _)| name.starts_with("access-control")), "{reply:?}");
    }
}

#[actix_web::test]
async fn a_listed_origin_may_call_and_see_refusals_and_no_other_may() {
    let settings = format!("{CLIENT}\n[cors]\norigins = [\"{ORIGIN}\"]\n");
    let service = Service::start_with(&settings, |_| ());
    let allowed = send(preflight(&service, ORIGIN)).await;
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(allowed.header("access-control-allow-credentials"), None);
    let headers = allowed.header("access-control-allow-headers").unwrap().to_lowercase();
    assert!(headers.contains("authorization") && headers.contains("content-type"), "{headers}");
    assert!(allowed.header("access-control-max-age").unwrap().parse::<u32>().unwrap() <= 600);
    for (request, status) in [
        (service.call(), 200),
        (service.call_with("a.b.c"), 401),
        (service.call().body("{}"), 400),
        (service.request(Method::GET, "/nowhere"), 404),
    ] {
        let reply = send(request.header("origin", ORIGIN)).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        assert_eq!(reply.header("access-control-allow-origin"), Some(ORIGIN), "{status}");
    }
    let other = "https://evil.example.org";
    for request in [preflight(&service, other), service.call().header("origin", other)] {
        let reply = send(request).await;
        assert_eq!(reply.header("access-control-allow-origin"), None, "{reply:?}");
    }
    let refused = send(preflight(&service, other)).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.text.contains("OperationOutcome") && refused.text.contains("cors.origins"),
        "{refused:?}"
    );
}
