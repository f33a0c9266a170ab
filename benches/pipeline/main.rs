//! The whole command against emulators, at several sizes and distances: what `docs/performance.md` shows.
//!
//! `cargo bench --bench pipeline -- --help` says how to choose what is run.

// Clippy's leave for tests does not reach a benchmark; what goes wrong here should stop it. Plots take floating point.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, clippy::cast_precision_loss)]

mod measure;
mod page;
mod peer;
mod plot;
mod scene;
#[path = "../../tests/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests use the rest of it")]
mod support;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum as _};

use measure::{LAUNCH, Measure, What, launch};
use scene::Scene;
use support::proxy::Realism;

/// Measures pipectl against emulators behind a proxy that adds delays
#[derive(Parser)]
struct Args {
    /// What to measure; without any, everything
    #[arg(value_enum)]
    what: Vec<What>,
    /// How many pipelines
    #[arg(long, value_delimiter = ',', default_value = "1,10,50,200")]
    pipelines: Vec<usize>,
    /// Round trips, in milliseconds
    #[arg(long, value_delimiter = ',', default_value = "0,50,100")]
    round_trips: Vec<u64>,
    /// Apply and destroy at the first round trip only; plan at all of them
    #[arg(long)]
    once: bool,
    /// How much is in the bucket that is emptied: versions and delete markers
    #[arg(long, default_value_t = 100_000)]
    versions: usize,
    /// The pipectl to measure, instead of the one that is built for this
    #[arg(long, value_name = "FILE")]
    pipectl: Option<PathBuf>,
    /// Add the measures to those in this folder, and draw tables and plots of them all
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// The distance of what is measured at one only: that of another region of the same continent.
const DISTANCE: Duration = Duration::from_millis(50);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if let [_, first, program, arguments @ ..] = &words[..]
        && first == LAUNCH
    {
        return launch(program, arguments);
    }
    let args = Args::parse();
    let chosen = if args.what.is_empty() { What::value_variants() } else { &args.what };
    let measures: Vec<Measure> = chosen.iter().flat_map(|what| of(*what, &args)).collect();
    match &args.out {
        Some(folder) => {
            let all = page::add(folder, measures);
            plot::write(folder, &all);
        }
        None => println!("{}", page::tables(&measures)),
    }
    ExitCode::SUCCESS
}

fn of(what: What, args: &Args) -> Vec<Measure> {
    let sizes = args.pipelines.iter().copied();
    match what {
        What::Life => sizes.flat_map(|pipelines| lives(pipelines, args)).collect(),
        What::Rates => sizes.flat_map(|pipelines| under_rates(pipelines, args)).collect(),
        What::Delays => vec![with_delays(args)],
        What::Emptying => vec![emptying(args)],
        What::Examples => EXAMPLES.into_iter().flat_map(|(name, stream)| example(name, stream, args)).collect(),
        What::Beside => peer::beside(args.pipectl.clone(), DISTANCE),
    }
}

/// Everything that is done to an environment, in order, at each distance.
fn lives(pipelines: usize, args: &Args) -> Vec<Measure> {
    let round_trips: Vec<Duration> = args.round_trips.iter().copied().map(Duration::from_millis).collect();
    if args.once {
        return life(pipelines, &round_trips, args);
    }
    round_trips.iter().flat_map(|round_trip| life(pipelines, &[*round_trip], args)).collect()
}

/// One life, in which every plan is made at each distance, and what changes something at the first.
fn life(pipelines: usize, round_trips: &[Duration], args: &Args) -> Vec<Measure> {
    let mut scene = Scene::new(What::Life, pipelines, args.pipectl.clone());
    let mut measures = Vec::new();
    let mut at_each = |scene: &mut Scene, phase, arguments: &[&str]| {
        for round_trip in round_trips {
            scene.delay(*round_trip);
            measures.push(scene.run(phase, arguments));
        }
        scene.delay(round_trips[0]);
    };
    at_each(&mut scene, "validate", &["validate"]);
    at_each(&mut scene, "first plan", &["plan"]);
    let apply = scene.run("apply", &["apply", "plan.json"]);
    at_each(&mut scene, "plan, nothing changed", &["plan"]);
    scene.drift();
    at_each(&mut scene, "plan, three changes by hand", &["plan"]);
    let destroy = scene.run("destroy", &["destroy", "--auto-approve", "--empty-buckets"]);
    measures.extend([apply, destroy]);
    measures
}

/// Plans with nothing to do whose reads are answered at once, so that only pipectl and the rates take time: without any
/// rates, and with AWS's.
fn under_rates(pipelines: usize, args: &Args) -> [Measure; 2] {
    let mut scene = Scene::new(What::Rates, pipelines, args.pipectl.clone());
    scene.run("apply", &["apply", "--auto-approve"]);
    scene.proxy.replay();
    scene.run("recorded", &["plan"]);
    scene.delay(DISTANCE);
    let free = scene.run("no rates", &["plan", "--detailed-exitcode"]);
    scene.proxy.realism(Realism { rates: true, ..Realism::default() });
    let scene = scene.at_rate("1");
    [free, scene.run(page::RATED, &["plan", "--detailed-exitcode"])]
}

/// One pipeline where everything takes as long as in AWS.
fn with_delays(args: &Args) -> Measure {
    let mut scene = Scene::new(What::Delays, 1, args.pipectl.clone()).at_rate("1");
    scene.run("plan", &["plan"]);
    scene.delay(DISTANCE);
    scene.proxy.realism(Realism { stale: Duration::ZERO, ..Realism::AWS });
    scene.run("apply", &["apply", "plan.json"])
}

/// The examples, and the names of their streams in AWS.
const EXAMPLES: [(&str, &str); 2] =
    [("examples/analytics", "acme-analytics-dev-clicks"), ("examples/ecommerce", "acme-shop-dev-events")];

/// Everything that is done to an example's environment, in order.
fn example(folder: &'static str, stream: &str, args: &Args) -> Vec<Measure> {
    let mut scene = Scene::of_example(folder, args.pipectl.clone());
    scene.delay(DISTANCE);
    let phase = |phase: &str| format!("{}: {phase}", folder.trim_start_matches("examples/"));
    let mut measures = vec![
        scene.run(&phase("validate"), &["validate"]),
        scene.run(&phase("first plan"), &["plan"]),
        scene.run(&phase("apply"), &["apply", "plan.json"]),
        scene.run(&phase("plan, nothing changed"), &["plan"]),
    ];
    scene.keep_longer(stream);
    measures.push(scene.run(&phase("plan, a stream changed by hand"), &["plan"]));
    measures.push(scene.run(&phase("destroy"), &["destroy", "--auto-approve", "--empty-buckets"]));
    measures
}

/// The destruction of one pipeline whose bucket is full; S3 itself takes no time here.
fn emptying(args: &Args) -> Measure {
    let mut scene = Scene::new(What::Emptying, 1, args.pipectl.clone());
    scene.run("apply", &["apply", "--auto-approve"]);
    scene.delay(DISTANCE);
    scene.proxy.crowd(args.versions, 100);
    let phase = format!("{} versions and delete markers, 100 uploads", args.versions);
    scene.run(&phase, &["destroy", "--auto-approve", "--empty-buckets"])
}
