//! What one call is known by across programs: the trace of its caller (W3C Trace Context, level 1) and a request id.
//!
//! Both are taken from the call where they can be read, made here otherwise, written on the log lines of the call, and sent
//! on to the FHIR server that is read for it. A value from outside is written down only where its shape says that it means
//! nothing, a trace id or a UUID: no patient can be in a log by it. Absent on purpose: which headers a web framework has.

use std::fmt;
use uuid::Uuid;

/// The trace that a call belongs to.
pub const TRACEPARENT: &str = "traceparent";
/// What the tracing systems on the way add to it; sent on as it came, and never read.
pub const TRACESTATE: &str = "tracestate";
/// The name of the one call.
pub const REQUEST_ID: &str = "x-request-id";

/// Longest trace state that is sent on.
const LONGEST_STATE: usize = 512;
/// The version, the trace, the caller's span and the flags, with hyphens between.
const TRACEPARENT_LENGTH: usize = 55;
/// Whether the caller keeps this trace: the flag that is sent on.
const SAMPLED: u8 = 1;

/// What one call is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correlation {
    trace: u128,
    /// The span of whoever called, where it said.
    parent: Option<u64>,
    span: u64,
    flags: u8,
    state: Option<String>,
    request_id: String,
}

impl Correlation {
    /// Reads what a call brings; each is `None` where its header is missing or comes twice.
    pub fn of(traceparent: Option<&[u8]>, tracestate: Option<&[u8]>, request_id: Option<&[u8]>) -> Self {
        let made = Uuid::new_v4();
        let came = traceparent.and_then(parse);
        let (trace, parent, flags) =
            came.map_or((made.as_u128(), None, 0), |(trace, parent, flags)| (trace, Some(parent), flags));
        // Without its trace a state means nothing.
        let state = tracestate.filter(|_| came.is_some()).and_then(|it| printable(it, LONGEST_STATE));
        let request_id = request_id.and_then(name).unwrap_or_else(|| made.to_string());
        Self { trace, parent, span: span(made), flags, state, request_id }
    }

    /// Of calls whose caller did not decide, keeps so many of 1,000; every replica decides the same of one trace.
    pub fn kept_of_thousand(mut self, kept: u32) -> Self {
        if self.parent.is_none() && self.trace % 1_000 < u128::from(kept) {
            self.flags |= SAMPLED;
        }
        self
    }

    /// Whether its caller brought the trace, and with it decided whether it is kept.
    pub const fn is_of_caller(&self) -> bool {
        self.parent.is_some()
    }

    /// A step of this call, such as a request to another server: in the same trace, below this span.
    pub fn step(&self) -> Self {
        let parent = Some(self.span);
        Self {
            parent,
            span: span(Uuid::new_v4()),
            state: self.state.clone(),
            request_id: self.request_id.clone(),
            ..*self
        }
    }

    /// Whether this trace is kept.
    pub const fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// The trace, the span above this one where there is one, and this span.
    pub const fn ids(&self) -> (u128, Option<u64>, u64) {
        (self.trace, self.parent, self.span)
    }

    /// The name of the call: the caller's own, or one made here.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The trace, as tracing systems write it.
    pub fn trace_id(&self) -> impl fmt::Display + use<> {
        Hex(self.trace)
    }

    /// The headers for whoever is called because of this call, this service being the parent there.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let parent = format!("00-{}-{:016x}-{:02x}", Hex(self.trace), self.span, self.flags);
        [
            (TRACEPARENT, Some(parent)),
            (TRACESTATE, self.state.clone()),
            (REQUEST_ID, Some(self.request_id.clone())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

/// The last bits of a random id, among them one that is always set: a span is never all zeros.
fn span(made: Uuid) -> u64 {
    made.as_u64_pair().1
}

struct Hex(u128);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// The trace, the span and the flags of a `traceparent`. A later version may be longer; what stands first means the same.
fn parse(value: &[u8]) -> Option<(u128, u64, u8)> {
    let text = std::str::from_utf8(value).ok()?;
    if text.len() < TRACEPARENT_LENGTH || (text.starts_with("00-") && text.len() > TRACEPARENT_LENGTH) {
        return None;
    }
    let mut parts = text.splitn(5, '-');
    let version = lower_hex(parts.next()?, 2)?;
    let trace = lower_hex(parts.next()?, 32)?;
    let parent = lower_hex(parts.next()?, 16)?;
    let flags = lower_hex(parts.next()?, 2)?;
    if version == 0xff || trace == 0 || parent == 0 {
        return None;
    }
    Some((trace, u64::try_from(parent).ok()?, u8::try_from(flags).ok()? & SAMPLED))
}

fn lower_hex(text: &str, length: usize) -> Option<u128> {
    let is_hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() != length || !is_hex {
        return None;
    }
    u128::from_str_radix(text, 16).ok()
}

/// A request id, when it is a UUID, with its hyphens or without. Any other word might be the number of a patient.
fn name(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?;
    let bare = text.len() == uuid::fmt::Simple::LENGTH || text.len() == uuid::fmt::Hyphenated::LENGTH;
    (bare && Uuid::try_parse(text).is_ok()).then(|| text.to_owned())
}

fn printable(value: &[u8], longest: usize) -> Option<String> {
    let fits = (1..=longest).contains(&value.len()) && value.iter().all(|byte| (b' '..=b'~').contains(byte));
    if fits { String::from_utf8(value.to_vec()).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    const ID: &str = "6f1c3c34-0f2e-4a43-9d4e-0000000000a7";

    fn of(parent: &str) -> Correlation {
        Correlation::of(Some(parent.as_bytes()), Some(b"vendor=1"), Some(ID.as_bytes()))
    }

    fn sent(correlation: &Correlation, header: &str) -> Option<String> {
        correlation.headers().find(|(name, _)| *name == header).map(|(_, value)| value)
    }

    #[test]
    fn a_trace_goes_on_with_this_service_as_the_parent() {
        let correlation = of(PARENT);
        assert_eq!(correlation.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        let parent = sent(&correlation, TRACEPARENT).unwrap();
        assert!(
            parent.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && parent.ends_with("-01"),
            "{parent}"
        );
        assert!(!parent.contains("b7ad6b7169203331") && parse(parent.as_bytes()).is_some(), "{parent}");
        assert_eq!(sent(&correlation, TRACESTATE).as_deref(), Some("vendor=1"));
        assert_eq!(sent(&correlation, REQUEST_ID).as_deref(), Some(ID));
        // A later version, which may say more behind it.
        assert_eq!(
            of(&(PARENT.replacen("00", "01", 1) + "-more")).trace_id().to_string(),
            correlation.trace_id().to_string()
        );
    }

    #[test]
    fn a_step_stands_below_its_call() {
        let call = of(PARENT);
        let (trace, above, span) = call.ids();
        assert_eq!((trace, above), (0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, Some(0xb7ad_6b71_6920_3331)));
        let step = call.step();
        assert_eq!((step.ids().0, step.ids().1, step.is_sampled()), (trace, Some(span), true));
        assert_ne!(step.ids().2, span);
        let parent = sent(&step, TRACEPARENT).unwrap();
        assert!(parent.contains(&format!("-{:016x}-01", step.ids().2)), "{parent}");
        assert_eq!(
            (sent(&step, TRACESTATE).as_deref(), sent(&step, REQUEST_ID).as_deref()),
            (Some("vendor=1"), Some(ID))
        );
    }

    #[test]
    fn the_caller_decides_what_is_kept_and_else_a_share() {
        let unsampled = PARENT.replace("-01", "-00");
        for kept in [0, 1_000] {
            assert!(of(PARENT).kept_of_thousand(kept).is_sampled());
            assert!(!of(&unsampled).kept_of_thousand(kept).is_sampled());
            assert_eq!(of("").kept_of_thousand(kept).is_sampled(), kept == 1_000);
        }
        let some = (0..2_000).filter(|_| of("").kept_of_thousand(500).is_sampled()).count();
        assert!((800..1_200).contains(&some), "{some}");
    }

    #[test]
    fn what_is_no_trace_begins_a_new_one_without_its_state() {
        for wrong in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-é1",
        ] {
            let correlation = of(wrong);
            assert_ne!(correlation.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c", "{wrong}");
            assert_eq!(sent(&correlation, TRACESTATE), None, "{wrong}");
            assert!(sent(&correlation, TRACEPARENT).unwrap().ends_with("-00"), "{wrong}");
        }
        assert_ne!(of("").trace_id().to_string(), of("").trace_id().to_string());
    }

    #[test]
    fn a_request_id_is_a_uuid_or_is_made_here() {
        for fine in [ID, "0af7651916cd43dd8448eb211c80319c", "0AF76519-16CD-43DD-8448-EB211C80319C"] {
            assert_eq!(Correlation::of(None, None, Some(fine.as_bytes())).request_id(), fine);
        }
        for wrong in [
            "",
            "7654321",
            "80276001011699910102",
            "two words",
            "a\nb",
            &format!("{{{ID}}}"),
            &format!("urn:uuid:{ID}"),
            &ID.replace('c', "é"),
            &format!("{ID}0"),
        ] {
            let made = Correlation::of(None, None, Some(wrong.as_bytes()));
            assert!(Uuid::try_parse(made.request_id()).is_ok(), "{wrong}: {}", made.request_id());
        }
    }

    #[test]
    fn a_state_that_would_break_a_header_is_left_out() {
        for wrong in ["", "a=1\r\nb: 2", "é", &"x".repeat(513)] {
            let correlation = Correlation::of(Some(PARENT.as_bytes()), Some(wrong.as_bytes()), None);
            assert_eq!(sent(&correlation, TRACESTATE), None, "{wrong}");
        }
    }
}
