//! The question: the request envelope of a hook call (CDS Hooks 2.0.1, "Calling a CDS Service").
//!
//! Strict where a member is required (rows R-2, R-3, R-6, H-1: [`Fault`]), lenient everywhere else (J-6, J-7):
//! unknown members are ignored at any depth and wrongly empty optional ones count as absent. Everything borrows
//! from the body. Absent on purpose: what the FHIR resources inside say, and which hook fits which service.

use super::authorization::FhirAuthorization;
use json::{Document, Json, Object};
use std::borrow::Cow;
use thiserror::Error;

/// A request that cannot be taken, told so that the sender can mend it. Never holds anything that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{member}` {problem}")]
pub struct Fault {
    /// The member concerned, as a path from the top of the request; `body` for the request as a whole.
    pub member: &'static str,
    /// What is wrong with it.
    pub problem: Cow<'static, str>,
    /// What to do about it.
    pub remedy: &'static str,
}

impl Fault {
    /// A fault in one member.
    pub const fn new(member: &'static str, problem: &'static str, remedy: &'static str) -> Self {
        Self { member, problem: Cow::Borrowed(problem), remedy }
    }
}

const NO_TEXT: &str = "is missing or is not a string";
const NO_OBJECT: &str = "is missing or is not an object";

/// The members of a request that say what it asks, of whom, and with which access. Each must come once: of two values one
/// reader takes the first and another the last, and an answer about another patient or draft than the sender meant does harm.
const ONCE: [&str; 6] = ["hook", "hookInstance", "fhirServer", "fhirAuthorization", "context", "prefetch"];
/// The same of the context, each with its path.
const ONCE_IN_CONTEXT: [(&str, &str); 7] = [
    ("userId", "context.userId"),
    ("patientId", "context.patientId"),
    ("encounterId", "context.encounterId"),
    ("selections", "context.selections"),
    ("draftOrders", "context.draftOrders"),
    ("appointments", "context.appointments"),
    ("dispatchedOrders", "context.dispatchedOrders"),
];
/// The same of `fhirAuthorization`.
const ONCE_IN_AUTHORIZATION: [(&str, &str); 6] = [
    ("access_token", "fhirAuthorization.access_token"),
    ("token_type", "fhirAuthorization.token_type"),
    ("expires_in", "fhirAuthorization.expires_in"),
    ("scope", "fhirAuthorization.scope"),
    ("subject", "fhirAuthorization.subject"),
    ("patient", "fhirAuthorization.patient"),
];

/// A [`Fault`] when one of the members comes more than once.
fn each_once(
    members: &Object<'_>,
    names: impl IntoIterator<Item = (&'static str, &'static str)>,
) -> Result<(), Fault> {
    match names.into_iter().find(|(name, _)| members.repeats(name)) {
        Some((_, member)) => Err(Fault::new(member, "is there more than once", "Send each member once.")),
        None => Ok(()),
    }
}

/// A hook call.
#[derive(Debug)]
pub struct Request<'a> {
    /// The hook that fired.
    pub hook: Cow<'a, str>,
    /// Names this call; need not be a UUID (R-3). Never a key for anything.
    pub hook_instance: Cow<'a, str>,
    /// Base of the FHIR server of the EHR, if it says so. Anybody may write anything here: it is called only where it
    /// is one of the servers that the configuration lists for the client (F-10).
    pub fhir_server: Option<Cow<'a, str>>,
    /// Access to that server for the time of this call.
    pub fhir_authorization: Option<FhirAuthorization<'a>>,
    /// Whom and what the call is about.
    pub context: Context<'a>,
    /// Resources by prefetch key; none when the call brings none.
    pub prefetch: Object<'a>,
}

/// The context members that our hooks have in common, and the orders of those that bring orders.
#[derive(Debug)]
pub struct Context<'a> {
    /// `Type/id` of the user; no hook but `order-dispatch` is without.
    pub user_id: Option<Cow<'a, str>>,
    /// Bare id of the patient.
    pub patient_id: Cow<'a, str>,
    /// Bare id of the encounter.
    pub encounter_id: Option<Cow<'a, str>>,
    /// `selections` as sent.
    pub selections: Option<Json<'a>>,
    /// `draftOrders` as sent.
    pub draft_orders: Option<Json<'a>>,
    /// `appointments` as sent.
    pub appointments: Option<Json<'a>>,
    /// `dispatchedOrders` as sent.
    pub dispatched_orders: Option<Json<'a>>,
}

/// The hook whose context has no user.
pub const WITHOUT_USER: &str = "order-dispatch";

const SEND: &str = "Send a CDS Hooks request: one JSON object in UTF-8.";

/// The body of a request, as JSON.
///
/// # Errors
///
/// A [`Fault`] when it is none.
pub fn document(body: &[u8]) -> Result<Document<'_>, Fault> {
    json_of(body, SEND)
}

impl<'a> Request<'a> {
    /// Reads the members of a request.
    ///
    /// # Errors
    ///
    /// A [`Fault`] that names the first member that is missing or of the wrong type.
    pub fn read(body: &'a Document<'a>) -> Result<Self, Fault> {
        let members = members(body, SEND)?;
        each_once(&members, ONCE.map(|name| (name, name)))?;
        if let Some(access) = members.raw("fhirAuthorization").and_then(Object::read) {
            each_once(&access, ONCE_IN_AUTHORIZATION)?;
        }
        let request = Self {
            hook: members.text("hook").ok_or(Fault::new(
                "hook",
                NO_TEXT,
                "Send the name of the hook that fired, as discovery lists it.",
            ))?,
            hook_instance: members.text("hookInstance").ok_or(Fault::new(
                "hookInstance",
                NO_TEXT,
                "Send a fresh UUID for each call.",
            ))?,
            fhir_server: members.text("fhirServer"),
            fhir_authorization: members.raw("fhirAuthorization").and_then(FhirAuthorization::read),
            context: Context::parse(
                members.raw("context").and_then(Object::of_any_size).ok_or(Fault::new(
                    "context",
                    NO_OBJECT,
                    "Send the context object of the hook.",
                ))?,
                &members.text("hook").unwrap_or_default(),
            )?,
            prefetch: match members.get("prefetch") {
                None => Object::default(),
                Some(value) => Object::of_any_size(value).ok_or(Fault::new(
                    "prefetch",
                    "is not an object",
                    "Send an object with the prefetch keys of discovery, or leave it out.",
                ))?,
            },
        };
        request.check_patient_of_token()?;
        Ok(request)
    }

    /// A token of another patient means that the call mixes two patients up (F-7).
    fn check_patient_of_token(&self) -> Result<(), Fault> {
        let named = self.fhir_authorization.as_ref().and_then(|access| access.patient.clone());
        if named.is_none_or(|named| bare(named, "Patient").trim() == self.context.patient_id.trim()) {
            return Ok(());
        }
        Err(Fault::new(
            "fhirAuthorization.patient",
            "is not the patient of the context",
            "Send a token for the patient in context.patientId, or none.",
        ))
    }
}

/// A body that must be JSON; `remedy` says what it should be.
pub(super) fn json_of<'a>(body: &'a [u8], remedy: &'static str) -> Result<Document<'a>, Fault> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let text = str::from_utf8(body).map_err(|_| Fault::new("body", "is not UTF-8", remedy))?;
    if text.trim().is_empty() {
        return Err(Fault::new("body", "is empty", remedy));
    }
    Document::parse(text).map_err(|error| {
        let problem = format!("is not valid JSON (line {}, column {})", error.line(), error.column());
        Fault { member: "body", problem: Cow::Owned(problem), remedy }
    })
}

/// The members of a body that must be one JSON object.
pub(super) fn members<'a>(body: &'a Document<'a>, remedy: &'static str) -> Result<Object<'a>, Fault> {
    Object::of_any_size(body.root()).ok_or(Fault::new("body", "is not a JSON object", remedy))
}

impl<'a> Context<'a> {
    fn parse(members: Object<'a>, hook: &str) -> Result<Self, Fault> {
        each_once(&members, ONCE_IN_CONTEXT)?;
        let user_id = members.text("userId");
        if user_id.is_none() && hook != WITHOUT_USER {
            return Err(Fault::new(
                "context.userId",
                NO_TEXT,
                "Send the user as Type/id, for instance a PractitionerRole.",
            ));
        }
        Ok(Self {
            user_id,
            patient_id: members
                .text("patientId")
                .map(|id| bare(id, "Patient"))
                .filter(|id| !id.is_empty())
                .ok_or(Fault::new(
                "context.patientId",
                NO_TEXT,
                "Send the bare FHIR id of the patient.",
            ))?,
            encounter_id: members
                .text("encounterId")
                .map(|id| bare(id, "Encounter"))
                .filter(|id| !id.is_empty()),
            selections: members.raw("selections"),
            draft_orders: members.raw("draftOrders"),
            appointments: members.raw("appointments"),
            dispatched_orders: members.raw("dispatchedOrders"),
        })
    }

    /// Whether the user is a patient or a relative: cards for clinicians are not for them (H-9).
    pub fn user_is_patient_or_relative(&self) -> bool {
        let mut parts = self.user_id.as_deref().unwrap_or_default().trim().rsplit('/').skip(1);
        matches!(parts.next(), Some("Patient" | "RelatedPerson"))
    }

    /// The references of `selections`; items that are no strings are left out (H-3).
    ///
    /// # Errors
    ///
    /// A [`Fault`] when the member is missing or no array.
    pub fn selections(&self) -> Result<Vec<Cow<'a, str>>, Fault> {
        let items = self.selections.filter(|selections| selections.is_array()).ok_or(Fault::new(
            "context.selections",
            "is missing or is not an array",
            "Send the references of the orders just selected, as Type/id; an empty array when there are none.",
        ))?;
        Ok(items.items().filter_map(Json::string).collect())
    }

    /// The references of `dispatchedOrders`; items that are no strings are left out.
    ///
    /// # Errors
    ///
    /// A [`Fault`] when the member is missing or no array.
    pub fn dispatched_orders(&self) -> Result<Vec<Cow<'a, str>>, Fault> {
        let items = self.dispatched_orders.filter(|orders| orders.is_array()).ok_or(Fault::new(
            "context.dispatchedOrders",
            "is missing or is not an array",
            "Send the references of the orders that are dispatched, as Type/id.",
        ))?;
        Ok(items.items().filter_map(Json::string).collect())
    }

    /// The `draftOrders` Bundle. `type`, `fullUrl` and even `resourceType` may be absent (H-5).
    ///
    /// # Errors
    ///
    /// A [`Fault`] when the member is missing, no object, or another resource.
    pub fn draft_orders(&self) -> Result<Object<'a>, Fault> {
        bundle(self.draft_orders).ok_or(Fault::new(
            "context.draftOrders",
            NO_BUNDLE,
            "Send a FHIR R4 Bundle with all unsigned orders of the session.",
        ))
    }

    /// The `appointments` Bundle, as lenient.
    ///
    /// # Errors
    ///
    /// As [`Context::draft_orders`].
    pub fn appointments(&self) -> Result<Object<'a>, Fault> {
        bundle(self.appointments).ok_or(Fault::new(
            "context.appointments",
            NO_BUNDLE,
            "Send a FHIR R4 Bundle with the appointments that are being booked.",
        ))
    }
}

const NO_BUNDLE: &str = "is missing or is not a Bundle";

fn bundle(sent: Option<Json<'_>>) -> Option<Object<'_>> {
    let is_bundle = |bundle: &Object<'_>| match bundle.raw("resourceType") {
        None => true,
        Some(kind) => kind.string().is_some_and(|kind| kind == "Bundle"),
    };
    sent.and_then(Object::read).filter(is_bundle)
}

/// The id in `Patient/1`, `https://…/Patient/1` or `Patient/1/_history/2`, without blanks around it; anything else is an id
/// already.
fn bare<'a>(id: Cow<'a, str>, kind: &str) -> Cow<'a, str> {
    let trimmed = id.trim();
    let unversioned = trimmed.split("/_history").next().unwrap_or(trimmed).trim_end_matches('/');
    match unversioned.rsplit_once('/') {
        Some((head, tail)) if head.rsplit('/').next() == Some(kind) => Cow::Owned(tail.trim().to_owned()),
        _ if trimmed.len() < id.len() => Cow::Owned(trimmed.to_owned()),
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str =
        r#"{"hook":"patient-view","hookInstance":"x","context":{"userId":"Practitioner/1","patientId":"1"}}"#;

    fn fault(body: &[u8]) -> Fault {
        document(body).and_then(|body| Request::read(&body).map(|_| ())).unwrap_err()
    }

    #[test]
    fn the_smallest_call_is_taken() {
        let body = document(CALL.as_bytes()).unwrap();
        let request = Request::read(&body).unwrap();
        assert_eq!((&*request.hook, &*request.context.patient_id), ("patient-view", "1"));
        assert!(request.prefetch.raw("patient").is_none());
    }

    #[test]
    fn each_required_member_is_named_when_it_is_missing_null_empty_or_of_another_type() {
        let mut seen = 0;
        for (member, good) in [
            ("hook", r#""hook":"patient-view""#),
            ("hookInstance", r#""hookInstance":"x""#),
            ("context", r#""context":{"userId":"Practitioner/1","patientId":"1"}"#),
            ("context.userId", r#""userId":"Practitioner/1""#),
            ("context.patientId", r#""patientId":"1""#),
        ] {
            let name = member.rsplit('.').next().unwrap();
            for bad in [
                r#""other":1"#.to_owned(),
                format!(r#""{name}":null"#),
                format!(r#""{name}":"""#),
                format!(r#""{name}":7"#),
                format!(r#""{name}":[]"#),
            ] {
                assert!(CALL.contains(good));
                let fault = fault(CALL.replace(good, &bad).as_bytes());
                assert_eq!(fault.member, member, "{bad}");
                seen += 1;
            }
        }
        assert_eq!(seen, 25);
    }

    #[test]
    fn each_member_that_identifies_comes_once() {
        let call = CALL.replacen('{', r#"{"fhirServer":"https://x","prefetch":{},"fhirAuthorization":{"access_token":"t","token_type":"B","expires_in":1,"scope":"s","subject":"c","patient":"1"},"#, 1);
        let call = call
            .replace(r#""patientId""#, r#""encounterId":"e","selections":[],"draftOrders":{},"appointments":{},"dispatchedOrders":[],"patientId""#);
        assert!(document(call.as_bytes()).and_then(|body| Request::read(&body).map(|_| ())).is_ok());
        let paths =
            ONCE.map(|name| (name, name)).into_iter().chain(ONCE_IN_CONTEXT).chain(ONCE_IN_AUTHORIZATION);
        for (name, path) in paths {
            // The same value again is refused too: another reader may have changed one of both.
            for (again, value) in [(name.to_owned(), "7"), (name.replacen('t', "\\u0074", 1), "null")] {
                let written = format!("\"{name}\":");
                assert!(call.contains(&written), "{name}");
                let body = call.replacen(&written, &format!("\"{again}\":{value},{written}"), 1);
                let fault = fault(body.as_bytes());
                assert_eq!((fault.member, &*fault.problem), (path, "is there more than once"), "{body}");
            }
        }
        // What nobody here reads may come as it likes.
        let body = call.replacen('{', r#"{"extension":1,"extension":2,"#, 1);
        assert!(document(body.as_bytes()).and_then(|body| Request::read(&body).map(|_| ())).is_ok());
    }

    #[test]
    fn the_patient_may_be_named_as_a_reference() {
        for id in [
            "1",
            " 1 ",
            "Patient/1",
            " Patient/1\\n",
            "https://x/fhir/Patient/1",
            "Patient/1/",
            "Patient/1/_history/3",
        ] {
            let body = CALL.replace(r#""patientId":"1""#, &format!(r#""patientId":"{id}""#));
            let body = document(body.as_bytes()).unwrap();
            assert_eq!(Request::read(&body).unwrap().context.patient_id, "1", "{id}");
        }
        let blank = CALL.replace(r#""patientId":"1""#, r#""patientId":" ""#);
        assert_eq!(fault(blank.as_bytes()).member, "context.patientId");
    }

    #[test]
    fn optional_members_may_be_wrongly_empty() {
        let call = CALL.replace(
            r#""patientId":"1""#,
            r#""patientId":"https://ehr.example.org/fhir/Patient/1","encounterId":"""#,
        );
        for prefetch in ["null", "{}", "[]", "\"\""] {
            let body = call.replacen('{', &format!(r#"{{"prefetch":{prefetch},"fhirServer":"","#), 1);
            let body = document(body.as_bytes()).unwrap();
            let request = Request::read(&body).unwrap();
            assert_eq!(request.context.patient_id, "1");
            assert_eq!(request.context.encounter_id, None);
            assert_eq!(request.fhir_server, None);
        }
        let body = call.replacen('{', r#"{"prefetch":"x","#, 1);
        assert_eq!(fault(body.as_bytes()).member, "prefetch");
    }

    #[test]
    fn a_token_of_another_patient_is_a_fault() {
        for (access, fault) in [
            (r#"{"access_token":"t","patient":"1"}"#, false),
            (r#"{"access_token":"t","patient":"Patient/1"}"#, false),
            (r#"{"access_token":"t","patient":""}"#, false),
            (r#"{"access_token":"t","patient":7}"#, false),
            (r#"{"access_token":"t"}"#, false),
            (r#"{"patient":"2"}"#, false),
            (r#"{"access_token":"t","patient":"2"}"#, true),
            (r#"{"access_token":"t","patient":"https://ehr.example.org/fhir/Patient/2"}"#, true),
        ] {
            let body = CALL.replacen('{', &format!(r#"{{"fhirAuthorization":{access},"#), 1);
            let body = document(body.as_bytes()).unwrap();
            let found = Request::read(&body).err().map(|fault| fault.member);
            assert_eq!(found, fault.then_some("fhirAuthorization.patient"), "{access}");
        }
    }

    #[test]
    fn what_is_no_json_object_is_told_without_quoting_it() {
        for (body, problem) in [
            ("", "is empty"),
            (" \n", "is empty"),
            ("[1]", "is not a JSON object"),
            ("{\"secret\":}", "is not valid JSON (line 1, column 11)"),
            ("{} {}", "is not valid JSON (line 1, column 4)"),
        ] {
            let fault = fault(body.as_bytes());
            assert_eq!((fault.member, &*fault.problem), ("body", problem));
        }
        assert_eq!(fault(b"{\"a\":\"\xff\"}").problem, "is not UTF-8");
    }

    #[test]
    fn a_patient_user_is_recognised_in_every_form() {
        for (user, expected) in [
            ("Patient/1", true),
            ("RelatedPerson/1", true),
            ("https://ehr.example.org/fhir/Patient/1", true),
            ("Practitioner/Patient", false),
            ("PractitionerRole/1", false),
            ("Patient", false),
        ] {
            let body = CALL.replace("Practitioner/1", user);
            let body = document(body.as_bytes()).unwrap();
            assert_eq!(Request::read(&body).unwrap().context.user_is_patient_or_relative(), expected);
        }
    }
}
