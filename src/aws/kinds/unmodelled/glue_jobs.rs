//! Beyond the attributes of Glue's jobs and triggers.

use super::{list, set, text};
use crate::aws::error::failed;
use crate::aws::glue::Glue;
use crate::aws::glue::jobs::{GetTriggers, LiveJob, LiveTrigger};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Observed, Result};
use crate::catalog::glue_job::{self as job, GlueJob};
use crate::catalog::glue_trigger::{self as trigger, Trigger};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const UPDATE_JOB: &str = "aws glue update-job";
const UPDATE_TRIGGER: &str = "aws glue update-trigger";

const FIXED: Setting =
    Setting::shown("arguments that no run can change", Weight::ChangesData).undone_by(UPDATE_JOB).overwritten();
const MODE: Setting = Setting::shown("how it was made", Weight::Other).undone_by(UPDATE_JOB).overwritten();
const NODES: Setting = Setting::shown("nodes of a visual job", Weight::Other).undone_by(UPDATE_JOB).overwritten();
const LOGS: Setting = Setting::shown("place of its logs", Weight::TakesOut).undone_by(UPDATE_JOB).overwritten();
const SOURCE: Setting =
    Setting::shown("repository of its script", Weight::ChangesData).undone_by(UPDATE_JOB).overwritten();
const RUNTIME: Setting = Setting::shown("runtime of Ray", Weight::ChangesData).undone_by(UPDATE_JOB).overwritten();
const PROFILE: Setting = Setting::shown("usage profile", Weight::Other).undone_by("aws glue update-usage-profile");
const TRIGGERS: Setting = Setting::asked("triggers that start it", Weight::ChangesData, "glue:GetTriggers")
    .undone_by("aws glue stop-trigger");

const OTHERS: Setting =
    Setting::shown("actions that start no job", Weight::ChangesData).undone_by(UPDATE_TRIGGER).overwritten();
const AWAITED: Setting =
    Setting::shown("conditions about no job", Weight::ChangesData).undone_by(UPDATE_TRIGGER).overwritten();
const OF_RUNS: Setting =
    Setting::shown("settings of the runs it starts", Weight::Other).undone_by(UPDATE_TRIGGER).overwritten();
const EVENTS: Setting =
    Setting::shown("events that it waits for", Weight::ChangesData).undone_by(UPDATE_TRIGGER).overwritten();

/// What GetJob shows of a job besides its attributes.
pub(in crate::aws::kinds) fn shown_of_job(live: &LiveJob) -> Vec<Unmodelled> {
    // Their values may be secrets.
    let fixed = list(live.non_overridable_arguments.iter().flat_map(|all| all.keys()));
    let mode = text(live.job_mode.as_deref()).filter(|mode| *mode != "SCRIPT");
    let nodes = live.code_gen_configuration_nodes.as_ref().map(std::collections::BTreeMap::len);
    let source = live.source_control_details.as_ref();
    let source = source
        .and_then(|it| list([text(it.provider.as_deref()), text(it.repository.as_deref())].into_iter().flatten()));
    let runtime = live.command.as_ref().and_then(|command| text(command.runtime.as_deref()));
    [
        set(&FIXED, fixed),
        set(&MODE, mode),
        set(&NODES, nodes.filter(|nodes| *nodes > 0)),
        set(&LOGS, text(live.log_uri.as_deref())),
        set(&SOURCE, source),
        set(&RUNTIME, runtime),
        set(&PROFILE, text(live.profile_name.as_deref())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What GetTrigger shows of a trigger besides its attributes.
pub(in crate::aws::kinds) fn shown_of_trigger(live: &LiveTrigger) -> Vec<Unmodelled> {
    let actions = || live.actions.iter().flatten();
    let crawlers = list(actions().filter_map(|action| text(action.crawler_name.as_deref())));
    let of_runs = actions().filter_map(|action| {
        let encrypted = text(action.security_configuration.as_deref());
        let told = action.notification_property.as_ref().and_then(|it| it.notify_delay_after);
        let encrypted = encrypted.map(|name| format!("security configuration {name}"));
        let told = told.map(|minutes| format!("told of after {minutes} min"));
        let of = list(encrypted.into_iter().chain(told))?;
        Some(format!("{}: {of}", action.job_name.as_deref().unwrap_or_default()))
    });
    let conditions = live.predicate.iter().flat_map(|it| it.conditions.iter().flatten());
    let crawls = list(conditions.filter_map(|condition| text(condition.crawler_name.as_deref())));
    let events = live.event_batching_condition.as_ref().and_then(|it| it.batch_size);
    [
        set(&OTHERS, crawlers.map(|names| format!("crawlers {names}"))),
        set(&AWAITED, crawls.map(|names| format!("crawlers {names}"))),
        set(&OF_RUNS, list(of_runs)),
        set(&EVENTS, events.map(|size| format!("{size} at a time"))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Observed for GlueJob {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&FIXED, &MODE, &NODES, &LOGS, &SOURCE, &RUNTIME, &PROFILE, &TRIGGERS],
        not_looked_at: &[
            ("its runs and its bookmark", "they are what it has done, and no setting of it"),
            ("the bytes of its script", "an object of S3 is compared by itself"),
            ("who else may start it", "policies of IAM say so, and none of the job"),
        ],
    };

    async fn look_closer(aws: &Aws, now: &job::Spec, owned: &Owned) -> Look {
        let mut look = Look::default();
        let found = look.answer(&TRIGGERS, triggers(aws, &now.name).await);
        let others = found.into_iter().flatten().filter(|name| !owned.has("glue_trigger", name));
        look.found(others.map(|name| TRIGGERS.is(name)).collect::<Vec<_>>());
        look
    }

    async fn obstacles(_aws: &Aws, _now: &job::Spec, _empty: bool) -> Vec<String> {
        // Its runs are stopped first.
        Vec::new()
    }
}

/// The names of the triggers that start a job. Where there is none, AWS returns all that there are
/// (<https://docs.aws.amazon.com/glue/latest/webapi/API_GetTriggers.html>).
async fn triggers(aws: &Aws, job: &str) -> Result<Vec<String>> {
    let client = aws.client(Caller::<Glue>::new).await;
    let (mut names, mut next_token) = (Vec::new(), None);
    loop {
        let page = client.call(&GetTriggers { dependent_job_name: job, next_token }).await;
        let page = page.map_err(failed("glue GetTriggers"))?;
        let starts = |trigger: &LiveTrigger| {
            trigger.actions.iter().flatten().any(|action| action.job_name.as_deref() == Some(job))
        };
        names.extend(page.triggers.into_iter().filter(starts).filter_map(|trigger| trigger.name));
        next_token = page.next_token.filter(|token| !token.is_empty());
        if next_token.is_none() {
            return Ok(names);
        }
    }
}

impl Observed for Trigger {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&OTHERS, &AWAITED, &OF_RUNS, &EVENTS],
        not_looked_at: &[("its workflow", "it is a resource of its own, which names the trigger")],
    };

    async fn look_closer(_aws: &Aws, _now: &trigger::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &trigger::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
