//! `athena` becomes a workgroup of Athena with its saved queries and its prepared statements.

use serde_json::Value;

use super::page::Page;
use super::policy::{Through, allow, list_below, use_key};
use super::{Build, BuildContext, Resolved, resolved};
use crate::catalog::athena_workgroup::{self, Encryption};
use crate::catalog::{Type, athena_named_query, athena_prepared_statement};
use crate::model::graph::What;
use crate::model::scope::Scope;
use crate::spec::blocks::athena::Athena;
use crate::spec::uses::Use;
use crate::spec::{Block as _, Spec};

/// A MiB in bytes.
const MIB: u64 = 1024 * 1024;

impl Build for Athena {
    const TYPE: Option<Type> = Some(Type::Workgroup);

    fn build(&self, site: &mut BuildContext<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let bucket = site.resolve(&self.results);
        let location = format!("s3://{}/{}", bucket.name, self.prefix(site.name));
        let workgroup = athena_workgroup::Spec {
            name: name.clone(),
            description: self.description.clone(),
            enabled: true,
            result_location: Some(location.clone()),
            encryption: self.kms_key.as_ref().map(|_| Encryption::Kms),
            kms_key: self.kms_key.clone(),
            // Nobody else gets results who makes a bucket of that name once this one is gone.
            expected_bucket_owner: (!bucket.foreign).then(|| site.scope.account.clone()),
            bytes_limit: self.scan_limit_mib.map(|limit| u64::from(limit) * MIB),
            enforce: self.enforce,
            metrics: self.metrics,
            requester_pays: false,
            engine: self.engine.clone(),
            minimum_encryption: false,
            tags: site.tags(&self.tags),
        };
        site.add(workgroup, [self.results.address()]);
        for (query, saved) in &self.queries {
            let named = athena_named_query::Spec {
                workgroup: name.clone(),
                name: query.clone(),
                description: saved.description.clone(),
                database: site.resolve(&saved.catalog).name,
                query: saved.sql.clone(),
            };
            site.add_part(&format!("query-{query}"), named, [site.address.clone(), saved.catalog.address()]);
            site.flow(saved.catalog.address(), What::Data, site.address.clone());
        }
        for (statement, prepared) in &self.statements {
            let prepared = athena_prepared_statement::Spec {
                workgroup: name.clone(),
                name: statement.clone(),
                description: prepared.description.clone(),
                query: prepared.sql.clone(),
            };
            site.add_part(&format!("statement-{statement}"), prepared, [site.address.clone()]);
        }
        site.flow(site.address.clone(), What::Data, self.results.address());
        site.output("results", location);
        let region = &site.scope.region;
        if let Some(console) = site.scope.console() {
            site.output("url", format!("https://{console}/athena/home?region={region}#/workgroups/details/{name}"));
        }
        site.output("name", name);
    }

    fn key(&self) -> Option<&str> {
        self.kms_key.as_deref()
    }

    fn allow(own: Option<&Self>, used: &Resolved, _asked: &Use, spec: &Spec, scope: &Scope) -> Vec<Value> {
        let mut queries = vec![
            "athena:GetQueryExecution",
            "athena:GetQueryResults",
            "athena:StartQueryExecution",
            "athena:StopQueryExecution",
        ];
        // What EXECUTE needs besides (https://docs.aws.amazon.com/athena/latest/ug/security-iam-athena-prepared-statements.html).
        if own.is_some_and(|own| !own.statements.is_empty()) {
            queries.insert(0, "athena:GetPreparedStatement");
        }
        let workgroup = scope.arn("athena", &format!("workgroup/{}", used.name));
        let results = own.map(|own| own.to_results(&used.block, spec, scope)).unwrap_or_default();
        [allow(&queries, &workgroup)].into_iter().chain(results).collect()
    }

    fn draw(_own: Option<&Self>, _name: &str, page: &mut Page<'_>) {
        page.graph("Bytes scanned by queries", &[("ProcessedBytes", "Sum")]);
        let time = ["TotalExecutionTime", "QueryQueueTime"];
        page.graph("Time of the longest query, and of the longest wait (ms)", &time.map(|it| (it, "Maximum")));
    }
}

impl Athena {
    /// What Athena does on behalf of who queries with where results go (<https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html>).
    fn to_results(&self, block: &str, spec: &Spec, scope: &Scope) -> Vec<Value> {
        let prefix = self.prefix(block);
        let Resolved { arn: bucket, key, .. } = resolved::of(&self.results, spec, scope);
        let objects = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"];
        let key = self.kms_key.as_ref().or(key.as_ref());
        let key =
            key.and_then(|key| use_key(scope, key, &["kms:Decrypt", "kms:GenerateDataKey"], &Through::s3(&bucket)));
        [
            allow(&["s3:GetBucketLocation"], &bucket),
            list_below(&bucket, &prefix),
            allow(&objects, &format!("{bucket}/{prefix}*")),
        ]
        .into_iter()
        .chain(key)
        .collect()
    }
}
