//! The whole surface: a change of an argument shows in review.

use std::fmt::Write;

use insta::assert_snapshot;

use crate::support::cli::Cli;

/// All commands, the ones below others included.
pub(super) const COMMANDS: &[&str] = &[
    "validate",
    "build",
    "cost",
    "plan",
    "adopt",
    "apply",
    "destroy",
    "show",
    "graph",
    "output",
    "drift",
    "send",
    "verify",
    "status",
    "logs",
    "query",
    "state",
    "state list",
    "state show",
    "state pull",
    "state push",
    "state history",
    "state restore",
    "state move",
    "state consumers",
    "state rebuild",
    "forget",
    "unlock",
    "bootstrap",
    "init",
    "snowflake-sql",
    "deploy-policy",
    "grants",
    "export",
    "export terraform",
    "export cloudformation",
    "import",
    "demo",
    "schema",
    "completions",
    "sandbox",
];

#[test]
fn every_command_has_its_help() {
    let cli = Cli::new();
    let mut all = cli.run(&["--help"]).success().stdout;
    for command in COMMANDS {
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.push("--help");
        let help = cli.run(&arguments).success().stdout;
        let _ = write!(all, "\n$ pipectl {command} --help\n{help}");
    }
    // Blanks at the ends of clap's lines are nobody's concern.
    let trimmed: Vec<&str> = all.lines().map(str::trim_end).collect();
    insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "."}, {
        assert_snapshot!("help", trimmed.join("\n"));
    });
}

#[test]
fn every_command_that_the_help_lists_is_looked_at() {
    let cli = Cli::new();
    for (parent, arguments) in
        [("", vec!["--help"]), ("state ", vec!["state", "--help"]), ("export ", vec!["export", "--help"])]
    {
        let help = cli.run(&arguments).success().stdout;
        let (_, commands) = help.split_once("Commands:\n").unwrap();
        let (commands, _) = commands.split_once("\n\n").unwrap();
        for line in commands.lines().filter(|line| !line.starts_with("   ")) {
            let name = line.split_whitespace().next().unwrap();
            let command = format!("{parent}{name}");
            assert!(name == "help" || COMMANDS.contains(&command.as_str()), "`{command}` is not in the list");
        }
    }
}

#[test]
fn wrong_usage_is_an_error_and_no_change() {
    let cli = Cli::new();
    assert_snapshot!(cli.run(&["plan", "--detailed-exitcod"]), @r"
    --- stderr
    error: unexpected argument '--detailed-exitcod' found

      tip: a similar argument exists: '--detailed-exitcode'

    Usage: pipectl plan --detailed-exitcode

    For more information, try '--help'.
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["apply", "plan.json", "--env", "dev"]), @r"
    --- stderr
    error: `plan.json` cannot be read: No such file or directory (os error 2)
    what now: `pipectl plan --env ENV` makes a plan
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["deploy"]), @r"
    --- stderr
    error: unrecognized subcommand 'deploy'

      tip: some similar subcommands exist: 'apply', 'destroy', 'demo', 'deploy-policy'

    Usage: pipectl [OPTIONS] <COMMAND>

    For more information, try '--help'.
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["plan", "--json", "--env"]), @r#"
    --- stdout
    {
      "error": {
        "exit_code": 1,
        "message": "error: a value is required for '--env <ENV>' but none was supplied\n\nFor more information, try '--help'.",
        "next": null
      }
    }
    --- stderr
    error: a value is required for '--env <ENV>' but none was supplied

    For more information, try '--help'.
    --- exit code 1
    "#);
    assert_snapshot!(cli.run(&["state", "show", "--env", "dev", "not an address"]), @r"
    --- stderr
    error: invalid value 'not an address' for '<ADDRESS>': `not an address` is not an address: expected `kind.name` or `kind.name/part`

    For more information, try '--help'.
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["bootstrap", "--env", "dev", "--keep-days", "0"]), @r"
    --- stderr
    error: invalid value '0' for '--keep-days <DAYS>': 0 is not in 1..=4294967295

    For more information, try '--help'.
    --- exit code 1
    ");
    assert_eq!(cli.run(&[]).fails(1).stdout, "");
}

#[test]
fn the_version_is_said() {
    let output = Cli::new().run(&["--version"]).success();
    assert_eq!(output.stdout, format!("pipectl {}\n", env!("CARGO_PKG_VERSION")));
}
