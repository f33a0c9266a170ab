//! Jobs of Glue.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by};
use crate::catalog::glue_job::{GlueJob, SPARK, Spec};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, block, fields};
use crate::model::scope::Scope;

impl Exported for GlueJob {
    const TERRAFORM_TYPE: &'static str = "aws_glue_job";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_glue_job", |it| named_by(it, "name"))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("glue", &format!("job/{}", spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec {
            name,
            description,
            role_arn,
            command,
            script,
            python_version,
            glue_version,
            worker_type,
            workers,
            max_capacity,
            arguments,
            max_retries,
            timeout_minutes,
            max_concurrent_runs,
            execution_class,
            security_configuration,
            connections,
            notify_delay_minutes,
            maintenance_window,
            queuing,
            tags,
        } = it.spec;
        let notification = match notify_delay_minutes {
            None => Term::none(),
            Some(minutes) => block([("notify_delay_after", minutes.into())]),
        };
        let runs = block([
            ("name", command.into()),
            ("script_location", script.into()),
            ("python_version", python_version.into()),
        ]);
        let job = fields([
            ("name", name.into()),
            ("description", filled(description).into()),
            ("role_arn", role_arn.into()),
            ("glue_version", glue_version.into()),
            ("worker_type", worker_type.into()),
            ("number_of_workers", workers.into()),
            ("max_capacity", max_capacity.into()),
            ("default_arguments", filled(arguments).into()),
            ("max_retries", max_retries.into()),
            ("timeout", timeout_minutes.into()),
            ("execution_class", class(command, execution_class).into()),
            ("security_configuration", security_configuration.into()),
            ("connections", filled(connections).into()),
            ("maintenance_window", maintenance_window.into()),
            ("job_run_queuing_enabled", queuing.into()),
            ("tags", tags.into()),
            ("command", runs),
            ("execution_property", block([("max_concurrent_runs", max_concurrent_runs.into())])),
            ("notification_property", notification),
        ]);
        Ok(vec![terraform::Part::new("aws_glue_job", name, job)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec {
            name,
            description,
            role_arn,
            command,
            script,
            python_version,
            glue_version,
            worker_type,
            workers,
            max_capacity,
            arguments,
            max_retries,
            timeout_minutes,
            max_concurrent_runs,
            execution_class,
            security_configuration,
            connections,
            notify_delay_minutes,
            maintenance_window,
            queuing,
            tags,
        } = it.spec;
        let runs = json!({ "Name": command, "ScriptLocation": script, "PythonVersion": python_version });
        let listed = (!connections.is_empty()).then(|| json!({ "Connections": connections }));
        let notification = notify_delay_minutes.map(|minutes| json!({ "NotifyDelayAfter": minutes }));
        let job = properties([
            ("Name", json!(name)),
            ("Description", filled(description)),
            ("Role", json!(role_arn)),
            ("Command", runs),
            ("GlueVersion", json!(glue_version)),
            ("WorkerType", json!(worker_type)),
            ("NumberOfWorkers", json!(workers)),
            ("MaxCapacity", json!(max_capacity)),
            ("DefaultArguments", filled(arguments)),
            ("MaxRetries", json!(max_retries)),
            ("Timeout", json!(timeout_minutes)),
            ("ExecutionProperty", json!({ "MaxConcurrentRuns": max_concurrent_runs })),
            ("ExecutionClass", json!(class(command, execution_class))),
            ("SecurityConfiguration", json!(security_configuration)),
            ("Connections", json!(listed)),
            ("NotificationProperty", json!(notification)),
            ("MaintenanceWindow", json!(maintenance_window)),
            ("JobRunQueuingEnabled", json!(queuing)),
            // Of Glue they are a map.
            ("Tags", filled(tags)),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::Glue::Job", [("Name", name.as_str())], job)])
    }
}

/// The class of a job of Spark; others have none.
fn class<'a>(command: &str, class: &'a str) -> Option<&'a str> {
    (command == SPARK).then_some(class)
}
