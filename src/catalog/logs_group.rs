//! CloudWatch log groups.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Bound, Nothing};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
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

impl ResourceType for LogGroup {
    const KIND: &'static str = "logs_group";
    const AWS_TYPE: &'static str = "AWS::Logs::LogGroup";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["logs:DescribeLogGroups"], On::All),
        Grant::plan(&["logs:ListTagsForResource"], TAGGED),
        Grant::plan(&["logs:DescribeSubscriptionFilters"], GROUP),
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
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["logs:CreateLogGroup"],
        delete: &["logs:DeleteLogGroup"],
        update: &[
            Update::new("retention_days", &["logs:DeleteRetentionPolicy", "logs:PutRetentionPolicy"]),
            Update::new("kms_key", &["logs:AssociateKmsKey", "logs:DisassociateKmsKey"]),
            Update::new("tags", &["logs:TagLogGroup", "logs:TagResource", "logs:UntagLogGroup", "logs:UntagResource"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[(Bound("key"), &["kms_key"]), (Nothing, &["name", "retention_days", "tags"])],
    };
    const PRICE: Price =
        Price::None("billed with the function that logs; of delivery streams the estimate takes it for little");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::In { namespace: "AWS/Logs", dimension: "LogGroupName" };
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

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("CloudWatch always encrypts logs, with a key of its own where there is no other")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        // Another name is a replacement: the old group is deleted.
        let Some(want) = want.filter(|want| want.name == now.name) else {
            return vec![format!("The events in `{}` are deleted with it.", now.name)];
        };
        let sooner = want.retention_days.filter(|days| now.retention_days.is_none_or(|now| *days < now));
        let sooner = sooner.map(|days| format!("Events older than {days} days are deleted."));
        let key = now.kms_key.as_ref().filter(|_| now.kms_key != want.kms_key);
        let key = key.map(|key| format!("Older events can be read only as long as the key {key} is there."));
        sooner.into_iter().chain(key).collect()
    }
}
