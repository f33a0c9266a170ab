//! Which versions of pipectl a spec is for.

use insta::assert_snapshot;

use super::SMALL;
use crate::support::cli::Cli;

/// A spec for some versions, with what only a newer pipectl would know.
fn newer(required: &str) -> String {
    let head = format!("[project]\nrequired_version = {required}\nfrom_the_future = true\n");
    SMALL.replacen("[project]\n", &head, 1) + "[teleport.x]\n"
}

#[test]
fn another_version_is_told_before_what_it_does_not_know() {
    let cli = Cli::new().file("envs/dev.toml", &newer("\">=0.2, <0.4\""));
    assert_snapshot!(cli.run(&["validate", "--env", "dev"]), @r#"
    --- stderr
    error: this is pipectl 0.1.0, and the spec is for `>=0.2, <0.4`
     --> envs/dev.toml:3:20
      |
    3 | required_version = ">=0.2, <0.4"
      |                    ^^^^^^^^^^^^^
      |
      = help: install a pipectl that it allows, in CI by another `PIPECTL_IMAGE`; or change `required_version`, if the spec works with this one

    1 mistake.
    --- exit code 1
    "#);
    // What it allows is then looked at like any other.
    cli.write("envs/dev.toml", &newer("\">=0.1, <0.4\""));
    let checked = cli.run(&["validate", "--env", "dev"]).fails(1);
    assert!(
        checked.stderr.contains("unknown key `from_the_future`") && checked.stderr.contains("teleport"),
        "{checked}"
    );
}

#[test]
fn what_is_no_requirement_is_told_with_its_place() {
    let cli = Cli::new();
    let told = |required: &str| {
        cli.write("envs/dev.toml", &newer(required));
        cli.run(&["validate", "--env", "dev"])
    };
    assert_snapshot!(told("\">=0.1 <0.3\""), @r#"
    --- stderr
    error: `>=0.1 <0.3` is no requirement: expected comma after minor version number, found '<'
     --> envs/dev.toml:3:20
      |
    3 | required_version = ">=0.1 <0.3"
      |                    ^^^^^^^^^^^^
      |
      = help: write comparisons with releases, all of which hold: `>=0.1, <0.3`

    1 mistake.
    --- exit code 1
    "#);
    assert_snapshot!(told("\">=0.1.0-rc.1\""), @r#"
    --- stderr
    error: `>=0.1.0-rc.1` names a pre-release
     --> envs/dev.toml:3:20
      |
    3 | required_version = ">=0.1.0-rc.1"
      |                    ^^^^^^^^^^^^^^
      |
      = help: write comparisons with releases, all of which hold: `>=0.1, <0.3`

    1 mistake.
    --- exit code 1
    "#);
    assert_snapshot!(told("0.1"), @r#"
    --- stderr
    error: `required_version` is a string, not a float
     --> envs/dev.toml:3:20
      |
    3 | required_version = 0.1
      |                    ^^^
      |
      = help: write comparisons with releases, all of which hold: `>=0.1, <0.3`

    1 mistake.
    --- exit code 1
    "#);
}

#[test]
fn every_file_asks_for_itself_and_nobody_lifts_it() {
    let base = SMALL.replacen("[project]\n", "[project]\nrequired_version = \">=9\"\n", 1);
    let cli = Cli::new().file("envs/base.toml", &format!("{base}[branches]\nmain = \"dev\"\n"));
    let cli = cli.file("envs/dev.toml", "extends = \"base.toml\"\n[project]\nrequired_version = \"*\"\n");
    for arguments in [
        &["--env", "dev"][..],
        &["--env-file", "envs/dev.toml"],
        &["--env", "dev", "--set", "project.required_version=*"],
    ] {
        let refused = cli.run(&[&["validate"], arguments].concat()).fails(1);
        assert!(refused.stderr.contains("the spec is for `>=9`"), "{arguments:?}: {refused}");
        assert!(refused.stderr.contains("--> envs/base.toml:3:20"), "{arguments:?}: {refused}");
    }
    // Already where the branch is looked up.
    let mut command = cli.command(&["validate"]);
    let output = command.env("CI_COMMIT_REF_NAME", "main").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("the spec is for `>=9`"));
    cli.write("envs/base.toml", SMALL);
    let _ = cli.run(&["validate", "--env", "dev"]).success();
    for setting in ["project.required_version=*", "project={ name = 'x', required_version = '*' }"] {
        let refused = cli.run(&["validate", "--env", "dev", "--set", setting]).fails(1);
        assert!(refused.stderr.contains("`required_version` can only be written in a file"), "{setting}: {refused}");
    }
}
