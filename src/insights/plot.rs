//! The acceptance of each recommendation with its interval, as one SVG picture: a dot, a line, a scale from 0 to 100 %.
//!
//! It shows nothing that the table does not say, and takes its colours from the page, so that it prints and darkens with
//! it.

use super::Line;
use super::page::told;
use crate::guideline::page::escape;
use std::fmt::Write;

const ROW: usize = 26;
const TOP: usize = 30;
/// Where 0 % is; the names stand before it.
const LEFT: f64 = 330.0;
/// From 0 to 100 %.
const SCALE: f64 = 400.0;

pub(super) fn plot(out: &mut String, lines: &[Line]) -> std::fmt::Result {
    let drawn: Vec<_> = lines.iter().filter_map(|line| Some((line, told(line)?))).collect();
    let bottom = TOP + drawn.len() * ROW;
    writeln!(
        out,
        "<svg viewBox=\"0 0 760 {}\" role=\"img\" aria-labelledby=\"plot-title\">\n<title id=\"plot-title\">Acceptance by \
         recommendation and version, with 95 % intervals; the table has the same numbers</title>",
        bottom + 10
    )?;
    for percent in [0, 25, 50, 75, 100] {
        let x = at(f64::from(percent) / 100.0);
        writeln!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{bottom}\"/>\
             <text x=\"{x:.1}\" y=\"20\" text-anchor=\"middle\">{percent} %</text>"
        )?;
    }
    for (row, (line, acceptance)) in drawn.iter().enumerate() {
        let y = TOP + row * ROW + ROW / 2;
        writeln!(
            out,
            "<text x=\"{:.0}\" y=\"{}\" text-anchor=\"end\">{} {}</text>\
             <line class=\"interval\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y}\" y2=\"{y}\"/>\
             <circle cx=\"{:.1}\" cy=\"{y}\" r=\"4\"/>",
            LEFT - 15.0,
            y + 4,
            escape(&line.recommendation),
            escape(&line.version),
            at(acceptance.low),
            at(acceptance.high),
            at(acceptance.rate)
        )?;
    }
    writeln!(out, "</svg>")
}

fn at(proportion: f64) -> f64 {
    SCALE.mul_add(proportion, LEFT)
}
