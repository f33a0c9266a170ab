//! What AWS is asked about what is somebody else's.

use super::Type;
use crate::model::error::CallError;
use crate::model::grant::{Grant, On};
use crate::model::kind::BoxFuture;

/// What an external block is in AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A resource of a type that pipectl makes.
    Resource(Type),
    /// A customer's KMS key.
    Key,
    /// A subnet of a VPC.
    Subnet,
    /// A security group of a VPC.
    SecurityGroup,
}

impl Subject {
    /// Those of which pipectl makes none.
    pub(crate) const ALONE: [Self; 3] = [Self::Key, Self::Subnet, Self::SecurityGroup];

    /// The kind of block that stands for nothing else; absent for a resource that pipectl makes.
    pub(crate) fn block(self) -> Option<&'static str> {
        match self {
            Self::Resource(_) => None,
            Self::Key => Some("key"),
            Self::Subnet => Some("subnet"),
            Self::SecurityGroup => Some("security_group"),
        }
    }

    /// What plans call it: `kinesis_stream`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Resource(of) => of.name(),
            Self::Key => "kms_key",
            Self::Subnet => "ec2_subnet",
            Self::SecurityGroup => "ec2_security_group",
        }
    }

    /// CloudFormation's name for it: `AWS::Kinesis::Stream`.
    pub(crate) fn aws_type(self) -> &'static str {
        match self {
            Self::Resource(of) => of.aws_type(),
            Self::Key => "AWS::KMS::Key",
            Self::Subnet => "AWS::EC2::Subnet",
            Self::SecurityGroup => "AWS::EC2::SecurityGroup",
        }
    }

    /// What plans call so.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let alone = Self::ALONE.into_iter().find(|subject| subject.name() == name);
        alone.or_else(|| Type::named(name).map(Self::Resource))
    }

    /// What a plan needs of IAM to look at one that is somebody else's, its attribute being its `arn`; nothing for a type that
    /// no block stands for.
    pub(crate) fn grant(self) -> Option<Grant> {
        match self {
            Self::Resource(of) => grant(of),
            Self::Key => Some(Grant::plan(&["kms:DescribeKey"], IT)),
            // EC2 names no resource of what it describes.
            Self::Subnet => Some(Grant::plan(&["ec2:DescribeSubnets"], On::All)),
            Self::SecurityGroup => Some(Grant::plan(&["ec2:DescribeSecurityGroups"], On::All)),
        }
    }
}

const IT: On = On::Arns(&["{arn}"]);

/// One thing that AWS is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// What it is.
    pub(crate) of: Subject,
    /// Its name.
    pub(crate) name: String,
    /// Its ARN; of a secret a pattern where only its name is known.
    pub(crate) arn: String,
    /// The account that it is in, twelve digits.
    pub(crate) account: String,
    /// Whether that is the caller's own.
    pub(crate) own: bool,
}

/// What is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its ARN, where it has one that did not follow from its name.
    pub(crate) arn: Option<String>,
    /// The KMS key that encrypts its data: an id, an ARN or an alias.
    pub(crate) kms_key: Option<String>,
    /// Why it cannot be used as it is: `it is being deleted`.
    pub(crate) unusable: Option<&'static str>,
    /// Of a subnet or a security group: its VPC.
    pub(crate) vpc: Option<String>,
    /// Of a queue: for how many seconds a message is hidden that somebody has received.
    pub(crate) visibility_seconds: Option<u32>,
}

/// The object of S3 in which Terraform keeps a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TerraformState {
    /// The bucket.
    pub(crate) bucket: String,
    /// The key.
    pub(crate) key: String,
}

fn grant(of: Type) -> Option<Grant> {
    match of {
        Type::Role => Some(Grant::plan(&["iam:GetRole"], IT)),
        Type::Stream => Some(Grant::plan(&["kinesis:DescribeStreamSummary"], IT)),
        Type::Bucket => Some(Grant::plan(&["s3:ListBucket", "s3:GetEncryptionConfiguration"], IT)),
        Type::DeliveryStream => Some(Grant::plan(&["firehose:DescribeDeliveryStream"], IT)),
        Type::Function => Some(Grant::plan(&["lambda:GetFunction"], IT)),
        Type::Table => Some(Grant::plan(&["dynamodb:DescribeTable"], IT)),
        Type::Queue => Some(Grant::plan(&["sqs:GetQueueUrl", "sqs:GetQueueAttributes"], IT)),
        Type::Secret => Some(Grant::plan(&["secretsmanager:DescribeSecret"], IT)),
        Type::Topic => Some(Grant::plan(&["sns:GetTopicAttributes"], IT)),
        Type::Alarm => Some(Grant::plan(&["cloudwatch:DescribeAlarms"], IT)),
        Type::Rule => Some(Grant::plan(&["events:DescribeRule"], IT)),
        Type::RestApi => {
            Some(Grant::plan(&["apigateway:GET"], On::Arns(&["arn:{partition}:apigateway:{region}::/restapis"])))
        }
        Type::Database => Some(Grant::plan(
            &["glue:GetDatabase"],
            On::Arns(&["{arn}", "arn:{partition}:glue:{region}:{account}:catalog"]),
        )),
        Type::SchemaRegistry => Some(Grant::plan(&["glue:GetRegistry"], IT)),
        Type::ApiKey
        | Type::Stage
        | Type::UsagePlan
        | Type::Dashboard
        | Type::AccessKey
        | Type::User
        | Type::Mapping
        | Type::InvokeConfig
        | Type::Permission
        | Type::LogGroup
        | Type::GlueCrawler
        | Type::GlueJob
        | Type::Trigger
        | Type::RegistrySchema
        | Type::Workflow
        | Type::LogStream
        | Type::CatalogTable
        | Type::Object
        | Type::Notification
        | Type::Subscription
        | Type::NamedQuery
        | Type::PreparedStatement
        | Type::Workgroup
        | Type::Parameter => None,
    }
}

/// Looks at what is somebody else's, and changes nothing.
pub(crate) trait Externals: Send + Sync {
    /// The values of SSM parameters, in their order; `None` for one that does not exist.
    fn parameters<'a>(&'a self, names: &'a [String]) -> BoxFuture<'a, Result<Vec<Option<String>>, CallError>>;

    /// The text of a state of Terraform's; `None` where there is none.
    fn terraform_state<'a>(&'a self, at: &'a TerraformState) -> BoxFuture<'a, Result<Option<Vec<u8>>, CallError>>;

    /// What is there; `None` where there is nothing.
    fn look<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Option<Answer>, CallError>>;
}
