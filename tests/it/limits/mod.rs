//! The limits of a spec against AWS's own descriptions of its APIs: the models of botocore, and the schemas of CloudFormation
//! inside cfn-lint, both read where the test runs. A limit is tried just inside and just outside; where the two sources differ, the
//! looser one holds, with a warning above the stricter.

mod functions;
mod lake;
mod prose;
mod rows;
mod runtimes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use pipectl::ops::sandbox::install::{Packages, install};
use pipectl::spec::diagnostic::Severity;
use pipectl::spec::schema::json_schema;
use pipectl::spec::{Options, load_text};
use serde_json::{Value, json};

use self::prose::PROSE;
use self::rows::{Row, What};
use crate::support::emulator;

/// Newer versions may know other limits: then they and these lists change together.
const MODELS: Packages = Packages { name: "limits-1", requirements: &["botocore==1.44.8", "cfn-lint==1.58.0"] };

/// For `service:Shape.member` and `AWS::A::B#Property.path` on standard input: what is known of it, as JSON. `[]` leads to the items
/// of a list, `{}` to the keys of a map. Of a pattern, the printable characters that it takes between two letters.
const READ: &str = r"
import gzip, json, pathlib, re, sys, botocore
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
data = pathlib.Path(botocore.__file__).parent / 'data'
models, schemas = {}, {}
def botocores(service, path):
    if service not in models:
        models[service] = json.load(gzip.open(sorted((data / service).glob('*/service-2.json.gz'))[-1]))['shapes']
    shapes, (first, *rest) = models[service], path.split('.')
    shape = shapes[first]
    for part in rest:
        name = {'[]': 'member', '{}': 'key'}.get(part)
        shape = shapes[(shape[name] if name else shape['members'][part])['shape']]
    size = shape['type'] in ('string', 'list', 'map')
    return {'min': shape.get('min'), 'max': shape.get('max'), 'enum': shape.get('enum'), 'pattern': shape.get('pattern'), 'size': size}
def cloudformations(kind, path):
    if kind not in schemas:
        schemas[kind] = PROVIDER_SCHEMA_MANAGER.get_resource_schema('us-east-1', kind).schema
    schema = node = schemas[kind]
    def found(node):
        while '$ref' in node:
            node = schema['definitions'][node['$ref'].split('/')[-1]]
        return node
    for part in path.split('.'):
        node = found(node)
        node = node['items'] if part == '[]' else node['properties'][part]
    node = found(node)
    low = node.get('minimum', node.get('minLength', node.get('minItems')))
    high = node.get('maximum', node.get('maxLength', node.get('maxItems')))
    return {'min': low, 'max': high, 'enum': node.get('enum'), 'pattern': node.get('pattern')}
def of(place):
    known = cloudformations(*place.split('#')) if '#' in place else botocores(*place.split(':'))
    # Java writes what lies beyond 16 bits as two halves, of which Python makes no range.
    pattern = (known['pattern'] or '').replace(r'\uD800\uDC00-\uDBFF\uDFFF', r'\U00010000-\U0010FFFF')
    if pattern:
        known['characters'] = ''.join(c for c in map(chr, range(32, 127)) if re.fullmatch(pattern, 'a' + c + 'a'))
    return known
print(json.dumps({place: of(place) for place in json.load(sys.stdin)}))
";

/// The interpreter that has the models.
async fn python() -> PathBuf {
    install(&MODELS, &emulator::home(), emulator::ANNOUNCE).await.unwrap()
}

/// Every field that a model says something of.
fn rows() -> impl Iterator<Item = &'static Row> {
    rows::ROWS.iter().chain(functions::ROWS).chain(lake::ROWS)
}

/// What AWS says of each place that a row names.
async fn known() -> BTreeMap<String, Value> {
    let python = python().await;
    let places: BTreeSet<&str> = rows().flat_map(|row| row.sources).copied().collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("places.json");
    std::fs::write(&file, json!(places).to_string()).unwrap();
    let output = Command::new(python).args(["-c", READ]).stdin(std::fs::File::open(&file).unwrap()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A spec with a block of every kind.
const SPEC: &str = r#"
[project]
name = "acme"
[env]
name = "dev"
region = "eu-west-1"
[stream.s]
shards = 1
[bucket.b]
[bucket.rules]
lifecycle = [{ id = "one", expire_days = 400 }]
[firehose.f]
source = "stream.s"
destination = "bucket.b"
prefix = "events/!{timestamp:yyyy}/"
error_prefix = "errors/!{firehose:error-output-type}/"
[snowpipe.p]
bucket = "bucket.b"
prefix = "events/"
table = "A.B.C"
[table.t]
partition_key = { name = "id" }
[function.r]
code = "functions/r"
runtime = "python3.14"
handler = "app.handler"
source = { from = "stream.s", retries = 3 }
[function.q]
code = "functions/q"
runtime = "python3.14"
handler = "app.handler"
source = { from = "queue.q" }
[queue.q]
dead_letters = "queue.d"
visibility_timeout_seconds = 43200
retention_seconds = 3600
[queue.d]
[queue.e]
[api.a]
routes = { "POST /events" = "function.r" }
[schedule.c]
expression = "rate(1 day)"
calls = "function.r"
[publish.p]
outputs = { s = "stream.s.arn" }

[secret.x]
[catalog.g]
[dataset.d]
catalog = "catalog.g"
bucket = "bucket.b"
prefix = "rows/"
format = "json"
columns = [{ name = "id", type = "string" }]
[job.j]
script = "jobs/j.py"
code_bucket = "bucket.b"
[crawler.l]
catalog = "catalog.g"
targets = [{ bucket = "bucket.b", prefix = "raw/" }]
[workflow.n]
[job.k]
script = "jobs/k.py"
code_bucket = "bucket.b"
workflow = "workflow.n"
[athena.w]
results = "bucket.b"
[athena.w.queries.one]
catalog = "catalog.g"
sql = "SELECT 1"
[registry.v]
[registry.v.schemas.one]
definition = "schemas/one.json"
format = "json"
[athena.w.statements.one]
sql = "SELECT 1"
[topic.n]
[alarm.m]
watches = "stream.s"
notifies = ["topic.n"]
[dashboard.o]
"#;

/// What the spec says of itself with these settings: its errors and its warnings, as they are told.
fn told(settings: &[String]) -> (Vec<String>, Vec<String>) {
    let options = Options { set: settings.to_vec(), ..Options::default() };
    let report = load_text("dev.toml", SPEC, &options).map_or_else(|report| report, |loaded| loaded.warnings());
    let of = |severity| {
        let entries = report.entries().into_iter().filter(move |entry| entry.severity == severity);
        entries.map(|entry| entry.message).collect()
    };
    (of(Severity::Error), of(Severity::Warning))
}

/// The settings that try a value of a row.
fn settings(row: &Row, value: &Value) -> Vec<String> {
    let own = format!("{}={}", row.at, row.wrap.replace("VALUE", &value.to_string()));
    row.with.iter().map(|setting| (*setting).to_owned()).chain([own]).collect()
}

/// The bounds of a row: of each source that knows one the loosest, and the strictest beside it.
struct Bounds {
    least: Option<i64>,
    most: Option<i64>,
    /// Above this one of the sources says no.
    doubtful: Option<i64>,
}

fn bounds(row: &Row, known: &BTreeMap<String, Value>) -> Bounds {
    let of = |name: &'static str| row.sources.iter().filter_map(move |source| known[*source][name].as_i64());
    let (least, most, strictest) = (of("min").min(), of("max").max(), of("max").min());
    let scaled = |most: Option<i64>| most.map(|most| most / row.scale);
    let least = least.map(|least| (least + row.scale - 1) / row.scale);
    let own = |bound, theirs: Option<i64>| match row.own.iter().find(|own| own.0 == bound) {
        Some((_, value, reason)) => {
            assert!(theirs != Some(*value), "{}: the models say so themselves, and not only: {reason}", row.field);
            Some(*value)
        }
        None => theirs,
    };
    let most = own("max", scaled(most));
    let doubtful = own("doubtful", scaled(strictest)).filter(|doubtful| most.is_some_and(|most| *doubtful < most));
    Bounds { least: own("min", least), most, doubtful }
}

fn check_number(row: &Row, known: &BTreeMap<String, Value>, faults: &mut Vec<String>) {
    let Bounds { least, most, doubtful } = bounds(row, known);
    let said: Vec<String> = row.with.iter().map(|setting| (*setting).to_owned()).collect();
    let usual = told(&said).1.len();
    let mut try_it = |value: i64, fits: bool, sure: bool| {
        let (errors, warnings) = told(&settings(row, &json!(value)));
        if errors.is_empty() != fits {
            faults.push(format!(
                "{} = {value}: {} {errors:?}",
                row.field,
                if fits { "AWS takes it" } else { "AWS refuses it" }
            ));
        }
        if fits && !sure && warnings.len() <= usual {
            faults.push(format!("{} = {value}: one of the sources refuses it, and nothing is said", row.field));
        }
    };
    match least {
        Some(least) => {
            try_it(least, true, true);
            try_it(least - 1, false, true);
        }
        None => try_it(-1, false, true),
    }
    if let Some(doubtful) = doubtful {
        try_it(doubtful, true, true);
        try_it(doubtful + 1, true, false);
    }
    if let Some(most) = most {
        try_it(most, true, doubtful.is_none());
        try_it(most + 1, false, true);
    }
}

fn check_text(row: &Row, text: fn(usize) -> String, known: &BTreeMap<String, Value>, faults: &mut Vec<String>) {
    let Bounds { least, most, .. } = bounds(row, known);
    let mut try_it = |value: String, fits: bool| {
        let (errors, _) = told(&settings(row, &json!(value)));
        if errors.is_empty() != fits {
            let shown: String = value.chars().take(20).collect();
            let count = value.chars().count();
            faults.push(format!(
                "{} = {shown} ({count}): {} {errors:?}",
                row.field,
                if fits { "AWS takes it" } else { "AWS refuses it" }
            ));
        }
    };
    let sizes = [least.filter(|least| *least > 0).map(|least| (least, least - 1)), most.map(|most| (most, most + 1))];
    for (inside, outside) in sizes.into_iter().flatten() {
        try_it(text(usize::try_from(inside).unwrap()), true);
        try_it(text(usize::try_from(outside).unwrap()), false);
    }
    if row.own.iter().any(|own| own.0 == "characters") {
        return;
    }
    let known = row.sources.iter().find_map(|source| known[*source]["characters"].as_str());
    for c in known.into_iter().flat_map(|known| (' '..='~').map(move |c| (c, known.contains(c)))) {
        try_it(format!("{}{}{}", text(4), c.0, text(4)).replace("..", "."), c.1);
    }
}

fn check_choice(row: &Row, field: &Value, known: &BTreeMap<String, Value>, faults: &mut Vec<String>) {
    let alike = |word: &str| word.to_ascii_uppercase().replace(['-', '_'], "");
    let ours: BTreeSet<String> = choices(field).iter().filter_map(|choice| choice.as_str().map(alike)).collect();
    for source in row.sources {
        let theirs = known[*source]["enum"].as_array().unwrap_or_else(|| panic!("{source} has no choices"));
        let theirs: BTreeSet<String> = theirs.iter().filter_map(|choice| choice.as_str().map(alike)).collect();
        let left_out: BTreeSet<String> = row.own.iter().map(|own| alike(own.0)).collect();
        for missing in theirs.difference(&ours).filter(|choice| !left_out.contains(*choice)) {
            faults.push(format!("{}: AWS knows {missing} as well ({source})", row.field));
        }
        for unknown in ours.difference(&theirs).filter(|choice| !left_out.contains(*choice)) {
            faults.push(format!("{}: AWS does not know {unknown} ({source})", row.field));
        }
    }
}

fn check_list(row: &Row, known: &BTreeMap<String, Value>, faults: &mut Vec<String>) {
    let theirs = known[row.sources[0]]["enum"].as_array().unwrap();
    let theirs: BTreeSet<i64> = theirs.iter().filter_map(Value::as_i64).collect();
    for value in theirs.iter().flat_map(|value| [value - 1, *value, value + 1]) {
        let (errors, _) = told(&settings(row, &json!(value)));
        if errors.is_empty() != theirs.contains(&value) {
            faults.push(format!("{} = {value}: {errors:?}", row.field));
        }
    }
}

fn choices(schema: &Value) -> Vec<Value> {
    let one = schema.get("const").into_iter().cloned();
    let list = schema["enum"].as_array().into_iter().flatten().cloned();
    let nested = ["oneOf", "anyOf"].into_iter().filter_map(|keyword| schema[keyword].as_array()).flatten();
    one.chain(list).chain(nested.flat_map(choices)).collect()
}

/// Every field of a block kind with a limit, or with a name that AWS limits; by its path.
fn limited() -> BTreeMap<String, Value> {
    fn walk(path: &str, schema: &Value, found: &mut BTreeMap<String, Value>) {
        let bounds =
            ["maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems", "minProperties", "maxProperties"];
        let positive = schema["minimum"].as_f64().is_some_and(|least| least > 0.0);
        let whole = schema["type"] == "integer";
        if bounds.iter().any(|bound| schema.get(*bound).is_some()) || positive || whole || !choices(schema).is_empty() {
            found.insert(path.to_owned(), schema.clone());
        }
        for (name, next) in schema["properties"].as_object().into_iter().flatten() {
            walk(&format!("{path}.{name}"), next, found);
        }
        if schema["items"].is_object() {
            walk(&format!("{path}[]"), &schema["items"], found);
        }
        if schema["additionalProperties"].is_object() && schema["properties"].is_null() {
            walk(&format!("{path}.*"), &schema["additionalProperties"], found);
        }
        if schema["type"] == "string" && path.ends_with("name") {
            found.insert(path.to_owned(), schema.clone());
        }
    }
    let schema = json_schema();
    let mut found = BTreeMap::new();
    for (kind, blocks) in schema["properties"].as_object().unwrap() {
        if blocks["propertyNames"].is_object() {
            walk(kind, &blocks["additionalProperties"], &mut found);
        }
    }
    // What every block takes is pipectl's own: AWS knows of no `ignore`.
    found.retain(|path, _| !path.split_once('.').is_some_and(|(_, field)| ["ignore", "ignore[]"].contains(&field)));
    found
}

#[tokio::test]
async fn every_limit_is_that_of_awss_own_descriptions_or_stands_in_a_dated_list() {
    let fields = limited();
    let mapped: BTreeSet<&str> = rows().map(|row| row.field).collect();
    let listed: BTreeSet<&str> = PROSE.iter().map(|(field, ..)| *field).collect();
    let mut faults = Vec::new();
    for field in fields.keys().map(String::as_str).filter(|field| !mapped.contains(field) && !listed.contains(field)) {
        faults.push(format!("{field}: which member of AWS's is it? It is in neither list"));
    }
    faults.extend(
        mapped
            .union(&listed)
            .filter(|field| !fields.contains_key(**field))
            .map(|field| format!("{field}: there is no such field")),
    );
    faults.extend(mapped.intersection(&listed).map(|field| format!("{field}: it is in both lists")));
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(told(&[]).0, Vec::<String>::new());

    let known = known().await;
    for row in rows() {
        let field = &fields[row.field];
        match row.what {
            What::Number => check_number(row, &known, &mut faults),
            What::Text(text) => check_text(row, text, &known, &mut faults),
            What::Listed => check_list(row, &known, &mut faults),
            What::Choice => check_choice(row, field, &known, &mut faults),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_stands_in_prose_alone_says_where_and_when_it_was_read() {
    for (field, source) in PROSE {
        assert!(source.len() > 20, "{field}: {source}");
    }
}
