//! The plots, as SVG: wall time over the number of pipelines, a line for each distance.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use plotters::prelude::*;

use crate::measure::{Measure, What};

/// One colour for each distance; told apart without red and green.
const COLOURS: [RGBColor; 4] = [RGBColor(0, 114, 178), RGBColor(230, 159, 0), RGBColor(86, 60, 92), RGBColor(0, 0, 0)];
const SIZE: (u32, u32) = (640, 360);

/// Draws a file for each phase that grows with size.
pub(crate) fn write(folder: &Path, measures: &[Measure]) {
    let life = || measures.iter().filter(|measure| measure.what == What::Life);
    let phases: BTreeSet<&str> = life().map(|measure| measure.phase.as_str()).collect();
    for phase in phases {
        let of_phase: Vec<&Measure> = life().filter(|measure| measure.phase == phase).collect();
        let name: String = phase.chars().filter(|c| *c != ',').map(|c| if c == ' ' { '-' } else { c }).collect();
        draw(&folder.join(format!("{name}.svg")), phase, &of_phase).unwrap();
    }
}

fn draw(file: &Path, phase: &str, measures: &[&Measure]) -> Result<(), Box<dyn std::error::Error>> {
    let wall = |measure: &Measure| measure.times.wall;
    let most = measures.iter().map(|measure| measure.pipelines).max().unwrap_or_default() as f64;
    let longest = measures.iter().map(|measure| wall(measure)).fold(0.0, f64::max);
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(phase, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..most * 1.02, 0.0..longest * 1.1)?;
    chart.configure_mesh().x_desc("pipelines").y_desc("wall time in seconds").light_line_style(TRANSPARENT).draw()?;
    let mut lines: BTreeMap<u64, Vec<(f64, f64)>> = BTreeMap::new();
    for measure in measures {
        lines.entry(measure.round_trip).or_default().push((measure.pipelines as f64, wall(measure)));
    }
    for ((round_trip, points), colour) in lines.into_iter().zip(COLOURS.iter().cycle()) {
        let style = colour.stroke_width(2);
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, colour.filled())))?;
        chart
            .draw_series(LineSeries::new(points, style))?
            .label(format!("{round_trip} ms"))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
    }
    chart.configure_series_labels().position(SeriesLabelPosition::UpperLeft).border_style(BLACK).draw()?;
    area.present()?;
    Ok(())
}
