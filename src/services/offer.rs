//! What one client is offered: the services with the prefetch templates that its EHR can fill.

use super::offered::OFFERED;
use super::prefetch::{Template, templates};
use crate::cds_hooks::{Discovery, ServiceEntry, SpecVersion};
use crate::config::Client;
use crate::config::Profile;
use crate::fhir::ValueSets;
use std::collections::HashMap;
use std::sync::Arc;

/// What of the protocol a client is spoken to in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Dialect {
    /// The version of the specification.
    pub(super) version: SpecVersion,
    /// Whether the client is known to read `suggestion.actionSelectionBehavior` (S-13).
    pub(super) reads_action_selection: bool,
    /// Whether the panel is registered at its EHR.
    pub(super) has_panel: bool,
}

/// The services as a client sees them.
#[derive(Debug)]
pub(super) struct Offer {
    /// What it is asked for.
    pub(super) templates: Vec<Template>,
    /// How it is spoken to.
    pub(super) dialect: Dialect,
    /// The body of its `GET /cds-services`.
    pub(super) discovery: Vec<u8>,
}

impl Offer {
    /// `off`: ids of services that the site does not want.
    fn new(
        sets: &ValueSets,
        profile: &Profile,
        off: &[String],
        dialect: Dialect,
    ) -> Result<Self, serde_json::Error> {
        let templates = templates(sets, profile);
        let mut services = Vec::new();
        for service in OFFERED.iter().filter(|service| !off.iter().any(|id| id == service.id)) {
            let mut entry: ServiceEntry = serde_json::from_str(service.entry)?;
            let asked = templates.iter().filter_map(|it| Some((it.key.clone(), it.query.clone()?)));
            entry.prefetch = asked.collect();
            entry.version = (dialect.version != SpecVersion::default()).then(|| dialect.version.as_str());
            services.push(entry);
        }
        let discovery = serde_json::to_vec(&Discovery { services: services.iter().collect() })?;
        Ok(Self { templates, dialect, discovery })
    }
}

/// What is offered to whom. Clients of one profile and one dialect share it.
#[derive(Debug)]
pub(super) struct Offers {
    generic: Arc<Offer>,
    off: Vec<String>,
    version: SpecVersion,
    by_client: HashMap<String, Arc<Offer>>,
}

impl Offers {
    /// What everybody is offered, all but the services of these ids.
    pub(super) fn generic(
        sets: &ValueSets,
        off: &[String],
        version: SpecVersion,
    ) -> Result<Self, serde_json::Error> {
        let dialect = Dialect { version, ..Dialect::default() };
        let generic = Arc::new(Offer::new(sets, &Profile::default(), off, dialect)?);
        Ok(Self { generic, off: off.to_vec(), version, by_client: HashMap::new() })
    }

    /// Adds what these clients are offered.
    pub(super) fn add(&mut self, sets: &ValueSets, clients: &[Client]) -> Result<(), serde_json::Error> {
        let mut made =
            HashMap::from([((Profile::default(), self.generic.dialect), Arc::clone(&self.generic))]);
        for client in clients {
            // What is of the next version is sent in that version alone.
            let reads_action_selection =
                client.action_selection_behavior && self.version == SpecVersion::Ballot3;
            let has_panel = client.smart_client_id.is_some();
            let dialect = Dialect { version: self.version, reads_action_selection, has_panel };
            let key = (client.profile.clone(), dialect);
            let offer = match made.get(&key) {
                Some(offer) => Arc::clone(offer),
                None => Arc::new(Offer::new(sets, &client.profile, &self.off, dialect)?),
            };
            made.insert(key, Arc::clone(&offer));
            self.by_client.insert(client.name.clone(), offer);
        }
        Ok(())
    }

    /// What this client is offered; without one, what everybody is.
    pub(super) fn of(&self, client: Option<&Client>) -> &Offer {
        client.and_then(|client| self.by_client.get(&client.name)).unwrap_or(&self.generic)
    }
}
