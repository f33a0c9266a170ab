//! `plan --all`: every project below the current folder, as one result.

use std::process::Command;

use insta::assert_snapshot;
use serde_json::Value;

use crate::gitlab::template::faults;
use crate::support::cli::Cli;
use crate::support::emulator;

/// A project with a topic, and its state in a folder.
fn spec(project: &str, more: &str) -> String {
    format!(
        "[project]\nname = \"{project}\"\n[env]\nregion = \"us-east-1\"\n[state]\nlocal = \"state\"\n[topic.alerts]\n{more}"
    )
}

/// Two projects that can be planned, one of which is within the other's folder, and one without the environment.
fn projects() -> Cli {
    Cli::new()
        .against(&emulator::ministack().account())
        .file("shop/envs/dev.toml", &spec("shop", "[queue.orders]\n"))
        .file("shop/parts/search/envs/dev.toml", &spec("search", ""))
        .file("archive/envs/prod.toml", &spec("archive", ""))
}

/// The folder and the exit code of each.
fn folders(array: &Value) -> Vec<(String, u64)> {
    let all = array.as_array().unwrap().iter();
    all.map(|one| (one["folder"].as_str().unwrap().to_owned(), one["exit_code"].as_u64().unwrap())).collect()
}

/// The same as texts, for comparison.
fn told(array: &Value) -> Vec<String> {
    folders(array).into_iter().map(|(folder, code)| format!("{folder} {code}")).collect()
}

#[test]
fn every_project_below_is_planned_and_told_as_one() {
    let cli = projects();
    assert_snapshot!(cli.run(&["plan", "--all", "--env", "dev"]), @r#"
    --- stdout
    # shop
    dev ([ACCOUNT], us-east-1): 2 to create.

    + create   queue.orders  AWS::SQS::Queue  shop-dev-orders
    + create   topic.alerts  AWS::SNS::Topic  shop-dev-alerts

    IAM statements
      queue.orders policy
        + Deny   sqs:*
          on     arn:aws:sqs:us-east-1:[ACCOUNT]:shop-dev-orders
          by     *
          if     Bool aws:SecureTransport = false
      topic.alerts policy
        + Allow  sns:Publish
          on     arn:aws:sns:us-east-1:[ACCOUNT]:shop-dev-alerts
          by     Service cloudwatch.amazonaws.com
          if     ArnLike aws:SourceArn = arn:aws:cloudwatch:us-east-1:[ACCOUNT]:alarm:*
                 StringEquals aws:SourceAccount = [ACCOUNT]
        + Deny   sns:Publish
          on     arn:aws:sns:us-east-1:[ACCOUNT]:shop-dev-alerts
          by     *
          if     Bool aws:SecureTransport = false

    # shop/parts/search
    dev ([ACCOUNT], us-east-1): 1 to create.

    + create   topic.alerts  AWS::SNS::Topic  search-dev-alerts

    IAM statements
      topic.alerts policy
        + Allow  sns:Publish
          on     arn:aws:sns:us-east-1:[ACCOUNT]:search-dev-alerts
          by     Service cloudwatch.amazonaws.com
          if     ArnLike aws:SourceArn = arn:aws:cloudwatch:us-east-1:[ACCOUNT]:alarm:*
                 StringEquals aws:SourceAccount = [ACCOUNT]
        + Deny   sns:Publish
          on     arn:aws:sns:us-east-1:[ACCOUNT]:search-dev-alerts
          by     *
          if     Bool aws:SecureTransport = false
    --- stderr
    without an environment dev: archive
    shop: saved as plan.json; `pipectl -C shop apply plan.json` does exactly this
    shop/parts/search: saved as plan.json; `pipectl -C shop/parts/search apply plan.json` does exactly this
    2 projects: 2 with changes, 0 without, 0 whose plan cannot be applied
    --- exit code 0
    "#);
    assert!(cli.path("shop/plan.json").is_file() && cli.path("shop/parts/search/plan.json").is_file());
    let told = cli.run(&["plan", "--all", "--env", "dev", "--json", "--detailed-exitcode"]).fails(2).json();
    assert_eq!(self::told(&told), ["shop 2", "shop/parts/search 2"]);
    assert_eq!(told[0]["plan"]["summary"]["create"], 2);
    let markdown = cli.run(&["plan", "--all", "--env", "dev", "--markdown"]).success();
    let (table, _) = markdown.stdout.split_once("\n## ").map(|(head, rest)| (head.to_owned(), rest)).unwrap();
    assert!(table.starts_with("## Plans of 2 projects\n"), "{table}");
    assert!(markdown.stdout.contains("| `shop` | **2 to create** |"), "{markdown}");
    assert!(markdown.stdout.contains("\n## `shop/parts/search`\n"), "{markdown}");
    // What each was saved as is applied by itself.
    cli.run(&["-C", "shop", "apply", "plan.json", "--env", "dev"]).success();
    let told = cli.run(&["plan", "--all", "--env", "dev", "--json", "--detailed-exitcode"]).fails(2).json();
    assert_eq!(self::told(&told), ["shop 0", "shop/parts/search 2"]);
    // Those of one project's folder are those at and below it.
    let told = cli.run_in("shop/parts", &["plan", "--all", "--env", "dev", "--json"]).success().json();
    assert_eq!(self::told(&told), ["search 2"]);
}

#[test]
fn the_gravest_exit_code_counts_and_what_failed_is_told_beside_the_others() {
    let uses = "[stream.orders]\nexternal = { output = \"shop/dev:stream.orders\" }\n";
    let cli = projects().file("aa/envs/dev.toml", &spec("aa", uses)).file("bad/envs/dev.toml", "[project]\nname = 7\n");
    let told = cli.run(&["plan", "--all", "--env", "dev", "--json"]).fails(1);
    assert!(told.stderr.contains("bad: error: "), "{told}");
    let told = told.json();
    // After what it refers to.
    assert_eq!(self::told(&told), ["bad 1", "shop 2", "aa 1", "shop/parts/search 2"]);
    assert!(told[0]["error"]["message"].is_string() && told[1]["plan"].is_object(), "{told}");
    let markdown = cli.run(&["plan", "--all", "--env", "dev", "--markdown"]).fails(1);
    assert!(markdown.stdout.contains("| `bad` | :no_entry: no plan: exit code 1 |"), "{markdown}");
}

#[tokio::test]
async fn a_child_pipeline_of_gitlabs_applies_what_was_planned_and_is_valid_by_its_schema() {
    let cli = projects().file("it's far/envs/dev.toml", &spec("far", ""));
    cli.run(&["-C", "shop", "apply", "--auto-approve", "--env", "dev"]).success();
    let planned = cli.run(&["plan", "--all", "--env", "dev", "--child-pipeline", "children.yml"]).success();
    let children = cli.read("children.yml");
    assert_eq!(faults(&children).await, None);
    let children: Value = serde_json::from_str(&children).unwrap();
    let jobs: Vec<&String> = children.as_object().unwrap().keys().collect();
    assert_eq!(jobs, ["apply it's far", "apply shop/parts/search", "include"], "{planned}");
    for job in ["apply it's far", "apply shop/parts/search"] {
        let lines = children[job]["script"].as_array().unwrap().iter();
        let lines: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
        cli.script(&lines.join("\n")).success();
    }
    // Nothing is left, and a pipeline without a job would be none.
    cli.run(&["plan", "--all", "--env", "dev", "--child-pipeline", "children.yml"]).success();
    let children = cli.read("children.yml");
    assert!(children.contains("nothing to apply"), "{children}");
    assert_eq!(faults(&children).await, None);
}

#[test]
fn two_folders_of_one_name_are_told() {
    let cli = projects().file("copy/envs/dev.toml", &spec("shop", ""));
    let told = cli.run(&["plan", "--all", "--env", "dev"]).success();
    assert!(told.stderr.contains("copy and shop are the project `shop` alike"), "{told}");
}

#[test]
fn what_is_about_one_project_is_refused() {
    let cli = projects();
    for (words, said) in [
        (&["--set", "topic.alerts.name=x"][..], "`--env-file` and `--set` are about one project"),
        (&["--adopt", "all"], "`--adopt` are about one project"),
        (&["--only", "topic.alerts"], "are about one project"),
        (&["--html", "plan.html"], "are about one project"),
        (&["--child-pipeline", "-"], "`--child-pipeline` names a file"),
        (&["--out", "../plan.json"], "is no path below a project's folder"),
        (&["--out", "/tmp/plan.json"], "is no path below a project's folder"),
    ] {
        let refused = cli.run(&[&["plan", "--all", "--env", "dev"], words].concat()).fails(1);
        assert!(refused.stderr.contains(said), "{refused}");
    }
    cli.run(&["plan", "--env", "dev", "--changed-since", "main"]).fails(1);
    let none = cli.run(&["plan", "--all", "--env", "tset"]).fails(1);
    assert!(none.stderr.contains("has an environment `tset`"), "{none}");
    let none = cli.run_in("home", &["plan", "--all", "--env", "dev"]).fails(1);
    assert!(none.stderr.contains("no project lies at or below"), "{none}");
}

#[test]
fn of_a_branch_only_what_it_has_changed_is_planned() {
    let cli = projects();
    let git = |arguments: &[&str]| {
        let own = ["-c", "user.name=ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false"];
        let mut git = Command::new("git");
        git.args(own).args(arguments).current_dir(cli.path("")).env("HOME", cli.path("home"));
        let output = git.output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    cli.write(".gitignore", "home/\n");
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "one"]);
    let planned = |reference: &str| {
        let told = cli.run(&["plan", "--all", "--changed-since", reference, "--env", "dev", "--json"]).success();
        folders(&told.json()).into_iter().map(|(folder, _)| folder).collect::<Vec<_>>()
    };
    assert_eq!(planned("main"), [""; 0]);
    git(&["checkout", "-qb", "feature"]);
    cli.write("shop/parts/search/envs/dev.toml", &spec("search", "[queue.found]\n"));
    git(&["commit", "-qam", "search"]);
    // The inner project's file is none of the outer one's; nor is a plan that was saved a change.
    assert_eq!(planned("main"), ["shop/parts/search"]);
    assert_eq!(planned("main"), ["shop/parts/search"]);
    // What is new and not committed counts as well.
    cli.write("shop/functions/new.py", "");
    assert_eq!(planned("main"), ["shop", "shop/parts/search"]);
    std::fs::remove_file(cli.path("shop/functions/new.py")).unwrap();
    // What others have changed since is not this branch's.
    git(&["checkout", "-q", "main"]);
    cli.write("shop/envs/dev.toml", &spec("shop", "[queue.other]\n"));
    git(&["commit", "-qm", "other", "--", "shop/envs/dev.toml"]);
    git(&["checkout", "-q", "feature"]);
    assert_eq!(planned("main"), ["shop/parts/search"]);
    for reference in ["no-such-branch", "--output=x", "main:shop"] {
        let refused = cli.run(&["plan", "--all", &format!("--changed-since={reference}"), "--env", "dev"]).fails(1);
        assert!(refused.stderr.contains(&format!("git knows no commit `{reference}` here")), "{refused}");
    }
    assert!(!cli.path("x").exists());
}
