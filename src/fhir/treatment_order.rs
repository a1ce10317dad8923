//! ServiceRequest: orders for radiotherapy and for surgery of the spine.
//!
//! Deliberately absent: referrals and consults (in `consult`), and whether an order is a good one.

use super::coded::{BodySite, Coded};
use super::concept::Concept;
use super::context::{Context, Entry};
use super::dose::{self, ORDERED};
use super::draft_reason;
use super::note::{Note, NoteKind};
use super::order::{OCCURRENCE, label, wordings};
use super::reference::aim_of_reasons;
use super::treatment::{is_radiotherapy, part, same_site};
use super::words;
use engine::domain::{Aim, Evidence, OrderStatus, RadiotherapyOrder, SurgeryOrder};
use std::collections::HashSet;

/// Makes the record of an order. `false` when it is for neither.
pub(super) fn read(
    entry: &Entry<'_>,
    cx: &mut Context<'_>,
    code: &Coded<'_>,
    details: &[Coded<'_>],
    site: &BodySite,
    status: OrderStatus,
) -> bool {
    let ranks = wordings(code, details);
    let texts = || ranks.iter().flatten().copied();
    let unknown = code.concepts.is_empty();
    let coded_surgery = code.concepts.has(Concept::SpineSurgery);
    // A site elsewhere outweighs a word that could also mean the spine.
    let elsewhere = site.stated && !site.spine;
    if coded_surgery || unknown && !elsewhere && texts().any(|text| words::spine_surgery(text, site.spine)) {
        if !coded_surgery {
            cx.note(NoteKind::FromText, entry, "code");
        }
        let aim = match dose::aim(*site, &ranks) {
            aim @ Aim::Spine(_) => aim,
            Aim::Unstated => aim_of_reasons(entry, cx).unwrap_or(Aim::Spine(site.levels)),
            Aim::Elsewhere => Aim::Spine(site.levels),
        };
        let evidence = evidence(entry, cx, code, details);
        cx.facts.surgery_orders.push(SurgeryOrder { status, aim, evidence });
        if status == (OrderStatus::Draft { selected: true }) {
            draft_reason::read(entry, cx, code);
        }
        return true;
    }
    let coded = is_radiotherapy(entry, code);
    // "Radiation oncology and/or radiotherapy" is also how a referral is coded: then its words say so.
    let referral = texts().any(words::referral);
    if (coded && !referral) || (unknown && texts().any(words::radiotherapy)) {
        push_radiotherapy(entry, cx, code, details, status, !coded);
        return true;
    }
    false
}

fn push_radiotherapy(
    entry: &Entry<'_>,
    cx: &mut Context<'_>,
    code: &Coded<'_>,
    details: &[Coded<'_>],
    status: OrderStatus,
    by_words: bool,
) {
    let ordered = dose::read(entry, cx, ORDERED, code, details);
    if ordered.from_text || by_words {
        cx.note(NoteKind::FromText, entry, "code");
    }
    let evidence = evidence(entry, cx, code, details);
    let by_reason = (ordered.aim == Aim::Unstated).then(|| aim_of_reasons(entry, cx)).flatten();
    let order = RadiotherapyOrder {
        status,
        dose: ordered.dose,
        from_text: ordered.from_text,
        aim: by_reason.unwrap_or(ordered.aim),
        evidence,
    };
    if status == (OrderStatus::Draft { selected: true }) && order.aim != Aim::Elsewhere {
        draft_reason::read(entry, cx, code);
    }
    if part(entry, code).is_some() {
        cx.order_parts.push(order);
    } else {
        cx.facts.radiotherapy_orders.push(order);
    }
}

fn evidence(entry: &Entry<'_>, cx: &mut Context<'_>, code: &Coded<'_>, details: &[Coded<'_>]) -> Evidence {
    let authored = cx.date(entry, "authoredOn");
    let occurrence = cx.span(entry, &OCCURRENCE);
    Context::evidence(entry, label(code, details), authored.or(occurrence.end).or(occurrence.start))
}

/// Adds the phases and plans that no course order of the same state and site covers.
pub(super) fn settle_parts(cx: &mut Context<'_>) {
    let parts = std::mem::take(&mut cx.order_parts);
    let courses = cx.facts.radiotherapy_orders.iter().map(|course| (course.status, course.aim));
    // Most are alike.
    let courses: HashSet<(OrderStatus, Aim)> = courses.collect();
    let covered = |part: &RadiotherapyOrder| {
        courses.iter().any(|(status, aim)| *status == part.status && same_site(*aim, part.aim))
    };
    let (covered, own): (Vec<_>, Vec<_>) = parts.into_iter().partition(covered);
    cx.notes.extend(covered.into_iter().map(|part| Note::on(NoteKind::MakesNoFact, part.evidence.reference)));
    cx.facts.radiotherapy_orders.extend(own);
}
