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
[crawler.lake]
catalog = 'catalog.lake'
targets = [{ bucket = 'bucket.lake', prefix = 'raw/' }]
[athena.lake]
results = 'bucket.lake'
[athena.lake.queries.clicks]
catalog = 'catalog.lake'
sql = 'SELECT 1'
[registry.events]
[registry.events.schemas.click]
definition = 'schemas/click.json'
format = 'json'
[athena.lake.statements.by_day]
sql = 'SELECT 1 WHERE day = ?'
[key.data]
external = 'arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-4000-8000-000000000000'
[role.partner]
external = 'arn:aws:iam::123456789012:role/partner'
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
            let used = Use {
                kind: kind.name().to_owned(),
                name: names(*kind, &spec)[0].clone(),
                prefix: String::new(),
                access,
            };
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
fn a_bucket_is_used_below_a_prefix_with_the_keys_of_its_objects() {
    let key = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-4000-8000-000000000000";
    let text = MORE.replace("[bucket.lake]", &format!("[bucket.lake]\nkms_key = '{key}'"));
    let more = tempfile::tempdir().unwrap();
    std::fs::write(more.path().join("prod.toml"), text).unwrap();
    let options = Options { root: more.path().to_owned(), set: Vec::new(), account: None, ..Options::default() };
    let spec = load(&Source::File(more.path().join("prod.toml")), &options)
        .unwrap_or_else(|report| panic!("{}", report.render(false, 120)));
    let (spec, scope) = (spec.spec, Scope::new("123456789012", "eu-central-1"));
    let allowed = |used: &str| {
        let mut graph = Graph::default();
        let address = Address::block("function", "any");
        let site = BuildContext {
            spec: &spec,
            scope: &scope,
            name: "any",
            address,
            protect: false,
            adopt: false,
            graph: &mut graph,
        };
        let of = |statement: &Value| {
            let resource = statement["Resource"].as_str().unwrap_or_default();
            let listed = statement["Condition"]["StringLike"]["s3:prefix"].as_str().unwrap_or_default();
            let actions: Vec<&str> = statement["Action"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            format!("{} {resource} {listed}", actions.join(",")).trim_end().to_owned()
        };
        site.allow(&Use::try_from(used.to_owned()).unwrap()).iter().map(of).collect::<Vec<_>>()
    };
    let bucket = "arn:aws:s3:::acme-prod-lake";
    assert_eq!(
        allowed("bucket.lake/clicks/:read"),
        [
            format!("s3:ListBucket {bucket} clicks/*"),
            format!("s3:GetBucketLocation {bucket}"),
            format!("s3:GetObject {bucket}/clicks/*"),
            format!("kms:Decrypt {key}"),
        ]
    );
    assert_eq!(
        allowed("bucket.lake:write"),
        [
            format!("s3:AbortMultipartUpload,s3:DeleteObject,s3:PutObject {bucket}/*"),
            format!("kms:Decrypt,kms:GenerateDataKey {key}"),
        ]
    );
}

#[test]
fn topics_are_told_of_runs_that_fail_by_a_policy_without_a_condition() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/prices");
    let options = Options { root, set: Vec::new(), account: None, ..Options::default() };
    let loaded = load(&Source::Env("dev".to_owned()), &options);
    let spec = loaded.unwrap_or_else(|report| panic!("{}", report.render(false, 120))).spec;
    let graph = build(&spec, &Scope::new("123456789012", "eu-west-1"));
    let of = |address: &str| {
        let found = graph.resources.values().find(|resource| resource.address.to_string() == address);
        serde_json::to_value(&found.unwrap_or_else(|| panic!("no {address}")).attributes).unwrap()
    };
    let topic = "arn:aws:sns:eu-west-1:123456789012:acme-prices-dev-alerts";
    let rule = of("job.clean/failures");
    assert_eq!(rule["targets"], json!({ "alerts": { "arn": topic, "input": null } }));
    assert_eq!(rule["pattern"]["detail"]["jobName"], json!(["acme-prices-dev-clean"]));
    assert_eq!(of("job.clean")["notify_delay_minutes"], 54);
    let statements = &of("topic.alerts")["policy"]["Statement"];
    let rules = statements.as_array().unwrap().iter().find(|one| one["Sid"] == "Rules").unwrap();
    let service = json!({ "Service": ["events.amazonaws.com"] });
    assert_eq!((&rules["Principal"], rules.get("Condition")), (&service, None));
    let silent = &of("topic.thresholds")["policy"]["Statement"];
    assert!(silent.as_array().unwrap().iter().all(|one| one["Sid"] != "Rules"), "{silent}");
}

#[test]
fn what_emits_metrics_is_drawn_and_is_watched_by_an_alarm_that_it_emits_the_metrics_of() {
    let (scope, mut drawn) = (Scope::new("123456789012", "eu-central-1"), 0);
    for spec in specs() {
        for &kind in Kind::ALL {
            let Metrics::Of(source) = kind.metrics() else { continue };
            let own = own_type(kind).unwrap_or_else(|| panic!("{} has no resource of its own", kind.name()));
            let (facets::Metrics::In { namespace, .. } | facets::Metrics::InMore { namespace, .. }) = own.metrics()
            else {
                panic!("{} has no metrics", own.name())
            };
            for name in names(kind, &spec) {
                let own = match source.usual {
                    Usual::Metric(name_of) => vec![name_of(&name, &spec)],
                    Usual::Expression(usual) => {
                        let own = usual.metrics.iter().filter(|(_, of, _)| *of == crate::spec::metrics::Of::Watched);
                        own.map(|(_, _, metric)| *metric).collect()
                    }
                    Usual::None(_) => Vec::new(),
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

/// What the role of a crawler with these settings may do: its actions, each with its resources.
fn allowed(settings: &str) -> Vec<(String, String)> {
    let text = format!("{MORE}[crawler.c]\ncatalog = 'catalog.lake'\n{settings}\n");
    let loaded = crate::spec::load_text("prod.toml", &text, &Options::default());
    let spec = loaded.unwrap_or_else(|report| panic!("{}", report.render(false, 120))).spec;
    let graph = build(&spec, &Scope::new("123456789012", "eu-central-1"));
    let role = &graph.resources[&Address::block("crawler", "c").part("role")];
    let statements = role.attributes["policies"]["crawler"]["Statement"].as_array().unwrap().clone();
    let list = |value: &serde_json::Value| match value.as_array() {
        Some(all) => all.clone(),
        None => vec![value.clone()],
    };
    let pairs = statements.iter().flat_map(|statement| {
        let resources = list(&statement["Resource"]);
        let of = move |action: serde_json::Value| {
            let resources = resources.clone().into_iter();
            resources.map(move |on| (action.as_str().unwrap().to_owned(), on.as_str().unwrap().to_owned()))
        };
        list(&statement["Action"]).into_iter().flat_map(of).collect::<Vec<_>>()
    });
    pairs.collect()
}

#[test]
fn a_crawler_changes_the_tables_of_its_prefix_and_deletes_where_it_is_told_to() {
    const GLUE: &str = "arn:aws:glue:eu-central-1:123456789012";
    let tables = |name: &str| format!("{GLUE}:table/acme_prod_lake/{name}");
    let raw = "targets = [{ bucket = 'bucket.lake', prefix = 'raw/' }]\ntable_prefix = 'raw_'\n";
    let plain = allowed(raw);
    let may = |all: &[(String, String)], action: &str, on: &str| all.contains(&(action.to_owned(), on.to_owned()));
    assert!(may(&plain, "glue:GetTables", &tables("*")) && may(&plain, "glue:CreateTable", &tables("raw_*")));
    assert!(!may(&plain, "glue:UpdateTable", &tables("*")), "{plain:?}");
    assert!(may(&plain, "s3:GetObject", "arn:aws:s3:::acme-prod-lake/raw/*"));
    let log = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws-glue/crawlers:*";
    assert!(may(&plain, "logs:CreateLogGroup", log) && may(&plain, "logs:PutLogEvents", log));
    let wide = |(action, on): &(String, String)| action.contains("Delete") || action.contains("s3:Put") || on == "*";
    assert!(!plain.iter().any(wide), "{plain:?}");
    assert!(may(&allowed(&format!("{raw}deleted = 'delete'")), "glue:DeleteTable", &tables("raw_*")));
    let delta = allowed("delta = [{ bucket = 'bucket.lake', prefix = 'orders/' }]\ndelta_manifests = true");
    assert!(may(&delta, "s3:PutObject", "arn:aws:s3:::acme-prod-lake/orders/*"));
}

#[test]
fn a_crawler_that_enters_the_partitions_of_a_dataset_changes_that_table_alone() {
    let partitioned = "[dataset.visits]\ncatalog = 'catalog.lake'\nbucket = 'bucket.lake'\nprefix = 'visits/'\nformat = 'json'\n\
        columns = [{ name = 'page', type = 'string' }]\npartitions = [{ name = 'day' }]\n";
    let all = allowed(&format!("datasets = ['dataset.visits']\n{partitioned}"));
    let tables: std::collections::BTreeSet<&str> =
        all.iter().filter_map(|(_, on)| on.split_once(":table/")).map(|(_, table)| table).collect();
    assert_eq!(tables.into_iter().collect::<Vec<_>>(), ["acme_prod_lake/visits"]);
    assert!(all.iter().any(|(action, _)| action == "glue:BatchCreatePartition"));
    assert!(!all.iter().any(|(action, _)| action == "glue:CreateTable" || action == "s3:PutObject"), "{all:?}");
}
