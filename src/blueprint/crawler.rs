//! A crawler becomes a crawler of Glue and its role.

use serde_json::{Map, Value, json};

use super::bucket::{read_bucket, write_bucket};
use super::dataset::on_tables;
use super::policy::{self, allow};
use super::{Build, BuildContext, Resolved, failures};
use crate::catalog::Type;
use crate::catalog::glue_crawler::{self, CatalogTarget, DeltaTarget, S3Target};
use crate::model::address::Address;
use crate::model::graph::What;
use crate::model::scope::Scope;
use crate::spec::blocks::bucket::Bucket;
use crate::spec::blocks::crawler::{Columns, CrawlTarget, Crawler, Deleted};
use crate::spec::blocks::dataset::Dataset;
use crate::spec::uses::Use;
use crate::spec::{Block as _, Ref, Spec};

/// The log group that all crawlers of an account share: Glue makes it where it is missing.
const LOG: &str = "/aws-glue/crawlers";

impl Build for Crawler {
    const TYPE: Option<Type> = Some(Type::GlueCrawler);

    fn build(&self, site: &mut BuildContext<'_>) {
        let (spec, scope) = (site.spec, site.scope);
        let name = self.aws_name(site.name, spec);
        let role_name = self.role_name(site.name, spec);
        let role_arn = scope.global_arn("iam", &format!("role/{role_name}"));
        let database = site.resolve(&self.catalog).name;
        let role = site.add_part("role", site.glue_role(&role_name, ("crawler", &self.policy(site)), &self.tags), []);
        let mut needs = vec![role, self.catalog.address()];
        needs.extend(self.buckets().map(|(bucket, _)| bucket.address()));
        needs.extend(self.datasets.iter().map(Ref::address));
        let crawler = glue_crawler::Spec {
            name: name.clone(),
            description: self.description.clone(),
            role_arn: role_arn.clone(),
            database: database.clone(),
            table_prefix: self.table_prefix.clone(),
            s3_targets: self.s3_targets(site),
            delta_targets: self.delta_targets(site),
            catalog_targets: self.catalog_targets(site, database),
            schedule: self.schedule.clone(),
            recrawl: if self.only_new_folders { "CRAWL_NEW_FOLDERS_ONLY" } else { "CRAWL_EVERYTHING" }.to_owned(),
            update_behavior: match self.columns() {
                Columns::Update | Columns::Add => glue_crawler::update(),
                Columns::Keep => glue_crawler::LOG.to_owned(),
            },
            delete_behavior: match self.deleted() {
                Deleted::Mark => glue_crawler::deprecate(),
                Deleted::Delete => glue_crawler::DELETE.to_owned(),
                Deleted::Keep => glue_crawler::LOG.to_owned(),
            },
            configuration: self.configuration(),
            security_configuration: None,
            tags: site.tags(&self.tags),
        };
        site.add(crawler, needs);
        failures::add(site, self.failure_rule(site.name, spec), failed(&name), &self.failures_to, &self.tags);
        self.add_flows(site);
        site.output("arn", scope.arn("glue", &format!("crawler/{name}")));
        site.output("name", name);
        site.output("role_arn", role_arn);
    }

    fn key(&self) -> Option<&str> {
        None
    }

    fn allow(_own: Option<&Self>, used: &Resolved, _asked: &Use, _spec: &Spec, scope: &Scope) -> Vec<Value> {
        let crawler = scope.arn("glue", &format!("crawler/{}", used.name));
        vec![allow(&["glue:GetCrawler", "glue:StartCrawler"], &crawler)]
    }
}

/// The event that tells of a run that has failed
/// (<https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html>).
fn failed(crawler: &str) -> Value {
    json!({
        "source": ["aws.glue"],
        "detail-type": ["Glue Crawler State Change"],
        "detail": { "crawlerName": [crawler], "state": ["Failed"] },
    })
}

impl Crawler {
    /// The buckets that it looks through, each with a prefix.
    fn buckets(&self) -> impl Iterator<Item = (&Ref<Bucket>, &str)> {
        let targets = self.targets.iter().map(|target| (&target.bucket, target.prefix.as_str()));
        targets.chain(self.delta.iter().map(|table| (&table.bucket, table.prefix.as_str())))
    }

    fn s3_targets(&self, site: &BuildContext<'_>) -> Vec<S3Target> {
        let target = |target: &CrawlTarget| S3Target {
            path: uri(site, &target.bucket, &target.prefix),
            exclusions: target.exclude.clone(),
            sample_size: target.sample,
        };
        self.targets.iter().map(target).collect()
    }

    fn delta_targets(&self, site: &BuildContext<'_>) -> Vec<DeltaTarget> {
        let tables: Vec<String> = self.delta.iter().map(|table| uri(site, &table.bucket, &table.prefix)).collect();
        let target =
            DeltaTarget { tables, write_manifest: self.delta_manifests, create_native_table: !self.delta_manifests };
        Some(target).filter(|target| !target.tables.is_empty()).into_iter().collect()
    }

    fn catalog_targets(&self, site: &BuildContext<'_>, database: String) -> Vec<CatalogTarget> {
        let tables: Vec<String> = self.datasets.iter().map(|dataset| site.resolve(dataset).name).collect();
        Some(CatalogTarget { database, tables }).filter(|target| !target.tables.is_empty()).into_iter().collect()
    }

    /// How it makes tables of what it finds; nothing where it is as AWS has it
    /// (<https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html>).
    fn configuration(&self) -> Option<Value> {
        let behavior = |word: &str| json!({ "AddOrUpdateBehavior": word });
        let mut output = Map::new();
        match self.columns() {
            Columns::Update => return None,
            Columns::Add => output.insert("Tables".to_owned(), behavior("MergeNewColumns")),
            // Columns of a partition that are not those of its table fail queries.
            Columns::Keep => output.insert("Partitions".to_owned(), behavior("InheritFromTable")),
        };
        Some(json!({ "Version": 1.0, "CrawlerOutput": output }))
    }

    fn add_flows(&self, site: &mut BuildContext<'_>) {
        let own = site.address.clone();
        let datasets = self.datasets.iter().filter_map(|reference| Dataset::of(reference, site.spec));
        let of_datasets: Vec<Address> = datasets.map(|dataset| dataset.bucket.address()).collect();
        let from: Vec<Address> = self.buckets().map(|(bucket, _)| bucket.address()).chain(of_datasets).collect();
        for bucket in from.iter().enumerate().filter(|(i, bucket)| !from[..*i].contains(bucket)).map(|(_, it)| it) {
            site.flow(bucket.clone(), What::Data, own.clone());
        }
        site.flow(own, What::Data, self.catalog.address());
    }

    /// What it looks at, the tables of its database, and its log; nothing else.
    fn policy(&self, site: &BuildContext<'_>) -> Value {
        let (spec, scope) = (site.spec, site.scope);
        let mut statements = Vec::new();
        for (bucket, prefix) in self.buckets() {
            statements.extend(read_bucket(&site.resolve(bucket), prefix, spec, scope));
        }
        for table in self.delta.iter().filter(|_| self.delta_manifests) {
            statements.extend(write_bucket(&site.resolve(&table.bucket), &table.prefix, scope));
        }
        if !self.targets.is_empty() || !self.delta.is_empty() {
            statements.extend(self.in_catalog(site));
        }
        for reference in &self.datasets {
            if let Some(dataset) = Dataset::of(reference, site.spec) {
                statements.extend(dataset.entering(&site.resolve(reference).name, spec, scope));
            }
        }
        let log = scope.arn("logs", &format!("log-group:{LOG}:*"));
        statements.push(allow(&["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], &log));
        policy::document(statements)
    }

    /// It sees the tables of its database, and changes those whose names begin with its prefix.
    fn in_catalog(&self, site: &BuildContext<'_>) -> [Value; 2] {
        let database = site.resolve(&self.catalog).name;
        let sees = [
            "glue:BatchGetPartition",
            "glue:GetDatabase",
            "glue:GetPartition",
            "glue:GetPartitions",
            "glue:GetTable",
            "glue:GetTables",
        ];
        let mut changes = vec![
            "glue:BatchCreatePartition",
            "glue:BatchUpdatePartition",
            "glue:CreatePartition",
            "glue:CreateTable",
            "glue:UpdatePartition",
            "glue:UpdateTable",
        ];
        if self.deleted() == Deleted::Delete {
            changes.extend([
                "glue:BatchDeletePartition",
                "glue:BatchDeleteTable",
                "glue:DeletePartition",
                "glue:DeleteTable",
            ]);
        }
        let on = |actions: &[&str], tables: &str| on_tables(actions, &database, tables, site.scope);
        [on(&sees, "*"), on(&changes, &format!("{}*", self.table_prefix))]
    }
}

/// The URI of a folder.
fn uri(site: &BuildContext<'_>, bucket: &Ref<Bucket>, prefix: &str) -> String {
    format!("s3://{}/{prefix}", site.resolve(bucket).name)
}
