//! Beyond the attributes of Athena's workgroups, saved queries and prepared statements.

use super::{list, set, text};
use crate::aws::kinds::athena::workgroup::{Live, Switch};
use crate::aws::kinds::athena::{prepared, saved};
use crate::aws::{Aws, Observed};
use crate::catalog::ResourceType as _;
use crate::catalog::athena_named_query::{self as query, NamedQuery};
use crate::catalog::athena_prepared_statement::{self as statement, PreparedStatement};
use crate::catalog::athena_workgroup::{self as workgroup, Workgroup};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const UPDATE: &str = "aws athena update-work-group";

const ACL: Setting = Setting::shown("owner of the bucket gets at results", Weight::LetsIn).undone_by(UPDATE);
const GRANTS: Setting = Setting::shown("S3 access grants for results", Weight::LetsIn).undone_by(UPDATE);
const CENTER: Setting = Setting::shown("IAM Identity Center", Weight::LetsIn).undone_by("a workgroup of another name");
const ROLE: Setting = Setting::shown("role of its sessions", Weight::LetsIn).undone_by(UPDATE);
const LOGGING: Setting = Setting::shown("logs of its sessions", Weight::TakesOut).undone_by(UPDATE);
const MANAGED: Setting = Setting::shown("results that Athena keeps", Weight::ChangesData).undone_by(UPDATE);
const KEY: Setting = Setting::shown("key of what Athena keeps", Weight::Other).undone_by(UPDATE);
const NOTEBOOKS: Setting = Setting::shown("settings of notebooks", Weight::Other).undone_by(UPDATE);
const QUERIES: Setting = Setting::asked("other saved queries", Weight::Other, "athena:ListNamedQueries")
    .undone_by("aws athena delete-named-query");
const STATEMENTS: Setting = Setting::asked("other prepared statements", Weight::Other, "athena:ListPreparedStatements")
    .undone_by("aws athena delete-prepared-statement");
const NAMESAKES: Setting =
    Setting::shown("another saved query of this name", Weight::Other).undone_by("aws athena delete-named-query");

/// What GetWorkGroup shows besides its attributes.
pub(in crate::aws::kinds) fn shown_of_workgroup(live: &Live) -> Vec<Unmodelled> {
    let Some(configuration) = &live.configuration else { return Vec::new() };
    let beyond = &configuration.beyond;
    let acl = configuration.result.as_ref().and_then(|result| result.acl.as_ref());
    let on = |switch: Option<&Switch>| switch.is_some_and(|switch| switch.enabled);
    let managed = on(beyond.managed_query_results_configuration.as_ref());
    let granted = beyond.access_grants.as_ref().is_some_and(|grants| grants.enabled);
    let center = beyond.identity_center_configuration.as_ref().is_some_and(|center| center.enable_identity_center);
    let center = text(live.identity_center.as_deref()).or(center.then_some("on"));
    let logging = beyond.monitoring_configuration.as_ref().and_then(|logging| {
        let to = [
            ("CloudWatch", &logging.cloud_watch_logging_configuration),
            ("Athena", &logging.managed_logging_configuration),
            ("S3", &logging.s3),
        ];
        list(to.into_iter().filter(|(_, switch)| on(switch.as_ref())).map(|(to, _)| format!("to {to}")))
    });
    let key = beyond.customer_content_encryption_configuration.as_ref().map(|key| key.kms_key.as_str());
    [
        set(&ACL, acl.map(|acl| &acl.option)),
        set(&GRANTS, granted.then_some("on")),
        set(&CENTER, center),
        set(&ROLE, text(beyond.execution_role.as_deref())),
        set(&LOGGING, logging),
        set(&MANAGED, managed.then_some("on")),
        set(&KEY, text(key)),
        set(&NOTEBOOKS, text(beyond.additional_configuration.as_deref())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Other queries that are saved under the name of one.
pub(in crate::aws::kinds) fn others_of_the_name(ids: impl Iterator<Item = String>) -> Vec<Unmodelled> {
    ids.map(|id| NAMESAKES.is(id)).collect()
}

impl Observed for Workgroup {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&ACL, &GRANTS, &CENTER, &ROLE, &LOGGING, &MANAGED, &KEY, &NOTEBOOKS, &QUERIES, &STATEMENTS],
        not_looked_at: &[("size of notebooks' sessions", "queries in SQL have none")],
    };

    async fn look_closer(aws: &Aws, now: &workgroup::Spec, owned: &Owned) -> Look {
        let mut look = Look::default();
        let (saved, prepared) = tokio::join!(saved(aws, &now.name), prepared(aws, &now.name));
        let key = |name: &str| format!("{}|{name}", now.name);
        let queries = look.answer(&QUERIES, saved).unwrap_or_default().into_iter().map(|query| query.name);
        let queries = queries.filter(|name| !owned.has(NamedQuery::KIND, &key(name)));
        look.found(queries.map(|name| QUERIES.is(name)).collect::<Vec<_>>());
        let statements = look.answer(&STATEMENTS, prepared).unwrap_or_default().into_iter();
        let statements = statements.filter(|name| !owned.has(PreparedStatement::KIND, &key(name)));
        look.found(statements.map(|name| STATEMENTS.is(name)).collect::<Vec<_>>());
        look
    }

    async fn obstacles(_aws: &Aws, _now: &workgroup::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}

impl Observed for NamedQuery {
    const COVERAGE: &'static Coverage = &Coverage { named: &[&NAMESAKES], not_looked_at: &[] };

    async fn look_closer(_aws: &Aws, _now: &query::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &query::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}

impl Observed for PreparedStatement {
    const COVERAGE: &'static Coverage = &Coverage { named: &[], not_looked_at: &[] };

    async fn look_closer(_aws: &Aws, _now: &statement::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &statement::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
