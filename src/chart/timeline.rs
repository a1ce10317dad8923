//! The timeline: what was found, made and given, where now is, and which deadlines run. An SVG.
//!
//! The axis is logarithmic on both sides of now, because years of history and the next 12 hours must fit on one picture;
//! its marks say how far away they are. What is drawn stands in [`super::timeline_rows`].

use super::moment;
use super::timeline_rows::{Lane, Row};
use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

const RIGHT: f64 = 14.0;
const TOP: f64 = 34.0;
/// The longest line of words of a row, in characters, and how tall each further line is.
const LINE: usize = 40;
const LINE_STEP: f64 = 15.0;
/// Least distance between two marks of the axis.
const APART: f64 = 54.0;

/// The measures of a drawing.
struct Layout {
    /// Names the drawing and begins its ids.
    name: &'static str,
    width: f64,
    /// Where the axis begins.
    left: f64,
    /// Height of a row.
    step: f64,
    /// The words of a row stand above it, not before it.
    above: bool,
}

/// Words before the rows; and for narrow screens words above them. The style of the page shows one of the two.
const LAYOUTS: [Layout; 2] = [
    Layout { name: "time-wide", width: 940.0, left: 356.0, step: 24.0, above: false },
    Layout { name: "time-narrow", width: 350.0, left: 8.0, step: 40.0, above: true },
];

/// Marks of the axis: hours from now, and their words. The first ones are drawn before others that would touch them.
const MARKS: [(f64, &str); 16] = [
    (0.0, "now"),
    (24.0, "24 h"),
    (-168.0, "7 days"),
    (12.0, "12 h"),
    (-24.0, "24 h"),
    (168.0, "1 week"),
    (-2_160.0, "90 days"),
    (48.0, "48 h"),
    (336.0, "2 weeks"),
    (-48.0, "2 days"),
    (-720.0, "30 days"),
    (-8_766.0, "1 year"),
    (-43_830.0, "5 years"),
    (-17_532.0, "2 years"),
    (-87_660.0, "10 years"),
    (720.0, "30 days"),
];

/// The axis: from hours before or after now to places on the drawing.
struct Axis {
    layout: &'static Layout,
    now: DateTime<Utc>,
    from: f64,
    to: f64,
}

/// Hours squeezed: the further from now, the denser.
fn squeeze(hours: f64) -> f64 {
    hours.signum() * (hours.abs() / 6.0).ln_1p()
}

impl Axis {
    fn over(rows: &[Row], now: DateTime<Utc>, layout: &'static Layout) -> Self {
        let times = rows.iter().flat_map(|row| {
            row.points.iter().copied().chain(row.bar.into_iter().flat_map(|(from, to)| [from, to]))
        });
        let hours: Vec<f64> = times.map(|at| hours(at - now)).collect();
        let least = hours.iter().copied().fold(-200.0, f64::min).max(-120_000.0);
        let most = hours.iter().copied().fold(30.0, f64::max).min(9_000.0);
        Self { layout, now, from: squeeze(least * 1.25), to: squeeze(most * 1.25) }
    }

    fn place(&self, at: DateTime<Utc>) -> f64 {
        self.place_of(hours(at - self.now))
    }

    fn place_of(&self, hours: f64) -> f64 {
        let share = (squeeze(hours) - self.from) / (self.to - self.from);
        self.layout.left + share.clamp(0.0, 1.0) * (self.layout.width - self.layout.left - RIGHT)
    }

    fn marks(&self) -> Vec<(f64, &'static str, bool)> {
        let mut kept: Vec<(f64, &'static str, bool)> = Vec::new();
        for (hours, words) in MARKS {
            let x = self.place_of(hours);
            let inside = squeeze(hours) >= self.from
                && squeeze(hours) <= self.to
                && x < self.layout.width - RIGHT - 4.0;
            if inside && kept.iter().all(|(other, ..)| (other - x).abs() >= APART) {
                kept.push((x, words, hours == 0.0));
            }
        }
        kept
    }
}

fn hours(duration: Duration) -> f64 {
    duration.num_seconds() as f64 / 3_600.0
}

/// The drawing.
pub(super) fn draw(rows: &[Row], left_out: usize, now: DateTime<Utc>, zone: Tz) -> Markup {
    if rows.is_empty() {
        return html! { p.nothing { "Nothing with a date that a rule looks at." } };
    }
    html! {
        figure.drawing {
            @for layout in &LAYOUTS { (svg(rows, &Axis::over(rows, now, layout), zone)) }
            figcaption {
                "Left of “now” the past, right of it what is due. The closer to now, the wider the scale."
                @if left_out > 0 { " " (left_out) " more in the tables below." }
            }
        }
    }
}

fn svg(rows: &[Row], axis: &Axis, zone: Tz) -> Markup {
    let Layout { name, width, step, .. } = axis.layout;
    let lines: Vec<Vec<String>> = rows.iter().map(|row| lines(&row.words)).collect();
    // Where each row ends.
    let bottoms: Vec<f64> = lines
        .iter()
        .scan(TOP, |bottom, lines| {
            *bottom += step + lines.len().saturating_sub(1) as f64 * LINE_STEP;
            Some(*bottom)
        })
        .collect();
    let height = bottoms.last().copied().unwrap_or(TOP) + 6.0;
    let words: Vec<String> = rows.iter().map(|row| in_words(row, axis.now, zone)).collect();
    html! {
        svg class=(name) viewBox={ "0 0 " (width) " " (height) } role="img" aria-labelledby={ (name) " " (name) "-words" } {
            title id=(name) { "What happened when, and which deadlines run" }
            desc id={ (name) "-words" } { (words.join(" ")) }
            @for (x, words, is_now) in axis.marks() {
                line class=(if is_now { "now" } else { "tick" }) x1=(one(x)) x2=(one(x)) y1="22" y2=(one(height)) {}
                text class=(if is_now { "now-word" } else { "axis" }) x=(one(x)) y="15" text-anchor="middle" { (words) }
            }
            @for ((row, lines), bottom) in rows.iter().zip(&lines).zip(&bottoms) { (draw_row(row, lines, *bottom, axis)) }
        }
    }
}

/// A row that ends at `bottom`; its words end there, and the mark stands beside the last line.
fn draw_row(row: &Row, lines: &[String], bottom: f64, axis: &Axis) -> Markup {
    let layout = axis.layout;
    let middle = bottom - 12.0;
    let first = |last: f64| last - lines.len().saturating_sub(1) as f64 * LINE_STEP;
    let class = match row.lane {
        Lane::Finding => "finding",
        Lane::Score => "score",
        Lane::Study => "study",
        Lane::Treatment => "treatment",
        Lane::Order => "order",
        Lane::Deadline if row.overdue => "deadline overdue",
        Lane::Deadline => "deadline",
    };
    html! {
        g class=(class) {
            @if layout.above {
                (written(lines, 2.0, first(middle - 11.0), "start"))
            } @else {
                (written(lines, layout.left - 12.0, first(middle + 4.0), "end"))
            }
            @if let Some((from, to)) = row.bar {
                @let (x, end) = (axis.place(from), axis.place(to));
                rect.bar x=(one(x)) y=(one(middle - 5.0)) width=(one((end - x).max(2.0))) height="10" rx="2" {}
            }
            @for at in &row.points { (point(row.lane, axis.place(*at), middle)) }
        }
    }
}

fn written(lines: &[String], x: f64, first: f64, anchor: &str) -> Markup {
    html! {
        text.row-words text-anchor=(anchor) {
            @for (number, line) in lines.iter().enumerate() {
                tspan x=(one(x)) y=(one(first + number as f64 * LINE_STEP)) { (line) }
            }
        }
    }
}

/// A shape for each kind, so that colour is not needed.
fn point(lane: Lane, x: f64, y: f64) -> Markup {
    html! {
        @match lane {
            Lane::Finding => { circle.point cx=(one(x)) cy=(one(y)) r="4" {} }
            Lane::Score => { rect.point x=(one(x - 4.0)) y=(one(y - 4.0)) width="8" height="8" {} }
            Lane::Study | Lane::Order => {
                path.point d=(format!("M{:.1} {:.1} l6 6 l-6 6 l-6 -6 Z", x, y - 6.0)) {}
            }
            Lane::Treatment => { path.point d=(format!("M{:.1} {:.1} l6 10 h-12 Z", x, y - 6.0)) {} }
            Lane::Deadline => { path.point d=(format!("M{:.1} {:.1} v16 m0 -16 l9 4 l-9 4", x, y - 8.0)) {} }
        }
    }
}

fn in_words(row: &Row, now: DateTime<Utc>, zone: Tz) -> String {
    let at = row.points.iter().max().copied().or(row.bar.map(|(from, _)| from));
    let Some(at) = at else { return format!("{}.", row.words) };
    let far = moment::length(at - now);
    let far = if at > now { format!("in {far}") } else { format!("{far} ago") };
    let what = match row.lane {
        Lane::Deadline if row.overdue => "overdue since",
        Lane::Deadline => "due by",
        Lane::Order => "for",
        _ => "on",
    };
    format!("{}, {what} {}, {far}.", row.words, moment::with_zone(at, zone))
}

/// Words in lines that fit, at least one.
fn lines(words: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            word.clone_into(line);
        } else if line.chars().count() + 1 + word.chars().count() <= LINE {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

fn one(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-05-04T10:00:00Z".parse().unwrap()
    }

    fn deadline(hours: i64) -> Row {
        let at = now() + Duration::hours(hours);
        Row {
            lane: Lane::Deadline,
            words: "MRI of the whole spine within 24 hours, <urgent>".to_owned(),
            bar: Some((at.min(now()), at.max(now()))),
            points: vec![at],
            overdue: hours < 0,
        }
    }

    #[test]
    fn the_past_is_left_of_now_and_an_overdue_deadline_says_so() {
        let rows = [deadline(22), deadline(-3)];
        let axis = Axis::over(&rows, now(), &LAYOUTS[0]);
        assert!(axis.place(now() - Duration::days(4_000)) < axis.place(now() - Duration::days(1)));
        assert!(axis.place(now()) < axis.place(now() + Duration::hours(12)));
        let svg = draw(&rows, 0, now(), Tz::UTC).into_string();
        assert!(svg.contains("due by 5 May 2026 08:00 UTC, in 22 hours."), "{svg}");
        assert!(svg.contains("overdue since 4 May 2026 07:00 UTC, 3 hours ago."), "{svg}");
        assert!(svg.contains("deadline overdue") && svg.contains("&lt;urgent&gt;"));
    }

    #[test]
    fn long_words_take_another_line_and_nothing_is_cut() {
        let words = "MRI of the whole spine by today 20:30 instead of X-ray";
        assert_eq!(lines(words), ["MRI of the whole spine by today 20:30", "instead of X-ray"]);
        assert_eq!(lines("").len(), 1);
        let long = Row { words: words.to_owned(), ..deadline(22) };
        let svg = draw(&[long, deadline(22)], 0, now(), Tz::UTC).into_string();
        assert!(svg.contains("instead of X-ray</tspan>"), "{svg}");
    }

    #[test]
    fn marks_of_the_axis_do_not_touch() {
        for layout in &LAYOUTS {
            let axis = Axis::over(&[deadline(300)], now(), layout);
            let places: Vec<f64> = axis.marks().iter().map(|mark| mark.0).collect();
            assert!(places.len() > 3);
            for (i, a) in places.iter().enumerate() {
                assert!(places.iter().skip(i + 1).all(|b| (a - b).abs() >= APART));
            }
        }
    }
}
