//! The measures as a file, and as tables in Markdown.

use std::fs;
use std::path::Path;

use crate::measure::{Measure, What};

/// The phase that is held to AWS's rates.
pub(crate) const RATED: &str = "AWS's rates";

/// Adds the measures to those that the folder has; those of the same make way. Returns all of them, in order.
pub(crate) fn add(folder: &Path, measures: Vec<Measure>) -> Vec<Measure> {
    let file = folder.join("measured.json");
    let mut all: Vec<Measure> =
        fs::read(&file).map_or_else(|_| Vec::new(), |old| serde_json::from_slice(&old).unwrap());
    all.retain(|old| measures.iter().all(|new| new.key() != old.key()));
    all.extend(measures);
    all.sort_by_key(|measure| {
        let Measure { what, program, phase, pipelines, round_trip, .. } = measure;
        let (example, phase) = phase.split_once(": ").unwrap_or(("", phase));
        let example = example.to_owned();
        (*what, *pipelines, *round_trip, example, place(phase), phase.to_owned(), program.clone())
    });
    fs::create_dir_all(folder).unwrap();
    let lines: Vec<String> = all.iter().map(|measure| serde_json::to_string(measure).unwrap()).collect();
    fs::write(file, format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
    fs::write(folder.join("measured.md"), tables(&all)).unwrap();
    all
}

/// Where a phase comes in an environment's life.
fn place(phase: &str) -> Option<usize> {
    [
        "init",
        "validate",
        "first plan",
        "apply",
        "plan, nothing changed",
        "plan, three changes by hand",
        "plan, a stream changed by hand",
        "destroy",
    ]
    .iter()
    .position(|known| *known == phase)
}

/// A section for each of what was measured.
pub(crate) fn tables(measures: &[Measure]) -> String {
    let section = |what, title: &str, table: fn(&[&Measure]) -> String| {
        let of: Vec<&Measure> = measures.iter().filter(|measure| measure.what == what).collect();
        if of.is_empty() { String::new() } else { format!("## {title}\n\n{}\n", table(&of)) }
    };
    let text = [
        section(What::Life, "Every phase", life),
        section(What::Rates, "An unchanged plan, its reads answered at once, 50 ms a call", rates),
        section(What::Delays, "An apply as slow as AWS, 50 ms a call", delays),
        section(What::Examples, "The examples, 50 ms a call", examples),
        section(What::Emptying, "Emptying a bucket, 50 ms a call", emptying),
        section(What::Beside, "Beside Terraform, one pipeline on moto, 50 ms a call", beside),
    ];
    format!("# Measured\n\nWritten by `cargo bench --bench pipeline -- --out docs/performance`.\n\n{}", text.concat())
}

fn table(head: &[&str], left: usize, rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let rule = (0..head.len()).map(|column| if column == left { "---" } else { "--:" }.to_owned()).collect();
    let head = head.iter().map(|&cell| cell.to_owned()).collect();
    [line(head), line(rule)].into_iter().chain(rows.map(line)).collect()
}

fn life(measures: &[&Measure]) -> String {
    let head =
        ["pipelines", "round trip ms", "phase", "wall s", "emulator s", "CPU s", "peak MiB", "calls", "chain", "load"];
    let row = |measure: &&Measure| {
        let Measure { phase, pipelines, round_trip, times, emulator, calls, chain, load, .. } = measure;
        let times = [
            format!("{:.2}", times.wall),
            format!("{emulator:.2}"),
            format!("{:.2}", times.cpu),
            times.memory.to_string(),
        ];
        let head = vec![pipelines.to_string(), round_trip.to_string(), phase.clone()];
        [head, times.to_vec(), vec![calls.to_string(), chain.to_string(), format!("{load:.0}")]].concat()
    };
    table(&head, 2, measures.iter().map(row))
}

fn examples(measures: &[&Measure]) -> String {
    let head = ["example and phase", "wall s", "emulator s", "CPU s", "peak MiB", "calls", "chain", "load"];
    let row = |measure: &&Measure| {
        let Measure { phase, times, emulator, calls, chain, load, .. } = measure;
        vec![
            phase.clone(),
            format!("{:.2}", times.wall),
            format!("{emulator:.2}"),
            format!("{:.2}", times.cpu),
            times.memory.to_string(),
            calls.to_string(),
            chain.to_string(),
            format!("{load:.0}"),
        ]
    };
    table(&head, 0, measures.iter().map(row))
}

/// Seconds that the slowest published rate of a plan allows: 5 calls a second of Firehose and Kinesis, one call for each
/// pipeline, of which the first five go at once; and the two round trips.
fn bound(measure: &Measure) -> Option<f64> {
    let turns = measure.pipelines.saturating_sub(5) as f64 / 5.0;
    (measure.phase == RATED).then(|| turns + 2.0 * measure.round_trip as f64 / 1000.0)
}

fn rates(measures: &[&Measure]) -> String {
    let head = ["pipelines", "with", "wall s", "bound s", "ratio", "CPU s", "peak MiB", "calls", "throttled", "load"];
    let row = |measure: &&Measure| {
        let (wall, bound) = (measure.times.wall, bound(measure));
        let or_none =
            |number: Option<f64>, digits| number.map_or("–".to_owned(), |number| format!("{number:.digits$}"));
        vec![
            measure.pipelines.to_string(),
            measure.phase.clone(),
            format!("{wall:.2}"),
            or_none(bound, 1),
            or_none(bound.map(|bound| wall / bound), 2),
            format!("{:.2}", measure.times.cpu),
            measure.times.memory.to_string(),
            measure.calls.to_string(),
            measure.throttled.to_string(),
            format!("{:.0}", measure.load),
        ]
    };
    table(&head, 1, measures.iter().map(row))
}

/// What follows one another in AWS whatever asks for it, in seconds: a stream 15, its retention and its encryption 5
/// each, the delivery stream that reads it 30. The role's 8 pass meanwhile.
const FORCED: f64 = 15.0 + 5.0 + 5.0 + 30.0;
/// Calls that follow one another besides.
const CALLS: f64 = 22.0;

fn delays(measures: &[&Measure]) -> String {
    let head = ["wall s", "longest chain s", "ratio", "calls", "load"];
    let row = |measure: &&Measure| {
        let chain = FORCED + CALLS * measure.round_trip as f64 / 1000.0;
        let wall = measure.times.wall;
        let ratio = format!("{:.2}", wall / chain);
        vec![
            format!("{wall:.1}"),
            format!("{chain:.1}"),
            ratio,
            measure.calls.to_string(),
            format!("{:.0}", measure.load),
        ]
    };
    table(&head, head.len(), measures.iter().map(row))
}

fn emptying(measures: &[&Measure]) -> String {
    let head = ["in the bucket", "wall s", "CPU s", "peak MiB", "calls", "load"];
    let row = |measure: &&Measure| {
        let times = &measure.times;
        vec![
            measure.phase.clone(),
            format!("{:.1}", times.wall),
            format!("{:.2}", times.cpu),
            times.memory.to_string(),
            measure.calls.to_string(),
            format!("{:.0}", measure.load),
        ]
    };
    table(&head, 0, measures.iter().map(row))
}

fn beside(measures: &[&Measure]) -> String {
    let head = ["phase", "program", "wall s", "CPU s", "MiB", "calls", "chain", "load"];
    let row = |measure: &&Measure| {
        let times = &measure.times;
        vec![
            measure.phase.clone(),
            measure.program.clone(),
            format!("{:.2}", times.wall),
            format!("{:.3}", times.cpu),
            times.memory.to_string(),
            measure.calls.to_string(),
            measure.chain.to_string(),
            format!("{:.0}", measure.load),
        ]
    };
    table(&head, 0, measures.iter().map(row))
}
