//! `check-config`: everything that is wrong with a configuration, at once; or in one line what it would do.
//!
//! Secrets are never shown. Nothing is connected: whether a key set or a database answers is seen at start.

use super::output;
use crate::config::{Client, Config, KeySource, Transport, environment};
use crate::domain::Source;
use crate::guideline::Fact;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `check-config`.
#[derive(Debug, Clone, clap::Args)]
pub struct CheckConfigArgs {
    /// The configuration
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Checks a configuration with the overrides of the environment.
///
/// # Errors
///
/// Every fault, one line each.
pub fn run(args: &CheckConfigArgs) -> anyhow::Result<ExitCode> {
    let config = load(&args.file)?;
    let clients = config.deployment().map(|deployment| &*deployment.clients).unwrap_or_default();
    let lines: Vec<String> =
        std::iter::once(summary(&config)).chain(clients.iter().filter_map(not_offered)).collect();
    output::say(&(lines.join("\n") + "\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Loads a configuration; warnings go to stderr at once.
///
/// # Errors
///
/// Every fault, one line each.
pub fn load(file: &std::path::Path) -> anyhow::Result<Config> {
    let (config, warnings) = Config::load(file, environment())?;
    for warning in warnings {
        output::complain(&format!("warning: {}", warning.line(file)));
    }
    Ok(config)
}

/// What the EHR of a client does not offer, and which facts rest on fewer sources for it; `None`: it offers everything.
pub fn not_offered(client: &Client) -> Option<String> {
    let types: Vec<&str> = client.profile.not_offered().map(Source::resource_type).collect();
    if types.is_empty() {
        return None;
    }
    let (mut fewer, mut none) = (BTreeSet::new(), BTreeSet::new());
    for fact in Fact::ALL {
        let left = fact.sources().iter().filter(|source| client.profile.offers(**source)).count();
        if left == 0 {
            none.insert(fact.plain_name());
        } else if left < fact.sources().len() {
            fewer.insert(fact.plain_name());
        }
    }
    let listed = |facts: BTreeSet<&str>| facts.into_iter().collect::<Vec<_>>().join(", ");
    let mut line = format!(
        "client {}: its EHR (profile {}) does not offer {}; these count as none on record",
        client.name,
        client.profile,
        types.join(", ")
    );
    if !fewer.is_empty() {
        line += &format!("; facts that rest on fewer resources: {}", listed(fewer));
    }
    if !none.is_empty() {
        line += &format!("; facts that cannot be known: {}", listed(none));
    }
    Some(line)
}

fn summary(config: &Config) -> String {
    let Some(deployment) = config.deployment() else {
        return format!("fine: the sandbox on {}", config.listen);
    };
    let transport = match &deployment.transport {
        Transport::Tls { .. } => "with TLS",
        Transport::BehindProxy => "behind a proxy that ends TLS",
    };
    let clients: Vec<String> = deployment
        .clients
        .iter()
        .map(|client| {
            let keys = match &client.keys {
                KeySource::Url(url) => url.to_string(),
                KeySource::File(path) => path.display().to_string(),
            };
            let servers = match client.fhir_servers.len() {
                1 => "1 FHIR server".to_owned(),
                several => format!("{several} FHIR servers"),
            };
            format!("{} (keys from {keys}, {servers})", client.name)
        })
        .collect();
    let store = config.store.url.split(':').next().unwrap_or_default();
    format!(
        "fine: listens on {} {transport} as {}; clients: {}; store: {store}; admin pages {}; panel {}{}{}",
        config.listen,
        deployment.public_base_url,
        clients.join(", "),
        if deployment.admin_token_file.is_some() { "open with the admin token" } else { "closed" },
        if deployment.smart.is_some() { "offered" } else { "off" },
        if config.repeat { "; answered cards stay away for a while" } else { "" },
        if config.shadow.enabled {
            "; shadow mode: no card is shown to anybody, they are counted"
        } else {
            ""
        },
    )
}
