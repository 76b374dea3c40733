//! Line plots as SVG.

use std::fmt::Write;

use crate::numbers::three_digits;

/// Points by name, in the order of the legend.
#[derive(Clone, Debug)]
pub(crate) struct Plot<'t> {
    pub(crate) title: &'t str,
    pub(crate) x: &'t str,
    pub(crate) y: &'t str,
    /// The vertical axis is logarithmic, as the horizontal one always is.
    pub(crate) log_y: bool,
    pub(crate) series: Vec<(String, Vec<(f64, f64)>)>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
/// Room for labels around the field: left, top, right, bottom.
const MARGIN: (f64, f64, f64, f64) = (70.0, 40.0, 150.0, 50.0);
/// Told apart also by those who do not see colours as most do.
const COLOURS: [&str; 5] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#666666"];

impl Plot<'_> {
    /// The whole file. Points that an axis cannot show are left out.
    pub(crate) fn svg(&self) -> String {
        let points = || self.series.iter().flat_map(|(_, points)| points).filter(|point| self.shows(point));
        let x = Axis::around(points().map(|point| point.0), true);
        let y = Axis::around(points().map(|point| point.1), self.log_y);
        let (left, top, right, bottom) = MARGIN;
        let at_x = |value| left + x.place(value) * (WIDTH - left - right);
        let at_y = |value| HEIGHT - bottom - y.place(value) * (HEIGHT - top - bottom);

        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
             font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        );
        text(&mut out, left, 22.0, "start", 15, self.title);
        text(&mut out, (left + WIDTH - right) / 2.0, HEIGHT - 10.0, "middle", 12, self.x);
        text(&mut out, 8.0, top - 4.0, "start", 12, self.y);
        for tick in x.ticks() {
            line(&mut out, (at_x(tick), top), (at_x(tick), HEIGHT - bottom));
            text(&mut out, at_x(tick), HEIGHT - bottom + 18.0, "middle", 12, &three_digits(tick));
        }
        for tick in y.ticks() {
            line(&mut out, (left, at_y(tick)), (WIDTH - right, at_y(tick)));
            text(&mut out, left - 6.0, at_y(tick) + 4.0, "end", 12, &three_digits(tick));
        }
        for (i, (name, points)) in self.series.iter().enumerate() {
            let colour = COLOURS.get(i % COLOURS.len()).copied().unwrap_or("black");
            let shown: Vec<(f64, f64)> =
                points.iter().filter(|point| self.shows(point)).map(|(a, b)| (at_x(*a), at_y(*b))).collect();
            let path: Vec<String> = shown.iter().map(|(a, b)| format!("{a:.1},{b:.1}")).collect();
            let _ = writeln!(
                out,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                path.join(" ")
            );
            for (a, b) in shown {
                let _ = writeln!(out, "<circle cx=\"{a:.1}\" cy=\"{b:.1}\" r=\"3.5\" fill=\"{colour}\"/>");
            }
            let row = top + 14.0 + 20.0 * i as f64;
            let _ = writeln!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"12\" height=\"12\" fill=\"{colour}\"/>",
                WIDTH - right + 12.0,
                row - 10.0
            );
            text(&mut out, WIDTH - right + 30.0, row, "start", 12, name);
        }
        out.push_str("</svg>\n");
        out
    }

    fn shows(&self, (x, y): &(f64, f64)) -> bool {
        *x > 0.0 && y.is_finite() && (!self.log_y || *y > 0.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Axis {
    from: f64,
    to: f64,
    log: bool,
}

impl Axis {
    /// A logarithmic axis ends at the values 1, 2 and 5 of a decade, a linear one begins at 0.
    fn around(values: impl Iterator<Item = f64> + Clone, log: bool) -> Self {
        let (min, max) = (values.clone().fold(f64::MAX, f64::min), values.fold(0.0, f64::max));
        if max <= 0.0 {
            return Self { from: if log { 1.0 } else { 0.0 }, to: 10.0, log };
        }
        let from = if log { steps(min).rev().find(|step| *step <= min).unwrap_or(min) } else { 0.0 };
        let to = steps(max).find(|step| *step >= max && *step > from).unwrap_or(max);
        Self { from, to, log }
    }

    /// From 0 at the beginning to 1 at the end.
    fn place(self, value: f64) -> f64 {
        let scale = |n: f64| if self.log { n.log10() } else { n };
        (scale(value) - scale(self.from)) / (scale(self.to) - scale(self.from))
    }

    fn ticks(self) -> Vec<f64> {
        if !self.log {
            return (0..=5).map(|i| self.to * f64::from(i) / 5.0).collect();
        }
        let mut ticks = Vec::new();
        let mut decade = self.from;
        while decade <= self.to * 1.001 && ticks.len() < 40 {
            for step in steps(decade) {
                if step >= self.from * 0.999 && step <= self.to * 1.001 && !ticks.iter().any(|tick| near(*tick, step)) {
                    ticks.push(step);
                }
            }
            decade *= 10.0;
        }
        ticks
    }
}

/// 1, 2 and 5 of the decade of `value` and the first of the next.
fn steps(value: f64) -> impl DoubleEndedIterator<Item = f64> {
    let decade = 10f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(move |n| n * decade)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= b.abs() * 1e-6
}

fn line(out: &mut String, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    let _ = writeln!(out, "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#dddddd\"/>");
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, size: u32, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"#222222\">{text}</text>"
    );
}

#[cfg(test)]
mod tests;
