//! Section 3.8, the other rows: radiotherapy, spine surgery and zoledronic acid, one card an order.
//!
//! Deliberately absent: imaging ([`super::order_check`]); orders aimed elsewhere, which are none of the guideline's
//! business; and our own referrals, which are no treatment orders.

use super::adjunct;
use super::advice::{Advice, Code, FactUsed, Group, Indicator, Proposal};
use super::compose::{Parts, compose, distinct};
use super::describe::fact;
use super::lesion::{Lesion, UNSTABLE_LEAST};
use super::measure::{self, Criterion, Life, LifeExpectancy, Prior};
use super::mescc;
use super::mescc_treatment;
use super::picture::Picture;
use super::regimen;
use super::row::CodedRow;
use super::scope::SpinalMetastases;
use super::stability::{lesion_facts, referral};
use super::treatment;
use crate::domain::{
    Aim, Certainty, Consult, Evidence, Levels, OrderStatus, RadiotherapyOrder, Site, Technique,
};

/// The rows, in the order of the printed table; a code with two indicators has two.
#[rustfmt::skip]
pub(super) const ROWS: [CodedRow; 12] = [
    CodedRow { id: "order-radiotherapy/8gy-good-prognosis", holds: "8 Gy in 1 fraction, not SBRT; life expectancy at least 3 months",
        code: Code::Rt8gySingleGoodPrognosis, indicator: Indicator::Warning, offers: "referral naming an SBRT scheme, where the regimen allows one", statements: &["G-64", "G-65"] },
    CodedRow { id: "order-radiotherapy/8gy-state-prognosis", holds: "8 Gy in 1 fraction, not SBRT; life expectancy unknown",
        code: Code::RtStatePrognosis, indicator: Indicator::Info, offers: "", statements: &["G-64"] },
    CodedRow { id: "order-radiotherapy/unstable-spine", holds: "any radiotherapy; SINS min 13 or more at the site",
        code: Code::RtUnstableSpine, indicator: Indicator::Critical, offers: "spine-surgery referral", statements: &["G-17", "G-20"] },
    CodedRow { id: "order-radiotherapy/reirradiation", holds: "conventional radiotherapy; prior radiotherapy at the site",
        code: Code::RtReirradiationUseSbrt, indicator: Indicator::Warning, offers: "referral for SBRT reirradiation", statements: &["G-40", "G-41"] },
    CodedRow { id: "order-radiotherapy/gate", holds: "SBRT; the gate before SBRT is closed by a known finding",
        code: Code::SbrtConsultSurgeryFirst, indicator: Indicator::Critical, offers: "spine-surgery referral", statements: &["G-60", "G-61", "G-62"] },
    CodedRow { id: "order-radiotherapy/gate", holds: "SBRT; the gate before SBRT is closed by an unknown finding only",
        code: Code::SbrtConsultSurgeryFirst, indicator: Indicator::Warning, offers: "spine-surgery referral", statements: &["G-60", "G-61", "G-62"] },
    CodedRow { id: "order-radiotherapy/vcf-risk", holds: "SBRT above 19 Gy per fraction; significant lytic disease, a vertebral fracture, or SINS min 7 or more at the site",
        code: Code::SbrtVcfRisk, indicator: Indicator::Warning, offers: "", statements: &["G-54", "G-55", "G-56", "G-57", "G-58"] },
    CodedRow { id: "order-radiotherapy/scheme-not-listed", holds: "dose and fractions outside the listed schemes; SBRT at a site irradiated before is not checked",
        code: Code::RtSchemeNotListed, indicator: Indicator::Info, offers: "", statements: &["G-32", "G-33", "G-34", "G-35", "G-36"] },
    CodedRow { id: "order-surgery/life-expectancy", holds: "spine surgery; life expectancy below 3 months",
        code: Code::SurgeryLifeExpectancy, indicator: Indicator::Warning, offers: "", statements: &["G-43"] },
    CodedRow { id: "order-surgery/life-expectancy", holds: "spine surgery; life expectancy unknown",
        code: Code::SurgeryLifeExpectancy, indicator: Indicator::Info, offers: "", statements: &["G-43"] },
    CodedRow { id: "order-zoledronic/check", holds: "zoledronic acid; adjunct/zoledronic excludes it by a known fact",
        code: Code::ZoledronicAcidCheck, indicator: Indicator::Warning, offers: "", statements: &["G-48", "G-49", "G-50"] },
    CodedRow { id: "order-zoledronic/check", holds: "zoledronic acid; a fact that may exclude it is missing",
        code: Code::ZoledronicAcidCheck, indicator: Indicator::Info, offers: "", statements: &["G-48", "G-49", "G-50"] },
];

/// A row that fires for an order.
struct Hit {
    code: Code,
    indicator: Indicator,
    action: String,
    facts: Vec<FactUsed>,
    missing: Vec<&'static str>,
    proposals: Vec<Proposal>,
}

/// The cards on selected drafts for radiotherapy, surgery and zoledronic acid.
pub(super) fn advise(picture: &Picture<'_>, lesions: &[Lesion<'_>], site: &Site) -> Vec<Advice> {
    let selected = |status: OrderStatus| status == OrderStatus::Draft { selected: true };
    let documented = picture.disease.spinal_metastases == SpinalMetastases::Documented;
    let concerns = |aim: Aim| matches!(aim, Aim::Spine(_)) || (aim == Aim::Unstated && documented);
    let life = measure::life_expectancy(picture, site);
    let facts = picture.facts;
    let mut cards = Vec::new();
    for order in facts.radiotherapy_orders.iter().filter(|o| selected(o.status) && concerns(o.aim)) {
        let hits = radiotherapy(picture, lesions, &life, order, site);
        cards.extend(card(picture, site, &order.evidence, order.from_text, hits));
    }
    for order in facts.surgery_orders.iter().filter(|o| selected(o.status) && concerns(o.aim)) {
        cards.extend(card(picture, site, &order.evidence, false, surgery(&life)));
    }
    let bone = adjunct::zoledronic_indication(facts).is_some()
        && facts.cancer.iter().any(|c| c.histology.is_myeloma_or_lymphoma())
        || facts.metastases.iter().any(|m| m.certainty == Certainty::Documented);
    for order in facts.zoledronic_orders.iter().filter(|o| selected(o.status) && bone) {
        cards.extend(card(picture, site, &order.evidence, false, zoledronic(picture, site)));
    }
    cards
}

fn radiotherapy(
    picture: &Picture<'_>,
    lesions: &[Lesion<'_>],
    life: &LifeExpectancy<'_>,
    order: &RadiotherapyOrder,
    site: &Site,
) -> Vec<Hit> {
    let levels = if let Aim::Spine(levels) = order.aim { levels } else { Levels::NONE };
    let here: Vec<Lesion<'_>> = lesions.iter().filter(|l| l.levels.same_site(levels)).cloned().collect();
    let technique = regimen::effective_technique(order.dose);
    let prior = measure::prior_radiotherapy(picture, levels);
    let irradiated = matches!(prior, Prior::At(..));
    let sbrt = technique == Technique::Sbrt;
    let mut hits = Vec::new();

    let single_8_gy = (order.dose.total_cgy, order.dose.fractions)
        == (Some(regimen::SINGLE_8_GY.0), Some(regimen::SINGLE_8_GY.1));
    if single_8_gy && !sbrt {
        hits.extend(eight_gray(picture, life, lesions, irradiated, site));
    }
    let unstable: Vec<&Lesion<'_>> = here.iter().filter(|l| l.score.min >= UNSTABLE_LEAST).collect();
    if !unstable.is_empty() {
        hits.push(Hit {
            code: Code::RtUnstableSpine,
            indicator: Indicator::Critical,
            action: "Ask spine surgery before radiotherapy: the spine is unstable (SINS 13 or more)"
                .to_owned(),
            facts: unstable.iter().flat_map(|l| lesion_facts("sins", l)).collect(),
            missing: Vec::new(),
            proposals: vec![referral(Consult::SpineSurgery, None, true)],
        });
    }
    if let (Technique::Conventional, Prior::At(courses, history)) = (technique, &prior) {
        let mut facts: Vec<FactUsed> =
            courses.iter().map(|c| fact("prior_radiotherapy", "at the site", &c.evidence)).collect();
        facts.extend(history.iter().map(|e| fact("prior_radiotherapy", "history, site not stated", e)));
        hits.push(Hit {
            code: Code::RtReirradiationUseSbrt,
            indicator: Indicator::Warning,
            action: "Consider SBRT instead: the site was irradiated before".to_owned(),
            facts,
            missing: Vec::new(),
            proposals: vec![referral(
                Consult::RadiationOncology,
                Some("SBRT reirradiation".to_owned()),
                false,
            )],
        });
    }
    if sbrt {
        hits.extend(stereotactic(picture, &here, order));
    }
    let checked = !(sbrt && irradiated);
    if checked && regimen::is_listed(order.dose) == Some(false) {
        hits.push(Hit {
            code: Code::RtSchemeNotListed,
            indicator: Indicator::Info,
            action: "Check dose and fractions: they are not among the guideline's schemes".to_owned(),
            facts: Vec::new(),
            missing: Vec::new(),
            proposals: Vec::new(),
        });
    }
    hits
}

fn eight_gray(
    picture: &Picture<'_>,
    life: &LifeExpectancy<'_>,
    lesions: &[Lesion<'_>],
    irradiated: bool,
    site: &Site,
) -> Option<Hit> {
    let evidence = life.evidence;
    match life.class {
        Life::AtLeast3 => {
            let open = site.sbrt_available
                && !irradiated
                && !mescc_treatment::is_open(&mescc::suspected(picture))
                && matches!(measure::prior_radiotherapy(picture, Levels::NONE), Prior::None)
                && !regimen::gate(picture, lesions).is_closed();
            let schemes = regimen::SBRT.iter().filter(|_| open);
            Some(Hit {
                code: Code::Rt8gySingleGoodPrognosis,
                indicator: Indicator::Warning,
                action: "Choose more than 8 Gy in 1 fraction: life expectancy is at least 3 months"
                    .to_owned(),
                facts: evidence
                    .map(|e| fact("life_expectancy", "at least 3 months", e))
                    .into_iter()
                    .collect(),
                missing: Vec::new(),
                proposals: schemes
                    .map(|s| referral(Consult::RadiationOncology, Some(s.text.to_owned()), false))
                    .collect(),
            })
        }
        Life::Unknown => Some(Hit {
            code: Code::RtStatePrognosis,
            indicator: Indicator::Info,
            action: "State the life expectancy: 8 Gy in 1 fraction is not for a good prognosis".to_owned(),
            facts: Vec::new(),
            missing: vec!["life_expectancy"],
            proposals: Vec::new(),
        }),
        Life::Below3 => None,
    }
}

fn stereotactic(picture: &Picture<'_>, here: &[Lesion<'_>], order: &RadiotherapyOrder) -> Vec<Hit> {
    let mut hits = Vec::new();
    let gate = regimen::gate(picture, here);
    if gate.is_closed() {
        let known = gate.is_closed_by_a_finding();
        hits.push(Hit {
            code: Code::SbrtConsultSurgeryFirst,
            indicator: if known { Indicator::Critical } else { Indicator::Warning },
            action: "Ask spine surgery before SBRT".to_owned(),
            facts: treatment::gate_facts(&gate),
            missing: gate.unknown.clone(),
            proposals: vec![referral(Consult::SpineSurgery, None, known)],
        });
    }
    let risks = regimen::fracture_risks(picture, here);
    let large = regimen::per_fraction(order.dose).is_some_and(|fraction| fraction > regimen::RISKY_FRACTION);
    if large && !risks.is_empty() {
        hits.push(Hit {
            code: Code::SbrtVcfRisk,
            indicator: Indicator::Warning,
            action: "Weigh the fracture risk of more than 19 Gy in a fraction".to_owned(),
            facts: risks.into_iter().map(|(name, value, e)| fact(name, value, e)).collect(),
            missing: Vec::new(),
            proposals: Vec::new(),
        });
    }
    hits
}

fn surgery(life: &LifeExpectancy<'_>) -> Vec<Hit> {
    let (indicator, action, missing) = match life.class {
        Life::AtLeast3 => return Vec::new(),
        Life::Below3 => {
            (Indicator::Warning, "Reconsider spine surgery: life expectancy is below 3 months", Vec::new())
        }
        Life::Unknown => (
            Indicator::Info,
            "State the life expectancy: spine surgery needs at least 3 months",
            vec!["life_expectancy"],
        ),
    };
    vec![Hit {
        code: Code::SurgeryLifeExpectancy,
        indicator,
        action: action.to_owned(),
        facts: life
            .evidence
            .map(|e| fact("life_expectancy", life_words(life.class), e))
            .into_iter()
            .collect(),
        missing,
        proposals: Vec::new(),
    }]
}

const fn life_words(life: Life) -> &'static str {
    match life {
        Life::Below3 => "less than 3 months",
        Life::AtLeast3 | Life::Unknown => "cannot be told against 3 months",
    }
}

fn zoledronic(picture: &Picture<'_>, site: &Site) -> Vec<Hit> {
    let exclusions = adjunct::exclusions(picture, site);
    let known: Vec<_> = exclusions.iter().filter(|e| e.state == Criterion::NotMet).collect();
    if exclusions.is_empty() {
        return Vec::new();
    }
    let facts = exclusions
        .iter()
        .flat_map(|e| e.evidence.iter().map(|record| fact(e.fact, e.value.clone(), record)))
        .collect();
    let missing: Vec<&'static str> =
        exclusions.iter().filter(|e| e.state == Criterion::Unknown).map(|e| e.fact).collect();
    let (indicator, action) = match known.first() {
        Some(first) => (
            Indicator::Warning,
            format!("Reconsider zoledronic acid: {}", excluded_by(first.fact, &first.value)),
        ),
        None => (
            Indicator::Info,
            format!("Before zoledronic acid record: {}", missing.join(", ").replace('_', " ")),
        ),
    };
    vec![Hit { code: Code::ZoledronicAcidCheck, indicator, action, facts, missing, proposals: Vec::new() }]
}

/// An exclusion in words.
fn excluded_by(fact: &str, value: &str) -> String {
    match fact {
        "bisphosphonate_allergy" => "bisphosphonate allergy on record".to_owned(),
        "pregnancy" => "pregnancy on record".to_owned(),
        "calcium" => "calcium is low".to_owned(),
        "prostate_progression_on_hormones" => "prostate cancer not progressing on hormones".to_owned(),
        _ => format!("creatinine clearance {value}, below 30"),
    }
}

/// One card for an order, led by its worst, then first row; it names the order.
fn card(
    picture: &Picture<'_>,
    site: &Site,
    order: &Evidence,
    from_text: bool,
    mut hits: Vec<Hit>,
) -> Option<Advice> {
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.indicator));
    let lead = hits.first()?;
    let (indicator, summary) = (lead.indicator, lead.action.clone());
    let named = treatment::named(order);
    let mut what_to_do: Vec<String> = hits.iter().map(|hit| format!("{}: {named}.", hit.action)).collect();
    if from_text {
        what_to_do.push("Dose or technique was read from text: check that it is what is meant.".to_owned());
    }
    let missing: Vec<&'static str> = distinct(hits.iter().flat_map(|h| h.missing.iter().copied()).collect());
    let proposals = distinct(hits.iter().flat_map(|h| h.proposals.iter().cloned()).collect());
    let recommendations = hits
        .into_iter()
        .filter_map(|hit| {
            let row = ROWS.iter().find(|row| row.code == hit.code && row.indicator == hit.indicator)?;
            let mut facts = vec![fact("order", "drafted", order)];
            facts.extend(hit.facts);
            Some(row.recommendation(distinct(facts), hit.missing))
        })
        .collect();
    Some(compose(
        picture,
        site,
        Parts {
            group: Group::OrderCheck,
            indicator,
            summary,
            recommendations,
            what_to_do,
            not_known: treatment::not_known(&missing),
            proposals,
            ..Parts::default()
        },
    ))
}
