//! The caller's permissions and the account's quotas, by the SDK.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use aws_sdk_iam::types::{
    ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType, SummaryKeyType,
};
use aws_sdk_kinesis::operation::describe_limits::DescribeLimitsOutput;
use tokio::sync::OnceCell;

use super::error::failed;
use super::{Aws, Result, retry};
use crate::model::account::{Account, Answer, ContextValue, Decision, Question, Quota, Usage};
use crate::model::error::Class;
use crate::model::kind::BoxFuture;

/// How many delivery streams one ListDeliveryStreams gives.
const DELIVERY_STREAMS_PER_CALL: i32 = 10_000;

/// The account of the caller, in a region.
pub struct AwsAccount {
    aws: Arc<Aws>,
    /// AWS answers this once a second.
    limits: OnceCell<DescribeLimitsOutput>,
    summary: OnceCell<HashMap<SummaryKeyType, i32>>,
}

impl AwsAccount {
    /// The account that these credentials are of.
    pub fn new(aws: &Arc<Aws>) -> Self {
        Self { aws: Arc::clone(aws), limits: OnceCell::new(), summary: OnceCell::new() }
    }

    /// A session's ARN has the name of its role, and not its path.
    async fn role(&self, caller: &str, name: &str) -> Result<String> {
        let client = self.aws.client(aws_sdk_iam::Client::new).await;
        match client.get_role().role_name(name).send().await.map_err(failed("iam GetRole")) {
            Ok(reply) => Ok(reply.role.map_or_else(|| without_path(caller, name), |role| role.arn)),
            Err(error) if matches!(error.class, Class::Denied | Class::Absent) => Ok(without_path(caller, name)),
            Err(error) => Err(error),
        }
    }

    async fn decisions(&self, principal: &str, question: &Question) -> Result<Vec<Decision>> {
        let client = self.aws.client(aws_sdk_iam::Client::new).await;
        let simulate = client
            .simulate_principal_policy()
            .policy_source_arn(principal)
            .set_action_names(Some(question.actions.clone()))
            .set_resource_arns(Some(question.resources.clone()))
            .set_context_entries(Some(question.context.iter().map(context_entry).collect()));
        let pages = simulate.into_paginator().items().send();
        let results: std::result::Result<Vec<EvaluationResult>, _> = pages.collect().await;
        let results = results.map_err(failed("iam SimulatePrincipalPolicy"))?;
        Ok(results.iter().flat_map(decisions_of).collect())
    }

    async fn limits(&self) -> Result<&DescribeLimitsOutput> {
        let client = self.aws.client(retry::kinesis).await;
        let ask = async || client.describe_limits().send().await.map_err(failed("kinesis DescribeLimits"));
        self.limits.get_or_try_init(ask).await
    }

    async fn of_iam(&self, used: SummaryKeyType, quota: SummaryKeyType) -> Result<Usage> {
        let client = self.aws.client(aws_sdk_iam::Client::new).await;
        let ask = async || {
            let reply = client.get_account_summary().send().await.map_err(failed("iam GetAccountSummary"))?;
            Ok(reply.summary_map.unwrap_or_default())
        };
        let summary = self.summary.get_or_try_init(ask).await?;
        let number = |key: &SummaryKeyType| summary.get(key).and_then(|number| u64::try_from(*number).ok());
        Ok(Usage { used: number(&used).unwrap_or_default(), limit: number(&quota) })
    }

    async fn delivery_streams(&self) -> Result<Usage> {
        let client = self.aws.client(retry::firehose).await;
        let (mut used, mut after) = (0, None);
        loop {
            let list = client.list_delivery_streams().limit(DELIVERY_STREAMS_PER_CALL);
            let reply = list.set_exclusive_start_delivery_stream_name(after).send().await;
            let reply = reply.map_err(failed("firehose ListDeliveryStreams"))?;
            used += reply.delivery_stream_names.len() as u64;
            after = reply.delivery_stream_names.last().cloned();
            if !reply.has_more_delivery_streams || after.is_none() {
                return Ok(Usage { used, limit: None });
            }
        }
    }

    async fn buckets(&self) -> Result<Usage> {
        let client = self.aws.client(aws_sdk_s3::Client::new).await;
        let pages = client.list_buckets().max_buckets(1000).into_paginator().send();
        let pages: std::result::Result<Vec<_>, _> = pages.collect().await;
        let pages = pages.map_err(failed("s3 ListBuckets"))?;
        Ok(Usage { used: pages.iter().map(|page| page.buckets().len() as u64).sum(), limit: None })
    }
}

impl Account for AwsAccount {
    fn principal<'a>(&'a self, caller: &'a str) -> BoxFuture<'a, Result<Option<String>>> {
        Box::pin(async move {
            let resource = caller.splitn(6, ':').nth(5).unwrap_or_default();
            match resource.split('/').collect::<Vec<_>>()[..] {
                ["user", ..] => Ok(Some(caller.to_owned())),
                ["assumed-role", role, ..] => self.role(caller, role).await.map(Some),
                _ => Ok(None),
            }
        })
    }

    fn simulate<'a>(&'a self, principal: &'a str, question: &'a Question) -> BoxFuture<'a, Result<Vec<Decision>>> {
        Box::pin(self.decisions(principal, question))
    }

    fn usage(&self, quota: Quota) -> BoxFuture<'_, Result<Usage>> {
        let usage =
            |used: i32, limit: i32| Usage { used: used.unsigned_abs().into(), limit: u64::try_from(limit).ok() };
        Box::pin(async move {
            match quota {
                Quota::Shards => self.limits().await.map(|all| usage(all.open_shard_count, all.shard_limit)),
                Quota::OnDemandStreams => {
                    let all = self.limits().await?;
                    Ok(usage(all.on_demand_stream_count, all.on_demand_stream_count_limit))
                }
                Quota::DeliveryStreams => self.delivery_streams().await,
                Quota::Buckets => self.buckets().await,
                Quota::Roles => self.of_iam(SummaryKeyType::Roles, SummaryKeyType::RolesQuota).await,
                Quota::Users => self.of_iam(SummaryKeyType::Users, SummaryKeyType::UsersQuota).await,
            }
        })
    }
}

/// The role of a session as if it had no path, which most have not.
fn without_path(caller: &str, name: &str) -> String {
    let mut parts = caller.split(':').skip(1);
    let (partition, account) = (parts.next().unwrap_or("aws"), parts.nth(2).unwrap_or_default());
    format!("arn:{partition}:iam::{account}:role/{name}")
}

fn context_entry(value: &ContextValue) -> ContextEntry {
    let kind = if value.listed { ContextKeyTypeEnum::StringList } else { ContextKeyTypeEnum::String };
    ContextEntry::builder().context_key_name(&value.key).context_key_values(&value.value).context_key_type(kind).build()
}

/// The decisions in one result: resource by resource where IAM says them so, else the one there is.
fn decisions_of(result: &EvaluationResult) -> Vec<Decision> {
    let organization =
        result.organizations_decision_detail.as_ref().is_some_and(|detail| !detail.allowed_by_organizations);
    let decision =
        |resource: &str, verdict: &PolicyEvaluationDecisionType, missing: &[String], bounded: bool| Decision {
            action: result.eval_action_name.clone(),
            resource: resource.to_owned(),
            verdict: match verdict {
                PolicyEvaluationDecisionType::Allowed => Answer::Allowed,
                _ if organization => Answer::Organization,
                _ if bounded => Answer::Boundary,
                PolicyEvaluationDecisionType::ExplicitDeny => Answer::Denied,
                _ => Answer::NotAllowed,
            },
            missing: missing.iter().cloned().collect::<BTreeSet<_>>(),
        };
    if result.resource_specific_results().is_empty() {
        let bounded = result.permissions_boundary_decision_detail.as_ref();
        let bounded = bounded.is_some_and(|detail| !detail.allowed_by_permissions_boundary);
        let resource = result.eval_resource_name().unwrap_or("*");
        return vec![decision(resource, &result.eval_decision, result.missing_context_values(), bounded)];
    }
    let of_resource = |one: &aws_sdk_iam::types::ResourceSpecificResult| {
        let bounded = one.permissions_boundary_decision_detail.as_ref();
        let bounded = bounded.is_some_and(|detail| !detail.allowed_by_permissions_boundary);
        decision(&one.eval_resource_name, &one.eval_resource_decision, one.missing_context_values(), bounded)
    };
    result.resource_specific_results().iter().map(of_resource).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::scripted::{Scripted, ok, xml};

    const CALLER: &str = "arn:aws:sts::123456789012:assumed-role/deploy/gitlab-job-7";
    const ROLE: &str = "arn:aws:iam::123456789012:role/ci/deploy";

    /// One action on two streams as IAM answers for it, and another that an organization forbids on everything.
    const RESULTS: &str = "
<IsTruncated>false</IsTruncated>
<EvaluationResults>
  <member>
    <EvalActionName>kinesis:CreateStream</EvalActionName>
    <EvalResourceName>arn:a</EvalResourceName>
    <EvalDecision>implicitDeny</EvalDecision>
    <ResourceSpecificResults>
      <member>
        <EvalResourceName>arn:a</EvalResourceName>
        <EvalResourceDecision>allowed</EvalResourceDecision>
      </member>
      <member>
        <EvalResourceName>arn:b</EvalResourceName>
        <EvalResourceDecision>implicitDeny</EvalResourceDecision>
        <MissingContextValues><member>aws:SourceIp</member></MissingContextValues>
        <PermissionsBoundaryDecisionDetail>
          <AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>
        </PermissionsBoundaryDecisionDetail>
      </member>
    </ResourceSpecificResults>
  </member>
  <member>
    <EvalActionName>iam:PassRole</EvalActionName>
    <EvalResourceName>*</EvalResourceName>
    <EvalDecision>explicitDeny</EvalDecision>
    <OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail>
  </member>
  <member>
    <EvalActionName>s3:PutObject</EvalActionName>
    <EvalResourceName>arn:c</EvalResourceName>
    <EvalDecision>explicitDeny</EvalDecision>
  </member>
</EvaluationResults>";

    #[tokio::test]
    async fn each_action_on_each_resource_has_its_decision() {
        let service = Scripted::new([xml("SimulatePrincipalPolicy", RESULTS)]);
        let account = AwsAccount::new(&Arc::new(service.aws().await));
        let question = Question {
            actions: vec!["kinesis:CreateStream".into(), "iam:PassRole".into()],
            resources: vec!["arn:a".into(), "arn:b".into()],
            context: vec![ContextValue { key: "iam:PassedToService".into(), value: "firehose".into(), listed: false }],
        };
        let decisions = account.simulate(ROLE, &question).await.unwrap();
        let said: Vec<_> =
            decisions.iter().map(|one| (one.resource.as_str(), one.verdict, one.missing.len())).collect();
        let expected = [
            ("arn:a", Answer::Allowed, 0),
            ("arn:b", Answer::Boundary, 1),
            ("*", Answer::Organization, 0),
            ("arn:c", Answer::Denied, 0),
        ];
        assert_eq!(said, expected);
        let asked = service.last("SimulatePrincipalPolicy");
        assert_eq!(asked["PolicySourceArn"], ROLE);
        assert_eq!(
            (&asked["ActionNames.member.2"], &asked["ResourceArns.member.2"]),
            (&json!("iam:PassRole"), &json!("arn:b"))
        );
        assert_eq!(asked["ContextEntries.member.1.ContextKeyName"], "iam:PassedToService");
    }

    #[tokio::test]
    async fn a_session_stands_for_its_role_with_its_path() {
        let role = format!(
            "<Role><Path>/ci/</Path><RoleName>deploy</RoleName><RoleId>AROAEXAMPLE</RoleId><Arn>{ROLE}</Arn>\
             <CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>"
        );
        let account = AwsAccount::new(&Arc::new(Scripted::new([xml("GetRole", &role)]).aws().await));
        assert_eq!(account.principal(CALLER).await.unwrap().as_deref(), Some(ROLE));
        let user = "arn:aws:iam::123456789012:user/people/ann";
        assert_eq!(account.principal(user).await.unwrap().as_deref(), Some(user));
        for none in ["arn:aws:iam::123456789012:root", "arn:aws:sts::123456789012:federated-user/ann"] {
            assert_eq!(account.principal(none).await.unwrap(), None, "{none}");
        }
        assert_eq!(without_path(CALLER, "deploy"), "arn:aws:iam::123456789012:role/deploy");
    }

    #[tokio::test]
    async fn what_a_service_says_of_its_limits_is_asked_once() {
        let limits =
            json!({"ShardLimit": 500, "OpenShardCount": 7, "OnDemandStreamCount": 2, "OnDemandStreamCountLimit": 50});
        let summary = "<SummaryMap><entry><key>Roles</key><value>12</value></entry>\
                       <entry><key>RolesQuota</key><value>1000</value></entry></SummaryMap>";
        let pages = [
            json!({"DeliveryStreamNames": ["a", "b"], "HasMoreDeliveryStreams": true}),
            json!({"DeliveryStreamNames": ["c"], "HasMoreDeliveryStreams": false}),
        ];
        let [first, last] = pages.map(|page| ok("ListDeliveryStreams", page));
        let service = Scripted::new([ok("DescribeLimits", limits), xml("GetAccountSummary", summary), first, last]);
        let account = AwsAccount::new(&Arc::new(service.aws().await));
        let usage = async |quota| account.usage(quota).await.map(|usage| (usage.used, usage.limit)).unwrap();
        assert_eq!(usage(Quota::Shards).await, (7, Some(500)));
        assert_eq!(usage(Quota::OnDemandStreams).await, (2, Some(50)));
        assert_eq!(usage(Quota::Roles).await, (12, Some(1000)));
        assert_eq!(usage(Quota::Users).await, (0, None), "not in the summary");
        assert_eq!(usage(Quota::DeliveryStreams).await, (3, None));
        assert_eq!(service.last("ListDeliveryStreams")["ExclusiveStartDeliveryStreamName"], "b");
    }
}
