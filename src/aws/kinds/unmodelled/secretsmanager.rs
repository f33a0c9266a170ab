//! Beyond the attributes of Secrets Manager's secrets.

use super::{list, set, statements, text};
use crate::aws::error::failed;
use crate::aws::secretsmanager::{DescribeSecret, Described, GetResourcePolicy, SecretsManager};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Observed};
use crate::catalog::secretsmanager_secret::{self as secret, Secret};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const ROTATION: Setting =
    Setting::shown("rotation", Weight::ChangesData).undone_by("aws secretsmanager cancel-rotate-secret");
const REPLICAS: Setting =
    Setting::shown("replicas", Weight::TakesOut).undone_by("aws secretsmanager remove-regions-from-replication");
const SERVICE: Setting =
    Setting::shown("the service that manages it", Weight::Other).undone_by("the service that manages it");
const POLICY: Setting = Setting::asked("resource policy", Weight::LetsIn, "secretsmanager:GetResourcePolicy")
    .undone_by("aws secretsmanager delete-resource-policy");

/// What DescribeSecret shows of a secret besides its attributes.
pub(in crate::aws::kinds) fn shown_of_secret(live: &Described) -> Vec<Unmodelled> {
    let rotation = live.rotation_enabled.unwrap_or_default();
    let rotation = rotation.then(|| text(live.rotation_lambda_arn.as_deref()).unwrap_or("managed by AWS"));
    let service = text(live.owning_service.as_deref());
    [set(&ROTATION, rotation), set(&REPLICAS, list(live.replicas())), set(&SERVICE, service)]
        .into_iter()
        .flatten()
        .collect()
}

impl Observed for Secret {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&ROTATION, &REPLICAS, &SERVICE, &POLICY],
        not_looked_at: &[("its value and its older versions", "pipectl reads no secret")],
    };

    async fn look_closer(aws: &Aws, now: &secret::Spec, _owned: &Owned) -> Look {
        let mut look = Look::default();
        let client = aws.client(Caller::<SecretsManager>::new).await;
        let policy = client.call(&GetResourcePolicy { secret_id: &now.name }).await;
        let policy = look.answer(&POLICY, policy.map_err(failed("secretsmanager GetResourcePolicy")));
        let policy = policy.and_then(|reply| reply.resource_policy).map(|policy| statements(&policy, |_| false));
        look.found(policy.into_iter().flatten().map(|one| POLICY.is(one)).collect::<Vec<_>>());
        look
    }

    async fn obstacles(aws: &Aws, now: &secret::Spec, _empty: bool) -> Vec<String> {
        let client = aws.client(Caller::<SecretsManager>::new).await;
        let Ok(live) = client.call(&DescribeSecret { secret_id: &now.name }).await else { return Vec::new() };
        let held = |regions| format!("it has replicas in {regions}: remove these first");
        list(live.replicas()).map(held).into_iter().collect()
    }
}
