//! IAM roles with their inline policies.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_iam::{Client, types};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::iam::{self, Entity, Shared};
use crate::aws::error::{absent_is_none, failed};
use crate::aws::policy::Policy;
use crate::aws::tags::Tags;
use crate::aws::{Aws, Resource, Result, wait};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

/// How long IAM may take to know a principal that was made just before the role that trusts it.
const PRINCIPAL_KNOWN: Duration = Duration::from_secs(20);

/// An IAM role with its inline policies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account whatever the path or case; 1–64 of `[\w+=,.@-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Path; `/` or `/…/`.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default = "root")]
    pub(crate) path: String,
    /// Description; at most 1,000 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// Who may assume the role.
    pub(crate) trust: Policy,
    /// Longest session, in seconds; 3600–43200.
    #[serde(default = "one_hour")]
    pub(crate) max_session_seconds: u32,
    /// Inline policies, by name.
    #[serde(default)]
    pub(crate) policies: BTreeMap<String, Policy>,
    /// ARNs of the managed policies attached.
    #[serde(default)]
    pub(crate) managed_policies: BTreeSet<String>,
    /// ARN of the permissions boundary.
    #[serde(default)]
    pub(crate) permissions_boundary: Option<String>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

fn root() -> String {
    "/".to_owned()
}

fn one_hour() -> u32 {
    3600
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the role.
    pub(crate) arn: String,
}

/// IAM roles with their inline policies.
pub(crate) struct Role;

const ROLE: On = On::Arns(&["arn:{partition}:iam::{account}:role{path}{name}"]);

impl Resource for Role {
    const KIND: &'static str = "iam_role";
    const AWS_TYPE: &'static str = "AWS::IAM::Role";
    const GRANTS: &'static [Grant] = &[
        Grant::plan(
            &["iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"],
            ROLE,
        ),
        Grant::apply(
            &[
                "iam:CreateRole",
                "iam:UpdateRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:DeleteRole",
                "iam:PutRolePolicy",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:DeleteRolePermissionsBoundary",
                "iam:TagRole",
                "iam:UntagRole",
            ],
            ROLE,
        ),
        Grant::apply(&["iam:AttachRolePolicy"], ROLE).given("managed_policies"),
        Grant::apply(&["iam:PutRolePermissionsBoundary"], ROLE).given("permissions_boundary"),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        create: &["iam:CreateRole"],
        delete: &["iam:DeleteRole"],
        update: &[
            Update::new("description", &["iam:UpdateRole", "iam:UpdateRoleDescription"]).saying("description"),
            Update::new("trust", &["iam:UpdateAssumeRolePolicy"]),
            Update::new("max_session_seconds", &["iam:UpdateRole"]).saying("maxSessionDuration"),
            Update::new("policies", &["iam:DeleteRolePolicy", "iam:PutRolePolicy"]),
            Update::new("managed_policies", &["iam:AttachRolePolicy", "iam:DetachRolePolicy"]),
            Update::new(
                "permissions_boundary",
                &["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"],
            ),
            Update::new("tags", &["iam:TagRole", "iam:UntagRole"]),
        ],
    };
    const EXAMPLES: &'static str = r#"
# Both have a description: MiniStack does not take an empty one, with which IAM clears it.
[first]
name = "pipectl-example-role"
path = "/pipectl/"
description = "Lets Firehose deliver"
max_session_seconds = 7200
managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
permissions_boundary = "arn:aws:iam::aws:policy/AdministratorAccess"
tags = { "pipectl:env" = "dev", team = "growth" }

[first.trust]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Principal = { Service = "firehose.amazonaws.com" }, Action = "sts:AssumeRole" }]

[first.policies.deliver]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = ["s3:PutObject", "s3:AbortMultipartUpload"], Resource = "arn:aws:s3:::a/*" }]

[first.policies.log]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "logs:PutLogEvents", Resource = "*" }]

[second]
name = "pipectl-example-role"
path = "/pipectl/"
description = "Lets a partner read"
managed_policies = ["arn:aws:iam::aws:policy/AdministratorAccess"]
tags = { "pipectl:env" = "dev", owner = "data + platform" }

[second.trust]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Principal = { AWS = "123456789012" }, Action = "sts:AssumeRole", Condition = { StringEquals = { "sts:ExternalId" = "a/b+c%" } } }]

[second.policies.deliver]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::b/*" }]

[second.policies.read]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "kinesis:GetRecords", Resource = "*" }]
"#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let calls = Calls::new(aws, key).await;
        let found = tokio::try_join!(calls.get(), iam::policies(&calls, hint.map(|hint| &hint.policies)));
        let Some((role, (policies, managed_policies))) = absent_is_none(found)? else { return Ok(None) };
        let spec = Spec {
            name: role.role_name,
            path: role.path,
            description: role.description.unwrap_or_default(),
            trust: iam::decode("iam GetRole", role.assume_role_policy_document.as_deref().unwrap_or("{}"))?,
            max_session_seconds: role.max_session_duration.map_or_else(one_hour, i32::unsigned_abs),
            policies,
            managed_policies,
            permissions_boundary: iam::boundary_arn(role.permissions_boundary),
            tags: iam::from_tags(role.tags),
        };
        Ok(Some((spec, Outputs { arn: role.arn })))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let create = client
            .create_role()
            .role_name(&want.name)
            .path(&want.path)
            .assume_role_policy_document(want.trust.text())
            .set_description(Some(want.description.clone()).filter(|text| !text.is_empty()))
            .max_session_duration(want.max_session_seconds.cast_signed())
            .set_permissions_boundary(want.permissions_boundary.clone())
            .set_tags(Some(iam::to_tags(&want.tags)).filter(|tags| !tags.is_empty()));
        wait::retry(PRINCIPAL_KNOWN, unknown_principal, || async {
            create.clone().send().await.map_err(failed("iam CreateRole"))
        })
        .await
        .map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let calls = Calls::new(aws, &want.name).await;
        if now.trust != want.trust {
            let update =
                calls.client.update_assume_role_policy().role_name(&want.name).policy_document(want.trust.text());
            wait::retry(PRINCIPAL_KNOWN, unknown_principal, || async {
                update.clone().send().await.map_err(failed("iam UpdateAssumeRolePolicy"))
            })
            .await?;
        }
        if (&now.description, now.max_session_seconds) != (&want.description, want.max_session_seconds) {
            // Both always: UpdateRole without a session length sets it back to an hour.
            let update = calls.client.update_role().role_name(&want.name).description(&want.description);
            let update = update.max_session_duration(want.max_session_seconds.cast_signed());
            update.send().await.map_err(failed("iam UpdateRole"))?;
        }
        iam::update(&calls, &now.shared(), &want.shared()).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let calls = Calls::new(aws, key).await;
        if absent_is_none(iam::strip(&calls).await)?.is_none() {
            return Ok(());
        }
        let delete =
            || async { calls.client.delete_role().role_name(key).send().await.map_err(failed("iam DeleteRole")) };
        iam::delete(delete).await
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        match (now, want) {
            (Some(now), Some(want)) if now.path != want.path => vec![format!(
                "policies elsewhere that name the role {} lose it for good: they keep the old role's internal id and \
                 must be written again",
                now.name
            )],
            _ => Vec::new(),
        }
    }
}

/// A trust policy that names a principal which IAM does not know, or not yet. The code says only that the document is
/// malformed: the message alone tells this case.
fn unknown_principal(error: &CallError) -> bool {
    error.code.as_deref() == Some("MalformedPolicyDocument") && error.message.contains("Invalid principal in policy")
}

impl Spec {
    fn shared(&self) -> Shared<'_> {
        Shared {
            policies: &self.policies,
            managed_policies: &self.managed_policies,
            permissions_boundary: self.permissions_boundary.as_deref(),
            tags: &self.tags,
        }
    }
}

/// IAM's calls for one role.
struct Calls {
    client: Client,
    name: String,
}

impl Calls {
    async fn new(aws: &Aws, name: &str) -> Self {
        Self { client: aws.client(Client::new).await, name: name.to_owned() }
    }

    async fn get(&self) -> Result<types::Role> {
        let reply = self.client.get_role().role_name(&self.name).send().await.map_err(failed("iam GetRole"))?;
        reply.role.ok_or_else(|| CallError::own(Class::Absent, "iam GetRole", "no role in the reply"))
    }
}

impl Entity for Calls {
    async fn inline(&self) -> Result<Vec<String>> {
        let pages = self.client.list_role_policies().role_name(&self.name).into_paginator().items().send();
        pages.collect::<std::result::Result<_, _>>().await.map_err(failed("iam ListRolePolicies"))
    }

    async fn get_inline(&self, name: &str) -> Result<String> {
        let reply = self.client.get_role_policy().role_name(&self.name).policy_name(name).send().await;
        Ok(reply.map_err(failed("iam GetRolePolicy"))?.policy_document)
    }

    async fn put_inline(&self, name: &str, policy: &Policy) -> Result<()> {
        let put = self.client.put_role_policy().role_name(&self.name).policy_name(name).policy_document(policy.text());
        put.send().await.map_err(failed("iam PutRolePolicy")).map(drop)
    }

    async fn delete_inline(&self, name: &str) -> Result<()> {
        let delete = self.client.delete_role_policy().role_name(&self.name).policy_name(name);
        delete.send().await.map_err(failed("iam DeleteRolePolicy")).map(drop)
    }

    async fn attached(&self) -> Result<Vec<types::AttachedPolicy>> {
        let pages = self.client.list_attached_role_policies().role_name(&self.name).into_paginator().items().send();
        pages.collect::<std::result::Result<_, _>>().await.map_err(failed("iam ListAttachedRolePolicies"))
    }

    async fn attach(&self, arn: &str) -> Result<()> {
        let attach = self.client.attach_role_policy().role_name(&self.name).policy_arn(arn);
        attach.send().await.map_err(failed("iam AttachRolePolicy")).map(drop)
    }

    async fn detach(&self, arn: &str) -> Result<()> {
        let detach = self.client.detach_role_policy().role_name(&self.name).policy_arn(arn);
        detach.send().await.map_err(failed("iam DetachRolePolicy")).map(drop)
    }

    async fn put_boundary(&self, arn: &str) -> Result<()> {
        let put = self.client.put_role_permissions_boundary().role_name(&self.name).permissions_boundary(arn);
        put.send().await.map_err(failed("iam PutRolePermissionsBoundary")).map(drop)
    }

    async fn delete_boundary(&self) -> Result<()> {
        let delete = self.client.delete_role_permissions_boundary().role_name(&self.name);
        delete.send().await.map_err(failed("iam DeleteRolePermissionsBoundary")).map(drop)
    }

    async fn tag(&self, tags: Vec<types::Tag>) -> Result<()> {
        let tag = self.client.tag_role().role_name(&self.name).set_tags(Some(tags));
        tag.send().await.map_err(failed("iam TagRole")).map(drop)
    }

    async fn untag(&self, keys: Vec<String>) -> Result<()> {
        let untag = self.client.untag_role().role_name(&self.name).set_tag_keys(Some(keys));
        untag.send().await.map_err(failed("iam UntagRole")).map(drop)
    }
}
