//! The calls for one usage plan. AWS knows APIs, stages and keys by their ids: the names are those of the attributes.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_apigateway::types::{
    ApiKey, ApiStage, Op, PatchOperation, QuotaPeriodType, QuotaSettings, ThrottleSettings, UsagePlanKey,
};
use aws_sdk_apigateway::{Client, types};
use futures_util::future::try_join_all;

use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::kinds::apigateway::{PAGE, by_name, find, found, id, patch, patient, whole};
use crate::aws::kinds::unmodelled::apigateway::shown_of_plan;
use crate::aws::{Aws, Result, Seen};
use crate::catalog::apigateway_usage_plan::{Outputs, Quota, Spec, Throttle};
use crate::model::error::{CallError, Class};
use crate::model::tags;

/// What a key of a plan is.
const API_KEY: &str = "API_KEY";

/// The plan of that name, if there is one. A stage is told by the name of its API where that is among those that are
/// `wanted`, else by the id.
pub(super) async fn read(aws: &Aws, name: &str, wanted: &BTreeSet<String>) -> Result<Seen<Spec, Outputs>> {
    // The names of APIs at once: other resources ask for them in the same moment, and one call answers all.
    let (live, names) = tokio::try_join!(by_name::<types::UsagePlan>(aws, name), names_of(aws, wanted))?;
    let Some(live) = live else { return Ok(None) };
    let client = aws.client(Client::new).await;
    let plan = live.id.clone().unwrap_or_default();
    // Deleted between the two calls: as good as absent.
    let Some(keys) = keys(&client, &plan).await? else { return Ok(None) };
    let stages = live.api_stages().iter().map(|one| {
        let stage = spelt(one);
        names.get(&stage).cloned().unwrap_or(stage)
    });
    let key_ids: BTreeMap<String, String> = keys.into_iter().filter_map(|key| Some((key.name?, key.id?))).collect();
    let spec = Spec {
        name: name.to_owned(),
        description: live.description.clone().unwrap_or_default(),
        stages: stages.collect(),
        keys: key_ids.keys().cloned().collect(),
        throttle: live.throttle().map(|it| Throttle {
            rate: whole(it.rate_limit).unwrap_or_default(),
            burst: it.burst_limit.try_into().unwrap_or_default(),
        }),
        quota: live.quota().map(|it| Quota {
            limit: it.limit.try_into().unwrap_or_default(),
            period: it.period.as_ref().map(ToString::to_string).unwrap_or_default(),
            offset: it.offset.try_into().unwrap_or_default(),
        }),
        tags: tags::own(live.tags.clone().unwrap_or_default()),
    };
    Ok(Some((spec, Outputs { id: plan, key_ids }, shown_of_plan(&live))))
}

/// `<id of the API>|<stage>` of a stage of a plan.
fn spelt(stage: &ApiStage) -> String {
    format!("{}|{}", stage.api_id().unwrap_or_default(), stage.stage().unwrap_or_default())
}

/// `events|dev` by `<id of events>|dev`, for the APIs that are there.
async fn names_of(aws: &Aws, stages: &BTreeSet<String>) -> Result<BTreeMap<String, String>> {
    let names = stages.iter().map(|named| async move {
        let (api, stage) = parts(named);
        Ok(find(aws, api).await?.map(|api| (format!("{}|{stage}", id(&api)), named.clone())))
    });
    Ok(try_join_all(names).await?.into_iter().flatten().collect())
}

fn parts(stage: &str) -> (&str, &str) {
    stage.split_once('|').unwrap_or((stage, ""))
}

/// The keys of a plan, or `None` where there is no such plan.
async fn keys(client: &Client, plan: &str) -> Result<Option<Vec<UsagePlanKey>>> {
    let pages = client.get_usage_plan_keys().usage_plan_id(plan).limit(PAGE).into_paginator().items().send();
    let keys = pages.collect::<std::result::Result<Vec<_>, _>>().await;
    absent_is_none(keys.map_err(failed("apigateway GetUsagePlanKeys")))
}

/// Stages as AWS takes them when a plan is made.
pub(super) async fn api_stages(aws: &Aws, stages: &BTreeSet<String>) -> Result<Vec<ApiStage>> {
    let all = stages.iter().map(|stage| parts(stage)).map(|(api, stage)| async move {
        Ok(ApiStage::builder().api_id(id(&found(aws, api).await?)).stage(stage).build())
    });
    try_join_all(all).await
}

pub(super) fn throttle(want: &Throttle) -> ThrottleSettings {
    ThrottleSettings::builder().rate_limit(want.rate.into()).burst_limit(want.burst.cast_signed()).build()
}

pub(super) fn quota(want: &Quota) -> QuotaSettings {
    let quota = QuotaSettings::builder().limit(want.limit.cast_signed());
    let quota = quota.period(QuotaPeriodType::from(want.period.as_str()));
    if want.offset == 0 { quota.build() } else { quota.offset(want.offset.cast_signed()).build() }
}

/// Takes its stages off a plan, as AWS asks for, and deletes it.
pub(super) async fn delete_plan(client: &Client, live: &types::UsagePlan) -> Result<()> {
    let plan = live.id().unwrap_or_default();
    let stages =
        live.api_stages().iter().map(|stage| patch(Op::Remove, "/apiStages", Some(&spelt(stage).replace('|', ":"))));
    absent_is_done(update(client, plan, stages.collect()).await)?;
    let call = client.delete_usage_plan().usage_plan_id(plan);
    let delete = || async { call.clone().send().await.map(drop).map_err(failed("apigateway DeleteUsagePlan")) };
    absent_is_done(patient(delete).await)
}

async fn update(client: &Client, plan: &str, patches: Vec<PatchOperation>) -> Result<()> {
    if patches.is_empty() {
        return Ok(());
    }
    let call = client.update_usage_plan().usage_plan_id(plan).set_patch_operations(Some(patches));
    patient(|| async { call.clone().send().await.map(drop).map_err(failed("apigateway UpdateUsagePlan")) }).await
}

/// A plan under change.
pub(super) struct Change<'a> {
    pub(super) aws: &'a Aws,
    pub(super) client: &'a Client,
    /// Its id.
    pub(super) plan: &'a str,
}

impl Change<'_> {
    /// All but its keys and tags, in one call.
    pub(super) async fn settings(&self, now: &Spec, want: &Spec) -> Result<()> {
        let mut patches = limits(now, want);
        if now.description != want.description {
            patches.push(patch(Op::Replace, "/description", Some(&want.description)));
        }
        for (op, stages) in
            [(Op::Remove, now.stages.difference(&want.stages)), (Op::Add, want.stages.difference(&now.stages))]
        {
            for stage in stages {
                patches.push(patch(op.clone(), "/apiStages", Some(&self.by_id(stage).await?)));
            }
        }
        update(self.client, self.plan, patches).await
    }

    /// A stage as a patch names it. What no API is called is an id already.
    async fn by_id(&self, stage: &str) -> Result<String> {
        let (api, name) = parts(stage);
        let known = find(self.aws, api).await?;
        Ok(format!("{}:{name}", known.as_ref().map_or(api, id)))
    }

    /// Gives the plan these keys, and takes all others away.
    pub(super) async fn keys(&self, want: &BTreeSet<String>) -> Result<()> {
        const CREATE: &str = "apigateway CreateUsagePlanKey";
        let live = keys(self.client, self.plan).await?.unwrap_or_default();
        for id in
            live.iter().filter(|key| !key.name().is_some_and(|name| want.contains(name))).filter_map(UsagePlanKey::id)
        {
            let call = self.client.delete_usage_plan_key().usage_plan_id(self.plan).key_id(id).send();
            absent_is_done(call.await.map_err(failed("apigateway DeleteUsagePlanKey")))?;
        }
        for name in want.iter().filter(|name| !live.iter().any(|key| key.name() == Some(name))) {
            let key = by_name::<ApiKey>(self.aws, name).await?.and_then(|key| key.id);
            let key =
                key.ok_or_else(|| CallError::own(Class::Absent, CREATE, format!("there is no API key called {name}")))?;
            let call = self.client.create_usage_plan_key().usage_plan_id(self.plan).key_id(key).key_type(API_KEY);
            patient(|| async { call.clone().send().await.map(drop).map_err(failed(CREATE)) }).await?;
        }
        Ok(())
    }
}

/// What has to change of the limits.
fn limits(now: &Spec, want: &Spec) -> Vec<PatchOperation> {
    let mut patches = Vec::new();
    let mut set = |path: &str, was_there: bool, to: Option<Vec<(&str, String)>>| {
        let op = if was_there { Op::Replace } else { Op::Add };
        let Some(values) = to else {
            patches.push(patch(Op::Remove, path, None));
            return;
        };
        for (name, value) in values {
            patches.push(patch(op.clone(), &format!("{path}/{name}"), Some(&value)));
        }
    };
    if now.throttle != want.throttle {
        let to = want.throttle.as_ref();
        let to = to.map(|to| vec![("rateLimit", to.rate.to_string()), ("burstLimit", to.burst.to_string())]);
        set("/throttle", now.throttle.is_some(), to);
    }
    if now.quota != want.quota {
        let offset = |quota: &Option<Quota>| quota.as_ref().map_or(0, |quota| quota.offset);
        let taken_off =
            (offset(&now.quota) != offset(&want.quota)).then(|| ("offset", offset(&want.quota).to_string()));
        let to = want.quota.as_ref().map(|to| {
            let all = [("limit", to.limit.to_string()), ("period", to.period.clone())];
            all.into_iter().chain(taken_off).collect()
        });
        set("/quota", now.quota.is_some(), to);
    }
    patches
}
