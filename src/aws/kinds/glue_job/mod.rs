//! Jobs of Glue. UpdateJob sets back whatever it is not told, so that it is always told all of it.

mod calls;
pub(in crate::aws) mod runs;
#[cfg(test)]
mod tests;

use self::calls::{Command, CreateJob, DeleteJob, Execution, Job, List, Notification, UpdateJob};
use super::unmodelled::glue_jobs::shown_of_job;
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::glue::jobs::{GetJob, LiveJob};
use crate::aws::glue::{Glue, read_tags, set_tags};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::glue_job::{GlueJob, Outputs, SPARK, Spec, one, standard};
use crate::model::kind::StepContext;
use crate::model::tags::Tags;

const GET: &str = "glue GetJob";

impl Calls for GlueJob {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let arn = arn(aws, key).await?;
        let job = async {
            let client = aws.client(Caller::<Glue>::new).await;
            let reply = client.call(&GetJob { job_name: key }).await.map_err(failed(GET))?;
            present(GET, "job", reply.job)
        };
        // What is deleted between the calls is as good as absent.
        let found = absent_is_none(tokio::try_join!(job, read_tags(aws, &arn)))?;
        let Some((live, tags)) = found else { return Ok(None) };
        let unmodelled = shown_of_job(&live);
        Ok(Some((Spec { tags, ..spec(live)? }, Outputs { arn }, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<Glue>::new).await;
        let call = CreateJob { name: &want.name, tags: &want.tags, job: job(want) };
        // Read afterwards: what was left to AWS is not in the answer.
        client.call(&call).await.map(|_| None).map_err(failed("glue CreateJob"))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Glue>::new).await;
        if now.settings(want) != want.settings(want) {
            let call = UpdateJob { job_name: &want.name, job_update: job(want) };
            client.call(&call).await.map_err(failed("glue UpdateJob"))?;
        }
        if now.tags != want.tags {
            set_tags(aws, &arn(aws, &want.name).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    /// AWS deletes a job while it runs, and lets the runs go on.
    async fn delete(aws: &Aws, key: &str, step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Glue>::new).await;
        absent_is_done(runs::stop(&client, key, step.note).await)?;
        absent_is_done(client.call(&DeleteJob { job_name: key }).await.map_err(failed("glue DeleteJob")))
    }
}

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("glue", &format!("job/{name}")))
}

/// All that CreateJob and UpdateJob are told alike.
fn job(want: &Spec) -> Job<'_> {
    Job {
        description: &want.description,
        role: &want.role_arn,
        command: Command { name: &want.command, script_location: &want.script, python_version: &want.python_version },
        default_arguments: &want.arguments,
        connections: (!want.connections.is_empty()).then(|| List { connections: &want.connections }),
        max_retries: want.max_retries,
        timeout: want.timeout_minutes,
        execution_property: Execution { max_concurrent_runs: want.max_concurrent_runs },
        security_configuration: want.security_configuration.as_deref(),
        notification_property: want.notify_delay_minutes.map(|minutes| Notification { notify_delay_after: minutes }),
        glue_version: &want.glue_version,
        worker_type: want.worker_type.as_deref(),
        number_of_workers: want.workers,
        max_capacity: want.max_capacity,
        // AWS has classes for Spark alone.
        execution_class: (want.command == SPARK).then_some(want.execution_class.as_str()),
        maintenance_window: want.maintenance_window.as_deref(),
        // Left out it is off, also where AWS does not have it.
        job_run_queuing_enabled: want.queuing.then_some(true),
    }
}

/// The spec that the live job is equal to, tags apart.
fn spec(live: LiveJob) -> Result<Spec> {
    let command = present(GET, "command", live.command)?;
    // Of workers AWS says besides how many DPUs they are.
    let by_workers = live.worker_type.is_some();
    Ok(Spec {
        name: present(GET, "name", live.name)?,
        description: live.description.unwrap_or_default(),
        role_arn: live.role.unwrap_or_default(),
        command: command.name.unwrap_or_default(),
        script: command.script_location.unwrap_or_default(),
        python_version: command.python_version.unwrap_or_default(),
        glue_version: live.glue_version.unwrap_or_default(),
        worker_type: live.worker_type,
        workers: live.number_of_workers.filter(|_| by_workers),
        max_capacity: live.max_capacity.filter(|_| !by_workers),
        arguments: live.default_arguments.unwrap_or_default(),
        max_retries: live.max_retries.unwrap_or_default(),
        timeout_minutes: live.timeout.filter(|minutes| *minutes > 0),
        max_concurrent_runs: live.execution_property.and_then(|it| it.max_concurrent_runs).unwrap_or_else(one),
        execution_class: live.execution_class.unwrap_or_else(standard),
        security_configuration: live.security_configuration.filter(|name| !name.is_empty()),
        connections: live.connections.and_then(|it| it.connections).unwrap_or_default(),
        notify_delay_minutes: live.notification_property.and_then(|it| it.notify_delay_after),
        maintenance_window: live.maintenance_window.filter(|window| !window.is_empty()),
        queuing: live.job_run_queuing_enabled.unwrap_or_default(),
        tags: Tags::new(),
    })
}
