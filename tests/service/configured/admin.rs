//! Pages for those who run the service.

use super::service::{CLIENT, Service, send};
use reqwest::Method;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn with_admin() -> Service {
    let settings = format!("{CLIENT}\n[admin]\ntoken_file = \"admin-token\"\n");
    Service::start_with(&settings, |folder| {
        std::fs::write(folder.path().join("admin-token"), format!("{TOKEN}\n")).unwrap();
    })
}

#[actix_web::test]
async fn without_an_admin_token_in_the_configuration_there_are_no_counters_to_see() {
    let service = Service::start();
    assert_eq!(service.get("/metrics").await.status, 404);
    assert_eq!(send(service.request(Method::GET, "/metrics").bearer_auth(TOKEN)).await.status, 404);
}

#[actix_web::test]
async fn the_counters_are_shown_to_whoever_has_the_admin_token() {
    let service = with_admin();
    assert_eq!(send(service.call()).await.status, 200);
    assert_eq!(send(service.call_with("a.b.c")).await.status, 401);
    let metrics = || service.request(Method::GET, "/metrics");
    for wrong in ["", "x", "123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdeX"] {
        let reply = send(metrics().bearer_auth(wrong)).await;
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer")), "{wrong}");
    }
    assert_eq!(send(metrics().bearer_auth(service.token(|_, _| ()))).await.status, 401);
    let reply = send(metrics().bearer_auth(TOKEN)).await;
    assert_eq!(reply.status, 200);
    for line in [
        r#"spinal_mets_cds_hook_calls_total{service="spinal-metastases-patient-view",hook="patient-view",status="200"} 1"#,
        r#"spinal_mets_cds_hook_calls_total{service="spinal-metastases-patient-view",hook="patient-view",status="401"} 1"#,
        r#"spinal_mets_cds_hook_call_seconds_count{service="spinal-metastases-patient-view"} 2"#,
        r#"spinal_mets_cds_cards_total{code="mri-within-24h",shown="yes"} 1"#,
        r#"spinal_mets_cds_authentications_total{client="general-hospital",outcome="accepted"} 1"#,
        r#"spinal_mets_cds_authentications_total{client="unknown",outcome="malformed"} 1"#,
        r#"spinal_mets_cds_key_set_fetches_total{client="general-hospital",outcome="failed"} 0"#,
        "spinal_mets_cds_calls_in_flight 0",
        "spinal_mets_cds_store_available 1",
        r#"spinal_mets_cds_client_has_keys{client="general-hospital"} 1"#,
        concat!(r#"spinal_mets_cds_build_info{version=""#, env!("CARGO_PKG_VERSION"), "\",commit=\""),
        "# EOF",
    ] {
        assert!(reply.text.contains(line), "{line} is not in\n{}", reply.text);
    }
}
