//! The rows of the table of keys ([`super::keys`]).

use super::client_keys::CLIENT;
use super::keys::{Heading, Key, Kind, default, optional, optional_hint, quoted, required};
use super::traces::TRACES;
use crate::cds_hooks::SpecVersion;
use crate::domain::{OrderIntent, WholeSpineMriAs};

const fn codings(name: &'static str, means: &'static str) -> Key {
    optional(name, Kind::Codings, "[]", "the built-in codes", means)
}

const fn contact(name: &'static str, example: &'static str, means: &'static str) -> Key {
    optional_hint(name, Kind::Contact, example, "the cards name nobody", means)
}

/// Longest look-back window in days.
const TEN_YEARS_DAYS: i64 = 3_650;

const fn days(name: &'static str, of: fn(&super::Config) -> String, means: &'static str) -> Key {
    default(name, Kind::Number(1, TEN_YEARS_DAYS), of, means)
}

/// Every table of a configuration, in the order of the sample.
pub(super) const HEADINGS: &[Heading] = &[
    Heading {
        name: "",
        repeats: false,
        means: "Where the service is reached",
        keys: &[
            required(
                "listen",
                Kind::Text,
                "\"0.0.0.0:8443\"",
                "say on which address and port, such as \"0.0.0.0:8443\"",
                "Address and port to listen on; port 0 takes any free one.",
            ),
            required(
                "public_base_url",
                Kind::Text,
                "\"https://cds.example.org\"",
                "it is the audience of tokens: the URL under which EHRs reach this service",
                "Audience of tokens and base of links; what stands before /cds-services. Never taken from Host.",
            ),
            optional(
                "behind_proxy",
                Kind::Boolean,
                "false",
                "[tls] is required",
                "true: plain http is accepted from a proxy that ends TLS; then no [tls].",
            ),
        ],
    },
    Heading {
        name: "tls",
        repeats: false,
        means: "TLS, where it ends here; the files are read again when they change",
        keys: &[
            required(
                "certificate",
                Kind::Text,
                "\"cert.pem\"",
                "name a PEM file",
                "Certificate chain, PEM, leaf first.",
            ),
            required("key", Kind::Text, "\"key.pem\"", "name a PEM file", "Private key, PEM."),
        ],
    },
    Heading {
        name: "clients",
        repeats: true,
        means: "One for each EHR; a configured service answers nobody else",
        keys: CLIENT,
    },
    Heading {
        name: "facility",
        repeats: false,
        means: "What advice and suggested orders depend on",
        keys: &[
            required(
                "sbrt_available",
                Kind::Boolean,
                "true",
                "say whether SBRT can be had: treatment cards depend on it",
                "Whether stereotactic body radiotherapy can be had.",
            ),
            required(
                "time_zone",
                Kind::Text,
                "\"Europe/Amsterdam\"",
                "write the IANA name of the zone: every deadline is shown in it, and a date without a time is a day in it",
                "IANA name of the zone of dates without a time and of every time that is shown.",
            ),
            default(
                "order_intent",
                Kind::Choice(&["proposal", "order"]),
                |it| {
                    quoted(match it.facility.order_intent {
                        OrderIntent::Proposal => "proposal",
                        OrderIntent::Order => "order",
                    })
                },
                "`intent` of suggested orders.",
            ),
            default(
                "whole_spine_mri_as",
                Kind::Choice(&["one", "regions"]),
                |it| {
                    quoted(match it.facility.whole_spine_mri_as {
                        WholeSpineMriAs::One => "one",
                        WholeSpineMriAs::Regions => "regions",
                    })
                },
                "\"regions\": a whole-spine MRI is ordered as three orders, created together.",
            ),
            optional_hint(
                "value_sets",
                Kind::Text,
                "\"site-value-sets/\"",
                "the built-in value sets alone",
                "Folder of FHIR ValueSet files, added to the built-in ones of the same url.",
            ),
        ],
    },
    Heading {
        name: "facility.orders",
        repeats: false,
        means: "The site's own codings for the orders that are suggested, as { system = \"…\", code = \"…\", display = \"…\" }",
        keys: &[
            codings("whole_spine_mri", "MRI of the whole spine."),
            codings("cervical_mri", "MRI of the cervical spine, where a whole-spine MRI is three orders."),
            codings("thoracic_mri", "MRI of the thoracic spine, likewise."),
            codings("lumbar_mri", "MRI of the lumbar spine, likewise."),
            codings("spine_surgery_referral", "Referral to spine surgery."),
            codings("radiation_oncology_referral", "Referral to radiation oncology."),
            codings("mdt_referral", "Referral to the multidisciplinary team."),
            codings("orthopaedic_referral", "Referral to orthopaedic surgery."),
        ],
    },
    Heading {
        name: "facility.contacts",
        repeats: false,
        means: "Whom an emergency card says to call, as { name = \"…\", number = \"…\" }",
        keys: &[
            contact(
                "spine_on_call",
                "{ name = \"Spine surgeon on call\", number = \"+31 20 555 0101\" }",
                "Spine surgery on call.",
            ),
            contact(
                "radiation_oncology_on_call",
                "{ name = \"Radiation oncologist on call\", number = \"+31 20 555 0102\" }",
                "Radiation oncology on call.",
            ),
            contact(
                "coordinator",
                "{ name = \"Spinal metastases coordinator\", number = \"+31 20 555 0103\" }",
                "Who coordinates the care of spinal metastases.",
            ),
        ],
    },
    Heading {
        name: "look_back_days",
        repeats: false,
        means: "How many days a record counts",
        keys: &[
            days(
                "symptoms",
                |it| it.facility.look_back.symptoms.to_string(),
                "Symptoms, deficits and recorded suspicion.",
            ),
            days("escc", |it| it.facility.look_back.escc.to_string(), "ESCC grades."),
            days("performance", |it| it.facility.look_back.performance.to_string(), "Performance status."),
            days(
                "life_expectancy",
                |it| it.facility.look_back.life_expectancy.to_string(),
                "Life expectancy.",
            ),
            days("sins", |it| it.facility.look_back.sins.to_string(), "SINS and Mirels scores."),
            days("laboratory", |it| it.facility.look_back.laboratory.to_string(), "Creatinine and calcium."),
        ],
    },
    Heading {
        name: "services",
        repeats: false,
        means: "Which services are offered",
        keys: &[optional(
            "off",
            Kind::Texts,
            "[]",
            "all are offered",
            "Ids of services that the site does not want: `spinal-metastases-encounter-discharge`, `…-appointment-book`, `…-order-dispatch`.",
        )],
    },
    Heading {
        name: "store",
        repeats: false,
        means: "Where feedback is kept",
        keys: &[
            default(
                "url",
                Kind::Text,
                |it| quoted(&it.store.url),
                "sqlite://… or postgres://…; a relative SQLite path starts at the folder of the configuration.",
            ),
            default(
                "keep_user_comments",
                Kind::Boolean,
                |it| it.store.keep_user_comments.to_string(),
                "Whether free-text comments are kept; they may name patients.",
            ),
            optional_hint(
                "card_id_key_file",
                Kind::Text,
                "\"card-id-key\"",
                "made once and kept in the store",
                "File with the keys of card ids, 32 bytes in base64 a line: the first makes ids, those of all are read.",
            ),
        ],
    },
    Heading {
        name: "repeat",
        repeats: false,
        means: "Whether a card that was answered comes again",
        keys: &[optional(
            "enabled",
            Kind::Boolean,
            "false",
            "every card is shown each time",
            "true: an override with a reason keeps its card away: an info for 30 days, a warning until its deadline and at most 7 days; a critical card is short for 4 hours. New or worse facts bring it back.",
        )],
    },
    Heading {
        name: "shadow",
        repeats: false,
        means: "Shadow mode: nobody is shown a card, and what would have been shown is counted for /insights",
        keys: &[
            default(
                "enabled",
                Kind::Boolean,
                |it| it.shadow.enabled.to_string(),
                "true: every hook call is answered without a card.",
            ),
            default(
                "cases_per_week",
                Kind::Number(0, 500),
                |it| it.shadow.cases_per_week.to_string(),
                "Cards of each week that are kept, without the patient, to be judged.",
            ),
            default(
                "seed",
                Kind::Number(0, i64::MAX),
                |it| it.shadow.seed.to_string(),
                "What the sample is drawn by; one for all replicas.",
            ),
            default(
                "keep_days",
                Kind::Number(7, TEN_YEARS_DAYS),
                |it| it.shadow.keep_days.to_string(),
                "Days that cases are kept, also after shadow mode has been turned off.",
            ),
        ],
    },
    Heading {
        name: "limits",
        repeats: false,
        means: "What a call may cost",
        keys: &[
            default(
                "request_bytes",
                Kind::Number(1_024, 1 << 30),
                |it| it.limits.request_bytes.to_string(),
                "Longest request body, in bytes; a call may fetch as much again.",
            ),
            default(
                "deadline_ms",
                Kind::Number(50, 60_000),
                |it| it.limits.deadline.as_millis().to_string(),
                "Longest time for an answer in milliseconds, calls to FHIR servers included.",
            ),
            default(
                "in_flight",
                Kind::Number(1, 1_000_000),
                |it| it.limits.in_flight.to_string(),
                "Hook calls under way at once; further ones get 503.",
            ),
            optional_hint(
                "client_in_flight",
                Kind::Number(1, 1_000_000),
                "64",
                "an equal share of `in_flight`, and never less than 64",
                "Hook calls of one client under way at once; further ones of this client get 503.",
            ),
            optional_hint(
                "client_calls_per_second",
                Kind::Number(1, 1_000_000),
                "50",
                "no limit",
                "Calls a second that one client may make on average; bursts of twice as many are taken.",
            ),
            default(
                "body_bytes_in_hand",
                Kind::Number(1 << 20, 1 << 40),
                |it| it.limits.body_bytes_in_hand.to_string(),
                "Bytes of all request bodies in hand, each counted eight times for its working copies; what does not fit gets 503.",
            ),
            optional_hint(
                "connections",
                Kind::Number(16, 1_000_000),
                "4096",
                "as many as the file descriptors of the process allow",
                "Open connections of callers; further ones wait. A part of the file descriptors is always kept from them.",
            ),
        ],
    },
    Heading {
        name: "protocol",
        repeats: false,
        means: "The version of CDS Hooks",
        keys: &[default(
            "version",
            Kind::Choice(&[SpecVersion::V2_0_1.as_str(), SpecVersion::Ballot3.as_str()]),
            |it| quoted(it.spec_version.as_str()),
            "3.0.0-ballot: discovery names the version, and override reasons carry HL7's codes where one fits. For trials of the next version.",
        )],
    },
    Heading {
        name: "cors",
        repeats: false,
        means: "Pages that may call from a browser",
        keys: &[optional(
            "origins",
            Kind::Texts,
            "[]",
            "none",
            "Origins of such pages, each like \"https://ehr.example.org\".",
        )],
    },
    Heading {
        name: "admin",
        repeats: false,
        means: "Pages for those who run the service",
        keys: &[optional_hint(
            "token_file",
            Kind::Text,
            "\"admin-token\"",
            "/metrics and /insights are closed",
            "File with the token that opens /metrics and /insights; at least 32 characters.",
        )],
    },
    Heading {
        name: "smart",
        repeats: false,
        means: "The panel as a SMART app: a card that asks is answered inside the EHR. Each EHR needs a `smart_client_id`",
        keys: &[
            optional(
                "enabled",
                Kind::Boolean,
                "false",
                "false",
                "true: the panel is offered at /smart/launch.",
            ),
            optional(
                "writes",
                Kind::Texts,
                "[\"Observation\", \"Condition\"]",
                "Observation and Condition",
                "What is asked for to write answers with; also QuestionnaireResponse, which serves where the EHR grants no Observation. `[]`: answers are text to copy.",
            ),
            optional(
                "frame_ancestors",
                Kind::Texts,
                "[]",
                "no page may frame it",
                "Origins of the EHR pages that open the panel in a frame, each like \"https://ehr.example.org\".",
            ),
            optional_hint(
                "private_key_file",
                Kind::Text,
                "\"smart-key.pem\"",
                "the panel is a public client",
                "Private key of the panel, PEM (PKCS#8): EC P-384 or RSA. Its public half is at /smart/jwks.json.",
            ),
        ],
    },
    TRACES,
    Heading {
        name: "network",
        repeats: false,
        means: "For test set-ups",
        keys: &[optional(
            "allow_private",
            Kind::Boolean,
            "false",
            "false",
            "true: key sets and FHIR servers may be http or on private addresses.",
        )],
    },
];
