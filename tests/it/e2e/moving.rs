//! A block under another name: what `moved` keeps, and what is lost without it, as the plan says.

use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::{PutRecordsRequestEntry, ShardIteratorType};
use insta::assert_snapshot;
use serde_json::json;

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
        If that is one block under another name, write this into the spec, and nothing is lost:
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
