//! A bucket that tells a function of its new objects, and logs to another, deployed on both emulators.

use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use tokio::time::sleep;

use crate::e2e::life::is_destroyed;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};

/// How long an object may take to where it is told of: the emulator starts a Python.
const ARRIVES: Duration = Duration::from_mins(2);

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
async fn a_bucket_tells_its_function_on_ministack_which_is_called_for_new_objects() {
    let landing = deployment(emulator::ministack());
    lives(&landing, &[]);
    objects_are_told_of(&landing).await;
    is_destroyed(&landing).await;
}

/// The function is called for what is below the prefix and has the ending, and reads it.
async fn objects_are_told_of(landing: &Deployment) {
    let aws = landing.aws();
    let (s3, sqs) = (aws.client(aws_sdk_s3::Client::new).await, aws.client(aws_sdk_sqs::Client::new).await);
    let output = |name: &str| landing.run(&["output", name]).success().stdout.trim().to_owned();
    let (bucket, queue) = (output("bucket.landing.name"), output("queue.landed.name"));
    for key in ["other/one.txt", "ticks/one.csv", "ticks/a b.txt"] {
        let put = s3.put_object().bucket(&bucket).key(key).body(ByteStream::from_static(b"41"));
        put.send().await.unwrap();
    }
    let url = sqs.get_queue_url().queue_name(queue).send().await.unwrap().queue_url.unwrap();
    let end = Instant::now() + ARRIVES;
    loop {
        let reply = sqs.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
        let told: Vec<&str> = reply.messages().iter().filter_map(|message| message.body()).collect();
        if !told.is_empty() {
            assert_eq!(told, ["ticks/a b.txt: 41"]);
            break;
        }
        assert!(Instant::now() < end, "the function was not called");
        sleep(Duration::from_millis(250)).await;
    }
}
