//! Pipelines from the first push to the last destruction, against an emulator.

use std::fs;

use super::credentials;
use super::project::Project;

/// What a saved plan would do: the action of each change.
fn actions(plan: &serde_json::Value) -> Vec<&str> {
    let changes = plan["changes"].as_array().unwrap().iter().map(|change| change["action"].as_str().unwrap());
    changes.filter(|action| *action != "none").collect()
}

#[tokio::test]
async fn an_environment_lives_from_its_first_push_to_its_destruction() {
    let Some(project) = Project::bootstrapped().await else { return };
    let first = project.push("dev").passes();
    assert!(!first.log.contains("starting shell (apply)"), "{}", first.log);
    let planned = actions(&project.plan()).len();
    let applied = project.play("dev", "apply", &[]).passes();
    assert!(applied.log.contains("environment: { name: dev }"), "{}", applied.log);
    project.push("dev").passes();
    assert_eq!(actions(&project.plan()), [""; 0]);
    project.play("dev", "drift", SCHEDULED).passes();
    let refused = project.play("dev", "destroy", &[]);
    let advice = "Nothing was destroyed. To destroy dev, run this job with the variable DESTROY set to dev.";
    assert!(refused.log.contains(advice) && refused.log.contains("WARN 1"), "{}", refused.log);
    let refused = project.play("dev", "destroy", &[("DESTROY", "staging")]);
    assert!(refused.log.contains(advice), "{}", refused.log);
    project.push("dev").passes();
    assert_eq!(actions(&project.plan()), [""; 0]);
    project.play("dev", "destroy", &[("DESTROY", "dev")]).passes();
    project.push("dev").passes();
    assert_eq!(actions(&project.plan()), vec!["create"; planned]);
}

/// A pipeline schedule's.
const SCHEDULED: &[(&str, &str)] = &[("CI_PIPELINE_SOURCE", "schedule")];

#[tokio::test]
async fn two_branches_are_two_environments() {
    let Some(project) = Project::bootstrapped().await else { return };
    for branch in ["dev", "staging"] {
        project.push(branch).passes();
        assert_eq!(project.plan()["env"], branch);
        // In staging, Snowflake's account may assume a role: that has to be approved.
        if branch == "staging" {
            project.play(branch, "apply", &[("APPROVE_BROADENING", "dev")]).fails(6, &["the plan widens access"]);
        }
        project.play(branch, "apply", &[("APPROVE_BROADENING", branch)]).passes();
    }
    project.play("staging", "destroy", &[("DESTROY", "staging")]).passes();
    project.push("dev").passes();
    assert_eq!(actions(&project.plan()), [""; 0]);
}

#[tokio::test]
async fn a_merge_request_shows_what_it_would_do_to_its_target() {
    let Some(project) = Project::bootstrapped().await else { return };
    project.checkout("feature/shards");
    let request = [
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "staging"),
        ("CI_PROJECT_ID", "7"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "7"),
    ];
    project.run("feature/shards", &request, &["--unset-variable", "CI_COMMIT_BRANCH"]).passes();
    assert_eq!(project.plan()["env"], "staging");
}

#[tokio::test]
async fn code_is_built_without_a_role_and_the_very_same_is_planned_and_applied() {
    let Some(project) = Project::new() else { return };
    let spec = project.administrator.read("envs/dev.toml");
    let function = "\n[function.hello]\ncode = \"functions/hello\"\nruntime = \"python3.13\"\nhandler = \"app.handler\"\n\
        build = [\"sh\", \"-c\", \"env > built-with.txt\"]\n";
    project.administrator.write("envs/dev.toml", &format!("{spec}{function}"));
    project.administrator.write("functions/hello/app.py", "def handler(event, context): pass\n");
    project.commit();
    let _ = project.administrator.run(&["bootstrap", "--env", "dev"]).success();
    credentials::make_roles(&project.administrator, &project.account, "dev").await;
    project.push("dev").passes();
    let planned = project.plan();
    let changes = planned["changes"].as_array().unwrap();
    let code = changes.iter().find(|change| change["address"] == "function.hello").unwrap()["after"]["code"].clone();
    let folder = code["path"].as_str().unwrap();
    let built = project.administrator.read(&Project::artifact("build", &format!("{folder}/built-with.txt")));
    assert!(!built.contains("AWS_") && !built.contains("CI_"), "{built}");
    project.play("dev", "apply", &[("APPROVE_BROADENING", "dev")]).passes();
    let lambda = project.account.aws().client(aws_sdk_lambda::Client::new).await;
    let live = lambda.get_function().function_name("acme-clickstream-dev-hello").send().await.unwrap();
    assert_eq!(code["sha256"], live.configuration.unwrap().code_sha256.unwrap());
}

#[tokio::test]
async fn a_branch_without_an_environment_is_told_which_there_are() {
    let Some(project) = Project::bootstrapped().await else { return };
    let refused = project.push("feature/shards");
    let said = "the branch `feature/shards` belongs to no environment";
    refused.fails(1, &[said, "`dev`, `prod` and `staging`", "FAIL  validate"]);
}

#[tokio::test]
async fn only_the_very_plan_is_applied() {
    let Some(project) = Project::bootstrapped().await else { return };
    project.push("dev").passes();
    let file = project.administrator.path(&Project::artifact("plan", "plan.json"));
    let plan = fs::read_to_string(&file).unwrap();
    fs::write(&file, plan.replace("acme-clickstream-dev-clicks", "acme-clickstream-dev-mine")).unwrap();
    project.play("dev", "apply", &[]).fails(1, &["it was changed after it was made"]);
    fs::remove_file(&file).unwrap();
    project.play("dev", "apply", &[]).fails(1, &["`plan.json` cannot be read"]);
}

#[tokio::test]
async fn a_plan_is_refused_where_somebody_was_quicker() {
    let Some(project) = Project::bootstrapped().await else { return };
    project.push("dev").passes();
    let kinesis = project.account.aws().client(aws_sdk_kinesis::Client::new).await;
    kinesis.create_stream().stream_name("acme-clickstream-dev-clicks").shard_count(1).send().await.unwrap();
    project.play("dev", "apply", &[]).fails(3, &["the plan is stale", "`acme-clickstream-dev-clicks` exists now"]);
}

#[tokio::test]
async fn a_schedule_fails_where_something_was_changed_by_hand() {
    let Some(project) = Project::bootstrapped().await else { return };
    project.push("dev").passes();
    project.play("dev", "apply", &[]).passes();
    let sns = project.account.aws().client(aws_sdk_sns::Client::new).await;
    let topic = format!("arn:aws:sns:eu-west-1:{}:acme-clickstream-dev-alerts", project.account.id);
    sns.delete_topic().topic_arn(topic).send().await.unwrap();
    project.play("dev", "drift", SCHEDULED).fails(5, &["topic.alerts"]);
}

#[tokio::test]
async fn a_protected_environment_outlives_its_destroy_job() {
    let Some(project) = Project::bootstrapped().await else { return };
    let spec = project.administrator.read("envs/dev.toml").replace("name = \"dev\"", "name = \"dev\"\nprotect = true");
    project.administrator.write("envs/dev.toml", &spec);
    project.commit();
    project.push("dev").passes();
    project.play("dev", "apply", &[]).passes();
    let refused = project.play("dev", "destroy", &[("DESTROY", "dev")]);
    assert!(refused.log.contains("WARN 6"), "{}", refused.log);
    project.push("dev").passes();
    assert_eq!(actions(&project.plan()), [""; 0]);
}
