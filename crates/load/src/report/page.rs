//! The report as one page: the text, and charts. It loads nothing and runs nothing.

use super::{
    Point, Report,
    chart::{Chart, Series},
    text,
};

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1c2330; --paper: #fff; --faint: #5d6778; --grid: #e3e7ee; --s0: #1f5fbf; --s1: #b4540a; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf2; --paper: #12161e; --faint: #9aa5b8; --grid: #2a3240; --s0: #7db2ff; --s1: #f3a35c; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
pre { overflow-x: auto; font-size: 0.875rem; }
.charts { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); }
figure { margin: 0; }
figcaption { font-weight: 600; }
.unit { color: var(--faint); font-weight: 400; }
.key { margin-left: 1rem; font-weight: 400; white-space: nowrap; }
.key::before { content: ''; display: inline-block; width: 1rem; margin-right: 0.4rem; border-top: 3px solid currentColor; vertical-align: middle; }
.key.s0 { color: var(--s0); } .key.s1 { color: var(--s1); }
svg { width: 100%; height: auto; }
svg text { fill: var(--faint); font-size: 12px; }
.x { text-anchor: middle; } .y { text-anchor: end; }
.grid { stroke: var(--grid); }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.s0 { stroke: var(--s0); } .line.s1 { stroke: var(--s1); }
";

/// The name of a line, and its value at a point.
type Line = (&'static str, fn(&Point) -> Option<f64>);

/// The report as a page.
pub fn page(report: &Report) -> String {
    let over_time = |title, unit, lines: &[Line]| {
        let series = lines.iter().map(|(name, value)| {
            let points = report.over_time.iter();
            Series {
                name,
                points: points.map(|it| (it.second, value(it))).collect(),
            }
        });
        Chart {
            title,
            unit,
            x_label: "seconds since the beginning",
            series: series.collect(),
        }
        .render()
    };
    let joins = Chart {
        title: "From hello to first media",
        unit: "milliseconds",
        x_label: "percentage of joins that took no longer",
        series: vec![Series {
            name: "joins",
            points: report.joins.percentiles.clone(),
        }],
    };
    let charts = [
        over_time(
            "Delivery delay",
            "milliseconds",
            &[
                ("median", |it| it.delay_median),
                ("99th percentile", |it| it.delay_p99),
            ],
        ),
        over_time(
            "Loss",
            "% of packets",
            &[("loss", |it| Some(it.loss_percent))],
        ),
        over_time(
            "Received by all listeners",
            "Mbit/s",
            &[("received", |it| Some(it.bits_per_second / 1e6))],
        ),
        joins.render(),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>plenary-load</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>plenary-load</h1>\n<pre>{}</pre>\n\
         <div class=\"charts\">\n{}\n</div>\n</body>\n</html>\n",
        escaped(&text(report)),
        charts.join("\n")
    )
}

/// What the server and the command line say is no markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
