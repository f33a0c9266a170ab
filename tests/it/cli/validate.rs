//! `validate`: what is right, what is wrong, and which file is meant.

use std::fmt::Write;

use insta::assert_snapshot;
use serde_json::json;

use super::SMALL;
use crate::support::cli::{Cli, Output};

fn validate(spec: &str) -> Output {
    Cli::new().file("envs/dev.toml", spec).run(&["validate", "--env", "dev"])
}

#[test]
fn a_valid_spec_is_counted() {
    assert_snapshot!(validate(SMALL), @r"
    --- stdout
    valid dev: 3 resources of 3 types.
    --- exit code 0
    ");
    let json = Cli::new().file("envs/dev.toml", SMALL).run(&["validate", "--env", "dev", "--json"]).success().json();
    let mut rest = json.clone();
    assert_eq!(rest.as_object_mut().unwrap().remove("digest").unwrap().as_str().unwrap().len(), 64);
    let resources = json!({"cloudwatch_alarm": 1, "kinesis_stream": 1, "sns_topic": 1});
    let expected =
        json!({"valid": true, "env": "dev", "resources": resources, "warnings": [], "warning_count": 0, "notes": []});
    assert_eq!(rest, expected);
}

#[test]
fn what_is_missing_is_said_and_what_is_doubtful_is_warned_of() {
    let spec = format!(
        "{SMALL}[bucket.events]\n[snowpipe.events]\nbucket = \"bucket.events\"\nprefix = \"events/\"\naccess = \"user\"\ntable = \"A.B.C\"\n"
    );
    assert_snapshot!(validate(&spec), @r"
    --- stdout
    valid dev: 6 resources of 6 types.
    --- stderr
    Still missing
      snowpipe.events: Snowpipe is not told of new objects: the ARN of its queue is missing
        run the statements of `pipectl snowflake-sql --env dev` in Snowflake; set `queue_arn` to the
        `notification_channel` of SHOW PIPES
    --- exit code 0
    ");
}

const WRONG: &str = r#"
[project]
name = "acme"
[env]
region = "eu-west1"
[stream.clicks]
shards = 0
retention_hour = 48
[firehose.clicks]
source = "stream.click"
destination = "stream.clicks"
prefix = "events/!{timestamp:yyyy}"
buffering = { size_mib = "5", interval_seconds = 10 }
"#;

#[test]
fn all_mistakes_are_told_at_once() {
    assert_snapshot!(validate(WRONG), @r#"
    --- stderr
    error: `env.region` is malformed: it must match `^[a-z]+(-[a-z]+)+-[0-9]$`
     --> envs/dev.toml:5:10
      |
    5 | region = "eu-west1"
      |          ^^^^^^^^^^
      |
      = help: AWS region: `eu-west-1`.

    error: `stream.clicks.shards` must be between 1 and 10000, not 0
     --> envs/dev.toml:7:10
      |
    7 | shards = 0
      |          ^
      |
      = help: Open shards, each for 1 MiB or 1,000 records a second; only in provisioned mode, where it is required.

    error: unknown key `retention_hour` in `stream.clicks`
     --> envs/dev.toml:8:1
      |
    8 | retention_hour = 48
      | ^^^^^^^^^^^^^^
      |
      = help: did you mean `retention_hours`?

    error: there is no block `stream.click`
      --> envs/dev.toml:10:10
       |
    10 | source = "stream.click"
       |          ^^^^^^^^^^^^^^
       |
       = help: did you mean `stream.clicks`?

    error: `firehose.clicks.destination` must be a `bucket`, not a `stream`
      --> envs/dev.toml:11:15
       |
    11 | destination = "stream.clicks"
       |               ^^^^^^^^^^^^^^^
       |
       = help: this spec has no block of kind `bucket`

    error: `firehose.clicks.buffering.size_mib` must be an integer, not a string
      --> envs/dev.toml:13:26
       |
    13 | buffering = { size_mib = "5", interval_seconds = 10 }
       |                          ^^^
       |
       = help: write 5 without quotes

    6 mistakes.
    --- exit code 1
    "#);
}

#[test]
fn mistakes_are_told_to_programs_as_well() {
    let output = Cli::new().file("envs/dev.toml", WRONG).run(&["validate", "--env", "dev", "--json"]).fails(1);
    let json = output.json();
    assert_eq!(json["error"]["exit_code"], 1);
    let first = &json["error"]["diagnostics"][0];
    let place = json!({"file": "envs/dev.toml", "line": 5, "column": 10});
    for (key, value) in place.as_object().unwrap() {
        assert_eq!(&first[key], value, "{first:#}");
    }
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    assert_snapshot!(validate("[project\nname = 1"), @r"
    --- stderr
    error: unclosed table, expected `]`
     --> envs/dev.toml:1:9
      |
    1 | [project
      |         ^

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(validate(""), @r"
    --- stderr
    error: the table `project` is missing
    --> envs/dev.toml
     = help: What all environments have in common.

    error: the table `env` is missing
    --> envs/dev.toml
     = help: The environment.

    2 mistakes.
    --- exit code 1
    ");
    assert_snapshot!(validate("a = 1\na = 2"), @r"
    --- stderr
    error: duplicate key
     --> envs/dev.toml:2:1
      |
    2 | a = 2
      | ^

    1 mistake.
    --- exit code 1
    ");
}

#[test]
fn depth_and_length_end_in_an_error() {
    let deep = format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let output = validate(&deep).fails(1);
    assert!(output.stderr.contains("error: ") && output.stderr.len() < 2000, "{}", output.stderr);
    let mut chain = Cli::new().file("envs/dev.toml", "extends = \"e0.toml\"");
    for number in 0..200 {
        chain = chain.file(&format!("envs/e{number}.toml"), &format!("extends = \"e{}.toml\"", number + 1));
    }
    let output = chain.run(&["validate", "--env", "dev"]).fails(1);
    assert!(output.stderr.contains("error: "), "{}", output.stderr);
    let long = "x".repeat(1_000_000);
    let output = validate(&SMALL.replace("\"acme\"", &format!("\"{long}\""))).fails(1);
    assert!(output.stderr.len() < 5000, "{} bytes", output.stderr.len());
    assert_snapshot!(validate(&SMALL.replace("shards = 1", "shards = 99999999999999999999")), @r"
    --- stderr
    error: this number is out of range
      --> envs/dev.toml:10:10
       |
    10 | shards = 99999999999999999999
       |          ^^^^^^^^^^^^^^^^^^^^

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(validate(&SMALL.replace("shards = 1", "shards = -1.5e300")), @r"
    --- stderr
    error: `stream.clicks.shards` must be an integer, not a float
      --> envs/dev.toml:10:10
       |
    10 | shards = -1.5e300
       |          ^^^^^^^^
       |
       = help: Open shards, each for 1 MiB or 1,000 records a second; only in provisioned mode, where it is required.

    1 mistake.
    --- exit code 1
    ");
}

#[test]
fn nothing_in_a_spec_steers_the_terminal() {
    let hostile = "\\u001b[31mred\\u202e\\u0007";
    let mut spec = SMALL.replace("[state]", &format!("tags = {{ \"{hostile}\" = \"{hostile}\" }}\n[state]"));
    let _ = write!(spec, "[stream.\"{hostile}\"]\nname = \"{hostile}\"\n[\"{hostile}\"]\n");
    let output = validate(&spec);
    assert!(!format!("{}{}", output.stdout, output.stderr).contains(['\u{1b}', '\u{202e}', '\u{7}']));
    assert_snapshot!(output, @r#"
    --- stderr
    error: a tag cannot hold `\u{1b}`; letters, digits, spaces and `_.:/=+-@` are allowed
     --> envs/dev.toml:6:40
      |
    6 | tags = { "\u001b[31mred\u202e\u0007" = "\u001b[31mred\u202e\u0007" }
      |                                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^

    error: `stream.\u{1b}[31mred\u{202e}\u{7}` is malformed: it must match `^[a-z][a-z0-9_-]*$`
      --> envs/dev.toml:18:9
       |
    18 | [stream."\u001b[31mred\u202e\u0007"]
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: The name of a block begins with a letter and has at most 40 characters: lower-case letters, digits, `-` and `_`.

    error: the Kinesis stream would be called `\u{1b}[31mred\u{202e}\u{7}`, which holds `\u{1b}`
      --> envs/dev.toml:19:8
       |
    19 | name = "\u001b[31mred\u202e\u0007"
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: its name has 1 to 128 characters: letters, digits, `_`, `.` and `-`

    error: unknown key `\u{1b}[31mred\u{202e}\u{7}`
      --> envs/dev.toml:20:2
       |
    20 | ["\u001b[31mred\u202e\u0007"]
       |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: known are `alarm`, `api`, `athena`, `branches`, `bucket`, `catalog`, `crawler`, `dashboard`, `dataset`, `env`, `extends`, `firehose`, `function`, `group`, `instances`, `job`, `key`, `moved`, `policy`, `prices`, `project`, `publish`, `queue`, `registry`, `role`, `schedule`, `secret`, `security_group`, `snowpipe`, `state`, `stream`, `subnet`, `table`, `topic`, `values` and `workflow`

    4 mistakes.
    --- exit code 1
    "#);
    let cli = Cli::new().file("envs/d\u{1b}[31m.toml", "x = 1\n\u{1b}[31m = 2");
    let output = cli.run(&["validate", "--env-file", "envs/d\u{1b}[31m.toml"]).fails(1);
    assert!(!output.stderr.contains('\u{1b}'), "{}", output.stderr);
}

/// A function of its own folder.
fn function(runtime: &str, more: &str) -> String {
    format!(
        "[project]\nname = \"acme\"\n[env]\nregion = \"eu-west-1\"\n[state]\nlocal = \"state\"\n[function.f]\ncode = \"fn\"\n\
         handler = \"nope.handler\"\nruntime = \"{runtime}\"\n{more}"
    )
}

#[test]
fn code_that_would_not_start_is_refused_unless_a_command_makes_it() {
    let told = |file: &str, text: &str, spec: &str| {
        Cli::new().file("envs/dev.toml", spec).file(file, text).run(&["validate", "--env", "dev"])
    };
    let missing = told("fn/app.py", "def handler(e, c): pass", &function("python3.14", "")).fails(1);
    assert!(missing.stderr.contains("there is no `nope.py` in the code"), "{}", missing.stderr);
    assert!(missing.stderr.contains("envs/dev.toml:9:11"), "{}", missing.stderr);
    let missing = told("fn/main.c", "int main() {}", &function("provided.al2023", "")).fails(1);
    assert!(missing.stderr.contains("there is no file `bootstrap` in the code"), "{}", missing.stderr);
    told("fn/nope.py", "def handler(e, c): pass", &function("python3.14", "")).success();
    told("fn/bootstrap", "#!/bin/sh", &function("provided.al2023", "")).success();
    told("fn/app.py", "x", &function("python3.14", "build = [\"make\"]\n")).success();
}
