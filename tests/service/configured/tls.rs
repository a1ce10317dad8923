//! TLS, and a certificate that is replaced while the service runs (SEC-1).

use super::service::{CLIENT, Service};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// A new certificate for this machine, in the two files of the configuration; its PEM.
fn renew(folder: &Path) -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.pem()
}

/// A client that trusts this certificate alone.
fn trusting(pem: &str) -> reqwest::Client {
    let root = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
    reqwest::Client::builder().tls_certs_only([root]).timeout(Duration::from_secs(30)).build().unwrap()
}

#[actix_web::test]
async fn calls_go_over_tls_and_a_new_certificate_serves_without_a_restart() {
    let settings =
        CLIENT.replace("behind_proxy = true", "[tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"");
    let mut first = String::new();
    let service = Service::start_with(&settings, |folder| first = renew(folder.path()));
    let url = format!("https://{}/healthz", service.address);
    assert_eq!(trusting(&first).get(&url).send().await.unwrap().status(), 200);
    assert!(
        service.request(reqwest::Method::GET, "/healthz").send().await.is_err(),
        "plain http is answered"
    );

    let second = renew(service.folder.path());
    let mut replaced = false;
    for _ in 0..60 {
        replaced = trusting(&second).get(&url).send().await.is_ok();
        if replaced {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(replaced, "{}", service.log());
    assert!(trusting(&first).get(&url).send().await.is_err());
    // A broken pair changes nothing.
    std::fs::write(service.folder.path().join("cert.pem"), "broken").unwrap();
    for _ in 0..60 {
        if service.log().contains("new certificate not used") {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(service.log().contains("new certificate not used"), "{}", service.log());
    assert!(trusting(&second).get(&url).send().await.is_ok());
}

#[actix_web::test]
async fn whether_it_answers_is_asked_as_the_configuration_has_it() {
    let tls = CLIENT.replace("behind_proxy = true", "[tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"");
    let with_tls = Service::start_with(&tls, |folder| drop(renew(folder.path())));
    let without = Service::start();
    let check = |of: &Service, at: &str| {
        Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"))
            .args(["check-health", "--config"])
            .arg(of.folder.path().join("config.toml"))
            .env("SPINAL_METS_CDS__LISTEN", at)
            .output()
            .unwrap()
    };
    for service in [&with_tls, &without] {
        let output = check(service, &service.address);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{} answers\n", service.address));
    }
    // The other service, a port where nobody is, and one who has another certificate.
    let stranger = Service::start_with(&tls, |folder| drop(renew(folder.path())));
    for (of, at) in [
        (&with_tls, &*without.address),
        (&without, &with_tls.address),
        (&with_tls, "127.0.0.1:1"),
        (&with_tls, &stranger.address),
    ] {
        let output = check(of, at);
        assert_eq!(output.status.code(), Some(2), "{at}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("does not answer as this service"), "{told}");
    }
}

#[test]
fn without_tls_or_a_proxy_it_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let text = CLIENT
        .replace(
            "behind_proxy = true",
            "listen = \"127.0.0.1:0\"\npublic_base_url = \"https://cds.example.org\"",
        )
        .replace("jwks_file = \"jwks.json\"", "jwks_url = \"https://ehr.example.org/k\"")
        + "[facility]\nsbrt_available = true\ntime_zone = \"UTC\"\n";
    std::fs::write(&file, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"))
        .args(["serve", "--config"])
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("need TLS") && told.contains("behind_proxy = true"), "{told}");
    assert!(output.stdout.is_empty());
}
