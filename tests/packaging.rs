//! What is packaged: the script of a worklist, run as its users run it; the Kubernetes manifests against the schemas of their
//! kinds; the alarms and the dashboard against Prometheus; the systemd units against systemd. Where a tool is missing its test says that it is skipped, and fails where `CI` is `true`.

#![cfg(test)]

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const NOW: &str = "2026-05-04T10:00:00Z";
/// Where a package puts the script.
const INSTALLED: &str = "/usr/lib/spinal-mets-cds/worklist";

fn packaging() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging")
}

#[expect(clippy::disallowed_methods, reason = "a test asks where its tools are")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Whether the tool is there. Past the capture of the test harness, so that nobody takes a skipped test for a success.
fn is_there(tool: &Path, help: &str) -> bool {
    let is_there = Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success());
    if !is_there {
        assert_ne!(variable("CI"), "true", "{} is missing: {help}", tool.display());
        writeln!(std::io::stderr(), "SKIPPED: {} is missing: {help}", tool.display()).unwrap();
    }
    is_there
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder with an export of made-up patients, and one for worklists.
fn site() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"))
        .args(["synthesize", "--count", "87", "--export", "export"])
        .current_dir(folder.path())
        .status();
    assert!(made.unwrap().success());
    fs::create_dir(folder.path().join("worklists")).unwrap();
    folder
}

/// A command in which the program is found by its name, with the folders of the site.
fn at_site(command: &mut Command, site: &TempDir) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_spinal-mets-cds")).parent().unwrap();
    command
        .env("PATH", format!("{}:{}", program.display(), variable("PATH")))
        .env("EXPORT", site.path().join("export"))
        .env("WORKLISTS", site.path().join("worklists"))
        .env("NOW", NOW)
        .output()
        .unwrap()
}

fn worklists(site: &TempDir) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(site.path().join("worklists")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn lines(files: &[PathBuf]) -> BTreeSet<String> {
    files
        .iter()
        .flat_map(|file| fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// The worklist of the whole site by one run of the script.
fn whole(site: &TempDir) -> BTreeSet<String> {
    let output = at_site(Command::new(packaging().join("worklist")).env("RUN", "whole"), site);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let [file] = worklists(site).try_into().unwrap();
    assert!(file.ends_with("whole.1-of-1.ndjson"), "{}", file.display());
    let found = lines(std::slice::from_ref(&file));
    assert!(found.len() > 40, "{}", found.len());
    fs::remove_file(file).unwrap();
    found
}

#[test]
fn the_script_writes_a_worklist_whole_or_not_at_all() {
    let site = site();
    whole(&site);
    fs::write(site.path().join("export/odd.bin"), "may be data").unwrap();
    let doubtful = at_site(Command::new(packaging().join("worklist")).env("RUN", "doubtful"), &site);
    assert_eq!((doubtful.status.code(), worklists(&site).len()), (Some(1), 1), "{}", text(&doubtful.stderr));
    fs::remove_dir_all(site.path().join("export")).unwrap();
    let failed = at_site(Command::new(packaging().join("worklist")).env("RUN", "failed"), &site);
    assert_eq!((failed.status.code(), worklists(&site).len()), (Some(2), 1), "{}", text(&failed.stderr));
    let unset = Command::new(packaging().join("worklist")).output().unwrap();
    assert!(!unset.status.success() && text(&unset.stderr).contains("names the folder of the export"));
}

/// A tool of the environment that knows the schemas of Kubernetes.
fn kubernetes(tool: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("kubernetes-validate/bin").join(tool)
}

/// Each document of the file is valid, and no longer so with any of these in the place of what stands there.
fn assert_valid(file: &Path, breaks: &[(&str, &str)]) {
    let is_valid = |file: &Path| {
        let output =
            Command::new(kubernetes("kubernetes-validate")).arg("--strict").arg(file).output().unwrap();
        (output.status.success(), text(&output.stdout) + &text(&output.stderr))
    };
    let (valid, told) = is_valid(file);
    assert!(valid, "{told}");
    let yaml = fs::read_to_string(file).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (right, wrong) in breaks {
        let broken = folder.path().join("broken.yaml");
        assert!(yaml.contains(right), "{right}");
        fs::write(&broken, yaml.replace(right, wrong)).unwrap();
        assert!(!is_valid(&broken).0, "{wrong}");
    }
}

/// The documents of a YAML file.
fn documents(file: &Path) -> Vec<Value> {
    let read = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let output = Command::new(kubernetes("python")).args(["-c", read]).arg(file).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_deployment_is_valid_and_starts_with_its_own_configuration() {
    if !is_there(&kubernetes("kubernetes-validate"), "run .ci/check once") {
        return;
    }
    let file = packaging().join("kubernetes/service.yaml");
    assert_valid(
        &file,
        &[
            ("replicas: 2", "replicas: two"),
            ("readinessProbe:", "readynessProbe:"),
            ("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: yes please"),
            ("policyTypes: [\"Ingress\", \"Egress\"]", "policyTypes: Ingress"),
            ("secretKeyRef:", "secretKeyReference:"),
            ("minAvailable: 1", "minAvailable: [1]"),
        ],
    );
    let secrets = packaging().join("kubernetes/secrets.example.yaml");
    assert_valid(&secrets, &[("type: Opaque", "type: [Opaque]")]);
    let documents = [documents(&file), documents(&secrets)].concat();
    let of = |kind: &str, name: &str| {
        let found = documents.iter().find(|it| it["kind"] == kind && it["metadata"]["name"] == name);
        found.unwrap_or_else(|| panic!("{kind} {name}"))
    };
    // The configuration is one that the program takes, with the files of the secrets in their places.
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("tls")).unwrap();
    fs::create_dir_all(at("admin")).unwrap();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=cds.example.org", "-keyout"])
        .arg(at("tls/tls.key"))
        .arg("-out")
        .arg(at("tls/tls.crt"))
        .output();
    assert!(made.unwrap().status.success());
    let token = of("Secret", "spinal-mets-cds-admin")["stringData"]["token"].as_str().unwrap();
    fs::write(at("admin/token"), token).unwrap();
    let site = of("ConfigMap", "spinal-mets-cds")["data"]["site.toml"].as_str().unwrap();
    fs::write(at("site.toml"), site.replace("/secrets", folder.path().to_str().unwrap())).unwrap();
    let pod = &of("Deployment", "spinal-mets-cds")["spec"]["template"]["spec"]["containers"][0];
    let url = of("Secret", "spinal-mets-cds-store")["stringData"]["url"].as_str().unwrap();
    let variable = pod["env"][0]["name"].as_str().unwrap();
    let checked = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"))
        .args(["check-config", "site.toml"])
        .env(variable, url)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = text(&checked.stdout);
    assert!(checked.status.success() && said.contains("store: postgres;"), "{said}{}", text(&checked.stderr));
    assert!(said.contains("0.0.0.0:8443 with TLS") && said.contains("admin pages open"), "{said}");

    // What is mounted and named elsewhere exists; what is probed is a path of the service.
    assert_eq!(pod["ports"][0]["containerPort"], 8443);
    for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
        let path = pod[probe]["httpGet"]["path"].as_str().unwrap();
        let routes =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/routes.rs")).unwrap();
        assert!(routes.contains(&format!("page(\"{}\"", path.split('?').next().unwrap())), "{probe}: {path}");
    }
    let mounted: BTreeSet<&str> =
        pod["volumeMounts"].as_array().unwrap().iter().map(|it| it["mountPath"].as_str().unwrap()).collect();
    for path in site.split('"').filter(|it| it.starts_with("/secrets")) {
        assert!(mounted.iter().any(|mount| path.starts_with(mount)), "{path} is mounted nowhere");
    }
}

#[test]
fn the_alarms_are_raised_when_they_should_and_the_dashboard_asks_in_good_form() {
    if !is_there(Path::new("promtool"), "install prometheus") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["rules.yaml", "rules_test.yaml", "scrape.yaml"] {
        fs::copy(packaging().join("prometheus").join(name), at(name)).unwrap();
    }
    fs::write(at("token"), "x").unwrap();
    let scrape = fs::read_to_string(at("scrape.yaml")).unwrap();
    let scrape = scrape.replace("/etc/prometheus/spinal-mets-cds-admin-token", at("token").to_str().unwrap());
    fs::write(at("scrape.yaml"), scrape).unwrap();
    let promtool = |arguments: &[&str]| {
        let output = Command::new("promtool").args(arguments).current_dir(folder.path()).output().unwrap();
        (output.status.success(), text(&output.stdout) + &text(&output.stderr))
    };
    for arguments in [["check", "config", "scrape.yaml"], ["test", "rules", "rules_test.yaml"]] {
        let (fine, told) = promtool(&arguments);
        assert!(fine, "{told}");
    }
    // The questions of the dashboard as rules, for nothing else reads them without a server.
    let dashboard = fs::read_to_string(packaging().join("grafana/dashboard.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let rules = |change: &dyn Fn(String) -> String| {
        let rule = |(number, target): (usize, &Value)| {
            let question = target["expr"].as_str().unwrap().replace("$__rate_interval", "5m");
            serde_json::json!({"record": format!("panel:{number}"), "expr": change(question)})
        };
        let rules: Vec<Value> = targets.clone().enumerate().map(rule).collect();
        assert!(rules.len() > 12);
        let file = serde_json::json!({"groups": [{"name": "panels", "rules": rules}]}).to_string();
        fs::write(at("panels.yaml"), file).unwrap();
        promtool(&["check", "rules", "panels.yaml"])
    };
    let (fine, told) = rules(&|question| question);
    assert!(fine, "{told}");
    assert!(!rules(&|question| question.replacen("sum by (", "sum by ", 1)).0);

    let alarms = fs::read_to_string(at("rules.yaml")).unwrap();
    for (right, wrong) in [("== 0\n        for: 2m", "== 2\n        for: 2m"), ("[10m])) > 0", "[10m])) > 5")]
    {
        assert!(alarms.contains(right), "{right}");
        fs::write(at("rules.yaml"), alarms.replace(right, wrong)).unwrap();
        assert!(!promtool(&["test", "rules", "rules_test.yaml"]).0, "{wrong}");
    }
}

#[test]
fn the_job_is_valid_and_its_pods_make_the_whole_worklist() {
    if !is_there(&kubernetes("kubernetes-validate"), "run .ci/check once") {
        return;
    }
    let file = packaging().join("kubernetes/worklist.yaml");
    assert_valid(
        &file,
        &[
            ("completionMode: Indexed", "completionMod: Indexed"),
            ("completions: 4", "completions: four"),
            ("restartPolicy: Never", "restartPolicy: [Never]"),
            ("operator: In\n", "operatr: In\n"),
        ],
    );
    let site = site();
    let [job] = documents(&file).try_into().unwrap();
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    let command = container["args"][0].as_str().unwrap();
    assert!(command.contains(INSTALLED));
    let command = command.replace(INSTALLED, packaging().join("worklist").to_str().unwrap());
    let of = |name: &str| {
        let list = container["env"].as_array().unwrap();
        list.iter().find(|it| it["name"] == name).unwrap()["value"].as_str().unwrap().to_owned()
    };
    let pods = job["spec"]["completions"].as_u64().unwrap();
    assert_eq!(of("SHARDS"), pods.to_string());
    let wanted = whole(&site);
    for pod in 0..pods {
        let output = at_site(
            Command::new("sh")
                .args(["-c", &command])
                .env("JOB_COMPLETION_INDEX", pod.to_string())
                .env("SHARDS", of("SHARDS"))
                .env("RUN", of("RUN"))
                .env("MEMORY", of("MEMORY")),
            &site,
        );
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    let files = worklists(&site);
    assert_eq!(files.len() as u64, pods, "{files:?}");
    assert_eq!(lines(&files), wanted);
}

#[test]
fn the_units_are_what_systemd_takes() {
    if !is_there(Path::new("systemd-analyze"), "install systemd") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("worklist");
    fs::copy(packaging().join("worklist"), &script).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let units = ["spinal-mets-worklist.service", "spinal-mets-worklist.timer"];
    let verify = |change: &dyn Fn(String) -> String| {
        for unit in units {
            let text = fs::read_to_string(packaging().join("systemd").join(unit)).unwrap();
            let text = change(text).replace(INSTALLED, script.to_str().unwrap());
            fs::write(folder.path().join(unit), text).unwrap();
        }
        let output = Command::new("systemd-analyze")
            .args(["verify", "--man=no"])
            .args(units)
            .current_dir(folder.path())
            .output()
            .unwrap();
        // It goes on past a line that it does not know, and says so.
        (output.status.success() && output.stderr.is_empty(), text(&output.stderr))
    };
    let (valid, told) = verify(&|text| text);
    assert!(valid, "{told}");
    for (right, wrong) in [
        ("Type=oneshot", "Type=once"),
        ("MemoryMax=", "MemoryMx="),
        ("OnCalendar=*-*-* 04:00:00", "OnCalendar=nightly"),
    ] {
        let (valid, told) = verify(&|text| text.replace(right, wrong));
        assert!(!valid, "{wrong}: {told}");
    }
}

#[test]
fn images_and_packages_are_named_by_the_release() {
    let root = packaging().parent().unwrap().to_owned();
    let mut named = 0;
    for file in [
        "packaging/kubernetes/service.yaml",
        "packaging/kubernetes/worklist.yaml",
        "packaging/README.md",
        "packaging/image",
        "docs/operate.md",
    ] {
        let text = fs::read_to_string(root.join(file)).unwrap();
        for mark in ["spinal-mets-cds:", "spinal-mets-cds_"] {
            for rest in text.split(mark).skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            {
                let version: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
                let version = version.trim_end_matches('.');
                assert_eq!(version, env!("CARGO_PKG_VERSION"), "{file}");
                named += 1;
            }
        }
    }
    assert!(named >= 5, "only {named}");
}
