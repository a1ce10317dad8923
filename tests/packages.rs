//! What is installed: the Debian package, the container image and the hardened unit, made from the program as the tests have it by the
//! scripts of `packaging/`, and the program as systemd sees it. Where a tool is missing its test says that it is skipped, and fails
//! where `CI` is `true`.

#![cfg(test)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;

fn packaging(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(name)
}

#[expect(clippy::disallowed_methods, reason = "a test asks where its tools are")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Whether all tools are there. Past the capture of the test harness, so that nobody takes a skipped test for a success.
fn are_there(tools: &[&str]) -> bool {
    let path = variable("PATH") + ":/usr/sbin:/sbin";
    let is_there = |tool: &str| std::env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    let Some(missing) = tools.iter().find(|tool| !is_there(tool)) else { return true };
    assert_ne!(variable("CI"), "true", "{missing} is missing");
    writeln!(std::io::stderr(), "SKIPPED: {missing} is missing").unwrap();
    false
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn done(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{command:?}: {}{}", text(&stdout), text(&stderr));
    text(&stdout).trim().to_owned()
}

/// The program without what only developers read, as it is shipped.
fn stripped() -> &'static Path {
    static STRIPPED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = STRIPPED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spinal-mets-cds");
        done(Command::new("strip").arg("-o").arg(&path).arg(env!("CARGO_BIN_EXE_spinal-mets-cds")));
        (folder, path)
    });
    path
}

#[test]
fn the_debian_package_is_clean_and_the_same_each_time() {
    if !are_there(&["dpkg-deb", "strip", "objdump", "lintian"]) {
        return;
    }
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let made = folders.each_ref().map(|folder| {
        let mut command = Command::new(packaging("deb"));
        // Packing tightly takes a minute and changes nothing else.
        command
            .arg(stripped())
            .arg(folder.path())
            .env("COMPRESSION", "none")
            .env("SOURCE_DATE_EPOCH", "1777968000");
        PathBuf::from(done(&mut command))
    });
    let name = concat!("spinal-mets-cds_", env!("CARGO_PKG_VERSION"), "_");
    assert!(made[0].file_name().unwrap().to_str().unwrap().starts_with(name), "{}", made[0].display());
    assert!(fs::read(&made[0]).unwrap() == fs::read(&made[1]).unwrap(), "two packages of one program differ");

    let said = done(
        Command::new("lintian").args(["--allow-root", "--fail-on", "error,warning"]).arg(&made[0]).args([
            "--suppress-tags",
            "uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball",
        ]),
    );
    assert_eq!(said, "");

    // A page for every command, and completions for three shells.
    let unpacked = folders[0].path().join("unpacked");
    done(Command::new("dpkg-deb").arg("--extract").arg(&made[0]).arg(&unpacked));
    let help = done(Command::new(stripped()).arg("--help"));
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let named = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands: Vec<&str> =
        named.map(|line| line.split_whitespace().next().unwrap()).filter(|it| *it != "help").collect();
    assert!(commands.len() > 12 && commands.contains(&"serve"), "{commands:?}");
    for command in commands {
        let page = unpacked.join(format!("usr/share/man/man1/spinal-mets-cds-{command}.1.gz"));
        let page = done(Command::new("gzip").arg("-dc").arg(&page));
        assert!(page.contains(".SH SYNOPSIS"), "{command}");
    }
    for file in [
        "usr/share/bash-completion/completions/spinal-mets-cds",
        "usr/share/zsh/vendor-completions/_spinal-mets-cds",
        "usr/share/fish/vendor_completions.d/spinal-mets-cds.fish",
        "usr/share/doc/spinal-mets-cds/sbom.cdx.json",
        "usr/lib/systemd/system/spinal-mets-cds.service",
    ] {
        let text = fs::read_to_string(unpacked.join(file)).unwrap();
        assert!(text.contains("spinal-mets-cds"), "{file}");
    }
    let licences =
        done(Command::new("gzip").arg("-dc").arg(unpacked.join("usr/share/doc/spinal-mets-cds/licences.gz")));
    let soup = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/soup.md")).unwrap();
    for line in soup.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| package")) {
        let cells: Vec<&str> = line.split(" | ").collect();
        let package = format!("{} {}", cells[0].trim_start_matches("| "), cells[1]);
        assert!(licences.contains(&package), "{package} has no licence");
    }
}

#[test]
fn the_unit_is_valid_and_leaves_the_service_few_rights() {
    if !are_there(&["systemd-analyze"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("spinal-mets-cds.service");
    let written = fs::read_to_string(packaging("systemd/spinal-mets-cds.service")).unwrap();
    let analyze = |change: &dyn Fn(&str) -> String, arguments: &[&str]| {
        let program = env!("CARGO_BIN_EXE_spinal-mets-cds");
        fs::write(&unit, change(&written).replace("/usr/bin/spinal-mets-cds", program)).unwrap();
        let output = Command::new("systemd-analyze").args(arguments).arg(&unit).output().unwrap();
        let told = text(&output.stdout) + &text(&output.stderr);
        (output.status.success(), output.stderr.is_empty(), told)
    };
    let (verify, rights) =
        (["verify", "--man=no"], ["security", "--offline=true", "--no-pager", "--threshold=20"]);
    let (fine, quiet, told) = analyze(&|unit| unit.to_owned(), &verify);
    assert!(fine && quiet, "{told}");
    let (fine, _, told) = analyze(&|unit| unit.to_owned(), &rights);
    assert!(fine, "{told}");
    for (right, wrong) in [("Type=notify", "Type=notified"), ("WatchdogSec=30", "WatchdogSec=soon")] {
        assert!(written.contains(right));
        let (fine, quiet, told) = analyze(&|unit| unit.replace(right, wrong), &verify);
        assert!(!fine || !quiet, "{wrong}: {told}");
    }
    let open = |unit: &str| unit.replace("SystemCallFilter=", "#").replace("DynamicUser=yes", "User=root");
    assert!(!analyze(&open, &rights).0, "an open unit is found");
}

/// The program, killed with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn systemd_is_told_that_the_service_is_ready_and_that_it_lives() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"));
    command.args(["serve", "--listen", "127.0.0.1:0"]).current_dir(folder.path());
    command.env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "600000");
    let mut running = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut told = Vec::new();
    for _ in 0..4 {
        let mut buffer = [0; 256];
        let length = manager.recv(&mut buffer).unwrap();
        told.push(text(&buffer[..length]).trim().to_owned());
    }
    assert_eq!(told, ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"]);
    // Who was told so can call it at once.
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
    assert!(std::net::TcpStream::connect(address).is_ok());
}

#[test]
fn the_image_starts_without_a_writable_root_and_holds_no_shell() {
    if !are_there(&["buildah", "podman", "runc", "curl", "timeout"]) {
        return;
    }
    // A store of images of its own, which goes with the test.
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let storage = format!(
        "[storage]\ndriver = \"vfs\"\ngraphroot = \"{}\"\nrunroot = \"{}\"\n",
        at("images").display(),
        at("run").display()
    );
    fs::write(at("storage.conf"), storage).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new("timeout");
        command.args(["60", program]).args(arguments).env("CONTAINERS_STORAGE_CONF", at("storage.conf"));
        command
    };
    let (name, binary, archive) = ("localhost/spinal-mets-cds:test", stripped(), at("image.tar"));
    let image = packaging("image");
    done(&mut run(image.to_str().unwrap(), &[binary.to_str().unwrap(), name, archive.to_str().unwrap()]));
    done(&mut run("podman", &["load", "--quiet", "--input", archive.to_str().unwrap()]));
    let user = done(&mut run(
        "podman",
        &["image", "inspect", name, "--format", "{{.Config.User}} {{.HealthCheck}}"],
    ));
    assert!(user.starts_with("10001:10001") && user.contains("check-health"), "{user}");

    let limit = done(Command::new("sh").args(["-c", "ulimit -Hn"]));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (listen, nofile) = (format!("127.0.0.1:{port}"), format!("nofile={limit}:{limit}"));
    let runtime = ["--runtime", "/usr/sbin/runc"];
    let name_of_run = format!("spinal-mets-cds-{port}");
    // As the readme has it, under names and an address of this test.
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let line = readme.lines().find(|line| line.starts_with("packaging/image ")).unwrap();
    let (made, started) = line.split_once(" && podman run ").unwrap();
    assert_eq!(made, "packaging/image target/release/spinal-mets-cds spinal-mets-cds");
    let words: Vec<String> =
        started.split(' ').map(|it| it.replace("spinal-mets-cds:/", &format!("{name_of_run}:/"))).collect();
    let image = words.iter().position(|word| word == "spinal-mets-cds").unwrap();
    assert!(words.contains(&"--read-only".to_owned()));
    let mut start = run("podman", &runtime);
    start.args(["run", "--detach", "--name", &name_of_run, "--cgroups", "no-conmon"]);
    start.args(["--ulimit", &nofile, "--ulimit", "nproc=1024:1024"]);
    start.args(words[..image].iter().filter(|word| *word != "--rm"));
    done(start.arg(name).args(&words[image + 1..]).args(["--listen", &listen]));
    let ready = Command::new("curl")
        .args(["-sf", "--retry", "20", "--retry-delay", "1", "--retry-connrefused", "--max-time", "30"])
        .arg(format!("http://{listen}/readyz"))
        .output()
        .unwrap();
    let exec = |arguments: &[&str]| {
        let mut command = run("podman", &runtime);
        command.args(["exec", &name_of_run]).args(arguments).output().unwrap()
    };
    let health =
        exec(&["/usr/bin/spinal-mets-cds", "check-response", &format!("http://{listen}/cds-services")]);
    let shell = exec(&["/bin/sh", "-c", "true"]);
    let log = run("podman", &["logs", &name_of_run]).output().unwrap();
    let mut stop = run("podman", &runtime);
    stop.args(["rm", "--force", "--time", "5", &name_of_run]).output().unwrap();
    run("podman", &["volume", "rm", "--force", &name_of_run]).output().unwrap();
    assert_eq!(text(&ready.stdout), r#"{"status":"ready"}"#, "{}{}", text(&log.stdout), text(&log.stderr));
    assert!(health.status.success(), "{}", text(&health.stderr));
    assert!(!shell.status.success(), "there is a shell");
}
