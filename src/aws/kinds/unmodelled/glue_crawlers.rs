//! Beyond the attributes of Glue's crawlers.

use serde_json::Value;

use super::{list, set, text};
use crate::aws::glue::crawlers::{LiveCrawler, LiveTargets, Reached};
use crate::aws::{Aws, Observed};
use crate::catalog::glue_crawler::{GlueCrawler, Spec};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const UPDATE: &str = "aws glue update-crawler";

const OTHERS: Setting = Setting::shown("targets that are no folders of S3", Weight::ChangesData).undone_by(UPDATE);
const CONNECTIONS: Setting =
    Setting::shown("connections of its targets", Weight::Other).undone_by(UPDATE).overwritten();
const QUEUES: Setting =
    Setting::shown("queues that tell it of new objects", Weight::ChangesData).undone_by(UPDATE).overwritten();
const CLASSIFIERS: Setting = Setting::shown("classifiers", Weight::ChangesData).undone_by(UPDATE);
const LINEAGE: Setting = Setting::shown("lineage", Weight::Other).undone_by(UPDATE);
const LAKE_FORMATION: Setting = Setting::shown("credentials of Lake Formation", Weight::Other).undone_by(UPDATE);
const PAUSED: Setting =
    Setting::shown("its schedule is switched off", Weight::ChangesData).undone_by("aws glue start-crawler-schedule");

/// What GetCrawler shows of a crawler besides its attributes.
pub(in crate::aws::kinds) fn shown_of_crawler(live: &LiveCrawler) -> Vec<Unmodelled> {
    let targets = live.targets.as_ref();
    let kept = targets.map(|it| &it.kept);
    let others = kept.into_iter().flat_map(|it| {
        [
            ("JDBC", &it.jdbc_targets),
            ("MongoDB", &it.mongo_db_targets),
            ("DynamoDB", &it.dynamo_db_targets),
            ("Iceberg", &it.iceberg_targets),
            ("Hudi", &it.hudi_targets),
        ]
    });
    let others = others.filter_map(|(what, all)| {
        let number = all.as_ref().map(Vec::len).filter(|number| *number > 0)?;
        Some(format!("{number} of {what}"))
    });
    let reached = || targets.into_iter().flat_map(reached_of);
    let connections = list(reached().filter_map(|it| text(it.connection_name.as_deref())));
    let queues = reached().flat_map(|it| [&it.event_queue_arn, &it.dlq_event_queue_arn]);
    let queues = list(queues.filter_map(|arn| text(arn.as_deref())));
    let classifiers = list(live.kept.classifiers.iter().flatten());
    let lineage = live.kept.lineage_configuration.as_ref().and_then(|it| it["CrawlerLineageSettings"].as_str());
    let paused = live.schedule.as_ref().filter(|it| text(it.schedule_expression.as_deref()).is_some());
    let paused = paused.filter(|it| it.state.as_deref() == Some("NOT_SCHEDULED"));
    [
        set(&OTHERS, list(others)),
        set(&CONNECTIONS, connections),
        set(&QUEUES, queues),
        set(&CLASSIFIERS, classifiers),
        set(&LINEAGE, lineage.filter(|setting| *setting != "DISABLE")),
        set(&LAKE_FORMATION, live.kept.lake_formation_configuration.as_ref().and_then(lent)),
        set(&PAUSED, paused.map(|_| "yes")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// How each of its targets is reached.
fn reached_of(targets: &LiveTargets) -> Vec<&Reached> {
    let folders = targets.s3_targets.iter().flatten().map(|target| &target.reached);
    let delta = targets.delta_targets.iter().flatten().map(|target| &target.reached);
    let tables = targets.catalog_targets.iter().flatten().map(|target| &target.reached);
    folders.chain(delta).chain(tables).collect()
}

/// Whose data it reads with what Lake Formation lends it; nothing where it reads with its role alone.
fn lent(configuration: &Value) -> Option<String> {
    let used = configuration["UseLakeFormationCredentials"].as_bool().unwrap_or_default();
    let account = text(configuration["AccountId"].as_str());
    match (used, account) {
        (false, None) => None,
        (true, None) => Some("yes".to_owned()),
        (_, Some(account)) => Some(format!("of the account {account}")),
    }
}

impl Observed for GlueCrawler {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&OTHERS, &CONNECTIONS, &QUEUES, &CLASSIFIERS, &LINEAGE, &LAKE_FORMATION, &PAUSED],
        not_looked_at: &[
            ("its runs", "they are what it has done, and no setting of it"),
            (
                "triggers and workflows that start it",
                "Glue lists triggers by the job that they start, and by no crawler",
            ),
            ("the tables that it has made", "they stay when it goes, and are nobody's resource"),
        ],
    };

    async fn look_closer(_aws: &Aws, _now: &Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &Spec, _empty: bool) -> Vec<String> {
        // Its run is stopped first.
        Vec::new()
    }
}
