//! A preflight asks for what a plan needs and for nothing else, and says what speaks against applying it.

use std::collections::BTreeSet;
use std::sync::Mutex;

use insta::assert_snapshot;
use pipectl::engine::planfile::Plan;
use pipectl::model::account::{Account, Answer, Decision, Question, Quota, Usage};
use pipectl::model::address::Address;
use pipectl::model::error::{CallError, Class};
use pipectl::model::graph::{External, Graph, Reference};
use pipectl::model::kind::BoxFuture;
use pipectl::ops::deploy_policy::{StatePlace, Subject, policies};
use pipectl::ops::preflight::{Preflight, preflight};
use pipectl::report::preflight::text;

use crate::support::planned::{between, everyday, prod, registry};

const ROLE: &str = "arn:aws:iam::123456789012:role/ci/deploy";

/// An account that allows all but some actions, and that is nearly full.
#[derive(Default)]
struct Scripted {
    /// Action, verdict, and the condition key that was missing.
    denies: &'static [(&'static str, Answer, &'static str)],
    asked: Mutex<Vec<Question>>,
    quotas: Mutex<Vec<Quota>>,
    nobody: bool,
    forbidden: bool,
    full: bool,
}

impl Account for Scripted {
    fn principal<'a>(&'a self, _caller: &'a str) -> BoxFuture<'a, Result<Option<String>, CallError>> {
        Box::pin(async { Ok((!self.nobody).then(|| ROLE.to_owned())) })
    }

    fn simulate<'a>(
        &'a self,
        principal: &'a str,
        question: &'a Question,
    ) -> BoxFuture<'a, Result<Vec<Decision>, CallError>> {
        assert_eq!(principal, ROLE);
        self.asked.lock().unwrap().push(question.clone());
        let decision = |(action, resource): (&String, &String)| {
            let rule = self.denies.iter().find(|(denied, ..)| denied == action);
            let missing = rule.map(|(.., key)| (*key).to_owned()).filter(|key| !key.is_empty());
            let verdict = rule.map_or(Answer::Allowed, |(_, verdict, _)| *verdict);
            Decision {
                action: action.clone(),
                resource: resource.clone(),
                verdict,
                missing: missing.into_iter().collect(),
            }
        };
        let pairs = question.actions.iter().flat_map(|action| question.resources.iter().map(move |one| (action, one)));
        let decisions = pairs.map(decision).collect();
        let denied = CallError::own(Class::Denied, "iam SimulatePrincipalPolicy", "not authorized");
        Box::pin(async move { if self.forbidden { Err(denied) } else { Ok(decisions) } })
    }

    fn usage(&self, quota: Quota) -> BoxFuture<'_, Result<Usage, CallError>> {
        self.quotas.lock().unwrap().push(quota);
        let usage = match quota {
            Quota::Shards if self.full => Usage { used: 499, limit: Some(500) },
            Quota::Shards => Usage { used: 10, limit: Some(500) },
            Quota::Buckets => Usage { used: 10_000, limit: None },
            Quota::Users => {
                return Box::pin(async {
                    Err(CallError::own(Class::Denied, "iam GetAccountSummary", "not authorized"))
                });
            }
            _ => Usage { used: 1, limit: Some(1000) },
        };
        Box::pin(async move { Ok(usage) })
    }
}

/// What a person reads, without its colours.
fn said(found: &Preflight) -> String {
    anstream::adapter::strip_str(&text(found, 100)).to_string()
}

fn first() -> Plan {
    between(&Graph::default(), &prod(&[]), |_, _| {})
}

async fn of(plan: &Plan, account: &Scripted) -> Preflight {
    preflight(&registry(), plan, account).await
}

fn pairs(account: &Scripted) -> BTreeSet<(String, String)> {
    let asked = account.asked.lock().unwrap();
    let pairs = |one: &Question| -> Vec<(String, String)> {
        one.actions.iter().flat_map(|action| one.resources.iter().map(move |on| (action.clone(), on.clone()))).collect()
    };
    asked.iter().flat_map(pairs).collect()
}

/// Every action on every resource that the `apply` policies of prod allow.
fn allowed(graph: &Graph) -> BTreeSet<(String, String)> {
    let (registry, plan) = (registry(), first());
    let state = StatePlace { bucket: "acme-clickstream-state".into(), folder: "pipectl".into(), parameters: None };
    let subject = Subject {
        registry: &registry,
        graph,
        scope: &plan.scope,
        project: &plan.project,
        env: &plan.env,
        state: Some(&state),
        boundary: None,
        by_prefix: false,
    };
    let documents = policies(&subject).unwrap().apply;
    let texts = |value: &serde_json::Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    let mut pairs = BTreeSet::new();
    for statement in documents.iter().flat_map(|document| document["Statement"].as_array().unwrap()) {
        for action in texts(&statement["Action"]) {
            pairs.extend(texts(&statement["Resource"]).into_iter().map(|resource| (action.clone(), resource)));
        }
    }
    pairs
}

#[tokio::test]
async fn a_first_apply_asks_for_what_makes_and_for_nothing_that_takes() {
    let account = Scripted::default();
    let found = of(&first(), &account).await;
    assert!(found.passes && found.denied.is_empty(), "{found:?}");
    let asked = pairs(&account);
    let actions: BTreeSet<&str> = asked.iter().map(|(action, _)| action.as_str()).collect();
    for needed in ["kinesis:CreateStream", "iam:PassRole", "iam:PutRolePolicy", "s3:PutBucketPolicy", "s3:PutObject"] {
        assert!(actions.contains(needed), "{needed} is not asked for: {actions:?}");
    }
    let takes = |action: &&str| action.contains(":Delete") && *action != "s3:DeleteObject";
    assert!(!actions.iter().any(takes), "{actions:?}");
    let more: Vec<_> = asked.difference(&allowed(&prod(&[]))).cloned().collect();
    assert_eq!(more, [], "what `deploy-policy` prints is enough");
    let questions = account.asked.lock().unwrap();
    assert!(questions.len() < 40, "{} questions", questions.len());
    let passed = questions.iter().find(|one| one.actions == ["iam:PassRole"]).unwrap();
    assert_eq!(
        (passed.context[0].key.as_str(), passed.context[0].value.as_str()),
        ("iam:PassedToService", "firehose.amazonaws.com")
    );
}

#[tokio::test]
async fn what_is_somebody_else_s_is_asked_for_and_what_its_account_allows_is_said_to_be_unseen() {
    let reference = Reference {
        project: "platform".into(),
        env: "prod".into(),
        block: "bucket.landing".into(),
        state: Some("s3://platform-state/pipectl/prod/state.json".into()),
        weak: false,
        registered: false,
    };
    let external = External {
        kind: "s3_bucket".into(),
        aws_type: "AWS::S3::Bucket".into(),
        arn: "arn:aws:s3:::platform-landing".into(),
        name: "platform-landing".into(),
        account: "999999999999".into(),
        kms_key: None,
        found_by: "`bucket.landing` of platform/prod".into(),
        read_from: None,
        reference: Some(reference),
    };
    let address = Address::block("bucket", "landing");
    let with = |mut plan: Plan| {
        plan.externals.insert(address.clone(), external.clone());
        plan
    };
    let account = Scripted { denies: &[("s3:ListBucket", Answer::NotAllowed, "")], ..Scripted::default() };
    let found = of(&with(first()), &account).await;
    let asked = pairs(&account);
    for (action, on) in [
        ("s3:ListBucket", "arn:aws:s3:::platform-landing"),
        ("s3:PutObject", "arn:aws:s3:::platform-state/pipectl/prod/consumers.json"),
    ] {
        assert!(asked.contains(&(action.to_owned(), on.to_owned())), "{action} on {on}: {asked:?}");
    }
    assert!(!found.passes);
    assert!(found.denied.iter().all(|one| one.needed_by == BTreeSet::from(["bucket.landing".to_owned()])), "{found:?}");
    let said = said(&found).split_whitespace().collect::<Vec<_>>().join(" ");
    let unseen = "what account 999999999999 allows on bucket.landing: `pipectl grants` prints what it has to";
    assert!(said.contains(unseen), "{said}");
    // What changes nothing looks at nothing again.
    let (same, account) = (prod(&[]), Scripted::default());
    of(&with(between(&same, &same, |_, _| {})), &account).await;
    assert!(pairs(&account).is_empty());
}

#[tokio::test]
async fn a_plan_without_changes_asks_nothing() {
    let (same, account) = (prod(&[]), Scripted::default());
    let found = of(&between(&same, &same, |_, _| {}), &account).await;
    assert!(found.passes && found.simulated == 0 && found.quotas.is_empty(), "{found:?}");
    assert!(account.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_change_of_tags_asks_for_tags_alone() {
    let account = Scripted::default();
    let (before, after) = (prod(&[]), prod(&[("team = \"growth\"", "team = \"core\"")]));
    of(&between(&before, &after, |_, _| {}), &account).await;
    let asked = pairs(&account);
    let other: Vec<_> =
        asked.iter().filter(|(action, _)| !action.contains("Tag") && !action.starts_with("s3:")).collect();
    assert!(other.is_empty() && asked.iter().any(|(action, _)| action == "kinesis:AddTagsToStream"), "{asked:?}");
}

#[tokio::test]
async fn a_destruction_asks_for_what_takes() {
    let account = Scripted::default();
    let graph = prod(&[("protect = true", "protect = false")]);
    of(&between(&graph, &Graph::default(), |_, _| {}), &account).await;
    let asked = pairs(&account);
    assert!(asked.iter().any(|(action, _)| action == "firehose:DeleteDeliveryStream"), "{asked:?}");
    assert!(!asked.iter().any(|(action, _)| action.contains(":Create")), "{asked:?}");
}

#[tokio::test]
async fn what_is_denied_is_named_with_what_allows_it() {
    let account = Scripted {
        denies: &[
            ("kinesis:IncreaseStreamRetentionPeriod", Answer::NotAllowed, "aws:SourceIp"),
            ("cloudwatch:PutMetricAlarm", Answer::Boundary, ""),
            ("sns:Subscribe", Answer::Organization, ""),
        ],
        ..Scripted::default()
    };
    let found = of(&everyday(), &account).await;
    assert!(!found.passes);
    assert_snapshot!(said(&found), @r#"
    Preflight
      arn:aws:iam::123456789012:role/ci/deploy may not make 7 of 62 calls
        ! cloudwatch:PutMetricAlarm (for alarm.firehose-lag): the permissions boundary does not allow it
          on arn:aws:cloudwatch:eu-west-1:123456789012:alarm:acme-clickstream-prod-firehose-lag
        ! cloudwatch:PutMetricAlarm (for alarm.kms): the permissions boundary does not allow it
          on arn:aws:cloudwatch:eu-west-1:123456789012:alarm:acme-clickstream-prod-kms
        ! cloudwatch:PutMetricAlarm (for alarm.lag): the permissions boundary does not allow it
          on arn:aws:cloudwatch:eu-west-1:123456789012:alarm:acme-clickstream-prod-lag
        ! cloudwatch:PutMetricAlarm (for alarm.mails): the permissions boundary does not allow it
          on arn:aws:cloudwatch:eu-west-1:123456789012:alarm:acme-clickstream-prod-mails
        ! cloudwatch:PutMetricAlarm (for alarm.stalled): the permissions boundary does not allow it
          on arn:aws:cloudwatch:eu-west-1:123456789012:alarm:acme-clickstream-prod-stalled
        ! kinesis:IncreaseStreamRetentionPeriod (for stream.clicks): nothing allows it, as far as can be
          told without aws:SourceIp
          on arn:aws:kinesis:eu-west-1:123456789012:stream/acme-clickstream-prod-clicks
        ! sns:Subscribe (for topic.alerts/email:platform-oncall@example.com): a policy of the
          organization does not allow it
          on arn:aws:sns:eu-west-1:123456789012:acme-clickstream-prod-alerts
      What would have to be allowed besides:
        [
          {
            "Action": [
              "kinesis:IncreaseStreamRetentionPeriod"
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:aws:kinesis:eu-west-1:123456789012:stream/acme-clickstream-prod-clicks"
            ]
          }
        ]

    Not seen by any of this
      policies of the organization that have conditions, and its resource control policies
      policies on resources: those of KMS keys, of the state's bucket, of queues in other accounts
      a session's own policy, and conditions that depend on the request, such as its network or MFA
      what the roles that the plan makes may do for Firehose, once they act
      names of buckets that somebody else has, and all that changes between this and the apply
      rates, quotas of CloudWatch, CloudWatch Logs, SNS and SSM, and daily limits on changes of a stream
    "#);
}

#[tokio::test]
async fn a_quota_that_is_known_to_be_exceeded_fails_and_a_default_only_warns() {
    let account = Scripted { full: true, ..Scripted::default() };
    let found = of(&first(), &account).await;
    assert!(!found.passes);
    assert_snapshot!(said(&found), @r"
    Preflight
      arn:aws:iam::123456789012:role/ci/deploy may make all it takes (67 calls)

      quota              used     the plan adds   limit
    ────────────────────────────────────────────────────────────────────────────────────────────────────
      open shards        499      4               500                 too many
      delivery streams   1        1               1,000               fits
      buckets            10,000   1               10,000 by default   too many, unless it was raised
      IAM roles          1        1               1,000               fits
      IAM users          ?        1               ? by default        not known: iam
                                                                      GetAccountSummary: not
                                                                      authorized

    Not seen by any of this
      policies of the organization that have conditions, and its resource control policies
      policies on resources: those of KMS keys, of the state's bucket, of queues in other accounts
      a session's own policy, and conditions that depend on the request, such as its network or MFA
      what the roles that the plan makes may do for Firehose, once they act
      names of buckets that somebody else has, and all that changes between this and the apply
      rates, quotas of CloudWatch, CloudWatch Logs, SNS and SSM, and daily limits on changes of a stream
    ");
    assert!(of(&first(), &Scripted::default()).await.passes, "buckets beyond the default may have been allowed");
    // Nothing is asked that the plan does not add to.
    let account = Scripted::default();
    of(&everyday(), &account).await;
    assert_eq!(*account.quotas.lock().unwrap(), []);
}

#[tokio::test]
async fn who_cannot_be_simulated_is_no_failure_and_who_may_not_simulate_is() {
    let root = of(&first(), &Scripted { nobody: true, ..Scripted::default() }).await;
    assert!(root.passes && root.unsimulated.is_some());
    let forbidden = of(&first(), &Scripted { forbidden: true, ..Scripted::default() }).await;
    assert!(!forbidden.passes);
    let said = said(&forbidden);
    assert!(
        said.contains("permissions were not looked at: the simulation failed: iam SimulatePrincipalPolicy"),
        "{said}"
    );
}
