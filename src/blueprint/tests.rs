//! What every block kind owes to those who ask about all of them.

use std::path::Path;

use super::*;
use crate::catalog::facets;
use crate::spec::metrics::{Metrics, Usual};
use crate::spec::{Options, Source, load};

/// What no example has.
const MORE: &str = "
[project]
name = 'acme'
[env]
name = 'prod'
region = 'eu-central-1'
[queue.work]
[secret.key]
[bucket.lake]
[catalog.lake]
[dataset.clicks]
catalog = 'catalog.lake'
bucket = 'bucket.lake'
prefix = 'clicks/'
format = 'json'
columns = [{ name = 'page', type = 'string' }]
[athena.lake]
results = 'bucket.lake'
[athena.lake.queries.clicks]
catalog = 'catalog.lake'
sql = 'SELECT 1'
[athena.lake.statements.by_day]
sql = 'SELECT 1 WHERE day = ?'
[workflow.nightly]
[job.clean]
script = 'jobs/clean.py'
code_bucket = 'bucket.lake'
workflow = 'workflow.nightly'
";

/// The specs of the repository and one more, which together have a block of every kind.
fn specs() -> Vec<Spec> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let more = tempfile::tempdir().unwrap();
    std::fs::create_dir(more.path().join("envs")).unwrap();
    std::fs::write(more.path().join("envs/prod.toml"), MORE).unwrap();
    let roots = [root, &root.join("examples/analytics"), &root.join("examples/ecommerce"), more.path()];
    let load = |root: &Path| {
        let options = Options { root: root.to_owned(), set: Vec::new(), account: None, ..Options::default() };
        let loaded = load(&Source::Env("prod".to_owned()), &options);
        loaded.unwrap_or_else(|report| panic!("{}", report.render(false, 120))).spec
    };
    roots.map(load).into()
}

/// The names of the blocks of a kind.
fn names(kind: Kind, spec: &Spec) -> Vec<String> {
    let blocks = serde_json::to_value(&spec.blocks).unwrap();
    blocks[kind.name()].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn every_use_that_a_block_names_allows_something() {
    let scope = Scope::new("123456789012", "eu-central-1");
    for kind in Kind::ALL {
        for &access in kind.uses().allowed() {
            let spec = specs().into_iter().find(|spec| !names(*kind, spec).is_empty());
            let spec = spec.unwrap_or_else(|| panic!("no example has a {}: add one to MORE", kind.name()));
            let used = Use { kind: kind.name().to_owned(), name: names(*kind, &spec)[0].clone(), access };
            let address = Address::block("function", "any");
            let mut graph = Graph::default();
            let site = BuildContext {
                spec: &spec,
                scope: &scope,
                name: "any",
                address,
                protect: false,
                adopt: false,
                graph: &mut graph,
            };
            assert!(!site.allow(&used).is_empty(), "{used}");
        }
    }
}

#[test]
fn what_emits_metrics_is_drawn_and_is_watched_by_an_alarm_that_it_emits_the_metrics_of() {
    let (scope, mut drawn) = (Scope::new("123456789012", "eu-central-1"), 0);
    for spec in specs() {
        for &kind in Kind::ALL {
            let Metrics::Of(source) = kind.metrics() else { continue };
            let own = own_type(kind).unwrap_or_else(|| panic!("{} has no resource of its own", kind.name()));
            let facets::Metrics::In { namespace, .. } = own.metrics() else { panic!("{} has no metrics", own.name()) };
            for name in names(kind, &spec) {
                let own = match source.usual {
                    Usual::Metric(name_of) => vec![name_of(&name, &spec)],
                    Usual::Expression(usual) => {
                        let own = usual.metrics.iter().filter(|(_, of, _)| *of == crate::spec::metrics::Of::Watched);
                        own.map(|(_, _, metric)| *metric).collect()
                    }
                };
                for metric in own {
                    let known = source.metric(metric).unwrap_or_else(|| panic!("{}.{name}: {metric}", kind.name()));
                    assert_eq!(known.missing(kind, &name, &spec), None, "{}.{name}: {metric}", kind.name());
                }
                let mut page = Page::new(&spec, &scope);
                page.block(&name, metric::Emitter::of(kind.name(), &name, &spec).unwrap());
                draw(kind, &name, &spec, &mut page);
                let text = json!(page.widgets()).to_string();
                assert!(text.contains(namespace), "{}.{name} draws nothing: {text}", kind.name());
                drawn += 1;
            }
        }
    }
    assert!(drawn > 10, "{drawn}");
}

fn draw(kind: Kind, name: &str, spec: &Spec, page: &mut Page<'_>) {
    macro_rules! draw {
        ($($room:ident::$block:ident),* $(,)?) => {
            match kind { $(Kind::$block => crate::spec::blocks::$room::$block::draw(spec.blocks.$room.own().get(name).map(|it| &it.block), name, page)),* }
        };
    }
    every_block!(draw!);
}
