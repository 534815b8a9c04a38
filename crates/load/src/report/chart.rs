//! A line chart as inline SVG, without a script.

use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 40.0;
/// Lines of the grid at most.
const TICKS: f64 = 5.0;

/// A line of a chart; where a value is missing it is broken.
pub struct Series<'a> {
    pub name: &'a str,
    pub points: Vec<(f64, Option<f64>)>,
}

pub struct Chart<'a> {
    pub title: &'a str,
    pub x_label: &'a str,
    pub unit: &'a str,
    pub series: Vec<Series<'a>>,
}

/// One axis: from zero to a round number above the largest value, in round steps.
struct Axis {
    end: f64,
    step: f64,
}

impl Axis {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let largest = values.fold(0.0_f64, f64::max);
        let largest = if largest > 0.0 { largest } else { 1.0 };
        let rough = largest / TICKS;
        let magnitude = 10_f64.powf(rough.log10().floor());
        let factors = [1.0, 2.0, 5.0, 10.0];
        let factor = factors.iter().find(|it| **it * magnitude >= rough * 0.999);
        let step = factor.unwrap_or(&10.0) * magnitude;
        Self {
            end: (largest / step * 0.999).ceil() * step,
            step,
        }
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let count = (self.end / self.step).round();
        (0..=20_u8)
            .map(f64::from)
            .take_while(move |at| *at <= count)
            .map(|at| at * self.step)
    }

    /// As many digits as tell two ticks apart.
    fn label(&self, value: f64) -> String {
        let digits = if self.step >= 1.0 {
            0
        } else if self.step >= 0.1 {
            1
        } else {
            2
        };
        format!("{value:.digits$}")
    }
}

impl Chart<'_> {
    /// The chart as a figure with its legend.
    pub fn render(&self) -> String {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let x_axis = Axis::of(points().map(|(x, _)| *x));
        let y_axis = Axis::of(points().filter_map(|(_, y)| *y));
        let x = |value: f64| LEFT + value / x_axis.end * (WIDTH - LEFT - RIGHT);
        let y = |value: f64| HEIGHT - BOTTOM - value / y_axis.end * (HEIGHT - TOP - BOTTOM);
        let mut out = format!(
            "<figure><figcaption>{} <span class=\"unit\">{}</span>{}</figcaption>\
             <svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
            self.title,
            self.unit,
            self.legend(),
            self.title
        );
        for tick in y_axis.ticks() {
            let (at, end) = (y(tick), WIDTH - RIGHT);
            add(
                &mut out,
                &format!(
                    "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{end}\" y2=\"{at:.1}\"/>\
                     <text class=\"y\" x=\"{}\" y=\"{:.1}\">{}</text>",
                    LEFT - 8.0,
                    at + 4.0,
                    y_axis.label(tick)
                ),
            );
        }
        for tick in x_axis.ticks() {
            let at = HEIGHT - BOTTOM + 16.0;
            add(
                &mut out,
                &format!(
                    "<text class=\"x\" x=\"{:.1}\" y=\"{at}\">{}</text>",
                    x(tick),
                    x_axis.label(tick)
                ),
            );
        }
        add(
            &mut out,
            &format!(
                "<text class=\"x\" x=\"{}\" y=\"{}\">{}</text>",
                f64::midpoint(LEFT, WIDTH - RIGHT),
                HEIGHT - 6.0,
                self.x_label
            ),
        );
        for (number, series) in self.series.iter().enumerate() {
            let mut path = String::new();
            let mut pen = 'M';
            for (at, value) in &series.points {
                let Some(value) = value else {
                    pen = 'M';
                    continue;
                };
                add(&mut path, &format!("{pen}{:.1} {:.1}", x(*at), y(*value)));
                pen = 'L';
            }
            add(
                &mut out,
                &format!("<path class=\"line s{number}\" d=\"{path}\"/>"),
            );
        }
        out += "</svg></figure>";
        out
    }

    fn legend(&self) -> String {
        if self.series.len() < 2 {
            return String::new();
        }
        let entries = self.series.iter().enumerate().map(|(number, series)| {
            format!("<span class=\"key s{number}\">{}</span>", series.name)
        });
        entries.collect()
    }
}

fn add(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = out.write_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_round_number_and_has_round_steps() {
        for (largest, end, step) in [(7.3, 8.0, 2.0), (100.0, 100.0, 20.0), (0.04, 0.04, 0.01)] {
            let axis = Axis::of([largest].into_iter());
            assert!((axis.end - end).abs() < 1e-9, "{largest}: {}", axis.end);
            assert!((axis.step - step).abs() < 1e-9, "{largest}: {}", axis.step);
        }
        assert!(Axis::of(std::iter::empty()).end > 0.0);
    }

    #[test]
    fn a_line_is_broken_where_a_value_is_missing() {
        let chart = Chart {
            title: "Delay",
            x_label: "seconds",
            unit: "ms",
            series: vec![Series {
                name: "median",
                points: vec![(0.0, Some(1.0)), (1.0, None), (2.0, Some(2.0))],
            }],
        };
        let svg = chart.render();
        let path = svg.split("d=\"").nth(1).unwrap();
        let path = path.split('"').next().unwrap();
        assert_eq!(path.matches('M').count(), 2);
        assert_eq!(path.matches('L').count(), 0);
    }
}
