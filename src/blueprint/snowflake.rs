//! The statements that set up Snowflake's side of a snowpipe.

use std::fmt::Write as _;

use super::resolved;
use crate::model::scope::Scope;
use crate::spec::blocks::snowpipe::{Access, Snowpipe};
use crate::spec::snowflake::identifiers;
use crate::spec::{Block as _, Spec};

/// The SQL that sets up Snowflake's side of a snowpipe block: what it reads as, the file format, the stage, the pipe,
/// and how to ask for what the spec still lacks. Each statement may be run again. No secret is in it: where one
/// belongs, the SSM parameter that keeps it is named.
pub fn sql(spec: &Spec, scope: &Scope, block: &str, snowpipe: &Snowpipe) -> String {
    let names = Names::of(spec, block, snowpipe);
    let url = format!("{}://{}/{}", scheme(scope), resolved::of(&snowpipe.bucket, spec, scope).name, snowpipe.prefix);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "-- Snowflake's side of snowpipe.{block} in {} of {}.\n-- The table {} must exist; columns are matched by name.\n",
        spec.env.name, spec.project.name, names.table
    );
    let access = match snowpipe.access {
        Access::Role => {
            text += &integration(&names, &url, spec, scope, block, snowpipe);
            format!("STORAGE_INTEGRATION = {}", names.integration)
        }
        Access::User => {
            let parameter = snowpipe.parameter(block, spec);
            let _ = writeln!(text, "-- The access key is in the SSM parameter {parameter}; show it with");
            let _ = writeln!(
                text,
                "--   aws ssm get-parameter --region {} --with-decryption --name {parameter}",
                scope.region
            );
            CREDENTIALS.to_owned()
        }
        Access::External => {
            text += "-- Snowflake reads as an identity that pipectl does not manage: put in that one's key, or its\n\
                     -- STORAGE_INTEGRATION instead of CREDENTIALS.\n";
            CREDENTIALS.to_owned()
        }
    };
    text += &loading(&names, &url, &access, snowpipe);
    text
}

/// The access of a stage that reads with an access key.
const CREDENTIALS: &str = "CREDENTIALS = (AWS_KEY_ID = '<access_key_id>' AWS_SECRET_KEY = '<secret_access_key>')";

/// Names of Snowflake's objects, quoted, with database and schema where they have one.
struct Names {
    table: String,
    format: String,
    stage: String,
    pipe: String,
    /// The pipe's own name and its schema, for SHOW PIPES.
    plain_pipe: String,
    schema: String,
    integration: String,
}

impl Names {
    fn of(spec: &Spec, block: &str, snowpipe: &Snowpipe) -> Self {
        let table = identifiers(&snowpipe.table).unwrap_or_default();
        let (schema, own) = table.split_at(table.len().saturating_sub(1));
        let schema = schema.join(".");
        let own = own.first().map(|own| bare(own)).unwrap_or_default();
        let one = |given: &Option<String>, default: String| {
            given.as_deref().and_then(identifiers).map_or_else(|| quoted(&default), |parts| parts.concat())
        };
        let pipe = one(&snowpipe.pipe, format!("{own}_PIPE"));
        let integration =
            format!("{}_{}_{block}", spec.project.name, spec.env.name).replace('-', "_").to_ascii_uppercase();
        Self {
            format: format!("{schema}.{}", one(&snowpipe.file_format, format!("{own}_FORMAT"))),
            stage: format!("{schema}.{}", one(&snowpipe.stage, format!("{own}_STAGE"))),
            plain_pipe: bare(&pipe),
            pipe: format!("{schema}.{pipe}"),
            integration: one(&snowpipe.integration, integration),
            table: table.join("."),
            schema,
        }
    }
}

fn integration(names: &Names, url: &str, spec: &Spec, scope: &Scope, block: &str, snowpipe: &Snowpipe) -> String {
    let role = scope.global_arn("iam", &format!("role/{}", snowpipe.aws_name(block, spec)));
    let Names { integration, .. } = names;
    let provider = scheme(scope).to_ascii_uppercase();
    let (role, url) = (literal(&role), literal(url));
    let mut text = format!(
        "CREATE STORAGE INTEGRATION IF NOT EXISTS {integration}\n  TYPE = EXTERNAL_STAGE\n  STORAGE_PROVIDER = '{provider}'\n  \
         ENABLED = TRUE\n  STORAGE_AWS_ROLE_ARN = {role}\n  STORAGE_ALLOWED_LOCATIONS = ({url});\n\n"
    );
    if snowpipe.snowflake_user_arn.is_none() {
        let _ = writeln!(
            text,
            "-- Put STORAGE_AWS_IAM_USER_ARN and STORAGE_AWS_EXTERNAL_ID of this into the spec as snowflake_user_arn and\n\
             -- external_id, and apply it, before you go on: the stage needs the role.\n\
             DESC STORAGE INTEGRATION {integration};\n"
        );
    }
    text
}

fn loading(names: &Names, url: &str, access: &str, snowpipe: &Snowpipe) -> String {
    let Names { table, format, stage, pipe, plain_pipe, schema, .. } = names;
    let strip = if snowpipe.strip_outer_array { "TRUE" } else { "FALSE" };
    let format_name = literal(format);
    let url = literal(url);
    let like = literal(&plain_pipe.replace('\\', r"\\").replace('_', r"\_").replace('%', r"\%"));
    let mut text = format!(
        "CREATE FILE FORMAT IF NOT EXISTS {format}\n  TYPE = JSON\n  COMPRESSION = AUTO\n  STRIP_OUTER_ARRAY = {strip};\n\n\
         CREATE STAGE IF NOT EXISTS {stage}\n  URL = {url}\n  {access}\n  FILE_FORMAT = (FORMAT_NAME = {format_name});\n\n\
         CREATE PIPE IF NOT EXISTS {pipe}\n  AUTO_INGEST = TRUE\n  AS\n  COPY INTO {table}\n  FROM @{stage}\n  \
         FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = {strip})\n  MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE;\n\n"
    );
    if snowpipe.queue_arn.is_none() {
        text += "-- Put notification_channel of this into the spec as queue_arn, and apply it.\n";
    }
    let _ = writeln!(text, "SHOW PIPES LIKE {like} IN SCHEMA {schema};");
    if snowpipe.queue_arn.is_some() {
        let _ = writeln!(
            text,
            "\n-- Loads what was there before the bucket told the pipe of new objects.\nALTER PIPE {pipe} REFRESH;"
        );
    }
    text
}

/// A literal of SQL; Snowflake reads backslashes in it.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', "''"))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// An identifier without the quotes around it.
fn bare(identifier: &str) -> String {
    let inner = identifier.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(identifier).replace("\"\"", "\"")
}

/// How Snowflake spells an S3 of this partition.
fn scheme(scope: &Scope) -> &'static str {
    match scope.partition.as_str() {
        "aws-cn" => "s3china",
        "aws-us-gov" => "s3gov",
        _ => "s3",
    }
}
