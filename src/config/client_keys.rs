//! The keys of one client, a part of the table of all keys.

use super::keys::{Key, Kind, optional, optional_hint, required};

/// The keys of `[[clients]]`, in the order of the sample.
pub(super) const CLIENT: &[Key] = &[
    required(
        "name",
        Kind::Text,
        "\"general-hospital\"",
        "give it a short name for log lines and metrics",
        "Name in log lines and metrics: at most 64 letters, digits, `-`, `_` or `.`.",
    ),
    required(
        "issuer",
        Kind::Text,
        "\"https://ehr.example.org\"",
        "it is the `iss` of the client's tokens",
        "`iss` of its tokens. Several clients may have the same one when each lists its tenants.",
    ),
    optional(
        "jwks_url",
        Kind::Text,
        "\"https://ehr.example.org/jwks.json\"",
        "jwks_file is required",
        "Where its key set is fetched.",
    ),
    optional_hint(
        "jwks_file",
        Kind::Text,
        "\"ehr-jwks.json\"",
        "jwks_url is required",
        "Its key set as a file, exchanged out of band; instead of jwks_url.",
    ),
    optional(
        "jku",
        Kind::Texts,
        "[]",
        "the jwks_url",
        "`jku` values that its tokens may name. They are compared and never fetched; with jwks_file they are not looked at.",
    ),
    optional_hint(
        "jku_file",
        Kind::Text,
        "\"vendor-jku.txt\"",
        "only those of `jku`",
        "Further `jku` values as a file, one URL a line, read again when it changes.",
    ),
    optional(
        "extra_audiences",
        Kind::Texts,
        "[]",
        "only the URL that is called",
        "Further values of `aud` that are accepted, for an EHR whose administrator typed the audience by hand.",
    ),
    optional(
        "tenants",
        Kind::Texts,
        "[]",
        "the claim is not looked at",
        "Accepted `tenant` claims. Clients of one issuer are told apart by them.",
    ),
    optional(
        "profile",
        Kind::Text,
        "\"generic\"",
        "generic: all of FHIR R4",
        "What its EHR offers: `generic`, `epic`, `oracle`, or a file of the form of hooks/profiles.",
    ),
    optional(
        "not_offered",
        Kind::Texts,
        "[]",
        "what the profile says",
        "Further resource types that its EHR does not have; they count as none on record.",
    ),
    optional(
        "action_selection_behavior",
        Kind::Boolean,
        "false",
        "false",
        "true: its documentation says that it reads `suggestion.actionSelectionBehavior`; only with `protocol.version` 3.0.0-ballot.",
    ),
    optional(
        "fhir_servers",
        Kind::Texts,
        "[\"https://ehr.example.org/fhir/r4\"]",
        "what prefetch lacks is not fetched",
        "Bases of the FHIR servers that may be read for this client; no other server is ever called.",
    ),
    optional(
        "open_fhir_servers",
        Kind::Texts,
        "[]",
        "each needs a token",
        "Those of `fhir_servers` that may be read without a token.",
    ),
    optional(
        "fhir_client_id",
        Kind::Text,
        "\"spinal-mets-cds\"",
        "the subject is not compared",
        "This service's client id at the EHR's authorization server: `fhirAuthorization.subject`.",
    ),
    optional(
        "algorithms",
        Kind::Texts,
        "[\"ES384\", \"RS384\"]",
        "ES384 and RS384",
        "Accepted signatures; also ES256, RS256, RS512, PS256, PS384, PS512, EdDSA.",
    ),
];
