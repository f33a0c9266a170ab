//! A command makes a function's code: once for the same files and the same command, and what was planned is what is applied.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::project;
use crate::support::cli::Cli;
use crate::support::emulator;

const SPEC: &str = r#"
[project]
name = "acme"

[env]
region = "us-east-1"

[state]
local = "state"

[function.hello]
code = "functions/hello"
build = ["sh", "build.sh", "$(reboot)"]
runtime = "python3.13"
handler = "app.handler"
"#;

/// Counts its runs in the project's folder.
const BUILD: &str = "echo \"said by $1\"\necho run >> ../../../runs\nmkdir lib && echo made > lib/made.py\n";

/// The project with a command of its own.
fn building(script: &str) -> Cli {
    let cli = written(Cli::new().file("envs/dev.toml", SPEC));
    cli.file("functions/hello/build.sh", script)
}

fn written(cli: Cli) -> Cli {
    cli.file("functions/hello/app.py", "def handler(event, context): pass\n").file("functions/hello/build.sh", BUILD)
}

fn runs(cli: &Cli) -> usize {
    cli.read("runs").lines().count()
}

#[test]
fn a_command_runs_once_for_the_same_files_and_the_same_command() {
    let cli = written(Cli::new().file("envs/dev.toml", SPEC));
    let first = cli.run(&["build", "--env", "dev"]).success();
    assert!(first.stderr.contains("said by $(reboot)\n"), "no shell has read it: {first}");
    assert!(!first.stdout.contains("said by"), "{first}");
    cli.run(&["build", "--env", "dev"]).success();
    assert_eq!(runs(&cli), 1);
    cli.write("functions/hello/app.py", "def handler(event, context): return 1\n");
    cli.run(&["build", "--env", "dev"]).success();
    assert_eq!(runs(&cli), 2);
    cli.write("envs/dev.toml", &SPEC.replace("$(reboot)", "other"));
    cli.run(&["build", "--env", "dev"]).success();
    assert_eq!(runs(&cli), 3);
    assert!(!cli.path("functions/hello/lib").exists(), "the folder itself stays as it is");
    assert_eq!(cli.read(".pipectl/.gitignore"), "*\n");
}

#[test]
fn a_command_that_fails_is_a_mistake_in_the_spec_and_is_tried_again() {
    let cli = written(Cli::new().file("envs/dev.toml", SPEC)).file("functions/hello/build.sh", "echo no >&2; exit 3");
    for _ in 0..2 {
        let failed = cli.run(&["build", "--env", "dev"]).fails(1);
        assert!(failed.stderr.starts_with("building function.hello: sh build.sh $(reboot)\nno\n"), "{failed}");
        assert!(failed.stderr.contains("`sh build.sh $(reboot)` has failed (exit status: 3)"), "{failed}");
        assert!(failed.stderr.contains("envs/dev.toml:13"), "{failed}");
    }
    let left = fs::read_dir(cli.path(".pipectl/build")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["CACHEDIR.TAG"], "nothing is left of it");
    cli.write("envs/dev.toml", &SPEC.replace("\"sh\"", "\"no-such-program\""));
    let failed = cli.run(&["build", "--env", "dev"]).fails(1);
    assert!(failed.stderr.contains("cannot be run: No such file or directory"), "{failed}");
}

#[test]
fn what_was_built_for_the_plan_is_what_is_applied() {
    let account = emulator::ministack().account();
    let cli = written(project(&account, SPEC));
    cli.run(&["plan", "--env", "dev"]).success();
    cli.run(&["apply", "plan.json"]).success();
    cli.run(&["plan", "--env", "dev", "--detailed-exitcode"]).success();
    assert_eq!(runs(&cli), 1);

    // Another machine has the plan and not what was built for it.
    cli.write("functions/hello/app.py", "def handler(event, context): return 1\n");
    cli.run(&["plan", "--env", "dev", "--detailed-exitcode"]).fails(2);
    fs::rename(cli.path(".pipectl/build"), cli.path("elsewhere")).unwrap();
    let elsewhere = cli.run(&["apply", "plan.json"]);
    assert!(elsewhere.stderr.contains("it is not built"), "{elsewhere}");
    assert_ne!(elsewhere.code, 0);
    fs::rename(cli.path("elsewhere"), cli.path(".pipectl/build")).unwrap();
    cli.run(&["apply", "plan.json"]).success();
    assert_eq!(runs(&cli), 2);
}

#[test]
fn a_build_gets_the_listed_variables_and_an_empty_home_and_no_credentials() {
    let script = "env | cut -d= -f1 | sort > ../../../names\nls -A \"$HOME\" > ../../../home-holds\necho \"$HOME\" > ../../../home-is\n\
        echo x > \"$TMPDIR/x\"\nreadlink /proc/self/fd/0 > ../../../input\n";
    let credentials =
        ["AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE", "CI_JOB_TOKEN", "PIPECTL_SECRET_X", "GITHUB_TOKEN"];
    let cli = credentials.iter().fold(building(script), |cli, name| cli.env(name, "x"));
    let cli = cli.env("LC_TIME", "C").env("LANG", "C").env("SOMETHING", "x").env("WANTED", "x");
    cli.write("envs/dev.toml", &SPEC.replace("runtime", "build_env = [\"WANTED\", \"NOT_SET\"]\nruntime"));
    cli.run(&["build", "--env", "dev"]).success();
    // The shell itself adds the last ones.
    let names = cli.read("names");
    let names: Vec<&str> = names.lines().filter(|name| !["OLDPWD", "PWD", "SHLVL", "_"].contains(name)).collect();
    assert_eq!(names, ["HOME", "LANG", "LC_TIME", "PATH", "TMPDIR", "WANTED"]);
    assert_eq!(cli.read("home-holds"), "");
    assert_ne!(Path::new(cli.read("home-is").trim()), cli.path("home"));
    assert!(!Path::new(cli.read("home-is").trim()).exists(), "it ends with the build");
    assert_eq!(cli.read("input"), "/dev/null\n");
}

#[test]
fn a_home_that_the_spec_names_is_the_users_own() {
    let cli = building("echo \"$HOME\" > ../../../home-is\n");
    cli.write("envs/dev.toml", &SPEC.replace("runtime", "build_env = [\"HOME\"]\nruntime"));
    cli.run(&["build", "--env", "dev"]).success();
    assert_eq!(Path::new(cli.read("home-is").trim()), cli.path("home"));
}

#[test]
fn no_credential_can_be_named_for_a_build() {
    let refused = [
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "aws_session_token",
        "CI_JOB_TOKEN",
        "CI_JOB_JWT_V2",
        "CI_REGISTRY_PASSWORD",
        "CI_REPOSITORY_URL",
        "GITLAB_TOKEN",
        "GITHUB_TOKEN",
        "GH_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "PIPECTL_SECRET_KEY",
        "WEATHER",
        "A-B",
        "",
    ];
    let secret = "[secret.weather]\nvariable = \"WEATHER\"\n";
    for name in refused {
        let spec = SPEC.replace("runtime", &format!("build_env = [\"{name}\"]\nruntime")) + secret;
        let cli = written(Cli::new().file("envs/dev.toml", &spec));
        let failed = cli.run(&["validate", "--env", "dev"]).fails(1);
        assert!(
            failed.stderr.contains("is not given to a build") || failed.stderr.contains("is no name"),
            "{name}: {failed}"
        );
    }
    for name in ["HOME", "PIP_INDEX_URL", "HTTPS_PROXY", "CI_COMMIT_SHA", "SSH_AUTH_SOCK", "CI"] {
        let spec = SPEC.replace("runtime", &format!("build_env = [\"{name}\"]\nruntime")) + secret;
        written(Cli::new().file("envs/dev.toml", &spec)).run(&["validate", "--env", "dev"]).success();
    }
}

/// Whether the process that has written its id into a file is there.
fn lives(cli: &Cli, file: &str) -> bool {
    Command::new("kill").args(["-0", cli.read(file).trim()]).output().unwrap().status.success()
        && !fs::read_to_string(format!("/proc/{}/stat", cli.read(file).trim())).unwrap_or_default().contains(") Z ")
}

#[test]
fn what_a_build_leaves_running_ends_with_it() {
    let script = "sh -c 'echo $$ > ../../../in-group; exec sleep 600' &\n\
        setsid sh -c 'echo $$ > ../../../gone-off; exec sleep 600' &\n\
        while [ ! -s ../../../in-group ] || [ ! -s ../../../gone-off ]; do sleep 0.05; done\n";
    let cli = building(script);
    cli.run(&["build", "--env", "dev"]).success();
    assert!(!lives(&cli, "in-group"));
    assert!(!cfg!(target_os = "linux") || !lives(&cli, "gone-off"));
}

#[test]
fn a_signal_ends_a_build_and_all_that_it_has_started() {
    let cli = building("echo $$ > ../../../first\nsleep 600 & echo $! > ../../../second\nwait\n");
    let running = cli.spawn(&["build", "--env", "dev"]);
    while !cli.path("second").exists() || cli.read("second").is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    running.signal("INT");
    let ended = running.output();
    assert_eq!(ended.code, 130, "{ended}");
    assert!(!lives(&cli, "first") && !lives(&cli, "second"));
    cli.write("functions/hello/build.sh", "true\n");
    cli.run(&["build", "--env", "dev"]).success();
}

#[test]
fn validate_looks_at_the_folders_and_builds_nothing() {
    let cli = building("echo run >> ../../../runs\n");
    cli.run(&["validate", "--env", "dev"]).success();
    assert!(!cli.path("runs").exists() && !cli.path(".pipectl").exists());
    fs::remove_dir_all(cli.path("functions")).unwrap();
    let failed = cli.run(&["validate", "--env", "dev"]).fails(1);
    assert!(failed.stderr.contains("`functions/hello` is not a folder"), "{failed}");
    let refused = cli.run(&["plan", "--no-build", "--env", "dev"]);
    assert_ne!(refused.code, 0);
}
