//! A bucket that tells a function of its new objects, and logs to another, deployed on both emulators.

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

/// That MiniStack calls the function was not seen: what AWS does with the entry is in its documents alone.
#[tokio::test]
async fn a_bucket_tells_its_function_on_ministack() {
    let landing = deployment(emulator::ministack());
    lives(&landing, &[]);
    is_destroyed(&landing).await;
}
