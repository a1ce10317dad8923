//! The panel beside the hook calls: an EHR that is slow to say where apps sign in holds up no card.

use super::service::{Service, send};
use crate::support::stub::{Reply as Fhir, Stub};
use futures_util::future::join_all;
use reqwest::Method;

#[actix_web::test]
async fn launches_that_wait_for_an_ehr_take_no_place_of_a_hook_call() {
    let silent = Stub::start(|_| Fhir::Silence);
    let settings = format!(
        r#"
behind_proxy = true
[[clients]]
name = "general-hospital"
issuer = "https://ehr.example.org"
jwks_file = "jwks.json"
fhir_servers = ["{}"]
smart_client_id = "panel"
[limits]
in_flight = 2
[network]
allow_private = true
[smart]
enabled = true
"#,
        silent.base()
    );
    let service = Service::start_with(&settings, |_| ());
    let launches = join_all((0..20).map(|_| send(service.request(Method::GET, "/smart/launch"))));
    let hooks = async {
        while silent.connections() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        join_all((0..2).map(|_| send(service.call()))).await
    };
    let (launches, hooks) = tokio::join!(launches, hooks);
    assert!(hooks.iter().all(|reply| reply.status == 200), "{hooks:?}");
    for reply in launches {
        assert!(reply.status == 502 && reply.text.contains("The EHR does not answer"), "{reply:?}");
    }
    // A failure is told to all who wait: nobody makes us knock twenty times.
    assert_eq!(silent.connections(), 1);
    // Without [smart] there is nothing here at all.
    let off = Service::start();
    for path in ["/smart/launch", "/smart/callback", "/smart/jwks.json", "/smart/app/x"] {
        assert_eq!(off.get(path).await.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn opened_by_hand_with_several_ehrs_it_asks_which_and_names_no_other() {
    let client = |name: &str, more: &str| {
        format!(
            "[[clients]]\nname = \"{name}\"\nissuer = \"https://{name}.example.org\"\njwks_file = \"jwks.json\"\n\
             fhir_servers = [\"https://{name}.example.org/fhir\"]\n{more}\n"
        )
    };
    let panel = "smart_client_id = \"panel\"";
    let clients = [client("north", panel), client("south", panel), client("unregistered", "")].concat();
    let settings = format!("behind_proxy = true\n{clients}[smart]\nenabled = true\n");
    let service = Service::start_with(&settings, |_| ());
    let page = service.get("/smart/launch").await;
    assert_eq!(page.status, 200);
    for name in ["north", "south"] {
        let link = format!("/smart/launch?iss=https%3A%2F%2F{name}.example.org%2Ffhir");
        assert!(page.text.contains(&link), "{}", page.text);
    }
    assert!(!page.text.contains("unregistered"), "{}", page.text);
    let refused = service.get("/smart/launch?iss=https%3A%2F%2Funregistered.example.org%2Ffhir").await;
    assert!(refused.status == 400 && refused.text.contains("not registered here"), "{refused:?}");
}
