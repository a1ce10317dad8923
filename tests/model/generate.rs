//! Random charts that lean to what decides: times around the windows, dates without a time, several dated records of one
//! patient.

use super::chart::*;
use spinal_mets_cds::synthesize::Random;

/// A Monday at midnight; the clock of a chart is some minute of this day.
const BASE: Moment = 1_777_852_800;
const WINDOWS: [Moment; 11] =
    [HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 60 * DAY, 90 * DAY, 180 * DAY];
const JITTER: [Moment; 7] = [0, 0, 60, -60, HOUR, -HOUR, 5 * HOUR];

/// What a chart is mainly about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Sections 3.1 to 3.3.
    Emergency,
    /// The same with treatments on record.
    Treated,
    /// Sections 3.4 to 3.7.
    Treatment,
    /// Section 3.8, imaging.
    ImagingOrders,
    /// Section 3.8, treatments and drugs.
    TreatmentOrders,
}

/// A chart on a theme.
pub(crate) fn chart(random: &mut Random, theme: Theme) -> Chart {
    let now = BASE + 60 * random.number(0, 24 * 60);
    let hook = match theme {
        Theme::ImagingOrders | Theme::TreatmentOrders => random.one_of(&[Hook::OrderSelect, Hook::OrderSign]),
        _ => Hook::PatientView,
    };
    let age = if random.chance(4) { 14 } else { 64 };
    let mut maker = Maker { random, now, records: Vec::new() };
    maker.cancer();
    match theme {
        Theme::Emergency | Theme::ImagingOrders => maker.emergency(),
        Theme::Treated => {
            maker.emergency();
            maker.a_treatment();
        }
        Theme::Treatment | Theme::TreatmentOrders => maker.treatment(),
    }
    match theme {
        Theme::ImagingOrders => {
            for _ in 0..maker.random.number(1, 4) {
                maker.imaging(true);
            }
        }
        Theme::TreatmentOrders => maker.treatment_orders(),
        _ => {}
    }
    maker.rare();
    let records = maker.records;
    Chart { now, hook, age, records }
}

/// A chart in the making.
pub(crate) struct Maker<'r> {
    pub(crate) random: &'r mut Random,
    pub(crate) now: Moment,
    pub(crate) records: Vec<Record>,
}

impl Maker<'_> {
    pub(crate) fn ago(&mut self) -> Moment {
        match self.random.number(0, 10) {
            0..4 => (self.random.one_of(&WINDOWS) + self.random.one_of(&JITTER)).max(0),
            4..7 => 60 * self.random.number(0, 36 * 60),
            7..9 => 60 * self.random.number(0, 10 * 24 * 60),
            _ => 60 * self.random.number(0, 120 * 24 * 60),
        }
    }

    pub(crate) fn dated(&mut self, moment: Moment) -> When {
        if self.random.chance(25) { When::Day(day_of(moment)) } else { When::At(moment) }
    }

    pub(crate) fn when(&mut self) -> When {
        let ago = self.ago();
        self.dated(self.now - ago)
    }

    /// Some moment of the last `days`.
    pub(crate) fn within(&mut self, days: i64) -> When {
        let ago = 60 * self.random.number(0, days * 24 * 60);
        self.dated(self.now - ago)
    }

    pub(crate) fn maybe(&mut self, percent: i64) -> Option<When> {
        self.random.chance(percent).then(|| self.when())
    }

    fn cancer(&mut self) {
        if self.random.chance(85) {
            let cancer = if self.random.chance(60) {
                Cancer::Breast
            } else {
                self.random.one_of(&[
                    Cancer::Prostate,
                    Cancer::Myeloma,
                    Cancer::AggressiveLymphoma,
                    Cancer::OtherLymphoma,
                    Cancer::SmallCell,
                    Cancer::SkinOnly,
                ])
            };
            let state = match self.random.number(0, 10) {
                0 => CancerState::HistoryCode,
                1 => CancerState::Remission,
                _ => CancerState::Active,
            };
            self.records.push(Record::Cancer(cancer, state));
        }
        if self.random.chance(55) {
            self.metastasis();
        }
    }

    pub(crate) fn metastasis(&mut self) {
        let site = self.random.one_of(&[
            Site::Spine(Level::T8),
            Site::Spine(Level::T8),
            Site::Spine(Level::Open),
            Site::Bone,
        ]);
        let suspected = self.random.chance(15);
        let recurrent = self.random.chance(6);
        let seen = self.maybe(if recurrent { 100 } else { 90 });
        self.records.push(Record::Metastasis { site, suspected, recurrent, seen });
    }

    fn emergency(&mut self) {
        for _ in 0..self.random.number(1, 5) {
            self.finding();
        }
        for _ in 0..self.random.number(0, 3) {
            if self.random.chance(40) {
                let course = self.course();
                let seen = self.note();
                self.records.push(Record::Course { course, seen });
            }
        }
        for _ in 0..self.random.number(0, 3) {
            self.study();
        }
        if self.random.chance(25) {
            self.imaging(false);
        }
        self.consults(20);
        if self.random.chance(15) {
            self.expectancy();
        }
        if self.random.chance(10) {
            self.sins();
        }
    }

    /// A note of the last week, none of which is older than the finding that it speaks of.
    fn note(&mut self) -> When {
        let recorded = self.records.iter().filter_map(|record| match record {
            Record::Finding(finding) => finding.seen,
            _ => None,
        });
        let latest = recorded.map(When::latest).max().unwrap_or(self.now).min(self.now);
        let ahead = (self.now - latest).min(7 * DAY);
        let moment = self.now - 60 * self.random.number(0, ahead / 60 + 1);
        if self.random.chance(25) { When::Day(day_of(moment)) } else { When::At(moment) }
    }

    fn course(&mut self) -> Course {
        self.random.one_of(&[Course::Progressive, Course::Progressive, Course::Stable, Course::Improving])
    }

    pub(crate) fn finding(&mut self) {
        let earlier: Vec<Finding> = self
            .records
            .iter()
            .filter_map(|r| if let Record::Finding(f) = r { Some(*f) } else { None })
            .collect();
        let again = !earlier.is_empty() && self.random.chance(30);
        let (sign, side) = if again {
            let one = self.random.one_of(&earlier);
            (one.sign, one.side)
        } else {
            self.sign()
        };
        let form = self.random.one_of(&[Form::Condition, Form::Observation]);
        let seen = self.maybe(if form == Form::Condition { 85 } else { 97 });
        let began = self.random.chance(45).then(|| {
            let latest = seen.map_or(self.now, When::earliest);
            let ago = self.ago();
            self.dated(latest - ago)
        });
        // An Observation that was issued later than it was made says so to the second.
        let onset = match (form, seen) {
            (Form::Observation, Some(When::At(_))) | (Form::Condition, _) => began,
            (Form::Observation, _) => None,
        };
        let affirmed = form == Form::Condition || self.random.chance(90);
        let limb = matches!(sign, Sign::RadicularDeficit | Sign::LegWeakness | Sign::Paraparesis);
        // An Observation that is issued late says its course for two times at once.
        let plain = form == Form::Condition || onset.is_none();
        let course = (limb && affirmed && plain && self.random.chance(15)).then(|| self.course());
        self.records.push(Record::Finding(Finding { sign, side, affirmed, form, seen, onset, course }));
    }

    fn sign(&mut self) -> (Sign, Option<Side>) {
        let side = match self.random.number(0, 20) {
            0..7 => Some(Side::Left),
            7..14 => Some(Side::Right),
            14..16 => Some(Side::Both),
            _ => None,
        };
        match self.random.number(0, 100) {
            0..15 => (Sign::BackPain, None),
            15..35 => (Sign::RadicularPain, side),
            35..57 => (Sign::RadicularDeficit, side),
            57..70 => (Sign::LegWeakness, side),
            _ => {
                let sign = self.random.one_of(&[
                    Sign::Paraparesis,
                    Sign::SaddleAnaesthesia,
                    Sign::SensoryLevel,
                    Sign::Lhermitte,
                    Sign::CaudaEquina,
                    Sign::CordCompression,
                    Sign::CordCompression,
                    Sign::MesccSuspected,
                    Sign::Gait,
                    Sign::Retention,
                    Sign::Bowel,
                    Sign::UrinaryIncontinence,
                    Sign::MetastasesSuspected,
                ]);
                (sign, None)
            }
        }
    }

    fn study(&mut self) {
        let region = self.random.one_of(&[
            Region::Whole,
            Region::Whole,
            Region::Whole,
            Region::Lumbar,
            Region::Thoracic,
        ]);
        let at = self.when();
        let t1_missing = self.random.chance(5);
        self.records.push(Record::Study { region, at, t1_missing });
        if self.random.chance(40) {
            let grade = self.random.one_of(&[Grade::G0, Grade::G1b, Grade::G1c, Grade::G2, Grade::G3]);
            let later = at.earliest() + 60 * self.random.number(0, 24 * 60);
            let seen = When::At(later.min(self.now));
            self.records.push(Record::Escc { grade, seen });
        }
    }

    fn imaging(&mut self, draft: bool) {
        let modality = if draft {
            self.random.one_of(&[
                Modality::Mri,
                Modality::Mri,
                Modality::Mri,
                Modality::Ct,
                Modality::XRay,
                Modality::BoneScan,
            ])
        } else {
            Modality::Mri
        };
        let region = match modality {
            Modality::Mri => {
                self.random.one_of(&[Region::Whole, Region::Whole, Region::Thoracic, Region::Lumbar])
            }
            _ => Region::Lumbar,
        };
        let priority = self.random.one_of(&[
            None,
            Some(Priority::Routine),
            Some(Priority::Urgent),
            Some(Priority::Asap),
            Some(Priority::Stat),
        ]);
        let due = self.random.chance(60).then(|| {
            let ahead = self.ago() - HOUR;
            self.dated(self.now + ahead)
        });
        let authored = if draft { Some(When::At(self.now)) } else { self.maybe(90) };
        let draft = draft.then(|| self.random.chance(85));
        self.records.push(Record::Imaging(Imaging { draft, modality, region, priority, due, authored }));
    }

    pub(crate) fn consults(&mut self, percent: i64) {
        for consult in [Consult::SpineSurgery, Consult::Mdt, Consult::RadiationOncology, Consult::Orthopaedic]
        {
            if self.random.chance(percent) {
                let done = self.random.chance(50);
                let at = self.maybe(95);
                self.records.push(Record::Consult { consult, done, at });
            }
        }
    }

    pub(crate) fn a_treatment(&mut self) {
        let surgery = self.random.chance(50);
        let level = self.level();
        let start = self.when();
        let running = self.random.chance(20);
        let length = if surgery { 0 } else { DAY * self.random.number(0, 14) };
        let end = (!running).then(|| match start {
            When::At(at) | When::Between(at, _) => When::At((at + length).min(self.now)),
            When::Day(day) => When::Day((day + length).min(day_of(self.now))),
        });
        self.records.push(Record::Treatment(Treatment { surgery, level, start, end }));
    }

    /// What changes everything is rare.
    fn rare(&mut self) {
        if self.random.chance(3) {
            let seen = self.within(80);
            let yes = self.random.chance(80);
            self.records.push(Record::ComfortCare { yes, seen });
        }
        if self.random.chance(3) {
            self.records.push(Record::Pacemaker);
        }
        if self.random.chance(2) {
            let seen = self.within(80);
            self.records.push(Record::Pregnant { seen });
        }
        if self.random.chance(1) {
            self.records.push(Record::Deceased);
        }
    }
}
