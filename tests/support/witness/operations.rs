//! The operations that the source names, and the list of the tests that send them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use regex_lite::Regex;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::super::emulator::{home, wait_for};
use super::process;

/// The list.
pub(crate) const FILE: &str = "tests/files/witness/operations.txt";
/// Writes the lines of the tests that are named after it.
pub(crate) const UPDATE: &str = "UPDATE=1 cargo test --test it -- conformance::kinds_conform sending::";

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// When the line was last written; that it holds is shown whenever its test runs.
    pub(crate) date: String,
    /// The test that sends it: `conformance::kinds_conform_on_moto`.
    pub(crate) test: String,
}

/// The list: the line of each operation (`kinesis CreateStream`).
pub(crate) type List = BTreeMap<String, Line>;

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE)
}

/// Reads the list.
pub(crate) fn list() -> List {
    let lines = fs::read_to_string(path()).unwrap_or_default();
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [service, operation, date, test] = words[..] else { panic!("{FILE}: {line}") };
        (format!("{service} {operation}"), Line { date: date.to_owned(), test: test.to_owned() })
    };
    lines.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

/// What the list says of a test.
pub(super) fn listed_for(test: &str) -> BTreeSet<String> {
    list().into_iter().filter(|(_, line)| line.test == test).map(|(operation, _)| operation).collect()
}

const HEAD: &str = "# Every AWS operation that src/aws names, the day on which this line was written, and the test that sends it past the
# witness. The test fails when it no longer does, and `operations::every_operation_of_the_source_is_sent` for one without
# a line. Written by UPDATE=1, see there.
";

/// Puts what a test sent into the list: operations that have no line yet, and those whose line is this test's.
pub(super) fn update(test: &str, sent: &BTreeSet<String>) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    // Another run of the tests may be writing it, too.
    let lock = File::create(home().join("operations.lock")).unwrap();
    lock.lock().unwrap();
    let named = source().named;
    let today = OffsetDateTime::now_utc().format(format_description!("[year]-[month]-[day]")).unwrap();
    let mut list = list();
    list.retain(|operation, line| named.contains_key(operation) && (line.test != test || sent.contains(operation)));
    for operation in sent.iter().filter(|operation| named.contains_key(*operation)) {
        let line = list.entry(operation.clone()).or_insert_with(|| Line { date: String::new(), test: test.to_owned() });
        if line.test == test {
            line.date.clone_from(&today);
        }
    }
    let lines = list.iter().map(|(operation, line)| format!("{operation} {} {}\n", line.date, line.test));
    fs::write(path(), HEAD.to_owned() + &lines.collect::<String>()).unwrap();
}

/// The file of a test: that of `emptying::a_bucket_is_emptied` is tests/it/emptying.rs.
pub(crate) fn file_of(test: &str) -> PathBuf {
    let (module, _) = test.rsplit_once("::").expect("a test stands in a module");
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(module.replace("::", "/"));
    let file = [module.with_extension("rs"), module.join("mod.rs")].into_iter().find(|file| file.exists());
    file.unwrap_or_else(|| panic!("no file has {test}"))
}

/// What the file of a test calls itself: that it was sent says nothing of pipectl.
pub(crate) fn called_by(test: &str) -> BTreeSet<String> {
    let mut calls = Calls::default();
    let code = fs::read_to_string(file_of(test)).unwrap();
    // The calls alone, not what it says of others in texts.
    read("", &code.replace('"', " "), known(), &mut calls);
    calls.named.into_keys().collect()
}

/// What the source calls.
#[derive(Default)]
pub(crate) struct Calls {
    /// The operations (`kinesis CreateStream`), each with the files that name it.
    pub(crate) named: BTreeMap<String, BTreeSet<String>>,
    /// Calls of which two services have an operation of the name, and nothing in the file says whose is meant.
    pub(crate) unclear: Vec<String>,
}

/// botocore's name of the service of a crate of the SDK.
fn service(sdk: &str) -> &str {
    match sdk {
        "cloudwatchlogs" => "logs",
        "eventbridge" => "events",
        other => other,
    }
}

/// Reads `src/aws`: every operation of the SDK's clients that it calls, or hands to a macro.
pub(crate) fn source() -> Calls {
    let mut calls = Calls::default();
    for (file, text) in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws")) {
        read(&file, &text, known(), &mut calls);
    }
    calls
}

/// The services whose clients are in Cargo.toml, and those that are called without one.
fn services() -> Vec<String> {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let sdk = Regex::new(r"(?m)^aws-sdk-([a-z0-9]+) =").unwrap();
    let slim = Regex::new(r#"impl Service for \w+ \{[^}]*const NAME: &'static str = "([a-z0-9]+)""#).unwrap();
    let code = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws"));
    let slim = code.iter().flat_map(|(_, code)| slim.captures_iter(code).map(|found| found[1].to_owned()));
    sdk.captures_iter(&manifest).map(|found| service(&found[1]).to_owned()).chain(slim).collect()
}

/// The services' operations by their names in small letters, each by its service.
pub(crate) type Operations = BTreeMap<String, BTreeMap<String, String>>;

fn known() -> &'static Operations {
    static KNOWN: LazyLock<Operations> = LazyLock::new(ask);
    &KNOWN
}

fn ask() -> Operations {
    let question = json!({ "operations": services() });
    let answer: Value = wait_for(process::ask(question, hyper::body::Bytes::new()));
    let mut by_name = Operations::new();
    for (service, names) in answer["operations"].as_object().expect("the witness knows the services") {
        for name in names.as_array().into_iter().flatten().filter_map(Value::as_str) {
            by_name.entry(name.to_lowercase()).or_default().insert(service.clone(), name.to_owned());
        }
    }
    by_name
}

/// Every file below a folder with its code, without comments and the tests at its end.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.lines().take_while(|line| *line != "mod tests {");
            let code: Vec<&str> = code.map(|line| line.split("//").next().unwrap_or_default()).collect();
            let short = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(&path);
            all.push((short.to_string_lossy().into_owned(), code.join("\n")));
        }
    }
    all
}

/// Notes what one file calls.
pub(crate) fn read(file: &str, code: &str, operations: &Operations, calls: &mut Calls) {
    // A builder's method takes nothing; a macro takes its name; what fails names itself as it does in AWS's documents.
    let call = Regex::new(r"\.\s*([a-z][a-z0-9_]+)\(\s*\)|,\s*([a-z][a-z0-9_]+)\s*[);]").unwrap();
    let label = Regex::new(r#""([a-z0-9]+) ([A-Z][A-Za-z0-9]+)""#).unwrap();
    let clients = Regex::new(r"\baws_sdk_([a-z0-9]+)::|\bretry::([a-z]+)\b").unwrap();
    let clients: BTreeSet<String> = clients
        .captures_iter(code)
        .filter_map(|found| found.get(1).or(found.get(2)))
        .map(|found| service(found.as_str()).to_owned())
        .collect();
    for found in call.captures_iter(code) {
        let name = found.get(1).or(found.get(2)).map_or("", |found| found.as_str());
        let Some(owners) = operations.get(&name.replace('_', "")) else { continue };
        let mut meant: Vec<_> = owners.iter().filter(|(service, _)| clients.contains(*service)).collect();
        // Of one word there are others: `.query()` is an address's, too.
        if meant.is_empty() && !name.contains('_') {
            continue;
        }
        if owners.len() == 1 {
            meant = owners.iter().collect();
        }
        match meant[..] {
            [(service, operation)] => note(calls, service, operation, file),
            _ => calls
                .unclear
                .push(format!("{file}: {name}, of {}", owners.keys().cloned().collect::<Vec<_>>().join(" or "))),
        }
    }
    for found in label.captures_iter(code) {
        let owner = operations.get(&found[2].to_lowercase()).and_then(|owners| owners.get(service(&found[1])));
        if let Some(operation) = owner {
            note(calls, service(&found[1]), operation, file);
        }
    }
}

fn note(calls: &mut Calls, service: &str, operation: &str, file: &str) {
    calls.named.entry(format!("{service} {operation}")).or_default().insert(file.to_owned());
}
