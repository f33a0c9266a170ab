//! IAM users with their inline policies; programmatic access only.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::{Client, types};
use serde::Deserialize as _;

use super::iam;
use super::iam::Entity;
use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::{Aws, Result, Seen};
use crate::catalog::iam_user::{Outputs, Spec, User};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::policy::Policy;

impl crate::aws::Calls for User {
    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
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
        Ok(Some((spec, Outputs { arn: user.arn, id: user.user_id }, Vec::new())))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        let create = client
            .create_user()
            .user_name(&want.name)
            .path(&want.path)
            .set_permissions_boundary(want.permissions_boundary.clone())
            .set_tags(Some(iam::to_tags(&want.tags)).filter(|tags| !tags.is_empty()));
        let reply = create.send().await.map_err(failed("iam CreateUser"))?;
        // All else is as asked for, or IAM had refused it.
        let spec = Spec { policies: BTreeMap::new(), managed_policies: BTreeSet::new(), ..want.clone() };
        Ok(reply.user.map(|user| (spec, Outputs { arn: user.arn, id: user.user_id }, Vec::new())))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let calls = Calls::new(aws, &want.name).await;
        iam::bound(&calls, &now.shared(), &want.shared()).await?;
        if now.path != want.path {
            let update = calls.client.update_user().user_name(&want.name).new_path(&want.path);
            update.send().await.map_err(failed("iam UpdateUser"))?;
        }
        iam::update(&calls, &now.shared(), &want.shared()).await
    }

    async fn delete(aws: &Aws, key: &str, step: &StepContext<'_>) -> Result<()> {
        let calls = Calls::new(aws, key).await;
        let seen = step.seen.and_then(|seen| Spec::deserialize(seen.attributes).ok());
        let policies = async {
            match &seen {
                Some(seen) => Ok(iam::seen(&seen.shared())),
                None => iam::listed(&calls).await,
            }
        };
        // IAM deletes no user that still has something; the boundary goes with the user, and bounds what is left until then.
        let lists = async { tokio::try_join!(calls.keys(), policies, calls.groups()) };
        let (lists, password) = tokio::join!(lists, calls.delete_password());
        let Some((keys, policies, groups)) = absent_is_none(lists)? else { return Ok(()) };
        password?;
        calls.delete_keys(keys).await?;
        iam::strip(&calls, policies).await?;
        calls.leave(groups).await?;
        let delete =
            || async { calls.client.delete_user().user_name(key).send().await.map_err(failed("iam DeleteUser")) };
        match iam::delete(delete).await {
            // Somebody has given it another policy meanwhile.
            Err(error) if iam::is_held(&error) && seen.is_some() => {
                iam::strip(&calls, iam::listed(&calls).await?).await?;
                iam::delete(delete).await
            }
            deleted => deleted,
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
    async fn keys(&self) -> Result<Vec<types::AccessKeyMetadata>> {
        let keys = self.client.list_access_keys().user_name(&self.name).into_paginator().items().send();
        keys.collect::<std::result::Result<_, _>>().await.map_err(failed("iam ListAccessKeys"))
    }

    /// What programs sign in with.
    async fn delete_keys(&self, keys: Vec<types::AccessKeyMetadata>) -> Result<()> {
        for id in keys.into_iter().filter_map(|key| key.access_key_id) {
            let delete = self.client.delete_access_key().user_name(&self.name).access_key_id(id);
            absent_is_done(delete.send().await.map_err(failed("iam DeleteAccessKey")))?;
        }
        Ok(())
    }

    /// What a person signs in with.
    async fn delete_password(&self) -> Result<()> {
        iam::delete(|| async {
            let delete = self.client.delete_login_profile().user_name(&self.name);
            delete.send().await.map_err(failed("iam DeleteLoginProfile"))
        })
        .await
    }

    async fn groups(&self) -> Result<Vec<types::Group>> {
        let groups = self.client.list_groups_for_user().user_name(&self.name).into_paginator().items().send();
        groups.collect::<std::result::Result<_, _>>().await.map_err(failed("iam ListGroupsForUser"))
    }

    async fn leave(&self, groups: Vec<types::Group>) -> Result<()> {
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
