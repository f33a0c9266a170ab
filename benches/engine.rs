//! What no network hides, at ten thousand resources: from spec to resources, plan, plan file, order of the steps.

// Clippy's leave for tests does not reach a benchmark; what goes wrong here should stop it.
#![allow(clippy::unwrap_used)]

#[path = "../tests/support/pipelines.rs"]
mod pipelines;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};

use pipectl::aws::{Aws, kinds};
use pipectl::blueprint;
use pipectl::engine::plan::selection::WHOLE;
use pipectl::engine::plan::{Adopt, Changes, Input, key_of, plan};
use pipectl::engine::planfile::{self, Plan, PlanFile, Purpose, StateRef};
use pipectl::engine::refresh::LiveResources;
use pipectl::engine::schedule::Schedule;
use pipectl::engine::steps::steps;
use pipectl::model::graph::Graph;
use pipectl::model::kind::{Live, Registry};
use pipectl::model::scope::Scope;
use pipectl::ops::site::canonical;
use pipectl::spec::{self, Loaded, Options, Source};
use pipectl::state::State;

/// Pipelines of fourteen resources.
const PIPELINES: usize = 715;

fn load(folder: &std::path::Path) -> Loaded {
    let options = Options { root: folder.to_owned(), account: Some("123456789012".into()), ..Options::default() };
    spec::load(&Source::Env("scale".into()), &options).unwrap_or_else(|_| panic!("the spec is valid"))
}

fn scope() -> Scope {
    Scope::new("123456789012", "eu-west-1")
}

fn graph(loaded: &Loaded, registry: &Registry) -> Graph {
    canonical(registry, blueprint::build(&loaded.spec, &scope())).unwrap()
}

/// A world in which everything is as the graph wants it, or empty.
fn world(graph: &Graph, registry: &Registry, exists: bool) -> LiveResources {
    let mut world = LiveResources::default();
    for resource in graph.resources.values() {
        let key = key_of(registry, &resource.kind, &resource.attributes).unwrap();
        let live =
            Live { attributes: resource.attributes.clone(), outputs: serde_json::Value::Null, unmodelled: Vec::new() };
        world.put(&resource.kind, &key, exists.then_some(live));
    }
    world
}

fn changes(graph: &Graph, world: &LiveResources, registry: &Registry) -> Changes {
    let state = State::empty("acme", "scale", scope());
    plan(&Input {
        graph,
        state: &state,
        world,
        registry,
        adopt: &Adopt::All,
        replace: &std::collections::BTreeSet::new(),
    })
    .unwrap()
}

/// A plan that does this, and says no more.
fn file_of(changes: Changes) -> Plan {
    let created = time::OffsetDateTime::UNIX_EPOCH;
    let state = StateRef { location: "s3://acme".into(), lineage: None, serial: 0, etag: None };
    Plan {
        externals: std::collections::BTreeMap::new(),
        made_by: "pipectl".into(),
        project: "acme".into(),
        env: "scale".into(),
        purpose: Purpose::Apply,
        scope: scope(),
        caller: "arn:aws:iam::123456789012:user/ana".into(),
        acts_as: pipectl::model::acting::Acting::default(),
        created,
        expires: created,
        state,
        spec: None,
        protect: false,
        changes,
        flows: std::collections::BTreeSet::new(),
        refusals: Vec::new(),
        broadens: Vec::new(),
        likely_renames: Vec::new(),
        selection: WHOLE.clone(),
        left_out: Vec::new(),
        notes: Vec::new(),
        cost: None,
        outputs: serde_json::Map::new(),
    }
}

fn ten_thousand(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("envs")).unwrap();
    let text = pipelines::spec(PIPELINES, "eu-west-1", str::to_owned);
    std::fs::write(folder.path().join("envs/scale.toml"), text).unwrap();
    let registry = kinds::registry(&Arc::new(Aws::new(None)));
    let loaded = load(folder.path());
    let wanted = graph(&loaded, &registry);
    assert!(wanted.resources.len() >= 10_000, "{}", wanted.resources.len());
    let (nothing, everything) = (world(&wanted, &registry, false), world(&wanted, &registry, true));
    let creation = changes(&wanted, &nothing, &registry);

    let mut group = criterion.benchmark_group("10,000 resources");
    group.sample_size(10);
    group.bench_function("spec to tree", |bench| bench.iter(|| black_box(load(folder.path()))));
    group.bench_function("tree to resources", |bench| bench.iter(|| black_box(graph(&loaded, &registry))));
    group.bench_function("plan with all to make", |bench| bench.iter(|| changes(&wanted, &nothing, &registry)));
    group.bench_function("plan with nothing to do", |bench| bench.iter(|| changes(&wanted, &everything, &registry)));
    let made = file_of(creation.clone());
    group.bench_function("plan file, written", |bench| {
        bench.iter(|| black_box(PlanFile::new(&made).unwrap().to_string().len()));
    });
    let text = PlanFile::new(&made).unwrap().to_string();
    group.bench_function("plan file, read", |bench| {
        bench.iter(|| black_box(planfile::read(text.as_bytes()).unwrap().1));
    });
    group.bench_function("order of the steps", |bench| bench.iter(|| black_box(steps(&creation).unwrap().len())));
    let steps = steps(&creation).unwrap();
    group.bench_function("schedule", |bench| {
        bench.iter(|| {
            let mut schedule = Schedule::new(steps.iter().map(|step| &step.after));
            while let Some(place) = schedule.start() {
                schedule.succeeded(black_box(place));
            }
            assert!(schedule.left().is_empty());
        });
    });
    group.finish();
}

criterion_group!(benches, ten_thousand);
criterion_main!(benches);
