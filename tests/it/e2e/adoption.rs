//! What exists and is not ours: never taken over silently, adopted where that is asked for, otherwise left alone.

use aws_sdk_cloudwatch::types::{ComparisonOperator, Statistic};
use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, Event, NotificationConfiguration, QueueConfiguration,
};

use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::sqs;

#[tokio::test]
async fn what_exists_is_adopted_only_where_that_is_asked_for_on_ministack() {
    what_exists_is_adopted_only_where_that_is_asked_for(emulator::ministack()).await;
}

#[tokio::test]
async fn what_exists_is_adopted_only_where_that_is_asked_for_on_moto() {
    what_exists_is_adopted_only_where_that_is_asked_for(emulator::moto()).await;
}

async fn what_exists_is_adopted_only_where_that_is_asked_for(emulator: &'static Emulator) {
    let deployment = Deployment::bootstrapped(emulator, "dev").await;
    deployment.make_bucket_and_alarm().await;
    let plan = deployment.run(&["plan"]).success();
    for address in ["alarm.delivery", "bucket.events"] {
        let line = |line: &str| line.contains("adopt?") && line.contains(address);
        assert!(plan.stdout.lines().any(line), "{address} is not offered:\n{plan}");
    }
    deployment.proxy.take_calls();
    for refused in [deployment.cli.run(&["apply", "plan.json"]), deployment.run(&["apply", "--auto-approve"])] {
        let refused = refused.fails(1);
        for said in ["alarm.delivery: `acme-clickstream-dev-delivery` exists", "`--adopt bucket.events` takes it over"]
        {
            assert!(refused.stderr.contains(said), "`{said}` is not said:\n{refused}");
        }
    }
    assert_eq!(deployment.proxy.take_calls().changes(), [""; 0]);

    // One by its address, one by the spec.
    deployment.edit("envs/dev.toml", "[bucket.events]", "[bucket.events]\nadopt = true");
    deployment.run(&["apply", "--auto-approve", "--adopt", "alarm.delivery"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    assert_eq!(deployment.records().len(), 13);
}

#[tokio::test]
async fn foreign_entries_of_a_notification_survive_apply_and_destroy_on_ministack() {
    foreign_entries_of_a_notification_survive(emulator::ministack()).await;
}

#[tokio::test]
async fn foreign_entries_of_a_notification_survive_apply_and_destroy_on_moto() {
    foreign_entries_of_a_notification_survive(emulator::moto()).await;
}

async fn foreign_entries_of_a_notification_survive(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "prod").await;
    deployment.run(&["apply", "--auto-approve", "--set", "env.protect=false"]).success();
    deployment.edit("envs/prod.toml", "protect = true", "protect = false");
    let bucket = deployment.account.unique("acme-clickstream-events-prod");
    let s3 = deployment.aws().client(aws_sdk_s3::Client::new).await;
    let entries = async || {
        let read = s3.get_bucket_notification_configuration().bucket(&bucket).send().await.unwrap();
        read.queue_configurations.unwrap_or_default()
    };
    let ids = async || entries().await.into_iter().filter_map(|entry| entry.id).collect::<Vec<_>>();
    assert_eq!(ids().await, ["pipectl-prod-events"]);

    sqs::create_queue(&deployment.account, "theirs").await;
    let theirs = QueueConfiguration::builder().id("theirs").events(Event::S3ObjectRemoved);
    let queue = format!("arn:aws:sqs:{}:{}:theirs", deployment.account.region, deployment.account.id);
    let theirs = theirs.queue_arn(queue).build().unwrap();
    // Ours goes: drift that the next apply repairs, theirs standing by.
    let put = s3.put_bucket_notification_configuration().bucket(&bucket);
    let only_theirs = NotificationConfiguration::builder().queue_configurations(theirs).build();
    put.notification_configuration(only_theirs).send().await.unwrap();
    assert!(deployment.drift().contains("snowpipe.events/notification missing"));
    // What somebody has taken away is given back where that is approved.
    deployment.run(&["apply", "--auto-approve"]).fails(6);
    deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    let mut both = ids().await;
    both.sort();
    assert_eq!(both, ["pipectl-prod-events", "theirs"]);

    // The bucket stays, and with it what others have put on it.
    deployment.run(&["forget", "bucket.events"]).success();
    deployment.run(&["destroy", "--auto-approve"]).success();
    assert_eq!(ids().await, ["theirs"]);
}

impl Deployment {
    /// Makes what others might have under the names that the spec wants.
    async fn make_bucket_and_alarm(&self) {
        let s3 = self.aws().client(aws_sdk_s3::Client::new).await;
        let here = BucketLocationConstraint::from(self.account.region);
        let here = CreateBucketConfiguration::builder().location_constraint(here).build();
        let bucket = s3.create_bucket().bucket(self.account.unique("acme-clickstream-events-dev"));
        bucket.create_bucket_configuration(here).send().await.unwrap();
        let cloudwatch = self.aws().client(aws_sdk_cloudwatch::Client::new).await;
        let alarm = cloudwatch.put_metric_alarm().alarm_name("acme-clickstream-dev-delivery").namespace("Theirs");
        let alarm = alarm.metric_name("Age").statistic(Statistic::Maximum).period(60).evaluation_periods(3);
        let alarm = alarm.threshold(9.0).comparison_operator(ComparisonOperator::GreaterThanThreshold);
        alarm.send().await.unwrap();
    }
}
