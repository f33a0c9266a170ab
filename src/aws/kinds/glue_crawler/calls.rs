//! The calls that make, change and delete a crawler, as AWS has them: <https://docs.aws.amazon.com/glue/latest/webapi/API_Crawler.html>.

use serde::Serialize;

use crate::aws::glue::Glue;
use crate::aws::glue::crawlers::{Kept, KeptTargets, LiveCrawler};
use crate::aws::slim::{Call, Nothing};
use crate::catalog::glue_crawler::{CatalogTarget, DeltaTarget, S3Target, Spec};
use crate::model::tags::Tags;

/// What a new crawler and a changed one are told alike.
#[expect(clippy::struct_field_names, reason = "AWS's names")]
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Crawler<'a> {
    role: &'a str,
    database_name: &'a str,
    description: &'a str,
    targets: Targets<'a>,
    /// Empty it takes the schedule away.
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<&'a str>,
    table_prefix: &'a str,
    schema_change_policy: Changes<'a>,
    recrawl_policy: Recrawl<'a>,
    /// Empty it takes the configuration away.
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crawler_security_configuration: Option<&'a str>,
    #[serde(flatten)]
    kept: Kept,
}

#[expect(clippy::struct_field_names, reason = "AWS's names")]
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Targets<'a> {
    s3_targets: Vec<Folder<'a>>,
    delta_targets: Vec<DeltaFolders<'a>>,
    catalog_targets: Vec<Tables<'a>>,
    #[serde(flatten)]
    kept: KeptTargets,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Folder<'a> {
    path: &'a str,
    exclusions: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    sample_size: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeltaFolders<'a> {
    delta_tables: &'a [String],
    write_manifest: bool,
    create_native_delta_table: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tables<'a> {
    database_name: &'a str,
    tables: &'a [String],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Changes<'a> {
    update_behavior: &'a str,
    delete_behavior: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Recrawl<'a> {
    recrawl_behavior: &'a str,
}

impl<'a> Crawler<'a> {
    /// A new crawler.
    pub(super) fn new(want: &'a Spec) -> Self {
        Self::of(want, (Kept::default(), KeptTargets::default()), false)
    }

    /// A crawler as it is wanted, with what no attribute says as it was; what it has and is not to have is told as empty.
    pub(super) fn changed(want: &'a Spec, live: LiveCrawler) -> Self {
        let sealed = live.crawler_security_configuration.is_some_and(|name| !name.is_empty());
        let told = Self::of(want, (live.kept, live.targets.unwrap_or_default().kept), sealed);
        let configuration = Some(told.configuration.unwrap_or_default());
        Self { schedule: Some(told.schedule.unwrap_or_default()), configuration, ..told }
    }

    fn of(want: &'a Spec, (kept, targets): (Kept, KeptTargets), sealed: bool) -> Self {
        let folder = |S3Target { path, exclusions, sample_size }: &'a S3Target| Folder {
            path,
            exclusions,
            sample_size: *sample_size,
        };
        let delta = |DeltaTarget { tables, write_manifest, create_native_table }: &'a DeltaTarget| DeltaFolders {
            delta_tables: tables,
            write_manifest: *write_manifest,
            create_native_delta_table: *create_native_table,
        };
        let tables = |CatalogTarget { database, tables }: &'a CatalogTarget| Tables { database_name: database, tables };
        Self {
            role: &want.role_arn,
            database_name: &want.database,
            description: &want.description,
            targets: Targets {
                s3_targets: want.s3_targets.iter().map(folder).collect(),
                delta_targets: want.delta_targets.iter().map(delta).collect(),
                catalog_targets: want.catalog_targets.iter().map(tables).collect(),
                kept: targets,
            },
            schedule: want.schedule.as_deref(),
            table_prefix: &want.table_prefix,
            schema_change_policy: Changes {
                update_behavior: &want.update_behavior,
                delete_behavior: &want.delete_behavior,
            },
            recrawl_policy: Recrawl { recrawl_behavior: &want.recrawl },
            configuration: want.configuration.as_ref().map(ToString::to_string),
            crawler_security_configuration: want.security_configuration.as_deref().or(sealed.then_some("")),
            kept,
        }
    }
}

/// Makes a crawler; refused where there is one of the name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateCrawler<'a> {
    pub(super) name: &'a str,
    pub(super) tags: &'a Tags,
    #[serde(flatten)]
    pub(super) crawler: Crawler<'a>,
}

impl Call for CreateCrawler<'_> {
    type Of = Glue;
    const NAME: &'static str = "CreateCrawler";
    type Reply = Nothing;
}

/// Changes a crawler; refused while it runs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateCrawler<'a> {
    pub(super) name: &'a str,
    #[serde(flatten)]
    pub(super) crawler: Crawler<'a>,
}

impl Call for UpdateCrawler<'_> {
    type Of = Glue;
    const NAME: &'static str = "UpdateCrawler";
    type Reply = Nothing;
}

/// Deletes a crawler; refused while it runs. The tables that it has made stay.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteCrawler<'a> {
    pub(super) name: &'a str,
}

impl Call for DeleteCrawler<'_> {
    type Of = Glue;
    const NAME: &'static str = "DeleteCrawler";
    type Reply = Nothing;
}
