//! A picture: for each way to wait one panel, in it one line for each shape, on it one dot for each library.

use std::fmt::Write as _;

use docket_benches_common::Mode;

use super::{Cell, time};
use crate::contenders::LIBRARIES;

const STYLE: &str = include_str!("style.css");

const LEFT: f64 = 130.0;
const RIGHT: f64 = 860.0;
const MARGIN: f64 = 24.0;
const ROW: f64 = 24.0;
const HEAD: f64 = 58.0;
const FOOT: f64 = 34.0;

pub(crate) fn svg(cells: &[Cell]) -> String {
    let times = || {
        cells
            .iter()
            .flat_map(|cell| cell.lines.iter().map(|line| line.time))
    };
    let scale = Scale {
        first: times().fold(f64::INFINITY, f64::min).log10().floor(),
        last: times().fold(1.0, f64::max).log10().ceil(),
    };
    let mut body = String::new();
    let mut y = legend(&mut body);
    for mode in Mode::ALL {
        let of_mode: Vec<&Cell> = cells.iter().filter(|cell| cell.mode == mode).collect();
        y = panel(&mut body, y, mode, &of_mode, &scale);
    }
    let (width, height) = (RIGHT + MARGIN, y);
    format!(
        "<svg class=\"compare\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-label=\"Time of one execution of each shape by each library\">\n\
         <title>Time of one execution</title>\n<style>\n{STYLE}</style>\n<rect class=\"paper\" width=\"{width}\" \
         height=\"{height}\"/>\n{body}</svg>\n"
    )
}

/// A logarithmic one, from one power of ten of nanoseconds to another.
struct Scale {
    first: f64,
    last: f64,
}

impl Scale {
    fn x(&self, nanos: f64) -> f64 {
        let place = (nanos.log10() - self.first) / (self.last - self.first);
        LEFT + place * (RIGHT - LEFT)
    }
}

/// The dots and whose they are; gives where the panels begin.
fn legend(body: &mut String) -> f64 {
    let mut x = MARGIN;
    for (i, (_, title)) in LIBRARIES.iter().enumerate() {
        let title = title.replace('`', "");
        let (dot, text) = (x + 5.0, x + 14.0);
        let _ = writeln!(
            body,
            "<circle class=\"dot-{i}\" cx=\"{dot}\" cy=\"26\" r=\"5\"/><text x=\"{text}\" y=\"30\">{title}</text>"
        );
        x = text + 7.2 * title.len() as f64 + 14.0;
    }
    44.0
}

fn panel(body: &mut String, top: f64, mode: Mode, cells: &[&Cell], scale: &Scale) -> f64 {
    let _ = writeln!(
        body,
        "<text class=\"title\" x=\"{MARGIN}\" y=\"{}\">{}</text>",
        top + 24.0,
        mode.title()
    );
    let bottom = top + HEAD + ROW * cells.len() as f64;
    for power in scale.first as i32..=scale.last as i32 {
        let nanos = 10f64.powi(power);
        let x = scale.x(nanos).round();
        let _ = writeln!(
            body,
            "<path class=\"grid\" d=\"M{x} {}V{}\"/><text class=\"tick\" x=\"{x}\" y=\"{}\">{}</text>",
            top + HEAD - 16.0,
            bottom - 8.0,
            bottom + 8.0,
            time(nanos)
        );
    }
    for (i, cell) in cells.iter().enumerate() {
        let y = top + HEAD + ROW * i as f64;
        let _ = writeln!(
            body,
            "<text x=\"{MARGIN}\" y=\"{}\">{}</text><path class=\"grid\" d=\"M{LEFT} {y}H{RIGHT}\"/>",
            y + 4.0,
            cell.title
        );
        // Those that matter most are drawn last.
        for (number, (library, title)) in LIBRARIES.iter().enumerate().rev() {
            if let Some(line) = cell.of(library) {
                let _ = writeln!(
                    body,
                    "<circle class=\"dot-{number}\" cx=\"{:.1}\" cy=\"{y}\" r=\"5\"><title>{}: {}</title></circle>",
                    scale.x(line.time),
                    title.replace('`', ""),
                    time(line.time)
                );
            }
        }
    }
    bottom + FOOT
}
