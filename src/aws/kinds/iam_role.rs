//! IAM roles with their inline policies.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::{Client, types};
use serde::Deserialize as _;

use super::iam;
use super::iam::Entity;
use crate::aws::error::{absent_is_none, failed};
use crate::aws::{Aws, Result, Seen};
use crate::catalog::iam_role::{Outputs, Role, Spec, one_hour};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::policy::Policy;

impl crate::aws::Calls for Role {
    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
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
        Ok(Some((spec, Outputs { arn: role.arn, id: role.role_id }, Vec::new())))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
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
        let reply = create.send().await.map_err(failed("iam CreateRole"))?;
        // All else is as asked for, or IAM had refused it.
        let spec = Spec { policies: BTreeMap::new(), managed_policies: BTreeSet::new(), ..want.clone() };
        Ok(reply.role.map(|role| (spec, Outputs { arn: role.arn, id: role.role_id }, Vec::new())))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let calls = Calls::new(aws, &want.name).await;
        iam::bound(&calls, &now.shared(), &want.shared()).await?;
        if now.trust != want.trust {
            let update =
                calls.client.update_assume_role_policy().role_name(&want.name).policy_document(want.trust.text());
            update.send().await.map_err(failed("iam UpdateAssumeRolePolicy"))?;
        }
        if (&now.description, now.max_session_seconds) != (&want.description, want.max_session_seconds) {
            // Both always: UpdateRole without a session length sets it back to an hour.
            let update = calls.client.update_role().role_name(&want.name).description(&want.description);
            let update = update.max_session_duration(want.max_session_seconds.cast_signed());
            update.send().await.map_err(failed("iam UpdateRole"))?;
        }
        iam::update(&calls, &now.shared(), &want.shared()).await
    }

    async fn delete(aws: &Aws, key: &str, step: &StepContext<'_>) -> Result<()> {
        let calls = Calls::new(aws, key).await;
        let delete =
            || async { calls.client.delete_role().role_name(key).send().await.map_err(failed("iam DeleteRole")) };
        if let Some(seen) = step.seen.and_then(|seen| Spec::deserialize(seen.attributes).ok()) {
            iam::strip(&calls, iam::seen(&seen.shared())).await?;
            match iam::delete(delete).await {
                // Somebody has given it another policy meanwhile.
                Err(error) if iam::is_held(&error) => {}
                deleted => return deleted,
            }
        }
        let Some(policies) = absent_is_none(iam::listed(&calls).await)? else { return Ok(()) };
        iam::strip(&calls, policies).await?;
        iam::delete(delete).await
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::Calls as _;
    use crate::aws::scripted::{Scripted, ok, step, xml};
    use crate::model::kind::SeenAlready;

    #[tokio::test(start_paused = true)]
    async fn what_others_have_given_a_role_since_it_was_seen_is_taken_off_too() {
        let held = "<ErrorResponse><Error><Code>DeleteConflict</Code><Message>must delete policies first</Message></Error></ErrorResponse>";
        let names = "<IsTruncated>false</IsTruncated><PolicyNames><member>theirs</member></PolicyNames>";
        let none = "<IsTruncated>false</IsTruncated><AttachedPolicies/>";
        let replies =
            [xml("DeleteRolePolicy", ""), xml("ListRolePolicies", names), xml("ListAttachedRolePolicies", none)];
        let again = [xml("DeleteRolePolicy", "")];
        let conflicts = std::iter::repeat_n(ok("DeleteRole", held.into()).status(409), 1000);
        let service = Scripted::new(replies.into_iter().chain(again).chain(conflicts));
        let attributes = json!({ "name": "clicks", "trust": {}, "policies": { "ours": {} } });
        let seen = Some(SeenAlready { attributes: &attributes, outputs: &json!({}) });
        let error = Role::delete(&service.aws().await, "clicks", &StepContext { seen, ..step() }).await.unwrap_err();
        assert!(iam::is_held(&error), "{error}");
        assert_eq!(service.all("DeleteRolePolicy", "PolicyName"), ["ours", "theirs"]);
    }
}
