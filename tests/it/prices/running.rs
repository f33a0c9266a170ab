//! A job that runs when it is destroyed. MiniStack runs no Spark, and the script of a Python shell for as long as it takes.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use crate::e2e::life::is_destroyed;
use crate::support::deployment::Deployment;
use crate::support::{emulator, json};

#[tokio::test]
async fn a_run_that_is_under_way_is_stopped_before_its_job_is_destroyed() {
    let lake = Deployment::of("tests/files/lake", emulator::ministack().account());
    lake.edit("envs/base.toml", "engine = \"spark\"", "engine = \"python-shell\"");
    let lake = lake.apply();
    let run = lake.run(&["run", "job.tidy", "--json"]).success().json();
    assert_eq!(run["job"], "acme-lake-dev-tidy");
    let end = Instant::now() + Duration::from_secs(20);
    let asked = json!({ "JobName": run["job"], "RunId": run["run"] });
    let state = async || {
        let reply = json::call(&lake.account, "glue", ("1.1", "AWSGlue"), "GetJobRun", &asked).await;
        reply["JobRun"]["JobRunState"].clone()
    };
    while state().await != "RUNNING" {
        assert!(Instant::now() < end, "{}", state().await);
        sleep(Duration::from_millis(50)).await;
    }

    lake.proxy.take_calls();
    is_destroyed(&lake).await;
    let calls = lake.proxy.take_calls();
    let ended = calls.0.iter().map(|call| call.operation.full_name()).filter(|name| name.starts_with("glue:"));
    let ended: Vec<String> =
        ended.filter(|name| ["glue:BatchStopJobRun", "glue:DeleteJob"].contains(&name.as_str())).collect();
    assert_eq!(ended, ["glue:BatchStopJobRun", "glue:DeleteJob"]);
}
