//! `[policy]`: what breaks a rule is refused with 6, before anything is asked of AWS.

use insta::assert_snapshot;

use super::{SMALL, project};
use crate::support::cli::Cli;
use crate::support::emulator;

#[test]
fn everything_that_breaks_a_rule_is_told_at_once_with_its_place() {
    let base = "[policy]\nrequire_tags = [\"team\"]\nmax_monthly_cost = 100\n";
    let rules = "[policy]\nmax_monthly_cost = 1.5\nrequire_encryption = \"any\"\n";
    let dev =
        format!("extends = \"base.toml\"\n{}{rules}", SMALL.replace("shards = 1", "shards = 1\nencrypted = false"));
    let cli = Cli::new().file("envs/base.toml", base).file("envs/dev.toml", &dev);
    assert_snapshot!(cli.run(&["validate", "--env", "dev"]), @r#"
    --- stderr
    error: `stream.clicks` lacks the tag `team`
     --> envs/dev.toml:9:9
      |
    9 | [stream.clicks]
      |         ^^^^^^
      |
      = help: `[policy] require_tags` asks for it: `tags` of the block or of `[env]`

    error: `stream.clicks` is not encrypted at rest
      --> envs/dev.toml:12:13
       |
    12 | encrypted = false
       |             ^^^^^
       |
       = help: `[policy] require_encryption = "any"` asks for encryption

    error: `topic.alerts` lacks the tag `team`
      --> envs/dev.toml:13:8
       |
    13 | [topic.alerts]
       |        ^^^^^^
       |
       = help: `[policy] require_tags` asks for it: `tags` of the block or of `[env]`

    error: `alarm.lag` lacks the tag `team`
      --> envs/dev.toml:14:8
       |
    14 | [alarm.lag]
       |        ^^^
       |
       = help: `[policy] require_tags` asks for it: `tags` of the block or of `[env]`

    error: the environment would cost at least USD 11.05 a month, and may cost 1.50
      --> envs/dev.toml:20:20
       |
    20 | max_monthly_cost = 1.5
       |                    ^^^
       |
       = help: `pipectl cost` shows what for

    5 mistakes.
    --- exit code 6
    "#);
    let json = cli.run(&["validate", "--env", "dev", "--json"]).fails(6).json();
    assert_eq!(json["error"]["message"], "the spec breaks its policy");
    assert_eq!(json["error"]["diagnostics"][0]["line"], 9);
}

#[test]
fn a_plan_that_deletes_is_refused_and_so_is_a_destruction() {
    let account = emulator::ministack().account();
    let cli = project(&account, SMALL);
    let _ = cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    let fewer = SMALL.split("[topic").next().unwrap();
    cli.write("envs/dev.toml", &format!("{fewer}[policy]\nno_destroy = true\n"));
    let plan = cli.run(&["plan", "--env", "dev"]).fails(6);
    assert_snapshot!(plan.stdout.split_once("Refused").unwrap().1, @r"
    alarm.lag would be deleted, but is protected by `[policy] no_destroy = true`: take the rule out
      first
    topic.alerts would be deleted, but is protected by `[policy] no_destroy = true`: take the rule out
      first
    ");
    assert!(!cli.path("plan.json").exists(), "a refused plan is not saved");
    let _ = cli.run(&["destroy", "--env", "dev", "--auto-approve"]).fails(6);
    cli.write("envs/dev.toml", &format!("{fewer}[policy]\nrequire_tags = [\"team\"]\n"));
    let _ = cli.run(&["plan", "--env", "dev"]).fails(6);
    let _ = cli.run(&["destroy", "--env", "dev", "--auto-approve"]).success();
}
