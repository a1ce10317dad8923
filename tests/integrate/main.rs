//! `docs/integrate.md`, `docs/operate.md` and `docs/bench.md`, executed: their files are written, their commands are run in their order, and what
//! they print is what the page says.
//!
//! A fence with a name after its language is a file; `sh` is run; `text` is what the commands above it print, with `…` for what
//! differs from run to run; `console` is for the reader alone. Ports are free ones. Needs bash, curl, openssl, nginx and promtool; without them it is skipped on a
//! developer's machine and fails where `CI` is `true`.

#![cfg(test)]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A fenced block: what stands behind the fence, and its text.
struct Block {
    info: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            blocks.push(Block { info: info.to_owned(), text: text.join("\n") + "\n" });
        }
    }
    blocks
}

/// Whether a line is as written, `…` standing for anything.
fn is_like(written: &str, line: &str) -> bool {
    let pieces: Vec<&str> = written.split('…').collect();
    let [only] = pieces.as_slice() else {
        let (first, last) = (pieces[0], pieces[pieces.len() - 1]);
        let Some(mut rest) = line.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else {
            return false;
        };
        return pieces[1..pieces.len() - 1].iter().all(|piece| {
            rest.split_once(piece).is_some_and(|(_, after)| {
                rest = after;
                true
            })
        });
    };
    *only == line
}

#[expect(clippy::disallowed_methods, reason = "a test asks where its tools are")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Where a program is, among the folders of `PATH` and those of an administrator.
fn found(program: &str) -> Option<PathBuf> {
    let path = variable("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The folder in which the page is played: `trial` beside what it reads, and the programs that it names.
fn stage(blocks: &[Block]) -> tempfile::TempDir {
    let stage = tempfile::tempdir().unwrap();
    let at = |name: &str| stage.path().join(name);
    for folder in ["trial", "bin", "sandbox"] {
        fs::create_dir(at(folder)).unwrap();
    }
    for name in ["fhir-fixtures", "hooks", "packaging", "tests"] {
        symlink(root().join(name), at(name)).unwrap();
    }
    fs::write(at("sandbox/index.html"), "<title>sandbox</title>").unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_spinal-mets-cds"));
    symlink(program, at("bin/spinal-mets-cds")).unwrap();
    if let Some(nginx) = found("nginx") {
        symlink(nginx, at("bin/nginx")).unwrap();
    }
    // Cargo has built the example beside the tests, and holds its lock no more.
    let example = program.with_file_name("examples").join("sandbox");
    assert!(example.is_file(), "build it first: cargo build --example sandbox");
    let cargo = format!(
        "#!/bin/sh\n[ \"$*\" = 'run --locked --example sandbox -- ../../sandbox/build' ] || exit 9\nexec '{}' '{}'\n",
        example.display(),
        at("sandbox").display()
    );
    fs::write(at("bin/cargo"), cargo).unwrap();
    fs::set_permissions(at("bin/cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    for Block { info, text } in blocks {
        if let Some((_, name)) = info.split_once(' ') {
            fs::write(at("trial").join(name), text).unwrap();
        }
    }
    stage
}

#[test]
fn every_command_of_the_integrators_page_prints_what_the_page_says() {
    play("docs/integrate.md", &["bash", "curl", "openssl", "basenc", "nginx"], 10);
}

#[test]
fn every_command_of_the_sites_page_prints_what_the_page_says() {
    play("docs/operate.md", &["bash", "curl", "openssl", "basenc", "promtool"], 8);
}

#[test]
fn every_command_of_the_bench_page_prints_what_the_page_says() {
    play("docs/bench.md", &["bash", "curl", "gzip", "split", "shuf", "cmp"], 6);
}

/// Runs a page that has at least so many blocks of commands.
fn play(name: &str, tools: &[&str], least: usize) {
    if let Some(missing) = tools.iter().find(|it| found(it).is_none()) {
        assert!(variable("CI").as_deref() != Some("true"), "{missing} is not installed");
        writeln!(std::io::stderr(), "SKIPPED {name}: {missing} is not installed").unwrap();
        return;
    }
    let mut page = fs::read_to_string(root().join(name)).unwrap();
    for port in ["8080", "8443", "8444"] {
        page = page.replace(&format!("127.0.0.1:{port}"), &format!("127.0.0.1:{}", free_port()));
    }
    let blocks = blocks(&page);
    let stage = stage(&blocks);
    let mut script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2> /dev/null' EXIT\n".to_owned();
    let (mut commands, mut expected) = (0, Vec::new());
    for Block { info, text } in &blocks {
        match info.as_str() {
            "sh" => {
                commands += 1;
                writeln!(script, "printf -- '---\\n'\n{text}").unwrap();
                expected.push(Vec::new());
            }
            "text" => expected.last_mut().unwrap().extend(text.lines().map(str::to_owned)),
            "console" => {}
            named => assert!(named.contains(' '), "a block that is neither run nor a file: {named}"),
        }
    }
    assert!(commands >= least);
    let path = format!("{}:{}", stage.path().join("bin").display(), variable("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(stage.path().join("trial"))
        .env("PATH", path)
        .output()
        .unwrap();
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let parts: Vec<Vec<&str>> = said.split("---\n").skip(1).map(|part| part.lines().collect()).collect();
    let context = format!("{said}\n{complained}");
    assert_eq!((output.status.success(), parts.len()), (true, commands), "{context}");
    for (written, printed) in expected.iter().zip(&parts) {
        assert_eq!(written.len(), printed.len(), "{written:#?}\n{printed:#?}\n{context}");
        for (written, printed) in written.iter().zip(printed) {
            assert!(is_like(written, printed), "the page says\n{written}\nand it is\n{printed}\n{context}");
        }
    }
}

#[test]
fn what_is_written_stands_for_what_is_printed_and_for_nothing_else() {
    for (written, line, expected) in [
        ("200", "200", true),
        ("200", "2000", false),
        ("a…c", "abbc", true),
        ("a…c", "ac", true),
        ("a…c", "abd", false),
        ("a…b…c", "axbxc", true),
        ("a…b…c", "axc", false),
        ("a…", "b", false),
    ] {
        assert_eq!(is_like(written, line), expected, "{written} {line}");
    }
}
