//! What an author of specs sees: loading, from files to spec or report.

mod choosing;
mod crawlers;
mod groups;
mod layers;

use std::fs;

use insta::assert_snapshot;
use proptest::prelude::*;
use tempfile::TempDir;

use super::diagnostic::{Diagnostics, Report};
use super::*;

const BASE: &str = "
[project]
name = 'acme'

[branches]
main = 'prod'
'feature/*' = 'dev'
broken = 'prd'

[stream.clicks]
shards = 2

[bucket.events]
name = 'acme-events-${env}'
";
const DEV: &str = "
extends = 'base.toml'

[env]
region = 'eu-west-1'

[stream.clicks]
retention_hours = 48
";

/// A project folder with these files in it.
fn project(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn acme() -> TempDir {
    project(&[("envs/base.toml", BASE), ("envs/dev.toml", DEV), ("envs/prod.toml", DEV)])
}

fn load_in(root: &TempDir, source: &Source, set: &[&str]) -> Result<Loaded, Report> {
    let set = set.iter().map(ToString::to_string).collect();
    load(source, &Options { root: root.path().to_owned(), set, ..Options::default() })
}

fn dev(root: &TempDir, set: &[&str]) -> Result<Loaded, Report> {
    load_in(root, &Source::Env("dev".to_owned()), set)
}

fn told(result: Result<Loaded, Report>) -> String {
    result.unwrap_err().render(false, 100)
}

/// What is said of an environment that is written in one file.
fn told_of(text: &str) -> String {
    let text = format!("project = {{ name = 'acme' }}\nenv = {{ region = 'eu-west-1' }}\n{text}");
    told(dev(&project(&[("envs/dev.toml", &text)]), &[]))
}

#[test]
fn an_environment_is_its_file_over_what_that_extends() {
    let spec = dev(&acme(), &[]).unwrap().spec;
    assert_eq!(spec.env.name, "dev");
    assert_eq!(spec.blocks.stream.own()["clicks"].shards, Some(2));
    assert_eq!(spec.blocks.stream.own()["clicks"].retention_hours, 48);
    assert_eq!(spec.blocks.bucket.own()["events"].name.as_deref(), Some("acme-events-dev"));
}

#[test]
fn settings_of_the_command_line_win_and_need_no_quotes() {
    let set = ["stream.clicks.shards=4", "env.region=us-east-1", "bucket.events.protect = true"];
    let spec = dev(&acme(), &set).unwrap().spec;
    assert_eq!(spec.blocks.stream.own()["clicks"].shards, Some(4));
    assert_eq!(spec.env.region, "us-east-1");
    assert!(spec.blocks.bucket.own()["events"].protect);
}

#[test]
fn a_mistake_on_the_command_line_is_shown_there() {
    assert_snapshot!(told(dev(&acme(), &["stream.clicks.shard=4", "stream.clicks.retention_hours=9000"])), @"
    error: unknown key `shard` in `stream.clicks`
     --> --set:1:15
      |
    1 | stream.clicks.shard=4
      |               ^^^^^
      |
      = help: did you mean `shards`?

    error: `stream.clicks.retention_hours` must be between 24 and 8760, not 9000
     --> --set:1:31
      |
    1 | stream.clicks.retention_hours=9000
      |                               ^^^^
      |
      = help: How long a record stays readable, in hours.
    ");
    assert_snapshot!(told(dev(&acme(), &["stream.clicks", "=4", "a b=1", "extends=base.toml"])), @"
    error: `--set` takes `path.to.key=value`
     --> --set:1:1
      |
    1 | stream.clicks
      | ^^^^^^^^^^^^^
      |
      = help: for example `--set stream.clicks.shards=4`

    error: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`
     --> --set:1:1
      |
    1 | =4
      | ^

    error: key with no value, expected `=`
     --> --set:1:3
      |
    1 | a b=1
      |   ^

    error: `extends` can only be written in a file
     --> --set:1:1
      |
    1 | extends=base.toml
      | ^^^^^^^
    ");
}

#[test]
fn mistakes_in_every_file_are_told_at_once() {
    let base = BASE.replace("shards = 2", "shrads = 2\nretention_hours = 'long'");
    let root = project(&[
        ("envs/base.toml", &base),
        ("envs/dev.toml", &format!("{DEV}\n[firehose.clicks]\nsource = 'stream.click'\ndestination = 'bucket.events'")),
    ]);
    assert_snapshot!(told(dev(&root, &[])), @"
    error: there is no block `stream.click`
      --> envs/dev.toml:11:10
       |
    11 | source = 'stream.click'
       |          ^^^^^^^^^^^^^^
       |
       = help: did you mean `stream.clicks`?

    error: unknown key `shrads` in `stream.clicks`
      --> envs/base.toml:11:1
       |
    11 | shrads = 2
       | ^^^^^^
       |
       = help: did you mean `shards`?
    ");
}

#[test]
fn a_local_state_lies_in_the_project() {
    for outside in ["../x", "/tmp/x", "a/../../x", ""] {
        let told = told_of(&format!("[state]\nlocal = '{outside}'\n"));
        assert!(told.contains("is no folder inside the project") || told.contains("at least 1"), "{outside}: {told}");
    }
}

#[test]
fn what_the_blocks_check_is_told_with_its_place() {
    assert_snapshot!(told_of("[state]\nbucket = 'a-b-c'\n[stream.clicks]\nmode = 'on-demand'\nshards = 1"), @r#"
    error: `state` must say in exactly one way where the state is
     --> envs/dev.toml:3:2
      |
    3 | [state]
      |  ^^^^^
      |
      = help: give `bucket` and `folder`, or `bucket_ssm` and `folder_ssm`, or `local`

    error: an on-demand stream takes no `shards`: AWS decides on them
     --> envs/dev.toml:7:10
      |
    7 | shards = 1
      |          ^
      |
      = help: take `shards` out, or write `mode = "provisioned"`
    "#);
}

#[test]
fn names_and_tags_that_cannot_be_are_told() {
    let text = "[stream.Clicks]\nshards = 1\n[topic.a]\ntags = { 'pipectl:env' = 'x' }\n";
    assert_snapshot!(told_of(text), @"
    error: `stream.Clicks` is malformed: it must match `^[a-z][a-z0-9_-]*$`
     --> envs/dev.toml:3:9
      |
    3 | [stream.Clicks]
      |         ^^^^^^
      |
      = help: The name of a block begins with a letter and has at most 40 characters: lower-case letters, digits, `-` and `_`.

    error: keys that begin with `pipectl:` are pipectl's own: they say whose a resource is
     --> envs/dev.toml:6:26
      |
    6 | tags = { 'pipectl:env' = 'x' }
      |                          ^^^
    ");
    assert_snapshot!(told(dev(&acme(), &["env.tags={ 'aws:x' = 'y' }"])), @"
    error: keys that begin with `aws:` are AWS's own
     --> --set:1:22
      |
    1 | env.tags={ 'aws:x' = 'y' }
      |                      ^^^
    ");
}

#[test]
fn what_is_no_toml_is_told_where_it_stops_being_it() {
    assert_snapshot!(told_of("[stream.clicks\nshards = 2"), @"
    error: unclosed table, expected `]`
     --> envs/dev.toml:3:15
      |
    3 | [stream.clicks
      |               ^
    ");
    assert_snapshot!(told_of("[stream.clicks]\nshards = 2\nshards = 3"), @"
    error: duplicate key
     --> envs/dev.toml:5:1
      |
    5 | shards = 3
      | ^^^^^^
    ");
    assert_snapshot!(told_of("[stream.clicks]\nshards = 99999999999999999999\nx = nan"), @"
    error: this number is out of range
     --> envs/dev.toml:4:10
      |
    4 | shards = 99999999999999999999
      |          ^^^^^^^^^^^^^^^^^^^^
    ");
}

#[test]
fn nothing_outside_the_folder_is_extended() {
    for name in ["../base.toml", "/etc/passwd", "a/../../b.toml", "..\\\\b.toml", "a\\nb.toml", ""] {
        let told = told_of_extends(&format!("\"{name}\""));
        assert!(told.contains("may not be extended"), "{told}");
    }
    assert_snapshot!(told_of_extends("'../base.toml'"), @"
    error: `../base.toml` may not be extended
     --> envs/dev.toml:1:11
      |
    1 | extends = '../base.toml'
      |           ^^^^^^^^^^^^^^
      |
      = help: `extends` names a file of the same folder, or of one below it
    ");
    assert_snapshot!(told_of_extends("'none.toml'"), @"
    error: `envs/none.toml` does not exist
     --> envs/dev.toml:1:11
      |
    1 | extends = 'none.toml'
      |           ^^^^^^^^^^^
    ");
    assert_snapshot!(told_of_extends("1"), @"
    error: `extends` takes the name of a file, or an array of names, not an integer
     --> envs/dev.toml:1:11
      |
    1 | extends = 1
      |           ^
    ");
}

fn told_of_extends(value: &str) -> String {
    told(dev(&project(&[("envs/dev.toml", &format!("extends = {value}"))]), &[]))
}

#[test]
fn a_circle_of_files_is_shown() {
    let root = project(&[
        ("envs/dev.toml", "extends = 'a.toml'"),
        ("envs/a.toml", "extends = 'b.toml'"),
        ("envs/b.toml", "extends = 'a.toml'"),
    ]);
    assert_snapshot!(told(dev(&root, &[])), @"
    error: `extends` leads in a circle: envs/dev.toml → envs/a.toml → envs/b.toml → envs/a.toml
     --> envs/b.toml:1:11
      |
    1 | extends = 'a.toml'
      |           ^^^^^^^^
    ");
}

#[test]
fn files_that_are_no_text_or_too_large_or_too_deep_are_refused() {
    let root = acme();
    let dev_toml = root.path().join("envs/dev.toml");
    fs::write(&dev_toml, b"a = 1\nb = '\xff'").unwrap();
    assert_snapshot!(told(dev(&root, &[])), @"error: `envs/dev.toml` is not UTF-8 (line 2)");
    fs::write(&dev_toml, "#".repeat(1024 * 1024 + 1)).unwrap();
    assert_snapshot!(told(dev(&root, &[])), @"error: `envs/dev.toml` is larger than 1024 KiB");
    for deep in [
        "a.".repeat(400_000) + "b = 1",
        "a = ".to_owned() + &"[".repeat(400_000),
        "[a]\n".to_owned() + &"b = {".repeat(70),
    ] {
        fs::write(&dev_toml, deep).unwrap();
        assert!(told(dev(&root, &[])).contains("nested more than 64 levels deep"));
    }
}

#[test]
fn no_control_character_of_a_file_reaches_the_terminal() {
    let hostile = "[stream.\"a\\u001b[31m\\u202e\"]\nx = '\u{9b}31m \u{202e}' # \u{85}";
    for told in [told_of(hostile), told_of(&format!("{hostile}\x1b[2J"))] {
        assert!(!told.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}')), "{told:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let root = acme();
        fs::write(root.path().join("envs/dev.toml"), bytes).unwrap();
        let _ = dev(&root, &[]).map_err(|report| report.render(true, 80));
    }

    #[test]
    fn arbitrary_toml_never_panics(lines in prop::collection::vec(line(), 0..20), set in "[a-z.=\"\\[{é]{0,12}") {
        let root = acme();
        fs::write(root.path().join("envs/dev.toml"), format!("extends = 'base.toml'\n{}", lines.join("\n"))).unwrap();
        for set in [&[] as &[&str], &[&set]] {
            let Err(report) = dev(&root, set) else { continue };
            let told = report.render(true, 80);
            // The types' own words: the walk must have found it first, and said where it is.
            let own = ["unknown field", "missing field", "invalid type", "invalid value"];
            prop_assert!(report.count().errors > 0 && !own.iter().any(|words| told.contains(words)), "{}", told);
        }
    }
}

/// Lines that are often TOML, and often near what a spec has.
fn line() -> impl Strategy<Value = String> {
    let word =
        || prop_oneof!["stream", "bucket", "firehose", "env", "clicks", "name", "shards", "tags", "[a-zé$]{1,4}"];
    let value = prop_oneof![
        "-?[0-9]{1,20}",
        "'[a-z${}.!é]{0,9}'",
        "\\[[0-9, ]{0,5}\\]",
        "true",
        "inf",
        "1979-05-27",
        "\\{ a = 1 \\}"
    ];
    prop_oneof![
        (word(), word()).prop_map(|(kind, name)| format!("[{kind}.{name}]")),
        (word(), value).prop_map(|(key, value)| format!("{key} = {value}")),
        "[\\[\\]='\"#.a-z{}é]{0,8}",
    ]
}
