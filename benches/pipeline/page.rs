//! The tables, as Markdown.

use std::fs;
use std::path::Path;

use crate::measure::Measure;

/// Every phase, one row for each size and distance.
pub(crate) fn life(measures: &[Measure]) -> String {
    let head = "| pipelines | round trip | phase | wall s | waiting for the emulator s | CPU s | peak MiB | calls | chain |\n\
                |--:|--:|---|--:|--:|--:|--:|--:|--:|\n";
    let row = |measure: &Measure| {
        let Measure { phase, pipelines, round_trip, times, calls } = measure;
        format!(
            "| {pipelines} | {} ms | {phase} | {:.2} | {:.2} | {:.2} | {} | {} | {} |\n",
            round_trip.as_millis(),
            times.wall.as_secs_f64(),
            measure.emulator().as_secs_f64(),
            times.cpu.as_secs_f64(),
            times.memory >> 20,
            calls.total(),
            calls.depth(),
        )
    };
    head.to_owned() + &measures.iter().map(row).collect::<String>()
}

/// The slowest published rate that a plan meets: 5 calls a second of Firehose and Kinesis, one call for each pipeline,
/// of which the first five go at once.
fn bound(pipelines: usize) -> f64 {
    pipelines.saturating_sub(5) as f64 / 5.0
}

/// Plans under AWS's rates, with the number of throttled calls.
pub(crate) fn rates(measures: &[(Measure, usize)]) -> String {
    let head = "| pipelines | wall s | set by the rates s | ratio | calls | throttled |\n|--:|--:|--:|--:|--:|--:|\n";
    let row = |(measure, throttled): &(Measure, usize)| {
        let (wall, bound) = (measure.times.wall.as_secs_f64(), bound(measure.pipelines));
        let ratio = if bound > 0.0 { format!("{:.2}", wall / bound) } else { "–".to_owned() };
        let (pipelines, calls) = (measure.pipelines, measure.calls.total());
        format!("| {pipelines} | {wall:.2} | {bound:.1} | {ratio} | {calls} | {throttled} |\n")
    };
    head.to_owned() + &measures.iter().map(row).collect::<String>()
}

/// What follows one another in AWS whatever asks for it, in seconds: a stream 15, its retention and its encryption 5
/// each, the delivery stream that reads it 30. The role's 8 pass meanwhile.
const FORCED: f64 = 15.0 + 5.0 + 5.0 + 30.0;

/// An apply with AWS's own times.
pub(crate) fn delays(measure: &Measure) -> String {
    let (wall, calls) = (measure.times.wall.as_secs_f64(), measure.calls.total());
    let chain = FORCED + 22.0 * measure.round_trip.as_secs_f64();
    format!(
        "| wall s | longest chain s | ratio | calls |\n|--:|--:|--:|--:|\n| {wall:.1} | {chain:.1} | {:.2} | {calls} |\n",
        wall / chain
    )
}

/// Puts the tables into a file of the folder.
pub(crate) fn write(folder: &Path, sections: &[String]) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("measured.md"), sections.join("\n")).unwrap();
}
