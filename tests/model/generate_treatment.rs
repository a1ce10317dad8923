//! The part of a random chart that sections 3.4 to 3.8 read: scores, judgements, values, orders of treatments.

use super::chart::*;
use super::generate::Maker;

impl Maker<'_> {
    pub(crate) fn level(&mut self) -> Level {
        self.random.one_of(&[Level::T8, Level::T8, Level::L3, Level::Open])
    }

    pub(crate) fn expectancy(&mut self) {
        let value = match self.random.number(0, 6) {
            0 => Expectancy::BelowThree,
            1 => Expectancy::ThreeOrMore,
            2 => {
                let low = self.random.number(0, 4);
                Expectancy::Range(low, self.random.number(low.max(2), 9))
            }
            _ => Expectancy::Months(self.random.one_of(&[0, 1, 2, 3, 4, 12])),
        };
        let seen = self.when();
        self.records.push(Record::Expectancy { value, seen });
    }

    pub(crate) fn sins(&mut self) {
        let level = self.level();
        let seen = self.when();
        if self.random.chance(60) {
            let total = self.random.one_of(&[3, 6, 7, 10, 12, 13, 15]);
            self.records.push(Record::SinsTotal { level, total, seen });
        } else {
            let allowed: [&[i64]; 6] =
                [&[0, 1, 2, 3], &[0, 1, 3], &[0, 1, 2], &[0, 2, 4], &[0, 1, 2, 3], &[0, 1, 3]];
            let missing = if self.random.chance(50) { 0 } else { 25 };
            let parts =
                allowed.map(|points| (!self.random.chance(missing)).then(|| self.random.one_of(points)));
            if parts.iter().any(Option::is_some) {
                self.records.push(Record::SinsParts { level, parts, seen });
            }
        }
    }

    fn mirels(&mut self) {
        let seen = self.when();
        if self.random.chance(60) {
            let total = self.random.one_of(&[5, 7, 8, 9, 11]);
            self.records.push(Record::MirelsTotal { total, seen });
        } else {
            let parts = [(); 4].map(|()| self.random.chance(85).then(|| self.random.number(1, 4)));
            if parts.iter().any(Option::is_some) {
                self.records.push(Record::MirelsParts { parts, seen });
            }
        }
    }

    fn judgement(&mut self, judgement: Judgement, percent: i64) {
        if self.random.chance(percent) {
            let yes = self.random.chance(65);
            let seen = self.when();
            self.records.push(Record::Judgement { judgement, yes, seen });
        }
    }

    pub(crate) fn treatment(&mut self) {
        if self.random.chance(70) {
            self.metastasis();
        }
        if self.random.chance(60) {
            self.finding();
        }
        if self.random.chance(70) {
            let at = self.within(5);
            self.records.push(Record::Study { region: Region::Whole, at, t1_missing: false });
            if self.random.chance(60) {
                let seen = When::At((at.earliest() + 3 * HOUR).min(self.now));
                self.records.push(Record::Escc { grade: Grade::G0, seen });
            }
        }
        for _ in 0..self.random.number(0, 3) {
            self.sins();
        }
        if self.random.chance(20) {
            self.mirels();
        }
        if self.random.chance(60) {
            self.expectancy();
        }
        if self.random.chance(60) {
            let seen = self.when();
            let record = if self.random.chance(60) {
                Record::Ecog { value: self.random.number(0, 5), seen }
            } else {
                Record::Karnofsky { value: self.random.one_of(&[40, 50, 60, 70, 90]), seen }
            };
            self.records.push(record);
        }
        if self.random.chance(30) {
            self.a_treatment();
        }
        for (judgement, percent) in [
            (Judgement::RadiotherapyTolerable, 20),
            (Judgement::ReirradiationFeasible, 20),
            (Judgement::DeteriorationDespiteRadiotherapy, 15),
            (Judgement::ProgressionAfterRadiotherapy, 20),
            (Judgement::AreaAmenable, 20),
            (Judgement::LyticDisease, 20),
            (Judgement::MechanicalPain, 30),
            (Judgement::ProstateProgression, 15),
            (Judgement::AntineoplasticTherapy, 40),
        ] {
            self.judgement(judgement, percent);
        }
        self.consults(15);
        if self.random.chance(20) {
            let seen = self.maybe(85);
            self.records.push(Record::Fracture { seen });
        }
        for (drug, percent) in [(Drug::Zoledronic, 5), (Drug::Denosumab, 5), (Drug::Corticosteroid, 20)] {
            if self.random.chance(percent) {
                let at = self.within(20);
                self.records.push(Record::Drug { drug, at });
            }
        }
        if self.random.chance(60) {
            let value = self.random.one_of(&[20, 29, 30, 45, 80]);
            let seen = self.when();
            self.records.push(Record::Clearance { value, seen });
        }
        if self.random.chance(60) {
            let low = self.random.one_of(&[Some(false), Some(false), Some(true), None]);
            let seen = self.when();
            self.records.push(Record::Calcium { low, seen });
        }
        if self.random.chance(4) {
            self.records.push(Record::Allergy);
        }
    }

    pub(crate) fn treatment_orders(&mut self) {
        for _ in 0..self.random.number(1, 3) {
            let selected = self.random.chance(85);
            let level = self.level();
            let record = match self.random.number(0, 8) {
                0 => Record::SurgeryDraft { level, selected },
                1 => Record::ZoledronicDraft { selected },
                _ => {
                    let (centigray, fractions, stereotactic) = self.random.one_of(&[
                        (800, 1, false),
                        (800, 1, false),
                        (800, 1, true),
                        (600, 1, false),
                        (2000, 5, false),
                        (3000, 10, false),
                        (4000, 10, false),
                        (1600, 1, true),
                        (1900, 1, true),
                        (2000, 1, true),
                        (2400, 2, true),
                        (2700, 3, true),
                        (3000, 5, true),
                        (4000, 5, true),
                    ]);
                    Record::RadiotherapyDraft {
                        level,
                        dose: Dose { centigray, fractions, stereotactic },
                        selected,
                    }
                }
            };
            self.records.push(record);
        }
    }
}
