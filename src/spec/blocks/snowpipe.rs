//! `[snowpipe.<name>]`: what Snowflake's Snowpipe needs to load from a bucket.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bucket::Bucket;
use crate::model::scope::Scope;
use crate::spec::arn::Arn;
use crate::spec::check::{Block, Checks};
use crate::spec::external::Externals;
use crate::spec::metrics::Metrics;
use crate::spec::names::{self, Name};
use crate::spec::notified::Notified;
use crate::spec::prefix;
use crate::spec::snowflake::identifiers;
use crate::spec::tags::{self, Tags};
use crate::spec::uses::Uses;
use crate::spec::{Ref, Spec, kms};

/// What Snowflake's Snowpipe needs to load a bucket's objects into a table: an identity that may read them and nothing
/// else, and the notification that tells Snowflake's queue of each new one. The statements for Snowflake itself are
/// printed by `pipectl snowflake-sql`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Snowpipe {
    /// Name of the IAM user or role; absent: `<project>-<env>-<block>`. 1–64 letters, digits and `_+=,.@-`.
    #[serde(default)]
    pub name: Option<String>,
    /// The bucket that it loads from.
    pub bucket: Ref<Bucket>,
    /// Only objects whose keys begin with this are told of and readable; empty: all.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub prefix: String,
    /// As whom Snowflake reads.
    #[serde(default)]
    pub access: Access,
    /// ARN of Snowflake's queue, the `notification_channel` of `SHOW PIPES`; absent until the pipe exists.
    #[serde(default)]
    pub queue_arn: Option<String>,
    /// Id of the entry in the bucket's notification configuration; absent: `pipectl-<env>-<block>`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub notification_id: Option<String>,
    /// The table that it loads into, with its database and schema: `ANALYTICS.RAW.CLICKS`.
    pub table: String,
    /// Name of the pipe; absent: the table's with `_PIPE`. The same schema, like those of stage and file format.
    #[serde(default)]
    pub pipe: Option<String>,
    /// Name of the stage; absent: the table's with `_STAGE`.
    #[serde(default)]
    pub stage: Option<String>,
    /// Name of the file format; absent: the table's with `_FORMAT`.
    #[serde(default)]
    pub file_format: Option<String>,
    /// Whether objects hold JSON arrays whose items are the rows; does no harm where they hold the rows themselves.
    #[serde(default = "yes")]
    pub strip_outer_array: bool,
    /// With a role: name of the storage integration; absent: `<PROJECT>_<ENV>_<BLOCK>`.
    #[serde(default)]
    pub integration: Option<String>,
    /// With a role: the `STORAGE_AWS_IAM_USER_ARN` of `DESC STORAGE INTEGRATION`; absent until it exists.
    #[serde(default)]
    pub snowflake_user_arn: Option<String>,
    /// With a role: the `STORAGE_AWS_EXTERNAL_ID` of `DESC STORAGE INTEGRATION`; absent until it exists.
    #[serde(default)]
    #[schemars(length(min = 2, max = 1224), regex(pattern = r"^[A-Za-z0-9_+=,.@:/-]+$"))]
    pub external_id: Option<String>,
    /// With a user: name of the SSM parameter that keeps its access key; absent: `/<project>/<env>/<block>/access-key`.
    #[serde(default)]
    pub parameter: Option<String>,
    /// With a user: KMS key (id, ARN or alias) of that parameter; absent: AWS's own, `alias/aws/ssm`.
    #[serde(default)]
    pub parameter_kms_key: Option<String>,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// As whom Snowflake reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// A role that a storage integration assumes: no secret anywhere.
    #[default]
    Role,
    /// A user with an access key, which is kept in an SSM parameter.
    User,
    /// A role or user of one's own, which pipectl leaves alone.
    External,
}

fn yes() -> bool {
    true
}

impl Snowpipe {
    /// The name of the SSM parameter that keeps its access key.
    pub fn parameter(&self, block: &str, spec: &Spec) -> String {
        let ours = || format!("/{}/{}/{block}/access-key", spec.project.name, spec.env.name);
        self.parameter.clone().unwrap_or_else(ours)
    }

    /// The id of its entry in the bucket's notification configuration.
    pub fn notification_id(&self, block: &str, spec: &Spec) -> String {
        self.notification_id.clone().unwrap_or_else(|| format!("pipectl-{}-{block}", spec.env.name))
    }

    fn check_access(&self, spec: &Spec, checks: &mut Checks<'_>) {
        let of_role = [
            ("integration", &self.integration),
            ("snowflake_user_arn", &self.snowflake_user_arn),
            ("external_id", &self.external_id),
        ];
        let of_user = [("parameter", &self.parameter), ("parameter_kms_key", &self.parameter_kms_key)];
        let mut only_with = |access, word, fields: &[(&str, &Option<String>)]| {
            for (field, _) in fields.iter().filter(|(_, value)| value.is_some() && self.access != access) {
                checks.error(field, format!("`{field}` has a meaning only with `access = \"{word}\"`"));
            }
        };
        only_with(Access::Role, "role", &of_role);
        only_with(Access::User, "user", &of_user);
        let is_user =
            |arn: &Arn<'_>| arn.service == "iam" && !arn.account.is_empty() && arn.resource.starts_with("user/");
        if let Some(text) = &self.snowflake_user_arn
            && !Arn::parse(text).as_ref().is_some_and(is_user)
        {
            checks
                .error("snowflake_user_arn", format!("`{text}` is not the ARN of an IAM user"))
                .help("copy STORAGE_AWS_IAM_USER_ARN from `DESC STORAGE INTEGRATION`");
        }
        let user = self.snowflake_user_arn.as_deref().and_then(Arn::parse);
        if let Some(elsewhere) = user.and_then(|arn| arn.elsewhere(&spec.env.region)) {
            checks
                .error("snowflake_user_arn", format!("Snowflake's user {elsewhere}"))
                .help("a role trusts nobody of another partition: Snowflake's account has to be in this one");
        }
        check_partition(spec, checks);
        match (&self.snowflake_user_arn, &self.external_id) {
            (Some(_), None) => {
                checks.error("snowflake_user_arn", "`snowflake_user_arn` needs `external_id` beside it");
            }
            (None, Some(_)) => {
                checks.error("external_id", "`external_id` needs `snowflake_user_arn` beside it");
            }
            _ => {}
        }
        kms::check("parameter_kms_key", self.parameter_kms_key.as_ref(), spec, checks);
    }

    fn check_parameter(&self, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        if self.access != Access::User {
            return;
        }
        let parameter = self.parameter(block, spec);
        let reserved = |text: &str| ["aws", "ssm"].iter().any(|own| text.to_ascii_lowercase().starts_with(own));
        if parameter.contains('/') && !parameter.starts_with('/') {
            checks.error("parameter", "a parameter's name that holds `/` must begin with `/`");
        }
        if reserved(parameter.trim_start_matches('/')) {
            checks.error("parameter", "names of parameters that begin with `aws` or `ssm` are AWS's own");
        }
        if parameter.matches('/').count() > 15 {
            checks.error("parameter", "a parameter's name has at most 15 levels");
        }
    }

    fn check_queue(&self, spec: &Spec, checks: &mut Checks<'_>) {
        // Beside a region that is none, where the queue is means nothing.
        let Some(text) = self.queue_arn.as_ref().filter(|_| spec.env.has_region()) else { return };
        let here = Scope::new("", &spec.env.region);
        let fault = match Arn::parse(text) {
            None => format!("`{text}` is not an ARN"),
            Some(arn) if arn.service != "sqs" => {
                format!("this is the ARN of something in `{}`, not in `sqs`", arn.service)
            }
            Some(arn) if arn.partition != here.partition => {
                format!("the queue is in the partition `{}`", arn.partition)
            }
            Some(arn) if arn.region != here.region => {
                format!(
                    "the queue is in `{}`, the bucket in `{}`: S3 needs both in one region",
                    arn.region, here.region
                )
            }
            Some(arn) if arn.account.is_empty() || !is_queue(arn.resource) => {
                format!("`{text}` is not the ARN of a queue")
            }
            Some(arn) if arn.resource.strip_suffix(".fifo").is_some() => "S3 cannot notify a FIFO queue".to_owned(),
            Some(arn) => {
                if !arn.resource.starts_with("sf-snowpipe-") {
                    let name = arn.resource;
                    checks.warning("queue_arn", format!("Snowflake's queues are called `sf-snowpipe-…`, not `{name}`"));
                }
                return;
            }
        };
        checks.error("queue_arn", fault).help(format!(
            "copy `notification_channel` from `SHOW PIPES`: `arn:{}:sqs:{}:<account>:sf-snowpipe-…`",
            here.partition, here.region
        ));
    }

    fn check_table(&self, checks: &mut Checks<'_>) {
        if identifiers(&self.table).is_none_or(|parts| parts.len() != 3) {
            checks
                .error("table", format!("`{}` is not a table with its database and schema", self.table))
                .help("write it as `DATABASE.SCHEMA.TABLE`, with double quotes around names that need them");
        }
        let names = [
            ("pipe", &self.pipe),
            ("stage", &self.stage),
            ("file_format", &self.file_format),
            ("integration", &self.integration),
        ];
        for (field, name) in names {
            if let Some(name) = name
                && identifiers(name).is_none_or(|parts| parts.len() != 1)
            {
                checks
                    .error(field, format!("`{name}` is not a name in Snowflake"))
                    .help("write one identifier, without database and schema");
            }
        }
    }

    /// What Firehose writes to the same bucket should be what is loaded, and its errors should not.
    fn check_deliveries(&self, spec: &Spec, checks: &mut Checks<'_>) {
        let into = |firehose: &super::firehose::Firehose| firehose.destination == self.bucket;
        for (name, firehose) in spec.blocks.firehose.own().iter().filter(|(_, firehose)| into(firehose)) {
            let errors = firehose.error_prefix.as_deref().unwrap_or(&firehose.prefix);
            if prefix::literal(errors).starts_with(&self.prefix) {
                checks
                    .warning("prefix", format!("Snowpipe would also load what `firehose.{name}` could not deliver"))
                    .help("give that firehose an `error_prefix` outside this prefix");
            }
        }
        let writes = |prefix: &str| prefix.starts_with(&self.prefix) || self.prefix.starts_with(prefix);
        let mut deliveries = spec.blocks.firehose.own().values().filter(|firehose| into(firehose)).peekable();
        if deliveries.peek().is_some() && !deliveries.any(|firehose| writes(prefix::literal(&firehose.prefix))) {
            checks.warning("prefix", format!("nothing that writes to `{}` writes under this prefix", self.bucket));
        }
    }
}

/// Whether this can be the name of a queue.
fn is_queue(name: &str) -> bool {
    let base = name.strip_suffix(".fifo").unwrap_or(name);
    (1..=80).contains(&name.len()) && base.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
}

impl Block for Snowpipe {
    const KIND: &'static str = "snowpipe";
    const METRICS: Metrics = Metrics::None("what loads the objects is in Snowflake");
    const USES: Uses = Uses::None("it is told by the bucket");
    const EXTERNAL: Externals = Externals::Never("it is what Snowflake reads a bucket as, and nothing refers to it");

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        let name = self.aws_name(block, spec);
        match self.access {
            Access::External => Vec::new(),
            Access::Role => vec![Name::new(&names::ROLE, name, "name")],
            Access::User => vec![
                Name::new(&names::USER, name, "name"),
                Name::new(&names::PARAMETER, self.parameter(block, spec), "parameter"),
            ],
        }
    }

    fn check(&self, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        prefix::check_literal("prefix", &self.prefix, checks);
        self.check_access(spec, checks);
        self.check_parameter(block, spec, checks);
        self.check_queue(spec, checks);
        self.check_table(checks);
        if let Some(told) = Notified::snowpipe(block, self) {
            told.check_overlap("prefix", spec, checks);
        }
        self.check_deliveries(spec, checks);
        tags::check(&self.tags, spec, checks);
    }
}

/// Snowflake knows S3 as `s3`, `s3china` and `s3gov`: <https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration>.
fn check_partition(spec: &Spec, checks: &mut Checks<'_>) {
    let partition = Scope::new("", &spec.env.region).partition;
    if !["aws", "aws-cn", "aws-us-gov"].contains(&partition.as_str()) {
        checks
            .warning("", format!("Snowflake documents no way to load from the partition `{partition}`"))
            .help("its storage integrations know S3, S3CHINA and S3GOV: ask Snowflake before you rely on it");
    }
}
