//! The file itself: what GitLab's schema says of it, and what it asks of GitLab that only GitLab acts on.

use std::io::Write as _;
use std::process::{Command, Stdio};

use pipectl::ops::sandbox::install::{Packages, install};
use serde_json::{Value, json};

use super::TEMPLATE;
use super::project::Project;
use crate::support::cli::Cli;
use crate::support::emulator::{ANNOUNCE, home};

/// Brings GitLab's published schema with it, and a reader of YAML.
const SCHEMA: Packages = Packages { name: "check-jsonschema-0.39.0", requirements: &["check-jsonschema==0.39.0"] };

const AS_JSON: &str =
    "import json, sys; from ruamel.yaml import YAML; json.dump(YAML(typ='safe').load(sys.stdin), sys.stdout)";

async fn python() -> Command {
    let mut command = Command::new(install(&SCHEMA, &home(), ANNOUNCE).await.unwrap());
    command.arg("-I");
    command
}

async fn parsed(yaml: &str) -> Value {
    let mut command = python().await;
    let mut child = command.args(["-c", AS_JSON]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(yaml.as_bytes()).unwrap();
    serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap()
}

/// What GitLab's schema has against a file; nothing, where it is valid.
pub(crate) async fn faults(yaml: &str) -> Option<String> {
    let cli = Cli::new().file(".gitlab-ci.yml", yaml);
    let mut command = python().await;
    command.args(["-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]).arg(cli.path(".gitlab-ci.yml"));
    let output = command.output().unwrap();
    (!output.status.success()).then(|| String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[tokio::test]
async fn gitlabs_schema_takes_it() {
    assert_eq!(faults(TEMPLATE).await, None);
    let broken = faults(&TEMPLATE.replace("when: manual", "when: by-hand")).await.expect("`by-hand` is a fault");
    assert!(broken.contains("by-hand"), "{broken}");
}

#[tokio::test]
async fn a_new_project_begins_with_this_very_file() {
    let cli = Cli::new();
    let _ = cli.run(&["init", "--name", "clicks"]).success();
    assert_eq!(cli.read(".gitlab-ci.yml"), TEMPLATE);
}

#[tokio::test]
async fn a_tree_of_projects_has_files_that_gitlabs_schema_takes_and_shares_the_jobs_of_one_project() {
    let cli = Cli::new();
    let _ = cli.run(&["init", "--tree"]).success();
    let (tree, shared) = (cli.read(".gitlab-ci.yml"), cli.read(".gitlab-ci-pipectl.yml"));
    assert_eq!(faults(&tree).await, None);
    assert_eq!(faults(&shared).await, None);
    let (whole, shared) = (parsed(TEMPLATE).await, parsed(&shared).await);
    let keys: Vec<&String> = shared.as_object().unwrap().keys().collect();
    assert_eq!(keys, [".aws", ".read", ".write", "default", "workflow"]);
    for key in keys {
        assert_eq!(shared[key], whole[key], "{key}");
    }
    let refused = cli.run(&["init", "--tree"]).fails(1);
    assert!(refused.stderr.contains("has .gitlab-ci.yml, .gitlab-ci-pipectl.yml already"), "{refused}");
    // It plans for an environment as the pipeline of one project does, and never for a fork.
    let tree = parsed(&tree).await;
    for job in ["build", "plan"] {
        assert_eq!(tree[job]["rules"], whole[job]["rules"], "{job}");
    }
}

#[tokio::test]
async fn what_writes_is_alone_in_its_environment_and_is_not_cancelled() {
    let Some(project) = Project::new() else { return };
    let jobs = parsed(&project.ask(&[], &["--preview"])).await;
    assert_eq!(parsed(TEMPLATE).await["default"]["interruptible"], true);
    for (job, action) in [("apply", Value::Null), ("destroy", json!("stop"))] {
        let job = &jobs[job];
        assert_eq!((&job["interruptible"], &job["resource_group"]), (&json!(false), &json!("$BRANCH")));
        assert_eq!((&job["environment"]["name"], &job["environment"]["action"]), (&json!("$BRANCH"), &action));
        assert_eq!(job["variables"]["AWS_ROLE_ARN"], "$AWS_APPLY_ROLE_ARN");
    }
    for job in ["plan", "drift"] {
        assert_eq!(jobs[job]["environment"], json!({ "name": "$BRANCH", "action": "verify" }));
        assert_eq!((&jobs[job]["resource_group"], &jobs[job]["interruptible"]), (&Value::Null, &Value::Null));
        assert_eq!(jobs[job]["variables"]["AWS_ROLE_ARN"], "$AWS_PLAN_ROLE_ARN");
    }
    for job in ["plan", "apply", "destroy", "drift"] {
        assert_eq!(jobs[job]["id_tokens"], json!({ "AWS_TOKEN": { "aud": "$CI_SERVER_URL" } }));
    }
    assert_eq!(
        jobs["apply"]["needs"],
        json!([{ "job": "build", "artifacts": true, "optional": false }, { "job": "plan", "artifacts": true, "optional": false }])
    );
    assert_eq!(jobs["destroy"]["needs"], json!([]));
    let build = &jobs["build"];
    assert_eq!(
        (&build["id_tokens"], &build["variables"], &build["environment"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(build["artifacts"]["access"], "developer", "{build}");
}

#[tokio::test]
async fn plans_are_kept_for_a_month_and_for_developers_alone() {
    let template = parsed(TEMPLATE).await;
    let plan = &template["plan"]["artifacts"];
    // GitLab's successor of `public: false`; unlike that, it covers the reports too.
    assert_eq!((&plan["access"], &plan["expire_in"]), (&json!("developer"), &json!("30 days")));
    assert_eq!(template["validate"]["artifacts"]["when"], "always");
    // GitLab shows no link to artifacts whose paths begin with `./` or hold variables or patterns.
    let paths = plan["paths"].as_array().unwrap();
    assert!(paths.iter().all(|path| !path.as_str().unwrap().starts_with("./")), "{paths:?}");
    assert!(paths.iter().all(|path| !path.as_str().unwrap().contains(['$', '*'])), "{paths:?}");
}

#[tokio::test]
async fn every_file_that_it_names_is_there_when_its_job_has_ended() {
    let Some(project) = Project::bootstrapped().await else { return };
    project.push("dev").passes();
    let template = parsed(TEMPLATE).await;
    for job in ["validate", "plan"] {
        let artifacts = &template[job]["artifacts"];
        for path in artifacts["paths"].as_array().unwrap() {
            assert!(!project.administrator.read(&Project::artifact(job, path.as_str().unwrap())).is_empty());
        }
        for (report, path) in artifacts["reports"].as_object().unwrap() {
            let report = (report, serde_json::from_str(&project.administrator.read(path.as_str().unwrap())).unwrap());
            is_as_gitlab_reads_it(report.0, &report.1);
        }
    }
}

/// GitLab counts from exactly three numbers, and lists findings that each have these fields.
fn is_as_gitlab_reads_it(report: &str, content: &Value) {
    match report {
        "terraform" => assert!(["create", "update", "delete"].iter().all(|key| content[key].is_u64()), "{content}"),
        "codequality" => assert!(content.is_array(), "{content}"),
        other => panic!("no test reads the report `{other}`"),
    }
}
