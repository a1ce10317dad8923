//! Shadow mode as a site runs it: what the log says, cases that are judged, a store that is down.

use super::service::{CLIENT, Reply, Service, send};
use reqwest::Method;
use serde_json::Value;

const ADMIN: &str = "0123456789abcdef0123456789abcdef";

fn in_shadow(more: &str) -> Service {
    let settings =
        format!("{CLIENT}\n[shadow]\nenabled = true\n[admin]\ntoken_file = \"admin-token\"\n{more}\n");
    Service::start_with(&settings, |folder| {
        std::fs::write(folder.path().join("admin-token"), ADMIN).unwrap();
    })
}

async fn admin(service: &Service, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
    // The report is looked at, and not what a browser would go on to.
    let mut request = service.request(method, path).bearer_auth(ADMIN);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(request).await
}

async fn insights(service: &Service) -> Value {
    admin(service, Method::GET, "/insights?format=json", &[]).await.json()
}

#[actix_web::test]
async fn a_case_is_judged_by_whoever_has_the_admin_token() {
    let service = in_shadow("");
    assert_eq!(send(service.call()).await.text, "{\"cards\":[]}");
    let told = insights(&service).await;
    let [case] = told["cases"].as_array().unwrap().as_slice() else { panic!("{told}") };
    assert_eq!(case["recommendations"][0], "mri-within-24h");
    assert_eq!((told["judged"]["open"].as_u64(), case.get("judged")), (Some(1), None));
    let path = |judged: &str| format!("/insights/cases/{}/{judged}", case["id"].as_str().unwrap());

    let without = send(service.request(Method::POST, &path("right"))).await;
    assert_eq!(without.status, 401);
    for (header, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let elsewhere = admin(&service, Method::POST, &path("right"), &[(header, value)]).await;
        assert_eq!(elsewhere.status, 400, "{header}");
    }
    for wrong in [path("perhaps"), "/insights/cases/2026-05-04-0000000000000000/right".to_owned()] {
        assert_eq!(admin(&service, Method::POST, &wrong, &[]).await.status, 404, "{wrong}");
    }
    assert_eq!(admin(&service, Method::GET, &path("right"), &[]).await.status, 405);
    assert_eq!(insights(&service).await["judged"]["open"], 1, "nothing of this was kept");

    // It leads back to the report, which the test has no token for on its way.
    admin(&service, Method::POST, &path("wrong"), &[("sec-fetch-site", "same-origin")]).await;
    let told = insights(&service).await;
    assert_eq!((&told["judged"]["wrong"], &told["cases"][0]["judged"]), (&1.into(), &"wrong".into()));
    let page = admin(&service, Method::GET, "/insights", &[]).await.text;
    for text in [
        "Cases to judge",
        "mri-timing/",
        "not shown",
        &format!("formaction=\"{}\"", path("cannot-tell").trim_start_matches('/')),
    ] {
        assert!(page.contains(text), "{text}");
    }
    let log = service.log();
    assert!(log.contains("shadow mode: no card is shown to anybody"));
    let line = log.lines().find(|line| line.contains("\"hook call\"")).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (&line["cards"], &line["codes"], &line["withheld"]),
        (&0.into(), &"".into(), &"mri-within-24h".into())
    );
}

#[actix_web::test]
async fn a_store_that_is_down_holds_up_no_call() {
    let service = in_shadow("[store]\nurl = \"postgres://nobody@127.0.0.1:1/none\"");
    let reply = send(service.call()).await;
    assert_eq!((reply.status, &*reply.text), (200, "{\"cards\":[]}"));
    assert_eq!(admin(&service, Method::GET, "/insights", &[]).await.status, 503);
    let case = "/insights/cases/2026-05-04-0000000000000000/right";
    assert_eq!(admin(&service, Method::POST, case, &[]).await.status, 503);
}

#[actix_web::test]
async fn where_cards_are_shown_nothing_is_kept_of_them_and_no_line_speaks_of_shadow() {
    let settings = format!("{CLIENT}\n[admin]\ntoken_file = \"admin-token\"\n");
    let service = Service::start_with(&settings, |folder| {
        std::fs::write(folder.path().join("admin-token"), ADMIN).unwrap();
    });
    let reply = send(service.call()).await;
    assert_eq!(reply.json()["cards"].as_array().unwrap().len(), 1);
    let told = insights(&service).await;
    assert_eq!(told["total"][0]["shown"], 1);
    assert!(told["cases"].as_array().unwrap().is_empty());
    assert_eq!(told["weeks"]["rows"][0]["shadow"], false);
    let log = service.log();
    assert!(!log.contains("shadow mode") && !log.contains("withheld"));
}
