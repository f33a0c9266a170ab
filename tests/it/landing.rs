//! A bucket that tells a function of its new objects, and logs to another, deployed on both emulators.

use std::time::{Duration, Instant};

use crate::e2e::life::is_destroyed;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};

fn deployment(emulator: &'static Emulator) -> Deployment {
    Deployment::of("tests/files/landing", emulator.account())
}

/// Validated, planned and applied; a second plan is empty. `lost` is what the emulator forgets.
fn lives(landing: &Deployment, lost: &[&str]) {
    landing.run(&["validate"]).success();
    landing.run(&["plan", "--detailed-exitcode"]).fails(2);
    landing.cli.run(&["apply", "plan.json"]).success();
    assert_eq!(landing.changes(), lost.iter().map(ToString::to_string).collect());
}

#[tokio::test]
async fn a_bucket_tells_its_function_on_moto() {
    let landing = deployment(emulator::moto());
    // It refuses the policy by which S3 may write the log.
    let log = "access_log = { bucket = \"bucket.logs\", prefix = \"landing/\" }\n";
    landing.edit("envs/dev.toml", log, "");
    lives(&landing, &[]);
    is_destroyed(&landing).await;
}

#[tokio::test]
async fn a_bucket_tells_its_function_on_ministack() {
    let landing = deployment(emulator::ministack());
    lives(&landing, &[]);
    is_destroyed(&landing).await;
}

/// Bare, MiniStack calls the function as well, which then comes to the bucket without TLS and is refused.
#[tokio::test]
async fn a_function_is_called_for_what_lands_below_its_prefix_in_the_sandbox() {
    let landing = deployment(emulator::stand_in());
    lives(&landing, &[]);
    let aws = landing.aws();
    let s3 = aws.client(aws_sdk_s3::Client::new).await;
    let bucket = landing.run(&["output", "bucket.landing.name"]).success().stdout.trim().to_owned();
    for key in ["other/1.txt", "ticks/1.csv", "ticks/one and two.txt"] {
        s3.put_object().bucket(&bucket).key(key).body(b"landed".to_vec().into()).send().await.unwrap();
    }
    let sqs = aws.client(aws_sdk_sqs::Client::new).await;
    let queue = sqs.get_queue_url().queue_name("acme-landing-dev-landed").send().await.unwrap().queue_url.unwrap();
    let mut landed = Vec::new();
    let end = Instant::now() + Duration::from_mins(1);
    while landed.is_empty() {
        assert!(Instant::now() < end, "the function was not called");
        let received = sqs.receive_message().queue_url(&queue).max_number_of_messages(10).wait_time_seconds(2);
        let messages = received.send().await.unwrap().messages.unwrap_or_default();
        landed.extend(messages.into_iter().filter_map(|message| message.body));
    }
    assert_eq!(landed, ["ticks/one and two.txt: landed"]);
    is_destroyed(&landing).await;
}
