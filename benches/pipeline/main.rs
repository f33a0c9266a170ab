//! The whole command against MiniStack, at several sizes and distances: what `docs/performance.md` shows.
//!
//! `cargo bench --bench pipeline -- --help` says how to choose what is run.

// Clippy's leave for tests does not reach a benchmark; what goes wrong here should stop it. Plots take floating point.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, clippy::cast_precision_loss)]

mod measure;
mod page;
mod plot;
mod scene;
#[path = "../../tests/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests use the rest of it")]
mod support;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use measure::Measure;
use scene::Scene;

/// Measures pipectl against MiniStack behind a proxy that adds delays
#[derive(Parser)]
struct Args {
    /// How many pipelines
    #[arg(long, value_delimiter = ',', default_value = "1,10,50,200")]
    pipelines: Vec<usize>,
    /// Round trips, in milliseconds
    #[arg(long, value_delimiter = ',', default_value = "0,50,100")]
    round_trips: Vec<u64>,
    /// Also: plan while calls beyond AWS's published rates are throttled
    #[arg(long)]
    rates: bool,
    /// Also: apply where streams, delivery streams and roles take as long as in AWS
    #[arg(long)]
    delays: bool,
    /// Write tables and plots here instead of only printing the tables
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let args = Args::parse();
    let mut measures = Vec::new();
    for pipelines in &args.pipelines {
        for round_trip in args.round_trips.iter().copied().map(Duration::from_millis) {
            eprintln!("{pipelines} pipelines, {} ms", round_trip.as_millis());
            measures.extend(life(*pipelines, round_trip));
        }
    }
    let mut sections = vec![page::life(&measures)];
    if args.rates {
        sections.push(page::rates(&args.pipelines.iter().map(|pipelines| under_rates(*pipelines)).collect::<Vec<_>>()));
    }
    if args.delays {
        sections.push(page::delays(&with_delays()));
    }
    for section in &sections {
        println!("{section}");
    }
    if let Some(folder) = args.out {
        page::write(&folder, &sections);
        plot::write(&folder, &measures);
    }
}

/// Everything that is done to an environment, in order.
fn life(pipelines: usize, round_trip: Duration) -> Vec<Measure> {
    let scene = Scene::new(pipelines, "1000");
    scene.bootstrap();
    scene.proxy.delay(round_trip);
    let run = |phase, arguments: &[&str]| scene.measured(phase, round_trip, arguments);
    let mut measures = vec![
        run("validate", &["validate"]),
        run("first plan", &["plan"]),
        run("apply", &["apply", "plan.json"]),
        run("plan, nothing changed", &["plan"]),
    ];
    scene.drift();
    measures.push(run("plan, three changes by hand", &["plan"]));
    measures.push(run("destroy", &["destroy", "--auto-approve", "--empty-buckets"]));
    measures
}

/// A plan with nothing to do while AWS's rates hold, at 50 ms; and how many calls were throttled.
fn under_rates(pipelines: usize) -> (Measure, usize) {
    let round_trip = Duration::from_millis(50);
    Scene::new(pipelines, "1000").applied(|scene| {
        let scene = scene.at_rate("1");
        scene.proxy.delay(round_trip);
        scene.proxy.realism(support::proxy::Realism { rates: true, ..Default::default() });
        (scene.measured("plan, nothing changed", round_trip, &["plan"]), scene.proxy.throttled())
    })
}

/// One pipeline where everything takes as long as in AWS.
fn with_delays() -> Measure {
    let round_trip = Duration::from_millis(50);
    let scene = Scene::new(1, "1");
    scene.bootstrap();
    scene.measured("plan", Duration::ZERO, &["plan"]);
    scene.proxy.delay(round_trip);
    scene.proxy.realism(support::proxy::Realism { stale: Duration::ZERO, ..support::proxy::Realism::AWS });
    scene.measured("apply", round_trip, &["apply", "plan.json"])
}
