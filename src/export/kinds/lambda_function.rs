//! Lambda functions.

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by};
use crate::catalog::Type;
use crate::catalog::lambda_function::{Code, Function, Spec, Vpc};
use crate::export::parts::cloudformation;
use crate::export::parts::terraform::{self, Term, block, fields};
use crate::model::scope::Scope;

impl Exported for Function {
    const TERRAFORM_TYPE: &'static str = "aws_lambda_function";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_lambda_function", |it| named_by(it, "function_name"))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("lambda", &format!("function:{}", spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec {
            name,
            description,
            role_arn,
            code: Code { path, sha256 },
            runtime,
            handler,
            memory_mb,
            timeout_seconds,
            environment,
            architecture,
            tracing,
            log_group,
            reserved_concurrency,
            vpc,
            tags,
        } = it.spec;
        let variables = if environment.is_empty() { Term::none() } else { block([("variables", environment.into())]) };
        let logging = [("log_format", "Text".into()), ("log_group", Term::named(Type::LogGroup, log_group))];
        let vpc = match vpc {
            None => Term::none(),
            Some(Vpc { subnet_ids, security_group_ids }) => {
                block([("subnet_ids", subnet_ids.into()), ("security_group_ids", security_group_ids.into())])
            }
        };
        let function = fields([
            ("function_name", name.into()),
            ("description", filled(description).into()),
            ("role", role_arn.into()),
            ("filename", format!("{path}.zip").into()),
            ("source_code_hash", sha256.into()),
            ("runtime", runtime.into()),
            ("handler", handler.into()),
            ("memory_size", memory_mb.into()),
            ("timeout", timeout_seconds.into()),
            ("environment", variables),
            ("architectures", [architecture].into()),
            ("tracing_config", block([("mode", if *tracing { "Active" } else { "PassThrough" }.into())])),
            ("logging_config", block(logging)),
            ("reserved_concurrent_executions", reserved_concurrency.into()),
            ("vpc_config", vpc),
            ("tags", tags.into()),
        ]);
        let part = terraform::Part::new("aws_lambda_function", name, function);
        // AWS does not tell where its code came from.
        Ok(vec![part.unread(&["filename", "publish"])])
    }

    fn cloudformation(_it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        Err(
            "CloudFormation takes a function's code from a bucket or a container registry, and pipectl keeps it in neither",
        )
    }
}
