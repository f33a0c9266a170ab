//! Beyond the attributes of EventBridge rules.

use super::{list, set, text};
use crate::aws::events::{DescribedRule, LiveTarget};
use crate::aws::{Aws, Observed};
use crate::catalog::events_rule::{self as rule, Rule};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const ROLE: Setting = Setting::shown("role of the rule", Weight::Other).undone_by("aws events put-rule").overwritten();
const MANAGED: Setting =
    Setting::shown("the service that manages it", Weight::Other).undone_by("the service that manages it");
const TARGET: Setting =
    Setting::shown("settings of a target", Weight::ChangesData).undone_by("aws events put-targets").overwritten();
const DEAD_LETTERS: Setting =
    Setting::shown("dead-letter queue of a target", Weight::TakesOut).undone_by("aws events put-targets").overwritten();

/// What DescribeRule shows of a rule besides its attributes.
pub(in crate::aws::kinds) fn shown_of_rule(live: &DescribedRule) -> Vec<Unmodelled> {
    [set(&ROLE, text(live.role_arn.as_deref())), set(&MANAGED, text(live.managed_by.as_deref()))]
        .into_iter()
        .flatten()
        .collect()
}

/// What ListTargetsByRule shows of a target besides its attributes.
pub(in crate::aws::kinds) fn shown_of_target(live: &LiveTarget) -> Vec<Unmodelled> {
    let id = &live.id;
    let given = [
        ("role", live.role_arn.is_some()),
        ("input path", live.input_path.is_some()),
        ("input transformer", live.input_transformer.is_some()),
        ("retry policy", live.retry_policy.is_some()),
        ("Kinesis parameters", live.kinesis_parameters.is_some()),
        ("Run Command parameters", live.run_command_parameters.is_some()),
        ("ECS parameters", live.ecs_parameters.is_some()),
        ("Batch parameters", live.batch_parameters.is_some()),
        ("SQS parameters", live.sqs_parameters.is_some()),
        ("HTTP parameters", live.http_parameters.is_some()),
        ("Redshift parameters", live.redshift_data_parameters.is_some()),
        ("SageMaker parameters", live.sage_maker_pipeline_parameters.is_some()),
        ("AppSync parameters", live.app_sync_parameters.is_some()),
    ];
    let given = list(given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name));
    let dead = live.dead_letter_config.as_ref().and_then(|it| text(it.arn.as_deref()));
    let of = |value: String| format!("{id}: {value}");
    [set(&TARGET, given.map(of)), set(&DEAD_LETTERS, dead.map(|arn| of(arn.to_owned())))]
        .into_iter()
        .flatten()
        .collect()
}

impl Observed for Rule {
    const COVERAGE: &'static Coverage =
        &Coverage { named: &[&ROLE, &MANAGED, &TARGET, &DEAD_LETTERS], not_looked_at: &[] };

    async fn look_closer(_aws: &Aws, _now: &rule::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &rule::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
