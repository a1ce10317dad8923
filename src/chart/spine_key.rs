//! What the drawing of the spine says in words: its key, its long bones, and the description for those who do not see it.

use super::spine::of_band;
use super::spine_marks::{AtLevel, LongBone, Marks, Scored, Volume};
use crate::domain::{Certainty, Escc};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The letter of a study or order.
pub(super) fn letter(number: usize) -> char {
    u32::try_from(number).ok().and_then(|n| char::from_u32(u32::from('A') + n % 26)).unwrap_or('A')
}

/// The style of a grade.
pub(super) const fn of_grade(grade: Escc) -> &'static str {
    match grade {
        Escc::G0 | Escc::G1a | Escc::G1b => "clear",
        Escc::G1c => "touches",
        Escc::G2 | Escc::G3 => "presses",
    }
}

/// The key of what is drawn.
pub(super) fn key(marks: &Marks) -> Markup {
    let any = |holds: fn(&AtLevel) -> bool| marks.levels.values().any(holds);
    // One line a band that is drawn.
    let bands: BTreeMap<&str, &Scored> =
        marks.levels.values().filter_map(|at| at.sins.as_ref()).map(|score| (score.band, score)).collect();
    html! {
        figcaption {
            ul.key {
                @if any(|at| at.lesion == Some(Certainty::Documented)) { li { (swatch("lesion")) "Metastasis" } }
                @if any(|at| at.lesion == Some(Certainty::Suspected)) { li { (swatch("suspected")) "Metastasis suspected" } }
                @for score in bands.values() { li { (swatch(of_band(score.grade))) "SINS: " (score.band) } }
                @if any(|at| at.fracture) { li { (swatch("wedge")) "Fracture" } }
                @if any(|at| at.escc.is_some()) { li { (swatch("mass")) "ESCC grade: what reaches into the canal" } }
                @for volume in &marks.volumes {
                    li { (swatch(if volume.surgery { "operated" } else { "irradiated" })) (volume.words) ", " (span(volume)) }
                }
                @for (number, coverage) in marks.imaging.iter().enumerate() {
                    li { span.letter { (letter(number)) } (coverage.words) }
                }
                @for bone in &marks.bones { li { (long_bone(bone)) span { (said_of(bone)) } } }
            }
        }
    }
}

/// What no drawing shows, before it: a spine without a mark would look clear.
pub(super) fn not_drawn(marks: &Marks) -> Markup {
    html! {
        @if !marks.unplaced.is_empty() {
            ul.key.not-drawn { @for words in &marks.unplaced { li.unplaced { (words) } } }
        }
        @if marks.imaging.is_empty() { p.nothing { "No MRI of the spine on record." } }
    }
}

fn said_of(bone: &LongBone) -> String {
    let name = if bone.name.is_empty() { "Long bone" } else { &bone.name };
    format!("{name}: {}, {}", bone.mirels.words, bone.mirels.band)
}

/// A long bone with its lesion, in the colour of the band.
fn long_bone(bone: &LongBone) -> Markup {
    html! {
        svg.long-bone viewBox="0 0 64 18" aria-hidden="true" {
            path.body d="M8 3 q-6 -2 -6 3 q0 2 2 3 q-2 1 -2 3 q0 5 6 3 q2 -2 6 -2 h36 q4 0 6 2 q6 2 6 -3 q0 -2 -2 -3 q2 -1 2 -3 q0 -5 -6 -3 q-2 2 -6 2 h-36 q-4 0 -6 -2 Z" {}
            ellipse class={ "body lesion " (of_band(bone.mirels.grade)) } cx="24" cy="9" rx="7" ry="4" {}
        }
    }
}

fn span(volume: &Volume) -> String {
    let ends = (volume.levels.iter().next(), volume.levels.iter().last());
    match ends {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(only), _) => only.to_string(),
        _ => String::new(),
    }
}

fn swatch(kind: &str) -> Markup {
    html! {
        svg.swatch viewBox="0 0 16 12" aria-hidden="true" {
            @match kind {
                "irradiated" => { rect.volume x="1" y="1" width="14" height="10" rx="3" {} rect.irradiated x="1" y="1" width="14" height="10" rx="3" {} }
                "operated" => { path.operated d="M8 1 v10 m-4 0 h8 m-8 -10 h8" {} }
                "wedge" => { path class="body wedge" d="M1 6 L15 1 V11 H1 Z" {} }
                "mass" => { rect.body x="1" y="1" width="6" height="10" rx="2" {} path class="mass presses" d="M7 1 q9 5 0 10 Z" {} }
                "suspected" => { rect class="body suspected" x="1" y="1" width="14" height="10" rx="2.5" {} }
                "lesion" => { rect class="body lesion" x="1" y="1" width="14" height="10" rx="2.5" {} circle.spot cx="8" cy="6" r="3" {} }
                band => { rect class={ "body " (band) } x="1" y="1" width="14" height="10" rx="2.5" {} }
            }
        }
    }
}

/// The drawing in sentences, for those who do not see it.
pub(super) fn in_words(marks: &Marks) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (level, at) in &marks.levels {
        let mut words: Vec<String> = Vec::new();
        match at.lesion {
            Some(Certainty::Documented) => words.push("metastasis".to_owned()),
            Some(Certainty::Suspected) => words.push("metastasis suspected".to_owned()),
            None => {}
        }
        words.extend(at.fracture.then(|| "fracture".to_owned()));
        words.extend(at.sins.as_ref().map(|score| format!("{} ({})", score.words, score.band)));
        words.extend(at.escc.map(|grade| format!("ESCC {}", grade.label())));
        parts.push(format!("{level}: {}", words.join(", ")));
    }
    parts.extend(marks.volumes.iter().map(|v| format!("{}, {}", v.words, span(v))));
    parts.extend(marks.imaging.iter().map(|c| c.words.clone()));
    parts.extend(marks.bones.iter().map(said_of));
    parts.extend(marks.unplaced.iter().cloned());
    if parts.is_empty() {
        return "Nothing on record is placed on it.".to_owned();
    }
    format!("{}.", parts.join(". "))
}
