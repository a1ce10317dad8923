//! Opens the public CDS Hooks sandbox on patients of ours, with the service registered in it.
//!
//! `cargo run --example sandbox -- FOLDER [--now RFC3339]`: `FOLDER` is the `build` of a sandbox that was built elsewhere
//! (`npm ci && npm run build` in its repository). Nothing is fetched: the folder, a FHIR server with ten patients and the
//! service are served on loopback until Ctrl-C. Without `--now` the stories are moved to today.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool tells where it listens, or why it does not"
)]

mod ehr;

use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Utc};
use ehr::{Ehr, PATIENTS, address};
use spinal_mets_cds::clock::Clock;
use spinal_mets_cds::config::Config;
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::fhir::ValueSets;
use spinal_mets_cds::services::Services;
use spinal_mets_cds::web::Application;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    match open() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("sandbox: {why:#}");
            ExitCode::from(2)
        }
    }
}

fn open() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (folder, clock) = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [folder] => (*folder, Clock::System),
        [folder, "--now", now] => (
            *folder,
            Clock::Frozen(
                now.parse::<DateTime<Utc>>().context("--now takes a time like 2026-05-04T10:00:00Z")?,
            ),
        ),
        _ => bail!("usage: cargo run --example sandbox -- FOLDER [--now RFC3339]"),
    };
    let ehr = Ehr::new(Path::new(folder), clock.now()).map_err(|why| anyhow!(why))?;
    let store = tempfile::tempdir()?;
    let mut config = Config { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ..Config::sandbox() };
    config.store.url = format!("sqlite://{}", store.path().join("feedback.db").display());
    let services = Services::new(ValueSets::built_in()?, Site::default())?;
    actix_web::rt::System::new().block_on(async move {
        let service = Application::build(&config, services, clock)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let base = format!("http://{}", listener.local_addr()?);
        let discovery = format!("{}/cds-services", service.url());
        actix_web::rt::spawn(ehr.serve(listener)?);
        println!("service   {discovery}\nFHIR      {base}/fhir\npatients:");
        for patient in PATIENTS {
            println!("  {}", address(&base, &discovery, patient, "patient-view", "patient-view")?);
        }
        let [first, ..] = PATIENTS;
        let page = address(&base, &discovery, first, "patient-view", "patient-view")?;
        // Where neither is there, the address is on the screen.
        for opener in ["xdg-open", "open"] {
            if Command::new(opener).arg(page.as_str()).spawn().is_ok() {
                break;
            }
        }
        service.run().await.context("the service stopped")
    })
}
