//! What each call and each request to an EHR took, for a tracing system: OpenTelemetry spans over OTLP (HTTP, protobuf).
//!
//! Off unless `[traces]` names a collector. A span says what a log line says: names, kinds, statuses and counts, never an
//! id of a record, a name, a token, a body or a query. Spans wait in a queue of bounded length for a thread of their own;
//! a collector that is away costs spans and never a call. Absent on purpose: which calls there are.

use crate::clock::{Clock, Stopwatch};
use crate::config::Traces;
use crate::correlation::Correlation;
use crate::version::VERSION;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, Key, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SpanData, SpanEvents, SpanExporter, SpanLinks, SpanProcessor,
};
use std::io::Read;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
use thiserror::Error;
use url::Url;

/// Spans that wait at most; a call makes about as many as it asks an EHR for things.
const QUEUE: usize = 8_192;
/// Spans of one request to the collector.
const BATCH: usize = 512;
/// How long spans wait for company.
const DELAY: Duration = Duration::from_secs(2);
/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What this service is called there; `OTEL_SERVICE_NAME` changes it.
const NAME: &str = "spinal-mets-cds";

/// Why something has no end of its own: nobody waited for it any more, or the time was up.
const ABANDONED: &str = "abandoned";
/// Longest answer of a collector, in bytes; it says next to nothing.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// What a span is about.
pub use opentelemetry::KeyValue as Attribute;

/// Spans cannot be sent.
#[derive(Debug, Error)]
#[error("`traces.endpoint`: {0}")]
pub struct StartError(String);

/// Where spans go; cloning it is cheap.
#[derive(Debug, Clone, Default)]
pub struct Spans(Option<Arc<Sender>>);

#[derive(Debug)]
struct Sender {
    processor: BatchSpanProcessor,
    scope: InstrumentationScope,
    counts: Arc<Counts>,
    /// Of 1,000 calls whose caller did not decide.
    kept: u32,
}

/// What became of spans.
#[derive(Debug, Default)]
struct Counts {
    ended: AtomicU64,
    sent: AtomicU64,
    failed: AtomicU64,
    is_away: AtomicBool,
}

/// Which side of a request a span is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It was asked.
    Server,
    /// It asked somebody else.
    Client,
    /// A part of its own work.
    Within,
}

/// Spans by what became of them: ended here, taken by the collector, not taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Those that ended here.
    pub ended: u64,
    /// Those that the collector took.
    pub sent: u64,
    /// Those that it did not take. The rest waits, or found the queue full.
    pub failed: u64,
}

impl Spans {
    /// Begins to send, where a collector is named. The process has its cryptography by then.
    ///
    /// # Errors
    ///
    /// A [`StartError`] when its address cannot be used, or a variable of OpenTelemetry holds no sense.
    pub fn start(traces: Option<&Traces>) -> Result<Self, StartError> {
        let Some(traces) = traces else { return Ok(Self(None)) };
        let (endpoint, counts) = (traces.endpoint.to_string(), Arc::<Counts>::default());
        let told = Arc::clone(&counts);
        // The client waits for a thread of its own, which no thread of the server may do.
        let made = std::thread::spawn(move || processor(&endpoint, told)).join();
        let processor = made.map_err(|_| StartError("its client cannot be set up".to_owned()))??;
        let scope = InstrumentationScope::builder(NAME).with_version(VERSION).build();
        Ok(Self(Some(Arc::new(Sender { processor, scope, counts, kept: traces.kept_of_thousand }))))
    }

    /// Decides whether the trace of a call is kept, where its caller did not.
    pub fn deciding(&self, correlation: Correlation) -> Correlation {
        match &self.0 {
            Some(sender) => correlation.kept_of_thousand(sender.kept),
            None => correlation,
        }
    }

    /// Tells of something that has just ended. `attributes` is asked only where somebody wants to know.
    pub fn end(
        &self,
        (of, side): (&Correlation, Side),
        name: impl FnOnce() -> String,
        begun: Stopwatch,
        attributes: impl FnOnce() -> (Vec<Attribute>, bool),
    ) {
        let Some(sender) = self.0.as_ref().filter(|_| of.is_sampled()) else { return };
        let (trace, parent, span) = of.ids();
        let (attributes, failed) = attributes();
        let end = SystemTime::from(Clock::System.now());
        let context = SpanContext::new(
            TraceId::from(trace),
            SpanId::from(span),
            TraceFlags::SAMPLED,
            false,
            TraceState::NONE,
        );
        sender.counts.ended.fetch_add(1, Ordering::Relaxed);
        sender.processor.on_end(SpanData {
            span_context: context,
            parent_span_id: parent.map_or(SpanId::INVALID, SpanId::from),
            parent_span_is_remote: side == Side::Server,
            span_kind: match side {
                Side::Server => SpanKind::Server,
                Side::Client => SpanKind::Client,
                Side::Within => SpanKind::Internal,
            },
            name: name().into(),
            start_time: end.checked_sub(begun.elapsed()).unwrap_or(end),
            end_time: end,
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: if failed { Status::error("") } else { Status::Unset },
            instrumentation_scope: sender.scope.clone(),
        });
    }

    /// Does a part of a call, and tells how long it took, also where the deadline or a panic ends it.
    pub async fn within<T>(&self, of: &Correlation, name: &'static str, work: impl Future<Output = T>) -> T {
        if !self.tells(of) {
            return work.await;
        }
        let mut stage = Stage { spans: self, step: of.step(), name, begun: Stopwatch::start(), failed: true };
        let done = work.await;
        stage.failed = false;
        done
    }

    /// Tells of a part of a call that has just been done.
    pub fn done(&self, of: &Correlation, name: &'static str, begun: Stopwatch) {
        if self.tells(of) {
            drop(Stage { spans: self, step: of.step(), name, begun, failed: false });
        }
    }

    /// Whether anything is told of this trace.
    fn tells(&self, of: &Correlation) -> bool {
        self.0.is_some() && of.is_sampled()
    }

    /// Begins to ask another server, as a step of a call. `what`: the kind of thing asked for, never an id of one.
    pub fn asking(&self, call: &Correlation, (method, what): (&'static str, &str), server: &Url) -> Asking {
        let step = call.step();
        let told = self.tells(&step).then(|| (format!("{method} {what}"), server.clone()));
        let (spans, begun) = (self.clone(), Stopwatch::start());
        Asking { spans, step, method, told, begun, status: None, failed: Some(ABANDONED) }
    }

    /// What became of spans so far; `None` where none are made.
    pub fn told(&self) -> Option<Told> {
        let counts = &self.0.as_ref()?.counts;
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Some(Told { ended: read(&counts.ended), sent: read(&counts.sent), failed: read(&counts.failed) })
    }

    /// Sends what waits, and then no more. It waits for the collector.
    pub fn finish(&self) {
        if let Some(sender) = &self.0 {
            // What became of the spans has been counted and told.
            drop(sender.processor.shutdown_with_timeout(PATIENCE));
        }
    }
}

/// A part of a call; its span ends when this goes.
struct Stage<'a> {
    spans: &'a Spans,
    step: Correlation,
    name: &'static str,
    begun: Stopwatch,
    failed: bool,
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        let error = || self.failed.then(|| KeyValue::new("error.type", ABANDONED));
        let attributes = || (error().into_iter().collect(), self.failed);
        self.spans.end((&self.step, Side::Within), || self.name.to_owned(), self.begun, attributes);
    }
}

/// A request to another server; its span ends when this goes, also where nobody waits for the answer any more.
#[derive(Debug)]
pub struct Asking {
    spans: Spans,
    step: Correlation,
    method: &'static str,
    /// Its name and the address; `None` where nobody wants to know.
    told: Option<(String, Url)>,
    begun: Stopwatch,
    status: Option<u16>,
    failed: Option<&'static str>,
}

impl Asking {
    /// The headers that name this step.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.step.headers()
    }

    /// The server answered with this status.
    pub const fn answered(&mut self, status: u16) {
        self.status = Some(status);
        self.failed = None;
    }

    /// Nothing came, or nothing that can be used. `why`: one of a few words, never of the server's own.
    pub const fn failed(&mut self, why: &'static str) {
        self.failed = Some(why);
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let Some((name, server)) = self.told.take() else { return };
        let attributes = || {
            let mut told = vec![
                KeyValue::new("http.request.method", self.method),
                KeyValue::new("server.address", server.host_str().unwrap_or_default().to_owned()),
            ];
            told.extend(
                server.port_or_known_default().map(|port| KeyValue::new("server.port", i64::from(port))),
            );
            told.extend(self.status.map(|it| KeyValue::new("http.response.status_code", i64::from(it))));
            let error = self.status.filter(|it| *it >= 300).map(|it| it.to_string());
            let error = self.failed.map(str::to_owned).or(error);
            let has_failed = error.is_some();
            told.extend(error.map(|error| KeyValue::new("error.type", error)));
            (told, has_failed)
        };
        self.spans.end((&self.step, Side::Client), || name, self.begun, attributes);
    }
}

fn processor(endpoint: &str, counts: Arc<Counts>) -> Result<BatchSpanProcessor, StartError> {
    let failed = |error: &dyn std::fmt::Display| StartError(error.to_string());
    let client = reqwest::blocking::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|error| failed(&error))?;
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(InAll(client))
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .with_timeout(PATIENCE)
        .build()
        .map_err(|error| failed(&error))?;
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE)
        .with_max_export_batch_size(BATCH)
        .with_scheduled_delay(DELAY)
        .build();
    let mut processor =
        BatchSpanProcessor::builder(Counting { exporter, counts }).with_batch_config(batches).build();
    let resource = Resource::builder().with_attribute(KeyValue::new("service.version", VERSION));
    // Without a name in the variables the library makes one up.
    let name = Resource::builder().build().get(&Key::from_static_str("service.name"));
    let is_named = name.is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let resource = if is_named { resource } else { resource.with_service_name(NAME) };
    processor.set_resource(&resource.build());
    Ok(processor)
}

/// The client, which gives an answer so long in all. By itself it would begin to wait anew with each byte.
#[derive(Debug)]
struct InAll(reqwest::blocking::Client);

/// What the trait gives, which is written with a macro there.
type Answering<'f> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'f>>;

impl HttpClient for InAll {
    fn send_bytes<'a, 'f>(&'a self, request: Request<Bytes>) -> Answering<'f>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let mut request = reqwest::blocking::Request::try_from(request)?;
            *request.timeout_mut() = Some(PATIENCE);
            let mut response = self.0.execute(request)?;
            let status = response.status();
            let headers = std::mem::take(response.headers_mut());
            let mut body = Vec::new();
            response.take(LONGEST_ANSWER).read_to_end(&mut body)?;
            let mut answer = Response::builder().status(status).body(Bytes::from(body))?;
            *answer.headers_mut() = headers;
            Ok(answer)
        })
    }
}

/// The exporter, and what became of what it was given.
#[derive(Debug)]
struct Counting {
    exporter: opentelemetry_otlp::SpanExporter,
    counts: Arc<Counts>,
}

impl SpanExporter for Counting {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let length = batch.len() as u64;
        let outcome = self.exporter.export(batch).await;
        let count = if outcome.is_ok() { &self.counts.sent } else { &self.counts.failed };
        count.fetch_add(length, Ordering::Relaxed);
        let was_away = self.counts.is_away.swap(outcome.is_err(), Ordering::Relaxed);
        match (was_away, &outcome) {
            // The text of the error may quote the address with what stands in its query.
            (false, Err(_)) => tracing::warn!("the collector of spans does not take them; they are lost"),
            (true, Ok(())) => tracing::info!("the collector takes spans again"),
            _ => {}
        }
        outcome
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Keeps what would be sent.
    #[derive(Debug, Clone, Default)]
    struct Kept(Arc<Mutex<Vec<SpanData>>>);

    impl SpanExporter for Kept {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            self.0.lock().unwrap().extend(batch);
            Ok(())
        }
    }

    #[actix_web::test]
    async fn a_stage_that_the_deadline_ends_is_told_as_one_that_failed() {
        let kept = Kept::default();
        let sender = Sender {
            processor: BatchSpanProcessor::builder(kept.clone()).build(),
            scope: InstrumentationScope::builder(NAME).build(),
            counts: Arc::default(),
            kept: 1_000,
        };
        let spans = Spans(Some(Arc::new(sender)));
        let call = spans.deciding(Correlation::of(None, None, None));
        let endless = spans.within(&call, "evaluate", std::future::pending::<()>());
        assert!(tokio::time::timeout(Duration::from_millis(1), endless).await.is_err());
        assert_eq!(spans.within(&call, "read body", async { 7 }).await, 7);
        spans.finish();
        let told = kept.0.lock().unwrap();
        let told: Vec<(&str, bool)> =
            told.iter().map(|it| (&*it.name, matches!(it.status, Status::Error { .. }))).collect();
        assert_eq!(told, [("evaluate", true), ("read body", false)]);
    }
}
