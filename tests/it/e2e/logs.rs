//! What services log is shown, and followed.

use std::io::Read as _;

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use time::OffsetDateTime;

use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};

const GROUP: &str = "/aws/kinesisfirehose/acme-clickstream-dev-clicks";

impl Deployment {
    /// Logs as Firehose does.
    async fn log(&self, message: &str) {
        let client = self.aws().client(aws_sdk_cloudwatchlogs::Client::new).await;
        let now = i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap();
        let event = InputLogEvent::builder().timestamp(now).message(message).build().unwrap();
        let put =
            client.put_log_events().log_group_name(GROUP).log_stream_name("DestinationDelivery").log_events(event);
        put.send().await.unwrap();
    }

    /// Waits for looks into the log that begin from now on.
    fn wait_looked(&self) {
        let looks = || self.proxy.calls().of("logs:FilterLogEvents");
        let before = looks();
        // One may have begun before.
        while looks() < before + 2 {
            std::thread::yield_now();
        }
    }
}

#[tokio::test]
async fn what_was_logged_is_shown_on_ministack() {
    what_was_logged_is_shown(emulator::ministack()).await;
}

#[tokio::test]
async fn what_was_logged_is_shown_on_moto() {
    what_was_logged_is_shown(emulator::moto()).await;
}

async fn what_was_logged_is_shown(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "dev").await;
    let none = deployment.run(&["logs"]).success();
    assert_eq!(none.stdout, "");
    assert!(none.stderr.contains("nothing was logged in the last 60 minutes"), "{none}");
    deployment.log(r#"{"errorCode": "S3.AccessDenied", "message": "Access was denied."}"#).await;
    deployment.log("second\n\tline").await;
    let shown = deployment.run(&["logs", "firehose.clicks"]).success().stdout;
    assert!(shown.contains("Z firehose.clicks S3.AccessDenied Access was denied.\n"), "{shown}");
    assert!(shown.ends_with(" firehose.clicks second\n        line\n"), "{shown}");
    let json = deployment.run(&["logs", "--json"]).success().stdout;
    let json: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((json.len(), &json[0]["code"]), (2, &"S3.AccessDenied".into()));
    let silent = deployment.run(&["logs", "stream.clicks"]).fails(1);
    assert!(silent.stderr.contains("`stream.clicks` logs nothing; these do: firehose.clicks"), "{silent}");
}

#[tokio::test]
async fn logs_are_followed_until_they_are_interrupted_or_nobody_reads_them() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let running = deployment.spawn(&["logs", "--follow"]);
    deployment.wait_looked();
    deployment.log("one").await;
    deployment.wait_looked();
    deployment.log("two").await;
    deployment.wait_looked();
    running.signal("INT");
    let followed = running.output().fails(130).stdout;
    assert_eq!((followed.matches(" one\n").count(), followed.matches(" two\n").count()), (1, 1), "{followed}");

    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut command = deployment.cli.command(&["logs", "--follow", "--env", "dev"]);
    let mut unread = command.stdout(writer).spawn().unwrap();
    drop(command);
    reader.read_exact(&mut [0]).unwrap();
    drop(reader);
    deployment.log("three").await;
    assert!(unread.wait().unwrap().success());
}
