//! What AWS bills by: one name for each price, as the price table and `[prices]` of a spec have it.

/// Makes [`Item`] of a list: name, how many units a price is for, the unit, and what it is.
macro_rules! items {
    ($($item:ident $name:literal $per:literal $unit:literal $doc:literal;)*) => {
        /// Something that AWS has a price for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Item {
            $(#[doc = $doc] $item),*
        }

        impl Item {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$item),*];

            /// Service and price: `kinesis.shard_hour`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$item => $name),* }
            }

            /// How many units its price is for.
            pub const fn per(self) -> u32 {
                match self { $(Self::$item => $per),* }
            }

            /// What it is counted in: `shard-hour`.
            pub const fn unit(self) -> &'static str {
                match self { $(Self::$item => $unit),* }
            }

            /// What it is, in a few words.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$item => $doc),* }
            }
        }
    };
}

items! {
    KinesisShardHour "kinesis.shard_hour" 1 "shard-hour" "a shard, an hour";
    KinesisPutUnits "kinesis.put_units_million" 1_000_000 "unit" "a million PUT payload units";
    KinesisExtendedShardHour "kinesis.extended_shard_hour" 1 "shard-hour" "a shard that keeps records for more than 24 hours, an hour, on top";
    KinesisLongTerm "kinesis.long_term_gb_month" 1 "GB-month" "a GB kept for more than seven days, a month";
    KinesisStreamHour "kinesis.stream_hour" 1 "hour" "an on-demand stream, an hour";
    KinesisIn "kinesis.in_gb" 1 "GB" "a GB written to an on-demand stream";
    KinesisOut "kinesis.out_gb" 1 "GB" "a GB read from an on-demand stream";
    KinesisExtended "kinesis.extended_gb_month" 1 "GB-month" "a GB that an on-demand stream keeps from 24 hours to seven days, a month";
    FirehoseIn "firehose.in_gb" 1 "GB" "a GB that Firehose reads from a stream, or that is put into it";
    FirehosePartitioned "firehose.partitioned_gb" 1 "GB" "a GB that it sorts into partitions, on top";
    FirehoseObjects "firehose.partitioned_thousand_objects" 1_000 "object" "a thousand objects of partitions, on top";
    S3Put "s3.put_thousand" 1_000 "request" "a thousand objects written";
    S3Standard "s3.standard_gb_month" 1 "GB-month" "a GB in the class STANDARD, a month";
    S3StandardIa "s3.standard_ia_gb_month" 1 "GB-month" "a GB in STANDARD_IA, a month";
    S3ToStandardIa "s3.standard_ia_transition_thousand" 1_000 "object" "a thousand objects moved to STANDARD_IA";
    S3OnezoneIa "s3.onezone_ia_gb_month" 1 "GB-month" "a GB in ONEZONE_IA, a month";
    S3ToOnezoneIa "s3.onezone_ia_transition_thousand" 1_000 "object" "a thousand objects moved to ONEZONE_IA";
    S3IntelligentTiering "s3.intelligent_tiering_gb_month" 1 "GB-month" "a GB in INTELLIGENT_TIERING that is used, a month";
    S3ToIntelligentTiering "s3.intelligent_tiering_transition_thousand" 1_000 "object" "a thousand objects moved to INTELLIGENT_TIERING";
    S3GlacierIr "s3.glacier_ir_gb_month" 1 "GB-month" "a GB in GLACIER_IR, a month";
    S3ToGlacierIr "s3.glacier_ir_transition_thousand" 1_000 "object" "a thousand objects moved to GLACIER_IR";
    S3Glacier "s3.glacier_gb_month" 1 "GB-month" "a GB in GLACIER, a month";
    S3ToGlacier "s3.glacier_transition_thousand" 1_000 "object" "a thousand objects moved to GLACIER";
    S3DeepArchive "s3.deep_archive_gb_month" 1 "GB-month" "a GB in DEEP_ARCHIVE, a month";
    S3ToDeepArchive "s3.deep_archive_transition_thousand" 1_000 "object" "a thousand objects moved to DEEP_ARCHIVE";
    CloudWatchAlarmMetric "cloudwatch.alarm_metric" 1 "metric" "a metric that an alarm looks at, a month";
    CloudWatchDashboard "cloudwatch.dashboard" 1 "dashboard" "a dashboard, a month";
    CloudWatchMetric "cloudwatch.metric" 1 "metric" "a metric of one's own, or of a single shard, a month";
    KmsRequests "kms.requests_ten_thousand" 10_000 "request" "ten thousand requests to KMS";
    LambdaRequests "lambda.requests_million" 1_000_000 "call" "a million calls of functions";
    LambdaX86 "lambda.x86_gb_second" 1 "GB-second" "a GB of memory of a function on x86_64, a second";
    LambdaArm "lambda.arm_gb_second" 1 "GB-second" "a GB of memory of a function on arm64, a second";
    DynamoDbWrites "dynamodb.write_units_million" 1_000_000 "unit" "a million write request units of an on-demand table";
    DynamoDbReads "dynamodb.read_units_million" 1_000_000 "unit" "a million read request units of an on-demand table";
    DynamoDbWriteCapacity "dynamodb.write_capacity_hour" 1 "WCU-hour" "a provisioned write capacity unit, an hour";
    DynamoDbReadCapacity "dynamodb.read_capacity_hour" 1 "RCU-hour" "a provisioned read capacity unit, an hour";
    DynamoDbStorage "dynamodb.storage_gb_month" 1 "GB-month" "a GB in a table, a month";
    DynamoDbRecovery "dynamodb.recovery_gb_month" 1 "GB-month" "a GB of a table with point-in-time recovery, a month, on top";
    ApiRequests "apigateway.requests_million" 1_000_000 "request" "a million requests to a REST API";
    SqsRequests "sqs.requests_million" 1_000_000 "request" "a million requests to standard queues";
    SqsFifoRequests "sqs.fifo_requests_million" 1_000_000 "request" "a million requests to FIFO queues";
    SnsPublishes "sns.publishes_million" 1_000_000 "message" "a million messages published to topics";
    SnsMails "sns.mails_hundred_thousand" 100_000 "mail" "a hundred thousand mails";
    SecretMonth "secretsmanager.secret_month" 1 "secret" "a secret, a month";
    LogsIngested "logs.ingested_gb" 1 "GB" "a GB that is logged";
    LogsStored "logs.stored_gb_month" 1 "GB-month" "a GB of logs that is kept, a month";
    XRayTraces "xray.traces_million" 1_000_000 "trace" "a million traces recorded";
    AthenaScanned "athena.scanned_tb" 1 "TB" "a TB that queries of Athena scan";
}

impl Item {
    /// That of a name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|item| item.name() == name)
    }

    /// The service that bills it: `kinesis`.
    pub fn service(self) -> &'static str {
        self.name().split_once('.').map_or(self.name(), |(service, _)| service)
    }

    /// A GB in a storage class of S3's, and a thousand objects moved there, by S3's name for the class; absent where S3 has
    /// no such class that objects are moved to.
    pub fn of_storage_class(class: &str) -> Option<(Self, Self)> {
        let name = class.to_lowercase();
        Some((Self::named(&format!("s3.{name}_gb_month"))?, Self::named(&format!("s3.{name}_transition_thousand"))?))
    }
}
