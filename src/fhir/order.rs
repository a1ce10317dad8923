//! ServiceRequest: imaging orders of the spine, drafts and placed ones; other orders go on to `consult` and
//! `treatment_order`.
//!
//! Deliberately absent: whether an order is in time, and drafts that are no ServiceRequest.

use super::care;
use super::coded::{BodySite, Coded, beginning};
use super::concept::Concept;
use super::consult;
use super::context::{Context, DateChoice, Entry};
use super::draft_reason;
use super::imaging::mri_regions;
use super::medication::forbidden;
use super::note::NoteKind;
use super::treatment_order;
use super::words;
use engine::domain::{ImagingOrder, Modality, OrderStatus, Priority, Regions};

/// `occurrence[x]`.
pub(super) const OCCURRENCE: DateChoice = DateChoice {
    date_time: "occurrenceDateTime",
    instant: "occurrenceInstant",
    period: "occurrencePeriod",
    without_date: &["occurrenceTiming"],
};

/// What is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Imaging {
    modality: Modality,
    regions: Regions,
    from_text: bool,
}

/// Reads a ServiceRequest of the chart: only placed orders count, whatever their intent, as long as it is to be done. Of
/// consults a draft counts already as requested (guideline.md section 2).
pub(super) fn placed(entry: &Entry<'_>, cx: &mut Context<'_>) {
    if forbidden(entry, cx) {
        return;
    }
    let code = cx.coded(entry, "code").unwrap_or_default();
    if let Some(asked) = consult::named(entry, cx, &code) {
        let occurrence = cx.span(entry, &OCCURRENCE);
        return consult::request(entry, cx, &asked, false, occurrence);
    }
    if care::request(entry, cx, &code) {
        return;
    }
    let status = match cx.text(entry, "status").as_deref() {
        Some("active") => OrderStatus::Active,
        Some("completed") => OrderStatus::Completed,
        _ => return cx.note(NoteKind::NotInForce, entry, "status"),
    };
    if let Some("directive" | "option") = cx.text(entry, "intent").as_deref() {
        return cx.note(NoteKind::NotInForce, entry, "intent");
    }
    read(entry, cx, &code, status);
}

/// Reads a draft of the call. Its status is not looked at, as hook clients leave it in many states.
pub(super) fn draft(entry: &Entry<'_>, cx: &mut Context<'_>, selected: bool) {
    if forbidden(entry, cx) {
        return;
    }
    let code = cx.coded(entry, "code").unwrap_or_default();
    if let Some(asked) = consult::named(entry, cx, &code) {
        let occurrence = cx.span(entry, &OCCURRENCE);
        return consult::request(entry, cx, &asked, true, occurrence);
    }
    read(entry, cx, &code, OrderStatus::Draft { selected });
}

/// Reads an order of the chart that is being dispatched: as a draft, where it is to be done.
pub(super) fn dispatched(entry: &Entry<'_>, cx: &mut Context<'_>) {
    if is_to_be_done(entry, cx) {
        draft(entry, cx, true);
    }
}

/// Whether an order that is dispatched is in force.
pub(super) fn is_to_be_done(entry: &Entry<'_>, cx: &mut Context<'_>) -> bool {
    for (element, out) in [
        ("status", &["revoked", "completed", "stopped", "cancelled", "entered-in-error"][..]),
        ("intent", &["directive", "option"][..]),
    ] {
        if cx.text(entry, element).is_some_and(|said| out.contains(&&*said)) {
            cx.note(NoteKind::NotInForce, entry, element);
            return false;
        }
    }
    true
}

/// What a code or its words order, without a body site: modality, regions, and whether it was read from words.
pub(super) fn imaging_of(code: &Coded<'_>) -> Option<(Modality, Regions, bool)> {
    let site = BodySite::default();
    let found = by_code(code, &[], &site).or_else(|| by_text(code, &[], &site))?;
    Some((found.modality, found.regions, found.from_text))
}

fn read(entry: &Entry<'_>, cx: &mut Context<'_>, code: &Coded<'_>, status: OrderStatus) {
    let details = cx.coded_list(entry, "orderDetail");
    let site = cx.body_site(entry);
    let Some(imaging) = by_code(code, &details, &site).or_else(|| by_text(code, &details, &site)) else {
        if !treatment_order::read(entry, cx, code, &details, &site, status) && code.concepts.is_empty() {
            cx.note(NoteKind::CodeNotKnown, entry, "code");
        }
        return;
    };
    if imaging.from_text {
        cx.note(NoteKind::FromText, entry, "code");
    }
    let occurrence = cx.span(entry, &OCCURRENCE);
    let due = occurrence.end.or(occurrence.start);
    let authored = cx.date(entry, "authoredOn");
    let order = ImagingOrder {
        status,
        modality: imaging.modality,
        regions: imaging.regions,
        priority: priority(entry, cx),
        due,
        authored,
        from_text: imaging.from_text,
        evidence: Context::evidence(entry, label(code, &details), authored.or(due)),
    };
    cx.facts.imaging_orders.push(order);
    if status == (OrderStatus::Draft { selected: true }) {
        draft_reason::read(entry, cx, code);
    }
}

/// How the chart names an order: by its code, else by its details.
pub(super) fn label(code: &Coded<'_>, details: &[Coded<'_>]) -> String {
    let label = Some(code.label()).filter(|label| !label.is_empty());
    label.or_else(|| details.iter().map(Coded::label).min()).unwrap_or_default()
}

fn priority(entry: &Entry<'_>, cx: &mut Context<'_>) -> Option<Priority> {
    match cx.text(entry, "priority").as_deref() {
        Some("routine") => Some(Priority::Routine),
        Some("urgent") => Some(Priority::Urgent),
        Some("asap") => Some(Priority::Asap),
        Some("stat") => Some(Priority::Stat),
        Some(_) => {
            cx.note(NoteKind::MalformedElement, entry, "priority");
            None
        }
        None => None,
    }
}

/// What the codes order. A region that the code leaves open may stand in the texts or the body site; one that it names
/// is not widened by them.
fn by_code(code: &Coded<'_>, details: &[Coded<'_>], site: &BodySite) -> Option<Imaging> {
    let said = || {
        let wordings = wordings(code, details).into_iter().flatten().filter_map(words::imaging);
        wordings.filter(|found| found.spine).map(|found| found.regions).fold(site.regions, Regions::with)
    };
    let found = |modality, regions| Some(Imaging { modality, regions, from_text: false });
    if let Some(regions) = mri_regions(code) {
        return found(Modality::Mri, if regions.is_empty() { said() } else { regions });
    }
    if code.concepts.has(Concept::CtSpine) {
        return found(Modality::Ct, said());
    }
    if code.concepts.has(Concept::XraySpine) {
        return found(Modality::XRay, said());
    }
    // A bone scan of another part of the body is not ours.
    let elsewhere = site.stated && !site.spine;
    (code.concepts.has(Concept::BoneScan) && !elsewhere).then_some(Imaging {
        modality: Modality::BoneScan,
        regions: said(),
        from_text: false,
    })
}

/// What the words order, where no code is known: the code's text first, then its displays, then the order detail. The
/// body site or another text may name the spine for them ("MRI" with body site T8).
fn by_text(code: &Coded<'_>, details: &[Coded<'_>], site: &BodySite) -> Option<Imaging> {
    if !code.concepts.is_empty() {
        return None;
    }
    let ranks = wordings(code, details);
    let read = |wording: &&str| {
        let with_site = || site.spine.then(|| words::imaging(&format!("{wording} spine"))).flatten();
        words::imaging(wording).or_else(with_site)
    };
    let all: Vec<_> = ranks.iter().map(|rank| rank.iter().filter_map(read).collect::<Vec<_>>()).collect();
    let leading = all.iter().find_map(|rank| rank.iter().min_by_key(|found| modality_rank(found.modality)));
    let together = || words::imaging(&ranks.iter().flatten().copied().collect::<Vec<_>>().join(" "));
    let leading = leading.copied().or_else(together)?;
    let same = || all.iter().flatten().filter(|found| found.modality == leading.modality);
    let elsewhere = site.stated && !site.spine;
    let of_spine = leading.spine || same().any(|found| found.spine);
    let whole_body_scan = leading.modality == Modality::BoneScan && leading.whole_body && !elsewhere;
    if !(of_spine || whole_body_scan) {
        return None;
    }
    let regions = same().map(|found| found.regions).fold(leading.regions.with(site.regions), Regions::with);
    Some(Imaging { modality: leading.modality, regions, from_text: true })
}

/// Of two displays that disagree, the MRI is believed.
const fn modality_rank(modality: Modality) -> u8 {
    match modality {
        Modality::Mri => 0,
        Modality::Ct => 1,
        Modality::XRay => 2,
        Modality::BoneScan => 3,
    }
}

/// The texts of an order, by rank.
pub(super) fn wordings<'a>(code: &'a Coded<'_>, details: &'a [Coded<'_>]) -> [Vec<&'a str>; 3] {
    let mut displays: Vec<&str> =
        code.codings.iter().filter_map(|coding| coding.display.as_deref()).collect();
    displays.sort_unstable();
    let details = details.iter().flat_map(Coded::wordings).collect();
    [code.text.as_deref().into_iter().collect(), displays, details]
        .map(|rank: Vec<&str>| rank.into_iter().map(beginning).collect())
}
