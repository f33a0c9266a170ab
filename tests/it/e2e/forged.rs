//! A plan's file into which somebody has written, and that was sealed again: nothing that it says of its own is done.

use pipectl::engine::plan::Changes;
use pipectl::engine::planfile::{Plan, PlanFile};
use serde_json::{Value, json};

use crate::support::deployment::Deployment;
use crate::support::emulator;

/// A file of what the JSON says by now, sealed as anybody can who knows how.
fn sealed(plan: &Value) -> String {
    let changes = Changes(serde_json::from_value(plan["changes"].clone()).unwrap());
    let plan = Plan { changes, ..serde_json::from_value(plan.clone()).unwrap() };
    PlanFile::new(&plan).unwrap().to_string()
}

/// The change of an address.
fn change<'a>(plan: &'a mut Value, address: &str) -> &'a mut Value {
    let changes = plan["changes"].as_array_mut().unwrap();
    changes.iter_mut().find(|change| change["address"] == address).unwrap()
}

impl Deployment {
    fn saved(&self) -> Value {
        serde_json::from_str(&self.cli.read("plan.json")).unwrap()
    }

    /// Applies a file of which something was forged: refused with that exit code and these words, and nothing is changed.
    #[track_caller]
    fn sees_through(&self, plan: &Value, options: &[&str], code: i32, said: &[&str]) {
        self.cli.write("plan.json", &sealed(plan));
        self.proxy.take_calls();
        let refused = self.cli.run(&[&["apply", "plan.json", "--approve-broadening"], options].concat()).fails(code);
        assert_eq!(self.proxy.take_calls().changes(), [""; 0], "{refused}");
        for text in said {
            assert!(refused.stderr.contains(text), "`{text}` is not said:\n{refused}");
        }
    }
}

#[tokio::test]
async fn a_file_that_says_more_than_its_spec_is_refused() {
    type Forgery = fn(&mut Value);
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    deployment.run(&["plan"]).success();
    let honest = deployment.saved();
    let cases: [(Forgery, &str); 12] = [
        (
            |plan| {
                let role = &mut change(plan, "firehose.clicks/role")["after"];
                role["trust"]["Statement"][0]["Principal"] = json!("*");
                role["managed_policies"] = json!(["arn:aws:iam::aws:policy/AdministratorAccess"]);
            },
            "firehose.clicks/role after.managed_policies",
        ),
        (|plan| change(plan, "bucket.events")["after"]["public_access_block"] = json!({}), "bucket.events after"),
        (|plan| change(plan, "stream.clicks")["action"] = json!("none"), "stream.clicks action"),
        (|plan| change(plan, "stream.clicks")["key"] = json!("theirs"), "stream.clicks key"),
        (|plan| change(plan, "stream.clicks")["depends_on"] = json!(["topic.alerts"]), "stream.clicks depends_on"),
        (|plan| change(plan, "stream.clicks")["protect"] = json!(true), "stream.clicks protect"),
        (|plan| drop(plan["changes"].as_array_mut().unwrap().remove(0)), "action"),
        (|plan| plan["protect"] = json!(true), "protect: the file says true, and it is false"),
        (|plan| plan["outputs"]["stream.clicks.name"] = json!("theirs"), "outputs.stream"),
        (|plan| plan["state"]["location"] = json!("s3://theirs/pipectl/dev/state.json"), "the state has changed since"),
        (|plan| plan["spec"]["digest"] = json!("0".repeat(64)), "`envs/dev.toml` says something else now"),
        (
            |plan| {
                let mut more = change(plan, "stream.clicks").clone();
                more["address"] = json!("stream.more");
                more["key"] = json!("more");
                more["after"]["name"] = json!("more");
                plan["changes"].as_array_mut().unwrap().push(more);
            },
            "stream.more action: the file says \"create\", and it is (none)",
        ),
    ];
    for (forge, said) in cases {
        let mut forged = honest.clone();
        forge(&mut forged);
        deployment.sees_through(&forged, &[], 3, &["the plan is stale", said]);
    }
    // Texts guard nothing: with others, and with another time, it is the honest plan that is applied.
    let mut told = honest.clone();
    told["expires"] = json!("2999-01-01T00:00:00Z");
    told["notes"] = json!([]);
    change(&mut told, "stream.clicks")["reason"] = json!("because");
    deployment.cli.write("plan.json", &sealed(&told));
    deployment.cli.run(&["apply", "plan.json"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    // What was applied is not applied again, whatever its file says of its time.
    told["created"] = json!("2026-01-01T00:00:00Z");
    deployment.sees_through(&told, &[], 3, &["the state has changed since"]);
}

#[tokio::test]
async fn what_only_the_command_line_can_ask_for_is_not_taken_from_a_file() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.run(&["destroy", "--plan-only"]).success();
    let destruction = deployment.saved();
    let said = ["it destroys everything that the environment owns", "`pipectl apply plan.json --destroy`"];
    deployment.sees_through(&destruction, &[], 3, &said);
    deployment.edit("envs/dev.toml", "shards = 1", "shards = 2");
    deployment.run(&["plan"]).success();
    let plan = deployment.saved();
    deployment.sees_through(&plan, &["--destroy"], 3, &["it makes AWS as the spec says", "`pipectl apply plan.json`"]);
    deployment.sees_through(&plan, &["--revert"], 3, &["it makes AWS as the spec says"]);
    for purpose in ["destroy", "revert", "adopt"] {
        let mut forged = plan.clone();
        forged["purpose"] = json!(purpose);
        deployment.sees_through(&forged, &[], 3, &["refused: the plan's file asks for more than this command"]);
    }
    let mut forged = plan.clone();
    forged["purpose"] = json!("destroy");
    deployment.sees_through(&forged, &["--destroy"], 3, &["the plan is stale"]);
    let mut elsewhere = plan;
    elsewhere["env"] = json!("staging");
    deployment.sees_through(&elsewhere, &["--env", "dev"], 3, &["it is of staging of acme-clickstream"]);

    deployment.run(&["plan", "--set", "stream.clicks.shards=3"]).success();
    let set = deployment.saved();
    let said = ["values instead of the spec's: stream.clicks.shards=3", "plan.json --set stream.clicks.shards=3`"];
    deployment.sees_through(&set, &[], 3, &said);
    deployment.sees_through(&set, &["--set", "stream.clicks.shards=4"], 3, &said);
    let applied = ["apply", "plan.json", "--set", "stream.clicks.shards=3"];
    deployment.cli.run(&applied).success();
    assert_eq!(deployment.records()[&"stream.clicks".parse().unwrap()].attributes["shards"], 3);
}

#[tokio::test]
async fn a_plan_that_takes_over_is_applied_where_that_is_asked_for_again() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let kinesis = deployment.aws().client(aws_sdk_kinesis::Client::new).await;
    kinesis.create_stream().stream_name("acme-clickstream-dev-clicks").shard_count(1).send().await.unwrap();
    let saved = deployment.run(&["plan", "--adopt", "stream.clicks"]).success();
    assert!(saved.stderr.contains("`pipectl apply plan.json --adopt stream.clicks` does exactly this"), "{saved}");
    let plan = deployment.saved();
    let said = ["it takes over what exists already: stream.clicks", "plan.json --adopt stream.clicks`"];
    deployment.sees_through(&plan, &[], 3, &said);
    deployment.cli.run(&["apply", "plan.json", "--adopt", "stream.clicks"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn what_widens_is_judged_by_what_was_worked_out() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let iam = deployment.aws().client(aws_sdk_iam::Client::new).await;
    let bound = iam.put_role_permissions_boundary().role_name("acme-clickstream-dev-clicks-firehose");
    bound.permissions_boundary("arn:aws:iam::aws:policy/ReadOnlyAccess").send().await.unwrap();
    deployment.run(&["plan"]).success();
    let honest = deployment.saved();
    assert_eq!(honest["broadens"].as_array().unwrap().len(), 1, "{honest:#}");
    deployment.proxy.take_calls();
    let unapproved = deployment.cli.run(&["apply", "plan.json"]).fails(6);
    assert!(unapproved.stderr.contains("--approve-broadening"), "{unapproved}");
    let (mut silent, mut made_up) = (honest.clone(), honest);
    silent.as_object_mut().unwrap().remove("broadens");
    let broadens = made_up["broadens"].as_array_mut().unwrap();
    let mut second = broadens[0].clone();
    second["what"] = json!("what nothing does");
    broadens.push(second);
    for forged in [silent, made_up] {
        deployment.cli.write("plan.json", &sealed(&forged));
        let refused = deployment.cli.run(&["apply", "plan.json"]).fails(3);
        assert!(refused.stderr.contains("broadens"), "{refused}");
    }
    assert_eq!(deployment.proxy.take_calls().changes(), [""; 0]);
}

#[tokio::test]
async fn without_its_spec_a_plan_is_judged_by_its_changes_and_never_in_ci() {
    let mut deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.edit("envs/dev.toml", "shards = 1", "shards = 2");
    deployment.run(&["plan"]).success();
    std::fs::rename(deployment.cli.path("envs"), deployment.cli.path("gone")).unwrap();
    let refused = deployment.cli.run(&["apply", "plan.json"]).fails(1);
    for said in ["whose spec, envs/dev.toml, is not here", "`--without-spec`, but not in CI"] {
        assert!(refused.stderr.contains(said), "{refused}");
    }
    // A file that was forged says what it does: what guards is worked out from that.
    let honest = deployment.saved();
    let mut forged = honest.clone();
    let role = change(&mut forged, "firehose.clicks/role");
    role["action"] = json!("update");
    role["after"]["managed_policies"] = json!(["arn:aws:iam::aws:policy/AdministratorAccess"]);
    deployment.cli.write("plan.json", &sealed(&forged));
    let wide = deployment.cli.run(&["apply", "plan.json", "--without-spec"]).fails(6);
    assert!(wide.stderr.contains("managed_policies attaches"), "{wide}");
    deployment.cli.write("plan.json", &sealed(&honest));
    deployment.cli.run(&["apply", "plan.json", "--without-spec"]).success();
    std::fs::rename(deployment.cli.path("gone"), deployment.cli.path("envs")).unwrap();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    deployment.cli = deployment.cli.env("CI", "true");
    let refused = deployment.cli.run(&["apply", "plan.json", "--without-spec"]).fails(1);
    assert!(refused.stderr.contains("`--without-spec` is for people"), "{refused}");
}
