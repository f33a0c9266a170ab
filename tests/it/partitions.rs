//! Everything that a spec becomes lies in the partition of its region: ARNs, domains, console, exports, policies for CI.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::blueprint;
use pipectl::cost;
use pipectl::export::{Estate, Managed, Target, export};
use pipectl::model::graph::Graph;
use pipectl::model::kind::Registry;
use pipectl::model::partition;
use pipectl::model::scope::Scope;
use pipectl::ops::deploy_policy::{GitLab, StatePlace, Subject, policies};
use pipectl::spec::{Loaded, Options, Source, load};
use serde_json::{Value, json};

use crate::support::cli::Cli;

const ACCOUNT: &str = "123456789012";
/// Where, and what ARNs and domains there hold.
const REGIONS: [(&str, &str, &str); 3] = [
    ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
];
/// Environments of this repository, and the ARNs in them that are somebody else's.
const ENVS: [(&str, &str, &[&str]); 4] = [
    ("", "prod", &["snowpipe.events.queue_arn=\"arn:PARTITION:sqs:REGION:111122223333:sf-snowpipe-x\""]),
    ("", "staging", &["snowpipe.events.snowflake_user_arn=\"arn:PARTITION:iam::111122223333:user/acme0000-s\""]),
    ("examples/ecommerce", "dev", &[]),
    ("examples/analytics", "dev", &[]),
];
/// What is in none of them, with keys of one's own.
const MORE: &str = r#"
[project]
name = "acme"
[env]
region = "REGION"
account_id = "123456789012"
permissions_boundary = "arn:PARTITION:iam::${account}:policy/boundary"
[stream.clicks]
shards = 1
kms_key = "alias/clicks"
[bucket.events]
kms_key = "1234abcd-12ab-34cd-56ef-1234567890ab"
[firehose.clicks]
source = "stream.clicks"
destination = "bucket.events"
prefix = "events/"
error_prefix = "errors/"
[topic.alerts]
emails = ["data@example.com"]
kms_key = "alias/alerts"
[queue.orders]
dead_letters = "queue.failed"
kms_key = "alias/queues"
[queue.failed]
[table.sessions]
partition_key = { name = "id" }
kms_key = "alias/sessions"
[secret.salt]
generate = {}
kms_key = "alias/secrets"
[function.ship]
code = "fn"
runtime = "python3.13"
handler = "app.handler"
source = { from = "queue.orders" }
uses = ["table.sessions:read", "table.sessions:write", "stream.clicks:write", "topic.alerts:publish", "secret.salt:read"]
[schedule.nightly]
expression = "rate(1 day)"
calls = "function.ship"
[api.events]
routes = { "POST /events" = "function.ship" }
access_log = true
[alarm.failed]
watches = "queue.failed"
notifies = ["topic.alerts"]
[dashboard.all]
[snowpipe.events]
bucket = "bucket.events"
prefix = "events/"
table = "A.B.C"
snowflake_user_arn = "arn:PARTITION:iam::111122223333:user/s"
external_id = "ACME_1"
"#;

fn filled(text: &str, region: &str, partition: &str) -> String {
    text.replace("REGION", region).replace("PARTITION", partition)
}

fn loaded(source: &Source, root: &Path, set: Vec<String>) -> Loaded {
    let options = Options { root: root.to_owned(), set, account: Some(ACCOUNT.to_owned()), ..Options::default() };
    load(source, &options).unwrap_or_else(|report| panic!("{}", report.render(false, 120)))
}

/// Every spec, as it is in a region, by its name.
fn specs(region: &str, partition: &str) -> Vec<(String, Loaded)> {
    let mut all: Vec<(String, Loaded)> = ENVS
        .iter()
        .map(|(folder, env, more)| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let more = more.iter().map(|setting| filled(setting, region, partition));
            let set = std::iter::once(format!("env.region=\"{region}\"")).chain(more).collect();
            (format!("{folder} {env}"), loaded(&Source::Env((*env).to_owned()), &root, set))
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dev.toml");
    std::fs::write(&file, filled(MORE, region, partition)).unwrap();
    all.push(("everything else".to_owned(), loaded(&Source::File(file), folder.path(), Vec::new())));
    all
}

/// All texts in a value that say where something is, with the path of each.
fn places(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.contains("arn:") || text.contains("amazonaws") || text.contains("console") => {
            found.insert(format!("{path} {text}"));
        }
        Value::Array(items) => items.iter().for_each(|item| places(item, path, found)),
        Value::Object(map) => map.iter().for_each(|(key, value)| places(value, &format!("{path}.{key}"), found)),
        _ => {}
    }
}

fn golden(region: &str, partition: &str) -> String {
    let mut text = String::new();
    for (name, loaded) in specs(region, partition) {
        let graph = blueprint::build(&loaded.spec, &Scope::new(ACCOUNT, region));
        let _ = writeln!(text, "# {name}");
        let mut found = BTreeSet::new();
        for resource in graph.resources.values() {
            places(&resource.attributes, &resource.address.to_string(), &mut found);
        }
        places(&json!(graph.outputs), "output", &mut found);
        for line in found {
            let _ = writeln!(text, "{line}");
        }
        let spec = &loaded.spec;
        for (block, snowpipe) in spec.blocks.snowpipe.own() {
            let sql = blueprint::sql(spec, &Scope::new(ACCOUNT, region), block, snowpipe);
            for line in
                sql.lines().filter(|line| line.contains("URL") || line.contains("_PROVIDER") || line.contains("arn:"))
            {
                let _ = writeln!(text, "snowflake {}", line.trim());
            }
        }
    }
    text
}

#[test]
fn a_plan_for_china_is_one_of_china() {
    insta::assert_snapshot!("cn-north-1", golden("cn-north-1", "aws-cn"));
}

#[test]
fn a_plan_for_govcloud_is_one_of_govcloud() {
    insta::assert_snapshot!("us-gov-west-1", golden("us-gov-west-1", "aws-us-gov"));
}

/// In canonical form, as far as that takes no files: the code of the examples' functions is not looked at.
fn canonical(registry: &Registry, mut graph: Graph) -> Graph {
    for resource in graph.resources.values_mut().filter(|resource| resource.kind != "lambda_function") {
        let kind = registry.get(&resource.kind).unwrap();
        resource.attributes = kind.canonical(&resource.attributes).unwrap().into();
    }
    graph
}

/// Everything that pipectl makes of a spec in a region, as text.
fn all_of(loaded: &Loaded, region: &str) -> String {
    let (spec, scope, registry) =
        (&loaded.spec, Scope::new(ACCOUNT, region), kinds::registry(&Arc::new(Aws::new(None))));
    let graph: Graph = canonical(&registry, blueprint::build(spec, &scope));
    let mut text = format!("{}\n{}\n", json!(graph.outputs), spec.env.region);
    let state = StatePlace {
        bucket: "acme-state".into(),
        folder: "pipectl".into(),
        parameters: Some(["/acme/bucket".into(), "/acme/folder".into()]),
    };
    let (project, env) = (spec.project.name.as_str(), spec.env.name.as_str());
    let boundary = spec.env.permissions_boundary.as_deref();
    for by_prefix in [false, true] {
        let subject = Subject {
            registry: &registry,
            graph: &graph,
            scope: &scope,
            project,
            env,
            state: Some(&state),
            boundary,
            by_prefix,
        };
        let _ = writeln!(text, "{:?}", policies(&subject).unwrap());
    }
    let _ = writeln!(text, "{:?}", GitLab::new("gitlab.com", "acme/clicks", spec).unwrap().trust(&scope));
    for resource in graph.resources.values() {
        let _ = writeln!(text, "{}", *resource.attributes);
    }
    let managed = |resource: pipectl::model::graph::Resource| {
        Managed {
        kind: resource.kind,
        attributes: resource.attributes,
        outputs: json!({ "id": "a1", "api_id": "a1", "deployment_id": "d1", "uuid": "u", "key_ids": {}, "access_key_id": "AK" }).into(),
        left_alone: Vec::new(),
    }
    };
    let externals = graph.externals;
    let resources = graph.resources.into_iter().map(|(address, resource)| (address, managed(resource))).collect();
    let estate = Estate { project: project.into(), env: env.into(), scope, resources, externals };
    for target in [Target::Terraform, Target::CloudFormation] {
        let export = export(&estate, target).unwrap();
        text += &export.files.into_values().collect::<String>();
        text += &export.next.join("\n");
    }
    text
}

#[test]
fn nothing_of_another_partition_is_left() {
    // Names of services as principals are the same everywhere.
    let principals =
        ["lambda", "firehose", "events", "apigateway", "cloudwatch", "s3"].map(|name| format!("{name}.amazonaws.com"));
    for (region, partition, domain) in REGIONS {
        for (name, loaded) in specs(region, partition) {
            let mut text = all_of(&loaded, region);
            assert!(text.contains(&format!("arn:{partition}:")), "{region} {name}");
            text = text.replace(&format!("arn:{partition}:"), "");
            text = text.replace(&format!("https://{}/", Scope::new(ACCOUNT, region).console().unwrap()), "");
            assert!(!text.contains("arn:aws"), "{region} {name}: {}", around(&text, "arn:aws"));
            for service in ["kms", "kinesis", "sns", "sqs", "s3", "dynamodb", "secretsmanager", "ssm", "execute-api"] {
                text = text.replace(&format!("{service}.{region}.{domain}"), "");
            }
            for principal in &principals {
                // With a quote behind it: not the beginning of a longer domain.
                text = text
                    .replace(&format!("{principal}\""), "")
                    .replace(&format!("{principal}\\\""), "")
                    .replace(&format!("{principal}\n"), "");
            }
            assert!(!text.contains("amazonaws"), "{region} {name}: {}", around(&text, "amazonaws"));
            assert!(!text.contains("console.aws.amazon.com") && !text.contains("eu-west-1"), "{region} {name}");
        }
    }
}

fn around(text: &str, what: &str) -> String {
    let at = text.find(what).unwrap();
    text.chars().skip(at.saturating_sub(120)).take(240).collect()
}

#[test]
fn every_partition_of_the_sdks_has_its_arns_and_domain() {
    for (region, partition, domain) in [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("mx-central-1", "aws", "amazonaws.com"),
        ("cn-northwest-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-east-1", "aws-us-gov", "amazonaws.com"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
        ("us-iso-west-1", "aws-iso", "c2s.ic.gov"),
        ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
        ("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"),
        ("us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"),
    ] {
        let scope = Scope::new(ACCOUNT, region);
        assert_eq!((scope.partition.as_str(), scope.domain()), (partition, domain), "{region}");
        assert!(partition::regions().any(|known| known == region));
    }
    let console = |region: &str| Scope::new(ACCOUNT, region).console();
    assert_eq!(console("cn-north-1").as_deref(), Some("console.amazonaws.cn"));
    assert_eq!(console("us-gov-west-1").as_deref(), Some("console.amazonaws-us-gov.com"));
    assert_eq!(console("eu-west-1").as_deref(), Some("eu-west-1.console.aws.amazon.com"));
    assert_eq!(console("us-iso-east-1"), None, "nobody says where it is");
}

fn validated(region: &str, more: &str) -> crate::support::cli::Output {
    let spec = format!(
        "[project]\nname = \"acme\"\n[env]\nregion = \"{region}\"\n[state]\nlocal = \"state\"\n[bucket.b]\n{more}"
    );
    Cli::new().file("envs/dev.toml", &spec).file("fn/app.py", "").run(&["validate", "--env", "dev"])
}

#[test]
fn a_region_that_nobody_knows_is_not_taken_for_one_in_silence() {
    let misspelt = validated("eu-wset-1", "").success();
    assert!(misspelt.stderr.contains("by its name one of the partition `aws`"), "{misspelt}");
    assert!(misspelt.stderr.contains("did you mean \"eu-west-1\"?"), "{misspelt}");
    let unknown = validated("mars-north-1", "").success();
    assert!(unknown.stderr.contains("of no partition that pipectl knows"), "{unknown}");
    for region in ["eu-west-1", "cn-north-1", "us-gov-west-1", "af-south-1"] {
        assert!(!validated(region, "").success().stderr.contains("warning"), "{region}");
    }
}

#[test]
fn what_is_in_another_partition_or_missing_there_is_said() {
    let firehose = "[stream.s]\nshards = 1\n[firehose.f]\nsource = \"stream.s\"\ndestination = \"bucket.b\"\n";
    let role = validated("cn-north-1", &format!("{firehose}role = \"arn:aws:iam::123456789012:role/r\"\n")).fails(1);
    assert!(role.stderr.contains("the role is in the partition `aws`, and `cn-north-1` in `aws-cn`"), "{role}");
    let key = validated("us-gov-west-1", "kms_key = \"arn:aws:kms:us-gov-west-1:123456789012:alias/k\"\n").fails(1);
    assert!(key.stderr.contains("the key is in the partition `aws`"), "{key}");
    let snowpipe = "[snowpipe.p]\nbucket = \"bucket.b\"\ntable = \"A.B.C\"\nexternal_id = \"ab\"\nsnowflake_user_arn = \"arn:aws:iam::111122223333:user/s\"\n";
    let user = validated("cn-north-1", snowpipe).fails(1);
    assert!(user.stderr.contains("Snowflake's user is in the partition `aws`"), "{user}");
    let elsewhere = validated("eusc-de-east-1", &snowpipe.replace("arn:aws:", "arn:aws-eusc:")).success();
    assert!(
        elsewhere.stderr.contains("Snowflake documents no way to load from the partition `aws-eusc`"),
        "{elsewhere}"
    );
    let api = "[function.f]\ncode = \"fn\"\nruntime = \"python3.13\"\nhandler = \"app.handler\"\n[api.a]\nroutes = { \"GET /\" = \"function.f\" }\n";
    assert!(validated("cn-north-1", api).success().stderr.contains("ICP licence"));
    assert!(
        validated("us-isof-south-1", api).success().stderr.contains("no endpoint of API Gateway in `us-isof-south-1`")
    );
    assert!(!validated("us-gov-west-1", api).success().stderr.contains("API Gateway"));
}

#[test]
fn a_region_without_prices_is_named() {
    let graph = Graph::default();
    for region in ["cn-north-1", "us-gov-west-1", "eusc-de-east-1"] {
        let error = cost::estimate(&graph, &cost::Expected::default(), region).unwrap_err();
        assert!(error.to_string().contains(region), "{error}");
    }
}
