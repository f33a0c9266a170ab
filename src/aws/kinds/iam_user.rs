//! IAM users with their inline policies; programmatic access only.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::{Client, types};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::iam::{self, Entity, Shared};
use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::policy::Policy;
use crate::aws::tags::Tags;
use crate::aws::{Aws, Resource, Result};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

/// An IAM user with its inline policies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account whatever the path or case; 1–64 of `[\w+=,.@-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Path; `/` or `/…/`.
    #[serde(default = "root")]
    pub(crate) path: String,
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

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the user.
    pub(crate) arn: String,
}

/// IAM users with their inline policies; programmatic access only.
pub(crate) struct User;

const USER: On = On::Arns(&["arn:{partition}:iam::{account}:user{path}{name}"]);

impl Resource for User {
    const KIND: &'static str = "iam_user";
    const AWS_TYPE: &'static str = "AWS::IAM::User";
    const GRANTS: &'static [Grant] = &[
        Grant::plan(
            &["iam:GetUser", "iam:ListUserPolicies", "iam:GetUserPolicy", "iam:ListAttachedUserPolicies"],
            USER,
        ),
        Grant::apply(
            &[
                "iam:CreateUser",
                "iam:UpdateUser",
                "iam:DeleteUser",
                "iam:PutUserPolicy",
                "iam:DeleteUserPolicy",
                "iam:DetachUserPolicy",
                "iam:DeleteUserPermissionsBoundary",
                "iam:TagUser",
                "iam:UntagUser",
                "iam:ListAccessKeys",
                "iam:DeleteAccessKey",
                "iam:ListGroupsForUser",
                "iam:DeleteLoginProfile",
            ],
            USER,
        ),
        Grant::apply(&["iam:AttachUserPolicy"], USER).given("managed_policies"),
        Grant::apply(&["iam:PutUserPermissionsBoundary"], USER).given("permissions_boundary"),
        // Whichever somebody has put the user into: it must leave before it can be deleted.
        Grant::apply(&["iam:RemoveUserFromGroup"], On::Arns(&["arn:{partition}:iam::{account}:group/*"])),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        create: &["iam:CreateUser"],
        delete: &["iam:DeleteUser"],
        update: &[
            Update::new("path", &["iam:UpdateUser"]),
            Update::new("policies", &["iam:DeleteUserPolicy", "iam:PutUserPolicy"]),
            Update::new("managed_policies", &["iam:AttachUserPolicy", "iam:DetachUserPolicy"]),
            Update::new(
                "permissions_boundary",
                &["iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"],
            ),
            Update::new("tags", &["iam:TagUser", "iam:UntagUser"]),
        ],
    };
    const EXAMPLES: &'static str = r#"
# Without a permissions boundary: moto answers PutUserPermissionsBoundary with an HTML page and status 500.
# With one path: MiniStack does not know UpdateUser, and moto forgets the tags of a user that it moves.
[first]
name = "pipectl-example-user"
path = "/pipectl/"
managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
tags = { "pipectl:env" = "dev", team = "growth" }

[first.policies.read]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = "arn:aws:s3:::a/*" }]

[first.policies.list]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "s3:ListBucket", Resource = "arn:aws:s3:::a" }]

[second]
name = "pipectl-example-user"
path = "/pipectl/"
managed_policies = ["arn:aws:iam::aws:policy/AdministratorAccess"]
tags = { "pipectl:env" = "dev", owner = "data + platform" }

[second.policies.read]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }]
"#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let calls = Calls::new(aws, key).await;
        let found = tokio::try_join!(calls.get(), iam::policies(&calls, hint.map(|hint| &hint.policies)));
        let Some((user, (policies, managed_policies))) = absent_is_none(found)? else { return Ok(None) };
        let spec = Spec {
            name: user.user_name,
            path: user.path,
            policies,
            managed_policies,
            permissions_boundary: iam::boundary_arn(user.permissions_boundary),
            tags: iam::from_tags(user.tags),
        };
        Ok(Some((spec, Outputs { arn: user.arn })))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let create = client
            .create_user()
            .user_name(&want.name)
            .path(&want.path)
            .set_permissions_boundary(want.permissions_boundary.clone())
            .set_tags(Some(iam::to_tags(&want.tags)).filter(|tags| !tags.is_empty()));
        create.send().await.map_err(failed("iam CreateUser")).map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let calls = Calls::new(aws, &want.name).await;
        if now.path != want.path {
            let update = calls.client.update_user().user_name(&want.name).new_path(&want.path);
            update.send().await.map_err(failed("iam UpdateUser"))?;
        }
        iam::update(&calls, &now.shared(), &want.shared()).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let calls = Calls::new(aws, key).await;
        let Some(user) = absent_is_none(calls.get().await)? else { return Ok(()) };
        // IAM deletes no user that still has something. The boundary goes last: until then it bounds what is left.
        calls.delete_credentials().await?;
        iam::strip(&calls).await?;
        calls.leave_groups().await?;
        if user.permissions_boundary.is_some() {
            absent_is_done(calls.delete_boundary().await)?;
        }
        let delete =
            || async { calls.client.delete_user().user_name(key).send().await.map_err(failed("iam DeleteUser")) };
        iam::delete(delete).await
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        match (now, want) {
            (Some(now), None) => {
                vec![format!("every access key of the user {} is deleted with it and stops working at once", now.name)]
            }
            _ => Vec::new(),
        }
    }
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

/// IAM's calls for one user.
struct Calls {
    client: Client,
    name: String,
}

impl Calls {
    async fn new(aws: &Aws, name: &str) -> Self {
        Self { client: aws.client(Client::new).await, name: name.to_owned() }
    }

    async fn get(&self) -> Result<types::User> {
        let reply = self.client.get_user().user_name(&self.name).send().await.map_err(failed("iam GetUser"))?;
        reply.user.ok_or_else(|| CallError::own(Class::Absent, "iam GetUser", "no user in the reply"))
    }
}

impl Calls {
    /// Deletes access keys and password: what a person or a program signs in with.
    async fn delete_credentials(&self) -> Result<()> {
        let keys = self.client.list_access_keys().user_name(&self.name).into_paginator().items().send();
        let keys: Vec<_> = keys.collect::<std::result::Result<_, _>>().await.map_err(failed("iam ListAccessKeys"))?;
        for id in keys.into_iter().filter_map(|key| key.access_key_id) {
            let delete = self.client.delete_access_key().user_name(&self.name).access_key_id(id);
            absent_is_done(delete.send().await.map_err(failed("iam DeleteAccessKey")))?;
        }
        iam::delete(|| async {
            let delete = self.client.delete_login_profile().user_name(&self.name);
            delete.send().await.map_err(failed("iam DeleteLoginProfile"))
        })
        .await
    }

    async fn leave_groups(&self) -> Result<()> {
        let groups = self.client.list_groups_for_user().user_name(&self.name).into_paginator().items().send();
        let groups: Vec<_> =
            groups.collect::<std::result::Result<_, _>>().await.map_err(failed("iam ListGroupsForUser"))?;
        for group in groups {
            let leave = self.client.remove_user_from_group().user_name(&self.name).group_name(group.group_name);
            absent_is_done(leave.send().await.map_err(failed("iam RemoveUserFromGroup")))?;
        }
        Ok(())
    }
}

impl Entity for Calls {
    async fn inline(&self) -> Result<Vec<String>> {
        let pages = self.client.list_user_policies().user_name(&self.name).into_paginator().items().send();
        pages.collect::<std::result::Result<_, _>>().await.map_err(failed("iam ListUserPolicies"))
    }

    async fn get_inline(&self, name: &str) -> Result<String> {
        let reply = self.client.get_user_policy().user_name(&self.name).policy_name(name).send().await;
        Ok(reply.map_err(failed("iam GetUserPolicy"))?.policy_document)
    }

    async fn put_inline(&self, name: &str, policy: &Policy) -> Result<()> {
        let put = self.client.put_user_policy().user_name(&self.name).policy_name(name).policy_document(policy.text());
        put.send().await.map_err(failed("iam PutUserPolicy")).map(drop)
    }

    async fn delete_inline(&self, name: &str) -> Result<()> {
        let delete = self.client.delete_user_policy().user_name(&self.name).policy_name(name);
        delete.send().await.map_err(failed("iam DeleteUserPolicy")).map(drop)
    }

    async fn attached(&self) -> Result<Vec<types::AttachedPolicy>> {
        let pages = self.client.list_attached_user_policies().user_name(&self.name).into_paginator().items().send();
        pages.collect::<std::result::Result<_, _>>().await.map_err(failed("iam ListAttachedUserPolicies"))
    }

    async fn attach(&self, arn: &str) -> Result<()> {
        let attach = self.client.attach_user_policy().user_name(&self.name).policy_arn(arn);
        attach.send().await.map_err(failed("iam AttachUserPolicy")).map(drop)
    }

    async fn detach(&self, arn: &str) -> Result<()> {
        let detach = self.client.detach_user_policy().user_name(&self.name).policy_arn(arn);
        detach.send().await.map_err(failed("iam DetachUserPolicy")).map(drop)
    }

    async fn put_boundary(&self, arn: &str) -> Result<()> {
        let put = self.client.put_user_permissions_boundary().user_name(&self.name).permissions_boundary(arn);
        put.send().await.map_err(failed("iam PutUserPermissionsBoundary")).map(drop)
    }

    async fn delete_boundary(&self) -> Result<()> {
        let delete = self.client.delete_user_permissions_boundary().user_name(&self.name);
        delete.send().await.map_err(failed("iam DeleteUserPermissionsBoundary")).map(drop)
    }

    async fn tag(&self, tags: Vec<types::Tag>) -> Result<()> {
        let tag = self.client.tag_user().user_name(&self.name).set_tags(Some(tags));
        tag.send().await.map_err(failed("iam TagUser")).map(drop)
    }

    async fn untag(&self, keys: Vec<String>) -> Result<()> {
        let untag = self.client.untag_user().user_name(&self.name).set_tag_keys(Some(keys));
        untag.send().await.map_err(failed("iam UntagUser")).map(drop)
    }
}
