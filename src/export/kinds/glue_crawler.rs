//! Crawlers of Glue.

use serde_json::{Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by};
use crate::catalog::Type;
use crate::catalog::glue_crawler::{CatalogTarget, DeltaTarget, GlueCrawler, S3Target, Spec};
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Term, block, blocks, fields};
use crate::model::scope::Scope;

impl Exported for GlueCrawler {
    const TERRAFORM_TYPE: &'static str = "aws_glue_crawler";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_glue_crawler", |it| named_by(it, "name"))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("glue", &format!("crawler/{}", spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec {
            name,
            description,
            role_arn,
            database,
            table_prefix,
            s3_targets,
            delta_targets,
            catalog_targets,
            schedule,
            recrawl,
            update_behavior,
            delete_behavior,
            configuration,
            security_configuration,
            tags,
        } = it.spec;
        let folder = |S3Target { path, exclusions, sample_size }: &S3Target| {
            fields([
                ("path", path.into()),
                ("exclusions", filled(exclusions).into()),
                ("sample_size", sample_size.into()),
            ])
        };
        let delta = |DeltaTarget { tables, write_manifest, create_native_table }: &DeltaTarget| {
            fields([
                ("delta_tables", tables.into()),
                ("write_manifest", write_manifest.into()),
                ("create_native_delta_table", create_native_table.into()),
            ])
        };
        let tables = |CatalogTarget { database, tables }: &CatalogTarget| {
            fields([("database_name", Term::named(Type::Database, database)), ("tables", tables.into())])
        };
        let changes = block([("update_behavior", update_behavior.into()), ("delete_behavior", delete_behavior.into())]);
        let crawler = fields([
            ("name", name.into()),
            ("description", filled(description).into()),
            ("role", role_arn.into()),
            ("database_name", Term::named(Type::Database, database)),
            ("table_prefix", filled(table_prefix).into()),
            ("schedule", schedule.into()),
            ("configuration", Term::encoded(configuration)),
            ("security_configuration", security_configuration.into()),
            ("tags", tags.into()),
            ("s3_target", blocks(s3_targets.iter().map(folder))),
            ("delta_target", blocks(delta_targets.iter().map(delta))),
            ("catalog_target", blocks(catalog_targets.iter().map(tables))),
            ("recrawl_policy", block([("recrawl_behavior", recrawl.into())])),
            ("schema_change_policy", changes),
        ]);
        Ok(vec![terraform::Part::new("aws_glue_crawler", name, crawler)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec {
            name,
            description,
            role_arn,
            database,
            table_prefix,
            s3_targets,
            delta_targets,
            catalog_targets,
            schedule,
            recrawl,
            update_behavior,
            delete_behavior,
            configuration,
            security_configuration,
            tags,
        } = it.spec;
        let folder = |S3Target { path, exclusions, sample_size }: &S3Target| {
            properties([("Path", json!(path)), ("Exclusions", filled(exclusions)), ("SampleSize", json!(sample_size))])
        };
        let delta = |DeltaTarget { tables, write_manifest, create_native_table }: &DeltaTarget| {
            json!({
                "DeltaTables": tables,
                "WriteManifest": write_manifest,
                "CreateNativeDeltaTable": create_native_table,
            })
        };
        let tables = |CatalogTarget { database, tables }: &CatalogTarget| json!({ "DatabaseName": named(Type::Database, database), "Tables": tables });
        let targets = properties([
            ("S3Targets", listed(s3_targets.iter().map(folder))),
            ("DeltaTargets", listed(delta_targets.iter().map(delta))),
            ("CatalogTargets", listed(catalog_targets.iter().map(tables))),
        ]);
        let schedule = schedule.as_ref().map(|schedule| json!({ "ScheduleExpression": schedule }));
        let changes = json!({ "UpdateBehavior": update_behavior, "DeleteBehavior": delete_behavior });
        let crawler = properties([
            ("Name", json!(name)),
            ("Description", filled(description)),
            ("Role", json!(role_arn)),
            ("DatabaseName", named(Type::Database, database)),
            ("TablePrefix", filled(table_prefix)),
            ("Targets", targets),
            ("Schedule", json!(schedule)),
            ("RecrawlPolicy", json!({ "RecrawlBehavior": recrawl })),
            ("SchemaChangePolicy", changes),
            // A text, just as pipectl has written it.
            ("Configuration", json!(configuration.as_ref().map(Value::to_string))),
            ("CrawlerSecurityConfiguration", json!(security_configuration)),
            // Of Glue they are a map.
            ("Tags", filled(tags)),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::Glue::Crawler", [("Name", name.as_str())], crawler)])
    }
}

/// Items; nothing where there are none.
fn listed(items: impl Iterator<Item = Value>) -> Value {
    let items: Vec<Value> = items.collect();
    if items.is_empty() { Value::Null } else { items.into() }
}
