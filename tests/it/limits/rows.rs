//! Which member of AWS's a field is: where its limits are read, how it is tried, and what pipectl does otherwise, with the reason.

/// How a limit is tried.
pub(super) enum What {
    /// A number, just inside and just outside.
    Number,
    /// A text of so many characters, and each character in it that AWS takes or refuses.
    Text(fn(usize) -> String),
    /// One of several words, which are alike but for their spelling.
    Choice,
    /// One of several numbers.
    Listed,
}

/// A field.
pub(super) struct Row {
    /// Its path: `[]` stands for an item, `*` for an entry.
    pub(super) field: &'static str,
    /// Where it stands in the spec that it is tried in; empty: at its path.
    pub(super) at: &'static str,
    /// Its members: `service:Shape.member` of botocore, `Type#Property` of CloudFormation.
    pub(super) sources: &'static [&'static str],
    pub(super) what: What,
    /// How many of AWS's units are one of the field's.
    pub(super) scale: i64,
    /// What has to be set besides.
    pub(super) with: &'static [&'static str],
    /// What the value stands in.
    pub(super) wrap: &'static str,
    /// Bounds (`min`, `max`, `doubtful`), `characters` and choices in which pipectl differs from the models, and why.
    pub(super) own: &'static [(&'static str, i64, &'static str)],
}

pub(super) const fn row(field: &'static str, at: &'static str, what: What, sources: &'static [&'static str]) -> Row {
    Row { field, at, sources, what, scale: 1, with: &[], wrap: "VALUE", own: &[] }
}

impl Row {
    pub(super) const fn scale(self, scale: i64) -> Self {
        Self { scale, ..self }
    }

    pub(super) const fn with(self, with: &'static [&'static str]) -> Self {
        Self { with, ..self }
    }

    pub(super) const fn within(self, wrap: &'static str) -> Self {
        Self { wrap, ..self }
    }

    pub(super) const fn own(self, own: &'static [(&'static str, i64, &'static str)]) -> Self {
        Self { own, ..self }
    }
}

fn plain(length: usize) -> String {
    "a".repeat(length)
}

fn extension(length: usize) -> String {
    if length == 0 { String::new() } else { format!(".{}", "a".repeat(length - 1)) }
}

pub(super) const fn number(field: &'static str, at: &'static str, sources: &'static [&'static str]) -> Row {
    row(field, at, What::Number, sources)
}

pub(super) const fn text(field: &'static str, at: &'static str, sources: &'static [&'static str]) -> Row {
    row(field, at, What::Text(plain), sources)
}

pub(super) const fn choice(field: &'static str, sources: &'static [&'static str]) -> Row {
    row(field, "", What::Choice, sources)
}

const NOT_MADE: &str = "pipectl has no setting for what it would take";
pub(super) const ROLE: &[&str] = &["iam:CreateRoleRequest.RoleName", "AWS::IAM::Role#RoleName"];
const WORKGROUP: &[&str] = &["athena:CreateWorkGroupInput.Name", "AWS::Athena::WorkGroup#Name"];
pub(super) const LOG_DAYS: &[&str] = &["AWS::Logs::LogGroup#RetentionInDays"];
const KEY: &[&str] = &["dynamodb:KeySchemaElement.AttributeName", "dynamodb:AttributeDefinition.AttributeName"];
const CLASSES: &[&str] = &["s3:Transition.StorageClass"];
const TYPES: &[&str] = &["dynamodb:AttributeDefinition.AttributeType"];
const PROJECTIONS: &[&str] = &["dynamodb:Projection.ProjectionType"];
const UNITS: &[&str] = &["dynamodb:ProvisionedThroughput.ReadCapacityUnits"];
const ONE_LETTER: &[(&str, i64, &str)] = &[
    ("S", 0, "`string` in a spec"),
    ("N", 0, "`number` in a spec"),
    ("B", 0, "`binary` in a spec"),
    ("string", 0, "S of the API"),
    ("number", 0, "N of the API"),
    ("binary", 0, "B of the API"),
];
const TABLE_UNITS: &[(&str, i64, &str)] =
    &[("max", 40_000, "the default quota of a table (Service Quotas, November 2026)")];

/// As of November 2026, botocore 1.44.8 and cfn-lint 1.58.0.
pub(super) const ROWS: &[Row] = &[
    text("stream.name", "stream.s.name", &["kinesis:CreateStreamInput.StreamName", "AWS::Kinesis::Stream#Name"]),
    choice("stream.mode", &["kinesis:StreamModeDetails.StreamMode"]),
    number(
        "stream.shards",
        "stream.s.shards",
        &["kinesis:CreateStreamInput.ShardCount", "AWS::Kinesis::Stream#ShardCount"],
    )
    .own(&[("max", 10_000, "UpdateShardCount takes 10,000 at most, by its API reference (November 2026)")]),
    number("stream.retention_hours", "stream.s.retention_hours", &["AWS::Kinesis::Stream#RetentionPeriodHours"])
        .own(&[("min", 24, "IncreaseStreamRetentionPeriod: at least 24, by its API reference (November 2026)")]),
    choice("stream.shard_metrics[]", &["kinesis:EnableEnhancedMonitoringInput.ShardLevelMetrics.[]"]).own(&[(
        "ALL",
        0,
        "each is named, so that AWS's list and the spec's can be compared",
    )]),
    number(
        "stream.max_record_kib",
        "stream.s.max_record_kib",
        &["kinesis:CreateStreamInput.MaxRecordSizeInKiB", "AWS::Kinesis::Stream#MaxRecordSizeInKiB"],
    ),
    text("bucket.name", "bucket.b.name", &["AWS::S3::Bucket#BucketName"]).own(&[(
        "min",
        3,
        "S3's rules for the names of buckets, in its user guide (November 2026)",
    )]),
    choice("bucket.transitions[].class", CLASSES),
    choice("bucket.lifecycle[].transitions[].class", CLASSES),
    choice(
        "bucket.transition_minimum",
        &["s3:PutBucketLifecycleConfigurationRequest.TransitionDefaultMinimumObjectSize"],
    ),
    text("bucket.lifecycle[].id", "bucket.rules.lifecycle", &["AWS::S3::Bucket#LifecycleConfiguration.Rules.[].Id"])
        .within("[{ id = VALUE, expire_days = 9 }]")
        .own(&[("min", 1, "an empty one is made up by S3, and would never be found again")]),
    text(
        "firehose.name",
        "firehose.f.name",
        &[
            "firehose:CreateDeliveryStreamInput.DeliveryStreamName",
            "AWS::KinesisFirehose::DeliveryStream#DeliveryStreamName",
        ],
    )
    .with(&["firehose.f.role_name=r"]),
    text("firehose.prefix", "firehose.f.prefix", &["firehose:ExtendedS3DestinationConfiguration.Prefix"]),
    text(
        "firehose.error_prefix",
        "firehose.f.error_prefix",
        &["firehose:ExtendedS3DestinationConfiguration.ErrorOutputPrefix"],
    ),
    number("firehose.buffering.size_mib", "firehose.f.buffering.size_mib", &["firehose:BufferingHints.SizeInMBs"]),
    number(
        "firehose.buffering.interval_seconds",
        "firehose.f.buffering.interval_seconds",
        &["firehose:BufferingHints.IntervalInSeconds"],
    ),
    choice("firehose.compression", &["firehose:ExtendedS3DestinationConfiguration.CompressionFormat"])
        .own(&[("none", 0, "UNCOMPRESSED of the API"), ("uncompressed", 0, "`none` in a spec")]),
    row(
        "firehose.file_extension",
        "firehose.f.file_extension",
        What::Text(extension),
        &["firehose:ExtendedS3DestinationConfiguration.FileExtension"],
    )
    .own(&[("characters", 0, "they are tried behind a dot: see the pattern of the field")]),
    number(
        "firehose.dynamic_partitioning.retry_seconds",
        "firehose.f.dynamic_partitioning",
        &["firehose:RetryOptions.DurationInSeconds"],
    )
    .with(&["firehose.f.prefix=\"!{partitionKeyFromQuery:k}/\"", "firehose.f.buffering.size_mib=64"])
    .within("{ keys = { k = \".k\" }, retry_seconds = VALUE }"),
    text("firehose.role_name", "firehose.f.role_name", ROLE),
    text("firehose.log_stream", "firehose.f.log_stream", &["logs:CreateLogStreamRequest.logStreamName"]).own(&[(
        "characters",
        0,
        "`?` and `$` would be patterns in the policy of its role",
    )]),
    row("firehose.log_retention_days", "firehose.f.log_retention_days", What::Listed, LOG_DAYS),
    text("snowpipe.name", "snowpipe.p.name", ROLE),
    text(
        "table.name",
        "table.t.name",
        // Names of tables can be ARNs in the API; an index is named as a table was before that.
        &["dynamodb:GlobalSecondaryIndex.IndexName"],
    ),
    text("table.partition_key.name", "table.t.partition_key.name", KEY),
    text("table.sort_key.name", "table.t.sort_key.name", KEY),
    text("table.global_indexes.*.partition_key.name", "table.t.global_indexes.byx.partition_key.name", KEY),
    text("table.global_indexes.*.sort_key.name", "table.t.global_indexes.byx.sort_key.name", KEY)
        .with(&["table.t.global_indexes.byx.partition_key.name=k"]),
    text("table.local_indexes.*.sort_key.name", "table.t.local_indexes.byx.sort_key.name", KEY)
        .with(&["table.t.sort_key.name=k"]),
    choice("table.partition_key.type", TYPES).own(ONE_LETTER),
    choice("table.sort_key.type", TYPES).own(ONE_LETTER),
    choice("table.global_indexes.*.partition_key.type", TYPES).own(ONE_LETTER),
    choice("table.global_indexes.*.sort_key.type", TYPES).own(ONE_LETTER),
    choice("table.local_indexes.*.sort_key.type", TYPES).own(ONE_LETTER),
    choice("table.global_indexes.*.projection", PROJECTIONS),
    choice("table.local_indexes.*.projection", PROJECTIONS),
    choice("table.stream", &["dynamodb:StreamSpecification.StreamViewType"]),
    number("table.capacity.read", "table.t.capacity", UNITS).within("{ read = VALUE, write = 1 }").own(TABLE_UNITS),
    number("table.capacity.write", "table.t.capacity", UNITS).within("{ read = 1, write = VALUE }").own(TABLE_UNITS),
    number("table.global_indexes.*.capacity.read", "table.t.global_indexes.byx.capacity", UNITS)
        .with(&["table.t.global_indexes.byx.partition_key.name=k", "table.t.capacity={ read = 1, write = 1 }"])
        .within("{ read = VALUE, write = 1 }")
        .own(TABLE_UNITS),
    number("table.global_indexes.*.capacity.write", "table.t.global_indexes.byx.capacity", UNITS)
        .with(&["table.t.global_indexes.byx.partition_key.name=k", "table.t.capacity={ read = 1, write = 1 }"])
        .within("{ read = 1, write = VALUE }")
        .own(TABLE_UNITS),
    text("table.ttl", "table.t.ttl", &["dynamodb:TimeToLiveSpecification.AttributeName"]),
    number(
        "table.recovery_days",
        "table.t.recovery_days",
        &[
            "dynamodb:PointInTimeRecoverySpecification.RecoveryPeriodInDays",
            "AWS::DynamoDB::Table#PointInTimeRecoverySpecification.RecoveryPeriodInDays",
        ],
    ),
    text("function.name", "function.r.name", &["AWS::Lambda::Function#FunctionName"])
        .with(&["function.r.role_name=r"])
        .own(&[("max", 64, "the pattern of the name says so, beside ARNs, which are no names of new functions")]),
    text(
        "function.description",
        "function.r.description",
        &["lambda:CreateFunctionRequest.Description", "AWS::Lambda::Function#Description"],
    ),
    text(
        "function.handler",
        "function.r.handler",
        &["lambda:CreateFunctionRequest.Handler", "AWS::Lambda::Function#Handler"],
    )
    .own(&[("min", 1, "the API takes none for images alone, which say themselves what is run")]),
    number(
        "function.memory_mb",
        "function.r.memory_mb",
        &["lambda:CreateFunctionRequest.MemorySize", "AWS::Lambda::Function#MemorySize"],
    )
    .own(&[("doubtful", 10_240, "Lambda's developer guide: more on managed instances only (November 2026)")]),
    number(
        "function.timeout_seconds",
        "function.r.timeout_seconds",
        &["lambda:CreateFunctionRequest.Timeout", "AWS::Lambda::Function#Timeout"],
    )
    .own(&[("doubtful", 900, "Lambda's developer guide: more on managed instances only (November 2026)")]),
    choice("function.architecture", &["lambda:CreateFunctionRequest.Architectures.[]"]),
    number(
        "function.reserved_concurrency",
        "function.r.reserved_concurrency",
        &[
            "lambda:PutFunctionConcurrencyRequest.ReservedConcurrentExecutions",
            "AWS::Lambda::Function#ReservedConcurrentExecutions",
        ],
    )
    .own(&[("max", 100_000, "no account has more: a slip of the finger")]),
    text("function.role_name", "function.r.role_name", ROLE),
    row("function.log_retention_days", "function.r.log_retention_days", What::Listed, LOG_DAYS),
    number(
        "function.source.batch_size",
        "function.r.source.batch_size",
        &["lambda:CreateEventSourceMappingRequest.BatchSize"],
    ),
    number(
        "function.source.window_seconds",
        "function.r.source.window_seconds",
        &["lambda:CreateEventSourceMappingRequest.MaximumBatchingWindowInSeconds"],
    ),
    number(
        "function.source.max_concurrency",
        "function.q.source.max_concurrency",
        &["lambda:ScalingConfig.MaximumConcurrency"],
    ),
    number(
        "function.source.parallelization",
        "function.r.source.parallelization",
        &["lambda:CreateEventSourceMappingRequest.ParallelizationFactor"],
    ),
    number(
        "function.source.retries",
        "function.r.source.retries",
        &["lambda:CreateEventSourceMappingRequest.MaximumRetryAttempts"],
    )
    .own(&[("min", 0, "-1 of the API, for ever, is what leaving it out means")]),
    number(
        "function.source.max_age_seconds",
        "function.r.source.max_age_seconds",
        &["lambda:CreateEventSourceMappingRequest.MaximumRecordAgeInSeconds"],
    )
    .own(&[("min", 60, "the API reference: -1, which leaving it out means, or 60 and more (November 2026)")]),
    number(
        "function.source.tumbling_window_seconds",
        "function.r.source.tumbling_window_seconds",
        &["lambda:CreateEventSourceMappingRequest.TumblingWindowInSeconds"],
    )
    .own(&[("min", 1, "0 of the API, none, is what leaving it out means")]),
    choice("function.source.starting_position", &["lambda:CreateEventSourceMappingRequest.StartingPosition"]).own(&[(
        "AT_TIMESTAMP",
        0,
        NOT_MADE,
    )]),
    number("api.timeout_ms", "api.a.timeout_ms", &["AWS::ApiGateway::Method#Integration.TimeoutInMillis"]).own(&[(
        "max",
        29_000,
        "the default quota; a Regional API of an account with a higher one could take more (November 2026)",
    )]),
    number("api.key.quota.limit", "api.a.key.quota.limit", &["AWS::ApiGateway::UsagePlan#Quota.Limit"]).own(&[
        ("min", 1, "a quota of nothing: leave the key out"),
        ("max", 2_147_483_647, "an integer of the API has 32 bits"),
    ]),
    number("api.key.quota.offset", "api.a.key.quota.offset", &["AWS::ApiGateway::UsagePlan#Quota.Offset"])
        .with(&["api.a.key.quota.limit=2147483647"])
        .own(&[("max", 2_147_483_646, "an integer of the API has 32 bits, and the limit is more")]),
    choice("api.key.quota.per", &["apigateway:QuotaSettings.period"]),
    text("api.role_name", "api.a.role_name", ROLE).with(&["api.a.routes={ \"POST /a\" = \"queue.q\" }"]),
    row("api.log_retention_days", "api.a.log_retention_days", What::Listed, LOG_DAYS),
    number(
        "queue.visibility_timeout_seconds",
        "queue.e.visibility_timeout_seconds",
        &["AWS::SQS::Queue#VisibilityTimeout"],
    ),
    number("queue.retention_seconds", "queue.e.retention_seconds", &["AWS::SQS::Queue#MessageRetentionPeriod"]),
    number("queue.delay_seconds", "queue.e.delay_seconds", &["AWS::SQS::Queue#DelaySeconds"]),
    number(
        "queue.receive_wait_seconds",
        "queue.e.receive_wait_seconds",
        &["AWS::SQS::Queue#ReceiveMessageWaitTimeSeconds"],
    ),
    number("queue.max_message_kib", "queue.e.max_message_kib", &["AWS::SQS::Queue#MaximumMessageSize"]).scale(1024),
    number("queue.kms_reuse_seconds", "queue.e.kms_reuse_seconds", &["AWS::SQS::Queue#KmsDataKeyReusePeriodSeconds"]),
    text("schedule.name", "schedule.c.name", &["events:PutRuleRequest.Name", "AWS::Events::Rule#Name"]),
    text(
        "schedule.description",
        "schedule.c.description",
        &["events:PutRuleRequest.Description", "AWS::Events::Rule#Description"],
    ),
    text(
        "secret.name",
        "secret.x.name",
        &["secretsmanager:CreateSecretRequest.Name", "AWS::SecretsManager::Secret#Name"],
    )
    .own(&[("min", 1, "a secret has a name")]),
    text("secret.description", "secret.x.description", &["secretsmanager:CreateSecretRequest.Description"]),
    number(
        "secret.generate.length",
        "secret.x.generate.length",
        &["secretsmanager:GetRandomPasswordRequest.PasswordLength"],
    )
    .own(&[("min", 8, "fewer characters can be guessed")]),
    text("athena.name", "athena.w.name", WORKGROUP).own(&[("min", 1, "a workgroup has a name")]),
    text("athena.description", "athena.w.description", &["athena:CreateWorkGroupInput.Description"]),
    text("athena.engine", "athena.w.engine", &["athena:EngineVersion.SelectedEngineVersion"]),
    number(
        "athena.scan_limit_mib",
        "athena.w.scan_limit_mib",
        &["athena:WorkGroupConfiguration.BytesScannedCutoffPerQuery"],
    )
    .scale(1024 * 1024)
    .own(&[("max", 1_000_000_000, "more than anybody has in S3: a slip of the finger")]),
    text("athena.queries.*.sql", "athena.w.queries.one.sql", &["athena:CreateNamedQueryInput.QueryString"]),
    text(
        "athena.queries.*.description",
        "athena.w.queries.one.description",
        &["athena:CreateNamedQueryInput.Description"],
    )
    .own(&[("min", 0, "an empty one is not sent")]),
    text(
        "athena.statements.*.sql",
        "athena.w.statements.one.sql",
        &["athena:CreatePreparedStatementInput.QueryStatement"],
    ),
    text(
        "athena.statements.*.description",
        "athena.w.statements.one.description",
        &["athena:CreatePreparedStatementInput.Description"],
    )
    .own(&[("min", 0, "an empty one is not sent")]),
    text("publish.description", "publish.p.description", &["ssm:PutParameterRequest.Description"]),
    text("topic.name", "topic.n.name", &["AWS::SNS::Topic#TopicName"]).own(&[(
        "min",
        1,
        "CreateTopic's API reference: 1 to 256 letters, digits, `_` and `-` (November 2026)",
    )]),
    text(
        "alarm.name",
        "alarm.m.name",
        &["cloudwatch:PutMetricAlarmInput.AlarmName", "AWS::CloudWatch::Alarm#AlarmName"],
    )
    .own(&[("min", 1, "CloudFormation makes a name up where there is none")]),
    text("alarm.description", "alarm.m.description", &["cloudwatch:PutMetricAlarmInput.AlarmDescription"]),
    choice("alarm.missing_data", &["AWS::CloudWatch::Alarm#TreatMissingData"]),
    number("alarm.periods", "alarm.m.periods", &["cloudwatch:PutMetricAlarmInput.EvaluationPeriods"])
        .with(&["alarm.m.period=60", "alarm.m.datapoints=1"])
        .own(&[("max", 1440, "periods of a minute in a day, by PutMetricAlarm's API reference (November 2026)")]),
    number("alarm.datapoints", "alarm.m.datapoints", &["cloudwatch:PutMetricAlarmInput.DatapointsToAlarm"])
        .with(&["alarm.m.periods=9"])
        .own(&[("max", 9, "no more can breach than are looked at")]),
];
