//! The spine drawn level by level, C1 to S5, seen from the left: an SVG with a key.
//!
//! Every mark has a shape or a letter besides its colour, and the key says it in words. Colours come from the style of
//! the page, so that the drawing follows the dark mode and paper. What is drawn stands in
//! [`super::spine_marks`].

use super::spine_marks::{AtLevel, Coverage, Marks, Volume};
use crate::domain::{Certainty, Level, Region, Regions};
use maud::{Markup, html};

/// Height of a level, in units of the drawing.
const STEP: f64 = 16.0;
/// Where C1 begins.
const TOP: f64 = 26.0;
/// Least width; words beside a level make it wider.
const WIDTH: f64 = 220.0;
/// Where the words beside a level begin, and how wide a letter is at most.
const WORDS: f64 = 195.0;
const LETTER: f64 = 6.6;
/// The middle of the column of vertebral bodies.
const MIDDLE: f64 = 136.0;
/// At most this many studies and orders are drawn beside the spine.
const MOST_COVERAGES: usize = 4;
/// Number of levels, C1 to S5.
const LEVELS: u8 = 29;

/// The drawing with its key.
pub(super) fn draw(marks: &Marks) -> Markup {
    let height = TOP + f64::from(LEVELS) * STEP + 8.0;
    let longest = marks.levels.values().map(|at| beside(at).chars().count()).max();
    let width = longest.map_or(WIDTH, |letters| WORDS + letters as f64 * LETTER);
    let levels = || (1..=LEVELS).filter_map(Level::new);
    // The latest studies stand nearest to the spine, and all of them in the key.
    let skip = marks.imaging.len().saturating_sub(MOST_COVERAGES);
    let drawn = marks.imaging.iter().enumerate().skip(skip);
    html! {
        figure.drawing {
            svg viewBox={ "0 0 " (width) " " (height) } role="img" aria-labelledby="spine-name spine-words" {
                title #spine-name { "The spine, level by level" }
                desc #spine-words { (in_words(marks)) }
                defs {
                    pattern #hatch width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                        line.hatch x1="0" y1="0" x2="0" y2="5" {}
                    }
                }
                @for volume in marks.volumes.iter().filter(|v| !v.surgery) { (irradiated(volume)) }
                @for (place, (number, coverage)) in drawn.enumerate() { (covered(coverage, place, number)) }
                @for level in levels() { (vertebra(level, marks.levels.get(&level))) }
                @for volume in marks.volumes.iter().filter(|v| v.surgery) { (operated(volume)) }
                @for (level, at) in &marks.levels { (label(*level, at)) }
            }
            (key(marks))
        }
    }
}

fn top(level: Level) -> f64 {
    TOP + f64::from(level.number().saturating_sub(1)) * STEP
}

/// How far the middle of a body lies before (negative) or behind the plumb line: the natural curves.
fn bend(level: Level) -> f64 {
    let t = f64::from(level.number()) / f64::from(LEVELS);
    7.0 * (t * std::f64::consts::TAU * 1.25 + 2.5).sin()
}

/// Width and height of a body: they grow downwards and taper off in the sacrum.
fn size(level: Level) -> (f64, f64) {
    let n = f64::from(level.number());
    if level.number() <= 24 { (25.0 + n, STEP - 4.5) } else { (44.0 - (n - 25.0) * 7.0, STEP - 2.0) }
}

fn vertebra(level: Level, at: Option<&AtLevel>) -> Markup {
    let (width, height) = size(level);
    let (x, y) = (MIDDLE + bend(level) - width / 2.0, top(level));
    let lesion = at.and_then(|at| at.lesion);
    let class = match lesion {
        Some(Certainty::Documented) => "body lesion",
        Some(Certainty::Suspected) => "body suspected",
        None => "body",
    };
    let (back, middle) = (x + width, y + height / 2.0);
    html! {
        path.process d=(format!(
            "M{:.1} {:.1} q7 -1 15 6 l-2.5 2.5 q-6 -4 -12.5 -4 Z", back + 1.0, middle - 3.0
        )) {}
        rect class=(class) x=(one(x)) y=(one(y)) width=(one(width)) height=(one(height)) rx="2.5" {}
        @if lesion == Some(Certainty::Documented) {
            circle.spot cx=(one(x + width * 0.4)) cy=(one(middle)) r="3.4" {}
        }
        @if at.is_some_and(|at| at.fracture) {
            path.fracture d=(format!(
                "M{:.1} {:.1} l{w:.1} 3 l{w:.1} -5 l{w:.1} 5 l{w:.1} -3", x - 3.0, middle, w = (width + 6.0) / 4.0
            )) {}
        }
        text.level x="76" y=(one(middle + 3.6)) text-anchor="end" { (level) }
    }
}

fn label(level: Level, at: &AtLevel) -> Markup {
    let (width, height) = size(level);
    let middle = top(level) + height / 2.0;
    let from = MIDDLE + bend(level) + width / 2.0 + 18.0;
    html! {
        line.leader x1=(one(from)) x2="192" y1=(one(middle)) y2=(one(middle)) {}
        text.mark x=(WORDS) y=(one(middle + 3.8)) { (beside(at)) }
    }
}

/// The words beside a level.
fn beside(at: &AtLevel) -> String {
    let mut words: Vec<&str> = Vec::new();
    words.extend(at.sins.as_deref());
    words.extend(at.fracture.then_some("fracture"));
    words.extend(match at.lesion {
        Some(Certainty::Documented) => Some("metastasis"),
        Some(Certainty::Suspected) => Some("suspected"),
        None => None,
    });
    words.join(" · ")
}

fn irradiated(volume: &Volume) -> Markup {
    let Some((y, height)) = extent(volume) else { return html! {} };
    html! {
        rect.volume x=(one(MIDDLE - 37.0)) y=(one(y - 2.0)) width="84" height=(one(height + 3.0)) rx="6" {}
        rect.irradiated x=(one(MIDDLE - 37.0)) y=(one(y - 2.0)) width="84" height=(one(height + 3.0)) rx="6" {}
    }
}

fn operated(volume: &Volume) -> Markup {
    let Some((y, height)) = extent(volume) else { return html! {} };
    let rod = MIDDLE + 33.0;
    html! { path.operated d=(format!("M{rod} {:.1} v{:.1} m-4 0 h8 m-8 -{:.1} h8", y, height, height)) {} }
}

fn extent(volume: &Volume) -> Option<(f64, f64)> {
    let (first, last) = (volume.levels.iter().next()?, volume.levels.iter().last()?);
    Some((top(first), top(last) - top(first) + STEP - 3.0))
}

/// A study or order as a bar beside the regions that it covers.
fn covered(coverage: &Coverage, place: usize, number: usize) -> Markup {
    let x = 8.0 + place as f64 * 11.0;
    let class = if coverage.ordered { "coverage ordered" } else { "coverage" };
    html! {
        text.letter x=(one(x + 4.0)) y="17" text-anchor="middle" { (letter(number)) }
        @if coverage.regions.is_empty() {
            text.letter x=(one(x + 4.0)) y=(one(TOP + 10.0)) text-anchor="middle" { "?" }
        }
        @for (y, height) in bars(coverage.regions) {
            rect class=(class) x=(one(x)) y=(one(y)) width="8" height=(one(height)) rx="2" {}
        }
    }
}

fn bars(regions: Regions) -> Vec<(f64, f64)> {
    let reach = |region| match region {
        Region::Cervical => (0.0, 7.0),
        Region::Thoracic => (7.0, 12.0),
        Region::Lumbar => (19.0, 5.0),
        Region::Sacral => (24.0, 5.0),
    };
    regions.iter().map(reach).map(|(from, count)| (TOP + from * STEP, count * STEP - 3.0)).collect()
}

fn letter(number: usize) -> char {
    u32::try_from(number).ok().and_then(|n| char::from_u32(u32::from('A') + n % 26)).unwrap_or('A')
}

fn key(marks: &Marks) -> Markup {
    let any = |holds: fn(&AtLevel) -> bool| marks.levels.values().any(holds);
    html! {
        figcaption {
            ul.key {
                @if any(|at| at.lesion == Some(Certainty::Documented)) { li { (swatch("lesion")) "Metastasis" } }
                @if any(|at| at.lesion == Some(Certainty::Suspected)) { li { (swatch("suspected")) "Metastasis suspected" } }
                @if any(|at| at.fracture) { li { (swatch("fracture")) "Fracture" } }
                @for volume in &marks.volumes {
                    li { (swatch(if volume.surgery { "operated" } else { "irradiated" })) (volume.words) ", " (span(volume)) }
                }
                @for (number, coverage) in marks.imaging.iter().enumerate() {
                    li { span.letter { (letter(number)) } (coverage.words) }
                }
                @for words in &marks.unplaced { li.unplaced { (words) } }
            }
            @if marks.imaging.is_empty() { p.nothing { "No MRI of the spine on record." } }
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
                "fracture" => { path.fracture d="M0 6 l4 3 l4 -6 l4 6 l4 -3" {} }
                "suspected" => { rect class="body suspected" x="1" y="1" width="14" height="10" rx="2.5" {} }
                _ => { rect class="body lesion" x="1" y="1" width="14" height="10" rx="2.5" {} circle.spot cx="7" cy="6" r="3.2" {} }
            }
        }
    }
}

/// The drawing in sentences, for those who do not see it.
fn in_words(marks: &Marks) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (level, at) in &marks.levels {
        let mut words: Vec<String> = Vec::new();
        match at.lesion {
            Some(Certainty::Documented) => words.push("metastasis".to_owned()),
            Some(Certainty::Suspected) => words.push("metastasis suspected".to_owned()),
            None => {}
        }
        words.extend(at.fracture.then(|| "fracture".to_owned()));
        words.extend(at.sins.clone());
        parts.push(format!("{level}: {}", words.join(", ")));
    }
    parts.extend(marks.volumes.iter().map(|v| format!("{}, {}", v.words, span(v))));
    parts.extend(marks.imaging.iter().map(|c| c.words.clone()));
    parts.extend(marks.unplaced.iter().cloned());
    if parts.is_empty() {
        return "Nothing on record is placed on it.".to_owned();
    }
    format!("{}.", parts.join(". "))
}

/// A coordinate with one decimal.
fn one(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Levels;

    #[test]
    fn the_drawing_says_what_it_shows() {
        let t8 = Level::in_region(Region::Thoracic, 8).unwrap();
        let mut marks = Marks::default();
        let at =
            AtLevel { lesion: Some(Certainty::Documented), fracture: true, sins: Some("SINS 9".to_owned()) };
        marks.levels.insert(t8, at);
        let levels = Levels::range(Level::new(14).unwrap(), t8);
        marks.volumes.push(Volume { surgery: false, levels, words: "Radiotherapy, 30 Gy in 10".to_owned() });
        marks.imaging.push(Coverage { ordered: false, regions: Regions::WHOLE, words: "MRI <i>".to_owned() });
        let svg = draw(&marks).into_string();
        assert!(svg.contains(
            "T8: metastasis, fracture, SINS 9. Radiotherapy, 30 Gy in 10, T7 to T8. MRI &lt;i&gt;."
        ));
        assert_eq!(svg.matches("class=\"coverage\"").count(), 3, "one bar a region");
        assert_eq!(svg.matches("class=\"level\"").count(), usize::from(LEVELS));
    }
}
