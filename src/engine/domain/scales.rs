//! The components of SINS and of Mirels' score: what each may be called, and how many points each answer has.
//!
//! Reading, adding up and asking all go by these lists (guideline.md section 2). Deliberately absent: bands.

/// One answer to a component of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rung {
    /// Its points.
    pub points: u8,
    /// What a clinician calls it.
    pub words: &'static str,
}

/// One component of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Its code in the system of our findings.
    pub code: &'static str,
    /// What a clinician calls it.
    pub name: &'static str,
    /// Its answers, fewest points first.
    pub rungs: &'static [Rung],
}

const fn rung(points: u8, words: &'static str) -> Rung {
    Rung { points, words }
}

/// The components of SINS, in the order of [`super::SinsParts`].
pub const SINS: [Scale; 6] = [
    Scale {
        code: "sins-location",
        name: "Location",
        rungs: &[
            rung(0, "rigid (S2–S5)"),
            rung(1, "semi-rigid (T3–T10)"),
            rung(2, "mobile (C3–C6, L2–L4)"),
            rung(3, "junctional (occiput–C2, C7–T2, T11–L1, L5–S1)"),
        ],
    },
    Scale {
        code: "sins-pain",
        name: "Pain",
        rungs: &[rung(0, "none"), rung(1, "occasional, not mechanical"), rung(3, "mechanical")],
    },
    Scale {
        code: "sins-lesion",
        name: "Lesion",
        rungs: &[rung(0, "blastic"), rung(1, "mixed"), rung(2, "lytic")],
    },
    Scale {
        code: "sins-alignment",
        name: "Alignment",
        rungs: &[rung(0, "normal"), rung(2, "new deformity"), rung(4, "subluxation or translation")],
    },
    Scale {
        code: "sins-collapse",
        name: "Collapse",
        rungs: &[
            rung(0, "none"),
            rung(1, "none, > 50 % of body involved"),
            rung(2, "< 50 %"),
            rung(3, "≥ 50 %"),
        ],
    },
    Scale {
        code: "sins-posterolateral",
        name: "Posterolateral",
        rungs: &[rung(0, "none"), rung(1, "one side"), rung(3, "both sides")],
    },
];

/// The components of Mirels' score, in the order of [`super::MirelsParts`].
pub const MIRELS: [Scale; 4] = [
    Scale {
        code: "mirels-site",
        name: "Site",
        rungs: &[rung(1, "upper limb"), rung(2, "lower limb"), rung(3, "peritrochanteric")],
    },
    Scale {
        code: "mirels-pain",
        name: "Pain",
        rungs: &[rung(1, "mild"), rung(2, "moderate"), rung(3, "functional")],
    },
    Scale {
        code: "mirels-lesion",
        name: "Lesion",
        rungs: &[rung(1, "blastic"), rung(2, "mixed"), rung(3, "lytic")],
    },
    Scale {
        code: "mirels-size",
        name: "Size",
        rungs: &[rung(1, "< 1/3 of the width"), rung(2, "1/3 to 2/3"), rung(3, "> 2/3")],
    },
];

impl Scale {
    /// Whether an answer has these points.
    pub const fn allows(&self, points: u8) -> bool {
        let mut rest = self.rungs;
        while let [rung, after @ ..] = rest {
            if rung.points == points {
                return true;
            }
            rest = after;
        }
        false
    }

    /// Its greatest points.
    pub const fn most(&self) -> u8 {
        match self.rungs {
            [.., last] => last.points,
            [] => 0,
        }
    }

    /// Its least points.
    pub const fn least(&self) -> u8 {
        match self.rungs {
            [first, ..] => first.points,
            [] => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stand_in_the_order_of_their_points_and_reach_the_ends_of_the_scores() {
        for scale in SINS.iter().chain(&MIRELS) {
            assert!(scale.rungs.windows(2).all(|two| two[0].points < two[1].points), "{scale:?}");
            assert!(scale.allows(scale.most()) && !scale.allows(9));
        }
        let ends = |scales: &[Scale]| -> (u8, u8) {
            (scales.iter().map(Scale::least).sum(), scales.iter().map(Scale::most).sum())
        };
        assert_eq!((ends(&SINS), ends(&MIRELS)), ((0, 18), (4, 12)));
    }
}
