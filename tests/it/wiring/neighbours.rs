//! What stands beside a pipeline and is not taken: each with its reason, what has nothing to do with it not at all.

use aws_sdk_cloudwatch::types::{ComparisonOperator, Statistic};
use aws_sdk_firehose::types::{
    CompressionFormat, DeliveryStreamType, ExtendedS3DestinationConfiguration, KinesisStreamSourceConfiguration,
};
use aws_sdk_s3::types::{Event, LambdaFunctionConfiguration, NotificationConfiguration};
use serde_json::{Value, json};

use super::{ids, left, start, walked};
use crate::support::deployment::{Deployment, REGION};
use crate::support::emulator;

/// The stream and the delivery stream have one name.
const STREAM: &str = "acme-clickstream-dev-clicks";
const DELIVERY: &str = STREAM;

#[tokio::test]
async fn what_stands_beside_a_pipeline_is_named_and_left() {
    let deployment = Deployment::applied(emulator::moto(), "dev").await;
    let bucket = deployment.account.unique("acme-clickstream-events-dev");
    let account = deployment.account.clone();
    let alone = walked(&account, &start("", "", DELIVERY)).await.unwrap();
    assert_eq!(left(&alone), [""; 0]);

    Box::pin(deployment.add_deliveries(&bucket)).await;
    deployment.add_identities(&bucket).await;
    deployment.add_listeners(&bucket).await;
    let crowded = walked(&account, &start("", "", DELIVERY)).await.unwrap();
    assert_eq!(ids(&crowded), ids(&alone));
    let left = left(&crowded).join("\n").replace(&account.id, "[ACCOUNT]");
    insta::assert_snapshot!(left, @r"
    arn:aws:lambda:eu-west-1:[ACCOUNT]:function:thumbnails: the bucket acme-clickstream-events-dev-[ACCOUNT] tells it of its objects, and goes on to; a function's `source` takes its place once the entry is deleted
    the dashboard everything: it shows archive too, which is not taken
    the delivery stream archive: it reads the stream acme-clickstream-dev-clicks too, off the way of what is named; `--firehose archive` takes it along
    the delivery stream direct: it writes to the bucket acme-clickstream-events-dev-[ACCOUNT] too, off the way of what is named; `--firehose direct` takes it along
    the role consumer: it may take records from the stream acme-clickstream-dev-clicks for lambda.amazonaws.com; pipectl has no block for that
    the role crawler: it may read the bucket acme-clickstream-events-dev-[ACCOUNT] for glue.amazonaws.com, but is not Snowflake's: no storage integration can assume it
    the role replication: it may put records on the stream acme-clickstream-dev-clicks for dms.amazonaws.com; pipectl has no block for that
    the user analyst: it may read the bucket acme-clickstream-events-dev-[ACCOUNT], but is not Snowflake's: it may read arn:aws:s3:::theirs/*
    ");
}

#[tokio::test]
async fn whoever_names_nothing_or_wrongly_is_told_what_there_is() {
    let deployment = Deployment::applied(emulator::moto(), "dev").await;
    let import = |named: &[&str]| {
        let output = deployment.cli.run(&[&["import", "--env", "new", "--region", REGION], named].concat());
        output.fails(1).stderr
    };
    let here = format!("account {} in {REGION}", deployment.account.id);
    let nothing = import(&[]);
    let offer = format!("{here} has the streams {STREAM}: `--all` imports them all");
    assert!(nothing.contains(&offer), "{nothing}");
    let wrong = import(&["--stream", "cliks"]);
    assert!(wrong.contains(&format!("there is no stream `cliks` in {here}")), "{wrong}");
    assert!(wrong.contains(&format!("there is {STREAM}; `--region` looks elsewhere")), "{wrong}");
    let bucket = import(&["--bucket", &deployment.account.unique("nobodys")]);
    assert!(bucket.contains("there is no bucket `nobodys-"), "{bucket}");
}

impl Deployment {
    /// Another reader of the stream, and another writer to the bucket.
    async fn add_deliveries(&self, bucket: &str) {
        let firehose = self.aws().client(aws_sdk_firehose::Client::new).await;
        let role = format!("arn:aws:iam::{}:role/theirs", self.account.id);
        let to = |bucket: &str| {
            let s3 = ExtendedS3DestinationConfiguration::builder().role_arn(&role);
            let s3 = s3.compression_format(CompressionFormat::Uncompressed);
            s3.bucket_arn(format!("arn:aws:s3:::{bucket}")).build().unwrap()
        };
        let stream = format!("arn:aws:kinesis:{REGION}:{}:stream/{STREAM}", self.account.id);
        let source =
            KinesisStreamSourceConfiguration::builder().kinesis_stream_arn(stream).role_arn(&role).build().unwrap();
        let archive = firehose.create_delivery_stream().delivery_stream_name("archive");
        let archive = archive.delivery_stream_type(DeliveryStreamType::KinesisStreamAsSource);
        let archive = archive.kinesis_stream_source_configuration(source);
        Box::pin(archive.extended_s3_destination_configuration(to("archive")).send()).await.unwrap();
        let direct = firehose.create_delivery_stream().delivery_stream_name("direct");
        Box::pin(direct.extended_s3_destination_configuration(to(bucket)).send()).await.unwrap();
    }

    /// Users and roles whose policies name the stream or the bucket, and one whose policy names nothing.
    async fn add_identities(&self, bucket: &str) {
        let iam = self.aws().client(aws_sdk_iam::Client::new).await;
        let stream = format!("arn:aws:kinesis:{REGION}:{}:stream/{STREAM}", self.account.id);
        let objects = format!("arn:aws:s3:::{bucket}/*");
        let allow = |action: &str, resource: Value| json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]});
        for (name, service, policy) in [
            ("consumer", "lambda", allow("kinesis:Get*", json!(stream))),
            ("replication", "dms", allow("kinesis:PutRecord", json!(stream))),
            ("crawler", "glue", allow("s3:GetObject", json!(objects))),
            ("admin", "ec2", allow("*", json!("*"))),
        ] {
            let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"Service": format!("{service}.amazonaws.com")}}]});
            iam.create_role().role_name(name).assume_role_policy_document(trust.to_string()).send().await.unwrap();
            let put = iam.put_role_policy().role_name(name).policy_name("all");
            put.policy_document(policy.to_string()).send().await.unwrap();
        }
        let reads_more = allow("s3:GetObject", json!([objects, "arn:aws:s3:::theirs/*"]));
        iam.create_user().user_name("analyst").send().await.unwrap();
        let put = iam.put_user_policy().user_name("analyst").policy_name("read");
        put.policy_document(reads_more.to_string()).send().await.unwrap();
    }

    /// A dashboard over two pipelines, an alarm of another, and others who are told of the bucket's objects.
    async fn add_listeners(&self, bucket: &str) {
        let cloudwatch = self.aws().client(aws_sdk_cloudwatch::Client::new).await;
        let metric = |name: &str| json!(["AWS/Firehose", "IncomingRecords", "DeliveryStreamName", name]);
        let widget = json!({"type": "metric", "properties": {"metrics": [metric(STREAM), metric("archive")]}});
        let body = json!({"widgets": [widget]}).to_string();
        cloudwatch.put_dashboard().dashboard_name("everything").dashboard_body(body).send().await.unwrap();
        let alarm = cloudwatch.put_metric_alarm().alarm_name("theirs").namespace("AWS/Kinesis").metric_name("Age");
        let alarm = alarm.statistic(Statistic::Maximum).period(60).evaluation_periods(3).threshold(9.0);
        alarm.comparison_operator(ComparisonOperator::GreaterThanThreshold).send().await.unwrap();
        let s3 = self.aws().client(aws_sdk_s3::Client::new).await;
        let function = format!("arn:aws:lambda:{REGION}:{}:function:thumbnails", self.account.id);
        let lambda = LambdaFunctionConfiguration::builder().id("thumbnails").events(Event::S3ObjectRemoved);
        let lambda = lambda.lambda_function_arn(function).build().unwrap();
        let told = NotificationConfiguration::builder().lambda_function_configurations(lambda).build();
        let put = s3.put_bucket_notification_configuration().bucket(bucket).notification_configuration(told);
        put.skip_destination_validation(true).send().await.unwrap();
    }
}
