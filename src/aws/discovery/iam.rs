//! Users and roles, what they may do, and where their access keys are kept.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::{
    AttachedPolicy, EntityType, GroupDetail, ManagedPolicyDetail, PolicyDetail, RoleDetail, UserDetail,
};
use futures_util::future::try_join_all;
use serde_json::Value;

use crate::aws::error::{absent_is_none, failed};
use crate::aws::kinds::{decode, keeping};
use crate::aws::slim::Caller;
use crate::aws::ssm::Ssm;
use crate::aws::{Aws, Result};
use crate::model::discovery::{AccessKey, Bearer, Identity};

/// The most entities that IAM gives at once.
const PAGE: i32 = 1000;

/// A policy of the account by its ARN, or those of a group by its name.
type Statements = BTreeMap<String, Vec<Value>>;

/// All users and roles. One listing, whatever their number: asked one by one they would take a call for each policy.
pub(super) async fn identities(aws: &Aws) -> Result<Vec<Identity>> {
    let client = aws.client(aws_sdk_iam::Client::new).await;
    let kinds = [EntityType::User, EntityType::Role, EntityType::Group, EntityType::LocalManagedPolicy].to_vec();
    let (mut users, mut groups, mut roles, mut policies) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let details = client.get_account_authorization_details().set_filter(Some(kinds)).max_items(PAGE);
    let mut pages = details.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failed("iam GetAccountAuthorizationDetails"))?;
        users.extend(page.user_detail_list.into_iter().flatten());
        groups.extend(page.group_detail_list.into_iter().flatten());
        roles.extend(page.role_detail_list.into_iter().flatten());
        policies.extend(page.policies.into_iter().flatten());
    }
    let policies: Statements = policies.into_iter().filter_map(managed).collect();
    let groups: BTreeMap<String, Grants> = groups.into_iter().map(|group| of_group(group, &policies)).collect();
    let users = users.into_iter().map(|user| of_user(user, &policies, &groups));
    Ok(users.chain(roles.into_iter().map(|role| of_role(role, &policies))).collect())
}

/// What policies allow, and the names of those of AWS's own.
#[derive(Clone, Debug, Default)]
struct Grants {
    statements: Vec<Value>,
    managed: BTreeSet<String>,
}

impl Grants {
    fn new(inline: Option<Vec<PolicyDetail>>, attached: Option<Vec<AttachedPolicy>>, policies: &Statements) -> Self {
        let inline = inline.into_iter().flatten().filter_map(|policy| policy.policy_document);
        let mut grants = Self { statements: inline.flat_map(|text| statements(&text)).collect(), ..Self::default() };
        for policy in attached.into_iter().flatten() {
            match policies.get(policy.policy_arn.as_deref().unwrap_or_default()) {
                Some(statements) => grants.statements.extend(statements.iter().cloned()),
                None => grants.managed.extend(policy.policy_name),
            }
        }
        grants
    }

    /// Adds what a group allows.
    fn add(&mut self, group: &Self) {
        self.statements.extend(group.statements.iter().cloned());
        self.managed.extend(group.managed.iter().cloned());
    }

    fn identity(self, bearer: Bearer, name: Option<String>, trust: Vec<Value>) -> Identity {
        let Self { statements, managed } = self;
        Identity { bearer, name: name.unwrap_or_default(), trust, statements, managed }
    }
}

fn managed(policy: ManagedPolicyDetail) -> Option<(String, Vec<Value>)> {
    let valid = policy.policy_version_list.into_iter().flatten().find(|version| version.is_default_version)?;
    Some((policy.arn?, statements(&valid.document?)))
}

fn of_group(group: GroupDetail, policies: &Statements) -> (String, Grants) {
    let grants = Grants::new(group.group_policy_list, group.attached_managed_policies, policies);
    (group.group_name.unwrap_or_default(), grants)
}

fn of_user(user: UserDetail, policies: &Statements, groups: &BTreeMap<String, Grants>) -> Identity {
    let mut grants = Grants::new(user.user_policy_list, user.attached_managed_policies, policies);
    for group in user.group_list.into_iter().flatten().filter_map(|name| groups.get(&name)) {
        grants.add(group);
    }
    grants.identity(Bearer::User, user.user_name, Vec::new())
}

fn of_role(role: RoleDetail, policies: &Statements) -> Identity {
    let trust = role.assume_role_policy_document.map(|text| statements(&text)).unwrap_or_default();
    let grants = Grants::new(role.role_policy_list, role.attached_managed_policies, policies);
    grants.identity(Bearer::Role, role.role_name, trust)
}

/// The statements of a document, in canonical form. One that is none allows nothing, which IAM would not have taken.
fn statements(text: &str) -> Vec<Value> {
    let policy = decode("iam GetAccountAuthorizationDetails", text).ok();
    let list = policy.and_then(|policy| policy.document().get("Statement").and_then(Value::as_array).cloned());
    list.unwrap_or_default()
}

/// The keys of a user, and the parameters that pipectl keeps them in.
pub(super) async fn access_keys(aws: &Aws, user: &str) -> Result<Vec<AccessKey>> {
    let client = aws.client(aws_sdk_iam::Client::new).await;
    let pages = client.list_access_keys().user_name(user).into_paginator().items().send();
    let keys = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(failed("iam ListAccessKeys"));
    let ids = absent_is_none(keys)?.unwrap_or_default().into_iter().filter_map(|key| key.access_key_id);
    let ssm = aws.client(Caller::<Ssm>::new).await;
    let kept = async |id: String| {
        let parameter = keeping(&ssm, &id).await?.into_iter().find_map(|parameter| parameter.name);
        Ok(AccessKey { id, parameter })
    };
    try_join_all(ids.map(kept)).await
}
