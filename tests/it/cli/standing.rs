//! From which folder pipectl is called, and what it finds from there: the project is found upwards, what a person names from where
//! he stands.

use std::fs;

use insta::assert_snapshot;

use super::{SMALL, project};
use crate::support::cli::Cli;
use crate::support::emulator;

/// A function whose code is a folder of the project.
const FUNCTION: &str = "[function.f]\ncode = \"functions/f\"\nruntime = \"python3.13\"\nhandler = \"app.handler\"\n";

/// A project with code, whose environments extend a base.
fn whole() -> Cli {
    let cli = Cli::new().file("envs/base.toml", &format!("{SMALL}{FUNCTION}"));
    let cli = cli.file("envs/dev.toml", "extends = \"base.toml\"\n");
    cli.file("functions/f/app.py", "def handler(event, context): pass\n")
}

#[test]
fn the_project_is_found_from_every_folder_of_it() {
    let cli = whole();
    for folder in ["functions/f", "envs", "functions", "."] {
        let valid = cli.run_in(folder, &["validate", "--env", "dev", "--json"]).success().json();
        assert_eq!(valid["env"], "dev", "{folder}");
    }
    // A file of an environment is named from where the person stands, and what it names is found from the root.
    for (folder, file) in
        [("envs", "dev.toml"), ("functions/f", "../../envs/dev.toml"), ("functions", "./../envs/dev.toml")]
    {
        let _ = cli.run_in(folder, &["validate", "--env-file", file]).success();
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("test.toml");
    fs::write(&file, format!("{SMALL}{FUNCTION}")).unwrap();
    let _ = cli.run_in("functions", &["validate", "--env-file", file.to_str().unwrap()]).success();
    cli.write("envs/dev.toml", "extends = \"base.toml\"\n[stream.clicks]\nshrads = 2\n");
    assert_snapshot!(cli.run_in("functions/f", &["validate", "--env-file", "../../envs/dev.toml"]), @r"
    --- stderr
    error: unknown key `shrads` in `stream.clicks`
     --> envs/dev.toml:3:1
      |
    3 | shrads = 2
      | ^^^^^^
      |
      = help: did you mean `shards`?

    1 mistake.
    --- exit code 1
    ");
}

#[test]
fn a_project_around_a_repository_is_not_its_project() {
    let cli = whole().file("vendor/lib/src/main.py", "");
    fs::create_dir(cli.path("vendor/lib/.git")).unwrap();
    let told = "`envs/` has no environments: run pipectl in a project or in a folder below it";
    for folder in ["vendor/lib", "vendor/lib/src"] {
        let refused = cli.run_in(folder, &["validate", "--env", "dev"]).fails(1);
        assert!(refused.stderr.contains(told), "{refused}");
    }
    let _ = cli.run_in("vendor", &["validate", "--env", "dev"]).success();
    // The repository's own folder is looked at.
    cli.write("vendor/lib/envs/dev.toml", SMALL);
    let valid = cli.run_in("vendor/lib/src", &["validate", "--env", "dev", "--json"]).success().json();
    assert_eq!(valid["resources"].as_object().unwrap().len(), 3, "{valid}");
}

#[test]
fn what_a_person_names_stays_where_he_stands() {
    let account = emulator::ministack().account();
    let cli = project(&account, SMALL).file("functions/f/app.py", "");
    let planned = cli.run_in("functions", &["plan", "--env", "dev", "--html", "f/plan.html"]).success();
    assert!(planned.stderr.contains("saved as plan.json; `pipectl apply plan.json` does exactly this"), "{planned}");
    assert!(cli.path("functions/plan.json").is_file() && cli.path("functions/f/plan.html").is_file());
    assert!(!cli.path("plan.json").exists());
    let _ = cli.run_in("functions/f", &["show", "../plan.json"]).success();
    // The file says which environment, and the state is the root's.
    let _ = cli.run_in("functions/f", &["apply", "../plan.json"]).success();
    assert!(cli.path("state/dev/state.json").is_file() && !cli.path("functions/state").exists());
    let again = cli.run_in("envs", &["plan", "--env-file", "dev.toml", "--detailed-exitcode", "--out", "../plan.json"]);
    let _ = again.success();
    assert!(cli.path("plan.json").is_file());
    let gone = cli.run_in("functions/f", &["show", "plan.json"]).fails(1);
    assert!(gone.stderr.contains("`plan.json` cannot be read"), "{gone}");
    let _ = cli.run_in("functions", &["validate", "--env", "dev", "--code-quality", "quality.json"]).success();
    assert!(cli.path("functions/quality.json").is_file());
    let export = ["export", "terraform", "--env", "dev", "--offline", "--account", "123456789012", "--out", "tf"];
    let _ = cli.run_in("functions", &export).success();
    assert!(cli.path("functions/tf/main.tf").is_file());
}

#[test]
fn a_folder_may_be_named_to_run_in() {
    let all =
        Cli::new().file("infra/envs/dev.toml", &format!("{SMALL}{FUNCTION}")).file("infra/functions/f/app.py", "");
    let handler = "def handler(event, context): pass\n";
    all.write("infra/functions/f/app.py", handler);
    for arguments in
        [["-C", "infra", "validate", "--env", "dev"], ["validate", "--env", "dev", "-C", "infra/functions"]]
    {
        let _ = all.run(&arguments).success();
    }
    // Files as well are named from there, as if pipectl had been started there.
    let _ = all.run(&["-C", "infra/functions", "validate", "--env", "dev", "--code-quality", "quality.json"]).success();
    assert!(all.path("infra/functions/quality.json").is_file());
    let _ = all.run(&["-C", "infra", "validate", "--env-file", "envs/dev.toml"]).success();
    assert_snapshot!(all.run(&["-C", "in\u{1b}[31mfra", "validate", "--env", "dev"]), @r"
    --- stderr
    error: `-C in\u{1b}[31mfra`: No such file or directory (os error 2)
    what now: give a folder that is there, and that may be entered
    --- exit code 1
    ");
    let json = all.run(&["-C", "nowhere", "validate", "--env", "dev", "--json"]).fails(1).json();
    assert_eq!(json["error"]["exit_code"], 1);
}

#[test]
fn a_plan_says_how_it_is_applied_from_where_it_was_made() {
    let account = emulator::ministack().account();
    let cli = Cli::new().against(&account).file("in fra/envs/dev.toml", SMALL);
    let planned = cli.run(&["-C", "in fra", "plan", "--env", "dev"]).success();
    assert!(planned.stderr.contains("saved as plan.json; `pipectl -C 'in fra' apply plan.json` does"), "{planned}");
    let _ = cli.run(&["-C", "in fra", "apply", "plan.json"]).success();
}

#[test]
fn a_plan_file_does_not_choose_the_environment_where_somebody_has() {
    let account = emulator::ministack().account();
    let cli = project(&account, SMALL).file("envs/prod.toml", SMALL);
    let _ = cli.run(&["plan", "--env", "dev"]).success();
    // Nobody but the file says which, and in CI that is not enough.
    let with = |name: &str, value: &str| {
        let mut command = cli.command(&["apply", "plan.json"]);
        let output = command.env("CI", "true").env(name, value).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for (name, value) in [("CI", "true"), ("PIPECTL_ENV", "")] {
        let (code, said) = with(name, value);
        assert!(code == Some(1) && said.contains("which environment? In CI, a plan file"), "{name}: {said}");
    }
    let (code, said) = with("PIPECTL_ENV", "prod");
    assert!(code == Some(3) && said.contains("it is of dev of acme, and this command is for prod of acme"), "{said}");
    assert!(said.contains("what now: name the plan's own environment with `--env`"), "{said}");
    let (code, said) = with("PIPECTL_ENV", "dev");
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn no_project_is_begun_within_another_one() {
    let cli = whole();
    assert_snapshot!(cli.run_in("envs", &["init", "--name", "inner"]), @r"
    --- stderr
    error: nothing was written, for . lies in the project of [FOLDER]
    what now: pipectl finds that project from here; begin another one outside of it, or in a repository of its own: `git init` in its folder comes first
    --- exit code 1
    ");
    let refused = cli.run(&["init", "teams/new", "--name", "inner"]).fails(1);
    assert!(refused.stderr.contains("for teams/new lies in the project of /"), "{refused}");
    assert!(!cli.path("envs/envs").exists() && !cli.path("teams").exists());
    // The folder itself is told what is there already.
    let taken = cli.run(&["init", "--name", "acme"]).fails(1);
    assert!(taken.stderr.contains("has envs/base.toml, envs/dev.toml already"), "{taken}");
    fs::create_dir_all(cli.path("teams/own/.git")).unwrap();
    let _ = cli.run_in("teams/own", &["init", "--name", "own"]).success();
    let _ = cli.run(&["-C", "teams/own", "validate", "--env", "dev"]);
    assert!(cli.path("teams/own/envs/base.toml").is_file());
}
