//! `case.toml`: what one case tells, asks and expects.
//!
//! Unknown members are refused, so that a misspelt expectation cannot pass unnoticed. Deliberately absent: the
//! patient's resources ([`super::bundle`]) and how an answer is judged ([`super::compare`]).

use super::CaseError;
use crate::domain::{Coding, Contacts, LookBack, OrderIntent, Site, SuggestedOrder, WholeSpineMriAs};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The name of the file that makes a folder a case.
pub const CASE_FILE: &str = "case.toml";
/// The raw body of a hostile case.
pub const REQUEST_FILE: &str = "request.json";

/// A case as its author wrote it, with the folder that it came from.
#[derive(Debug, Clone)]
pub struct Case {
    /// The folder.
    pub folder: PathBuf,
    /// The folder's path below the folder that was asked for, with `/`; what reports call the case.
    pub name: String,
    /// The members of `case.toml`.
    pub told: CaseFile,
}

/// The members of `case.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// One to three sentences that a clinician understands.
    pub story: String,
    /// Table rows and boundaries that the case stands for.
    #[serde(default)]
    pub covers: Vec<String>,
    /// `decision/case` of a case that differs little and stays silent or calmer, where comparing charts does not find one.
    pub twin: Option<String>,
    /// A hook that discovery lists; hostile cases name a service in `request` instead.
    pub hook: Option<String>,
    /// The clock of the case.
    pub now: DateTime<Utc>,
    /// `context.userId`.
    #[serde(default = "default_user")]
    pub user: String,
    /// Bare id of the patient; by default the only Patient of the bundle.
    pub patient: Option<String>,
    /// Bare id of the encounter.
    pub encounter: Option<String>,
    /// `Type/id` of the resources that go to `draftOrders` or `appointments` instead of prefetch, or that are dispatched.
    #[serde(default)]
    pub drafts: Vec<String>,
    /// The selections, as the EHR words them: `Type/id`, or an odd form that the case is about.
    #[serde(default)]
    pub selections: Vec<String>,
    /// Resource types whose prefetch keys are answered with an OperationOutcome.
    #[serde(default)]
    pub unavailable: Vec<String>,
    /// Resource types whose prefetch keys are left out.
    #[serde(default)]
    pub absent: Vec<String>,
    /// Site settings; such a case runs in process only.
    pub facility: Option<Facility>,
    /// The expected cards in order; none is silence.
    #[serde(default)]
    pub expect: Vec<Expect>,
    /// How a hostile body is sent.
    pub request: Option<HostileRequest>,
    /// The refusal that a hostile body deserves.
    pub expect_error: Option<ExpectError>,
}

fn default_user() -> String {
    "Practitioner/dr-1".to_owned()
}

/// One expected card. Members that are not given are not compared.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Recommendation codes, the lead first, exact.
    pub codes: Vec<String>,
    /// Table rows of the recommendations that have one, as a set.
    pub rows: Option<Vec<String>>,
    /// `info`, `warning` or `critical`.
    pub indicator: String,
    /// The deadline by the case's own clock.
    pub deadline: Option<DateTime<Utc>>,
    /// Whether the deadline has passed.
    pub overdue: Option<bool>,
    /// Statement ids of the lead recommendation, as a set.
    pub statements: Option<Vec<String>>,
    /// Missing facts of the lead recommendation, as a set; empty: the member is not there.
    pub missing: Option<Vec<String>>,
    /// Fact names that must be among those of the lead recommendation.
    pub facts: Option<Vec<String>>,
    /// Words that the summary contains, in any letter case.
    pub summary_has: Option<Vec<String>>,
    /// Words that the detail contains, in any letter case.
    pub detail_has: Option<Vec<String>>,
    /// One line per suggestion, see [`super::suggestion`]; empty: no suggestions member.
    pub suggestions: Option<Vec<String>>,
}

/// How a hostile body is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HostileRequest {
    /// Service id.
    pub service: String,
    /// `Content-Type` of the request.
    pub content_type: String,
}

impl Default for HostileRequest {
    fn default() -> Self {
        Self {
            service: "spinal-metastases-patient-view".to_owned(),
            content_type: "application/json".to_owned(),
        }
    }
}

/// The refusal that a hostile body deserves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectError {
    /// HTTP status.
    pub status: u16,
    /// Words that the body contains, in any letter case.
    #[serde(default)]
    pub text_has: Vec<String>,
}

/// Site settings of a case; what is not given stays as the sandbox has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facility {
    order_intent: Intent,
    time_zone: ZoneName,
    whole_spine_mri_as: MriAs,
    whole_spine_mri: Vec<SiteCoding>,
    look_back_days: LookBackDays,
    sbrt_available: Option<bool>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Intent {
    #[default]
    Proposal,
    Order,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MriAs {
    #[default]
    One,
    Regions,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteCoding {
    system: String,
    code: String,
    display: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LookBackDays {
    symptoms: Option<u16>,
    escc: Option<u16>,
    performance: Option<u16>,
    life_expectancy: Option<u16>,
    sins: Option<u16>,
    laboratory: Option<u16>,
}

/// A time zone by its IANA name.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct ZoneName(Tz);

impl Default for ZoneName {
    fn default() -> Self {
        Self(Tz::UTC)
    }
}

impl TryFrom<String> for ZoneName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
            .map(Self)
            .map_err(|_| format!("`{name}` is not a time zone name such as Europe/Amsterdam"))
    }
}

impl Facility {
    /// The settings as the engine takes them.
    pub fn site(&self) -> Site {
        let usual = LookBack::default();
        Site {
            time_zone: self.time_zone.0,
            order_intent: match self.order_intent {
                Intent::Proposal => OrderIntent::Proposal,
                Intent::Order => OrderIntent::Order,
            },
            orders: BTreeMap::from([(SuggestedOrder::WholeSpineMri, self.whole_spine_codings())]),
            contacts: Contacts::default(),
            whole_spine_mri_as: match self.whole_spine_mri_as {
                MriAs::One => WholeSpineMriAs::One,
                MriAs::Regions => WholeSpineMriAs::Regions,
            },
            look_back: LookBack {
                symptoms: self.look_back_days.symptoms.unwrap_or(usual.symptoms),
                escc: self.look_back_days.escc.unwrap_or(usual.escc),
                performance: self.look_back_days.performance.unwrap_or(usual.performance),
                life_expectancy: self.look_back_days.life_expectancy.unwrap_or(usual.life_expectancy),
                sins: self.look_back_days.sins.unwrap_or(usual.sins),
                laboratory: self.look_back_days.laboratory.unwrap_or(usual.laboratory),
            },
            sbrt_available: self.sbrt_available.unwrap_or(Site::default().sbrt_available),
        }
    }

    fn whole_spine_codings(&self) -> Vec<Coding> {
        let coding = |c: &SiteCoding| Coding {
            system: c.system.clone(),
            code: c.code.clone(),
            display: c.display.clone().filter(|d| !d.is_empty()),
        };
        self.whole_spine_mri.iter().map(coding).collect()
    }
}

impl Case {
    /// Reads the case of one folder.
    pub fn load(folder: &Path, name: String) -> Result<Self, CaseError> {
        let path = folder.join(CASE_FILE);
        let text = std::fs::read_to_string(&path).map_err(|e| CaseError::new(&path, e.to_string()))?;
        let told: CaseFile =
            toml::from_str(&text).map_err(|e| CaseError::new(&path, explain_toml_error(&e, &text)))?;
        let case = Self { folder: folder.to_path_buf(), name, told };
        case.check().map_err(|why| CaseError::new(&path, why))?;
        Ok(case)
    }

    /// Whether the case is a raw body instead of a chart.
    pub fn is_hostile(&self) -> bool {
        self.folder.join(REQUEST_FILE).is_file()
    }

    fn check(&self) -> Result<(), String> {
        let told = &self.told;
        if told.story.trim().is_empty() {
            return Err("`story` is empty".to_owned());
        }
        if let Some(wrong) =
            told.expect.iter().find(|e| !["info", "warning", "critical"].contains(&e.indicator.as_str()))
        {
            return Err(format!("`expect.indicator` is `{}`: info, warning or critical", wrong.indicator));
        }
        if told.expect.iter().any(|e| e.codes.is_empty()) {
            return Err("`expect.codes` is empty: a card has at least its lead code".to_owned());
        }
        if self.is_hostile() {
            if told.expect_error.is_some() && !told.expect.is_empty() {
                return Err("both `expect` and `expect_error` are given".to_owned());
            }
            return Ok(());
        }
        if told.hook.is_none() {
            return Err("`hook` is missing".to_owned());
        }
        if told.request.is_some() || told.expect_error.is_some() {
            return Err(format!(
                "`request` and `expect_error` are for hostile cases ({REQUEST_FILE} beside it)"
            ));
        }
        Ok(())
    }
}

/// A TOML error in one line: where, the line itself (which names the field), and why.
fn explain_toml_error(error: &toml::de::Error, text: &str) -> String {
    let why = error.message().replace('\n', " ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return why;
    };
    let number = before.matches('\n').count();
    let line = text.lines().nth(number).unwrap_or_default().trim();
    format!("line {} (`{line}`): {why}", number + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Case, CaseError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(CASE_FILE), text).unwrap();
        Case::load(folder.path(), "case".to_owned())
    }

    const HEAD: &str = "story = \"A story.\"\nhook = \"patient-view\"\nnow = \"2026-05-04T10:00:00Z\"\n";

    #[test]
    fn a_short_case_has_the_defaults() {
        let case = load(HEAD).unwrap();
        assert_eq!(case.told.user, "Practitioner/dr-1");
        assert!(case.told.expect.is_empty());
    }

    #[test]
    fn an_error_names_the_file_and_the_field() {
        for (extra, words) in [
            ("[[expect]]\ncodes = [\"a\"]\nindicator = \"info\"\nsummmary_has = [\"x\"]\n", "summmary_has"),
            ("unavailable = 3\n", "unavailable = 3"),
            ("[facility]\ntime_zone = \"Mars\"\n", "Mars"),
            ("[[expect]]\ncodes = [\"a\"]\nindicator = \"urgent\"\n", "urgent"),
            ("[expect_error]\nstatus = 400\n", "expect_error"),
        ] {
            let error = load(&format!("{HEAD}{extra}")).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains("case.toml"), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn the_facility_changes_only_what_it_names() {
        let case = load(&format!(
            "{HEAD}[facility]\ntime_zone = \"Europe/Amsterdam\"\nlook_back_days = {{escc = 14}}\n"
        ));
        let site = case.unwrap().told.facility.unwrap().site();
        assert_eq!(site.time_zone, chrono_tz::Europe::Amsterdam);
        assert_eq!(site.look_back, LookBack { escc: 14, ..LookBack::default() });
        assert_eq!(site.order_intent, OrderIntent::Proposal);
        assert!(site.sbrt_available);

        let case = load(&format!(
            "{HEAD}[facility]\nsbrt_available = false\n[facility.look_back_days]\nsymptoms = 1\nescc = 2\n\
             performance = 3\nlife_expectancy = 4\nsins = 5\nlaboratory = 6\n"
        ));
        let site = case.unwrap().told.facility.unwrap().site();
        let days =
            LookBack { symptoms: 1, escc: 2, performance: 3, life_expectancy: 4, sins: 5, laboratory: 6 };
        assert_eq!((site.sbrt_available, site.look_back), (false, days));
    }
}
