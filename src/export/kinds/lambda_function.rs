//! Lambda functions.

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by};
use crate::catalog::Type;
use crate::catalog::lambda_function::{
    Code, CodeObject, Function, ImageConfig, LogLevels, Spec, USUAL_STORAGE, Vpc, ZIP,
};
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
            code: Code { path, sha256, object, image },
            package_type,
            image_config,
            runtime,
            handler,
            layers,
            memory_mb,
            ephemeral_storage_mb,
            timeout_seconds,
            environment,
            kms_key,
            architecture,
            tracing,
            log_group,
            log_levels,
            reserved_concurrency,
            vpc,
            tags,
        } = it.spec;
        let variables = if environment.is_empty() { Term::none() } else { block([("variables", environment.into())]) };
        let levels = log_levels.as_ref();
        let logging = [
            ("log_format", if levels.is_some() { "JSON" } else { "Text" }.into()),
            ("log_group", Term::named(Type::LogGroup, log_group)),
            ("application_log_level", levels.map(|LogLevels { application, .. }| application).into()),
            ("system_log_level", levels.map(|LogLevels { system, .. }| system).into()),
        ];
        let storage = match *ephemeral_storage_mb {
            USUAL_STORAGE => Term::none(),
            size => block([("size", size.into())]),
        };
        let object = object.as_ref();
        let file = Some(format!("{path}.zip")).filter(|_| object.is_none() && image.is_none());
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
            ("package_type", Some(package_type).filter(|it| *it != ZIP).into()),
            ("filename", file.into()),
            ("s3_bucket", object.map(|CodeObject { bucket, .. }| bucket).into()),
            ("s3_key", object.map(|CodeObject { key, .. }| key).into()),
            ("s3_object_version", object.and_then(|CodeObject { version, .. }| version.as_ref()).into()),
            ("image_uri", image.into()),
            ("image_config", image_config.as_ref().map_or_else(Term::none, overrides)),
            ("source_code_hash", sha256.into()),
            ("runtime", filled(runtime).into()),
            ("handler", filled(handler).into()),
            ("layers", filled(layers).into()),
            ("memory_size", memory_mb.into()),
            ("ephemeral_storage", storage),
            ("kms_key_arn", kms_key.into()),
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
        Ok(vec![part.unread(&["filename", "publish", "s3_bucket", "s3_key", "s3_object_version"])])
    }

    fn cloudformation(_it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        Err(
            "CloudFormation takes a function's code from a bucket or a container registry, and pipectl keeps it in neither",
        )
    }
}

/// What overrides the settings of an image.
fn overrides(config: &ImageConfig) -> Term {
    let ImageConfig { entry_point, command, working_directory } = config;
    block([
        ("entry_point", filled(entry_point).into()),
        ("command", filled(command).into()),
        ("working_directory", filled(working_directory).into()),
    ])
}
