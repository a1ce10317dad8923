//! Sections 3.1 to 3.3 of the guideline: one card, or none.

use super::super::answer::Indicator;
use super::super::chart::*;
use super::facts::Facts;
use super::findings::{Active, LOOK_BACK, Study, compression_grade, now_or_answer, worse_despite_treatment};
use super::timing::{Due, Row, ordered_in_time, row_card, until};

/// What is expected of a card.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expected {
    /// The lead first; the others in no order.
    pub(crate) codes: Vec<&'static str>,
    pub(crate) indicator: Indicator,
    /// `None`: the text does not say which.
    pub(crate) deadline: Option<Moment>,
    pub(crate) overdue: Option<bool>,
}

/// A sign of cord compression that is suspected or confirmed (3.1).
#[derive(Debug, Clone)]
struct Suspect {
    clock: Vec<When>,
    /// The newest study that answers it.
    study: Option<Study>,
    /// By ESCC 2 or 3, or a diagnosis that was imaged.
    confirmed: bool,
}

/// "Treated since onset" (3.2): whether a treatment covers a finding, or when it was recorded as worse since.
/// `first`: what it was first recorded with, which is no note of after a treatment of that day.
pub(crate) fn treated(chart: &Chart, began: When, worse: &[When], first: Option<When>) -> Treated {
    let mut found = Treated::No;
    for record in &chart.records {
        let Record::Treatment(treatment) = record else { continue };
        let still = match treatment.end {
            None => chart.now - treatment.start.latest() <= 180 * DAY,
            Some(end) => chart.now <= end.latest() + LOOK_BACK,
        };
        // On one day, either of them without a time, counts as after, as with studies.
        if !treatment.start.at_or_after(began) {
            continue;
        }
        let surely = |when: When| !treatment.start.at_or_after(when);
        let notes = worse.iter().copied().filter(|when| Some(*when) != first || surely(*when));
        let since =
            worse_despite_treatment(chart).chain(notes).filter(|worse| worse.at_or_after(treatment.start));
        let mut since: Vec<When> = since.collect();
        since.sort_by_key(|when| when.earliest());
        if since.is_empty() {
            // What is recorded since the end of a treatment that is long over counts again.
            found = if still { Treated::Covered } else { found };
        } else if found != Treated::Covered {
            found = Treated::WorseSince { worse: since, treated: treatment.start };
        }
    }
    found
}

/// What treatments are to a finding.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Treated {
    No,
    Covered,
    /// Every record of worse since, the earliest first, and when the treatment began.
    WorseSince {
        worse: Vec<When>,
        treated: When,
    },
}

fn is_covered(chart: &Chart, began: When) -> bool {
    treated(chart, began, &[], None) == Treated::Covered
}

const SPECIFIC: [Sign; 7] = [
    Sign::Paraparesis,
    Sign::SaddleAnaesthesia,
    Sign::SensoryLevel,
    Sign::Lhermitte,
    Sign::CaudaEquina,
    Sign::CordCompression,
    Sign::MesccSuspected,
];
const NON_SPECIFIC: [Sign; 3] = [Sign::Gait, Sign::Retention, Sign::Bowel];

/// Findings as sections 3.1 to 3.3 see them.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The findings that no treatment covers.
    pub(crate) open: Vec<Active>,
    /// The signs of cord compression among them: those that a study excludes, and those that are non-specific and alone, too.
    pub(crate) any_sign: Vec<Active>,
    /// Whether there is a sign, covered by a treatment or not.
    pub(crate) any_sign_ever: bool,
    /// The date of an ESCC of 2 or 3.
    pub(crate) compressed: Option<When>,
    suspects: Vec<Suspect>,
    due: Vec<Due>,
    asks: bool,
    covered: bool,
}

impl Seen {
    /// "While a timing row holds without adequate imaging, ordered or not."
    pub(crate) fn waits(&self) -> bool {
        !self.due.is_empty()
    }

    /// Whether cord compression is suspected or confirmed. Thirty days after it a study has answered its sign.
    pub(crate) fn is_compression_open(&self, now: Moment) -> bool {
        let answered = |at: When| now - at.latest() > 30 * DAY;
        self.suspects.iter().any(|one| one.confirmed || one.study.is_none_or(|study| !answered(study.at)))
    }
}

/// The emergency card.
pub(crate) fn emergency(chart: &Chart, facts: &Facts, seen: &Seen) -> Option<Expected> {
    let reassess = seen.covered && chart.hook == Hook::PatientView;
    card(chart, facts, &seen.due, &seen.suspects, seen.asks, reassess)
}

/// Findings against treatments, studies and the rows.
pub(crate) fn look(chart: &Chart, facts: &Facts, findings: &[Active], studies: &[Study]) -> Seen {
    let mut open: Vec<Active> = Vec::new();
    let mut any_treated = false;
    for finding in findings {
        let mut finding = finding.clone();
        if finding.sign == Sign::CordCompression {
            let began = diagnosed_after(&finding, studies).filter(|_| finding.onset.is_none());
            (finding.began, finding.counts_from) =
                began.map_or((finding.began, finding.counts_from), |at| (at, at));
        }
        match treated(chart, finding.began, &finding.worse_notes, finding.first) {
            Treated::Covered => any_treated = true,
            Treated::No => open.push(finding),
            Treated::WorseSince { worse, treated } => {
                // Each of them starts the clock, and so does what may have been recorded as late; the earliest deadline counts.
                let others = finding.recorded.iter().chain(&finding.noted).copied();
                let others = others.filter(|when| !treated.at_or_after(*when));
                // A study since the finding began answers what was worse before it.
                let study =
                    studies.iter().rev().map(|study| study.at).find(|at| at.at_or_after(finding.began));
                let later: Vec<When> = worse
                    .iter()
                    .copied()
                    .filter(|when| study.is_some_and(|study| !study.at_or_after(*when)))
                    .collect();
                let worse_now = if later.is_empty() { worse.clone() } else { later.clone() };
                let recorded =
                    if later.is_empty() { others.chain(worse.iter().copied()).collect() } else { later };
                open.push(Active {
                    recorded,
                    noted: Vec::new(),
                    worse: worse_now.first().copied(),
                    old: finding.old && !worse.iter().any(|when| when.latest() >= chart.now - LOOK_BACK),
                    worse_notes: worse,
                    since_study: false,
                    ..finding
                })
            }
        }
    }
    let radicular = |f: &Active| is_radicular(f, &open);
    let context = facts.spine_documented
        || facts.spine_suspected
        || open.iter().any(|f| matches!(f.sign, Sign::BackPain | Sign::RadicularPain));

    // 3.1: which signs there are. `(finding, is it a diagnosis of cord compression)`.
    let mut signs: Vec<Active> = Vec::new();
    let mut asks = false;
    for finding in &open {
        let both_legs = finding.sign == Sign::LegWeakness && finding.side == Some(Side::Both);
        let both = matches!(finding.sign, Sign::RadicularPain | Sign::RadicularDeficit)
            && finding.side == Some(Side::Both);
        let weakness = finding.sign == Sign::LegWeakness && !radicular(finding);
        if SPECIFIC.contains(&finding.sign) || both || both_legs {
            signs.push(finding.clone());
        } else if NON_SPECIFIC.contains(&finding.sign) || weakness {
            if context { signs.push(finding.clone()) } else { asks |= !answered(chart, finding, studies) }
        } else if finding.sign == Sign::UrinaryIncontinence {
            asks |= !answered(chart, finding, studies);
        }
    }
    // Left and right together are bilateral; the sign is there when both are.
    let deficit =
        |f: &Active| f.sign == Sign::RadicularDeficit || f.sign == Sign::LegWeakness && radicular(f);
    let legs = |f: &Active| f.sign == Sign::LegWeakness && !radicular(f);
    signs.extend(pair(chart, &open, &|f| f.sign == Sign::RadicularPain));
    signs.extend(pair(chart, &open, &deficit));
    signs.extend(pair(chart, &open, &legs));

    let mut suspects: Vec<Suspect> = Vec::new();
    for sign in &signs {
        // "A sign whose onset or first record is more than 90 days back … only asks."
        if sign.old {
            asks |= !answered(chart, sign, studies);
            continue;
        }
        suspects.extend(suspect(chart, sign, studies));
    }
    let graded = compression_grade(chart, studies);
    if let Some((seen, onset)) = graded {
        let (clock, worse) = match treated(chart, onset, &[], None) {
            Treated::Covered => (Vec::new(), Vec::new()),
            Treated::No => (vec![seen], Vec::new()),
            Treated::WorseSince { worse, .. } => (worse.clone(), worse),
        };
        any_treated |= clock.is_empty();
        if !clock.is_empty() {
            let answers = |study: &&Study| {
                study.at.at_or_after(onset) && worse.iter().all(|when| study.at.at_or_after(*when))
            };
            let study = studies.iter().rev().find(answers).copied();
            suspects.push(Suspect { clock, study, confirmed: true });
        }
    }

    // 3.2.
    let mut due: Vec<Due> = Vec::new();
    for one in suspects.iter().filter(|one| one.study.is_none()) {
        due.push(Due { row: Row::Suspected, clock: one.clock.clone() });
    }
    for finding in &open {
        if !studies.iter().any(|study| finding.answered_by(study.at)) {
            let is_limb = deficit(finding) || finding.sign == Sign::LegWeakness;
            let row =
                if is_limb { limb_row(chart, facts, finding, deficit(finding)) } else { pain_row(finding) };
            due.extend(row.map(|row| Due { row, clock: finding.clock() }));
        }
    }
    // Row 6: suspicion recorded, no symptom on record.
    let symptom =
        findings.iter().any(|f| f.sign != Sign::MetastasesSuspected && f.sign != Sign::MesccSuspected);
    if !symptom && graded.is_none() && !facts.spine_documented {
        due.extend(
            suspicion(chart, findings, studies).map(|clock| Due { row: Row::NoSymptom, clock: vec![clock] }),
        );
    }
    due.sort_by_key(|due| due.row);
    let compressed = graded.filter(|(_, onset)| !is_covered(chart, *onset)).map(|(seen, _)| seen);
    let alone = open.iter().filter(|finding| {
        NON_SPECIFIC.contains(&finding.sign) || finding.sign == Sign::LegWeakness && !radicular(finding)
    });
    let any_sign: Vec<Active> = signs.iter().chain(alone).cloned().collect();
    let is_sign = |f: &Active| SPECIFIC.contains(&f.sign) || NON_SPECIFIC.contains(&f.sign);
    let any_sign_ever = !any_sign.is_empty() || findings.iter().any(is_sign);
    Seen { any_sign, any_sign_ever, compressed, suspects, due, asks, covered: any_treated, open }
}

/// A deficit in one root, or weakness beside radicular pain of the same side.
fn is_radicular(finding: &Active, open: &[Active]) -> bool {
    let same = |pain: &Active| match (pain.side, finding.side) {
        (Some(Side::Both), Some(_)) => true,
        (Some(pain), Some(own)) => pain == own,
        _ => false,
    };
    let covers_both = |sides: &[Option<Side>]| {
        sides.contains(&Some(Side::Both))
            || sides.contains(&Some(Side::Left)) && sides.contains(&Some(Side::Right))
    };
    let pains: Vec<&Active> = open.iter().filter(|f| f.sign == Sign::RadicularPain).collect();
    if finding.sign == Sign::LegWeakness && finding.side == Some(Side::Both) {
        return covers_both(&pains.iter().map(|f| f.side).collect::<Vec<_>>());
    }
    finding.sign == Sign::RadicularDeficit || pains.iter().any(|pain| same(pain))
}

/// Left and right of one kind as one sign.
fn pair(chart: &Chart, open: &[Active], kind: &dyn Fn(&Active) -> bool) -> Vec<Active> {
    let of = |side| open.iter().filter(move |f| kind(f) && f.side == Some(side));
    let mut pairs = Vec::new();
    for left in of(Side::Left) {
        for right in of(Side::Right) {
            let later = |a: When, b: When| {
                if (a.earliest(), a.latest()) >= (b.earliest(), b.latest()) { a } else { b }
            };
            // Each began its clock with its earliest record; the sign is there when both are, as far as that is known.
            let there = |own: &Active| {
                let clock = own.clock();
                let first = clock.iter().map(|when| when.earliest()).min().unwrap_or(chart.now);
                (first, clock.iter().map(|when| when.latest()).min().unwrap_or(chart.now))
            };
            let (left_there, right_there) = (there(left), there(right));
            pairs.push(Active {
                side: Some(Side::Both),
                recorded: vec![When::Between(
                    left_there.0.max(right_there.0),
                    left_there.1.max(right_there.1),
                )],
                noted: Vec::new(),
                began: later(left.began, right.began),
                counts_from: later(left.counts_from, right.counts_from),
                worse: None,
                worse_notes: [left.worse_notes.clone(), right.worse_notes.clone()].concat(),
                old: left.old && right.old,
                ..left.clone()
            });
        }
    }
    pairs
}

fn answered(chart: &Chart, sign: &Active, studies: &[Study]) -> bool {
    studies.iter().any(|study| sign.answered_by(study.at))
        || denied_after(chart, sign.worse.unwrap_or(sign.began)).is_some()
}

/// `mescc-suspected` = false recorded after a moment.
fn denied_after(chart: &Chart, moment: When) -> Option<When> {
    chart.records.iter().find_map(|record| match record {
        Record::Finding(Finding {
            sign: Sign::MesccSuspected, affirmed: false, seen: Some(seen), ..
        }) if seen.earliest() > moment.latest() => Some(*seen),
        _ => None,
    })
}

/// A current sign, unless it is excluded (3.1).
fn suspect(chart: &Chart, sign: &Active, studies: &[Study]) -> Option<Suspect> {
    let is_diagnosis = sign.sign == Sign::CordCompression;
    if is_diagnosis && sign.worse.is_none() {
        // "A diagnosis recorded at or after a study that was graded 0–1b conflicts with it: it is suspected, and asks for a
        // new study (clock from the diagnosis)."
        let low = studies.iter().filter(|study| study.is_low()).map(|study| study.at).next_back();
        let since: Vec<When> = sign
            .recorded
            .iter()
            .copied()
            .filter(|when| !sign.undated && low.is_some_and(|low| when.at_or_after(low)))
            .collect();
        let later = studies.iter().any(|study| {
            let newer = low.is_some_and(|low| low.earliest() < study.at.earliest());
            let since = since.iter().all(|when| study.at.at_or_after(*when));
            !study.is_low() && (since || newer && sign.answered_by(study.at))
        });
        if !since.is_empty() {
            // A reading: when the new study is made, the diagnosis stands, whatever the older study said of its onset.
            let study = studies.last().filter(|_| later).copied();
            return Some(Suspect { clock: since, study, confirmed: study.is_some() });
        }
    }
    let answering: Vec<&Study> = studies.iter().filter(|study| sign.answered_by(study.at)).collect();
    if answering.iter().any(|study| study.is_low()) {
        return None;
    }
    let newest = answering.last().map(|study| **study);
    // "The result of the study that answered the current sign does not expire while the sign is unchanged."
    // Nor does a later study without a result take it back.
    let read = answering.iter().rev().find(|study| study.grade.is_some());
    let read_high = read.is_some_and(|study| !study.is_low());
    let confirmed = is_diagnosis && newest.is_some() || read_high;
    // "mescc-suspected = false recorded after sign and MRI excludes what is suspected."
    if let Some(study) = newest
        && !confirmed
        && denied_after(chart, sign.worse.unwrap_or(sign.began)).is_some()
        && denied_after(chart, study.at).is_some()
    {
        return None;
    }
    Some(Suspect { clock: sign.clock(), study: newest, confirmed })
}

/// "A diagnosis recorded after its MRI takes the study's date as its onset."
fn diagnosed_after(sign: &Active, studies: &[Study]) -> Option<When> {
    let presented = sign.presented();
    let own = studies.iter().rev().find(|study| {
        presented.at_or_after(study.at) && presented.earliest() - study.at.latest() <= 14 * DAY
    });
    // One that contradicts a low reading is no result of that study.
    own.filter(|own| !own.is_low() && own.at.earliest() < sign.began.earliest()).map(|own| own.at)
}

/// Rows 2 and 3.
fn limb_row(chart: &Chart, facts: &Facts, finding: &Active, radicular: bool) -> Option<Row> {
    let settled = matches!(finding.course, Some(Course::Stable | Course::Improving));
    // A date without a time takes the shortest duration that it allows.
    let short = finding.onset.map(|onset| chart.now - onset.latest() <= 7 * DAY);
    // What was first recorded more than 90 days ago is older than 7 days.
    let short = if finding.old { Some(false) } else { short };
    if !radicular {
        let rapid = facts.active_cancer && short == Some(true) && !settled;
        return rapid.then_some(Row::Rapid);
    }
    Some(if short != Some(false) && !settled { Row::Rapid } else { Row::Slow })
}

/// Rows 4 and 5.
fn pain_row(finding: &Active) -> Option<Row> {
    match finding.sign {
        Sign::RadicularPain => Some(Row::Radicular),
        Sign::BackPain => Some(Row::BackPain),
        _ => None,
    }
}

/// A suspicion of spinal metastases within its 90 days that no study has answered.
fn suspicion(chart: &Chart, findings: &[Active], studies: &[Study]) -> Option<When> {
    let by_finding = findings
        .iter()
        .filter(|f| f.sign == Sign::MetastasesSuspected && !is_covered(chart, f.began))
        .flat_map(|f| f.recorded.iter().copied());
    let by_condition = chart.records.iter().filter_map(|record| match record {
        Record::Metastasis { site: Site::Spine(_), suspected: true, seen, .. } => {
            Some(seen.unwrap_or_else(|| now_or_answer(chart)))
                .filter(|seen| seen.latest() >= chart.now - LOOK_BACK)
        }
        _ => None,
    });
    let mut all = by_finding.chain(by_condition);
    all.find(|seen| !studies.iter().any(|study| study.at.at_or_after(*seen)))
}

fn card(
    chart: &Chart,
    facts: &Facts,
    due: &[Due],
    suspects: &[Suspect],
    asks: bool,
    reassess: bool,
) -> Option<Expected> {
    let waits = !due.is_empty();
    let silent_rows = |row: Row| facts.comfort_care && row > Row::Rapid;
    let row = row_card(chart, due).filter(|row| !silent_rows(row.row) && !ordered_in_time(chart, due));
    let confirmed = suspects.iter().any(|one| one.confirmed);
    let unimaged = suspects.iter().any(|one| one.study.is_none());
    let is_open = |one: &Suspect| until(&one.clock, DAY, chart.now).is_some_and(|at| chart.now <= at);
    let window_open = suspects.iter().any(is_open);
    // Thirty days after it a study has answered its sign. Where one is confirmed, those that wait are of the same cord.
    let counts = |one: &&Suspect| match one.study {
        Some(study) if !one.confirmed => {
            chart.now - study.at.latest() <= 30 * DAY && (confirmed || is_open(one))
        }
        _ => true,
    };
    let treat_by = suspects.iter().filter(counts).filter_map(|one| until(&one.clock, DAY, chart.now)).min();
    // 3.1: imaged without a coded result.
    let pending =
        suspects.iter().filter(|one| !one.confirmed).filter_map(|one| one.study.map(|study| study.at));
    let since = pending.map(|at| chart.now - at.latest()).min();
    let result = since.and_then(|age| match age {
        ..=259_200 => Some(Indicator::Critical),
        259_201..=604_800 => Some(Indicator::Warning),
        604_801..=2_592_000 => Some(Indicator::Info),
        _ => None,
    });
    let treat = confirmed || unimaged || result.is_some() && window_open;

    // The worse indicator leads; in a tie what is to be read, then row 1, then the faster deadline (3.1, 3.3). The MRI of a
    // compression that is confirmed is done: beside the new sign of row 1 the faster deadline leads.
    let mut codes: Vec<(&'static str, Indicator)> = Vec::new();
    if treat {
        codes.push(("mescc-treat-within-24h", Indicator::Critical));
        codes.push(("mescc-modality-mdt", Indicator::Critical));
        if facts.below_three_months {
            codes.push(("surgery-candidacy-conflict", Indicator::Critical));
        }
    }
    if let Some(row) = &row {
        let imaged = suspects.iter().any(|one| one.confirmed && one.study.is_some());
        let faster = if row.row == Row::Suspected {
            !imaged || row.deadline <= treat_by
        } else {
            // "The faster deadline leads": where neither is, the table's order.
            row.deadline <= treat_by
        };
        let leads = !treat || row.indicator == Indicator::Critical && faster;
        codes.insert(if leads { 0 } else { codes.len() }, (row.row.code(), row.indicator));
    }
    if let Some(indicator) = result.filter(|_| !confirmed) {
        let leads = row.as_ref().is_none_or(|row| indicator >= row.indicator);
        codes.insert(if leads { 0 } else { codes.len() }, ("mescc-result-needed", indicator));
    }
    if asks && !waits && !facts.comfort_care {
        codes.push(("mescc-question", Indicator::Info));
    }
    if reassess && !facts.comfort_care {
        codes.push(("reassess-after-treatment", Indicator::Info));
    }
    let worst = codes.iter().map(|(_, indicator)| *indicator).max();
    // The deadline is that of the lead; a result that is waited for has none of its own.
    let deadline = match codes.first() {
        Some((code, _)) if code.starts_with("mri-") => row.as_ref().and_then(|row| row.deadline),
        Some(("mescc-treat-within-24h", _)) => treat_by,
        _ => None,
    };
    worst.map(|worst| Expected {
        codes: codes.iter().map(|(code, _)| *code).collect(),
        indicator: if facts.comfort_care { milder(worst) } else { worst },
        deadline,
        overdue: deadline.map(|deadline| chart.now > deadline),
    })
}

fn milder(indicator: Indicator) -> Indicator {
    match indicator {
        Indicator::Critical => Indicator::Warning,
        _ => Indicator::Info,
    }
}
