//! The questions, in the order in which they are asked.

use super::super::answer::ESCC;
use super::super::suggestion::SNOMED;
use super::say::{Said, Stated};
use crate::domain::scales::{MIRELS, SINS};
use crate::domain::{Judgement, Level, Scale};
use crate::guideline::Fact;
use std::sync::LazyLock;

/// The question for the level of the lesion that is scored.
pub const LEVEL: &str = "level";
/// The question for its location, which follows from the level.
pub const LOCATION: &str = "sins-location";
/// The question for the onset of what is new.
pub const SINCE: &str = "since";

/// Questions that stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Symptoms and signs.
    Neurology,
    /// What an image shows.
    Imaging,
    /// SINS.
    Stability,
    /// Mirels.
    LongBone,
    /// What the patient can bear, and for how long.
    Fitness,
    /// What became of earlier treatment, and what is feasible.
    Treatment,
}

impl Group {
    /// Its name in the form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Neurology => "neurology",
            Self::Imaging => "imaging",
            Self::Stability => "stability",
            Self::LongBone => "long-bone",
            Self::Fitness => "fitness",
            Self::Treatment => "treatment",
        }
    }

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Neurology => "Symptoms and neurology",
            Self::Imaging => "MRI",
            Self::Stability => "Stability of the spine (SINS)",
            Self::LongBone => "Long bone (Mirels)",
            Self::Fitness => "Fitness",
            Self::Treatment => "Treatment so far",
        }
    }
}

/// One question with a closed set of answers.
#[derive(Debug)]
pub struct Question {
    /// Its name in the form.
    pub id: String,
    /// What is asked.
    pub words: String,
    /// Asked in place of the one before it.
    pub instead: bool,
    /// With which others it stands.
    pub group: Group,
    /// The facts that it answers.
    pub facts: Vec<Fact>,
    /// Its answers.
    pub choices: Vec<Choice>,
}

/// One answer.
#[derive(Debug)]
pub struct Choice {
    /// Its name in the form.
    pub value: String,
    /// What a clinician calls it.
    pub words: String,
    /// Its points, where it is part of a score.
    pub points: Option<u8>,
    pub(super) says: Vec<Said>,
}

static ALL: LazyLock<Vec<Question>> = LazyLock::new(questions);

/// Every question.
pub fn all() -> &'static [Question] {
    &ALL
}

/// The questions that these facts ask.
pub fn asked_by(facts: &[Fact]) -> Vec<&'static Question> {
    all().iter().filter(|question| question.facts.iter().any(|fact| facts.contains(fact))).collect()
}

fn questions() -> Vec<Question> {
    let mut all = neurology();
    let grades = Fact::Escc.answers().iter();
    let grade = |label: &&'static str| {
        choice(label, label, [Said::ours("escc-grade", Stated::Text(label)).and(ESCC)])
    };
    all.push(Question {
        choices: grades.map(grade).collect(),
        ..ask("escc", "Epidural compression (ESCC)", Group::Imaging, &[Fact::Escc])
    });
    all.push(Question {
        choices: (1..=29)
            .filter_map(Level::new)
            .map(|level| choice(&level.to_string(), &level.to_string(), []))
            .collect(),
        ..ask(LEVEL, "Level", Group::Stability, &[Fact::Sins])
    });
    all.extend(SINS.iter().map(|scale| scored(scale, Group::Stability, Fact::Sins)));
    all.extend(MIRELS.iter().map(|scale| scored(scale, Group::LongBone, Fact::Mirels)));
    all.extend(fitness());
    let asked_before = [Judgement::RadiotherapyTolerable, Judgement::NoNewFindingsSinceTreatment];
    let judgements = Judgement::ALL.iter().filter(|judgement| !asked_before.contains(judgement));
    all.extend(judgements.map(|judgement| judged(*judgement, Group::Treatment)));
    all
}

fn ask(id: &str, words: &str, group: Group, facts: &[Fact]) -> Question {
    Question {
        id: id.to_owned(),
        words: words.to_owned(),
        instead: false,
        group,
        facts: facts.to_vec(),
        choices: Vec::new(),
    }
}

fn choice(value: &str, words: &str, says: impl Into<Vec<Said>>) -> Choice {
    Choice { value: value.to_owned(), words: words.to_owned(), points: None, says: says.into() }
}

/// A component of a score. Its points are recorded with the others of the score.
fn scored(scale: &Scale, group: Group, fact: Fact) -> Question {
    let rung = |rung: &crate::domain::Rung| Choice {
        points: Some(rung.points),
        ..choice(&rung.points.to_string(), rung.words, [])
    };
    Question {
        choices: scale.rungs.iter().map(rung).collect(),
        ..ask(scale.code, scale.name, group, &[fact])
    }
}

/// A yes/no judgement: its code is the name of its fact.
fn judged(judgement: Judgement, group: Group) -> Question {
    let fact = Fact::of_judgement(judgement);
    let code = fact.name().replace('_', "-");
    let answer = |word: &&str| choice(word, word, [Said::ours(&code, Stated::Boolean(*word == "yes"))]);
    Question {
        choices: fact.answers().iter().map(answer).collect(),
        ..ask(&code, fact.plain_name(), group, &[fact])
    }
}

fn neurology() -> Vec<Question> {
    use Fact::{
        Deficit, DeficitOnset, DeficitProgression, DeficitSide, LocalBackPain, MesccSigns, Presentation,
        RadicularPain, RadicularPainSide,
    };
    let question =
        |id, words, facts: &[Fact], choices| Question { choices, ..ask(id, words, Group::Neurology, facts) };
    let suspected = |yes| [Said::ours("mescc-suspected", Stated::Boolean(yes))];
    let back_pain = |yes| [Said::snomed("161891005", "Backache (finding)", yes)];
    let root =
        |yes| Said::ours("radicular-pain", Stated::Boolean(yes)).and((SNOMED, "11679003", "Radicular pain"));
    let limb = |yes| Said::snomed("713514005", "Muscle weakness of limb (finding)", yes);
    let legs = |yes| Said::snomed("1845001", "Paraparesis", yes);
    let gait = |code, display, yes| [Said::snomed(code, display, yes)];
    let saddle = |yes| Said::snomed("449813001", "Numbness of saddle area", yes);
    let sensory = |yes| Said::ours("sensory-level", Stated::Boolean(yes));
    let retention = |yes| Said::snomed("267064002", "Retention of urine (disorder)", yes);
    let bowel = |yes| Said::snomed("72042002", "Incontinence of feces (finding)", yes);
    let course = |word: &&'static str| {
        choice(word, course_words(word), [Said::ours("deficit-progression", Stated::Code(word))])
    };
    vec![
        question(
            "mescc-suspected",
            "Cord compression suspected",
            &[MesccSigns],
            vec![choice("yes", "yes", suspected(true)), choice("no", "no", suspected(false))],
        ),
        question(
            "back-pain",
            "Back or neck pain",
            &[Presentation, LocalBackPain],
            vec![choice("no", "none", back_pain(false)), choice("yes", "yes", back_pain(true))],
        ),
        question(
            "radicular-pain",
            "Radicular pain",
            &[Presentation, RadicularPain, RadicularPainSide],
            vec![
                choice("no", "none", [root(false)]),
                choice("left", "left", [root(true).at("7771000", "left")]),
                choice("right", "right", [root(true).at("24028007", "right")]),
                choice("both", "both sides", [root(true).at("51440002", "both sides")]),
            ],
        ),
        question(
            "weakness",
            "Weakness",
            &[Presentation, Deficit, DeficitSide, MesccSigns],
            vec![
                choice("no", "none", [limb(false), legs(false)]),
                choice("left-leg", "left leg", [limb(true).at("32153003", "left leg")]),
                choice("right-leg", "right leg", [limb(true).at("62175007", "right leg")]),
                choice("legs", "both legs", [legs(true)]),
                choice("left-arm", "left arm", [limb(true).at("80768000", "left arm")]),
                choice("right-arm", "right arm", [limb(true).at("6921000", "right arm")]),
            ],
        ),
        question(
            "walks",
            "Walks",
            &[Presentation, MesccSigns],
            vec![
                choice("unaided", "unaided, as before", gait("22325002", "Abnormal gait (finding)", false)),
                choice("aided", "unsteady or with help", gait("394616008", "Unsteady gait (finding)", true)),
                choice("cannot", "cannot", gait("282145008", "Unable to walk", true)),
            ],
        ),
        question(
            "feeling",
            "Feeling",
            &[Presentation, MesccSigns],
            vec![
                choice("normal", "normal", [saddle(false), sensory(false)]),
                choice("saddle", "saddle numbness", [saddle(true)]),
                choice("level", "sensory level", [sensory(true)]),
            ],
        ),
        question(
            "bladder",
            "Bladder and bowel",
            &[Presentation, MesccSigns],
            vec![
                choice("normal", "normal", [retention(false), bowel(false)]),
                choice("retention", "urinary retention", [retention(true)]),
                choice("bowel", "bowel incontinence", [bowel(true)]),
                choice(
                    "urine",
                    "urinary incontinence",
                    [Said::snomed("165232002", "Urinary incontinence (finding)", true)],
                ),
            ],
        ),
        question(
            SINCE,
            "Since",
            &[Presentation, MesccSigns, Deficit, DeficitOnset],
            vec![
                choice("0", "today", []),
                choice("1", "yesterday", []),
                choice("3", "2–3 days", []),
                choice("7", "4–7 days", []),
                choice("8", "more than 7 days", []),
            ],
        ),
        question(
            "deficit-progression",
            "Course",
            &[Presentation, MesccSigns, Deficit, DeficitProgression],
            DeficitProgression.answers().iter().map(course).collect(),
        ),
    ]
}

fn course_words(word: &str) -> &str {
    match word {
        "progressive" => "getting worse",
        "stable" => "not changing",
        "improving" => "getting better",
        other => other,
    }
}

fn fitness() -> Vec<Question> {
    const LOINC: &str = "http://loinc.org";
    let status = |code: &str, display: &'static str, points: u8| {
        let said = Said {
            codings: vec![(LOINC, code.to_owned(), display)],
            value: Stated::Integer(points),
            site: None,
        };
        choice(&points.to_string(), &points.to_string(), [said])
    };
    let ecog = (0..=4).map(|n| status("89247-1", "ECOG Performance Status score", n)).collect();
    let karnofsky =
        (1..=10).rev().map(|n| status("89243-0", "Karnofsky Performance Status score", n * 10)).collect();
    let life = |code: &&'static str| {
        choice(code, life_words(code), [Said::ours("life-expectancy", Stated::Code(code))])
    };
    let performance = [Fact::Performance];
    let mut tolerable = judged(Judgement::RadiotherapyTolerable, Group::Fitness);
    tolerable.facts.push(Fact::Performance);
    vec![
        Question { choices: ecog, ..ask("ecog", "ECOG", Group::Fitness, &performance) },
        Question {
            choices: karnofsky,
            instead: true,
            ..ask("karnofsky", "Karnofsky", Group::Fitness, &performance)
        },
        tolerable,
        Question {
            choices: Fact::LifeExpectancy.answers().iter().map(life).collect(),
            ..ask("life-expectancy", "Life expectancy", Group::Fitness, &[Fact::LifeExpectancy])
        },
    ]
}

fn life_words(code: &str) -> &str {
    match code {
        "lt-3-months" => "under 3 months",
        "ge-3-months" => "3 months or more",
        other => other,
    }
}
