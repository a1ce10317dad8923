//! What every handler may use, made once at start.

use super::access::{Access, Clients};
use super::admin::Admin;
use super::admission::Admission;
use super::in_hand::InHand;
use super::metrics::{Metrics, Outside};
use crate::auth::{self, Authenticator};
use crate::chart::ward::Ward;
use crate::clock::{Clock, Stopwatch};
use crate::config::{Client, Config, Deployment, Limits, Mode};
use crate::correlation::Correlation;
use crate::ehr::{self, Fetcher, Reach};
use crate::guideline::page;
use crate::outbound::{self, Outbound};
use crate::record::Recorder;
use crate::services::{self, Likeness, NO_CLIENT, Recalled, Services, form};
use crate::smart::{KeyError, Smart};
use crate::spans::{self, Spans};
use crate::store::{Store, StoreError};
use actix_web::web;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// The service cannot be set up.
#[derive(Debug, Error)]
pub enum StartError {
    /// A key file cannot be used.
    #[error(transparent)]
    Keys(#[from] auth::StartError),
    /// The address of the store or its key file cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Spans cannot be sent.
    #[error(transparent)]
    Spans(#[from] spans::StartError),
    /// What the clients are offered cannot be written.
    #[error(transparent)]
    Services(#[from] services::StartError),
    /// The folder of recorded calls cannot be used.
    #[error("{}: calls cannot be kept here: {source}", folder.display())]
    Record {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The private key of the panel cannot be used.
    #[error(transparent)]
    Panel(#[from] KeyError),
    /// No client for outbound calls.
    #[error(transparent)]
    Outbound(#[from] outbound::StartError),
    /// The admin token cannot be read.
    #[error("{}: the admin token cannot be read: {source}", file.display())]
    AdminToken {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Feedback calls under way at once; each may wait some seconds for its database.
const FEEDBACK_AT_ONCE: usize = 64;

/// What open panels ask for at once; each may wait some seconds for an EHR.
const PANELS_AT_ONCE: usize = 128;

/// How many sign in to the panel at once.
const LOGINS_AT_ONCE: usize = 64;

/// How many whole records are read at once.
const WHOLE_AT_ONCE: usize = 32;

/// How long reading a whole record may take: the panel is no hook call, and somebody watches it.
const WHOLE_RECORD: Duration = Duration::from_secs(20);

/// What every handler may use.
#[derive(Debug)]
pub(super) struct State {
    pub(super) services: Services,
    /// The body of `GET /cds-services`; cloning it copies nothing.
    pub(super) discovery: web::Bytes,
    /// The body of `GET /guideline`, made once.
    pub(super) guideline: web::Bytes,
    /// The body of `GET /questionnaire`, made once.
    pub(super) questionnaire: web::Bytes,
    pub(super) clock: Clock,
    pub(super) limits: Limits,
    pub(super) access: Arc<Access>,
    pub(super) admission: Arc<Admission>,
    /// Places of feedback calls, beside those of hook calls.
    pub(super) feedback_places: Arc<Admission>,
    /// Places of open panels, which wait for EHRs.
    pub(super) smart_places: Arc<Admission>,
    /// Places of those who sign in to the panel: anybody may come.
    pub(super) login_places: Arc<Admission>,
    /// Places to read a whole record, which takes memory.
    pub(super) whole_places: Arc<Admission>,
    /// The panel as a SMART app.
    pub(super) smart: Option<Smart>,
    /// The memory for bodies.
    pub(super) in_hand: InHand,
    pub(super) store: Store,
    /// Whether no card is shown to anybody.
    pub(super) shadow: bool,
    pub(super) admin: Admin,
    pub(super) metrics: Metrics,
    /// Where spans go.
    pub(super) spans: Spans,
    /// Keeps calls as cases; only in a sandbox that was asked to.
    pub(super) recorder: Option<Recorder>,
    /// The folder of worklists that is shown.
    pub(super) worklist: Option<PathBuf>,
    /// The list of fixture patients, as the sandbox shows it.
    pub(super) ward: Ward,
    /// Reads what prefetch lacks; never in the sandbox.
    fetcher: Option<Fetcher>,
}

impl State {
    pub(super) fn new(services: Services, clock: Clock, config: &Config) -> Result<Self, StartError> {
        let limits = config.limits;
        let mut spans = Spans::default();
        let (access, admin, fetcher, smart, names) = match &config.mode {
            Mode::Sandbox => (Access::Sandbox, Admin::Open, None, None, vec![NO_CLIENT.to_owned()]),
            Mode::Configured(deployment) => {
                let outbound = Outbound::new(deployment.allow_private)?;
                spans = Spans::start(config.traces.as_ref())?;
                let outbound = outbound.with_spans(spans.clone());
                let access = clients(deployment, &limits, &outbound, clock)?;
                let names = deployment.clients.iter().map(|client| client.name.clone()).collect();
                let smart = Smart::new(deployment, &outbound)?;
                (access, admin(deployment)?, Some(Fetcher::new(outbound, &limits)), smart, names)
            }
        };
        let store =
            Store::new(&config.store, &names)?.remembering(config.repeat).with_shadow(&names, &config.shadow);
        let clients = config.deployment().map(|deployment| &*deployment.clients).unwrap_or_default();
        let services = services.with_ids(store.ids()).with_repeats(config.repeat).with_clients(clients)?;
        let access = Arc::new(access);
        let places = |most, share| Arc::new(Admission::new(most, share, &names, limits.deadline));
        let admission = places(limits.in_flight, limits.client_in_flight);
        // Of several clients none has more than half.
        let halves = |most: usize| places(most, Some(most.div_ceil(names.len().clamp(1, 2))));
        let metrics = Metrics::new(Outside {
            admission: Arc::clone(&admission),
            access: Arc::clone(&access),
            store: store.availability(),
            shadow: config.shadow.enabled,
            spans: spans.clone(),
            clock,
        });
        metrics.begin(services.offered());
        if config.repeat {
            metrics.begin_answers(&names);
        }
        Ok(Self {
            discovery: web::Bytes::copy_from_slice(services.discovery()),
            guideline: web::Bytes::from(page::page().to_html()),
            questionnaire: web::Bytes::from(form::questionnaire().to_string()),
            services,
            clock,
            limits,
            metrics,
            spans,
            access,
            admission,
            feedback_places: halves(FEEDBACK_AT_ONCE),
            smart_places: halves(PANELS_AT_ONCE),
            login_places: halves(LOGINS_AT_ONCE),
            whole_places: halves(WHOLE_AT_ONCE),
            smart,
            in_hand: InHand::new(limits.body_bytes_in_hand, &names, limits.deadline),
            store,
            shadow: config.shadow.enabled,
            admin,
            fetcher,
            recorder: recorder(config)?,
            worklist: config.bench.worklist.clone(),
            ward: Ward::default(),
        })
    }

    /// Names of the clients that could not be let in now.
    pub(super) fn clients_without_keys(&self) -> Vec<&str> {
        match &*self.access {
            Access::Sandbox => Vec::new(),
            Access::Clients(clients) => clients.authenticator.without_keys(self.clock.now()),
        }
    }

    /// Whether the clock was set so far that it is open whether callers are let in.
    pub(super) fn is_clock_in_doubt(&self) -> bool {
        match &*self.access {
            Access::Sandbox => false,
            Access::Clients(clients) => clients.authenticator.is_clock_in_doubt(self.clock.moment()),
        }
    }

    /// What a call of this client, received at that moment, may use to reach its FHIR server.
    pub(super) fn reach<'a>(
        &'a self,
        client: Option<&'a Client>,
        received: Stopwatch,
        correlation: &'a Correlation,
    ) -> Option<Reach<'a>> {
        Some(Reach {
            client: client?,
            fetcher: self.fetcher.as_ref()?,
            received,
            deadline: self.limits.deadline,
            correlation,
        })
    }

    /// What was answered of the cards of a call; nothing where that cannot be told in time, so that all of them are shown.
    pub(super) async fn recall(
        &self,
        client: &str,
        service: &str,
        likenesses: &[Likeness],
        within: Duration,
    ) -> Recalled {
        let service = services::offered::number(service).unwrap_or_default();
        let recalled = self.store.recall(client, service, likenesses, within).await;
        self.metrics.recall(if recalled.is_ok() { "told" } else { "unavailable" });
        recalled.unwrap_or_default()
    }

    /// Reads from the server of an EHR that has let the panel in; `None` when its address may not be called.
    pub(super) fn reader(&self, access: ehr::Access, correlation: &Correlation) -> Option<ehr::Session> {
        self.fetcher.as_ref()?.session(access, Stopwatch::start(), WHOLE_RECORD, correlation)
    }

    /// Keeps the keys of the clients fresh, and lets go of panels that are over.
    pub(super) async fn refresh(&self) {
        if let Some(smart) = &self.smart {
            smart.sessions.sweep(self.clock.moment().steady);
        }
        if let Access::Clients(clients) = &*self.access {
            clients.authenticator.refresh(self.clock.moment()).await;
        }
    }
}

fn recorder(config: &Config) -> Result<Option<Recorder>, StartError> {
    let Some(folder) = &config.bench.record else { return Ok(None) };
    let recorder = Recorder::open(folder);
    recorder.map(Some).map_err(|source| StartError::Record { folder: folder.clone(), source })
}

fn clients(
    deployment: &Deployment,
    limits: &Limits,
    outbound: &Outbound,
    clock: Clock,
) -> Result<Access, StartError> {
    let (base, clients) = (&deployment.public_base_url, &deployment.clients);
    let authenticator = Authenticator::new(base, clients, outbound, clock.now())?;
    let clients = Clients::new(authenticator, clients, limits.client_calls_per_second);
    Ok(Access::Clients(Box::new(clients)))
}

fn admin(deployment: &Deployment) -> Result<Admin, StartError> {
    let Some(file) = &deployment.admin_token_file else { return Ok(Admin::Closed) };
    let token = std::fs::read_to_string(file)
        .map_err(|source| StartError::AdminToken { file: file.clone(), source })?;
    Ok(Admin::Token(token.trim().as_bytes().to_vec()))
}
