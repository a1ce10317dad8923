//! Section 3.3: MESCC suspected or confirmed, and untreated.

use super::row::{Answer, Condition, Gives, RowSpec};
use super::{About, Table};
use crate::guideline::advice::Indicator::Critical;
use crate::guideline::code::Code;
use crate::guideline::fact::Fact;
use crate::guideline::measure::Life;
use crate::guideline::trace;
use chrono::Duration;

/// Treatment within this time of presentation (G-12).
pub(in crate::guideline) const TREAT_WITHIN: Duration = Duration::hours(24);

/// What passes the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) struct Compressed {
    /// A sign calls for treatment.
    pub(in crate::guideline) untreated: bool,
    pub(in crate::guideline) life: Life,
}

/// A condition of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum Test {
    /// A sign calls for treatment.
    Untreated,
    /// The same, for the rows that stand beside it.
    BesideTreat,
    /// Life expectancy is in this class.
    Life(Life),
}

impl Condition for Test {
    type Input = Compressed;

    fn says(self) -> String {
        match self {
            Self::Untreated => format!(
                "MESCC is suspected and not imaged, or confirmed, or imaged without a coded result until presentation + {} hours; and it is not treated since onset",
                TREAT_WITHIN.num_hours()
            ),
            Self::BesideTreat => format!("beside {}", TREAT.id),
            Self::Life(life) => life.says(),
        }
    }

    fn answer(self, compressed: &Compressed) -> Answer {
        match self {
            Self::Untreated | Self::BesideTreat => Answer::on_record(compressed.untreated),
            Self::Life(life) => compressed.life.answer(life),
        }
    }

    fn asks(self) -> &'static [Fact] {
        match self {
            Self::Untreated | Self::BesideTreat => &[
                Fact::LocalBackPain,
                Fact::RadicularPain,
                Fact::Deficit,
                Fact::MesccSigns,
                Fact::Escc,
                Fact::SpineMri,
            ],
            Self::Life(_) => &[Fact::LifeExpectancy],
        }
    }
}

/// What a row gives: what can be done with one click, and what it asks for where its code does not say it.
#[derive(Debug, Clone, Copy)]
pub(in crate::guideline) struct Treat {
    offers: &'static str,
    what: Option<&'static str>,
}

impl Gives for Treat {
    fn offers(self) -> String {
        self.offers.to_owned()
    }

    fn what(self) -> Option<&'static str> {
        self.what
    }
}

/// A row of the table.
pub(in crate::guideline) type Row = RowSpec<Test, Treat>;

/// Treatment is due.
pub(in crate::guideline) static TREAT: Row = RowSpec {
    id: "mescc-treatment/treat",
    when: &[Test::Untreated],
    code: Code::MesccTreatWithin24h,
    indicator: Critical,
    gives: Treat {
        offers: "urgent spine-surgery and radiation-oncology referral, until both are requested since the sign",
        what: None,
    },
    statements: &["G-12", "G-28", "G-46"],
};

/// How it is decided.
pub(in crate::guideline) static MODALITY: Row = RowSpec {
    id: "mescc-treatment/modality",
    when: &[Test::BesideTreat],
    code: Code::MesccModalityMdt,
    indicator: Critical,
    gives: Treat { offers: "", what: None },
    statements: &["G-28"],
};

/// Surgery leaves the list.
pub(in crate::guideline) static NO_SURGERY: Row = RowSpec {
    id: "mescc-treatment/no-surgery",
    when: &[Test::BesideTreat, Test::Life(Life::Below3)],
    code: Code::SurgeryCandidacyConflict,
    indicator: Critical,
    gives: Treat {
        offers: "urgent radiation-oncology referral alone",
        what: Some("Surgery leaves the list"),
    },
    statements: &["G-43"],
};

/// The table.
pub(in crate::guideline) static ROWS: [Row; 3] = [TREAT, MODALITY, NO_SURGERY];

/// Treatment of MESCC.
pub(in crate::guideline) static TABLE: Table<Test, Treat> = Table {
    about: About {
        anchor: "mescc-treatment",
        title: "Treatment of suspected or confirmed MESCC",
        first_decides: false,
        read: "Every row that holds is shown.",
        also: &[Fact::SpineSurgeryConsult, Fact::RadiationOncologyConsult, Fact::MriSafety],
        notes: || {
            vec![
                format!("Treatment is due {} hours after presentation.", TREAT_WITHIN.num_hours()),
                "With an unknown life expectancy surgery and radiotherapy both stay on the list.".to_owned(),
            ]
        },
    },
    rows: &ROWS,
    passes: trace::mescc_treatment,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_the_treatment_is_as_urgent_and_says_what_it_asks() {
        assert!(ROWS.iter().all(|row| row.indicator == TREAT.indicator));
        let said = ROWS.map(|row| row.gives.what());
        assert_eq!(said, [None, None, Some("Surgery leaves the list")]);
    }
}
