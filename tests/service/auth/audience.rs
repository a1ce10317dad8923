//! For which endpoint a token is (SEC-9, SEC-10, FB-11, Q-21).

use super::helpers::{ISSUER, SERVICE, URL, now, reason};
use crate::support::tokens::{Signer, claims, set_of};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use spinal_mets_cds::auth::{Authenticator, Endpoint, Reason};
use spinal_mets_cds::config::KeySource;
use spinal_mets_cds::outbound::Outbound;

struct Site {
    authenticator: Authenticator,
    signer: Signer,
}

impl Site {
    fn new(base: &str, extra: &[&str]) -> Self {
        let signer = Signer::new(Algorithm::ES384, "key-1");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jwks.json");
        std::fs::write(&path, set_of(&[signer.jwk()])).unwrap();
        let mut client = super::helpers::client(KeySource::File(path));
        client.extra_audiences = extra.iter().map(|it| (*it).to_owned()).collect();
        let outbound = Outbound::new(false).unwrap();
        let authenticator = Authenticator::new(&base.parse().unwrap(), &[client], &outbound, now()).unwrap();
        Self { authenticator, signer }
    }

    /// Whether a token with this audience opens the endpoint.
    async fn opens(&self, endpoint: Endpoint<'_>, audience: &Value) -> bool {
        let mut claims = claims(ISSUER, URL, now());
        claims["aud"] = audience.clone();
        let value = format!("Bearer {}", self.signer.sign(&self.signer.header(), &claims));
        let outcome = self.authenticator.authenticate(Some(value.as_bytes()), endpoint, now()).await;
        match reason(&outcome) {
            None => true,
            Some(Reason::Audience) => false,
            Some(other) => panic!("{audience}: {other}"),
        }
    }
}

#[actix_web::test]
async fn the_audience_is_the_url_that_is_called() {
    let site = Site::new("https://cds.example.org", &[]);
    let service = Endpoint::Service(SERVICE);
    for fine in [
        json!(URL),
        json!([URL]),
        json!(["https://other.example/x", URL]),
        json!(format!("{URL}/")),
        json!(format!("HTTPS://CDS.Example.ORG/cds-services/{SERVICE}")),
        json!(format!("https://cds.example.org:443/cds-services/{SERVICE}")),
    ] {
        assert!(site.opens(service, &fine).await, "{fine}");
    }
    for wrong in [
        json!("https://cds.example.org/cds-services"),
        json!("https://cds.example.org/cds-services/"),
        json!("https://cds.example.org"),
        json!("https://cds.example.org/cds-services/spinal-metastases-order-select"),
        json!(format!("{URL}/feedback")),
        json!(format!("{URL}//")),
        json!(format!("{URL}?x=1")),
        json!(format!("{URL}?")),
        json!(format!("{URL}#x")),
        json!(format!("http://cds.example.org/cds-services/{SERVICE}")),
        json!(format!("https://cds.example.org:8443/cds-services/{SERVICE}")),
        json!(format!("https://cds.example.org.evil.example/cds-services/{SERVICE}")),
        json!(format!("https://evil.example/cds-services/{SERVICE}")),
        json!(format!("https://cds.example.org@evil.example/cds-services/{SERVICE}")),
        json!(format!("https://user@cds.example.org/cds-services/{SERVICE}")),
        json!(format!("https://cds.example.org/CDS-services/{SERVICE}")),
        // A parser of URLs would mend these.
        json!(format!("https:/cds.example.org/cds-services/{SERVICE}")),
        json!(format!("https:\\\\cds.example.org\\cds-services\\{SERVICE}")),
        json!(format!("https://cds.example.org/x/../cds-services/{SERVICE}")),
        json!(format!(" {URL}")),
        json!(format!("https://cds.exam\tple.org/cds-services/{SERVICE}")),
        json!(SERVICE),
        json!(""),
        json!([]),
    ] {
        assert!(!site.opens(service, &wrong).await, "{wrong}");
    }
}

#[actix_web::test]
async fn feedback_takes_its_own_url_or_that_of_its_service() {
    let site = Site::new("https://cds.example.org", &[]);
    let feedback = Endpoint::Feedback(SERVICE);
    for fine in [URL.to_owned(), format!("{URL}/"), format!("{URL}/feedback"), format!("{URL}/feedback/")] {
        assert!(site.opens(feedback, &json!(fine)).await, "{fine}");
    }
    for wrong in [
        "https://cds.example.org/cds-services",
        "https://cds.example.org/cds-services/spinal-metastases-order-sign/feedback",
        "https://cds.example.org/cds-services/spinal-metastases-order-sign",
    ] {
        assert!(!site.opens(feedback, &json!(wrong)).await, "{wrong}");
    }
}

#[actix_web::test]
async fn the_base_is_the_configured_one_in_any_spelling() {
    for base in ["https://CDS.example.org:443/base/", "https://cds.example.org/base"] {
        let site = Site::new(base, &[]);
        let called = format!("https://cds.example.org/base/cds-services/{SERVICE}");
        assert!(site.opens(Endpoint::Service(SERVICE), &json!(called)).await, "{base}");
        assert!(!site.opens(Endpoint::Service(SERVICE), &json!(URL)).await, "{base}");
    }
    let site = Site::new("http://127.0.0.1:8080", &[]);
    let called = format!("http://127.0.0.1:8080/cds-services/{SERVICE}");
    assert!(site.opens(Endpoint::Service(SERVICE), &json!(called)).await);
}

#[actix_web::test]
async fn further_audiences_are_those_that_the_client_lists() {
    let site = Site::new(
        "https://cds.example.org",
        &["cds-client", "https://Proxy.example.org/cds", "urn:x:CDS", "https://proxy.example.org/cds?a=b"],
    );
    let service = Endpoint::Service(SERVICE);
    for fine in [
        "cds-client",
        "https://proxy.example.org/cds/",
        "urn:x:CDS",
        "https://proxy.example.org/cds?a=b",
        URL,
    ] {
        assert!(site.opens(service, &json!(fine)).await, "{fine}");
        assert!(site.opens(Endpoint::Feedback(SERVICE), &json!(fine)).await, "{fine}");
    }
    for wrong in [
        "CDS-client",
        "cds-client/",
        "https://proxy.example.org/CDS",
        "urn:x:cds",
        "urn:x:CDS/",
        "https://proxy.example.org/cds?a=b/",
    ] {
        assert!(!site.opens(service, &json!(wrong)).await, "{wrong}");
    }
}
