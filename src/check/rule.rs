//! Every rule that a document is held against: the row of the requirement list that it stands for, how binding that row is,
//! and what to do about a breach. One table; the checks name its lines.

use std::fmt;

/// How binding a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The specification demands it.
    Must,
    /// The specification advises it, or the row is good practice where the specification is silent.
    Should,
}

impl Severity {
    /// As it is printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

macro_rules! rules {
    ($($rule:ident = $row:literal $severity:ident $remedy:literal,)+) => {
        /// One rule. Its row stands in `hooks/CONFORMANCE.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Rule {
            $(#[doc = concat!("Row ", $row, ": ", $remedy)] $rule,)+
        }

        impl Rule {
            /// All of them, by kind of document.
            pub const ALL: &[Self] = &[$(Self::$rule,)+];

            /// The id of the row, such as `C-2`.
            pub const fn row(self) -> &'static str {
                match self { $(Self::$rule => $row,)+ }
            }

            /// How binding it is.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$rule => Severity::$severity,)+ }
            }

            /// What to do, as sentences.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$rule => $remedy,)+ }
            }
        }
    };
}

rules! {
    // Any document.
    NotUtf8 = "J-1" Must "Write the text in UTF-8.",
    ByteOrderMark = "J-1" Must "Begin with the first character of the JSON text.",
    NotJson = "J-1" Must "Send one JSON value as RFC 8259 has it, and nothing after it.",
    RepeatedName = "J-1" Must "Write each member once: of two, one reader takes the first and another the last.",
    NoCharacter = "J-1" Must "Write both halves of a surrogate pair, or the character itself.",
    TooDeep = "J-1" Should "Nest less: many readers give up at 128 levels.",
    MediaType = "J-1" Should "Send it with `Content-Type: application/json`.",
    PlainHttp = "SEC-1" Should "Offer the service over https; plain http is for tests.",
    Null = "J-2" Must "Give it a value, or leave the member out.",
    Empty = "J-3" Must "Give it a value, or leave the member out: only `cards` and `services` may be empty.",
    EmptySystemActions = "J-4" Must "Leave `systemActions` out where there are none.",
    HollowResource = "J-5" Should "Give it a value, or leave the element out: FHIR has no empty values, and `null` only in an array that keeps places.",
    UnknownMember = "EXT-1" Should "Write the name as the specification does, or put what is your own below `extension`.",
    ExtensionShape = "EXT-2" Must "Send `extension` as a JSON object; FHIR's array form is not that of CDS Hooks.",
    ExtensionName = "EXT-3" Should "Give it a name that nobody else uses, such as one with your domain in reverse.",

    // Discovery.
    Offer = "D-2" Must "Send an object with a `services` array of objects; it is empty where none is offered.",
    Hook = "D-4" Must "Name the hook that calls the service, such as `patient-view`.",
    HookName = "D-4" Should "Write hooks in lower case with hyphens; one of your own has your domain in reverse before it.",
    ServiceId = "D-5" Must "Send an id of letters, digits, hyphens, dots and underscores: it is the last part of the URL to call.",
    Description = "D-6" Must "Say in `description` what the service does.",
    Title = "D-7" Must "Send `title` as a string.",
    TitleAbsent = "D-7" Should "Give the service a name that people can read.",
    Prefetch = "D-8" Must "Send `prefetch` as an object of keys, each with a template string.",
    Usage = "D-9" Must "Send `usageRequirements` as a string.",
    SpecVersion = "D-10" Should "Send the version of CDS Hooks as a string such as `2.0.1`; only the next version knows this member.",
    HookVersion = "D-11" Should "Send the published version of the hook as a string; only the next version knows this member.",
    SamePair = "D-12" Must "List an id once for each hook: the second entry cannot be told from the first.",
    KeyOrder = "D-13" Should "Put a template behind those whose results it uses.",
    Relative = "P-1" Must "Write a read (`Patient/{{context.patientId}}`) or a search of one type (`Condition?patient=…`), relative to the FHIR server.",
    Token = "P-2" Must "Put one name between `{{` and `}}`: `context.` and a field, or `userPractitionerId`, `userPractitionerRoleId`, `userPatientId`, `userRelatedPersonId`.",
    TokenName = "P-3" Must "Name a field of the context as `context.` and its name.",
    RootToken = "P-4" Must "Use a field that stands at the top of the hook's context and is marked as a token.",
    UserIdRead = "P-5" Must "Write `{{context.userId}}` alone: its value has the type in it.",
    NextToken = "P-7" Should "Use plain fields of the context: only the next version knows paths and functions, and other clients drop the key.",
    Parameter = "P-9" Should "Keep to parameters that are widely supported: references, tokens by equality or `:in`, dates with eq, lt, gt, ge, le, `_count`, `_sort`.",
    Include = "P-10" Should "Ask for the other type by a key of its own: `_include` is not in the recommended subset.",
    R4Parameter = "P-11" Should "Write it as FHIR R4 does: `_sort=-date`, `_count`, `clinical-status` of a Condition.",
    LongTemplate = "P-12" Should "Keep a template below 2,000 characters; split a list of codes over several keys.",

    // Answer.
    Cards = "RS-1" Must "Send an object with a `cards` array of objects; it is empty where there is nothing to say.",
    CardUuid = "C-1" Must "Send `uuid` as a string that stands once in the answer.",
    CardUuidAbsent = "C-1" Should "Give the card a UUID: without one no feedback can name it.",
    CardUuidForm = "C-1" Should "Send a UUID in its plain form, such as 8f0a7c1e-2b7d-4b8e-9c39-0a4de0a7b1f3.",
    Summary = "C-2" Must "Say it in one sentence of fewer than 140 characters.",
    SummaryLine = "C-2" Should "Keep the summary to one sentence on one line; the rest belongs into `detail`.",
    Detail = "C-3" Must "Send `detail` as a string of GitHub Flavored Markdown.",
    DetailHtml = "C-3" Should "Write markdown, and escape what comes from the record: clients differ in what they do with HTML.",
    Indicator = "C-4" Must "Send `info`, `warning` or `critical`.",
    Source = "C-5" Must "Name the origin of the guidance in a `source` object.",
    SourceLabel = "C-6" Must "Send `label` as a string that people can read.",
    SourceUrl = "C-7" Must "Send an absolute http or https URL.",
    SourceUrlPlain = "C-7" Should "Point to an https page.",
    SourceIcon = "C-8" Must "Send an absolute URL of an image.",
    Topic = "C-9" Must "Send `topic` as one Coding: an object with the strings `system` and `code`.",
    Suggestions = "C-10" Must "Send `suggestions` as an array of objects.",
    SelectionBehavior = "C-11" Must "Send `at-most-one` or `any` beside the suggestions; a client refuses the card otherwise.",
    SelectionWithout = "C-11" Should "Leave `selectionBehavior` out where nothing is suggested.",
    ReasonsAndLinks = "C-12" Must "Send `overrideReasons` and `links` as arrays of objects.",
    CardOrder = "C-13" Should "Put the most urgent card first: a client may show no more than one.",
    SuggestionLabel = "S-1" Must "Send `label` as the text of the button.",
    SuggestionUuid = "S-2" Must "Send `uuid` as a string that stands once in the answer.",
    SuggestionUuidAbsent = "S-2" Should "Give the suggestion a UUID: without one no feedback can say that it was taken.",
    SuggestionUuidForm = "S-2" Should "Send a UUID in its plain form, such as 8f0a7c1e-2b7d-4b8e-9c39-0a4de0a7b1f3.",
    Recommended = "S-3" Must "Send `isRecommended` as true or false, and true at most once where one suggestion may be taken.",
    Actions = "S-4" Must "Send `actions` as an array of objects.",
    ActionType = "S-6" Must "Send `create`, `update` or `delete`, in lower case.",
    ActionDescription = "S-7" Must "Say in `description` what the action does.",
    CreateResource = "S-8" Must "Send the new FHIR resource as a JSON object with its `resourceType`.",
    UpdateResource = "S-9" Must "Send the whole FHIR resource after the change as a JSON object, with its `resourceType` and `id`.",
    UpdateTarget = "S-9" Should "Change only what the request shows, and send back all that it shows.",
    DeleteTarget = "S-10" Should "Name what is deleted in `resourceId` as `Type/id`, without `resource`; no other action has a `resourceId`.",
    NotAsked = "S-11" Should "Change or delete only orders that the hook asks about.",
    OtherPatient = "S-12" Should "Create resources for the patient of the request.",
    ActionSelection = "S-13" Should "Leave it out: 2.0.1 does not know it. The next version has `all`, `any` and `at-most-one`, for clients that are known to read it.",
    SystemActions = "A-1" Must "Send `systemActions` as an array of actions beside `cards`.",
    SystemActionDescription = "A-2" Should "Say in `description` what the action does.",
    LinkLabel = "L-1" Must "Send `label` as the text of the link.",
    LinkUrl = "L-2" Must "Send an absolute http or https URL.",
    LinkUrlPlain = "L-2" Should "Point to an https page.",
    LinkPatient = "L-2" Should "Keep the patient out of the URL: it is written into logs and histories.",
    LinkType = "L-3" Must "Send `absolute`, or `smart` for the launch URL of a SMART app.",
    AppContext = "L-4" Must "Send `appContext` as a string, and only with a link of type `smart`.",
    Autolaunchable = "L-5" Must "Send `autolaunchable` as true or false.",
    OverrideReason = "O-2" Must "Give each reason the strings `code`, `system` and `display`.",
    SameReason = "O-4" Should "List each reason once.",

    // Feedback.
    Feedback = "FB-2" Must "Send an object with a `feedback` array of objects.",
    NoFeedback = "FB-2" Should "Send nothing where there is no feedback.",
    FeedbackCard = "FB-3" Must "Quote the `uuid` of the card as a string.",
    FeedbackCardForm = "FB-3" Should "Quote the `uuid` as the card has it, without `urn:uuid:`.",
    Outcome = "FB-4" Must "Send `accepted` or `overridden`.",
    Accepted = "FB-5" Must "Name each suggestion that was taken as an object with its `uuid` in `id`.",
    AcceptedBeside = "FB-5" Should "Leave `acceptedSuggestions` out where the card was overridden.",
    Override = "FB-6" Must "Send an object with `reason` (a Coding with `system` and `code`), `userComment` (a string), or both.",
    OverrideBeside = "FB-6" Should "Send `overrideReason` with a reason or a comment, and only where the card was overridden.",
    OutcomeTime = "FB-7" Must "Send a time with its offset as RFC 3339 has it, such as 2026-05-04T09:30:12Z.",
    OutcomeUtc = "FB-7" Should "Send the time in UTC.",
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_rule_says_something_of_its_own() {
        let mut seen = HashSet::new();
        for rule in Rule::ALL {
            assert!(rule.remedy().ends_with('.'), "{rule:?}");
            assert!(seen.insert((rule.row(), rule.severity(), rule.remedy())), "{rule:?} stands twice");
        }
    }
}
