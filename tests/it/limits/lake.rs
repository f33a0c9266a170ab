//! The fields of a data lake: of catalogs, datasets, crawlers and jobs, and of the firehoses that convert for them.

use super::rows::{LOG_DAYS, ROLE, Row, What, choice, number, row, text};

const COLUMN: &[&str] = &["glue:Column.Name"];
const TABLE: &[&str] = &["glue:TableInput.Name", "AWS::Glue::Table#TableInput.Name"];
const LOWER: &[(&str, i64, &str)] = &[(
    "characters",
    0,
    "what Athena takes without quotes: lower-case letters, digits and `_`, by its user guide (November 2026)",
)];

/// A type of so many characters, as Hive writes it; the shortest has 13.
fn hive(length: usize) -> String {
    format!("struct<{}:int>", "a".repeat(length.saturating_sub("struct<:int>".len())))
}

/// As of November 2026, botocore 1.44.8 and cfn-lint 1.58.0.
pub(super) const ROWS: &[Row] = &[
    text("catalog.name", "catalog.g.name", &["glue:DatabaseInput.Name", "AWS::Glue::Database#DatabaseInput.Name"])
        .own(LOWER),
    text(
        "catalog.description",
        "catalog.g.description",
        &["glue:DatabaseInput.Description", "AWS::Glue::Database#DatabaseInput.Description"],
    ),
    text("crawler.name", "crawler.l.name", &["glue:CreateCrawlerRequest.Name", "AWS::Glue::Crawler#Name"])
        .with(&["crawler.l.role_name=r"])
        .own(&[("characters", 0, "its ARN stands in policies")]),
    text(
        "crawler.description",
        "crawler.l.description",
        &["glue:CreateCrawlerRequest.Description", "AWS::Glue::Crawler#Description"],
    ),
    text(
        "crawler.table_prefix",
        "crawler.l.table_prefix",
        &["glue:CreateCrawlerRequest.TablePrefix", "AWS::Glue::Crawler#TablePrefix"],
    )
    .own(LOWER),
    text("crawler.role_name", "crawler.l.role_name", ROLE),
    text("dataset.name", "dataset.d.name", TABLE).own(LOWER),
    text(
        "dataset.description",
        "dataset.d.description",
        &["glue:TableInput.Description", "AWS::Glue::Table#TableInput.Description"],
    ),
    text("dataset.columns[].name", "dataset.d.columns", COLUMN)
        .within("[{ name = VALUE, type = \"string\" }]")
        .own(LOWER),
    row("dataset.columns[].type", "dataset.d.columns", What::Text(hive), &["glue:Column.Type"])
        .within("[{ name = \"id\", type = VALUE }]")
        .own(&[("characters", 0, "they are those of Hive's types: src/spec/hive.rs")]),
    text("dataset.columns[].comment", "dataset.d.columns", &["glue:Column.Comment"])
        .within("[{ name = \"id\", type = \"string\", comment = VALUE }]"),
    text("dataset.partitions[].name", "dataset.d.partitions", COLUMN).within("[{ name = VALUE }]").own(LOWER),
    choice("firehose.convert.compression", &["firehose:ParquetSerDe.Compression", "firehose:OrcSerDe.Compression"])
        .own(&[
            ("none", 0, "UNCOMPRESSED of Parquet in the API, NONE of ORC"),
            ("uncompressed", 0, "`none` in a spec"),
            ("gzip", 0, "ZLIB of ORC in the API"),
            ("zlib", 0, "`gzip` in a spec"),
        ]),
    text("firehose.backup.prefix", "firehose.f.backup", &["firehose:S3DestinationConfiguration.Prefix"])
        .within("{ bucket = \"bucket.b\", prefix = VALUE }"),
    text(
        "firehose.backup.error_prefix",
        "firehose.f.backup",
        &["firehose:S3DestinationConfiguration.ErrorOutputPrefix"],
    )
    .within("{ bucket = \"bucket.b\", error_prefix = VALUE }"),
    number("firehose.backup.buffering.size_mib", "firehose.f.backup", &["firehose:BufferingHints.SizeInMBs"])
        .within("{ bucket = \"bucket.b\", buffering = { size_mib = VALUE } }"),
    number(
        "firehose.backup.buffering.interval_seconds",
        "firehose.f.backup",
        &["firehose:BufferingHints.IntervalInSeconds"],
    )
    .within("{ bucket = \"bucket.b\", buffering = { interval_seconds = VALUE } }"),
    choice("firehose.backup.compression", &["firehose:S3DestinationConfiguration.CompressionFormat"])
        .own(&[("none", 0, "UNCOMPRESSED of the API"), ("uncompressed", 0, "`none` in a spec")]),
    text("job.name", "job.j.name", &["glue:CreateJobRequest.Name", "AWS::Glue::Job#Name"])
        .with(&["job.j.role_name=r"])
        .own(&[("characters", 0, "its objects and its log group are named after it, and stand in policies")]),
    text("job.description", "job.j.description", &["glue:CreateJobRequest.Description", "AWS::Glue::Job#Description"]),
    choice("job.worker", &["glue:CreateJobRequest.WorkerType", "AWS::Glue::Job#WorkerType"]).own(&[
        ("Standard", 0, "of Glue 1.0 and earlier alone"),
        ("G.025X", 0, "for jobs on streams alone, which pipectl does not make"),
        ("Z.2X", 0, "for jobs of Ray alone, which pipectl does not make"),
    ]),
    number("job.workers", "job.j.workers", &["AWS::Glue::Job#NumberOfWorkers"]).own(&[
        ("min", 2, "Spark has a driver, and a worker besides, by Glue's developer guide (November 2026)"),
        ("max", 299, "of G.1X, by Glue's API reference (November 2026); of larger ones an account has fewer"),
    ]),
    number(
        "job.timeout_minutes",
        "job.j.timeout_minutes",
        &["glue:CreateJobRequest.Timeout", "AWS::Glue::Job#Timeout"],
    )
    .own(&[("max", 10_080, "seven days, by the text of CreateJob's model; it has no number (November 2026)")]),
    text(
        "job.security_configuration",
        "job.j.security_configuration",
        &["glue:CreateJobRequest.SecurityConfiguration", "AWS::Glue::Job#SecurityConfiguration"],
    ),
    text("registry.name", "registry.v.name", &["glue:CreateRegistryInput.RegistryName", "AWS::Glue::Registry#Name"]),
    text(
        "registry.description",
        "registry.v.description",
        &["glue:CreateRegistryInput.Description", "AWS::Glue::Registry#Description"],
    ),
    choice("registry.schemas.*.format", &["glue:CreateSchemaInput.DataFormat", "AWS::Glue::Schema#DataFormat"]),
    choice(
        "registry.schemas.*.compatibility",
        &["glue:CreateSchemaInput.Compatibility", "AWS::Glue::Schema#Compatibility"],
    ),
    text(
        "registry.schemas.*.description",
        "registry.v.schemas.one.description",
        &["glue:CreateSchemaInput.Description", "AWS::Glue::Schema#Description"],
    ),
    text("job.role_name", "job.j.role_name", ROLE),
    row("job.log_retention_days", "job.j.log_retention_days", What::Listed, LOG_DAYS),
    text("workflow.name", "workflow.n.name", &["glue:CreateWorkflowRequest.Name", "AWS::Glue::Workflow#Name"])
        .own(&[("characters", 0, "its name stands in policies")]),
    text("workflow.description", "workflow.n.description", &["glue:CreateWorkflowRequest.Description"]),
];
