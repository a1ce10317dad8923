//! `GET /guideline`: the page that cards and clinicians point to.

use super::helpers::App;
use reqwest::Method;
use std::collections::BTreeSet;

/// The values of an attribute, in order.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    html.split(&format!(" {attribute}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[actix_web::test]
async fn the_page_has_an_anchor_for_every_statement_and_row() {
    let app = App::start().await;
    let response = app.request(Method::GET, "/guideline").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    let html = response.text().await.unwrap();
    let ids = values(&html, "id");
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "an anchor stands twice");
    for anchor in
        ["about", "G-01", "G-11", "G-68", "mri-timing", "mri-timing-2", "order-zoledronic-check", "clock"]
    {
        assert!(ids.contains(&anchor), "{anchor}");
    }
    for link in values(&html, "href") {
        match link.strip_prefix('#') {
            Some(target) => assert!(ids.contains(&target), "{link} leads nowhere"),
            // The frame of the sandbox: its pages and its styles.
            None => assert!(link.starts_with('/') && !link.starts_with("//"), "{link} leads off the service"),
        }
    }
    assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\">") && html.contains("<title>"));
    assert_eq!(html.matches("<main").count(), 1);
    assert!(!html.contains("<th>"), "a heading cell without scope");
}

#[actix_web::test]
async fn nothing_from_outside_can_enter_the_page() {
    let app = App::start().await;
    let response = app.request(Method::GET, "/guideline").send().await.unwrap();
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let html = response.text().await.unwrap();
    for outside in ["<script", "src=", "http:", "https:", "url(", "@import", " style="] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[actix_web::test]
async fn only_reading_is_offered() {
    let app = App::start().await;
    let head = app.request(Method::HEAD, "/guideline").send().await.unwrap();
    assert_eq!(head.status(), 200);
    let length: usize = head.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let full = app.request(Method::GET, "/guideline/").send().await.unwrap().text().await.unwrap();
    assert_eq!(length, full.len());
    let refused = super::helpers::send(app.request(Method::POST, "/guideline").body("x")).await;
    refused.assert_refused(405);
    assert_eq!(refused.header("allow"), Some("GET, HEAD"));
}
