//! Looks at what is somebody else's: whether it is there, and which key encrypts its data. One call each, and nothing that
//! its owner's policies would not allow to whoever may use it.

use std::sync::Arc;

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_sqs::types::QueueAttributeName;
use secrecy::ExposeSecret as _;

use super::bucket::{Bucket, about};
use super::error::{absent_is_none, failed};
use super::events::{DescribeRule, EventBridge};
use super::kinds::{glue_database_named, glue_registry_named, rest_api_named};
use super::secretsmanager::{DescribeSecret, SecretsManager};
use super::slim::Caller;
use super::ssm::{GetParameters, SECURE_STRING, Ssm};
use super::{Aws, Result, ec2, kms, retry};
use crate::catalog::Type;
use crate::catalog::external::{Answer, Externals, Question, Subject, TerraformState};
use crate::model::error::{CallError, Class};
use crate::model::kind::BoxFuture;
use crate::model::scope::Scope;

const PARAMETERS: &str = "ssm GetParameters";

/// How many parameters one GetParameters gives
/// (<https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>).
const PARAMETERS_PER_CALL: usize = 10;

/// The most of a state of Terraform's that is read, in bytes.
const STATE_BYTES: usize = 64 << 20;

/// What stands in a policy for what AWS puts behind the name of a secret.
const SECRET_SUFFIX: &str = "-??????";

/// What AWS says, by the SDK.
pub(crate) struct AwsExternals {
    aws: Arc<Aws>,
}

impl AwsExternals {
    /// As these credentials see it.
    pub(crate) fn new(aws: &Arc<Aws>) -> Self {
        Self { aws: Arc::clone(aws) }
    }

    async fn values(&self, names: &[String]) -> Result<Vec<Option<String>>> {
        let client = self.aws.client(Caller::<Ssm>::new).await;
        let chunks = names.chunks(PARAMETERS_PER_CALL).map(async |names| {
            let get = GetParameters { names, with_decryption: None };
            let reply = client.call(&get).await.map_err(failed(PARAMETERS))?;
            // The names and ARNs that are read here are shown; what was meant to be kept secret is not.
            let secret = reply.parameters().iter().find(|one| one.kind.as_deref() == Some(SECURE_STRING));
            if let Some(name) = secret.and_then(|one| one.name.as_ref()) {
                let message = format!("`{name}` is a SecureString: a name or an ARN is kept as a String");
                return Err(CallError::own(Class::Invalid, PARAMETERS, message));
            }
            let value = |name: &String| {
                let found = reply.parameters().iter().find(|one| one.name.as_ref() == Some(name));
                found.and_then(|one| one.value.as_ref()).map(|value| value.expose_secret().to_owned())
            };
            Ok(names.iter().map(value).collect::<Vec<_>>())
        });
        Ok(futures_util::future::try_join_all(chunks).await?.concat())
    }

    async fn state(&self, at: &TerraformState) -> Result<Option<Vec<u8>>> {
        const CALL: &str = "s3 GetObject";
        let client = self.aws.client(aws_sdk_s3::Client::new).await;
        let get = client.get_object().bucket(&at.bucket).key(&at.key).send().await.map_err(failed(CALL));
        let Some(reply) = absent_is_none(get)? else { return Ok(None) };
        if reply.content_length().is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > STATE_BYTES))
        {
            return Err(CallError::own(Class::Unreadable, CALL, "the object is larger than any state of Terraform's"));
        }
        let body = reply.body.collect().await;
        let body = body.map_err(|error| CallError::own(Class::Unreadable, CALL, error.to_string()))?;
        Ok(Some(body.into_bytes().to_vec()))
    }

    async fn answer(&self, question: &Question) -> Result<Option<Answer>> {
        let of = match question.of {
            Subject::Resource(of) => of,
            Subject::Key => return self.key(question).await,
            Subject::Subnet => return self.subnet(question).await,
            Subject::SecurityGroup => {
                let Some(group) = ec2::group(&self.aws, &question.name).await? else { return Ok(None) };
                let unusable = of_another(group.owner.as_deref(), question);
                return Ok(Some(Answer { vpc: group.vpc, unusable, ..Answer::default() }));
            }
        };
        match of {
            Type::Role => self.role(question).await,
            Type::Stream => self.stream(question).await,
            Type::Bucket => self.bucket(question).await,
            Type::DeliveryStream => self.delivery_stream(question).await,
            Type::Function => self.function(question).await,
            Type::Table => self.table(question).await,
            Type::Queue => self.queue(question).await,
            Type::Secret => self.secret(question).await,
            Type::Topic => self.topic(question).await,
            Type::Alarm => self.alarm(question).await,
            Type::Rule => self.rule(question).await,
            Type::RestApi => Ok(rest_api_named(&self.aws, &question.name).await?.then(Answer::default)),
            Type::Database => Ok(glue_database_named(&self.aws, &question.name).await?.then(Answer::default)),
            Type::SchemaRegistry => Ok(glue_registry_named(&self.aws, &question.name).await?.then(Answer::default)),
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
            | Type::Parameter => {
                let message = format!("no block stands for a {} of another owner", question.of.name());
                Err(CallError::own(Class::Invalid, "pipectl", message))
            }
        }
    }

    async fn stream(&self, question: &Question) -> Result<Option<Answer>> {
        let client = self.aws.client(retry::kinesis).await;
        let call = client.describe_stream_summary().stream_arn(&question.arn).send().await;
        let reply = absent_is_none(call.map_err(failed("kinesis DescribeStreamSummary")))?;
        let Some(summary) = reply.and_then(|reply| reply.stream_description_summary) else { return Ok(None) };
        let unusable = match summary.stream_status {
            aws_sdk_kinesis::types::StreamStatus::Deleting => Some("it is being deleted"),
            aws_sdk_kinesis::types::StreamStatus::Creating => Some("it is still being created"),
            _ => None,
        };
        let encrypted = summary.encryption_type == Some(aws_sdk_kinesis::types::EncryptionType::Kms);
        Ok(Some(Answer { kms_key: summary.key_id.filter(|_| encrypted), unusable, ..Answer::default() }))
    }

    async fn bucket(&self, question: &Question) -> Result<Option<Answer>> {
        let mine = Bucket::new(&self.aws, &question.name).await?;
        let bucket = Bucket { scope: Scope { account: question.account.clone(), ..mine.scope.clone() }, ..mine };
        let encryption = async {
            match about!(bucket, get_bucket_encryption).send().await {
                Ok(reply) => Ok(reply.server_side_encryption_configuration),
                Err(error) if error.code() == Some("ServerSideEncryptionConfigurationNotFoundError") => Ok(None),
                Err(error) => Err(failed("s3 GetBucketEncryption")(error)),
            }
        };
        let (exists, encryption) = tokio::join!(bucket.exists(), encryption);
        if !exists? {
            return Ok(None);
        }
        let rules = encryption?.map(|encryption| encryption.rules).unwrap_or_default();
        let default = rules.into_iter().find_map(|rule| rule.apply_server_side_encryption_by_default);
        let kms_key = default.and_then(|default| default.kms_master_key_id);
        Ok(Some(Answer { kms_key, ..Answer::default() }))
    }

    async fn delivery_stream(&self, question: &Question) -> Result<Option<Answer>> {
        let client = self.aws.client(aws_sdk_firehose::Client::new).await;
        let call = client.describe_delivery_stream().delivery_stream_name(&question.name).send().await;
        let reply = absent_is_none(call.map_err(failed("firehose DescribeDeliveryStream")))?;
        Ok(reply.map(|_| Answer::default()))
    }

    async fn function(&self, question: &Question) -> Result<Option<Answer>> {
        let client = self.aws.client(aws_sdk_lambda::Client::new).await;
        let call = client.get_function().function_name(&question.arn).send().await;
        let reply = absent_is_none(call.map_err(failed("lambda GetFunction")))?;
        Ok(reply.map(|_| Answer::default()))
    }

    async fn table(&self, question: &Question) -> Result<Option<Answer>> {
        let client = self.aws.client(aws_sdk_dynamodb::Client::new).await;
        let named = if question.own { &question.name } else { &question.arn };
        let call = client.describe_table().table_name(named).send().await;
        let reply = absent_is_none(call.map_err(failed("dynamodb DescribeTable")))?;
        let Some(table) = reply.and_then(|reply| reply.table) else { return Ok(None) };
        let deleting = table.table_status == Some(aws_sdk_dynamodb::types::TableStatus::Deleting);
        let kms_key = table.sse_description.and_then(|sse| sse.kms_master_key_arn);
        Ok(Some(Answer { kms_key, unusable: deleting.then_some("it is being deleted"), ..Answer::default() }))
    }

    async fn queue(&self, question: &Question) -> Result<Option<Answer>> {
        let client = self.aws.client(aws_sdk_sqs::Client::new).await;
        let call = client.get_queue_url().queue_name(&question.name);
        let call = if question.own { call } else { call.queue_owner_aws_account_id(&question.account) };
        let reply = absent_is_none(call.send().await.map_err(failed("sqs GetQueueUrl")))?;
        let Some(url) = reply.and_then(|reply| reply.queue_url) else { return Ok(None) };
        let (key, timeout) = (QueueAttributeName::KmsMasterKeyId, QueueAttributeName::VisibilityTimeout);
        let call = client.get_queue_attributes().queue_url(url).attribute_names(key.clone());
        let call = call.attribute_names(timeout.clone()).send().await;
        let reply = absent_is_none(call.map_err(failed("sqs GetQueueAttributes")))?;
        let Some(mut attributes) = reply.map(|reply| reply.attributes.unwrap_or_default()) else { return Ok(None) };
        let visibility_seconds = attributes.remove(&timeout).and_then(|seconds| seconds.parse().ok());
        let kms_key = attributes.remove(&key).filter(|key| !key.is_empty());
        Ok(Some(Answer { kms_key, visibility_seconds, ..Answer::default() }))
    }

    async fn secret(&self, question: &Question) -> Result<Option<Answer>> {
        let client = self.aws.client(Caller::<SecretsManager>::new).await;
        // By its ARN where that is whole: another secret may be called as this one's name and what AWS put behind it. Without
        // what AWS put behind the name, AWS finds it as well.
        let partial = question.arn.strip_suffix(SECRET_SUFFIX);
        let named = partial.map_or(&*question.arn, |arn| if question.own { &question.name } else { arn });
        let call = client.call(&DescribeSecret { secret_id: named }).await;
        let reply = absent_is_none(call.map_err(failed("secretsmanager DescribeSecret")))?;
        let Some(secret) = reply else { return Ok(None) };
        let other = partial.is_none() && secret.arn.as_deref() != Some(&*question.arn);
        let unusable = other.then_some("its ARN has six more characters, which AWS put behind the name");
        let unusable = secret.deleted_date.map(|_| "it is to be deleted").or(unusable);
        // <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html>: none is AWS's own key.
        let kms_key = secret.kms_key_id.unwrap_or_else(|| "alias/aws/secretsmanager".to_owned());
        Ok(Some(Answer { arn: secret.arn, kms_key: Some(kms_key), unusable, ..Answer::default() }))
    }

    async fn topic(&self, question: &Question) -> Result<Option<Answer>> {
        let client = self.aws.client(aws_sdk_sns::Client::new).await;
        let call = client.get_topic_attributes().topic_arn(&question.arn).send().await;
        let reply = absent_is_none(call.map_err(failed("sns GetTopicAttributes")))?;
        let Some(attributes) = reply.map(|reply| reply.attributes.unwrap_or_default()) else { return Ok(None) };
        let kms_key = attributes.get("KmsMasterKeyId").filter(|key| !key.is_empty()).cloned();
        Ok(Some(Answer { kms_key, ..Answer::default() }))
    }

    async fn alarm(&self, question: &Question) -> Result<Option<Answer>> {
        let client = self.aws.client(aws_sdk_cloudwatch::Client::new).await;
        let types =
            [aws_sdk_cloudwatch::types::AlarmType::MetricAlarm, aws_sdk_cloudwatch::types::AlarmType::CompositeAlarm];
        let call = client.describe_alarms().alarm_names(&question.name).set_alarm_types(Some(types.to_vec()));
        let reply = call.send().await.map_err(failed("cloudwatch DescribeAlarms"))?;
        let there = !reply.metric_alarms().is_empty() || !reply.composite_alarms().is_empty();
        Ok(there.then(Answer::default))
    }

    async fn role(&self, question: &Question) -> Result<Option<Answer>> {
        let client = self.aws.client(aws_sdk_iam::Client::new).await;
        // By its name alone: a path is no part of it.
        let name = question.name.rsplit('/').next().unwrap_or_default();
        let reply = absent_is_none(client.get_role().role_name(name).send().await.map_err(failed("iam GetRole")))?;
        let Some(role) = reply.and_then(|reply| reply.role) else { return Ok(None) };
        let other = role.arn != question.arn;
        let unusable = other.then_some("a role of that name has another path: its ARN says which");
        Ok(Some(Answer { unusable, ..Answer::default() }))
    }

    async fn key(&self, question: &Question) -> Result<Option<Answer>> {
        let Some(key) = kms::described(&self.aws, &question.arn).await? else { return Ok(None) };
        let other = |said: &Option<String>, wanted: &str| said.as_ref().is_some_and(|said| said != wanted);
        let unusable = if key.key_state.as_deref() != Some("Enabled") {
            Some("it is disabled, being deleted, or not there yet")
        } else if other(&key.key_usage, "ENCRYPT_DECRYPT") || other(&key.key_spec, "SYMMETRIC_DEFAULT") {
            Some("AWS's services encrypt with symmetric keys alone")
        } else if !question.own && key.key_manager.as_deref() == Some("AWS") {
            Some("AWS's own key serves its own account alone")
        } else {
            None
        };
        Ok(Some(Answer { unusable, ..Answer::default() }))
    }

    async fn subnet(&self, question: &Question) -> Result<Option<Answer>> {
        let Some(subnet) = ec2::subnet(&self.aws, &question.name).await? else { return Ok(None) };
        let ready = subnet.state.as_deref().is_none_or(|state| state == "available");
        let unusable = (!ready).then_some("it is not available");
        let unusable = of_another(subnet.owner.as_deref(), question).or(unusable);
        Ok(Some(Answer { vpc: subnet.vpc, unusable, ..Answer::default() }))
    }

    async fn rule(&self, question: &Question) -> Result<Option<Answer>> {
        let client = self.aws.client(Caller::<EventBridge>::new).await;
        let call = client.call(&DescribeRule { name: &question.name }).await;
        let reply = absent_is_none(call.map_err(failed("eventbridge DescribeRule")))?;
        Ok(reply.map(|_| Answer::default()))
    }
}

/// What is found by its id alone is that of another owner than the spec says.
fn of_another(owner: Option<&str>, question: &Question) -> Option<&'static str> {
    let other = owner.is_some_and(|owner| owner != question.account);
    other.then_some("another account owns it: its ARN, or `account`, says which")
}

impl Externals for AwsExternals {
    fn parameters<'a>(&'a self, names: &'a [String]) -> BoxFuture<'a, Result<Vec<Option<String>>>> {
        Box::pin(self.values(names))
    }

    fn terraform_state<'a>(&'a self, at: &'a TerraformState) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        Box::pin(self.state(at))
    }

    fn look<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Option<Answer>>> {
        Box::pin(self.answer(question))
    }
}
