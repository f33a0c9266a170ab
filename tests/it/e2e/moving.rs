//! A block under another name: what `moved` keeps, and what is lost without it, as the plan says.

use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::{PutRecordsRequestEntry, ShardIteratorType};
use insta::assert_snapshot;
use serde_json::json;

use super::externals::head;
use crate::support::cli::Output;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};

#[tokio::test]
async fn a_stream_that_has_moved_keeps_its_records_on_ministack() {
    a_stream_that_has_moved_keeps_its_records(emulator::ministack()).await;
}

#[tokio::test]
async fn a_stream_that_has_moved_keeps_its_records_on_moto() {
    a_stream_that_has_moved_keeps_its_records(emulator::moto()).await;
}

async fn a_stream_that_has_moved_keeps_its_records(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "dev").await;
    let name = "acme-clickstream-dev-clicks";
    deployment.put_thousand(name).await;
    let before = deployment.arn(name).await;
    for file in ["envs/base.toml", "envs/dev.toml"] {
        deployment.edit(file, "stream.clicks", "stream.visits");
    }

    // Renamed alone, it would go with its records: the plan says what to write.
    let plan = deployment.run(&["plan", "--json"]).success().json();
    assert_eq!(plan["likely_renames"], json!([{"from": "stream.clicks", "to": "stream.visits", "name": name}]));
    let shown = deployment.cli.run(&["show"]).success().stdout;
    let (_, section) = shown.split_once("Renamed, perhaps").unwrap();
    let (section, _) = section.split_once("\n\n").unwrap();
    insta::allow_duplicates! {
        assert_snapshot!(section, @r#"

        stream.clicks is deleted, with what it holds, and stream.visits is made just like it.
        If that is one block under another name, write `moved` above the first table of the spec, and
          `name` into the block's:
          moved = [{ from = "stream.clicks", to = "stream.visits" }]
          [stream.visits]
          name = "acme-clickstream-dev-clicks"
        "#);
    }
    let markdown = deployment.cli.run(&["show", "--markdown"]).success().stdout;
    deployment.cli.run(&["show", "--html", "page.html"]).success();
    for text in [markdown, deployment.cli.read("page.html")] {
        assert!(text.contains("Renamed, perhaps") && text.contains("moved = ["), "{text}");
    }

    deployment.edit(
        "envs/dev.toml",
        "extends = \"base.toml\"",
        "extends = \"base.toml\"\nmoved = [{ from = \"stream.clicks\", to = \"stream.visits\" }]",
    );
    let refused = deployment.run(&["plan"]).fails(1);
    assert!(refused.stderr.contains("write `name = \"${project}-${env}-clicks\"` into `[stream.visits]`"), "{refused}");
    deployment.edit("envs/dev.toml", "[stream.visits]", "[stream.visits]\nname = \"${project}-${env}-clicks\"");
    let plan = deployment.run(&["plan", "--json"]).success().json();
    assert_eq!((&plan["likely_renames"], &plan["summary"]["rename"]), (&json!(null), &json!(1)));
    for lost in ["create", "delete", "replace", "conflict"] {
        assert_eq!(plan["summary"][lost], 0, "{lost}");
    }
    deployment.proxy.take_calls();
    deployment.cli.run(&["apply", "plan.json"]).success();
    let calls = deployment.proxy.take_calls().by_operation();
    let changing = |call: &&String| {
        let (service, operation) = call.split_once(':').unwrap();
        service == "kinesis" && !["Describe", "List", "Get"].iter().any(|read| operation.starts_with(read))
    };
    assert_eq!(calls.keys().filter(changing).collect::<Vec<_>>(), ["kinesis:AddTagsToStream"], "tags alone");
    assert_eq!(deployment.arn(name).await, before);
    assert_eq!(deployment.records_of(name).await, 1000);

    // The entry may stay, and it may go.
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    deployment.edit("envs/dev.toml", "moved = [{ from = \"stream.clicks\", to = \"stream.visits\" }]\n", "");
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn blocks_move_to_another_environment_once_it_has_let_go_of_them_on_ministack() {
    blocks_move_to_another_environment_once_it_has_let_go_of_them(emulator::ministack()).await;
}

#[tokio::test]
async fn blocks_move_to_another_environment_once_it_has_let_go_of_them_on_moto() {
    blocks_move_to_another_environment_once_it_has_let_go_of_them(emulator::moto()).await;
}

async fn blocks_move_to_another_environment_once_it_has_let_go_of_them(emulator: &'static Emulator) {
    let deployment = Deployment::bootstrapped(emulator, "dev").await;
    let bucket = deployment.account.unique("acme-lake");
    let blocks = format!(
        "[stream.clicks]\nname = \"${{project}}-dev-clicks\"\nshards = 1\n[bucket.lake]\nname = \"{bucket}\"\n\
         [firehose.raw]\nname = \"${{project}}-dev-raw\"\nsource = \"stream.clicks\"\ndestination = \"bucket.lake\"\n\
         prefix = \"raw/\"\nerror_prefix = \"errors/\"\n"
    );
    let topic = "[topic.alerts]\n";
    let dev = head(&deployment) + topic + &blocks;
    deployment.cli.write("envs/dev.toml", &dev);
    deployment.run(&["apply", "--auto-approve"]).success();
    let name = format!("{}-dev-clicks", deployment.project);
    deployment.put_thousand(&name).await;
    let arn = deployment.arn(&name).await;

    let entries: Vec<String> = ["stream.clicks", "bucket.lake", "firehose.raw"]
        .map(|block| format!("{{ from = \"{block}\", to = \"{block}\", env = \"dev\" }}"))
        .into();
    let moved = format!("moved = [{}]\n", entries.join(", "));
    deployment.cli.write("envs/prod.toml", &(moved.clone() + &head(&deployment) + &blocks));
    let prod = |arguments: &[&str]| deployment.cli.run(&[arguments, &["--env", "prod"]].concat());
    let refused = prod(&["plan"]).fails(6);
    for block in ["stream.clicks", "bucket.lake", "firehose.raw"] {
        let said = refused.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(&format!("`pipectl forget --env dev {block}` hands it over")), "{refused}");
    }
    prod(&["apply", "--auto-approve", "--approve-broadening"]).fails(6);
    deployment.run(&["plan", "--detailed-exitcode"]).success();

    // A plan that was made in between does not hold once it is dev's again.
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + topic));
    deployment.run(&["forget", "stream.clicks", "bucket.lake", "firehose.raw"]).success();
    let plan = prod(&["plan", "--json"]).success().json();
    let summary = &plan["summary"];
    assert!(summary["adopt"].as_u64().unwrap() >= 4, "{summary}");
    for other in ["create", "delete", "replace", "conflict"] {
        assert_eq!(summary[other], 0, "{summary}");
    }
    deployment.cli.write("envs/dev.toml", &dev);
    deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    prod(&["apply", "plan.json", "--approve-broadening"]).fails(3);
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + topic));
    deployment.run(&["forget", "stream.clicks", "bucket.lake", "firehose.raw"]).success();

    prod(&["plan"]).success();
    deployment.proxy.take_calls();
    prod(&["apply", "plan.json", "--approve-broadening"]).success();
    let calls = deployment.proxy.take_calls().by_operation();
    let makes = |call: &&String| ["Create", "Delete"].iter().any(|word| call.contains(&format!(":{word}")));
    let made: Vec<_> = calls.keys().filter(makes).filter(|call| !call.contains("Object")).collect();
    assert!(made.is_empty(), "{calls:?}");
    assert_eq!(deployment.arn(&name).await, arn);
    assert_eq!(deployment.records_of(&name).await, 1000);
    prod(&["plan", "--detailed-exitcode"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();

    // The entry may go; and nothing of it is dev's any more.
    deployment.cli.write("envs/prod.toml", &(head(&deployment) + &blocks));
    prod(&["plan", "--detailed-exitcode"]).success();
    deployment.cli.write("envs/dev.toml", &dev);
    let conflict = deployment.run(&["plan"]).success();
    assert!(conflict.stdout.contains("belongs to environment `prod`"), "{conflict}");
}

#[tokio::test]
async fn nothing_is_taken_over_of_which_nobody_can_tell_whether_it_was_let_go() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let block = |name: &str| format!("[queue.jobs]\nname = \"{name}\"\n");
    let topic = "[topic.alerts]\n";
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + topic + &block("jobs")));
    deployment.run(&["apply", "--auto-approve"]).success();
    let prod = |entry: &str, block: &str, arguments: &[&str]| {
        let moved = format!("moved = [{{ from = \"queue.jobs\", to = \"queue.jobs\", {entry} }}]\n");
        deployment.cli.write("envs/prod.toml", &(moved + &head(&deployment) + topic + block));
        deployment.cli.run(&[&["plan", "--env", "prod"], arguments].concat())
    };
    let said = |told: &Output| told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    // Where there is no state, and under another name than that in AWS.
    let elsewhere = format!("env = \"dev\", state = \"s3://{}/other\"", deployment.state_bucket());
    for entry in [elsewhere.as_str(), "env = \"dve\""] {
        let told = prod(entry, &block("jobs"), &[]);
        assert!(
            said(&told).contains("which has no state here") || told.stdout.contains("belongs to environment"),
            "{told}"
        );
    }
    let told = prod("env = \"dev\"", &block("jbos"), &[]).fails(6);
    assert!(said(&told).contains("`pipectl forget --env dev queue.jobs` hands it over"), "{told}");
    // What is left out of a plan keeps it from nothing.
    let _ = prod("env = \"dev\"", &block("jobs"), &["--only", "topic.alerts"]).success();
    deployment.run(&["forget", "queue.jobs"]).success();
    let told = prod("env = \"dev\"", &block("jbos"), &[]).fails(6);
    assert!(said(&told).contains("there is no AWS::SQS::Queue `jbos`"), "{told}");
    // What nobody has marked is nobody's to bring along.
    let bucket = deployment.their_things().await;
    let moved = "moved = [{ from = \"bucket.lake\", to = \"bucket.lake\", env = \"dev\" }]\n";
    let theirs = format!("[bucket.lake]\nname = \"{bucket}\"\n");
    deployment.cli.write("envs/prod.toml", &(moved.to_owned() + &head(&deployment) + &theirs));
    let told = deployment.cli.run(&["plan", "--env", "prod"]);
    assert!(told.stdout.contains("exists and is not ours"), "{told}");
}

/// Whoever still remembers what another environment has taken over forgets it, and deletes nothing.
#[tokio::test]
async fn what_bears_the_marks_of_another_environment_is_never_deleted() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let (topic, queue) = ("[topic.alerts]\n", "[queue.jobs]\nname = \"jobs\"\n");
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + topic + queue));
    deployment.run(&["apply", "--auto-approve"]).success();
    deployment.cli.write("envs/prod.toml", &(head(&deployment) + queue));
    let prod = |arguments: &[&str]| deployment.cli.run(&[arguments, &["--env", "prod"]].concat());
    prod(&["apply", "--auto-approve", "--approve-broadening", "--adopt", "queue.jobs"]).success();
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + topic));
    let told = deployment.run(&["plan"]).success();
    assert!(told.stdout.contains("belongs to environment `prod`"), "{told}");
    deployment.run(&["apply", "--auto-approve"]).success();
    prod(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn what_a_third_environment_has_marked_does_not_move_here() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let block = "[queue.jobs]\nname = \"jobs\"\n";
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + block));
    deployment.run(&["apply", "--auto-approve"]).success();
    deployment.run(&["forget", "queue.jobs"]).success();
    let moved = "moved = [{ from = \"queue.jobs\", to = \"queue.jobs\", env = \"staging\" }]\n";
    deployment.cli.write("envs/prod.toml", &(moved.to_owned() + &head(&deployment) + block));
    let refused = deployment.cli.run(&["plan", "--env", "prod"]).fails(6);
    assert!(refused.stdout.contains("belongs to environment `dev`"), "{refused}");
    assert!(refused.stdout.contains("cannot come from staging"), "{refused}");
}

impl Deployment {
    async fn put_thousand(&self, stream: &str) {
        let kinesis = self.aws().client(aws_sdk_kinesis::Client::new).await;
        for batch in 0..2 {
            let entry = |number: i32| {
                let data = Blob::new(format!("{{\"n\":{}}}\n", batch * 500 + number));
                PutRecordsRequestEntry::builder().data(data).partition_key(number.to_string()).build().unwrap()
            };
            let put = kinesis.put_records().stream_name(stream).set_records(Some((0..500).map(entry).collect()));
            assert_eq!(put.send().await.unwrap().failed_record_count.unwrap_or_default(), 0);
        }
    }

    async fn arn(&self, stream: &str) -> String {
        let kinesis = self.aws().client(aws_sdk_kinesis::Client::new).await;
        let summary = kinesis.describe_stream_summary().stream_name(stream).send().await.unwrap();
        summary.stream_description_summary.unwrap().stream_arn
    }

    async fn records_of(&self, stream: &str) -> usize {
        let kinesis = self.aws().client(aws_sdk_kinesis::Client::new).await;
        let shards = kinesis.list_shards().stream_name(stream).send().await.unwrap().shards.unwrap();
        let mut count = 0;
        for shard in shards {
            let iterator = kinesis.get_shard_iterator().stream_name(stream).shard_id(shard.shard_id);
            let iterator = iterator.shard_iterator_type(ShardIteratorType::TrimHorizon).send().await.unwrap();
            let mut next = iterator.shard_iterator;
            while let Some(iterator) = next {
                let page = kinesis.get_records().shard_iterator(iterator).limit(1000).send().await.unwrap();
                count += page.records.len();
                next = page.next_shard_iterator.filter(|_| !page.records.is_empty());
            }
        }
        count
    }
}
