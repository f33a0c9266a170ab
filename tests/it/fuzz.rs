//! Whatever a file holds, pipectl says what is wrong with it, or takes it: it neither panics nor hangs nor eats memory.
//!
//! `PROPTEST_CASES=100000 cargo test --release --test it fuzz::` tries more.

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use pipectl::engine::plan::Changes;
use pipectl::engine::planfile::{self, Plan, PlanFile};
use pipectl::engine::steps::steps;
use pipectl::import::terraform;
use pipectl::model::address::Address;
use pipectl::model::policy::Policy;
use pipectl::model::scope::Scope;
use pipectl::report;
use pipectl::report::plan::Detail;
use pipectl::spec::{Options, Source, load, load_text};
use pipectl::state::file;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

const STATE: &str = include_str!("../files/state/v1.json");
pub(crate) const PLAN: &str = include_str!("../files/plan/v2.json");
const TERRAFORM: &str = include_str!("../files/import/terraform.tfstate");
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:Put*"],
"Resource":"arn:aws:s3:::a/*","Principal":{"AWS":["123456789012"]},"Condition":{"StringLike":{"s3:prefix":["a/*"]}}}]}"#;
/// What is put where it does not belong.
const HOSTILE: [&str; 16] = [
    "${env}",
    "${",
    "${project.name}${",
    "!{timestamp:yyyy}",
    "!{",
    "\u{0}",
    "\u{202e}",
    "1e999",
    "-9223372036854775809",
    "[[",
    "\"\"\"",
    "../../../etc/passwd",
    "extends = \"base.toml\"\n",
    "null",
    "{}",
    "arn:aws:iam::123456789012:role/x",
];

/// One change to a text, at the place where it falls.
#[derive(Clone, Debug)]
enum Edit {
    Cut(Index, Index),
    Insert(Index, usize),
    Double(Index, Index),
    Swap(Index, Index),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        any::<(Index, Index)>().prop_map(|(a, b)| Edit::Cut(a, b)),
        (any::<Index>(), 0..HOSTILE.len()).prop_map(|(at, what)| Edit::Insert(at, what)),
        any::<(Index, Index)>().prop_map(|(a, b)| Edit::Double(a, b)),
        any::<(Index, Index)>().prop_map(|(a, b)| Edit::Swap(a, b)),
    ];
    prop::collection::vec(edit, 1..6)
}

/// The text with whole words and values cut, doubled, exchanged and put in.
fn edited(text: &str, edits: &[Edit]) -> String {
    let mut words: Vec<String> =
        text.split_inclusive([' ', '\n', '"', ',', '.', '=', '[', ':']).map(str::to_owned).collect();
    for edit in edits.iter().take_while(|_| !text.is_empty()) {
        if words.is_empty() {
            break;
        }
        let place = |index: &Index| index.index(words.len());
        let near = |from: usize, to: &Index| from..(from + 1 + to.index(8)).min(words.len());
        match edit {
            Edit::Cut(a, b) => drop(words.drain(near(place(a), b))),
            Edit::Insert(at, what) => words.insert(place(at), HOSTILE[*what].to_owned()),
            Edit::Double(a, b) => {
                let range = near(place(a), b);
                let copy = words[range.clone()].to_vec();
                words.splice(range.start..range.start, copy);
            }
            Edit::Swap(a, b) => {
                let (a, b) = (place(a), place(b));
                words.swap(a, b);
            }
        }
    }
    words.concat()
}

/// Loads a spec, and prints whatever is wrong with it, as `validate` does.
fn loads(dev: &[u8], base: &[u8], set: &[String]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("envs")).unwrap();
    fs::write(folder.path().join("envs/dev.toml"), dev).unwrap();
    fs::write(folder.path().join("envs/base.toml"), base).unwrap();
    let options = Options { root: folder.path().to_owned(), set: set.to_vec(), account: None, ..Options::default() };
    let loaded = load(&Source::Env("dev".into()), &options);
    let loaded = loaded.map_err(|report| format!("{:?}", report.entries()))?;
    drop(loaded.warnings().entries());
    // What it comes to is the same spec.
    let written = loaded.written().toml();
    let again = load_text("envs/dev.toml", &written, &Options { set: Vec::new(), ..options });
    let again = again.unwrap_or_else(|report| panic!("{}\n{written}", report.render(false, 100)));
    assert_eq!(again.digest, loaded.digest, "{written}");
    Ok(())
}

/// A group with what it may have.
const GROUP: &str = r#"
[values]
team = "growth"
hours = 48
[group.feed]
description = "One event type"
[group.feed.param]
shards = { type = "integer", default = 1, min = 1, max = 20 }
format = { type = "string", one_of = ["gzip", "none"], default = "gzip" }
[group.feed.stream."${instance}"]
mode = "provisioned"
shards = "${param.shards}"
retention_hours = "${values.hours}"
tags = { of = "${values.team} ${instance}" }
[group.feed.firehose.raw]
source = "stream.${instance}"
destination = "bucket.events"
prefix = "${instance}/"
error_prefix = "errors/${instance}/!{firehose:error-output-type}/"
compression = "${param.format}"
[instances.feed]
orders = { shards = 4 }
visits = { off = true, stream."${instance}".name = "v" }
"#;

fn env(file: &str) -> String {
    fs::read_to_string(format!("{}/envs/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The text as somebody writes it who knows how a plan is sealed; none where it is no object.
pub(crate) fn sealed(plan: &str) -> Option<String> {
    let mut file: Map<String, Value> = serde_json::from_str(plan).ok()?;
    if let (Some(changes), Ok(rest)) = (file.get("changes"), serde_json::from_value::<Plan>(file.clone().into()))
        && let Ok(changes) = serde_json::from_value(changes.clone())
    {
        // What stands there for others says the same.
        return Some(PlanFile::new(&Plan { changes: Changes(changes), ..rest }).unwrap().to_string());
    }
    file.remove("digest");
    let digest = hex::encode(Sha256::digest(serde_json::to_vec(&file).unwrap()));
    file.insert("digest".into(), digest.into());
    Some(serde_json::to_string(&file).unwrap())
}

#[test]
fn a_plan_sealed_by_hand_is_a_plan() {
    assert!(planfile::read(sealed(PLAN).unwrap().as_bytes()).is_ok());
}

/// Bounded, whoever else works on the machine: a blow-up takes minutes, not seconds.
fn soon<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let value = work();
    assert!(began.elapsed() < Duration::from_secs(30), "{what} took {:?}", began.elapsed());
    value
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_spec_that_was_mangled(first in edits(), second in edits()) {
        let _ = loads(edited(&env("prod.toml"), &first).as_bytes(), edited(&env("base.toml"), &second).as_bytes(), &[]);
    }

    #[test]
    fn a_group_that_was_mangled(edits in edits(), set in "(instances|values|stream)\\.(feed|hours|orders)(\\.orders)?(\\.shards)?=[0-9]") {
        let base = env("base.toml") + &edited(GROUP, &edits);
        let _ = loads(env("dev.toml").as_bytes(), base.as_bytes(), &[]);
        let _ = loads(env("dev.toml").as_bytes(), base.as_bytes(), &[set]);
    }

    #[test]
    fn a_spec_of_any_bytes(dev in prop::collection::vec(any::<u8>(), 0..400), base in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = loads(&dev, &base, &[]);
    }

    #[test]
    fn a_value_of_any_kind_from_the_command_line(path in "[a-z.\\[\\]\"${}-]{0,30}", value in any::<String>()) {
        let set = [format!("{path}={value}"), format!("stream.clicks.shards={value}"), value.clone()];
        let _ = loads(env("dev.toml").as_bytes(), env("base.toml").as_bytes(), &set);
    }

    #[test]
    fn a_name_prefix_or_arn_of_any_kind(field in 0..6_usize, value in any::<String>()) {
        let fields = ["stream.clicks.name", "bucket.events.name", "firehose.clicks.prefix", "firehose.clicks.error_prefix",
            "snowpipe.events.queue_arn", "snowpipe.events.table"];
        let set = [format!("{}={}", fields[field], toml::Value::String(value))];
        let _ = loads(env("dev.toml").as_bytes(), env("base.toml").as_bytes(), &set);
    }

    #[test]
    fn a_state_that_was_mangled(edits in edits()) {
        if let Ok(stored) = file::parse(edited(STATE, &edits).as_bytes(), "acme-clickstream", "dev") {
            let again = file::parse(&file::render(&stored), "acme-clickstream", "dev").unwrap();
            prop_assert_eq!(file::render(&again), file::render(&stored));
        }
    }

    #[test]
    fn a_state_of_terraform_s_that_was_mangled(edits in edits()) {
        let here = Scope::new("123456789012", "us-east-1");
        match terraform::read(&edited(TERRAFORM, &edits), &here) {
            Ok((found, left_out)) => {
                let said = found.iter().map(|one| &one.key).chain(left_out.iter().map(|one| &one.reason));
                prop_assert!(said.into_iter().all(|text| !text.contains("SECRET")));
            }
            Err(error) => prop_assert!(!error.to_string().contains("SECRET")),
        }
    }

    #[test]
    fn a_state_or_a_plan_of_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(file::parse(&bytes, "acme-clickstream", "dev").is_err());
        prop_assert!(planfile::read(&bytes).is_err());
    }

    #[test]
    fn a_plan_that_was_mangled(edits in edits()) {
        if let Ok((plan, _)) = planfile::read(edited(PLAN, &edits).as_bytes()) {
            let text = PlanFile::new(&plan).unwrap().to_string();
            prop_assert_eq!(text, PLAN, "only white space may change");
        }
    }

    #[test]
    fn a_plan_that_was_mangled_and_sealed_again(edits in edits()) {
        let Some(sealed) = sealed(&edited(PLAN, &edits)) else { return Ok(()) };
        let Ok((plan, _)) = planfile::read(sealed.as_bytes()) else { return Ok(()) };
        soon("showing it", || {
            report::plan::text(&plan, Detail { full: true, width: 80 });
            report::markdown::markdown(&plan, false);
            report::html::page(&plan);
            report::gitlab::terraform(&plan);
        });
        let _ = soon("ordering it", || steps(&plan.changes).is_ok());
    }

    #[test]
    fn a_policy_that_was_mangled(edits in edits()) {
        if let Ok(policy) = Policy::parse(&edited(POLICY, &edits)) {
            let again = Policy::parse(&policy.text()).unwrap();
            prop_assert_eq!(again.text(), policy.text(), "its normal form is normal");
        }
    }

    #[test]
    fn an_address_of_any_text(text in any::<String>()) {
        if let Ok(address) = text.parse::<Address>() {
            prop_assert_eq!(address.to_string(), text);
        }
    }
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        let spec = format!("x = {}1{}", open.repeat(100_000), close.repeat(100_000));
        soon("a deep spec", || assert!(loads(spec.as_bytes(), b"", &[]).is_err()));
    }
    let json = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    soon("deep JSON", || {
        assert!(file::parse(json.as_bytes(), "acme", "dev").is_err());
        assert!(planfile::read(json.as_bytes()).is_err());
        assert!(Policy::parse(&json).is_err());
    });
}

#[test]
fn files_of_ten_megabytes_are_read_or_refused() {
    let large = format!("[project]\nname = \"{}\"\n", "a".repeat(10 << 20));
    soon("a large value", || assert!(loads(large.as_bytes(), b"", &[]).is_err()));
    // What is not too large to be read, a mebibyte, may still be full of mistakes.
    let many = (0..25_000).map(|number| format!("[stream.s{number}]\nshard = {number}\n")).collect::<Vec<_>>().concat();
    soon("many mistakes", || assert!(loads(many.as_bytes(), b"", &[]).is_err()));
    let comment = format!("# {}\n{}", "x".repeat(1_000_000), env("dev.toml"));
    soon("a large comment", || loads(comment.as_bytes(), env("base.toml").as_bytes(), &[])).unwrap();
    let json = format!("{{\"format\": \"{}\"}}", "x".repeat(10 << 20));
    soon("large JSON", || assert!(file::parse(json.as_bytes(), "acme", "dev").is_err()));
    soon("a large plan", || assert!(planfile::read(json.as_bytes()).is_err()));
}

#[test]
fn what_goes_round_or_grows_is_refused() {
    let round = b"extends = \"dev.toml\"";
    soon("a ring of files", || assert!(loads(b"extends = \"base.toml\"", round, &[]).is_err()));
    soon("itself", || assert!(loads(round, b"", &[]).is_err()));
    // Were a filled-in text filled in again, twenty such steps would make a terabyte.
    let mut spec = env("dev.toml");
    for step in 0..40 {
        let before = format!("${{env.tags.t{}}}", step - 1);
        let _ = write!(spec, "\n[env.tags.t{step}]\nx = \"{before}{before}{before}{before}\"\n");
    }
    soon("growing text", || loads(spec.as_bytes(), env("base.toml").as_bytes(), &[]).is_err());
    let numbers = ["99999999999999999999999", "-1", "1e308", "0xffffffffffffffff", "nan", "inf"];
    for number in numbers {
        let spec = env("dev.toml").replace("shards = 1", &format!("shards = {number}"));
        assert!(loads(spec.as_bytes(), env("base.toml").as_bytes(), &[]).is_err(), "{number} shards");
    }
}
