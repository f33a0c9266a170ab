//! pipectl killed in the middle, before or after a call: the next plan and apply make good, and nothing is doubled.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::inventory::inventory;
use crate::support::deployment::Deployment;
use crate::support::emulator;
use crate::support::proxy::Hold;

/// A moment at which pipectl is killed.
#[derive(Clone, Copy, Debug)]
struct Moment {
    /// Just before the call is made, or when it is done and its reply on the way.
    when: When,
    call: &'static str,
    /// What the call mentions.
    about: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum When {
    Before,
    After,
}

/// Before and after the call.
fn around(call: &'static str, about: &'static str) -> [Moment; 2] {
    [When::Before, When::After].map(|when| Moment { when, call, about })
}

#[tokio::test]
async fn killed_at_its_first_writes_an_apply_is_made_good() {
    // The lock, and the state that holds every intent.
    for moment in [around("s3:PutObject", "state.lock"), around("s3:PutObject", "state.json")].concat() {
        an_apply_is_made_good(moment).await;
    }
}

#[tokio::test]
async fn killed_while_it_makes_what_others_need_an_apply_is_made_good() {
    for call in ["kinesis:CreateStream", "s3:CreateBucket", "iam:CreateRole"] {
        for moment in around(call, "") {
            an_apply_is_made_good(moment).await;
        }
    }
}

#[tokio::test]
async fn killed_while_it_makes_an_access_key_an_apply_is_made_good() {
    for call in ["iam:CreateUser", "iam:CreateAccessKey", "ssm:PutParameter"] {
        for moment in around(call, "") {
            an_apply_is_made_good(moment).await;
        }
    }
}

#[tokio::test]
async fn killed_towards_its_end_an_apply_is_made_good() {
    let end = [
        around("firehose:CreateDeliveryStream", ""),
        around("sns:Subscribe", ""),
        around("s3:DeleteObject", "state.lock"),
    ];
    for moment in end.concat() {
        an_apply_is_made_good(moment).await;
    }
}

#[tokio::test]
async fn killed_a_destruction_is_made_good() {
    for call in ["firehose:DeleteDeliveryStream", "ssm:DeleteParameter", "iam:DeleteAccessKey", "s3:DeleteBucket"] {
        for moment in around(call, "") {
            a_destruction_is_made_good(moment).await;
        }
    }
}

#[tokio::test]
async fn killed_a_replacement_is_made_good() {
    let calls = [
        "kinesis:CreateStream",
        "firehose:DeleteDeliveryStream",
        "firehose:CreateDeliveryStream",
        "kinesis:DeleteStream",
    ];
    for moment in calls.map(|call| around(call, "")).concat() {
        a_replacement_is_made_good(moment).await;
    }
}

#[tokio::test]
async fn killed_in_an_update_an_apply_is_made_good_and_nobody_else_is_said_to_have_changed_anything() {
    for moment in around("kinesis:IncreaseStreamRetentionPeriod", "") {
        println!("{moment:?}");
        let deployment = Deployment::applied(emulator::ministack(), "dev").await;
        deployment.edit("envs/dev.toml", "[stream.clicks]", "[stream.clicks]\nretention_hours = 48");
        let _held = deployment.killed(moment, &["apply", "--auto-approve"]);
        let status = deployment.run(&["status"]);
        assert!(status.stdout.contains("the update of stream.clicks belongs to an apply"), "{}", status.stdout);
        let plan = deployment.run(&["plan"]).success();
        assert!(!plan.stdout.contains("outside pipectl"), "{}", plan.stdout);
        deployment.goes_on().await;
    }
}

/// Wherever it is, and with several calls under way.
#[tokio::test]
async fn killed_after_any_number_of_calls_an_apply_is_made_good() {
    for calls in (5..70).step_by(13) {
        println!("after {calls} calls");
        let deployment = Deployment::bootstrapped(emulator::moto(), "dev").await;
        let running = deployment.spawn(&["apply", "--auto-approve"]);
        let end = Instant::now() + Duration::from_secs(30);
        while deployment.proxy.calls().total() < calls {
            assert!(Instant::now() < end, "an apply takes more calls than {calls}");
            sleep(Duration::from_millis(1));
        }
        running.signal("KILL");
        running.output().fails(137);
        deployment.goes_on().await;
    }
}

async fn an_apply_is_made_good(moment: Moment) {
    println!("{moment:?}");
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let _held = deployment.killed(moment, &["apply", "--auto-approve"]);
    deployment.goes_on().await;
}

async fn a_destruction_is_made_good(moment: Moment) {
    println!("{moment:?}");
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let destroy = ["destroy", "--auto-approve", "--empty-buckets"];
    let _held = deployment.killed(moment, &destroy);
    deployment.run(&destroy).success();
    let state = deployment.state();
    assert_eq!((state.resources.len(), state.intents.len()), (0, 0));
    assert_eq!(inventory(&deployment).await, [""; 0]);
}

async fn a_replacement_is_made_good(moment: Moment) {
    println!("{moment:?}");
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.edit("envs/dev.toml", "[stream.clicks]", "[stream.clicks]\nname = \"acme-other-clicks\"");
    let _held = deployment.killed(moment, &["apply", "--auto-approve", "--approve-broadening"]);
    deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    let state = deployment.state();
    assert_eq!((state.resources.len(), state.intents.len()), (13, 0));
    let kinesis = deployment.aws().client(aws_sdk_kinesis::Client::new).await;
    assert_eq!(kinesis.list_streams().send().await.unwrap().stream_names, ["acme-other-clicks"]);
}

impl Deployment {
    /// Starts a command and kills it at that moment. The call goes on when what is returned is dropped, if ever.
    fn killed(&self, Moment { when, call, about }: Moment, command: &[&str]) -> Hold {
        let calls = self.proxy.on(call).mentioning(about).first(1);
        let hold = match when {
            When::Before => calls.hold_before(),
            When::After => calls.hold_after(),
        };
        let running = self.spawn(command);
        hold.wait_reached();
        running.signal("KILL");
        running.output().fails(137);
        hold
    }

    /// The next plan and apply make good; what AWS would make twice under one name is there once.
    async fn goes_on(&self) {
        self.run(&["plan"]).success();
        self.cli.run(&["apply", "plan.json"]).success();
        self.run(&["plan", "--detailed-exitcode"]).success();
        let state = self.state();
        assert_eq!((state.resources.len(), state.intents.len()), (13, 0));
        let aws = self.aws();
        let iam = aws.client(aws_sdk_iam::Client::new).await;
        let keys = iam.list_access_keys().user_name("acme-clickstream-dev-events").send().await.unwrap();
        assert_eq!(keys.access_key_metadata.len(), 1);
        let sns = aws.client(aws_sdk_sns::Client::new).await;
        assert_eq!(sns.list_subscriptions().send().await.unwrap().subscriptions().len(), 1);
    }
}
