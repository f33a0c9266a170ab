//! Which environment is meant, and from which files it comes.

use std::os::unix::ffi::OsStrExt;

use insta::assert_snapshot;

use super::SMALL;
use crate::support::cli::Cli;

#[test]
fn the_environment_has_to_be_named() {
    let cli = Cli::new().file("envs/dev.toml", SMALL).file("envs/prod.toml", SMALL);
    assert_snapshot!(cli.run(&["validate"]), @r"
    --- stderr
    error: which environment? Name it with `--env ENV` (envs/ENV.toml), `--env-file FILE` or PIPECTL_ENV
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["validate", "--env", "dve"]), @r"
    --- stderr
    error: there is no environment `dve`
     |
     = help: did you mean `dev`?

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["validate", "--env", "../../etc/passwd"]), @r"
    --- stderr
    error: `../../etc/passwd` cannot be the name of an environment
     |
     = help: `envs/` has `dev` and `prod`

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["validate", "--env", ""]), @r"
    --- stderr
    error: `` cannot be the name of an environment
     |
     = help: `envs/` has `dev` and `prod`

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["validate", "--env", "de\u{1b}[31mv\n"]), @r"
    --- stderr
    error: `de\u{1b}[31mv\u{a}` cannot be the name of an environment
     |
     = help: `envs/` has `dev` and `prod`

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["validate", "--env-file", "envs/nothing.toml"]), @r"
    --- stderr
    error: `envs/nothing.toml` does not exist

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["validate", "--env-file", "envs"]), @r"
    --- stderr
    error: `envs` cannot be read: it is not a regular file

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(Cli::new().run(&["validate", "--env", "dev"]), @r"
    --- stderr
    error: there is no environment `dev`
     |
     = help: `envs/` has no environments: run pipectl in a project or in a folder below it, or make one with `pipectl init`

    1 mistake.
    --- exit code 1
    ");
}

#[test]
fn any_file_may_be_named_whole() {
    let cli = Cli::new().file("elsewhere/test.toml", SMALL);
    let file = cli.path("elsewhere/test.toml");
    assert_snapshot!(cli.run(&["validate", "--env-file", file.to_str().unwrap()]), @r"
    --- stdout
    valid test: 3 resources of 3 types.
    --- exit code 0
    ");
    assert_snapshot!(cli.run(&["validate", "--env-file", "elsewhere/test.toml"]), @r"
    --- stdout
    valid test: 3 resources of 3 types.
    --- exit code 0
    ");
}

/// Two environments, and branches of other names that belong to one of them.
fn mapped() -> Cli {
    let base = format!("{SMALL}[branches]\nmain = \"prod\"\n\"release/*\" = \"prod\"\n");
    let cli = Cli::new().file("envs/base.toml", &base);
    cli.file("envs/dev.toml", "extends = \"base.toml\"").file("envs/prod.toml", "extends = \"base.toml\"")
}

#[test]
fn in_ci_the_branch_names_the_environment() {
    let on = |branch| mapped().env("CI_COMMIT_REF_NAME", branch).run(&["validate"]);
    assert_snapshot!(on("main"), @r"
    --- stdout
    valid prod: 3 resources of 3 types.
    --- exit code 0
    ");
    assert_snapshot!(on("dev"), @r"
    --- stdout
    valid dev: 3 resources of 3 types.
    --- exit code 0
    ");
}

#[test]
fn a_variable_names_the_environment_where_the_command_line_does_not() {
    let env = |variables: &[(&str, &str)], arguments: &[&str]| {
        let cli = variables.iter().fold(mapped(), |cli, (name, value)| cli.env(name, value));
        cli.run(&[&["validate", "--json"], arguments].concat()).success().json()["env"].clone()
    };
    assert_eq!(env(&[("PIPECTL_ENV", "dev")], &[]), "dev");
    // The command line goes before it, whichever way it says it, and it before the branch.
    assert_eq!(env(&[("PIPECTL_ENV", "dev")], &["--env", "prod"]), "prod");
    assert_eq!(env(&[("PIPECTL_ENV", "dev")], &["--env-file", "envs/prod.toml"]), "prod");
    assert_eq!(env(&[("PIPECTL_ENV", "dev"), ("CI", "true"), ("CI_COMMIT_REF_NAME", "main")], &[]), "dev");
    // Set and empty is as good as not set.
    assert_eq!(env(&[("PIPECTL_ENV", ""), ("CI_COMMIT_REF_NAME", "main")], &[]), "prod");
    assert_snapshot!(mapped().env("PIPECTL_ENV", "dve").env("CI_COMMIT_REF_NAME", "main").run(&["validate"]), @r"
    --- stderr
    error: there is no environment `dve`
     |
     = help: did you mean `dev`?

    1 mistake.
    --- exit code 1
    ");
    let cli = mapped();
    let mut command = cli.command(&["validate"]);
    let output = command.env("PIPECTL_ENV", std::ffi::OsStr::from_bytes(b"\xff")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains("error: PIPECTL_ENV is not UTF-8"), "{said}");
}

#[test]
fn a_branch_without_an_environment_is_told_which_there_are() {
    let on = |branch| mapped().env("CI_COMMIT_REF_NAME", branch).run(&["validate"]);
    assert_snapshot!(on("feature/x"), @r"
    --- stderr
    error: the branch `feature/x` belongs to no environment
     |
     = help: `envs/` has `dev` and `prod`, and `[branches]` maps `main` and `release/*`; add the branch to `[branches]` in `envs/base.toml`, or choose with `--env`

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(on("mian"), @r"
    --- stderr
    error: the branch `mian` belongs to no environment
     |
     = help: did you mean `main`? `envs/` has `dev` and `prod`, and `[branches]` maps `main` and `release/*`; add the branch to `[branches]` in `envs/base.toml`, or choose with `--env`

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(on("../../etc/passwd"), @r"
    --- stderr
    error: the branch `../../etc/passwd` belongs to no environment
     |
     = help: `envs/` has `dev` and `prod`, and `[branches]` maps `main` and `release/*`; add the branch to `[branches]` in `envs/base.toml`, or choose with `--env`

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(Cli::new().env("CI_COMMIT_REF_NAME", "dev").run(&["validate"]), @r"
    --- stderr
    error: the branch `dev` belongs to no environment
     |
     = help: `envs/` has no environments: run pipectl in a project or in a folder below it, or make one with `pipectl init`

    1 mistake.
    --- exit code 1
    ");
}

#[test]
fn a_merge_request_is_about_the_environment_of_its_target() {
    let merging = |target| {
        let cli = mapped().env("CI_COMMIT_REF_NAME", "feature/x").env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", target);
        cli.run(&["validate", "--json"])
    };
    assert_eq!(merging("main").success().json()["env"], "prod");
    assert_eq!(merging("dev").success().json()["env"], "dev");
    // Set and empty is as good as not set.
    assert!(merging("").fails(1).stderr.contains("`feature/x` belongs to no environment"));
    let named =
        mapped().env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main").run(&["validate", "--env", "dev", "--json"]);
    assert_eq!(named.success().json()["env"], "dev");
}

#[test]
fn values_may_be_set() {
    let cli = Cli::new().file("envs/dev.toml", SMALL);
    assert_snapshot!(cli.run(&["validate", "--env", "dev", "--set", "stream.clicks.shards=many"]), @r"
    --- stderr
    error: `stream.clicks.shards` must be an integer, not a string
     --> --set:1:22
      |
    1 | stream.clicks.shards=many
      |                      ^^^^
      |
      = help: Open shards, each for 1 MiB or 1,000 records a second; only in provisioned mode, where it is required.

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["validate", "--env", "dev", "--set", "stream.click.shards=2"]), @r"
    --- stderr
    error: `--set` overrides values, and the spec has no `stream.click`
     --> --set:1:8
      |
    1 | stream.click.shards=2
      |        ^^^^^
      |
      = help: did you mean `stream.clicks`?

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["validate", "--env", "dev", "--set", "stream.clicks.shrads=2"]), @r"
    --- stderr
    error: unknown key `shrads` in `stream.clicks`
     --> --set:1:15
      |
    1 | stream.clicks.shrads=2
      |               ^^^^^^
      |
      = help: did you mean `shards`?

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["validate", "--env", "dev", "--set", "shards"]), @r"
    --- stderr
    error: `--set` takes `path.to.key=value`
     --> --set:1:1
      |
    1 | shards
      | ^^^^^^
      |
      = help: for example `--set stream.clicks.shards=4`

    1 mistake.
    --- exit code 1
    ");
    let _ = cli.run(&["validate", "--env", "dev", "--set", "stream.clicks.shards=2"]).success();
}

#[test]
fn what_is_no_text_is_refused() {
    let cli = Cli::new();
    std::fs::create_dir(cli.path("envs")).unwrap();
    std::fs::write(cli.path("envs/dev.toml"), b"[project]\nname = \"\xff\xfe\"\n").unwrap();
    assert_snapshot!(cli.run(&["validate", "--env", "dev"]), @r"
    --- stderr
    error: `envs/dev.toml` is not UTF-8 (line 2)

    1 mistake.
    --- exit code 1
    ");
    let mut command = cli.command(&["validate", "--env"]);
    let output = command.arg(std::ffi::OsStr::from_bytes(b"\xff")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn files_that_extend_each_other_are_refused() {
    let cli = Cli::new().file("envs/a.toml", "extends = \"b.toml\"").file("envs/b.toml", "extends = \"a.toml\"");
    assert_snapshot!(cli.run(&["validate", "--env", "a"]), @r#"
    --- stderr
    error: `extends` leads in a circle: envs/a.toml → envs/b.toml → envs/a.toml
     --> envs/b.toml:1:11
      |
    1 | extends = "a.toml"
      |           ^^^^^^^^

    1 mistake.
    --- exit code 1
    "#);
    let cli = Cli::new().file("envs/a.toml", "extends = \"../../../etc/passwd\"");
    assert_snapshot!(cli.run(&["validate", "--env", "a"]), @r#"
    --- stderr
    error: `../../../etc/passwd` may not be extended
     --> envs/a.toml:1:11
      |
    1 | extends = "../../../etc/passwd"
      |           ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: `extends` names a file of the same folder, or of one below it

    1 mistake.
    --- exit code 1
    "#);
    let cli = Cli::new().file("envs/a.toml", "extends = \"nothing.toml\"");
    assert_snapshot!(cli.run(&["validate", "--env", "a"]), @r#"
    --- stderr
    error: `envs/nothing.toml` does not exist
     --> envs/a.toml:1:11
      |
    1 | extends = "nothing.toml"
      |           ^^^^^^^^^^^^^^

    1 mistake.
    --- exit code 1
    "#);
}
