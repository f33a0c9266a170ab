//! Lambda functions.

use serde_json::json;

use super::{Mapping, Subject, filled, named_by, text};
use crate::export::parts::terraform::{self, Term, block, fields};

pub(super) const MAPPING: Mapping = Mapping {
    kind: "lambda_function",
    arn: Some(|it| it.estate.scope.arn("lambda", &format!("function:{}", it.name()))),
    terraform_type: "aws_lambda_function",
    terraform_keys: &[("aws_lambda_function", |it| named_by(it, "function_name"))],
    terraform: |it| {
        let environment = filled(&it["environment"]);
        let function = fields([
            ("function_name", it["name"].clone().into()),
            ("description", filled(&it["description"]).into()),
            ("role", it["role_arn"].clone().into()),
            ("filename", json!(format!("{}.zip", text(&it["code"]["path"]))).into()),
            ("source_code_hash", it["code"]["sha256"].clone().into()),
            ("runtime", it["runtime"].clone().into()),
            ("handler", it["handler"].clone().into()),
            ("memory_size", it["memory_mb"].clone().into()),
            ("timeout", it["timeout_seconds"].clone().into()),
            (
                "environment",
                if environment.is_null() { Term::none() } else { block([("variables", environment.into())]) },
            ),
            ("architectures", json!([it["architecture"]]).into()),
            ("tracing_config", block([("mode", json!(tracing(it)).into())])),
            (
                "logging_config",
                block([
                    ("log_format", json!("Text").into()),
                    ("log_group", Term::named("logs_group", it.text("log_group"))),
                ]),
            ),
            ("reserved_concurrent_executions", it["reserved_concurrency"].clone().into()),
            ("tags", it["tags"].clone().into()),
        ]);
        let part = terraform::Part::new("aws_lambda_function", it.name(), function);
        // AWS does not tell where its code came from.
        Ok(vec![part.unread(&["filename", "publish"])])
    },
    get_att: None,
    cloudformation: |_| {
        Err(
            "CloudFormation takes a function's code from a bucket or a container registry, and pipectl keeps it in neither",
        )
    },
    stays: &[],
};

fn tracing(it: &Subject<'_>) -> &'static str {
    if it["tracing"] == true { "Active" } else { "PassThrough" }
}
