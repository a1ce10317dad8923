//! `check-config` as a site uses it: every key, every fault at once with its place, overrides by variables, no secrets.

#![cfg(test)]

use serde_json::json;
use spinal_mets_cds::config;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const SAMPLE: &str = include_str!("../src/config/sample.toml");

/// A folder with the files that a configuration may name.
fn site() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pair = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (used, other) = (pair(), pair());
    fs::write(folder.path().join("cert.pem"), used.cert.pem()).unwrap();
    fs::write(folder.path().join("key.pem"), used.signing_key.serialize_pem()).unwrap();
    fs::write(folder.path().join("other-key.pem"), other.signing_key.serialize_pem()).unwrap();
    fs::write(folder.path().join("admin-token"), "0123456789abcdef0123456789abcdef\n").unwrap();
    fs::write(folder.path().join("card-id-key"), "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n").unwrap();
    fs::write(folder.path().join("smart-key.pem"), pair().signing_key.serialize_pem()).unwrap();
    fs::create_dir(folder.path().join("site-value-sets")).unwrap();
    fs::write(folder.path().join("vendor-jku.txt"), "https://ehr.example.org/jwks.json\n").unwrap();
    let key = |kid: &str, alg: &str| {
        json!({"kty": "EC", "crv": "P-384", "kid": kid, "alg": alg,
        "x": "A".repeat(64), "y": "A".repeat(64)})
    };
    fs::write(folder.path().join("ehr-jwks.json"), json!({"keys": [key("1", "ES384")]}).to_string()).unwrap();
    let mut private = key("1", "RS384");
    private["d"] = json!("AAAA");
    fs::write(folder.path().join("private-jwks.json"), json!({"keys": [private]}).to_string()).unwrap();
    fs::write(folder.path().join("empty-jwks.json"), json!({"keys": []}).to_string()).unwrap();
    folder
}

fn write(site: &TempDir, text: &str) -> PathBuf {
    let file = site.path().join("config.toml");
    fs::write(&file, text).unwrap();
    file
}

fn check(file: &Path, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"));
    command.arg("check-config").arg(file).env_clear();
    command.envs(variables.iter().copied()).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn assert_fine(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", told(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The sample with its commented keys in force; keys come from one place, so `jwks_file` stays out.
fn whole_sample() -> String {
    let line = |line: &str| {
        let key = line.strip_prefix("# ").filter(|rest| {
            let name = rest.split(" = ").next().unwrap();
            *rest != name && !name.contains(' ') && name != "jwks_file"
        });
        key.unwrap_or(line).to_owned() + "\n"
    };
    SAMPLE.lines().map(line).collect()
}

#[test]
fn sample_and_documentation_are_written_from_the_table_of_keys() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (file, made) in [
        ("src/config/sample.toml", config::write::sample()),
        ("docs/configuration.md", config::write::documentation()),
    ] {
        let file = root.join(file);
        #[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
        if std::env::var_os("UPDATE_CONFIG").is_some() {
            fs::write(&file, &made).unwrap();
        }
        let written = fs::read_to_string(&file).unwrap_or_default();
        assert!(written == made, "{} is stale: UPDATE_CONFIG=1 writes it", file.display());
    }
}

#[test]
fn every_key_of_the_sample_is_taken() {
    let site = site();
    let said = assert_fine(&check(&write(&site, SAMPLE), &[]));
    assert!(said.contains("0.0.0.0:8443 with TLS") && said.contains("general-hospital"), "{said}");
    assert!(said.contains("admin pages closed"), "{said}");
    let said = assert_fine(&check(&write(&site, &whole_sample()), &[]));
    assert!(said.contains("admin pages open"), "{said}");
    // As the contract prints it: the key stands below another heading.
    let moved = SAMPLE.replace("laboratory = 30", "laboratory = 30\nvalue_sets = \"site-value-sets/\"");
    assert_fine(&check(&write(&site, &moved), &[]));
    let twice = moved.replace("# value_sets", "value_sets");
    let told = told(&check(&write(&site, &twice), &[]));
    assert!(told.contains("`value_sets` is given twice; keep the one in [facility]"), "{told}");
}

#[test]
fn all_faults_come_at_once_with_their_places() {
    let site = site();
    let file = write(
        &site,
        r#"listen = "8443"
public_base_url = "http://cds.example.org"
behind_prox = true
[[clients]]
name = "a"
issuer = "https://ehr.example.org"
jwks_url = "http://ehr.example.org/jwks.json"
algorithms = ["HS256", "none"]
[[clients]]
name = "a"
issuer = "https://ehr.example.org"
jwks_file = "empty-jwks.json"
jwks_url = "https://ehr.example.org/jwks.json"
open_fhir_servers = ["https://elsewhere.example.org"]
[facility]
time_zone = "Amsterdam"
value_sets = "nowhere"
[limits]
in_flight = 0
deadline_ms = "soon"
[look_back_days]
symptoms = 1.5
[cors]
origins = ["*", "https://ehr.example.org/"]
"#,
    );
    let output = check(&file, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let told = told(&output);
    for (place, words) in [
        ("1:1", "`listen`"),
        ("2:1", "must be https"),
        ("3:1", "`behind_prox` is unknown; did you mean `behind_proxy`?"),
        ("7:1", "`clients[0].jwks_url` must be https"),
        ("8:15", "`HS256` is symmetric"),
        ("8:24", "`none` is not offered"),
        ("10:1", "two clients have the name"),
        ("11:1", "two clients have the issuer"),
        ("12:1", "both `jwks_url` and `jwks_file`"),
        ("14:22", "must be among `fhir_servers`"),
        ("16:1", "`facility.time_zone`"),
        ("17:1", "`facility.value_sets`"),
        ("19:1", "`limits.in_flight`"),
        ("20:1", "`limits.deadline_ms`"),
        ("22:1", "`look_back_days.symptoms`"),
        ("24:12", "`*` is for the sandbox"),
        ("24:17", "write \"https://ehr.example.org\""),
    ] {
        let start = format!("{}:{place}: ", file.display());
        let found = told.lines().any(|line| line.contains(&start) && line.contains(words));
        assert!(found, "{place} {words} is not in\n{told}");
    }
    assert!(told.lines().all(|line| line.starts_with("spinal-mets-cds: ")), "{told}");
    assert!(told.contains("`facility.sbrt_available` is missing"), "{told}");
    assert!(told.contains("tokens and patient data need TLS"), "{told}");
}

#[test]
fn broken_toml_is_told_with_all_else_that_can_be_read() {
    let site = site();
    let told = told(&check(&write(&site, "listen = \"x\"\nx = = 1\n[limits\nin_flight = 0\n"), &[]));
    assert!(told.contains(":2:") && told.contains("not valid TOML"), "{told}");
    assert!(told.contains("`listen`"), "{told}");
}

#[test]
fn a_file_that_cannot_be_read_is_one_line() {
    let output = check(Path::new("no-such-file.toml"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(told(&output).lines().count(), 1, "{}", told(&output));
    assert!(told(&output).contains("no-such-file.toml: cannot be read"));
}

#[test]
fn the_public_sandbox_is_no_client_of_a_real_service() {
    let site = site();
    let sandbox =
        SAMPLE.replace("issuer = \"https://ehr.example.org\"", "issuer = \"https://sandbox.cds-hooks.org\"");
    let told = told(&check(&write(&site, &sandbox), &[]));
    assert!(told.contains("the private key of the public CDS Hooks sandbox is public"), "{told}");
    let test_set_up = sandbox.replace("allow_private = false", "allow_private = true");
    assert_fine(&check(&write(&site, &test_set_up), &[]));
}

#[test]
fn every_key_can_be_overridden_by_a_variable() {
    // Each with a value that is refused, so that the fault shows that it was looked at.
    let mut unseen = Vec::new();
    let site = site();
    let file = write(&site, &whole_sample());
    let mut section = String::new();
    let mut keys = 0;
    for line in whole_sample().lines() {
        if let Some(name) = line.split('#').next().and_then(|line| line.trim().strip_prefix('[')) {
            section = match name.trim_matches(['[', ']']) {
                "clients" => "CLIENTS__0__".to_owned(),
                name => format!("{}__", name.to_uppercase().replace('.', "__")),
            };
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            let variable = format!("SPINAL_METS_CDS__{section}{}", key.trim().to_uppercase());
            // An own table where a plain value is due is wrong for every key.
            let output = check(&file, &[(&variable, "{ surprise = 1 }")]);
            if output.status.code() != Some(2) || !told(&output).contains(&format!("{variable}: ")) {
                unseen.push(format!("{variable}\n{}", told(&output)));
            }
            keys += 1;
        }
    }
    assert!(keys >= 50, "only {keys} keys");
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
}

#[test]
fn a_variable_wins_over_the_file_in_every_form() {
    let site = site();
    let file = write(&site, SAMPLE);
    let said = assert_fine(&check(
        &file,
        &[
            ("SPINAL_METS_CDS__LISTEN", "127.0.0.1:9000"),
            ("SPINAL_METS_CDS__LIMITS__IN_FLIGHT", "7"),
            ("SPINAL_METS_CDS__FACILITY__SBRT_AVAILABLE", "false"),
            ("SPINAL_METS_CDS__CORS__ORIGINS", "https://a.example.org, https://b.example.org"),
            ("SPINAL_METS_CDS__CLIENTS__0__ALGORITHMS", "[\"ES256\", \"RS256\"]"),
            ("SPINAL_METS_CDS__CLIENTS__1__NAME", "second"),
            ("SPINAL_METS_CDS__CLIENTS__1__ISSUER", "https://second.example.org"),
            ("SPINAL_METS_CDS__CLIENTS__1__JWKS_FILE", "ehr-jwks.json"),
            ("UNRELATED", "x"),
        ],
    ));
    assert!(said.contains("127.0.0.1:9000") && said.contains("second"), "{said}");
    let all = r#"[{ name = "only", issuer = "https://only.example.org", jwks_url = "https://only.example.org/k" }]"#;
    let said = assert_fine(&check(&file, &[("SPINAL_METS_CDS__CLIENTS", all)]));
    assert!(said.contains("only") && !said.contains("general-hospital"), "{said}");
}

#[test]
fn a_faulty_variable_is_named() {
    let site = site();
    let file = write(&site, SAMPLE);
    let variables = [
        ("SPINAL_METS_CDS__LIMITS__IN_FLIHGT", "7"),
        ("SPINAL_METS_CDS__LIMITS__DEADLINE_MS", "soon"),
        ("SPINAL_METS_CDS__CLIENTS__5__NAME", "x"),
        ("SPINAL_METS_CDS__CORS__ORIGINS", "[oops"),
        ("SPINAL_METS_CDS__STORE__URL", "mysql://user:canary-secret@db/x"),
    ];
    let output = check(&file, &variables);
    assert_eq!(output.status.code(), Some(2));
    let told = told(&output);
    for (variable, _) in variables {
        assert!(told.lines().any(|line| line.contains(&format!("{variable}: "))), "{variable}\n{told}");
    }
    assert!(told.contains("did you mean `in_flight`?"), "{told}");
    assert!(!told.contains("canary-secret"), "{told}");
}

#[test]
fn what_is_legal_and_odd_is_a_warning() {
    let site = site();
    let odd = SAMPLE
        .replace("\nfhir_client_id", "\n# fhir_client_id")
        .replace("open_fhir_servers = []", "open_fhir_servers = [\"https://ehr.example.org/fhir/r4\"]")
        .replace("allow_private = false", "allow_private = true");
    let on = [("SPINAL_METS_CDS__REPEAT__ENABLED", "true")];
    let output = check(&write(&site, &odd), &on);
    assert_fine(&output);
    assert!(String::from_utf8_lossy(&output.stdout).contains("answered cards stay away for a while"));
    let told = told(&output);
    for words in [
        "`subject` of its FHIR tokens is not compared",
        "read without any token",
        "is for test set-ups",
        "their key stands in the same database",
        "an answer is known on this machine alone",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    assert!(told.lines().all(|line| line.contains("warning: ")), "{told}");
}

#[test]
fn a_key_set_that_can_verify_nothing_is_a_fault() {
    let site = site();
    let with = |file: &str| {
        let line = format!("jwks_file = \"{file}\"\nalgorithms = [\"RS384\"]");
        let text = SAMPLE.replace("jwks_url = \"https://ehr.example.org/jwks.json\"\n", &format!("{line}\n"));
        text.replace("\nalgorithms = [\"ES384\", \"RS384\"]\n", "\n")
    };
    let told_of = |file: &str| told(&check(&write(&site, &with(file)), &[]));
    assert!(told_of("empty-jwks.json").contains("it holds no key"), "{}", told_of("empty-jwks.json"));
    assert!(told_of("ehr-jwks.json").contains("no key in it fits"), "{}", told_of("ehr-jwks.json"));
    assert!(told_of("private-jwks.json").contains("a private key"), "{}", told_of("private-jwks.json"));
    assert!(told_of("none.json").contains("cannot be read"), "{}", told_of("none.json"));
    assert!(told_of("cert.pem").contains("not a JWK Set"), "{}", told_of("cert.pem"));
}

#[test]
fn a_key_that_does_not_fit_its_certificate_is_a_fault() {
    let site = site();
    let other = SAMPLE.replace("key = \"key.pem\"", "key = \"other-key.pem\"");
    let told = told(&check(&write(&site, &other), &[]));
    assert!(told.contains("[tls]") && told.contains("cannot be used with"), "{told}");
}

#[test]
fn suggested_orders_without_a_coding_of_the_site_are_named() {
    let site = site();
    let own = |key: &str, system: &str| {
        let coding = format!("{key} = [{{ system = \"{system}\", code = \"1\" }}]");
        SAMPLE.replace(&format!("{key} = []"), &coding)
    };
    let named = told(&check(&write(&site, &own("mdt_referral", "urn:oid:1.2.3")), &[]));
    assert!(named.contains("warning: ") && named.contains("`spine_surgery_referral`"), "{named}");
    assert!(!named.contains("`mdt_referral`"), "{named}");
    assert!(!named.contains("`cervical_mri`"), "suggested only as one of three orders: {named}");
    let regions = SAMPLE.replace("whole_spine_mri_as = \"one\"", "whole_spine_mri_as = \"regions\"");
    assert!(told(&check(&write(&site, &regions), &[])).contains("`cervical_mri`"));
    let unfit = told(&check(&write(&site, &own("mdt_referral", "")), &[]));
    assert!(unfit.contains("`facility.orders.mdt_referral[0].system` is empty"), "{unfit}");
    let without = SAMPLE.replace("mdt_referral = []", "mdt_referral = [{ system = \"urn:oid:1.2.3\" }]");
    let told = told(&check(&write(&site, &without), &[]));
    assert!(told.contains("`facility.orders.mdt_referral[0].code` is missing"), "{told}");
}

#[test]
fn contacts_are_plain_lines_of_text() {
    let site = site();
    let with = |contact: &str| {
        let text =
            SAMPLE.replace("[look_back_days]", &format!("coordinator = {contact}\n\n[look_back_days]"));
        check(&write(&site, &text), &[])
    };
    assert_fine(&with("{ name = \"Coördinator (days)\", number = \"+31 20 555 0103\" }"));
    for (contact, words) in [
        ("\"555\"", "`facility.contacts.coordinator` must be a table and is a string"),
        ("{ name = \"A\" }", "`facility.contacts.coordinator.number` is missing"),
        ("{ name = \"A\", number = \"1\\n2\" }", "on one line"),
        (
            "{ name = \"[A](https://elsewhere.example.org)\", number = \"1\" }",
            "`facility.contacts.coordinator.name`",
        ),
        ("{ name = \"A\", number = \"1\", fax = \"2\" }", "`facility.contacts.coordinator.fax` is unknown"),
    ] {
        let told = told(&with(contact));
        assert!(told.contains(words), "{words}\n{told}");
    }
}

#[test]
fn a_body_that_fits_no_store_of_bodies_is_a_fault() {
    let site = site();
    let variables = [("SPINAL_METS_CDS__LIMITS__REQUEST_BYTES", "536870912")];
    let told = told(&check(&write(&site, SAMPLE), &variables));
    assert!(told.contains("`limits.body_bytes_in_hand` is less than"), "{told}");
}

#[test]
fn what_an_ehr_does_not_offer_is_named_with_the_facts_that_rest_on_it() {
    let site = site();
    let with = |profile: &str, not_offered: &str| {
        let text = SAMPLE.replace("profile = \"generic\"", &format!("profile = \"{profile}\""));
        write(&site, &text.replace("not_offered = []", &format!("not_offered = [{not_offered}]")))
    };
    let said = assert_fine(&check(&with("generic", ""), &[]));
    assert_eq!(said.lines().count(), 1, "{said}");
    let said = assert_fine(&check(&with("oracle", ""), &[]));
    for words in [
        "profile oracle",
        "does not offer ImagingStudy, MedicationStatement, BodyStructure",
        "MRI of the spine",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let said = assert_fine(&check(&with("epic", "\"Observation\""), &[]));
    assert!(said.contains("cannot be known: ") && said.contains("Calcium"), "{said}");
    fs::write(site.path().join("own.toml"), "source = \"ours\"\nnot_offered = [\"Device\"]\n").unwrap();
    let said = assert_fine(&check(&with("own.toml", ""), &[]));
    assert!(said.contains("profile own.toml") && said.contains("does not offer Device"), "{said}");
    fs::write(site.path().join("own.toml"), "not_offered = [\"Device\"]\n").unwrap();
    for (profile, not_offered, words) in [
        ("meditech", "", "`clients[0].profile`: must be `generic`, `epic`, `oracle`, or a .toml file"),
        ("none.toml", "", "none.toml: cannot be read"),
        ("own.toml", "", "own.toml: missing field `source`"),
        ("epic", "\"Condition\"", "`clients[0].not_offered`: there is no advice without `Condition`"),
        ("epic", "\"Goal\"", "`Goal` is no resource type that is asked for"),
    ] {
        let told = told(&check(&with(profile, not_offered), &[]));
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn clients_of_one_issuer_need_tenants_of_their_own() {
    let site = site();
    let two = |first: &str, second: &str| {
        let client = |name: &str, tenants: &str| {
            format!(
                "[[clients]]\nname = \"{name}\"\nissuer = \"https://vendor.example.org\"\n\
                 jwks_file = \"ehr-jwks.json\"\ntenants = [{tenants}]\nalgorithms = [\"ES384\"]\n"
            )
        };
        let text = format!(
            "listen = \"127.0.0.1:0\"\npublic_base_url = \"https://cds.example.org\"\nbehind_proxy = true\n{}{}\
             [facility]\nsbrt_available = true\ntime_zone = \"UTC\"\n",
            client("north", first),
            client("south", second)
        );
        check(&write(&site, &text), &[])
    };
    assert_fine(&two("\"n-1\", \"n-2\"", "\"s-1\""));
    assert!(told(&two("\"n-1\"", "\"s-1\", \"n-1\"")).contains("have the tenant `n-1`"));
    for (first, second) in [("", "\"s-1\""), ("\"n-1\"", ""), ("", "")] {
        assert!(told(&two(first, second)).contains("give each its `tenants`"), "{first} {second}");
    }
}

#[test]
fn what_the_panel_lacks_is_a_fault() {
    let site = site();
    let (before, smart) = SAMPLE.split_once("\n[smart]").unwrap();
    let on = format!("{before}\n[smart]{}", smart.replace("enabled = false", "enabled = true"));
    let with = |from: &str, to: &str| check(&write(&site, &on.replace(from, to)), &[]);
    let client = ("# smart_client_id", "smart_client_id");
    assert_fine(&with(client.0, client.1));
    let registered = on.replace(client.0, client.1);
    for (text, problem) in [
        (on.clone(), "offers the panel to nobody: give a client its `smart_client_id`"),
        (
            registered
                .replace("smart_authentication = \"public\"", "smart_authentication = \"private_key_jwt\""),
            "which needs `smart.private_key_file`",
        ),
        (
            registered.replace("writes = [\"Observation\", \"Condition\"]", "writes = [\"Procedure\"]"),
            "`smart.writes`: `Procedure` is not written",
        ),
        (
            registered
                .replace("frame_ancestors = []", "frame_ancestors = [\"https://ehr.example.org/chart\"]"),
            "`smart.frame_ancestors` holds what is no origin; write \"https://ehr.example.org\"",
        ),
        (
            registered.replace("fhir_servers = [\"https://ehr.example.org/fhir/r4\"]", "fhir_servers = []"),
            "needs `fhir_servers`: the panel reads and writes there",
        ),
        (
            registered
                .replace("# private_key_file", "private_key_file")
                .replace("smart-key.pem", "nothing.pem"),
            "`smart.private_key_file`",
        ),
    ] {
        let told = told(&check(&write(&site, &text), &[]));
        assert!(told.contains(problem), "{problem}: {told}");
    }
}

#[test]
fn shadow_mode_is_said_and_goes_with_no_panel() {
    let site = site();
    let (before, shadow) = SAMPLE.split_once("\n[shadow]").unwrap();
    let on = format!("{before}\n[shadow]{}", shadow.replacen("enabled = false", "enabled = true", 1));
    let said = "; shadow mode: no card is shown to anybody, they are counted";
    let told_closed = check(&write(&site, &on), &[]);
    assert!(assert_fine(&told_closed).trim_end().ends_with(said));
    assert!(told(&told_closed).contains("counts for /insights, which is closed without `admin.token_file`"));
    let open = check(&write(&site, &on.replace("# token_file", "token_file")), &[]);
    assert!(assert_fine(&open).contains(said) && !told(&open).contains("/insights"));
    assert!(!assert_fine(&check(&write(&site, SAMPLE), &[])).contains("shadow"));
    let panel =
        on.replace("enabled = false", "enabled = true").replace("# smart_client_id", "smart_client_id");
    let told = told(&check(&write(&site, &panel), &[]));
    assert!(
        told.contains("`shadow.enabled` shows nobody a card, and the panel of `smart.enabled` shows cards"),
        "{told}"
    );
}

#[test]
fn only_the_services_for_single_moments_can_be_switched_off() {
    let site = site();
    let with =
        |id: &str| check(&write(&site, &SAMPLE.replace("off = []", &format!("off = [\"{id}\"]"))), &[]);
    assert_fine(&with("spinal-metastases-order-dispatch"));
    let told = told(&with("spinal-metastases-patient-view"));
    assert!(
        told.contains("`services.off`: `spinal-metastases-patient-view` cannot be switched off"),
        "{told}"
    );
}
