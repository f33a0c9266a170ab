//! `state move`: a state has one place at every moment, and whoever is killed on the way is followed by one who finishes.

use crate::support::cli::{Output, Running};
use crate::support::deployment::Deployment;
use crate::support::emulator;

/// The words that say a folder of a bucket.
fn at(bucket: &str, folder: &str) -> [String; 4] {
    ["--set".into(), format!("state.bucket={bucket}"), "--set".into(), format!("state.folder={folder}")]
}

impl Deployment {
    /// A command for a spec that names a folder of the state's bucket.
    fn run_at(&self, folder: &str, command: &[&str]) -> Output {
        self.spawn_at(folder, command).output()
    }

    fn spawn_at(&self, folder: &str, command: &[&str]) -> Running {
        let place = at(&self.state_bucket(), folder);
        let place: Vec<&str> = place.iter().map(String::as_str).collect();
        self.spawn(&[command, &place].concat())
    }

    /// Moves the state from one folder of its bucket to another.
    fn moving(&self, from: &str, to: &str) -> Running {
        self.spawn_at(from, &["state", "move", "--to", &format!("s3://{}/{to}", self.state_bucket())])
    }
}

#[tokio::test]
async fn a_state_moves_from_the_bucket_to_a_folder_and_to_another_bucket() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let (bucket, other) = (deployment.state_bucket(), deployment.account.unique("other-states"));
    let s3 = deployment.aws().client(aws_sdk_s3::Client::new).await;
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder().location_constraint("eu-west-1".into()).build();
    s3.create_bucket().bucket(&other).create_bucket_configuration(place).send().await.unwrap();
    let serial = deployment.state().serial;
    let moved =
        deployment.run(&["state", "move", "--to", &format!("s3://{other}/team/clicks"), "--json"]).success().json();
    assert_eq!(moved["to"], format!("s3://{other}/team/clicks/dev/state.json"));
    assert_eq!(moved["from"], format!("s3://{bucket}/pipectl/dev/state.json"));
    assert_eq!((&moved["serial"], &moved["state"]["folder"]), (&(serial + 1).into(), &"team/clicks".into()));
    // Whoever asks at the old place is told where it is, and changes nothing there.
    for command in [
        &["plan"][..],
        &["apply", "--auto-approve"],
        &["destroy", "--auto-approve"],
        &["state", "list"],
        &["state", "rebuild"],
        &["drift"],
        &["output"],
    ] {
        let refused = deployment.run(command).fails(1);
        let said = format!("the state was moved to s3://{other}/team/clicks/dev/state.json");
        assert!(
            refused.stderr.contains(&said) && refused.stderr.contains("write that place into `[state]`"),
            "{refused}"
        );
    }
    let history = deployment.run(&["state", "history", "--json"]).success().json();
    let earlier = history.as_array().unwrap().last().unwrap()["version"].as_str().unwrap().to_owned();
    deployment.run(&["state", "restore", &earlier]).fails(1);
    // There it goes on.
    let there = at(&other, "team/clicks");
    let there: Vec<&str> = there.iter().map(String::as_str).collect();
    deployment.run(&[&["plan", "--detailed-exitcode"], &there[..]].concat()).success();
    // The same again is done already; nothing is at the target that could be overwritten from elsewhere.
    let again = deployment.run(&["state", "move", "--to", &format!("s3://{other}/team/clicks")]).success();
    assert!(again.stdout.starts_with("moved before: the state of "), "{again}");
    deployment.run(&["state", "move", "--to", &format!("s3://{other}/third")]).fails(1);
    // And to a folder of the project.
    deployment.run(&[&["state", "move", "--to", "local:states"], &there[..]].concat()).success();
    deployment.run(&["plan", "--detailed-exitcode", "--set", "state.local=states"]).success();
    deployment.run(&[&["plan"], &there[..]].concat()).fails(1);
    deployment.run(&["destroy", "--auto-approve", "--empty-buckets", "--set", "state.local=states"]).success();
}

#[tokio::test]
async fn whoever_is_killed_between_two_writes_leaves_one_state_and_a_move_that_goes_on() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let mut here = "pipectl".to_owned();
    // The locks of both, the arriving state, the mark, the state.
    for (about, nth) in [("state.lock", 1), ("state.lock", 2), ("state.json", 1), ("state.json", 2), ("state.json", 3)]
    {
        for after in [false, true] {
            let there = format!("to/{}-{nth}-{after}", about.replace('.', "-"));
            let writes = deployment.proxy.on("s3:PutObject").mentioning(about).nth(nth);
            let hold = if after { writes.hold_after() } else { writes.hold_before() };
            let killed = deployment.moving(&here, &there);
            hold.wait_reached();
            killed.signal("KILL");
            let _ = killed.output();
            hold.release();
            deployment.proxy.calm();
            let usable = [&here, &there].map(|folder| deployment.run_at(folder, &["state", "pull"]));
            let usable: Vec<_> = usable.iter().filter(|output| output.code == 0).collect();
            assert!(usable.len() <= 1, "{about} {nth} {after}: {usable:?}");
            // Nobody begins anew where the state is to come.
            let began = deployment.run_at(&there, &["plan", "--detailed-exitcode"]);
            assert!(began.code != 0 || about == "state.json" && nth == 3 && after, "{about} {nth} {after}: {began}");
            deployment.moving(&here, &there).output().success();
            deployment.run_at(&here, &["plan"]).fails(1);
            deployment.run_at(&there, &["plan", "--detailed-exitcode"]).success();
            here = there;
        }
    }
}

#[tokio::test]
async fn while_somebody_holds_either_lock_nothing_is_moved() {
    let mut deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    deployment.cli = deployment.cli.env("PIPECTL_LEASE_SECONDS", "9");
    let hold = deployment.proxy.on("kinesis:CreateStream").first(1).hold_before();
    let busy = deployment.spawn(&["apply", "--auto-approve"]);
    hold.wait_reached();
    let locked = deployment.moving("pipectl", "elsewhere").output().fails(4);
    assert!(locked.stderr.contains("is locked by"), "{locked}");
    hold.release();
    busy.output().success();
    deployment.moving("pipectl", "elsewhere").output().success();
}

#[test]
fn what_is_no_place_is_refused() {
    let cli = crate::support::cli::Cli::new()
        .env("AWS_ACCESS_KEY_ID", "x")
        .file("envs/dev.toml", "[project]\nname = \"a\"\n[env]\nregion = \"us-east-1\"\n[state]\nlocal = \"state\"\n");
    // The command line is looked at before anybody is asked.
    for place in
        ["s3://bucket", "s3://bucket/", "state", "local:", "local:../out", "local:/tmp/out", "s3:///x", "s3://A/b"]
    {
        let refused = cli.run(&["state", "move", "--env", "dev", "--to", place]).fails(1);
        assert!(refused.stderr.contains("place for a state") || refused.stderr.contains("state's bucket"), "{refused}");
    }
}
