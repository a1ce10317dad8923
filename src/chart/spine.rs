//! The spine drawn level by level, C1 to S5, seen from the left, with its cord: an SVG with a key.
//!
//! Every mark has a shape, a letter or words besides its colour, and the key says it in words. Colours come from the style
//! of the page, so that the drawing follows the dark mode and paper. What is drawn stands in [`super::spine_marks`], the key
//! in [`super::spine_key`].

use super::spine_key::{self, letter};
use super::spine_marks::{AtLevel, Coverage, Marks, Volume};
use crate::domain::{Certainty, Escc, Level, Region, Regions};
use crate::services::form::Grade;
use maud::{Markup, html};

/// Height of a level, in units of the drawing.
const STEP: f64 = 16.0;
/// Where C1 begins.
const TOP: f64 = 26.0;
/// Least width; words beside a level make it wider.
const WIDTH: f64 = 232.0;
/// Where the words beside a level begin, and how wide a letter is at most.
const WORDS: f64 = 222.0;
const LETTER: f64 = 7.9;
/// The middle of the column of vertebral bodies.
const MIDDLE: f64 = 148.0;
/// How wide the canal behind the bodies is, and the cord in it.
const CANAL: f64 = 11.0;
const CORD: f64 = 5.5;
/// The last level of the cord, L1; the nerve roots go on to S2.
const CONUS: u8 = 20;
const LAST_ROOT: u8 = 26;
/// At most this many studies and orders are drawn beside the spine.
const MOST_COVERAGES: usize = 4;
/// Number of levels, C1 to S5.
const LEVELS: u8 = 29;
/// How far the middle of a body lies before (negative) or behind the plumb line, by the number of its level: where the
/// natural curves turn or cross it. C1, C4, C7, T7, T12, L3, L5, S3, S5.
const CURVE: [(u8, f64); 9] =
    [(1, 0.0), (4, -4.0), (7, 0.0), (14, 7.0), (19, 1.0), (22, -6.0), (24, -2.0), (27, 6.0), (29, 2.0)];

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
        (spine_key::not_drawn(marks))
        figure.drawing {
            svg viewBox={ "0 0 " (width) " " (height) } role="img" aria-labelledby="spine-name spine-words" {
                title #spine-name { "The spine, level by level" }
                desc #spine-words { (spine_key::in_words(marks)) }
                defs {
                    pattern #hatch width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                        line.hatch x1="0" y1="0" x2="0" y2="5" {}
                    }
                }
                @for region in Region::ALL { (named(region)) }
                @for volume in marks.volumes.iter().filter(|v| !v.surgery) { (irradiated(volume)) }
                (cord())
                @for (place, (number, coverage)) in drawn.enumerate() { (covered(coverage, place, number)) }
                @for level in levels() { (vertebra(level, marks.levels.get(&level))) }
                @for (level, at) in &marks.levels { @if let Some(grade) = at.escc { (pressed(*level, grade)) } }
                @for volume in marks.volumes.iter().filter(|v| v.surgery) { (operated(volume)) }
                @for (level, at) in &marks.levels { (label(*level, at)) }
            }
            (spine_key::key(marks))
        }
    }
}

fn top(level: Level) -> f64 {
    TOP + f64::from(level.number().saturating_sub(1)) * STEP
}

/// How far the middle of a body lies before (negative) or behind the plumb line: smooth between the places of [`CURVE`].
fn bend(level: Level) -> f64 {
    let number = level.number();
    let after = CURVE.iter().find(|(place, _)| *place >= number);
    let before = CURVE.iter().rev().find(|(place, _)| *place < number);
    match (before, after) {
        (Some((from, start)), Some((to, end))) => {
            let way = f64::from(number - from) / f64::from(to - from);
            start + (end - start) * (1.0 - (way * std::f64::consts::PI).cos()) / 2.0
        }
        (_, Some((_, offset))) | (Some((_, offset)), None) => *offset,
        (None, None) => 0.0,
    }
}

/// Width and height of a body: they grow downwards and taper off in the sacrum.
fn size(level: Level) -> (f64, f64) {
    let n = f64::from(level.number());
    if level.number() <= 24 { (25.0 + n, STEP - 4.5) } else { (44.0 - (n - 25.0) * 7.0, STEP - 2.0) }
}

/// The back of a body, where the canal begins.
fn back(level: Level) -> f64 {
    MIDDLE + bend(level) + size(level).0 / 2.0
}

fn middle(level: Level) -> f64 {
    top(level) + size(level).1 / 2.0
}

/// The name of a region along its levels, and a line where it ends.
fn named(region: Region) -> Markup {
    let (from, height) = reach(region);
    let y = from + height / 2.0;
    html! {
        text.region x="9" y=(one(y)) text-anchor="middle" transform={ "rotate(-90 9 " (one(y)) ")" } { (region.name()) }
        @if region != Region::Sacral {
            line.between x1="2" x2="92" y1=(one(from + height + 0.7)) y2=(one(from + height + 0.7)) {}
        }
    }
}

/// The cord down to the conus, and the roots below it.
fn cord() -> Markup {
    let way = |from: u8, to: u8| {
        let points: Vec<String> = (from..=to)
            .filter_map(Level::new)
            .map(|level| format!("{},{}", one(back(level) + CANAL / 2.0), one(middle(level))))
            .collect();
        points.join(" ")
    };
    html! {
        polyline.cord points=(way(1, CONUS)) stroke-width=(CORD) {}
        polyline.cord points=(way(CONUS, LAST_ROOT)) stroke-width="2" {}
    }
}

/// How far something reaches into the canal by its grade: it touches the cord at 1c, and fills the canal at 3.
const fn reaches(grade: Escc) -> f64 {
    match grade {
        Escc::G0 => 0.0,
        Escc::G1a => 1.5,
        Escc::G1b => 2.4,
        Escc::G1c => 3.4,
        Escc::G2 => 6.5,
        Escc::G3 => CANAL,
    }
}

fn pressed(level: Level, grade: Escc) -> Markup {
    let (x, y, half) = (back(level), middle(level), size(level).1 / 2.0 + 1.0);
    let class = spine_key::of_grade(grade);
    html! {
        path class={ "mass " (class) } d=(format!(
            "M{:.1} {:.1} q{:.1} {half:.1} 0 {:.1} Z", x - 0.5, y - half, 2.0 * reaches(grade), 2.0 * half
        )) {}
    }
}

fn vertebra(level: Level, at: Option<&AtLevel>) -> Markup {
    let (width, height) = size(level);
    let (x, y) = (back(level) - width, top(level));
    let lesion = at.and_then(|at| at.lesion);
    let grade = at.and_then(|at| at.sins.as_ref()).map(|score| of_band(score.grade)).unwrap_or_default();
    let lesion_class = match lesion {
        Some(Certainty::Documented) => "lesion",
        Some(Certainty::Suspected) => "suspected",
        None => "",
    };
    let class = format!("body {lesion_class} {grade}");
    let behind = x + width + CANAL;
    html! {
        path.process d=(format!(
            "M{:.1} {:.1} q7 -1 15 6 l-2.5 2.5 q-6 -4 -12.5 -4 Z", behind, middle(level) - 3.0
        )) {}
        @if at.is_some_and(|at| at.fracture) {
            // The front has sunk in, as in a compression fracture.
            path class={ (class) " wedge" } d=(format!(
                "M{x:.1} {:.1} L{r:.1} {y:.1} V{b:.1} H{x:.1} Z", y + height * 0.48, r = x + width, b = y + height
            )) {}
        } @else {
            rect class=(class) x=(one(x)) y=(one(y)) width=(one(width)) height=(one(height)) rx="2.5" {}
        }
        @if lesion == Some(Certainty::Documented) {
            circle.spot cx=(one(x + width * 0.6)) cy=(one(y + height * 0.58)) r="3" {}
        }
        text.level x="90" y=(one(middle(level) + 3.6)) text-anchor="end" { (level) }
    }
}

/// The style of a band.
pub(super) const fn of_band(grade: Grade) -> &'static str {
    match grade {
        Grade::Open => "band-open",
        Grade::Low => "band-low",
        Grade::Middle => "band-middle",
        Grade::High => "band-high",
    }
}

fn label(level: Level, at: &AtLevel) -> Markup {
    let words = beside(at);
    let (from, y) = (back(level) + CANAL + 17.0, middle(level));
    html! {
        line.leader x1=(one(from)) x2=(one(WORDS - 3.0)) y1=(one(y)) y2=(one(y)) {}
        text.mark x=(WORDS) y=(one(y + 3.8)) { (words) }
    }
}

/// The words beside a level.
fn beside(at: &AtLevel) -> String {
    let mut words: Vec<String> = Vec::new();
    words.extend(at.sins.as_ref().map(|score| score.words.clone()));
    words.extend(at.escc.map(|grade| format!("ESCC {}", grade.label())));
    words.extend(at.fracture.then(|| "fracture".to_owned()));
    // Its outline and the key say it too, so it stands only where nothing else does.
    if words.is_empty() {
        words.extend(match at.lesion {
            Some(Certainty::Documented) => Some("metastasis".to_owned()),
            Some(Certainty::Suspected) => Some("suspected".to_owned()),
            None => None,
        });
    }
    words.join(" · ")
}

fn irradiated(volume: &Volume) -> Markup {
    let Some((y, height)) = extent(volume) else { return html! {} };
    html! {
        rect.volume x=(one(MIDDLE - 37.0)) y=(one(y - 2.0)) width="96" height=(one(height + 3.0)) rx="6" {}
        rect.irradiated x=(one(MIDDLE - 37.0)) y=(one(y - 2.0)) width="96" height=(one(height + 3.0)) rx="6" {}
    }
}

fn operated(volume: &Volume) -> Markup {
    let Some((y, height)) = extent(volume) else { return html! {} };
    let rod = MIDDLE + 46.0;
    html! { path.operated d=(format!("M{rod} {:.1} v{:.1} m-4 0 h8 m-8 -{:.1} h8", y, height, height)) {} }
}

fn extent(volume: &Volume) -> Option<(f64, f64)> {
    let (first, last) = (volume.levels.iter().next()?, volume.levels.iter().last()?);
    Some((top(first), top(last) - top(first) + STEP - 3.0))
}

/// A study or order as a bar beside the regions that it covers.
fn covered(coverage: &Coverage, place: usize, number: usize) -> Markup {
    let x = 20.0 + place as f64 * 11.0;
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
    regions.iter().map(reach).collect()
}

/// Where a region begins, and how tall it is.
fn reach(region: Region) -> (f64, f64) {
    let (from, count) = match region {
        Region::Cervical => (0.0, 7.0),
        Region::Thoracic => (7.0, 12.0),
        Region::Lumbar => (19.0, 5.0),
        Region::Sacral => (24.0, 5.0),
    };
    (TOP + from * STEP, count * STEP - 3.0)
}

/// A coordinate with one decimal.
fn one(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::spine_marks::{LongBone, Scored};
    use crate::domain::Levels;

    #[test]
    fn the_curves_turn_where_those_of_a_spine_do() {
        let of = |region| (1..=12).filter_map(move |number| Level::in_region(region, number));
        let at = |one: &Level, other: &Level| bend(*one).total_cmp(&bend(*other));
        let most_anterior = |region| of(region).min_by(at).unwrap().to_string();
        let most_posterior = |region| of(region).max_by(at).unwrap().to_string();
        assert_eq!(most_anterior(Region::Cervical), "C4");
        assert_eq!(most_posterior(Region::Thoracic), "T7");
        assert_eq!(most_anterior(Region::Lumbar), "L3");
        assert_eq!(most_posterior(Region::Sacral), "S3");
        // No step between neighbours that a spine would not make.
        let all: Vec<f64> = (1..=LEVELS).filter_map(Level::new).map(bend).collect();
        assert!(all.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 4.5), "{all:?}");
    }

    #[test]
    fn the_drawing_says_what_it_shows() {
        let t8 = Level::in_region(Region::Thoracic, 8).unwrap();
        let mut marks = Marks::default();
        let nine = Scored { words: "SINS 9".to_owned(), grade: Grade::Middle, band: "potentially unstable" };
        marks.bones.push(LongBone {
            name: "left <femur>".to_owned(),
            mirels: Scored { words: "Mirels 10".to_owned(), grade: Grade::High, band: "high fracture risk" },
        });
        let at = AtLevel {
            lesion: Some(Certainty::Documented),
            fracture: true,
            sins: Some(nine),
            escc: Some(Escc::G2),
        };
        marks.levels.insert(t8, at);
        let levels = Levels::range(Level::new(14).unwrap(), t8);
        marks.volumes.push(Volume { surgery: false, levels, words: "Radiotherapy, 30 Gy in 10".to_owned() });
        marks.imaging.push(Coverage { ordered: false, regions: Regions::WHOLE, words: "MRI <i>".to_owned() });
        let svg = draw(&marks).into_string();
        assert!(svg.contains(
            "T8: metastasis, fracture, SINS 9 (potentially unstable), ESCC 2. Radiotherapy, 30 Gy in 10, T7 to T8. MRI &lt;i&gt;."
        ));
        assert_eq!(svg.matches("class=\"coverage\"").count(), 3, "one bar a region");
        assert_eq!(svg.matches("class=\"level\"").count(), usize::from(LEVELS));
        assert!(svg.contains("body lesion band-middle wedge") && svg.contains("mass presses"), "{svg}");
        assert!(svg.contains("left &lt;femur&gt;: Mirels 10, high fracture risk"), "{svg}");
        assert_eq!(svg.matches("class=\"region\"").count(), 4);
    }
}
