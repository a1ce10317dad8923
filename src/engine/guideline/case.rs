//! What is worked out of a chart before the tables are asked: the decisions and the trace read it, so that both see the same.

use super::lesion::{self, SinsLesions};
use super::mescc::{self, Suspected};
use super::mri_timing::{self, Need};
use super::picture::{self, Picture};
use super::scope::SpinalMetastases;
use super::trace::Silence;
use super::treatment::{self, Basis};
use super::{ADULT, Occasion, mescc_treatment};
use crate::domain::{Facts, Site, Source};
use chrono::{DateTime, Utc};

/// A patient at risk, worked out.
#[derive(Debug)]
pub(super) struct Case<'a, 'f> {
    pub(super) site: &'a Site,
    pub(super) occasion: Occasion,
    /// With what was read from words, which may raise: it counts for risk and for sections 3.1 to 3.3 and the imaging rows,
    /// and it decides nothing else.
    pub(super) picture: &'a Picture<'f>,
    pub(super) suspected: &'a [Suspected<'a, 'f>],
    /// The MRI row that holds, also where comfort care silences it.
    pub(super) mri: Option<&'a Need<'a, 'f>>,
    /// By codes alone.
    pub(super) coded: &'a Picture<'f>,
    pub(super) coded_signs: &'a [Suspected<'a, 'f>],
    /// Whether an MRI row holds by codes alone.
    pub(super) coded_row: bool,
    pub(super) sins: &'a SinsLesions<'f>,
    pub(super) basis: &'a Basis<'a, 'f>,
}

/// Works a chart out for `then`; a reason where the guideline does not concern the patient. `None`: nobody waits for it any
/// more, which is asked between the steps.
pub(super) fn look<R>(
    facts: &Facts,
    site: &Site,
    now: DateTime<Utc>,
    occasion: Occasion,
    is_wanted: &dyn Fn() -> bool,
    then: impl FnOnce(&Case<'_, '_>) -> R,
) -> Option<Result<R, Silence>> {
    if facts.deceased {
        return Some(Err(Silence::Deceased));
    }
    let raised = facts.with_text();
    let picture = picture::picture(&raised, site, now, is_wanted)?;
    if !picture.disease.at_risk {
        let unread = unread(facts, &[Source::Condition, Source::Observation]);
        return Some(Err(Silence::NotAtRisk { unread }));
    }
    let suspected = mescc::suspected(&picture);
    let mri = mri_timing::need(&picture, &suspected);

    let coded = picture::picture(facts, site, now, is_wanted)?;
    let coded_signs = mescc::suspected(&coded);
    let coded_row = mri_timing::need(&coded, &coded_signs).is_some();
    let sins = lesion::sins(&coded, site);
    if !is_wanted() {
        return None;
    }
    let basis = treatment::basis(&coded, &sins, coded_row, site);
    Some(Ok(then(&Case {
        site,
        occasion,
        picture: &picture,
        suspected: &suspected,
        mri: mri.as_ref(),
        coded: &coded,
        coded_signs: &coded_signs,
        coded_row,
        sins: &sins,
        basis: &basis,
    })))
}

/// Those of the sources that could not be read, or only in part.
pub(super) fn unread(facts: &Facts, sources: &[Source]) -> Vec<Source> {
    let lacking = |source: &Source| facts.unavailable.contains(source) || facts.incomplete.contains(source);
    sources.iter().copied().filter(lacking).collect()
}

impl<'a, 'f> Case<'a, 'f> {
    /// The MRI row that is acted on.
    pub(super) fn need(&self) -> Option<&'a Need<'a, 'f>> {
        self.mri.filter(|need| !self.comfort_care() || need.row.gives.in_comfort_care)
    }

    /// Whether comfort care is recorded.
    pub(super) const fn comfort_care(&self) -> bool {
        self.coded.facts.comfort_care.is_some()
    }

    /// Whether spinal metastases are documented by a code.
    pub(super) fn documented(&self) -> bool {
        self.coded.disease.spinal_metastases == SpinalMetastases::Documented
    }

    /// Why sections 3.4 to 3.7 do not apply: they are for adults who are not pregnant, without comfort care.
    pub(super) fn out_of_scope(&self) -> Option<Silence> {
        let facts = self.coded.facts;
        if facts.comfort_care.is_some() {
            Some(Silence::ComfortCare)
        } else if facts.age_years.is_some_and(|age| age < ADULT) {
            Some(Silence::Child)
        } else if facts.pregnant.is_some() {
            Some(Silence::Pregnant)
        } else {
            None
        }
    }

    /// Why section 3.5 does not apply.
    pub(super) fn not_for_treatment(&self) -> Option<Silence> {
        self.out_of_scope().or_else(|| {
            if !self.documented() {
                Some(Silence::NoSpinalMetastases)
            } else if mescc_treatment::is_open(self.coded, self.coded_signs) {
                Some(Silence::CordCompressionOpen)
            } else {
                None
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Certainty, Evidence, Level, Levels, MetastasisRecord, MetastasisSite, Region, SinsParts, SinsRecord,
    };
    use crate::guideline::assess;
    use chrono::TimeZone;

    #[test]
    fn what_did_not_come_and_what_came_in_part_were_both_not_read() {
        let facts = Facts {
            unavailable: vec![Source::Condition],
            incomplete: vec![Source::Observation],
            ..Facts::default()
        };
        let asked = [Source::Condition, Source::Observation, Source::Procedure];
        assert_eq!(unread(&facts, &asked), asked[..2]);
        // Signs of cord compression stand among problems too, grades do not.
        assert!(mri_timing::result_is_unread(&Facts {
            unavailable: vec![Source::Condition],
            ..Facts::default()
        }));
    }

    #[test]
    fn an_unknown_age_counts_as_adult() {
        let evidence = Evidence { reference: "Condition/c".to_owned(), label: "x".to_owned(), date: None };
        let levels = Levels::NONE.with(Level::in_region(Region::Thoracic, 8).unwrap());
        let site = MetastasisSite::Spine(levels);
        let metastasis = MetastasisRecord {
            site,
            certainty: Certainty::Documented,
            seen: None,
            recurrent: false,
            evidence: evidence.clone(),
        };
        let score = SinsRecord { levels, total: Some(14), parts: SinsParts::default(), seen: None, evidence };
        let of_age = |age_years| Facts {
            age_years,
            metastases: vec![metastasis.clone()],
            sins: vec![score.clone()],
            ..Facts::default()
        };
        let now = Utc.with_ymd_and_hms(2026, 5, 4, 10, 0, 0).unwrap();
        let cards = |age| assess(&of_age(age), &Site::default(), now, Occasion::PatientView).len();
        assert_eq!([None, Some(18), Some(17)].map(cards), [2, 2, 0]);
    }
}
