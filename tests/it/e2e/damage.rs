//! A state that was damaged, deleted or replaced behind pipectl's back: every command says what to do, none writes over it.

use crate::support::deployment::Deployment;
use crate::support::emulator;
use crate::support::proxy::Failure;

impl Deployment {
    /// The very bytes, which no command shows: each write has an id of its own.
    async fn stored(&self) -> String {
        let s3 = self.aws().client(aws_sdk_s3::Client::new).await;
        let bucket = self.account.unique("acme-clickstream-pipectl-state");
        let get = s3.get_object().bucket(bucket).key(format!("pipectl/{}/state.json", self.env)).send().await.unwrap();
        String::from_utf8(get.body.collect().await.unwrap().to_vec()).unwrap()
    }

    async fn put_state(&self, bytes: &str) {
        let s3 = self.aws().client(aws_sdk_s3::Client::new).await;
        let bucket = self.account.unique("acme-clickstream-pipectl-state");
        let put = s3.put_object().bucket(bucket).key(format!("pipectl/{}/state.json", self.env));
        put.body(bytes.as_bytes().to_vec().into()).send().await.unwrap();
    }
}

#[tokio::test]
async fn a_damaged_state_stops_every_command_and_an_earlier_version_brings_it_back() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let good = deployment.run(&["state", "pull"]).success().stdout;
    let version = deployment.run(&["state", "history", "--json"]).success().json()[0]["version"].to_string();
    let damaged = [
        (good[..good.len() / 2].to_owned(), "the file is cut off"),
        ("<html><body>Sign in</body></html>".to_owned(), "the file is damaged"),
        (String::new(), "the file is cut off"),
        ("{\"version\": 4, \"terraform_version\": \"1.11.4\"}".to_owned(), "the file is"),
    ];
    for (bytes, said) in damaged {
        deployment.put_state(&bytes).await;
        for command in [&["plan"][..], &["apply", "--auto-approve"], &["destroy", "--auto-approve"], &["output"]] {
            let output = deployment.run(command).fails(1);
            for text in [said, "`pipectl state history` lists the earlier versions"] {
                assert!(output.stderr.contains(text), "`{text}` is not said:\n{output}");
            }
        }
    }
    deployment.run(&["state", "restore", version.trim_matches('"')]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn a_state_of_another_environment_or_a_newer_pipectl_is_left_alone() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let good = deployment.run(&["state", "pull"]).success().stdout;
    let foreign = good.replace("\"env\": \"dev\"", "\"env\": \"prod\"");
    let newer = good.replace("\"version\": 1,", "\"version\": 2,");
    for (bytes, said, help) in [
        (&foreign, "the file is the state of `acme-clickstream` `prod`", "a folder of its own"),
        (&newer, "the file was written by pipectl", "install pipectl"),
    ] {
        assert_ne!(*bytes, good);
        deployment.put_state(bytes).await;
        for command in [&["plan"][..], &["apply", "--auto-approve"], &["state", "rebuild"]] {
            let output = deployment.run(command).fails(1);
            assert!(output.stderr.contains(said) && output.stderr.contains(help), "{output}");
        }
    }
    deployment.put_state(&good).await;
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn a_state_that_begins_anew_after_a_plan_makes_the_plan_stale() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.edit("envs/dev.toml", "shards = 1", "shards = 2");
    deployment.run(&["plan"]).success();
    let good = deployment.stored().await;
    let lineage = deployment.state().lineage.to_string();
    deployment.put_state(&good.replace(&lineage, "00000000-0000-4000-8000-000000000000")).await;
    let output = deployment.cli.run(&["apply", "plan.json"]).fails(3);
    assert!(output.stderr.contains("the state has changed since"), "{output}");
    deployment.put_state(&good).await;
    deployment.cli.run(&["apply", "plan.json"]).success();
}

#[tokio::test]
async fn a_store_that_goes_away_and_comes_back_is_waited_for() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let away = deployment.proxy.on("s3:PutObject").mentioning("state.json").first(12).fail(Failure::Unavailable);
    deployment.run(&["apply", "--auto-approve"]).success();
    assert_eq!(away.struck(), 12);
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}
