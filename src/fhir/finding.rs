//! From the concepts of one statement to sign records and to the other yes-or-no facts.
//!
//! Conditions, Observations and components of Observations all end here, so that a code means the same wherever it
//! stands. Deliberately absent: which record is current (the engine has the clock), cancer, scores.

use super::asked::Meaning;
use super::coded::{BodySite, Coded};
use super::concept::Concept;
use super::context::{Context, Entry, Statement, latest};
use super::note::NoteKind;
use super::words;
use engine::domain::{Judgement, JudgementRecord, Levels, Progression, Sign, SignRecord, When};

/// Whether a code names something that is there or is not. Measurements and orders are none.
pub(super) fn is_finding(coded: &Coded<'_>) -> bool {
    is_sign_or_state(coded) || is_judgement(coded)
}

/// The judgements that a code names.
fn judgements(coded: &Coded<'_>) -> impl Iterator<Item = Judgement> {
    coded.concepts.iter().filter_map(|concept| match concept.meaning() {
        Meaning::Judgement(judgement) | Meaning::JudgementAndStatement(judgement) => Some(judgement),
        _ => None,
    })
}

/// Whether a code names a judgement.
pub(super) fn is_judgement(coded: &Coded<'_>) -> bool {
    judgements(coded).next().is_some()
}

/// Whether a code names something that counts even where its value is doubtful. A judgement is no such thing: it decides
/// between treatments and must be plain.
pub(super) fn is_sign_or_state(coded: &Coded<'_>) -> bool {
    let meanings = coded.concepts.iter().map(Concept::meaning);
    meanings.into_iter().any(|meaning| {
        matches!(meaning, Meaning::Sign(_) | Meaning::Statement | Meaning::JudgementAndStatement(_))
    })
}

/// What a resource says about its finding besides naming it.
#[derive(Debug, Clone, Default)]
pub(super) struct Circumstances {
    /// There, or denied.
    pub(super) affirmed: bool,
    /// Every recorded, effective and issued date.
    pub(super) seen: Vec<When>,
    /// When it began.
    pub(super) onset: Option<When>,
    /// A Condition with its own `onset[x]`.
    pub(super) stands_alone: bool,
    /// Course said in the same resource.
    pub(super) progression: Option<Progression>,
    /// Severity said in the same resource, 1 to 3.
    pub(super) severity: Option<u8>,
    /// Body site of the resource.
    pub(super) site: BodySite,
    /// Said by a Condition, or by a value that plainly says yes or no.
    pub(super) plain: bool,
}

impl Circumstances {
    /// The date that a reader would look for.
    pub(super) fn date(&self) -> Option<When> {
        latest(self.seen.iter().copied()).or(self.onset)
    }
}

/// The signs that a code names, each once.
pub(super) fn signs(coded: &Coded<'_>, site: &BodySite) -> Vec<Sign> {
    let mut named: Vec<Sign> = coded
        .concepts
        .iter()
        .filter_map(|concept| match concept.meaning() {
            Meaning::Sign(sign) => Some(sign),
            _ => None,
        })
        .collect();
    // Numbness counts only where a limb is named: alone it is far more often neuropathy from treatment.
    let numb_limb = coded.concepts.has(Concept::Numbness) && site.names_limb();
    if numb_limb && !named.contains(&Sign::LimbNumbness) {
        named.push(Sign::LimbNumbness);
    }
    named
}

/// Why a vertebra broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fracture {
    /// Pathological, or a compression fracture whose cause nobody recorded.
    Pathological,
    /// Traumatic, osteoporotic, or the sequela of a fracture: a fracture at baseline, neither a lesion nor a symptom.
    Other,
}

/// The ICD categories that hold ribs and skull beside the vertebrae (guideline.md section 2).
const OF_THE_TRUNK: &[&str] = &["M8448", "M8458", "M9078"];

/// The fracture of a vertebra that a code names.
fn fracture(coded: &Coded<'_>, site: &BodySite) -> Option<Fracture> {
    let plain = |code: &str| -> String {
        code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
    };
    let of_trunk = |code: &str| OF_THE_TRUNK.iter().any(|category| plain(code).starts_with(category));
    let another_bone = !site.vertebral
        && (site.other_bone || coded.wordings().into_iter().any(words::other_bone))
        && coded.codes().any(of_trunk);
    // The seventh character S of ICD-10-CM.
    let sequela =
        coded.codes().map(plain).any(|code| code.len() == 7 && code.starts_with('M') && code.ends_with('S'));
    if another_bone {
        None
    } else if coded.concepts.has(Concept::VertebralFracture) && !sequela {
        Some(Fracture::Pathological)
    } else if coded.has_any(&[Concept::VertebralFracture, Concept::OtherVertebralFracture]) {
        Some(Fracture::Other)
    } else {
        None
    }
}

/// Makes the records of one statement. `false` when its codes mean nothing here.
pub(super) fn record(
    entry: &Entry<'_>,
    cx: &mut Context<'_>,
    coded: &Coded<'_>,
    circumstances: &Circumstances,
) -> bool {
    if coded.concepts.is_empty() {
        return false;
    }
    let mut site = circumstances.site;
    site.add_finding(coded);
    let evidence = Context::evidence(entry, coded.label(), circumstances.date());
    let named = signs(coded, &site);
    if coded.concepts.has(Concept::Numbness) && named.is_empty() {
        cx.note(NoteKind::MakesNoFact, entry, "code");
    }
    for sign in named {
        cx.facts.signs.push(SignRecord {
            sign,
            affirmed: circumstances.affirmed,
            side: site.side,
            limb: site.limb(),
            // Only back pain is felt where its cause is: a root or a sensory level names another place.
            levels: if sign == Sign::BackPain { site.levels } else { Levels::NONE },
            seen: circumstances.seen.clone(),
            onset: circumstances.onset,
            stands_alone: circumstances.stands_alone,
            progression: circumstances.progression,
            severity: circumstances.severity,
            metastatic_by_code: coded.concepts.has(Concept::MetastaticByCode),
            evidence: evidence.clone(),
        });
    }
    if circumstances.plain {
        for judgement in judgements(coded) {
            cx.facts.judgements.push(JudgementRecord {
                judgement,
                answer: circumstances.affirmed,
                seen: circumstances.date(),
                evidence: evidence.clone(),
            });
        }
    }
    let statement = || Statement { affirmed: circumstances.affirmed, evidence: evidence.clone() };
    if coded.concepts.has(Concept::ComfortCare) {
        cx.comfort_care.push(statement());
    }
    if coded.concepts.has(Concept::Pregnant) {
        cx.pregnancy.push(statement());
    }
    if circumstances.affirmed {
        match fracture(coded, &site) {
            Some(Fracture::Pathological) => cx.facts.vertebral_fractures.push(evidence.clone()),
            Some(Fracture::Other) => cx.facts.other_vertebral_fractures.push(evidence.clone()),
            None => {}
        }
        if coded.concepts.has(Concept::MriSafety) {
            cx.facts.mri_safety.push(evidence.clone());
        }
        if coded.concepts.has(Concept::RadiotherapyHistory) {
            cx.facts.radiotherapy_history.push(evidence.clone());
        }
        if coded.has_any(&[Concept::ProgressionAfterRadiotherapy, Concept::DeteriorationDespiteRadiotherapy])
        {
            cx.facts.worse_despite_treatment.push(evidence);
        }
    }
    true
}

/// The course that a value or extension states, by code or by word; `None` when it says none, or two.
pub(super) fn course(coded: &Coded<'_>) -> Option<Progression> {
    let by_code = [
        (Concept::CourseProgressive, Progression::Progressive),
        (Concept::CourseStable, Progression::Stable),
        (Concept::CourseImproving, Progression::Improving),
    ];
    let mut coded_courses = by_code.into_iter().filter(|(concept, _)| coded.concepts.has(*concept));
    if let Some((_, course)) = coded_courses.next() {
        return if coded_courses.next().is_none() { Some(course) } else { None };
    }
    let mut worded = coded.wordings().into_iter().filter_map(course_of_text);
    let first = worded.next()?;
    worded.all(|course| course == first).then_some(first)
}

/// The course that words state; a negated or mixed wording states none.
pub(super) fn course_of_text(text: &str) -> Option<Progression> {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words
        .iter()
        .any(|word| matches!(*word, "no" | "not" | "never" | "without" | "if" | "unlikely" | "non"))
    {
        return None;
    }
    let mut courses = words.iter().filter_map(|word| match *word {
        "progressive" | "progressing" | "progressed" | "worse" | "worsening" | "worsened"
        | "deteriorating" => Some(Progression::Progressive),
        "stable" | "unchanged" | "static" => Some(Progression::Stable),
        "improving" | "improved" | "better" | "recovering" => Some(Progression::Improving),
        _ => None,
    });
    let first = courses.next()?;
    courses.all(|course| course == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_is_one_plain_word() {
        for (text, expected) in [
            ("Progressive", Some(Progression::Progressive)),
            ("getting worse", Some(Progression::Progressive)),
            ("stable/unchanged", Some(Progression::Stable)),
            ("improving", Some(Progression::Improving)),
            ("not progressive", None),
            ("stable, now worse", None),
            ("unknown", None),
        ] {
            assert_eq!(course_of_text(text), expected, "{text}");
        }
    }
}
