//! A command makes a function's code: once for the same files and the same command, and what was planned is what is applied.

use std::fs;

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

fn written(cli: Cli) -> Cli {
    cli.file("functions/hello/app.py", "def handler(event, context): pass\n").file("functions/hello/build.sh", BUILD)
}

fn runs(cli: &Cli) -> usize {
    cli.read("runs").lines().count()
}

#[test]
fn a_command_runs_once_for_the_same_files_and_the_same_command() {
    let cli = written(Cli::new().file("envs/dev.toml", SPEC));
    let first = cli.run(&["validate", "--env", "dev"]).success();
    assert!(first.stderr.contains("said by $(reboot)\n"), "no shell has read it: {first}");
    assert!(!first.stdout.contains("said by"), "{first}");
    cli.run(&["validate", "--env", "dev"]).success();
    assert_eq!(runs(&cli), 1);
    cli.write("functions/hello/app.py", "def handler(event, context): return 1\n");
    cli.run(&["validate", "--env", "dev"]).success();
    assert_eq!(runs(&cli), 2);
    cli.write("envs/dev.toml", &SPEC.replace("$(reboot)", "other"));
    cli.run(&["validate", "--env", "dev"]).success();
    assert_eq!(runs(&cli), 3);
    assert!(!cli.path("functions/hello/lib").exists(), "the folder itself stays as it is");
    assert_eq!(cli.read(".pipectl/.gitignore"), "*\n");
}

#[test]
fn a_command_that_fails_is_a_mistake_in_the_spec_and_is_tried_again() {
    let cli = written(Cli::new().file("envs/dev.toml", SPEC)).file("functions/hello/build.sh", "echo no >&2; exit 3");
    for _ in 0..2 {
        let failed = cli.run(&["validate", "--env", "dev"]).fails(1);
        assert!(failed.stderr.starts_with("no\n"), "{failed}");
        assert!(failed.stderr.contains("`sh build.sh $(reboot)` has failed (exit status: 3)"), "{failed}");
        assert!(failed.stderr.contains("envs/dev.toml:13"), "{failed}");
    }
    assert_eq!(fs::read_dir(cli.path(".pipectl/build")).unwrap().count(), 0, "nothing is left of it");
    cli.write("envs/dev.toml", &SPEC.replace("\"sh\"", "\"no-such-program\""));
    let failed = cli.run(&["validate", "--env", "dev"]).fails(1);
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
    assert!(elsewhere.stderr.contains("was built where the plan was made"), "{elsewhere}");
    assert_ne!(elsewhere.code, 0);
    fs::rename(cli.path("elsewhere"), cli.path(".pipectl/build")).unwrap();
    cli.run(&["apply", "plan.json"]).success();
    assert_eq!(runs(&cli), 2);
}
