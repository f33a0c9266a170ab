//! Secrets on both emulators: what is in one is known to AWS and to nobody else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use pipectl::model::kind::StepContext;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::e2e::life::is_destroyed;
use crate::support::cli::Output;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::json;
use crate::support::witness::Recording;

const PROJECT: &str = "acme-weather";
const KEY: &str = "correct-horse-battery-staple";
/// What somebody else makes of it.
const THEIRS: &str = "rotated-by-hand";

fn deployment(emulator: &'static Emulator) -> Deployment {
    Deployment::of("tests/files/weather", emulator.account())
}

#[tokio::test]
async fn secrets_live_on_ministack_and_their_function_alone_reads_them() {
    let _sends = Recording::of("secrets::secrets_live_on_ministack_and_their_function_alone_reads_them");
    let weather = deployment(emulator::ministack());
    let weather = lives(weather).await;
    let lambda = weather.aws().client(aws_sdk_lambda::Client::new).await;
    let reply = lambda.invoke().function_name("acme-weather-dev-forecast").send().await.unwrap();
    let told = String::from_utf8(reply.payload.unwrap().into_inner()).unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told, json!({ "length": THEIRS.len(), "other": "AccessDeniedException" }));
    dies(weather).await;
}

#[tokio::test]
async fn secrets_live_on_moto() {
    let weather = lives(deployment(emulator::moto())).await;
    dies(weather).await;
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
        os.write(terminal, answer.encode() + (b"" if answer == "\x03" else b"\n"))
        answer = ""
    shows = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
sys.stdout.buffer.write(shown)
print("the terminal shows what is typed:", shows)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

#[tokio::test]
async fn at_a_terminal_the_value_is_asked_for_and_not_shown() {
    let weather = deployment(emulator::moto());
    let (code, shown) = at_a_terminal(&weather, KEY);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("Value of secret.api-key (it is not shown): ") && !shown.contains(KEY), "{shown}");
    assert_eq!(value(&weather, "api-key").await.as_deref(), Some(KEY));
}

#[tokio::test]
async fn ctrl_c_at_the_question_changes_nothing_and_gives_the_terminal_back() {
    let weather = deployment(emulator::moto());
    let (code, shown) = at_a_terminal(&weather, "\u{3}");
    assert_eq!(code, Some(130), "{shown}");
    assert!(shown.ends_with("the terminal shows what is typed: True\n"), "{shown}");
    assert_eq!(value(&weather, "api-key").await, None);
}

/// The exit code of an apply at a terminal where that is typed at its question, and what the terminal showed.
fn at_a_terminal(weather: &Deployment, typed: &str) -> (Option<i32>, String) {
    let pipectl = weather.cli.command(&["apply", "--auto-approve", "--env", "dev"]);
    let mut terminal = Command::new("python3");
    terminal.args(["-c", AT_A_TERMINAL, typed]).arg(pipectl.get_program()).args(pipectl.get_args());
    terminal.current_dir(weather.cli.path(".")).env_clear();
    terminal.envs(pipectl.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = terminal.stdin(Stdio::null()).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Deployed with everything logged that anybody logs: the values are in AWS, and in nothing that was said or written.
async fn lives(mut weather: Deployment) -> Deployment {
    weather.cli = weather.cli.env("PIPECTL_LOG", "trace");
    let missing = weather.run(&["apply", "--auto-approve"]).fails(1);
    assert!(missing.stderr.contains("set the environment variable WEATHER_KEY"), "{missing}");
    assert!(!missing.stderr.contains("CreateRole"), "nothing was begun");

    weather.cli = weather.cli.env("WEATHER_KEY", KEY);
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
        said.push(weather.run(command).success());
    }
    assert_eq!(value(&weather, "api-key").await.as_deref(), Some(KEY));
    let salt = value(&weather, "salt").await.unwrap();
    assert_eq!(salt.len(), 24);
    assert!(salt.chars().all(|c| c.is_ascii_alphanumeric()), "{salt}");
    is_nowhere(&weather, &said, &[KEY, &salt]);
    changes_are_seen_and_repaired(&weather).await;
    assert_eq!(value(&weather, "api-key").await.as_deref(), Some(THEIRS), "it was put by others, and stays");
    weather
}

/// The value of a secret; none where it is gone, or going.
async fn value(weather: &Deployment, block: &str) -> Option<String> {
    let name = format!("{PROJECT}-dev-{block}");
    let there = list(weather, false).await.contains(&name);
    let reply = json::secretsmanager(&weather.account, "GetSecretValue", json!({ "SecretId": name }));
    if there { reply.await["SecretString"].as_str().map(str::to_owned) } else { None }
}

/// The names of the secrets, those that are going among them where that is asked for.
async fn list(weather: &Deployment, going: bool) -> Vec<String> {
    let asked = json!({ "IncludePlannedDeletion": going });
    let reply = json::secretsmanager(&weather.account, "ListSecrets", asked).await;
    let all = reply["SecretList"].as_array().into_iter().flatten().filter_map(|one| one["Name"].as_str());
    all.map(str::to_owned).collect()
}

fn is_nowhere(weather: &Deployment, said: &[Output], secrets: &[&str]) {
    assert!(said.iter().any(|output| output.stderr.contains("CreateSecret")), "it logs");
    for secret in secrets {
        for output in said {
            assert!(!output.stdout.contains(secret) && !output.stderr.contains(secret), "printed");
        }
        no_file_holds(&weather.cli.path("."), secret);
    }
    let state = format!("{:?}", weather.state());
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
async fn changes_are_seen_and_repaired(weather: &Deployment) {
    let name = format!("{PROJECT}-dev-api-key");
    let theirs = json!({ "SecretId": name, "SecretString": THEIRS, "ClientRequestToken": Uuid::new_v4() });
    json::secretsmanager(&weather.account, "PutSecretValue", theirs).await;
    assert_eq!(weather.changes(), BTreeSet::new());

    let registry = weather.registry();
    let kind = registry.get("secretsmanager_secret").unwrap();
    let address = "secret.api-key".parse().unwrap();
    let live = kind.read(&name, Some(&weather.records()[&address].attributes)).await.unwrap().unwrap();
    let mut want = Value::clone(&live.attributes);
    want["description"] = json!("Theirs");
    want["kms_key"] = json!("alias/theirs");
    want["recovery_days"] = json!(30);
    want["tags"]["owner"] = json!("somebody");
    let owner = weather.owner(&address);
    let step = StepContext { owner: &owner, since: None, empty: false, seen: None, note: &|_| {} };
    kind.update(&live.attributes, &want, &step).await.unwrap();
    let seen = ["description", "kms_key", "recovery_days", "tags.owner"].map(|path| format!("secret.api-key {path}"));
    assert_eq!(weather.changes(), BTreeSet::from(seen));
    // A key of theirs kept others out.
    weather.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    assert_eq!(weather.changes(), BTreeSet::new());
}

/// Destroyed; what can be restored is, by the apply that makes it again.
async fn dies(weather: Deployment) {
    is_destroyed(&weather).await;
    assert_eq!(list(&weather, true).await, ["acme-weather-dev-api-key"], "it can be restored for 7 days");
    weather.run(&["apply", "--auto-approve"]).success();
    assert_eq!(value(&weather, "api-key").await.as_deref(), Some(KEY));
    assert_eq!(weather.changes(), BTreeSet::new());
    is_destroyed(&weather).await;
}
