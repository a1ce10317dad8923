//! One hook call, from its request to its answer, its log line and its counts.
//!
//! The order is that of the costs: a known service, a free place, a caller that is let in, then the body. A log line holds
//! names, codes, kinds and counts, the trace and the request id of the call, never an id of a record, a name, a token or a
//! body. Absent on purpose: what a refusal looks like
//! (`error.rs`).

use super::access::Caller;
use super::admission::{Admission, Admitted, Shed};
use super::body;
use super::correlation;
use super::error::Refusal;
use super::state::State;
use crate::auth::Endpoint;
use crate::cds_hooks::Response;
use crate::clock::{Deadline, Stopwatch};
use crate::config::Client;
use crate::correlation::Correlation;
use crate::record::{Answered, Kept};
use crate::services::{Answer, CallError, Likeness, NO_CLIENT, Showing};
use crate::spans::Attribute;
use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// A body above this many bytes is evaluated off the worker, because it would hold up the worker's other calls
/// for more than about a millisecond.
const LARGE_BODY: usize = 300_000;

/// `POST /cds-services/{id}`
pub(super) async fn hook(
    request: HttpRequest,
    id: web::Path<String>,
    state: web::Data<State>,
    payload: web::Payload,
) -> HttpResponse {
    let stopwatch = Stopwatch::start();
    let hook = state.services.hook(&id);
    // An id that is not ours may be anything, so it is not logged.
    let service = if hook.is_some() { id.as_str() } else { "unknown" };
    let mut told = CallLog::default();
    let correlation = Arc::new(correlation::of(&request, &state));
    let call = (Arc::clone(&correlation), stopwatch);
    let answering = answer(&request, service, &state, payload, (&mut told, call));
    let mut response = match guarded(answering).await {
        Ok(body) => HttpResponse::Ok().content_type(ContentType::json()).body(body),
        Err(refusal) => {
            told.why = refusal.why();
            refusal.error_response()
        }
    };
    correlation::give_back(&correlation, &mut response);
    let took = stopwatch.elapsed();
    let status = response.status().as_u16();
    let hook = hook.unwrap_or("unknown");
    state.metrics.call(service, hook, status, took);
    let caller = told.entry.caller.as_ref();
    tracing::info!(
        service,
        hook,
        status,
        client = caller.map(|caller| &*caller.name),
        token = caller.map(|caller| caller.outcome),
        kid = caller.and_then(|caller| caller.kid.as_deref()),
        request_id = correlation.request_id(),
        trace = %correlation.trace_id(),
        cards = told.cards,
        codes = told.codes,
        hidden = told.hidden,
        in_short = told.in_short,
        withheld = told.withheld,
        notes = told.notes_by_kind(),
        keys = told.keys,
        why = told.why,
        waited_micros = told.entry.waited.as_micros(),
        micros = took.as_micros(),
        "hook call"
    );
    let route = ("POST", "/cds-services/{id}");
    correlation::end(
        (&state, &correlation, told.entry.is_let_in),
        route,
        stopwatch,
        response.status(),
        || told.attributes(service, hook),
    );
    response
}

async fn answer(
    request: &HttpRequest,
    service: &str,
    state: &web::Data<State>,
    payload: web::Payload,
    (told, (correlation, received)): (&mut CallLog, (Arc<Correlation>, Stopwatch)),
) -> Result<Vec<u8>, Refusal> {
    let endpoint = Endpoint::Service(service);
    let spans = &state.spans;
    let let_in = let_in(request, endpoint, state, &state.admission, &mut told.entry).await;
    if let_in.is_ok() {
        spans.done(&correlation, "let in", received);
    }
    let let_in = let_in.and_then(|it| {
        // A refusal drops the place, so that reading the rest of a refused body blocks nobody.
        if body::is_json(request.headers()) { Ok(it) } else { Err(Refusal::MediaType) }
    });
    let (place, client) = match let_in {
        Ok(let_in) => let_in,
        Err(refusal) => {
            body::discard(payload, request.headers(), state.limits).await;
            return Err(refusal);
        }
    };
    let name = client.as_deref().map_or(NO_CLIENT, |client| &client.name);
    let reading = body::read(payload, request.headers(), state, (name, Some(received)));
    let body = spans.within(&correlation, "read body", reading).await?;
    let deadline = Deadline::new(received, state.limits.deadline);
    let _waiting = deadline.waiting();
    let left = deadline.left();
    let now = state.clock.now();
    let call = Call { service: service.to_owned(), client, correlation, received, now, deadline };
    let (body, about) = if body.len() <= LARGE_BODY {
        timeout(left, evaluate(state, &call, &body)).await.map_err(|_| CallError::Late)??
    } else {
        let (state, runtime) = (state.clone(), Handle::current());
        // The place goes with the work, which ends at its next stage when the client hangs up.
        let work = web::block(move || {
            let _place = place;
            runtime.block_on(evaluate(&state, &call, &body))
        });
        timeout(left, work).await.map_err(|_| CallError::Late)?.unwrap_or(Err(Refusal::Internal))?
    };
    told.answered(about);
    Ok(body)
}

/// Whether a call to a service, or with feedback to it, may take one of these places and go on to its body, and for whom.
pub(super) async fn let_in(
    request: &HttpRequest,
    endpoint: Endpoint<'_>,
    state: &State,
    places: &Admission,
    told: &mut Entry,
) -> Result<(Admitted, Option<Arc<Client>>), Refusal> {
    if let Endpoint::Service(service) | Endpoint::Feedback(service) = endpoint
        && state.services.hook(service).is_none()
    {
        return Err(Refusal::Call(CallError::UnknownService));
    }
    let shed = |shed: Shed| {
        state.metrics.shed(shed);
        Refusal::Overloaded
    };
    let mut admitted = places.enter().await.map_err(shed)?;
    told.waited = places.turn(&admitted).await.map_err(shed)?;
    let (caller, outcome) = state.access.admit(request, endpoint, &state.store, state.clock.moment()).await;
    state.metrics.caller(&caller);
    told.caller = Some(caller);
    let client = outcome?;
    let name = client.as_deref().map_or(NO_CLIENT, |client| &client.name);
    told.is_let_in = true;
    places.count_for(name, &mut admitted).map_err(shed)?;
    Ok((admitted, client))
}

/// A call that has been let in.
struct Call {
    service: String,
    client: Option<Arc<Client>>,
    correlation: Arc<Correlation>,
    received: Stopwatch,
    now: DateTime<Utc>,
    deadline: Deadline,
}

async fn evaluate(state: &State, call: &Call, body: &[u8]) -> Result<(Vec<u8>, CallLog), Refusal> {
    let reach = state.reach(call.client.as_deref(), call.received, &call.correlation);
    let is_wanted = || !call.deadline.is_over();
    let name = call.client.as_deref().map_or(NO_CLIENT, |client| &client.name);
    // Half of what is left: what was answered is no reason to be late.
    let recall = async |likenesses: &[Likeness]| {
        let recall = state.recall(name, &call.service, likenesses, call.deadline.left() / 2);
        state.spans.within(&call.correlation, "recall answers", recall).await
    };
    let answer = state.services.answer_recalling(&call.service, body, reach, call.now, &is_wanted, recall);
    let answer = state.spans.within(&call.correlation, "evaluate", answer).await.inspect_err(|error| {
        if let CallError::DataMissing { outcomes, .. } = error {
            state.metrics.keys(outcomes);
        }
    })?;
    state.metrics.keys(&answer.outcomes);
    let told = CallLog::about(&answer, state.shadow);
    state.metrics.answer(&answer, &told.notes, !state.shadow);
    count(state, name, call, &answer);
    // Of shadow mode nothing leaves: no card, and no action of the system.
    let shown = if state.shadow { Response::default() } else { answer.response };
    let response = serde_json::to_vec(&shown).map_err(|_| Refusal::Internal)?;
    if let Some(recorder) = &state.recorder {
        let answered = Answered { service: &call.service, body, response: &response, now: call.now };
        // A tester who records waits for the disk.
        match recorder.keep(&state.services, answered) {
            Ok(Kept::In(_)) => {}
            Ok(Kept::Not(why)) => tracing::warn!(service = %call.service, why, "a call was not recorded"),
            Err(error) => tracing::warn!(%error, "a call was not recorded"),
        }
    }
    Ok((response, told))
}

/// Counts an answer, in memory alone: a store that is away holds up no call.
fn count(state: &State, client: &str, call: &Call, answer: &Answer) {
    let (store, service) = (&state.store, &call.service);
    let first = store.shown().first(client, service, &answer.questions);
    store.watch().count(client, service, answer, &first);
    if state.shadow {
        store.sample().offer(answer, &first, call.now);
    } else {
        store.shown().count(client, service, &answer.questions, &first);
    }
}

/// A panic costs the call that met it and no other.
pub(super) async fn guarded<T>(work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or(Err(Refusal::Internal))
}

/// What the log line says about the way in.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) caller: Option<Caller>,
    /// Whether it is one that may call.
    pub(super) is_let_in: bool,
    /// How long the call waited for its turn.
    waited: Duration,
}

/// What the log line says about a call.
#[derive(Default)]
struct CallLog {
    entry: Entry,
    cards: usize,
    codes: String,
    /// Lead codes of the cards that are not shown, since they were answered.
    hidden: Option<String>,
    /// Those of the cards that are short.
    in_short: Option<String>,
    /// In shadow mode the codes of the cards that were not shown.
    withheld: Option<String>,
    /// How many notes of each kind.
    notes: BTreeMap<&'static str, u64>,
    /// What became of the prefetch keys.
    keys: String,
    /// What was wrong with a call that was refused.
    why: Option<String>,
}

impl CallLog {
    fn about(answer: &Answer, shadow: bool) -> Self {
        let cards = &answer.response.cards;
        let codes: Vec<&str> = cards.iter().map(|card| card.source.topic.code.as_str()).collect();
        let mut notes: BTreeMap<&str, u64> = BTreeMap::new();
        for note in &answer.notes {
            *notes.entry(note.kind.name()).or_default() += 1;
        }
        let keys: Vec<String> =
            answer.outcomes.iter().map(|(outcome, count)| format!("{}={count}", outcome.name())).collect();
        let (codes, keys) = (codes.join(","), keys.join(","));
        if shadow {
            return Self { withheld: Some(codes), notes, keys, ..Self::default() };
        }
        let repeats = |showing| {
            let of_it = answer.repeats.iter().filter(|it| it.showing == showing);
            let codes: Vec<&str> = of_it.map(|it| it.lead.as_str()).collect();
            (!codes.is_empty()).then(|| codes.join(","))
        };
        let (hidden, in_short) = (repeats(Showing::Hidden), repeats(Showing::InShort));
        Self { cards: cards.len(), codes, hidden, in_short, notes, keys, ..Self::default() }
    }

    fn notes_by_kind(&self) -> String {
        let notes: Vec<String> = self.notes.iter().map(|(kind, count)| format!("{kind}={count}")).collect();
        notes.join(",")
    }

    /// The same for a tracing system.
    fn attributes(&self, service: &str, hook: &str) -> Vec<Attribute> {
        let caller = self.entry.caller.as_ref();
        let text = |key: &'static str, value: Option<&str>| Some(Attribute::new(key, value?.to_owned()));
        let some = |text: &'static str, value: &str| {
            (!value.is_empty()).then(|| Attribute::new(text, value.to_owned()))
        };
        let count = i64::try_from(self.cards).unwrap_or(i64::MAX);
        let texts = [
            text("service", Some(service)),
            text("hook", Some(hook)),
            text("client", caller.map(|it| &*it.name)),
            text("token", caller.map(|it| it.outcome)),
            some("codes", &self.codes),
            text("hidden", self.hidden.as_deref()),
            text("in_short", self.in_short.as_deref()),
            text("withheld", self.withheld.as_deref()),
            some("keys", &self.keys),
            text("why", self.why.as_deref()),
        ];
        texts.into_iter().flatten().chain([Attribute::new("cards", count)]).collect()
    }

    fn answered(&mut self, answer: Self) {
        *self = Self { entry: std::mem::take(&mut self.entry), ..answer };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Facts;
    use crate::fhir::{Note, NoteKind};
    use crate::services::OutcomeCounts;

    #[actix_web::test]
    async fn a_panic_is_one_failed_call() {
        let result: Result<(), Refusal> = guarded(async { panic!("a patient's name") }).await;
        let refusal = result.unwrap_err();
        assert!(matches!(refusal, Refusal::Internal));
        assert_eq!(refusal.status_code().as_u16(), 500);
    }

    #[test]
    fn notes_are_told_by_kind_and_count() {
        let note = |kind| Note::on(kind, "Condition/secret");
        let notes =
            vec![note(NoteKind::OtherPatient), note(NoteKind::Duplicate), note(NoteKind::OtherPatient)];
        let answer = Answer {
            response: Response { cards: Vec::new(), extension: None },
            notes,
            facts: Facts::default(),
            outcomes: OutcomeCounts::default(),
            questions: Vec::new(),
            repeats: Vec::new(),
            outlines: Vec::new(),
            was_read: false,
        };
        assert_eq!(CallLog::about(&answer, false).notes_by_kind(), "duplicate=1,other-patient=2");
    }
}
