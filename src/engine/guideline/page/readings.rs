//! How the text is read where it leaves room or contradicts itself, beside the decision that it is about. Always the reading
//! that is safer for the patient.

/// The readings of a decision, by its anchor on the page.
pub(super) fn of(decision: &str) -> &'static [&'static str] {
    READINGS.iter().find(|(anchor, _)| *anchor == decision).map_or(&[], |(_, readings)| readings)
}

const READINGS: &[(&str, &[&str])] = &[
    (
        "mescc",
        &[
            "A left and a right finding together are a sign when the later of the two is there.",
            "An old record of both sides does not hide a new left and a new right: each pair is a sign of its own.",
            "The progression of a deficit is that of limb deficits: a bladder disorder recorded years ago is not revived by it.",
            "A diagnosis or ESCC grade takes the date of a whole-spine MRI of the 14 days before it. The text says \"its MRI\" without a bound; 14 days is the bound that it gives to undated findings.",
            "A diagnosis or grade recorded after an MRI that was read as low (ESCC 0 to 1b) is new and asks for a new MRI: only the first reading of a study is its result. A later MRI without a result takes no answer back.",
            "Beside an MRI row of a later finding the emergency card is led by what is worse, in a tie by the result that is waited for.",
            "Where one sign is confirmed the result of a later MRI is not asked for: \"confirmed\" and \"if\" never stand in one card. 30 days after its study a sign without a result is answered, also when it was recorded since.",
            "The question is not asked again once the suspicion is withdrawn after the sign, or a whole-spine MRI was made since: both answer it.",
            "A diagnosis without a date has the date of the MRI of the last 14 days: read as low, that MRI excludes it. One that is recorded again after a low reading asks for a new MRI once; when that is made, it is confirmed. The MRI that was read as low is never the new one, also where the diagnosis is of its day and has no time.",
            "A coded result speaks of the last whole-spine MRI before it, however late it was coded: the 14 days bound only the date that a high grade takes.",
            "\"Recorded as worse since\" is looked for within the look-back of 90 days: a note of worse that is older says nothing of today.",
            "Where a sign is confirmed, an earlier sign whose MRI has no result is of the same compression: treatment is due from the earlier one.",
            "Comfort care silences the reassessment after treatment as well: the text names what stays, and this card is not among it.",
            "\"One card with MRI row 1, topic the MRI code\" is read of the MRI of the sign itself. A compression that is confirmed has been imaged: beside row 1 of a new sign the earlier deadline leads, so that a treatment that is late does not read as hours to spare.",
        ],
    ),
    (
        "mri-timing",
        &[
            "\"Adequate imaging at or after the onset\" is read finding by finding: a new back pain after a whole-spine MRI asks for its own row, not for the row of the deficit that the MRI has answered.",
            "Of the records that say worse the first restarts the clock, after an MRI the first since it: repeating the same word, with or without a note of improving between, does not push the deadline out.",
            "Beside a new and faster row an overdue finding of rows 1 to 3 keeps its deadline: the card has the row and the lead of the first row that holds, the earliest deadline of all that reach rows 1 to 3, and an order must be in time for each of them.",
            "Of two notes of one day, one of them without a time, the one that says progressive counts as the later; where it may be older than the first record, it restarts no clock.",
            "\"Priority at least that of the row\" is read, once rows 1 to 3 are overdue, as that of the faster row, whose window then counts: an order that says urgent does not silence an overdue 48 hours.",
            "A suspicion of cord compression older than its look-back keeps the patient at risk, as one of metastases does, unless it was withdrawn: the text counts a clinician's recorded suspicion without a bound.",
            "A note of worse on the day of a treatment, either of them without a time, may be of after it: the finding counts as worse since.",
            "Of a date without a time and a time on that day the time counts as the beginning: else a second record that says less would make an older MRI an answer.",
            "A record dated in the future starts the clock now: a device whose clock is wrong must not buy time.",
            "Radiotherapy without any body site is a treatment of the spine only where spinal metastases are documented: silencing a deadline by an irradiated breast is the greater harm.",
            "A course marked as running covers findings for at most 180 days from its start: records of finished courses are often left in progress.",
            "A whole-spine order whose slot has passed is named as to be brought forward, and no second one is offered.",
            "A radicular deficit that was first recorded more than 90 days ago, without a documented onset and not worse since, began more than 7 days ago.",
            "A suspicion that is recorded again after a whole-spine MRI asks for a presentation again.",
            "A recorded suspicion of cord compression is no symptom: where a treatment or an MRI has answered it, a later suspicion of metastases asks for the presentation.",
            "Deterioration despite a treatment, or progression after it, that is recorded without a time on the day of the treatment is of after it, also where the finding was first recorded that day.",
            "Row 6: bone metastases, suspected only, without a vertebral site and without pain, do not ask for a presentation. Their spinal status is unknown, not suspected.",
        ],
    ),
    (
        "stability",
        &[
            "A score of the day of an operation, either of them without a time, is of before it.",
            "Of components recorded at different times each counts by itself, the latest of its kind.",
            "SINS of \"T8\" and of \"T8 to T9\" are two lesions. A later score of a larger body does not lower an earlier one; the highest is acted on.",
            "A score without a date is dated now when its consult is held against it, so that no old consult silences it.",
            "Newer components displace an older total where they settle a band, all of them or enough of them. Where they leave the band open, a total of the highest band that they allow stands: a part of a score takes no caution away. A lower total does not: what is newer asks for the missing parts.",
        ],
    ),
    (
        "modality",
        &[
            "A pathological fracture is a symptom for the look-back of symptoms, 90 days from its record; after that it is a baseline fracture alone. One that was irradiated is a symptom again once progression or deterioration is recorded.",
            "\"Radiotherapy tolerable\" is a fact of performance and outdated like ECOG.",
            "Irradiated before, no progression on record and no newer finding: no regimen row covers it, so the modality is undetermined.",
            "A metastasis in recurrence or relapse is news to who was asked before it, whether anything was irradiated or not: an older consult does not silence the card.",
        ],
    ),
    (
        "regimen",
        &[
            "A closed SBRT gate keeps SBRT and the risk of fracture as text; the only suggestion is the spine-surgery referral.",
            "A finding without a date is met by a consult within the look-back of symptoms, beside findings with a date by one that is after those too.",
            "A gate that only unknown facts close is opened by a consult since the metastases were documented or suspected and the symptoms began, mechanical pain among them.",
            "A sign is met by a consult after its first record within the look-back and after every record of worse: what got worse since was not looked at. A sign that a study excludes, or that is non-specific and alone, closes the gate too.",
            "In reirradiation every unknown life expectancy counts as enough (G-66), a conflicting or open-ended one included.",
            "After radiotherapy one newer finding is enough for progression; urinary incontinence is none, and a fracture without a date establishes nothing.",
            "Unknown prior radiotherapy names no regimen at all: the card says that it could not be read.",
        ],
    ),
    (
        "adjunct",
        &[
            "Urinary incontinence is neither a deficit nor a sign of compression: treated or not, it does not stand against vertebroplasty.",
        ],
    ),
    (
        "order-imaging",
        &[
            "A reason of a draft that names a compression which need not be metastatic is that sign, not a suspicion of MESCC: as a suspicion it would concern a patient without any cancer.",
            "A draft's own higher priority stays when an update sets that of the row; the row that states dates sets none.",
        ],
    ),
    (
        "order-radiotherapy",
        &[
            "An order without a place is aimed at the vertebra of its reason: \"names the spine\" is read so that a reference to a Condition of the spine names it. A reason never leads elsewhere: radiotherapy of the spine may have breast cancer as its reason.",
            "A reference to a BodyStructure that is not there is no place, as if none were given; only an irradiated volume, which mCODE always names so, counts as a place that nobody knows.",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reading_stands_beside_a_decision() {
        let page = super::super::page();
        for (anchor, readings) in READINGS {
            let decision = page.decisions.iter().find(|decision| decision.anchor == *anchor).unwrap();
            for reading in *readings {
                assert!(decision.notes.iter().any(|note| note.ends_with(reading)), "{anchor}: {reading}");
            }
        }
    }
}
