//! Counters for Prometheus, a registry of its own for each server.
//!
//! Labels hold names of services, hooks, codes, kinds, statuses and configured clients, never anything that was sent.
//! What is always the same is looked up once at the start of a call.

use super::access::{Access, Caller};
use super::admission::{Admission, Shed};
use crate::auth::ClockSteps;
use crate::clock::Clock;
use crate::services::{Answer, OutcomeCounts};
use crate::spans::Spans;
use crate::store::{Availability, Summary};
use crate::version::{COMMIT, GUIDELINE_VERSION, VERSION};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Upper bounds of the histogram of answer times, in seconds; the guidance of the specification is 0.5.
const SECONDS: [f64; 14] =
    [0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0];

/// What is not kept, because there is too much already.
const BEYOND: &str = "beyond-limit";

/// The status of a call that failed here.
const FAILED: u32 = 500;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    service: String,
    hook: String,
    status: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ServiceLabel {
    service: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CardLabels {
    code: String,
    shown: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RepeatLabels {
    code: &'static str,
    showing: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallerLabels {
    client: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DirectionLabel {
    direction: &'static str,
}

/// What is counted.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    seconds: Family<ServiceLabel, Histogram>,
    cards: Family<CardLabels, Counter>,
    notes: Family<KindLabel, Counter>,
    authentications: Family<CallerLabels, Counter>,
    shed: Family<KindLabel, Counter>,
    keys: Family<OutcomeLabel, Counter>,
    feedback: Family<CallerLabels, Counter>,
    answers: Family<CallerLabels, Counter>,
    repeats: Family<RepeatLabels, Counter>,
    recalls: Family<OutcomeLabel, Counter>,
}

impl Metrics {
    pub(super) fn new(outside: Outside) -> Self {
        let mut registry = Registry::with_prefix("spinal_mets_cds");
        let build = [("version", VERSION), ("commit", COMMIT), ("guideline_version", GUIDELINE_VERSION)];
        registry.register("build", "Which build this is", Info::new(build.to_vec()));
        let seconds = Family::new_with_constructor((|| Histogram::new(SECONDS)) as fn() -> Histogram);
        let (calls, cards, notes) = (Family::default(), Family::default(), Family::default());
        let (authentications, shed, keys) = (Family::default(), Family::default(), Family::default());
        let feedback = Family::default();
        registry.register("hook_calls", "Hook calls by service, hook and status", calls.clone());
        registry.register("hook_call_seconds", "Time from request to answer", seconds.clone());
        registry.register(
            "cards",
            "Cards by lead recommendation code, and whether they were shown",
            cards.clone(),
        );
        registry.register("data_notes", "What was ignored or doubtful in the data, by kind", notes.clone());
        registry.register(
            "authentications",
            "Calls by client and what became of their token",
            authentications.clone(),
        );
        registry.register(
            "feedback_entries",
            "Entries of feedback by client and what became of them",
            feedback.clone(),
        );
        let (answers, repeats, recalls) = (Family::default(), Family::default(), Family::default());
        registry.register(
            "remembered_answers",
            "Cards that feedback keeps away for a while, by client and whether that is remembered",
            answers.clone(),
        );
        registry.register(
            "repeated_cards",
            "Cards that were not shown whole, since they were answered, by code and how they were shown",
            repeats.clone(),
        );
        registry.register(
            "recalls",
            "Hook calls that asked what was answered, by whether that could be told",
            recalls.clone(),
        );
        registry.register("shed_calls", "Calls turned away, by reason", shed.clone());
        registry.register("prefetch_keys", "Prefetch keys by what became of them", keys.clone());
        registry.register_collector(Box::new(outside));
        Self {
            registry,
            calls,
            seconds,
            cards,
            notes,
            authentications,
            shed,
            keys,
            feedback,
            answers,
            repeats,
            recalls,
        }
    }

    /// Begins at zero what alarms look at: of a counter that appears with its first event nobody sees it grow.
    pub(super) fn begin<'a>(&self, services: impl Iterator<Item = (&'a str, &'a str)>) {
        for (service, hook) in services {
            let labels = CallLabels { service: service.to_owned(), hook: hook.to_owned(), status: FAILED };
            self.calls.get_or_create(&labels).inc_by(0);
        }
        for shed in Shed::ALL {
            self.shed.get_or_create(&KindLabel { kind: shed.name() }).inc_by(0);
        }
    }

    /// Begins at zero what an alarm looks at where answers are remembered.
    pub(super) fn begin_answers(&self, clients: &[String]) {
        for client in clients {
            let labels = CallerLabels { client: client.clone(), outcome: BEYOND };
            self.answers.get_or_create(&labels).inc_by(0);
        }
    }

    /// Counts an answered or refused call.
    pub(super) fn call(&self, service: &str, hook: &str, status: u16, took: Duration) {
        let labels =
            CallLabels { service: service.to_owned(), hook: hook.to_owned(), status: u32::from(status) };
        self.calls.get_or_create(&labels).inc();
        self.seconds.get_or_create(&ServiceLabel { service: service.to_owned() }).observe(took.as_secs_f64());
    }

    /// Counts what an answer holds, and whether its cards are shown; its notes are counted by kind already.
    pub(super) fn answer(&self, answer: &Answer, notes: &BTreeMap<&'static str, u64>, is_shown: bool) {
        let shown = if is_shown { "yes" } else { "no" };
        for card in &answer.response.cards {
            let code = card.source.topic.code.clone();
            self.cards.get_or_create(&CardLabels { code, shown }).inc();
        }
        for repeat in &answer.repeats {
            let labels = RepeatLabels { code: repeat.lead.as_str(), showing: repeat.showing.name() };
            self.repeats.get_or_create(&labels).inc();
        }
        for (kind, count) in notes {
            self.notes.get_or_create(&KindLabel { kind }).inc_by(*count);
        }
    }

    /// Counts what became of the prefetch keys of a call.
    pub(super) fn keys(&self, outcomes: &OutcomeCounts) {
        for (outcome, count) in outcomes.iter() {
            self.keys.get_or_create(&OutcomeLabel { outcome: outcome.name() }).inc_by(u64::from(count));
        }
    }

    /// Counts a caller.
    pub(super) fn caller(&self, caller: &Caller) {
        let labels = CallerLabels { client: caller.name.to_string(), outcome: caller.outcome };
        self.authentications.get_or_create(&labels).inc();
    }

    /// Counts the entries of a feedback call.
    pub(super) fn feedback(&self, client: &str, summary: Summary, rejected: usize) {
        let rejected = u64::try_from(rejected).unwrap_or(u64::MAX);
        let Summary { stored, repeated, unknown, beyond, remembered, not_remembered } = summary;
        let all = [
            ("stored", stored),
            ("repeated", repeated),
            ("unknown-card", unknown),
            (BEYOND, beyond),
            ("rejected", rejected),
        ];
        for (outcome, entries) in all.into_iter().filter(|(_, entries)| *entries > 0) {
            self.feedback.get_or_create(&CallerLabels { client: client.to_owned(), outcome }).inc_by(entries);
        }
        let answers = [("remembered", remembered), (BEYOND, not_remembered)];
        for (outcome, cards) in answers.into_iter().filter(|(_, cards)| *cards > 0) {
            self.answers.get_or_create(&CallerLabels { client: client.to_owned(), outcome }).inc_by(cards);
        }
    }

    /// Counts whether it could be told what was answered.
    pub(super) fn recall(&self, outcome: &'static str) {
        self.recalls.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    /// Counts a call that was turned away.
    pub(super) fn shed(&self, shed: Shed) {
        self.shed.get_or_create(&KindLabel { kind: shed.name() }).inc();
    }

    /// Everything in the text format of OpenMetrics, which Prometheus reads.
    pub(super) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// What others count or know: calls under way, whether the store can be used, keys of clients.
#[derive(Debug)]
pub(super) struct Outside {
    pub(super) admission: Arc<Admission>,
    pub(super) access: Arc<Access>,
    pub(super) store: Availability,
    pub(super) shadow: bool,
    pub(super) spans: Spans,
    pub(super) clock: Clock,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClientLabel {
    client: String,
}

impl Collector for Outside {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let under_way = i64::try_from(self.admission.under_way()).unwrap_or(i64::MAX);
        let gauge = ConstGauge::new(under_way);
        gauge.encode(encoder.encode_descriptor(
            "calls_in_flight",
            "Hook calls under way",
            None,
            MetricType::Gauge,
        )?)?;
        let available = ConstGauge::new(i64::from(self.store.is_available()));
        available.encode(encoder.encode_descriptor(
            "store_available",
            "Whether the store could be used at the last try",
            None,
            MetricType::Gauge,
        )?)?;
        let shadow = ConstGauge::new(i64::from(self.shadow));
        shadow.encode(encoder.encode_descriptor(
            "shadow",
            "Whether this replica shows no card to anybody",
            None,
            MetricType::Gauge,
        )?)?;
        if let Some(told) = self.spans.told() {
            let mut spans = encoder.encode_descriptor(
                "spans",
                "Spans for the tracing system: ended here, taken by its collector, not taken",
                None,
                MetricType::Counter,
            )?;
            for (outcome, count) in [("ended", told.ended), ("sent", told.sent), ("failed", told.failed)] {
                ConstCounter::new(count).encode(spans.encode_family(&OutcomeLabel { outcome })?)?;
            }
        }
        let Access::Clients(clients) = &*self.access else { return Ok(()) };
        let now = self.clock.now();
        let lacking = clients.authenticator.without_keys(now);
        let mut usable = encoder.encode_descriptor(
            "client_has_keys",
            "Whether the client has keys that may be used",
            None,
            MetricType::Gauge,
        )?;
        for client in clients.authenticator.clients() {
            let label = ClientLabel { client: client.to_owned() };
            let has_keys = i64::from(!lacking.contains(&client));
            ConstGauge::new(has_keys).encode(usable.encode_family(&label)?)?;
        }
        let ClockSteps { forward, back } = clients.authenticator.clock_steps();
        let mut steps = encoder.encode_descriptor(
            "clock_steps",
            "How often the clock of the machine was set, by direction",
            None,
            MetricType::Counter,
        )?;
        for (direction, count) in [("forward", forward), ("back", back)] {
            ConstCounter::new(count).encode(steps.encode_family(&DirectionLabel { direction })?)?;
        }
        let mut fetches = encoder.encode_descriptor(
            "key_set_fetches",
            "Requests for key sets by client and outcome",
            None,
            MetricType::Counter,
        )?;
        for of_client in clients.authenticator.key_fetches() {
            for (outcome, count) in [("fetched", of_client.fetched), ("failed", of_client.failed)] {
                let labels = CallerLabels { client: of_client.client.clone(), outcome };
                ConstCounter::new(count).encode(fetches.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}
