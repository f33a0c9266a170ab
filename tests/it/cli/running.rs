//! Which commands run anything of the project: a `build` that leaves a mark tells.

use std::fs;

use super::help::COMMANDS;
use super::{SMALL, project};
use crate::support::emulator;

const FUNCTION: &str = r#"
[function.hello]
code = "src"
build = ["sh", "-c", "echo run >> ../../../mark"]
runtime = "python3.13"
handler = "app.handler"
"#;

/// What each command is run as; and whether it works where nothing is built, or has no work here: a bucket for states,
/// earlier versions, a state that is lost. In this order, for the last ones end what the others look at.
const RUNS: &[(&str, &str, bool)] = &[
    ("validate", "validate --env dev", true),
    ("cost", "cost --env dev", true),
    ("graph", "graph --env dev", true),
    ("show", "show plan.json", true),
    ("show", "show --spec --env dev", true),
    ("output", "output --env dev", true),
    ("drift", "drift --env dev", true),
    ("drift", "drift --env dev --revert --auto-approve", true),
    ("drift", "drift --env dev --accept --auto-approve", true),
    ("send", "send --env dev --events 1", true),
    ("verify", "verify --env dev --events 1", false),
    ("status", "status --env dev", true),
    ("logs", "logs --env dev", true),
    ("query", "query --env dev SHOW", false),
    ("state list", "state list --env dev", true),
    ("state show", "state show --env dev function.hello", true),
    ("state pull", "state pull --env dev", true),
    ("state push", "state push --env dev no-such-file.json", false),
    ("state history", "state history --env dev", false),
    ("state restore", "state restore --env dev 1", false),
    ("state move", "state move --env dev --to nowhere", false),
    ("state consumers", "state consumers --env dev", true),
    ("state rebuild", "state rebuild --env dev", false),
    ("unlock", "unlock --env dev --force", true),
    ("bootstrap", "bootstrap --env dev", false),
    ("init", "init own --name acme", true),
    ("snowflake-sql", "snowflake-sql --env dev", false),
    ("deploy-policy", "deploy-policy --env dev", true),
    ("grants", "grants --env dev", true),
    ("export terraform", "export terraform --env dev --out tf", true),
    ("export terraform", "export terraform --env dev --out tf-offline --offline --account 123456789012", true),
    ("export cloudformation", "export cloudformation --env dev --out cfn", true),
    ("import", "import --env other --stream acme-dev-clicks", false),
    ("schema", "schema", true),
    ("completions", "completions bash", true),
    ("apply", "apply plan.json", false),
    ("forget", "forget --env dev topic.alerts", true),
    ("destroy", "destroy --env dev --auto-approve", true),
];

/// Those that build, each as it does.
const BUILDS: &[(&str, &str)] = &[
    ("build", "build --env dev"),
    ("plan", "plan --env dev"),
    ("adopt", "adopt --env dev"),
    ("apply", "apply --env dev --auto-approve"),
];

/// Both run other commands, in a folder of their own or as they are told, and read no spec.
const OTHERS: [&str; 4] = ["demo", "sandbox", "state", "export"];

#[test]
fn only_plan_adopt_and_apply_of_an_environment_build_and_all_else_works_where_nothing_is_built() {
    let known = |name: &&&str| {
        RUNS.iter()
            .map(|(command, ..)| command)
            .chain(BUILDS.iter().map(|(command, _)| command))
            .any(|one| one == *name)
            || OTHERS.contains(name)
    };
    let unknown: Vec<_> = COMMANDS.iter().filter(|name| !known(name)).collect();
    assert!(unknown.is_empty(), "does it build? {unknown:?}");

    let account = emulator::ministack().account();
    let spec = format!("{SMALL}{FUNCTION}");
    let cli = project(&account, &spec).file("src/app.py", "def handler(event, context): pass\n");
    // A repository of its own, where another project may begin.
    let cli = cli.file("own/.git", "");
    let cleared = || {
        for left in [".pipectl", "mark"] {
            let path = cli.path(left);
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    };
    for (_, line) in BUILDS {
        cleared();
        cli.run(&line.split(' ').collect::<Vec<_>>()).success();
        assert_eq!(cli.read("mark"), "run\n", "{line}");
    }
    for (_, line) in BUILDS.iter().filter(|(command, _)| *command != "build") {
        cleared();
        let refused = cli.run(&line.split(' ').chain(["--no-build"]).collect::<Vec<_>>()).fails(1);
        assert!(!cli.path("mark").exists(), "{line}: {refused}");
    }
    cleared();
    for (_, line, works) in RUNS {
        let ran = cli.run(&line.split(' ').collect::<Vec<_>>());
        assert!(!cli.path("mark").exists() && !cli.path(".pipectl").exists(), "{line}: {ran}");
        assert!(!works || ran.code == 0, "{line}: {ran}");
        // A plan that is applied uses what was built.
        assert!(line.starts_with("apply") || !ran.stderr.contains("not built"), "{line}: {ran}");
    }
}
