//! CloudWatch log groups.

use std::collections::BTreeMap;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::LogGroup as Live;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::tags::{self, Tags};
use crate::aws::{Aws, Resource, Result, retry};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

/// A CloudWatch log group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–512 of `[.\-_/#A-Za-z0-9]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Days that events are kept: one of AWS's list; absent: for ever.
    #[serde(default)]
    pub(crate) retention_days: Option<u32>,
    /// ARN of the KMS key; absent: CloudWatch's own encryption.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the group, without `:*`.
    pub(crate) arn: String,
    /// The account's policy that sets the retention, where there is one.
    pub(crate) retention_policy: Option<String>,
}

/// CloudWatch log groups.
pub(crate) struct LogGroup;

/// As the calls about tags name it.
const TAGGED: On = On::Arns(&["arn:{partition}:logs:{region}:{account}:log-group:{name}"]);
/// As all others do: with `:*` for the most part.
const GROUP: On = On::Arns(&[
    "arn:{partition}:logs:{region}:{account}:log-group:{name}",
    "arn:{partition}:logs:{region}:{account}:log-group:{name}:*",
]);

impl Resource for LogGroup {
    const KIND: &'static str = "logs_group";
    const AWS_TYPE: &'static str = "AWS::Logs::LogGroup";
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["logs:DescribeLogGroups"], On::All),
        Grant::plan(&["logs:ListTagsForResource"], TAGGED),
        Grant::apply(
            &[
                "logs:CreateLogGroup",
                "logs:DeleteLogGroup",
                "logs:DeleteRetentionPolicy",
                "logs:DisassociateKmsKey",
                "logs:PutRetentionPolicy",
            ],
            GROUP,
        ),
        Grant::apply(&["logs:AssociateKmsKey"], GROUP).given("kms_key"),
        Grant::apply(&["logs:TagResource", "logs:UntagResource"], TAGGED),
        Grant::operate(&["logs:FilterLogEvents"], GROUP),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        create: &["logs:CreateLogGroup"],
        delete: &["logs:DeleteLogGroup"],
        update: &[
            Update::new("retention_days", &["logs:DeleteRetentionPolicy", "logs:PutRetentionPolicy"]),
            Update::new("kms_key", &["logs:AssociateKmsKey", "logs:DisassociateKmsKey"]),
            Update::new("tags", &["logs:TagLogGroup", "logs:TagResource", "logs:UntagLogGroup", "logs:UntagResource"]),
        ],
    };
    // Without `kms_key`: both emulators lack DisassociateKmsKey.
    const EXAMPLES: &'static str = r#"
        [first]
        name = "/conformance/clicks"
        tags = { team = "growth", stage = "first" }

        [second]
        name = "/conformance/clicks"
        retention_days = 30
        tags = { team = "data" }
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let client = aws.client(retry::logs).await;
        let (group, tags) = tokio::join!(describe(aws, key), read_tags(aws, &client, key));
        let Some(group) = group? else { return Ok(None) };
        // Deleted between the two calls: as good as absent.
        let Some(tags) = absent_is_none(tags)? else { return Ok(None) };
        let retention_days = match hint {
            // An account's policy overrides whatever is put on the group: a difference could never be mended.
            Some(hint) if group.retention_policy_name.is_some() => hint.retention_days,
            _ => group.retention_in_days.map(i32::cast_unsigned),
        };
        let outputs = Outputs { arn: arn(aws, key).await?, retention_policy: group.retention_policy_name };
        Ok(Some((Spec { name: key.to_owned(), retention_days, kms_key: group.kms_key_id, tags }, outputs)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(retry::logs).await;
        let call = client.create_log_group().log_group_name(&want.name).set_kms_key_id(want.kms_key.clone());
        // AWS refuses an empty map.
        let tags = (!want.tags.is_empty()).then(|| want.tags.clone().into_iter().collect());
        call.set_tags(tags).send().await.map(drop).map_err(failed("logs CreateLogGroup"))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(retry::logs).await;
        if now.retention_days != want.retention_days {
            set_retention(&client, &want.name, want.retention_days).await?;
        }
        if now.kms_key != want.kms_key {
            set_key(&client, &want.name, want.kms_key.as_deref()).await?;
        }
        if now.tags != want.tags {
            set_tags(&client, &arn(aws, &want.name).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(retry::logs).await;
        let call = client.delete_log_group().log_group_name(key).send();
        absent_is_done(call.await.map_err(failed("logs DeleteLogGroup")))
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        // Another name is a replacement: the old group is deleted.
        let Some(want) = want.filter(|want| want.name == now.name) else {
            return vec![format!("The events in `{}` are deleted with it.", now.name)];
        };
        match want.retention_days {
            Some(days) if now.retention_days.is_none_or(|now| days < now) => {
                vec![format!("Events older than {days} days are deleted.")]
            }
            _ => Vec::new(),
        }
    }
}

/// Without the `:*` that DescribeLogGroups appends: the tag calls take it only so.
/// Names that DescribeLogGroups takes in one call.
const IDENTIFIERS: usize = 50;

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("logs", &format!("log-group:{name}")))
}

/// At 5 calls a second, a thousand groups take 20 calls instead of 200 seconds.
async fn describe(aws: &Aws, name: &str) -> Result<Option<Live>> {
    let client = aws.client(retry::logs).await;
    let describe = async |names: Vec<String>| {
        let describe = client.describe_log_groups();
        let describe = match names.as_slice() {
            [name] => describe.log_group_name_prefix(name),
            _ => describe.set_log_group_identifiers(Some(names.clone())),
        };
        let mut found = BTreeMap::new();
        let mut pages = describe.into_paginator().send();
        while let Some(page) = pages.next().await {
            let groups = page.map_err(failed("logs DescribeLogGroups"))?.log_groups.unwrap_or_default().into_iter();
            found.extend(groups.map(|group| (group.log_group_name.clone().unwrap_or_default(), Some(group))));
            // Found by prefix they are sorted by name, so the group itself comes first.
            if names.iter().all(|name| found.contains_key(name)) {
                break;
            }
        }
        Ok(found)
    };
    aws.batch().ask(name, IDENTIFIERS, describe).await
}

async fn read_tags(aws: &Aws, client: &Client, name: &str) -> Result<Tags> {
    let call = client.list_tags_for_resource().resource_arn(arn(aws, name).await?).send();
    let reply = call.await.map_err(failed("logs ListTagsForResource"))?;
    Ok(tags::own(reply.tags.unwrap_or_default()))
}

async fn set_retention(client: &Client, name: &str, days: Option<u32>) -> Result<()> {
    if let Some(days) = days {
        let call = client.put_retention_policy().log_group_name(name).retention_in_days(days.cast_signed());
        call.send().await.map(drop).map_err(failed("logs PutRetentionPolicy"))
    } else {
        let call = client.delete_retention_policy().log_group_name(name).send();
        call.await.map(drop).map_err(failed("logs DeleteRetentionPolicy"))
    }
}

async fn set_key(client: &Client, name: &str, key: Option<&str>) -> Result<()> {
    if let Some(key) = key {
        let call = client.associate_kms_key().log_group_name(name).kms_key_id(key).send();
        call.await.map(drop).map_err(failed("logs AssociateKmsKey"))
    } else {
        let call = client.disassociate_kms_key().log_group_name(name).send();
        call.await.map(drop).map_err(failed("logs DisassociateKmsKey"))
    }
}

/// Takes away before it adds, so that the number never passes AWS's 50.
async fn set_tags(client: &Client, arn: &str, now: &Tags, want: &Tags) -> Result<()> {
    let (write, remove) = tags::changes(now, want);
    if !remove.is_empty() {
        let call = client.untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send();
        call.await.map_err(failed("logs UntagResource"))?;
    }
    if !write.is_empty() {
        let call = client.tag_resource().resource_arn(arn).set_tags(Some(write.into_iter().collect())).send();
        call.await.map_err(failed("logs TagResource"))?;
    }
    Ok(())
}
