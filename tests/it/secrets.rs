//! Secrets on both emulators: what is in one is known to AWS and to nobody else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use pipectl::aws::kinds;
use pipectl::engine::kind::{Owner, Step};
use serde_json::json;

use crate::support::cli::Output;
use crate::support::emulator::{self, Emulator};
use crate::support::example::Example;

const PROJECT: &str = "acme-weather";
const SPEC: &str = r#"
[project]
name = "acme-weather"
[env]
name = "dev"
region = "eu-west-1"
[secret.api-key]
description = "Key of the weather service"
variable = "WEATHER_KEY"
recovery_days = 7
[secret.salt]
generate = { length = 24 }
recovery_days = 0
[function.forecast]
code = "functions/forecast"
runtime = "python3.13"
handler = "app.handler"
environment = { KEY = "${secret.api-key.name}" }
uses = ["secret.api-key:read"]
"#;
/// Tells how long the key is, and why it cannot read the other secret.
const CODE: &str = r#"
import os

import boto3
from botocore.exceptions import ClientError

secrets = boto3.client("secretsmanager")


def handler(event, context):
    key = secrets.get_secret_value(SecretId=os.environ["KEY"])["SecretString"]
    try:
        secrets.get_secret_value(SecretId="acme-weather-dev-salt")
        return {"length": len(key), "other": "read"}
    except ClientError as error:
        return {"length": len(key), "other": error.response["Error"]["Code"]}
"#;
const KEY: &str = "correct-horse-battery-staple";
/// What somebody else makes of it.
const THEIRS: &str = "rotated-by-hand";

fn project(emulator: &'static Emulator) -> Example {
    Example::written(emulator.account(), |cli| {
        cli.write("envs/dev.toml", SPEC);
        cli.write("functions/forecast/app.py", CODE);
    })
}

#[tokio::test]
async fn secrets_live_on_ministack_and_their_function_alone_reads_them() {
    let example = project(emulator::ministack());
    let example = lives(example).await;
    let lambda = example.account.aws().client(aws_sdk_lambda::Client::new).await;
    let reply = lambda.invoke().function_name("acme-weather-dev-forecast").send().await.unwrap();
    let told = String::from_utf8(reply.payload.unwrap().into_inner()).unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told, json!({ "length": THEIRS.len(), "other": "AccessDeniedException" }));
    dies(example).await;
}

#[tokio::test]
async fn secrets_live_on_moto() {
    let example = lives(project(emulator::moto())).await;
    dies(example).await;
}

/// Runs a command in a terminal of its own, and types an answer to the first question that is not shown.
const AT_A_TERMINAL: &str = r#"
import os, pty, sys, termios, time

answer, command = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown = b""
while True:
    try:
        read = os.read(terminal, 4096)
    except OSError:
        read = b""
    if not read:
        break
    shown += read
    if answer and b"not shown): " in shown:
        # What is typed before the terminal stops showing it is thrown away.
        while termios.tcgetattr(terminal)[3] & termios.ECHO:
            time.sleep(0.01)
        os.write(terminal, answer.encode() + b"\n")
        answer = ""
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

#[tokio::test]
async fn at_a_terminal_the_value_is_asked_for_and_not_shown() {
    let example = project(emulator::moto());
    let pipectl = example.cli.command(&["apply", "--auto-approve", "--env", "dev"]);
    let mut terminal = Command::new("python3");
    terminal.args(["-c", AT_A_TERMINAL, KEY]).arg(pipectl.get_program()).args(pipectl.get_args());
    terminal.current_dir(example.cli.path(".")).env_clear();
    terminal.envs(pipectl.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = terminal.stdin(Stdio::null()).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("Value of secret.api-key (it is not shown): ") && !shown.contains(KEY), "{shown}");
    assert_eq!(value(&example, "api-key").await.as_deref(), Some(KEY));
}

/// Deployed with everything logged that anybody logs: the values are in AWS, and in nothing that was said or written.
async fn lives(mut example: Example) -> Example {
    example.cli = example.cli.env("PIPECTL_LOG", "trace");
    let missing = example.run(&["apply", "--auto-approve"]).fails(1);
    assert!(missing.stderr.contains("set the environment variable WEATHER_KEY"), "{missing}");
    assert!(!missing.stderr.contains("CreateRole"), "nothing was begun");

    example.cli = example.cli.env("WEATHER_KEY", KEY);
    let mut said = Vec::new();
    for command in [
        &["plan"][..],
        &["apply", "--auto-approve", "--json"],
        &["plan", "--detailed-exitcode", "--json"],
        &["output", "--json"],
        &["state", "pull"],
        &["status"],
        &["export", "terraform", "--out", "terraform"],
        &["export", "cloudformation", "--out", "cloudformation"],
    ] {
        said.push(example.run(command).success());
    }
    assert_eq!(value(&example, "api-key").await.as_deref(), Some(KEY));
    let salt = value(&example, "salt").await.unwrap();
    assert_eq!(salt.len(), 24);
    assert!(salt.chars().all(|c| c.is_ascii_alphanumeric()), "{salt}");
    is_nowhere(&example, &said, &[KEY, &salt]);
    changes_are_seen_and_repaired(&example).await;
    assert_eq!(value(&example, "api-key").await.as_deref(), Some(THEIRS), "it was put by others, and stays");
    example
}

/// The value of a secret; none where it is gone, or going.
async fn value(example: &Example, block: &str) -> Option<String> {
    let client = example.account.aws().client(aws_sdk_secretsmanager::Client::new).await;
    let reply = client.get_secret_value().secret_id(format!("{PROJECT}-dev-{block}")).send().await;
    reply.ok().and_then(|reply| reply.secret_string)
}

fn is_nowhere(example: &Example, said: &[Output], secrets: &[&str]) {
    assert!(said.iter().any(|output| output.stderr.contains("CreateSecret")), "it logs");
    for secret in secrets {
        for output in said {
            assert!(!output.stdout.contains(secret) && !output.stderr.contains(secret), "printed");
        }
        no_file_holds(&example.cli.path("."), secret);
    }
    let state = format!("{:?}", example.state());
    assert!(secrets.iter().all(|secret| !state.contains(secret)), "in the state");
}

fn no_file_holds(folder: &Path, secret: &str) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            no_file_holds(&path, secret);
        } else {
            assert!(!String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(secret), "in {}", path.display());
        }
    }
}

/// Another value is nobody's business; what else somebody changes is seen, and repaired.
async fn changes_are_seen_and_repaired(example: &Example) {
    let client = example.account.aws().client(aws_sdk_secretsmanager::Client::new).await;
    let name = format!("{PROJECT}-dev-api-key");
    client.put_secret_value().secret_id(&name).secret_string(THEIRS).send().await.unwrap();
    assert_eq!(example.changes(), BTreeSet::new());

    let registry = kinds::registry(&example.account.aws());
    let kind = registry.get("secretsmanager_secret").unwrap();
    let address = "secret.api-key".parse().unwrap();
    let live = kind.read(&name, Some(&example.state().resources[&address].attributes)).await.unwrap().unwrap();
    let mut want = live.attributes.clone();
    want["description"] = json!("Theirs");
    want["kms_key"] = json!("alias/theirs");
    want["recovery_days"] = json!(30);
    want["tags"]["owner"] = json!("somebody");
    let owner = Owner { project: PROJECT.into(), env: "dev".into(), address };
    let step = Step { owner: &owner, since: None, empty: false, note: &|_| {} };
    kind.update(&live.attributes, &want, &step).await.unwrap();
    let seen = ["description", "kms_key", "recovery_days", "tags.owner"].map(|path| format!("secret.api-key {path}"));
    assert_eq!(example.changes(), BTreeSet::from(seen));
    example.run(&["apply", "--auto-approve"]).success();
    assert_eq!(example.changes(), BTreeSet::new());
}

/// Destroyed; what can be restored is, by the apply that makes it again.
async fn dies(example: Example) {
    example.is_destroyed().await;
    let client = example.account.aws().client(aws_sdk_secretsmanager::Client::new).await;
    let left = client.list_secrets().include_planned_deletion(true).send().await.unwrap();
    let left: Vec<_> = left.secret_list().iter().filter_map(|one| one.name()).collect();
    assert_eq!(left, ["acme-weather-dev-api-key"], "it can be restored for 7 days");
    example.run(&["apply", "--auto-approve"]).success();
    assert_eq!(value(&example, "api-key").await.as_deref(), Some(KEY));
    assert_eq!(example.changes(), BTreeSet::new());
    example.is_destroyed().await;
}
