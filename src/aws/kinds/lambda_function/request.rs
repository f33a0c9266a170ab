//! The parts of a request that makes or changes a function.

use std::collections::BTreeSet;

use aws_sdk_lambda::types::{
    ApplicationLogLevel, Environment, EphemeralStorage, ImageConfig, LogFormat, LoggingConfig, Runtime, SystemLogLevel,
    TracingConfig, TracingMode, VpcConfig,
};

use crate::catalog::lambda_function::{Spec, Vpc};

pub(super) fn environment(want: &Spec) -> Environment {
    Environment::builder().set_variables(Some(want.environment.clone().into_iter().collect())).build()
}

pub(super) fn tracing(want: &Spec) -> TracingConfig {
    let mode = if want.tracing { TracingMode::Active } else { TracingMode::PassThrough };
    TracingConfig::builder().mode(mode).build()
}

/// The format is said always: a log in JSON would stay one. Text has no levels.
pub(super) fn logging(want: &Spec) -> LoggingConfig {
    let config = LoggingConfig::builder().log_group(&want.log_group);
    match &want.log_levels {
        None => config.log_format(LogFormat::Text).build(),
        Some(levels) => config
            .log_format(LogFormat::Json)
            .application_log_level(ApplicationLogLevel::from(levels.application.as_str()))
            .system_log_level(SystemLogLevel::from(levels.system.as_str()))
            .build(),
    }
}

/// There is one: its size is all that it needs.
pub(super) fn storage(want: &Spec) -> Option<EphemeralStorage> {
    EphemeralStorage::builder().size(want.ephemeral_storage_mb.cast_signed()).build().ok()
}

/// None of an image.
pub(super) fn runtime(want: &Spec) -> Option<Runtime> {
    Some(want.runtime.as_str()).filter(|runtime| !runtime.is_empty()).map(Runtime::from)
}

/// None of an image.
pub(super) fn handler(want: &Spec) -> Option<String> {
    Some(want.handler.clone()).filter(|handler| !handler.is_empty())
}

/// What is empty is as the image says.
pub(super) fn image_config(want: &Spec) -> ImageConfig {
    let Some(config) = &want.image_config else { return ImageConfig::builder().build() };
    let said = |list: &[String]| Some(list.to_vec()).filter(|list| !list.is_empty());
    ImageConfig::builder()
        .set_entry_point(said(&config.entry_point))
        .set_command(said(&config.command))
        .set_working_directory(Some(config.working_directory.clone()).filter(|folder| !folder.is_empty()))
        .build()
}

/// Empty lists take a function out of its VPC.
pub(super) fn vpc(want: &Spec) -> VpcConfig {
    let ids = |of: fn(&Vpc) -> &BTreeSet<String>| Some(want.vpc.iter().flat_map(of).cloned().collect());
    let config = VpcConfig::builder().set_subnet_ids(ids(|vpc| &vpc.subnet_ids));
    config.set_security_group_ids(ids(|vpc| &vpc.security_group_ids)).build()
}
