//! What MiniStack does not check as AWS does. An entry that is no longer true fails the tests, and is to be struck off.

use std::collections::BTreeSet;

/// An action, and what becomes of its check.
pub(super) type Gap = (&'static str, &'static str);

/// Types whose calls it checks as others: what they need cannot be tried there.
pub(super) const MISNAMED: &[Gap] = &[(
    "lambda_event_invoke_config",
    "as GetFunction, UpdateFunctionCode and DeleteFunction, by their method and path",
)];

/// Actions that it checks on another resource than AWS does, so that they are tried on `*`.
pub(super) const ELSEWHERE: &[Gap] = &[
    ("athena:BatchGetNamedQuery", "the workgroup of a saved query is not seen in its id"),
    ("athena:CreateWorkGroup", "the workgroup is not seen in Name"),
    ("athena:DeleteNamedQuery", "the workgroup of a saved query is not seen in its id"),
    ("athena:ListTagsForResource", "the workgroup is not seen in ResourceARN"),
    ("athena:TagResource", "the workgroup is not seen in ResourceARN"),
    ("athena:UntagResource", "the workgroup is not seen in ResourceARN"),
    ("dynamodb:GetResourcePolicy", "the table is not seen in ResourceArn"),
    ("dynamodb:ListTagsOfResource", "the table is not seen in ResourceArn"),
    ("dynamodb:TagResource", "the table is not seen in ResourceArn"),
    ("dynamodb:UntagResource", "the table is not seen in ResourceArn"),
    ("events:DeleteRule", BUS),
    ("events:DescribeRule", BUS),
    ("events:ListTagsForResource", "the rule is not seen in ResourceARN"),
    ("events:ListTargetsByRule", "the rule is not seen in Rule"),
    ("events:PutRule", BUS),
    ("events:PutTargets", "the rule is not seen in Rule"),
    ("events:RemoveTargets", "the rule is not seen in Rule"),
    ("events:TagResource", "the rule is not seen in ResourceARN"),
    ("events:UntagResource", "the rule is not seen in ResourceARN"),
    ("glue:CreateJob", "the job is not seen in Name"),
    ("glue:CreateTrigger", TRIGGER),
    ("glue:CreateWorkflow", WORKFLOW),
    ("glue:DeleteCrawler", CRAWLER),
    ("glue:DeleteDatabase", "the database is not seen in Name"),
    ("glue:DeleteTrigger", TRIGGER),
    ("glue:DeleteWorkflow", WORKFLOW),
    ("glue:GetCrawler", CRAWLER),
    ("glue:GetDatabase", "the database is not seen in Name"),
    ("glue:GetTags", GLUE_ARN),
    ("glue:GetTrigger", TRIGGER),
    ("glue:GetWorkflow", WORKFLOW),
    ("glue:StartTrigger", TRIGGER),
    ("glue:StopTrigger", TRIGGER),
    ("glue:TagResource", GLUE_ARN),
    ("glue:UntagResource", GLUE_ARN),
    ("glue:UpdateCrawler", CRAWLER),
    ("glue:UpdateDatabase", "the database is not seen in Name"),
    ("glue:UpdateTrigger", TRIGGER),
    ("glue:UpdateWorkflow", WORKFLOW),
    ("iam:PutRolePermissionsBoundary", BOUNDARY),
    ("iam:PutUserPermissionsBoundary", BOUNDARY),
    ("iam:RemoveUserFromGroup", "checked on the user instead of the group"),
    ("lambda:CreateEventSourceMapping", "the condition on lambda:FunctionArn is not seen to be met"),
    ("lambda:CreateFunction", "the function is not seen in FunctionName"),
    ("logs:CreateLogStream", "checked on the group instead of the stream"),
    ("logs:DeleteLogStream", "checked on the group instead of the stream"),
    ("sns:ListTagsForResource", "the topic is not seen in ResourceArn"),
    ("sns:TagResource", "the topic is not seen in ResourceArn"),
    ("sns:UntagResource", "the topic is not seen in ResourceArn"),
    ("ssm:GetParameters", "the parameters are not seen in Names"),
];

const CRAWLER: &str = "the crawler is not seen in Name";
const TRIGGER: &str = "the trigger is not seen in Name";
const WORKFLOW: &str = "the workflow is not seen in Name";
const GLUE_ARN: &str = "what has tags is not seen in ResourceArn";
const BOUNDARY: &str = "the condition on iam:PermissionsBoundary is not seen to be met";
/// As AWS has it, but for rules of other buses than the default one.
const BUS: &str = "the ARN has `default/` before the name of the rule";

/// The same among the calls of the state's store.
pub(super) const ELSEWHERE_IN_STATE: &[Gap] = &[("ssm:GetParameters", "the parameters are not seen in Names")];

/// Actions that it does not check at all.
pub(super) const UNCHECKED: &[Gap] = &[
    ("athena:BatchGetNamedQuery", "the call is let through, whatever a policy says"),
    ("athena:UpdatePreparedStatement", "the call is not known to it"),
    ("cloudwatch:DeleteAlarms", CBOR),
    ("cloudwatch:DeleteDashboards", CBOR),
    ("cloudwatch:DescribeAlarms", CBOR),
    ("cloudwatch:GetDashboard", CBOR),
    ("cloudwatch:ListTagsForResource", CBOR),
    ("cloudwatch:PutDashboard", CBOR),
    ("cloudwatch:PutMetricAlarm", CBOR),
    ("cloudwatch:TagResource", CBOR),
    ("cloudwatch:UntagResource", CBOR),
    ("ec2:DescribeSecurityGroups", LOOKS_ITSELF),
    ("ec2:DescribeSubnets", LOOKS_ITSELF),
    ("ec2:DescribeVpcs", LOOKS_ITSELF),
    ("firehose:StartDeliveryStreamEncryption", "the examples switch it neither on nor off"),
    ("firehose:StopDeliveryStreamEncryption", "the examples switch it neither on nor off"),
    ("glue:BatchStopJobRun", NO_RUN),
    ("glue:CreatePartitionIndex", NO_INDEX),
    ("glue:DeletePartitionIndex", NO_INDEX),
    ("glue:GetJobRun", NO_RUN),
    ("glue:StopCrawler", "asked only where a crawler runs, and none does there"),
    ("iam:ListMFADevices", "asked before a deletion, which goes on where that is denied"),
    ("iam:PassRole", "no API call of this name, and never checked for those that pass a role"),
    ("kms:Decrypt", NO_KEY),
    ("kms:Encrypt", NO_KEY),
    ("kms:GenerateDataKey", NO_KEY),
    ("lambda:DeleteEventSourceMapping", "no action is known to it for this call"),
    ("lambda:DeleteFunctionConcurrency", "checked for lambda:PutFunctionConcurrency"),
    ("lambda:ListFunctionEventInvokeConfigs", AS_GET_FUNCTION),
    ("lambda:ListFunctionUrlConfigs", AS_GET_FUNCTION),
    ("lambda:ListProvisionedConcurrencyConfigs", AS_GET_FUNCTION),
    ("lambda:ListTags", "GetFunction returns the tags to everybody who may call it"),
    ("lambda:UpdateEventSourceMapping", "no action is known to it for this call"),
    ("s3:ListBucket", "HeadObject of what is not there is answered with 404 to everybody"),
    ("s3:TagResource", "CreateBucket with tags is checked for s3:CreateBucket alone"),
];
const NO_INDEX: &str = "no emulator deletes an index, so that none is made";
const NO_RUN: &str = "asked only where a run is under way, and there every run ends at once";
const AS_GET_FUNCTION: &str = "checked for lambda:GetFunction";
const LOOKS_ITSELF: &str = "Lambda looks for the caller, with no call that an emulator sees";
const NO_KEY: &str = "a secret is not encrypted with the key that it names";
/// Counted instead: the calls that are made are those of the actions.
const CBOR: &str = "what comes in CBOR is authenticated, and no more";

/// The actions of a list.
pub(super) fn actions(gaps: &[Gap]) -> BTreeSet<String> {
    gaps.iter().map(|(action, _)| (*action).to_owned()).collect()
}
