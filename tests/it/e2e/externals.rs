//! What is somebody else's: used under its own name, looked at whenever a plan is made, and never touched.

use std::fmt::Write;
use std::time::Duration;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use serde_json::{Value, json};

use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::json;
use crate::support::proxy::Failure;
use crate::support::witness::Recording;

const REGION: &str = "eu-west-1";
/// Somebody else's account.
const THEIRS: &str = "999988887777";

/// What comes before the blocks.
pub(super) fn head(deployment: &Deployment) -> String {
    format!(
        "[project]\nname = \"{}\"\n[env]\nregion = \"{REGION}\"\naccount_id = \"{}\"\n",
        deployment.project, deployment.account.id
    )
}

/// A delivery from a stream to a bucket and an alarm that tells a topic, all three somebody else's.
pub(super) fn delivery(stream: &str, bucket: &str, topic: &str) -> String {
    format!(
        "[stream.orders]\nexternal = {stream}\n[bucket.lake]\nexternal = {bucket}\n[topic.oncall]\nexternal = {topic}\n\
         [firehose.orders]\nsource = \"stream.orders\"\ndestination = \"bucket.lake\"\nprefix = \"orders/\"\n\
         error_prefix = \"errors/\"\n[alarm.stuck]\nwatches = \"firehose.orders\"\n\
         metric = \"DeliveryToS3.Success\"\nnotifies = [\"topic.oncall\"]\n"
    )
}

impl Deployment {
    async fn parameter(&self, name: &str, value: &str) {
        json::put_parameter(&self.account, name, value).await;
    }

    /// Makes a stream, a bucket and a topic as another team would, and returns the bucket's name.
    pub(super) async fn their_things(&self) -> String {
        let aws = self.aws();
        let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
        kinesis.create_stream().stream_name("orders").shard_count(1).send().await.unwrap();
        let bucket = self.account.unique("acme-lake");
        let place = BucketLocationConstraint::from(REGION);
        let place = CreateBucketConfiguration::builder().location_constraint(place).build();
        let s3 = aws.client(aws_sdk_s3::Client::new).await;
        s3.create_bucket().bucket(&bucket).create_bucket_configuration(place).send().await.unwrap();
        aws.client(aws_sdk_sns::Client::new).await.create_topic().name("oncall").send().await.unwrap();
        bucket
    }
}

#[tokio::test]
async fn what_is_external_is_used_and_never_touched_on_ministack() {
    what_is_external_is_used_and_never_touched(emulator::ministack()).await;
}

#[tokio::test]
async fn what_is_external_is_used_and_never_touched_on_moto() {
    what_is_external_is_used_and_never_touched(emulator::moto()).await;
}

async fn what_is_external_is_used_and_never_touched(emulator: &'static Emulator) {
    let deployment = Deployment::bootstrapped(emulator, "dev").await;
    let bucket = deployment.their_things().await;
    deployment.parameter("/platform/lake", &format!("arn:aws:s3:::{bucket}")).await;
    let account = &deployment.account.id;
    let blocks = delivery(
        &format!("\"arn:aws:kinesis:{REGION}:{account}:stream/orders\""),
        "{ ssm = \"/platform/lake\" }",
        "{ name = \"oncall\" }",
    );
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + &blocks));
    deployment.proxy.take_calls();
    let plan = deployment.run(&["plan"]).success();
    for (address, said) in [
        ("stream.orders", format!("arn:aws:kinesis:{REGION}:{account}:stream/orders")),
        ("bucket.lake", format!("arn:aws:s3:::{bucket}")),
        ("topic.oncall", format!("arn:aws:sns:{REGION}:{account}:oncall")),
    ] {
        let line = |line: &str| line.contains("= uses") && line.contains(address) && line.contains(&said);
        assert!(plan.stdout.lines().any(line), "{address} is not named:\n{plan}");
    }
    assert!(plan.stdout.contains("found by SSM parameter /platform/lake"), "{plan}");
    let saved: Value = serde_json::from_str(&deployment.cli.read("plan.json")).unwrap();
    assert_eq!(saved["externals"]["bucket.lake"]["name"], bucket.as_str());
    let role = saved["changes"].as_array().unwrap().iter().find(|it| it["address"] == "firehose.orders/role").unwrap();
    let policy = role["after"]["policies"]["delivery"].to_string();
    assert!(policy.contains(&format!("arn:aws:s3:::{bucket}/*")) && policy.contains(":stream/orders"), "{policy}");

    deployment.cli.run(&["apply", "plan.json"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    assert!(deployment.drift().is_empty());
    let owned: Vec<String> = deployment.records().keys().map(ToString::to_string).collect();
    assert!(
        !owned.iter().any(|it| ["stream.orders", "bucket.lake", "topic.oncall"].contains(&it.as_str())),
        "{owned:?}"
    );

    deployment.run(&["destroy", "--auto-approve", "--empty-buckets"]).success();
    let aws = deployment.aws();
    let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
    let tags = kinesis.list_tags_for_stream().stream_name("orders").send().await.unwrap();
    assert!(tags.tags().is_empty(), "{tags:?}");
    aws.client(aws_sdk_s3::Client::new).await.head_bucket().bucket(&bucket).send().await.unwrap();
    let topics = aws.client(aws_sdk_sns::Client::new).await.list_topics().send().await.unwrap();
    assert_eq!(topics.topics().len(), 1);
}

#[tokio::test]
async fn what_is_not_there_is_refused_at_its_place_and_destroyed_without() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let bucket = deployment.their_things().await;
    let written = |stream: &str, lake: &str| head(&deployment) + &delivery(stream, lake, "{ name = \"oncall\" }");
    let stream = "{ name = \"orders\" }";
    deployment.cli.write("envs/dev.toml", &written(stream, &format!("{{ name = \"{bucket}\" }}")));
    deployment.run(&["apply", "--auto-approve"]).success();
    deployment.parameter("/empty", " ").await;
    deployment.parameter("/wrong", "arn:aws:sns:eu-west-1:123456789012:lake").await;
    for (stream, lake, said) in [
        (
            "{ name = \"missing\" }",
            "{ ssm = \"/empty\" }",
            ["stream/missing` does not exist", "SSM parameter /empty is empty"],
        ),
        (stream, "{ ssm = \"/wrong\" }", ["envs/dev.toml:9", "is not the ARN of a bucket"]),
        (stream, "{ ssm = \"/nowhere\" }", ["there is no SSM parameter `/nowhere`", "what now"]),
        (
            stream,
            "{ name = \"acme-not-made-by-anybody\" }",
            ["acme-not-made-by-anybody` does not exist", "ask its owner"],
        ),
    ] {
        deployment.cli.write("envs/dev.toml", &written(stream, lake));
        deployment.proxy.take_calls();
        let refused = deployment.run(&["plan"]).fails(1);
        for said in said.into_iter().filter(|said| *said != "what now") {
            assert!(refused.stderr.contains(said), "`{said}` is not said:\n{refused}");
        }
        assert_eq!(deployment.proxy.take_calls().changes(), [""; 0]);
    }
    // Who destroys needs nothing of what somebody else has deleted.
    deployment.run(&["destroy", "--auto-approve", "--empty-buckets"]).success();
}

#[tokio::test]
async fn a_block_of_ones_own_that_becomes_somebody_elses_is_handed_over_and_never_deleted() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let own = "[stream.orders]\nname = \"orders\"\nshards = 1\n";
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + own));
    deployment.run(&["apply", "--auto-approve"]).success();
    // Under its own name, or as another block: the stream is the same.
    for name in ["orders", "theirs"] {
        let external = format!("[stream.{name}]\nexternal = {{ name = \"orders\" }}\n");
        deployment.cli.write("envs/dev.toml", &(head(&deployment) + &external));
        let plan = deployment.run(&["plan"]).fails(6);
        assert!(plan.stdout.contains("`pipectl forget stream.orders`"), "{plan}");
        deployment.proxy.take_calls();
        deployment.run(&["apply", "--auto-approve"]).fails(6);
        assert_eq!(deployment.proxy.take_calls().changes(), [""; 0]);
    }
    deployment.run(&["forget", "stream.orders"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    let kinesis = deployment.aws().client(aws_sdk_kinesis::Client::new).await;
    kinesis.describe_stream_summary().stream_name("orders").send().await.unwrap();
    // And back: what exists is adopted where that is asked for.
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + own));
    deployment.run(&["apply", "--auto-approve", "--adopt", "stream.orders"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn a_parameter_that_says_something_else_since_makes_a_plan_stale() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let bucket = deployment.their_things().await;
    deployment.parameter("/platform/stream", "orders").await;
    let blocks =
        delivery("{ ssm = \"/platform/stream\" }", &format!("{{ name = \"{bucket}\" }}"), "{ name = \"oncall\" }");
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + &blocks));
    deployment.run(&["plan"]).success();
    let kinesis = deployment.aws().client(aws_sdk_kinesis::Client::new).await;
    kinesis.create_stream().stream_name("visits").shard_count(1).send().await.unwrap();
    deployment.parameter("/platform/stream", "visits").await;
    deployment.proxy.take_calls();
    let refused = deployment.cli.run(&["apply", "plan.json"]).fails(3);
    assert!(refused.stderr.contains("stream.orders"), "{refused}");
    assert_eq!(deployment.proxy.take_calls().changes(), [""; 0]);
}

#[tokio::test]
async fn the_printed_policy_is_enough_to_look_at_what_is_external_and_without_it_the_plan_says_so() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let bucket = deployment.their_things().await;
    deployment.parameter("/platform/lake", &bucket).await;
    let blocks = delivery("{ name = \"orders\" }", "{ ssm = \"/platform/lake\" }", "{ name = \"oncall\" }");
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + &blocks));
    let printed = |deployment: &Deployment| {
        let arguments = ["deploy-policy", "--print", "plan", "--state-bucket", &deployment.state_bucket()];
        deployment.run(&arguments).success().json()
    };
    let policy = printed(&deployment);
    assert!(policy.to_string().contains(&format!("arn:aws:s3:::{bucket}\"")), "{policy:#}");
    // MiniStack sees no parameters in Names, and asks for all.
    let parameters = json!({ "Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "*" });
    let parameters = json!({ "Version": "2012-10-17", "Statement": [parameters] });
    let deployment = deployment.acting_as("plans", &[policy.clone(), parameters.clone()]).await;
    deployment.run(&["plan"]).success();
    let less = policy.to_string().replace("kinesis:DescribeStreamSummary", "kinesis:ListTagsForStream");
    let deployment = deployment.acting_as("sees-less", &[serde_json::from_str(&less).unwrap(), parameters]).await;
    let refused = deployment.run(&["plan"]).fails(1);
    for said in ["stream/orders` may not be looked at", "`pipectl deploy-policy` prints what it takes"] {
        assert!(refused.stderr.contains(said), "`{said}` is not said:\n{refused}");
    }
}

#[tokio::test]
async fn an_output_of_terraforms_is_read_and_nothing_else_of_its_state_is_shown() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let bucket = deployment.their_things().await;
    let state = json!({
        "version": 4,
        "outputs": {
            "lake": { "value": bucket, "type": "string" },
            "password": { "value": "swordfish-1", "type": "string", "sensitive": true },
            "count": { "value": 3, "type": "number" },
        },
        "resources": [{ "instances": [{ "attributes": { "secret": "swordfish-2" } }] }],
    });
    let s3 = deployment.aws().client(aws_sdk_s3::Client::new).await;
    let put = s3.put_object().bucket(&bucket).key("net/terraform.tfstate");
    put.body(state.to_string().into_bytes().into()).send().await.unwrap();
    let at = |output: &str| format!("{{ tfstate = \"s3://{bucket}/net/terraform.tfstate\", output = \"{output}\" }}");
    let write = |output: &str| {
        let blocks = delivery("{ name = \"orders\" }", &at(output), "{ name = \"oncall\" }");
        deployment.cli.write("envs/dev.toml", &(head(&deployment) + &blocks));
    };
    write("lake");
    let plan = deployment.run(&["plan"]).success();
    assert!(plan.stdout.contains("found by output lake of s3://"), "{plan}");
    assert!(!(plan.stdout + &plan.stderr + &deployment.cli.read("plan.json")).contains("swordfish"));
    for (output, said) in [
        ("password", "keeps `password` as sensitive"),
        ("count", "holds no text as `count`"),
        ("lakes", "has no output `lakes`"),
    ] {
        write(output);
        let refused = deployment.run(&["plan"]).fails(1);
        assert!(refused.stderr.contains(said), "{refused}");
        assert!(!(refused.stdout.clone() + &refused.stderr).contains("swordfish"), "{refused}");
    }
}

#[tokio::test]
async fn what_is_in_another_account_is_used_as_the_spec_says_and_its_owner_is_told_what_to_allow() {
    let deployment = Deployment::bootstrapped(emulator::moto(), "dev").await;
    let key = format!("arn:aws:kms:{REGION}:{THEIRS}:key/1234abcd-12ab-34cd-56ef-1234567890ab");
    let stream = format!("\"arn:aws:kinesis:{REGION}:{THEIRS}:stream/orders\"\nkms_key = \"{key}\"");
    let blocks = delivery(
        &stream,
        &format!("{{ name = \"their-lake\", account = \"{THEIRS}\" }}"),
        &format!("\"arn:aws:sns:{REGION}:{THEIRS}:oncall\""),
    );
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + &blocks));
    for call in ["kinesis:DescribeStreamSummary", "s3:HeadBucket", "s3:GetBucketEncryption", "sns:GetTopicAttributes"] {
        let theirs = if call.contains("Bucket") { "their-lake" } else { THEIRS };
        deployment.proxy.on(call).mentioning(theirs).fail(Failure::Denied);
    }
    let plan = deployment.run(&["plan"]).success();
    assert_eq!(plan.stderr.matches("could not be looked at").count(), 3, "{plan}");
    let printed = |arguments: &[&str]| deployment.run(&[&["grants"], arguments].concat()).success().json();
    let role = format!("arn:aws:iam::{}:role/{}-dev-orders-firehose", deployment.account.id, deployment.project);
    let stream = printed(&["stream.orders"]);
    let condition = &stream["Statement"][0]["Condition"]["ArnEquals"];
    assert_eq!(condition["aws:PrincipalArn"], role.as_str(), "{stream:#}");
    let account = format!("arn:aws:iam::{}:root", deployment.account.id);
    assert_eq!(stream["Statement"][0]["Principal"]["AWS"], account.as_str(), "{stream:#}");
    assert!(stream.to_string().contains("kinesis:GetRecords"), "{stream:#}");
    let of_key = printed(&["stream.orders", "--key"]);
    assert_eq!(of_key["Statement"][0]["Action"], json!(["kms:Decrypt"]), "{of_key:#}");
    let bucket = printed(&["bucket.lake"]).to_string();
    assert!(bucket.contains("s3:PutObjectAcl") && bucket.contains("arn:aws:s3:::their-lake/*"), "{bucket}");
    let topic = printed(&["topic.oncall"]);
    assert_eq!(topic["Statement"][0]["Principal"]["Service"], "cloudwatch.amazonaws.com", "{topic:#}");
    let shown = deployment.run(&["grants"]).success();
    for said in ["the resource policy of the stream", "the policy of the KMS key", "of account 999988887777"] {
        assert!(shown.stdout.contains(said), "`{said}` is not said:\n{shown}");
    }
    // What AWS lets no reference cross.
    let watched = "[alarm.lag]\nwatches = \"stream.orders\"\nnotifies = [\"topic.oncall\"]\n";
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + &blocks + watched));
    let refused = deployment.run(&["plan"]).fails(1);
    assert!(refused.stderr.contains("is in another account, and CloudWatch has its metrics there"), "{refused}");
}

#[tokio::test]
async fn a_plan_with_twelve_external_blocks_takes_three_round_trips() {
    let deployment = Deployment::bootstrapped(emulator::moto(), "dev").await;
    let kinesis = deployment.aws().client(aws_sdk_kinesis::Client::new).await;
    let mut blocks = String::new();
    for number in 0..11 {
        let name = format!("theirs-{number}");
        kinesis.create_stream().stream_name(&name).shard_count(1).send().await.unwrap();
        let _ = writeln!(blocks, "[stream.{name}]\nexternal = {{ name = \"{name}\" }}");
    }
    let bucket = deployment.their_things().await;
    blocks += &delivery("{ name = \"orders\" }", &format!("{{ name = \"{bucket}\" }}"), "{ name = \"oncall\" }");
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + &blocks));
    deployment.run(&["apply", "--auto-approve"]).success();
    deployment.proxy.delay(Duration::from_millis(800));
    deployment.proxy.take_calls();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    let calls = deployment.proxy.take_calls();
    assert!(calls.depth() <= 3, "{} deep: {:?}", calls.depth(), calls.by_operation());
    assert_eq!(calls.of("kinesis:DescribeStreamSummary"), 12, "{:?}", calls.by_operation());
}

#[tokio::test]
async fn keys_and_roles_of_others_are_looked_at_and_named_where_they_are_used_on_moto() {
    let _sends =
        Recording::of("e2e::externals::keys_and_roles_of_others_are_looked_at_and_named_where_they_are_used_on_moto");
    let deployment = Deployment::bootstrapped(emulator::moto(), "dev").await;
    let account = &deployment.account.id;
    let iam = deployment.aws().client(aws_sdk_iam::Client::new).await;
    let trust = json!({ "Version": "2012-10-17", "Statement": [] }).to_string();
    let role = iam.create_role().role_name("loads").path("/data/").assume_role_policy_document(trust);
    role.send().await.unwrap();
    let key = their_key(&deployment).await;
    deployment.parameter("/platform/key", &key).await;
    let blocks = |role: &str| {
        format!(
            "[key.data]\nexternal = {{ ssm = \"/platform/key\" }}\n[role.loads]\nexternal = {{ name = \"{role}\" }}\n\
             [stream.clicks]\nshards = 1\nkms_key = \"${{key.data.arn}}\"\n[bucket.raw]\nname = \"{}\"\n\
             [firehose.clicks]\nsource = \"stream.clicks\"\ndestination = \"bucket.raw\"\nrole = \"${{role.loads.arn}}\"\n\
             prefix = \"a/\"\nerror_prefix = \"e/\"\n",
            deployment.account.unique("raw")
        )
    };
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + &blocks("data/loads")));
    deployment.run(&["validate"]).success();
    let plan = deployment.run(&["plan"]).success();
    for said in [
        "AWS::KMS::Key".to_owned(),
        "found by SSM parameter /platform/key".to_owned(),
        format!("AWS::IAM::Role  arn:aws:iam::{account}:role/data/loads"),
    ] {
        assert!(plan.stdout.contains(&said), "`{said}` is not said:\n{plan}");
    }
    let saved: Value = serde_json::from_str(&deployment.cli.read("plan.json")).unwrap();
    let change = |address: &str| {
        saved["changes"].as_array().unwrap().iter().find(|it| it["address"] == address).unwrap()["after"].clone()
    };
    assert_eq!(change("stream.clicks")["kms_key"], key.as_str());
    assert_eq!(change("firehose.clicks")["role_arn"], format!("arn:aws:iam::{account}:role/data/loads"));
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + &blocks("loads")));
    let refused = deployment.run(&["plan"]).fails(1);
    assert!(refused.stderr.contains("a role of that name has another path"), "{refused}");
    deployment.parameter("/platform/key", &format!("{}0", &key[..key.len() - 1])).await;
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + &blocks("data/loads")));
    let refused = deployment.run(&["plan"]).fails(1);
    assert!(refused.stderr.contains("does not exist in"), "{refused}");
}

/// Makes a KMS key as another team would, and returns its ARN.
async fn their_key(deployment: &Deployment) -> String {
    let account = &deployment.account;
    let made = crate::support::json::call(account, "kms", ("1.1", "TrentService"), "CreateKey", &json!({})).await;
    made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}
