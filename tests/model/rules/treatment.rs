//! Sections 3.5 and 3.6 of the guideline: modality and regimen.

use super::super::answer::Indicator;
use super::super::chart::*;
use super::basis::*;
use super::emergency::Seen;
use super::facts::Facts;
use super::stability::{Score, scores};

/// The treatment card: its codes, the lead first.
pub(crate) type Advice = (Vec<&'static str>, Indicator);

/// "Modality (adult, documented, no untreated MESCC). First that holds."
pub(crate) fn treatment(chart: &Chart, facts: &Facts, seen: &Seen) -> Option<Advice> {
    if !facts.spine_documented || seen.is_compression_open(chart.now) {
        return None;
    }
    let scores = scores(chart);
    let prior = !prior_radiotherapy(chart, None).is_empty();
    let unstable = scores.iter().any(|score| score.low >= 13);
    let corticosteroids =
        chart.records.iter().any(|r| matches!(r, Record::Drug { drug: Drug::Corticosteroid, .. }));
    let indicated = unstable
        || prior && progressed(chart).0 == Known::Yes && is_no(chart, Judgement::ReirradiationFeasible)
        || is_yes(chart, Judgement::DeteriorationDespiteRadiotherapy) && corticosteroids;
    if indicated {
        let unamenable = is_no(chart, Judgement::AreaAmenable);
        return match three_months(chart) {
            // SINS ≥ 13 with a life expectancy below 3 months gives no treatment card.
            Known::No => (!unstable).then(|| (vec!["surgery-candidacy-conflict"], Indicator::Warning)),
            Known::Yes if !unamenable => Some((vec!["surgery-preferred"], Indicator::Warning)),
            _ => undetermined(seen, Indicator::Warning),
        };
    }
    if is_systemic_first(chart) {
        return Some((vec!["systemic-therapy-primary"], Indicator::Info));
    }
    let symptoms = symptoms(chart, seen);
    if symptoms.is_empty() || is_referred(chart, &symptoms) {
        return None;
    }
    let Some(highest) = scores.iter().max_by_key(|score| (score.high, score.low)) else {
        return undetermined(seen, Indicator::Info);
    };
    let lasts = match one_month(chart) {
        Known::Unknown if prior => Known::Yes,
        other => other,
    };
    let stable = highest.high <= 6;
    let pending = highest.low >= 7 && highest.high <= 12;
    let modality = match (is_tolerable(chart), lasts) {
        (true, Known::Yes) if stable => "radiotherapy-preferred",
        (true, Known::Yes) if pending => "radiotherapy-preferred-provisional",
        (true, Known::Unknown) if stable || pending => "radiotherapy-preferred-provisional",
        _ => return undetermined(seen, Indicator::Info),
    };
    regimen(chart, seen, &scores, &symptoms, modality)
}

fn undetermined(seen: &Seen, indicator: Indicator) -> Option<Advice> {
    (!seen.waits()).then(|| (vec!["modality-undetermined"], indicator))
}

/// Row 4, with no current antineoplastic therapy.
fn is_systemic_first(chart: &Chart) -> bool {
    let first = chart.records.iter().any(|record| {
        matches!(record, Record::Cancer(Cancer::Myeloma | Cancer::AggressiveLymphoma, CancerState::Active))
    });
    first && !is_yes(chart, Judgement::AntineoplasticTherapy)
}

/// A radiation-oncology or MDT consult since the latest of metastases documented, onset and recorded progression.
fn is_referred(chart: &Chart, symptoms: &[Option<When>]) -> bool {
    let progressed = Some(progressed(chart)).filter(|(yes, _)| *yes == Known::Yes).map(|(_, seen)| seen);
    let came_back = recurrences(chart);
    let dates = documented(chart).into_iter().chain(progressed).chain(came_back);
    let dates: Vec<Option<When>> = dates.chain(symptoms.iter().copied()).collect();
    since(chart, &consults(chart, &[Consult::RadiationOncology, Consult::Mdt], false), &dates)
}

/// "Regimen (only with row 5 or 6)."
fn regimen(
    chart: &Chart,
    seen: &Seen,
    scores: &[Score],
    symptoms: &[Option<When>],
    modality: &'static str,
) -> Option<Advice> {
    let prior = prior_radiotherapy(chart, None);
    let mut codes = vec![modality];
    if prior.is_empty() {
        codes.extend(["sbrt-de-novo", "cebrt-palliative"]);
    } else {
        // "Or the current findings began after that course; not when it is recorded as no." Any of them, as the reading of a
        // newer finding says; a fracture without a date establishes nothing.
        let findings = seen.open.iter().filter(|f| f.sign != Sign::UrinaryIncontinence).map(|f| f.began);
        let began_after = findings.chain(symptoms.iter().flatten().copied()).any(|began| {
            prior.iter().all(|course| course.end.unwrap_or(course.start).latest() <= began.earliest())
        });
        let progressed = match progressed(chart).0 {
            Known::Yes => true,
            Known::No => false,
            Known::Unknown => began_after,
        };
        if !progressed {
            return undetermined(seen, Indicator::Info);
        }
        codes.push("sbrt-reirradiation");
    }
    let gate = gate(chart, seen, scores);
    if gate != Gate::Open {
        codes.push("sbrt-consult-surgery-first");
    }
    if prior.is_empty() && has_fracture_risk(chart, scores) {
        codes.push("sbrt-vcf-risk");
    }
    Some((codes, if gate == Gate::Open { Indicator::Info } else { Indicator::Warning }))
}
