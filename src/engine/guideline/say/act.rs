//! What is to be done.

use super::super::deadline::Deadline;
use super::super::fact::Fact;
use super::super::measure::Criterion;
use super::{Named, OrderAct, RecordText, StabilityAct, Team};
use crate::domain::{Levels, When};
use chrono::{DateTime, Duration, Utc};

/// A line of what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Comfort care: ask first.
    GoalsOfCare,
    /// Order the whole-spine MRI.
    OrderMri(Option<Deadline>),
    /// Bring an order forward.
    BringForward(Named, Option<Deadline>),
    /// An appointment that is not in time: its time has passed, or is too late.
    MoveAppointment {
        /// The appointment.
        order: Named,
        /// Its time has passed.
        passed: bool,
        /// By when it is needed.
        due: Option<Deadline>,
    },
    /// The patient leaves before an ordered MRI is made.
    LeavesBefore(Named, Option<Deadline>),
    /// What the deadline counts from.
    CountsFrom(When),
    /// An earlier finding sets the deadline: the window of its row, and when it was recorded.
    EarlierSets(Duration, When),
    /// The deadline has passed: until when an order still counts as in time.
    CountsInTime(DateTime<Utc>),
    /// An earlier finding is overdue by its own row.
    EarlierOverdue(Deadline),
    /// The row is extended from the summary.
    Extended,
    /// Record the presentation.
    RecordPresentation,
    /// Other imaging cannot exclude.
    OnlyMri,
    /// A device or implant needs a review.
    ReviewMrSafety,
    /// Read the study of that time.
    ReadStudy {
        /// When it was made.
        made: When,
        /// A grade is recorded that does not decide: ESCC 1c.
        graded: bool,
    },
    /// Record its result.
    RecordResult,
    /// Treat if the cord is compressed.
    TreatIfCompressed(Deadline),
    /// Record whether cord compression is suspected.
    RecordSuspicion,
    /// An MRI is due if it is.
    MriIfSuspected,
    /// That something is new was recorded then.
    SaidNew(When),
    /// Record what is new.
    RecordNewFindings,
    /// Treat cord compression.
    Treat {
        /// By when.
        due: Deadline,
        /// It is confirmed.
        confirmed: bool,
    },
    /// Surgery or radiotherapy is decided by discussion.
    DecideModality {
        /// Surgery is an option.
        surgery: bool,
    },
    /// What a score asks for.
    Stability(StabilityAct),
    /// A recorded total disagrees with its parts.
    TotalDisagrees,
    /// Surgery is indicated and life too short for it.
    DiscussConflict,
    /// Prepare treatment with the teams that were asked.
    Prepare,
    /// Call who treats cord compression.
    Call(Team),
    /// Ask whether radiotherapy is tolerable.
    AskTolerable,
    /// Refer to spine surgery.
    ReferToSurgery,
    /// Plan surgery: the referral was made.
    PlanSurgery,
    /// Refer to radiation oncology.
    ReferToRadiotherapy,
    /// Ask oncology for systemic therapy.
    AskOncology,
    /// Record the life expectancy.
    RecordLifeExpectancy,
    /// The area is not amenable to surgery.
    PresentNotAmenable,
    /// Record the criteria of radiotherapy that are open.
    CompleteCriteria,
    /// The criteria of radiotherapy, each as met or not.
    Criteria {
        /// G-19.
        performance: Criterion,
        /// G-20.
        stable: Criterion,
        /// G-21.
        irradiable: Criterion,
        /// G-22.
        time: Criterion,
    },
    /// The multidisciplinary answer is pending.
    AwaitMdt,
    /// The estimate of life expectancy is pending.
    AwaitEstimate,
    /// Stable by SINS.
    StableSpine,
    /// The tumour may be chemosensitive.
    MayBeChemosensitive,
    /// Find out whether the site was irradiated.
    FindOutPrior,
    /// The schemes of SBRT.
    SbrtSchemes,
    /// The caution of SBRT.
    CordCaution,
    /// The risk of fracture of a large fraction.
    FractureRisk,
    /// SBRT at an irradiated site.
    Reirradiate,
    /// Levels that were not irradiated.
    NotIrradiated(Levels),
    /// The last course of radiotherapy was not long ago, or nobody knows when.
    ShortInterval(Option<When>),
    /// Spine surgery is asked before SBRT; since when it was asked, if it was.
    SurgeryFirst(Option<When>),
    /// Conventional radiotherapy.
    Conventional {
        /// 8 Gy in 1 fraction is among its schemes.
        single: bool,
    },
    /// Zoledronic acid fits, with its dose by clearance in hundredths of mL/min.
    Zoledronic(u32),
    /// Zoledronic acid may fit: what is missing.
    ZoledronicMissing(Vec<Fact>),
    /// Vertebroplasty.
    Vertebroplasty,
    /// Order the MRI instead of what is drafted.
    OrderInstead(Option<Deadline>),
    /// Make the MRI cover the whole spine.
    CoverWholeSpine(Option<Deadline>),
    /// Give the MRI a priority and a time.
    GiveTime(Option<Deadline>),
    /// Give what is not selected of a set the same time.
    DateAlso(Vec<RecordText>),
    /// Give the MRI a date.
    GiveDate(Option<Deadline>),
    /// An imaging order was recognised from its text.
    RecognisedFromText,
    /// A whole-spine MRI is there already.
    AlreadyThere(Named),
    /// The draft has no id.
    DraftWithoutId,
    /// What is asked of an order.
    Order(Named, OrderAct),
    /// Dose or technique was read from text.
    DoseFromText,
}
