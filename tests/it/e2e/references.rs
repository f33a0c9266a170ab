//! What one environment publishes, and another refers to: published with the apply, kept while it is used, and deleted in
//! order.

use serde_json::Value;

use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::json;
use crate::support::proxy::Failure;

const REGION: &str = "eu-west-1";

/// An environment of the test's project, or of another whose state is beside that.
fn written(deployment: &Deployment, project: &str, blocks: &str) -> String {
    format!(
        "[project]\nname = \"{project}\"\n[env]\nregion = \"{REGION}\"\naccount_id = \"{}\"\n[state]\nbucket = \"{}\"\n\
         folder = \"states/{project}\"\n{blocks}",
        deployment.account.id,
        deployment.state_bucket()
    )
    .replace("[bucket.raw]\n[", &format!("[bucket.raw]\nname = \"{}\"\n[", deployment.account.unique("raw")))
}

/// What the platform has and publishes.
const PLATFORM: &str = "[stream.orders]\nshards = 1\n[bucket.raw]\n[topic.oncall]\n\
    [publish.platform]\npath = \"/platform/${env}\"\n\
    outputs = { orders = \"stream.orders.arn\", raw = \"bucket.raw.name\", oncall = \"topic.oncall.arn\" }\n";

/// A consumer of stream, bucket and topic; `orders` and `raw` say what they are found by.
fn consumer(orders: &str, raw: &str) -> String {
    format!(
        "[stream.orders]\nexternal = {orders}\n[bucket.raw]\nexternal = {raw}\n\
         [topic.oncall]\nexternal = {{ ssm = \"/platform/platform/oncall\" }}\n\
         [firehose.orders]\nsource = \"stream.orders\"\ndestination = \"bucket.raw\"\nprefix = \"orders/\"\n\
         error_prefix = \"errors/\"\n[alarm.stuck]\nwatches = \"firehose.orders\"\nmetric = \"DeliveryToS3.Success\"\nnotifies = [\"topic.oncall\"]\n"
    )
}

impl Deployment {
    /// The platform, applied, and two consumers that are written and not applied: one in its project by strong references, one
    /// of another project by weak ones.
    async fn platform(emulator: &'static Emulator) -> Self {
        let deployment = Self::bootstrapped(emulator, "dev").await;
        let project = deployment.project.clone();
        deployment.cli.write("envs/platform.toml", &written(&deployment, &project, PLATFORM));
        let output = |block: &str, more: &str| format!("{{ output = \"{project}/platform:{block}\"{more} }}");
        let strong = consumer(&output("stream.orders", ""), &output("bucket.raw", ""));
        deployment.cli.write("envs/shop.toml", &written(&deployment, &project, &strong));
        let weak = ", weak = true";
        let weak = consumer(&output("stream.orders", weak), &output("bucket.raw", weak));
        deployment.cli.write("other.toml", &written(&deployment, "other", &weak));
        deployment.of_env("apply", "platform", &["--auto-approve"]).success();
        deployment
    }

    fn of_env(&self, command: &str, env: &str, more: &[&str]) -> crate::support::cli::Output {
        self.cli.run(&[&[command, "--env", env], more].concat())
    }

    fn consumers(&self) -> Value {
        self.cli.run(&["state", "consumers", "--env", "platform", "--json"]).success().json()
    }
}

#[tokio::test]
async fn what_is_published_is_used_and_kept_until_nobody_uses_it_on_ministack() {
    what_is_published_is_used_and_kept_until_nobody_uses_it(emulator::ministack()).await;
}

#[tokio::test]
async fn what_is_published_is_used_and_kept_until_nobody_uses_it_on_moto() {
    what_is_published_is_used_and_kept_until_nobody_uses_it(emulator::moto()).await;
}

async fn what_is_published_is_used_and_kept_until_nobody_uses_it(emulator: &'static Emulator) {
    let deployment = Deployment::platform(emulator).await;
    let project = &deployment.project;
    // As Terraform's `data aws_ssm_parameter`, CDK and a function read it.
    let read = json::parameter(&deployment.account, "/platform/platform/orders").await;
    let stream = format!("arn:aws:kinesis:{REGION}:{}:stream/{project}-platform-orders", deployment.account.id);
    assert_eq!(read["Value"], stream);
    deployment.of_env("plan", "platform", &["--detailed-exitcode"]).success();

    let plan = deployment.of_env("plan", "shop", &[]).success();
    assert!(plan.stdout.contains(&stream), "{plan}");
    deployment.of_env("apply", "shop", &["--auto-approve"]).success();
    deployment.cli.run(&["apply", "--env-file", "other.toml", "--auto-approve"]).success();
    deployment.of_env("plan", "shop", &["--detailed-exitcode"]).success();
    let consumers = deployment.consumers();
    assert_eq!(consumers.as_object().unwrap().len(), 1, "a weak reference registers nothing: {consumers:#}");
    let uses = &consumers[format!("{project}/shop")]["uses"];
    assert_eq!(uses["stream.orders"]["key"], format!("{project}-platform-orders"), "{consumers:#}");
    assert_eq!(uses.as_object().unwrap().len(), 2, "a parameter registers nothing: {consumers:#}");

    // Neither destroyed nor replaced while it is used, and the list says by whom.
    deployment.proxy.take_calls();
    let refused = deployment.of_env("destroy", "platform", &["--auto-approve", "--empty-buckets"]).fails(6);
    assert!(refused.stdout.contains(&format!("stream.orders is used by {project}/shop")), "{refused}");
    let replaced = deployment.of_env("plan", "platform", &["--replace", "stream.orders"]).fails(6);
    assert!(replaced.stdout.contains(&format!("is used by {project}/shop")), "{replaced}");
    assert_eq!(deployment.proxy.take_calls().changes(), [""; 0]);
    // What nobody uses goes.
    let less = PLATFORM.replace("[topic.oncall]\n", "").replace(", oncall = \"topic.oncall.arn\"", "");
    deployment.cli.write("envs/platform.toml", &written(&deployment, project, &less));
    deployment.of_env("apply", "platform", &["--auto-approve"]).success();
    let stale = deployment.of_env("plan", "shop", &[]).fails(1);
    assert!(stale.stderr.contains("there is no SSM parameter `/platform/platform/oncall`"), "{stale}");

    deployment.of_env("destroy", "shop", &["--auto-approve", "--empty-buckets"]).success();
    assert_eq!(deployment.consumers(), serde_json::json!({}));
    deployment.cli.run(&["destroy", "--env-file", "other.toml", "--auto-approve", "--empty-buckets"]).success();
    deployment.of_env("destroy", "platform", &["--auto-approve", "--empty-buckets"]).success();
    let left = serde_json::json!({ "Names": ["/platform/platform/orders"] });
    let left = json::ssm(&deployment.account, "GetParameters", left).await;
    assert_eq!(left["Parameters"], serde_json::json!([]));
}

#[tokio::test]
async fn a_plan_is_stale_once_the_other_environment_has_another_block_there_or_none() {
    let deployment = Deployment::platform(emulator::ministack()).await;
    let project = &deployment.project;
    deployment.of_env("plan", "shop", &["--out", "shop.json"]).success();
    let renamed = PLATFORM.replace("[stream.orders]\n", "[stream.orders]\nname = \"visits\"\n");
    deployment.cli.write("envs/platform.toml", &written(&deployment, project, &renamed));
    deployment.of_env("apply", "platform", &["--auto-approve"]).success();
    deployment.proxy.take_calls();
    let stale = deployment.cli.run(&["apply", "shop.json", "--env", "shop"]).fails(3);
    assert!(stale.stderr.contains("stream.orders"), "{stale}");
    assert_eq!(deployment.proxy.take_calls().changes(), [""; 0]);

    deployment.of_env("plan", "shop", &["--out", "shop.json"]).success();
    let gone = PLATFORM.replace("[stream.orders]\nshards = 1\n", "").replace("orders = \"stream.orders.arn\", ", "");
    deployment.cli.write("envs/platform.toml", &written(&deployment, project, &gone));
    deployment.of_env("apply", "platform", &["--auto-approve"]).success();
    let stale = deployment.cli.run(&["apply", "shop.json", "--env", "shop"]).fails(3);
    for said in ["envs/shop.toml:10", "platform has no `stream.orders`", "it has no stream at all"] {
        assert!(stale.stderr.contains(said), "`{said}` is not said:\n{stale}");
    }
}

#[tokio::test]
async fn who_may_not_register_refers_weakly_and_is_told() {
    let deployment = Deployment::platform(emulator::ministack()).await;
    deployment.proxy.on("s3:PutObject").mentioning("consumers.json").fail(Failure::Denied);
    let applied = deployment.of_env("apply", "shop", &["--auto-approve"]).success();
    assert!((applied.stdout.clone() + &applied.stderr).contains("the reference is weak"), "{applied}");
    deployment.proxy.calm();
    assert_eq!(deployment.consumers(), serde_json::json!({}));
    deployment.of_env("destroy", "shop", &["--auto-approve", "--empty-buckets"]).success();
}

#[tokio::test]
async fn killed_between_registration_and_apply_a_consumer_still_keeps_what_it_uses_and_is_made_good() {
    let deployment = Deployment::platform(emulator::ministack()).await;
    let project = deployment.project.clone();
    let held = deployment.proxy.on("iam:CreateRole").first(1).hold_before();
    let running = deployment.cli.spawn(&["apply", "--env", "shop", "--auto-approve"]);
    held.wait_reached();
    running.signal("KILL");
    running.output().fails(137);
    let refused = deployment.of_env("destroy", "platform", &["--auto-approve", "--empty-buckets"]).fails(6);
    assert!(refused.stdout.contains(&format!("is used by {project}/shop")), "{refused}");
    drop(held);
    deployment.of_env("apply", "shop", &["--auto-approve"]).success();
    deployment.of_env("plan", "shop", &["--detailed-exitcode"]).success();
    // By force: whoever does that knows better.
    let unknown = ["state", "consumers", "--env", "platform", "--remove", "nobody/dev"];
    assert!(deployment.cli.run(&unknown).fails(1).stderr.contains(&format!("{project}/shop is")));
    let name = format!("{project}/shop");
    let remove = ["state", "consumers", "--env", "platform", "--remove", &name];
    deployment.cli.run(&remove).success();
    // Its next apply registers it again, though nothing else changes.
    let plan = deployment.of_env("plan", "shop", &["--detailed-exitcode"]).fails(2);
    assert!(plan.stdout.contains("an apply registers what is used with its owners"), "{plan}");
    deployment.of_env("apply", "shop", &["--auto-approve"]).success();
    assert!(deployment.consumers().get(&name).is_some());
    let plan = deployment.of_env("plan", "shop", &["--detailed-exitcode"]).success();
    assert!(plan.stdout.contains(&format!("registered with {project}/platform, which keeps it")), "{plan}");
    deployment.cli.run(&remove).success();
    deployment.of_env("destroy", "platform", &["--auto-approve", "--empty-buckets"]).success();
}

#[tokio::test]
async fn environments_that_refer_to_each_other_are_refused_at_both_places() {
    let deployment = Deployment::platform(emulator::ministack()).await;
    let project = deployment.project.clone();
    deployment.of_env("apply", "shop", &["--auto-approve"]).success();
    let back = format!("[stream.theirs]\nexternal = {{ output = \"{project}/shop:firehose.orders\" }}\n");
    deployment.cli.write("envs/platform.toml", &written(&deployment, &project, &(PLATFORM.to_owned() + &back)));
    let refused = deployment.of_env("validate", "platform", &[]).fails(1);
    assert!(refused.stderr.contains("`firehose.orders` is no stream"), "{refused}");
    let back = back.replace("stream.theirs", "firehose.theirs");
    deployment.cli.write("envs/platform.toml", &written(&deployment, &project, &(PLATFORM.to_owned() + &back)));
    let refused = deployment.of_env("plan", "platform", &[]).fails(1);
    for said in [format!("{project}/shop refers to {project}/platform in turn"), "envs/platform.toml".to_owned()] {
        assert!(refused.stderr.contains(&said), "`{said}` is not said:\n{refused}");
    }
    let weak = back.replace(" }\n", ", weak = true }\n");
    deployment.cli.write("envs/platform.toml", &written(&deployment, &project, &(PLATFORM.to_owned() + &weak)));
    deployment.of_env("plan", "platform", &[]).success();
}

#[tokio::test]
async fn a_used_block_that_gets_another_name_says_whose_spec_has_to_name_it_so() {
    let deployment = Deployment::platform(emulator::ministack()).await;
    let project = deployment.project.clone();
    deployment.of_env("apply", "shop", &["--auto-approve"]).success();
    let moved = PLATFORM
        .replace("[stream.orders]\n", "[stream.visits]\nname = \"${project}-${env}-orders\"\n")
        .replace("\"stream.orders.arn\"", "\"stream.visits.arn\"");
    let moved = format!(
        "moved = [{{ from = \"stream.orders\", to = \"stream.visits\" }}]\n{}",
        written(&deployment, &project, &moved)
    );
    deployment.cli.write("envs/platform.toml", &moved);
    let plan = deployment.of_env("plan", "platform", &[]).success();
    assert!(plan.stdout.contains(&format!("{project}/shop refers to it as `stream.orders`")), "{plan}");
    deployment.of_env("apply", "platform", &["--auto-approve"]).success();
    let refused = deployment.of_env("plan", "shop", &[]).fails(1);
    assert!(refused.stderr.contains(&format!("write `{project}/platform:stream.visits`")), "{refused}");
    // It is kept under its new name as well.
    deployment.of_env("destroy", "platform", &["--auto-approve", "--empty-buckets"]).fails(6);
}

#[tokio::test]
async fn what_is_external_has_its_row_in_the_status() {
    let deployment = Deployment::platform(emulator::ministack()).await;
    deployment.of_env("apply", "shop", &["--auto-approve"]).success();
    let status = deployment.of_env("status", "shop", &["--json"]).success().json();
    let row = |block: &str| status["blocks"].as_array().unwrap().iter().find(|it| it["block"] == block).cloned();
    let stream = row("stream.orders").unwrap_or_else(|| panic!("{status:#}"));
    assert_eq!(stream["health"], "good", "{stream:#}");
    let gone = serde_json::json!({ "Name": "/platform/platform/oncall" });
    json::ssm(&deployment.account, "DeleteParameter", gone).await;
    let status = deployment.of_env("status", "shop", &["--json"]).success().json();
    let row = status["blocks"].as_array().unwrap().iter().find(|it| it["block"] == "topic.oncall").cloned().unwrap();
    assert_eq!(row["health"], "bad", "{row:#}");
}

#[tokio::test]
async fn what_a_part_of_a_plan_leaves_in_use_stays_registered_and_nobody_forgets_it() {
    let deployment = Deployment::platform(emulator::ministack()).await;
    let project = deployment.project.clone();
    deployment.of_env("apply", "shop", &["--auto-approve"]).success();
    // The delivery that uses both is left out of what is deleted.
    deployment.cli.write("envs/shop.toml", &written(&deployment, &project, "[queue.jobs]\n"));
    deployment.of_env("apply", "shop", &["--auto-approve", "--only", "queue.jobs"]).success();
    let uses = deployment.consumers()[format!("{project}/shop")]["uses"].clone();
    assert_eq!(uses.as_object().map(serde_json::Map::len), Some(2), "{uses:#}");
    deployment.of_env("forget", "platform", &["stream.orders"]).fails(6);
    deployment.of_env("apply", "shop", &["--auto-approve"]).success();
    assert_eq!(deployment.consumers(), serde_json::json!({}));
    deployment.of_env("forget", "platform", &["stream.orders"]).success();
}

#[tokio::test]
async fn two_environments_of_one_name_are_told_apart() {
    let deployment = Deployment::platform(emulator::ministack()).await;
    let project = deployment.project.clone();
    deployment.of_env("apply", "shop", &["--auto-approve"]).success();
    let namesake = deployment.cli.read("envs/shop.toml").replace("states/", "elsewhere/").replace(
        "{ output = ",
        &format!("{{ state = \"s3://{}/states/{project}\", output = ", deployment.state_bucket()),
    );
    let namesake =
        namesake.replace("[env]\n", "[env]\nname = \"shop\"\n").replace(".orders]\nsource", ".others]\nsource");
    let namesake = namesake.replace("firehose.orders", "firehose.others").replace("alarm.stuck", "alarm.others");
    deployment.cli.write("namesake.toml", &namesake);
    let refused = deployment.cli.run(&["apply", "--env-file", "namesake.toml", "--auto-approve"]).fails(1);
    assert!(refused.stderr.contains("knows another environment that is called"), "{refused}");
    assert!(deployment.consumers().get(format!("{project}/shop")).is_some());
}

#[tokio::test]
async fn a_secret_of_another_environment_is_found_by_the_arn_that_aws_made_up() {
    let deployment = Deployment::platform(emulator::ministack()).await;
    let project = deployment.project.clone();
    let secret = format!("{PLATFORM}[secret.key]\ngenerate = {{}}\n");
    deployment.cli.write("envs/platform.toml", &written(&deployment, &project, &secret));
    deployment.of_env("apply", "platform", &["--auto-approve"]).success();
    let blocks = format!("[secret.theirs]\nexternal = {{ output = \"{project}/platform:secret.key\" }}\n");
    deployment.cli.write("envs/shop.toml", &written(&deployment, &project, &blocks));
    let plan = deployment.of_env("plan", "shop", &[]).success();
    assert!(plan.stdout.contains(&format!("secret:{project}-platform-key-")) && !plan.stdout.contains('?'), "{plan}");
}
