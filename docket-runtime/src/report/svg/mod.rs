//! A run as a picture: a line for each step, its bar on an axis of time, and what became of it.

mod axis;

use std::fmt::Write as _;
use std::time::Duration;

use super::gantt::short;
use super::segments::Doing;
use super::{RunTrace, StepTrace};
use crate::chart::text::{NAME, SMALL, cut, escape, width};

/// It names no element but those of this picture, which may stand inside of a page.
const STYLE: &str = include_str!("style.css");

const MARGIN: f64 = 24.0;
/// Between the ends of a band and what is written on it.
const INSET: f64 = 8.0;
const TOP: f64 = 76.0;
const ROW: f64 = 26.0;
const BAR: f64 = 12.0;
const CHART: f64 = 520.0;
/// More is not readable in a picture.
const MAX_ROWS: usize = 80;
const MAX_TOLD: usize = 56;

impl RunTrace {
    /// As a picture that stands alone: a browser shows it, by day and by night. Steps on the
    /// [critical path](RunTrace::critical_path) are set off. Of a large batch, the first 80 steps are drawn.
    pub fn to_svg(&self) -> String {
        let path = self.critical_path();
        let rows: Vec<&StepTrace> = self.steps.iter().take(MAX_ROWS).collect();
        let names = rows.iter().map(|it| width(&name(it), NAME));
        let left = (MARGIN + INSET + names.fold(0.0, f64::max) + 18.0).round();
        let told: Vec<String> = rows.iter().map(|it| self.told_of(it)).collect();
        let widths = told.iter().map(|it| width(it, SMALL));
        let right = left + CHART + 16.0;
        let legend_width = LEGEND
            .iter()
            .map(|it| width(it.2, SMALL) + 38.0)
            .sum::<f64>();
        let total = (right + widths.fold(0.0, f64::max) + INSET + MARGIN)
            .max(left + legend_width)
            .max(MARGIN * 2.0 + width(&self.title(), NAME))
            .round();
        let bottom = TOP + ROW * rows.len() as f64;
        let mut body = String::new();
        for i in 0..rows.len() {
            let y = TOP + ROW * i as f64;
            if i % 2 == 0 {
                let _ = writeln!(
                    body,
                    "<rect class=\"band\" x=\"{MARGIN}\" y=\"{y}\" width=\"{}\" height=\"{ROW}\"/>",
                    total - 2.0 * MARGIN
                );
            }
        }
        for at in axis::ticks(self.took) {
            let x = self.x(at, left);
            let _ = writeln!(
                body,
                "<path class=\"grid\" d=\"M{x} {}V{bottom}\"/>\n<text class=\"axis\" x=\"{x}\" y=\"{}\">{}</text>",
                TOP - 4.0,
                TOP - 10.0,
                short(at)
            );
        }
        for (i, step) in rows.iter().enumerate() {
            let y = TOP + ROW * i as f64;
            let is_critical = path.iter().any(|it| std::ptr::eq(it.step, *step));
            self.row(step, is_critical, y, left, &mut body);
            let class = class(step);
            let _ = writeln!(
                body,
                "<text class=\"{class}\" x=\"{right}\" y=\"{}\">{}</text>\n</g>",
                y + 17.0,
                escape(&told[i])
            );
        }
        let n_more = self.steps.len() - rows.len() + self.left_out;
        if n_more > 0 {
            let _ = writeln!(
                body,
                "<text x=\"{MARGIN}\" y=\"{}\">and {n_more} more steps</text>",
                bottom + 16.0
            );
        }
        let legend = legend(left, bottom + 24.0);
        let height = (bottom + 24.0 + MARGIN).round();
        let title = escape(&self.title());
        format!(
            "<svg class=\"docket-run\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {total} {height}\" width=\"{total}\" \
             height=\"{height}\" role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n\
             <rect class=\"paper\" width=\"{total}\" height=\"{height}\"/>\n<text class=\"title\" x=\"{MARGIN}\" \
             y=\"36\">{title}</text>\n{body}{legend}</svg>\n"
        )
    }

    fn title(&self) -> String {
        let outcome = self.outcome.as_ref().map_or("under way", |it| it.name);
        format!(
            "{} {} {outcome} in {}",
            self.entry,
            self.execution_id,
            short(self.took)
        )
    }

    /// The name and the bar; the group is left open for what is said of it.
    fn row(&self, step: &StepTrace, is_critical: bool, y: f64, left: f64, body: &mut String) {
        let class = if is_critical { "step critical" } else { "step" };
        let end = self.end_of(step);
        let tip = escape(&format!(
            "{}: {}\nfrom {} to {}, {}",
            name(step),
            step.told(),
            short(step.start),
            short(end),
            short(end - step.start)
        ));
        let _ = writeln!(
            body,
            "<g class=\"{class}\">\n<title>{tip}</title>\n<text class=\"name\" x=\"{}\" y=\"{}\">{}</text>",
            MARGIN + INSET,
            y + 17.5,
            escape(&name(step))
        );
        if step.is_skipped() {
            return;
        }
        let top = y + (ROW - BAR) / 2.0;
        let segments = self.segments(step);
        if segments.is_empty() {
            let x = self.x(step.start, left);
            let _ = writeln!(body, "<path class=\"point\" d=\"M{x} {top}v{BAR}\"/>");
        }
        for segment in segments {
            let (class, inset) = match segment.doing {
                Doing::Runs => ("runs", 0.0),
                Doing::Fails => ("fails", 0.0),
                Doing::Delays | Doing::Waits => ("waits", 4.0),
            };
            let (from, to) = (self.x(segment.start, left), self.x(segment.end, left));
            // What took next to no time is still to be seen.
            let w = (((to - from) * 10.0).round() / 10.0).max(1.5);
            let _ = writeln!(
                body,
                "<rect class=\"{class}\" x=\"{from}\" y=\"{}\" width=\"{w}\" height=\"{}\"/>",
                top + inset,
                BAR - 2.0 * inset
            );
        }
    }

    /// How long it took, and what became of it.
    fn told_of(&self, step: &StepTrace) -> String {
        let mut told = step.told();
        if !step.is_skipped() {
            told = format!("{} {told}", short(self.end_of(step) - step.start));
        }
        cut(&told, MAX_TOLD)
    }

    fn x(&self, time: Duration, left: f64) -> f64 {
        let whole = self.took.as_secs_f64();
        let part = if whole > 0.0 {
            (time.as_secs_f64() / whole).min(1.0)
        } else {
            0.0
        };
        ((left + CHART * part) * 10.0).round() / 10.0
    }
}

fn name(step: &StepTrace) -> String {
    match step.item {
        Some(item) => format!("{}[{item}]", step.step),
        None => step.step.to_owned(),
    }
}

fn class(step: &StepTrace) -> &'static str {
    match step.outcome.as_ref().map(|it| it.name) {
        Some("hit" | "stale" | "joined" | "reconciled") => "stored",
        Some(_) if !step.is_made() => "bad",
        _ => "told",
    }
}

/// Below the picture: what its colours mean.
const LEGEND: [(&str, &str, &str); 4] = [
    ("step", "runs", "runs"),
    ("step critical", "runs", "runs, on the critical path"),
    ("step", "fails", "fails"),
    ("step", "waits", "waits"),
];

fn legend(x: f64, y: f64) -> String {
    let mut out = String::new();
    let mut x = x;
    for (group, class, meaning) in LEGEND {
        let text = x + 20.0;
        let (top, base) = (y - 9.0, y + 1.0);
        let _ = writeln!(
            out,
            "<g class=\"{group}\"><rect class=\"{class}\" x=\"{x}\" y=\"{top}\" width=\"14\" height=\"{BAR}\"/></g>\n\
             <text x=\"{text}\" y=\"{base}\">{meaning}</text>"
        );
        x = (text + width(meaning, SMALL) + 18.0).round();
    }
    out
}
