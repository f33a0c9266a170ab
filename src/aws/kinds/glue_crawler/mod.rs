//! Crawlers of Glue. UpdateCrawler is always told all of a crawler: AWS does not say what becomes of what it is not told.

mod calls;
mod runs;
#[cfg(test)]
mod tests;

use self::calls::{Crawler, CreateCrawler, DeleteCrawler, UpdateCrawler};
use self::runs::{Busy, Wait};
use super::unmodelled::glue_crawlers::shown_of_crawler;
use crate::aws::error::{absent_is_done, absent_is_none, failed, garbled, present};
use crate::aws::glue::crawlers::{GET, LiveCrawler, LiveDelta, LiveFolder, LiveTables, look};
use crate::aws::glue::{Glue, read_tags, set_tags};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::glue_crawler::{
    CatalogTarget, DeltaTarget, GlueCrawler, Outputs, S3Target, Spec, at, deprecate, everything, update,
};
use crate::model::kind::StepContext;
use crate::model::tags::Tags;

impl Calls for GlueCrawler {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let arn = arn(aws, key).await?;
        let crawler = async { look(&aws.client(Caller::<Glue>::new).await, key).await };
        // What is deleted between the calls is as good as absent.
        let found = absent_is_none(tokio::try_join!(crawler, read_tags(aws, &arn)))?;
        let Some((Some(live), tags)) = found else { return Ok(None) };
        let unmodelled = shown_of_crawler(&live);
        let last = live.last_crawl.as_ref();
        let outputs = Outputs {
            arn,
            state: live.state.clone().unwrap_or_default(),
            last_status: last.and_then(|last| last.status.clone()).filter(|status| !status.is_empty()),
            last_error: last.and_then(|last| last.error_message.clone()).filter(|message| !message.is_empty()),
            last_began: last.and_then(|last| at(last.start_time?)),
        };
        Ok(Some((Spec { tags, ..spec(live)? }, outputs, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<Glue>::new).await;
        let call = CreateCrawler { name: &want.name, tags: &want.tags, crawler: Crawler::new(want) };
        client.call(&call).await.map(|_| None).map_err(failed("glue CreateCrawler"))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, step: &StepContext<'_>) -> Result<()> {
        if now.settings() != want.settings() {
            let client = aws.client(Caller::<Glue>::new).await;
            let mut pending = Wait::new(&want.name, Busy::Waits, step.note);
            loop {
                let live = pending.ready(&client).await?;
                let call = UpdateCrawler { name: &want.name, crawler: Crawler::changed(want, live) };
                let result = client.call(&call).await.map(drop).map_err(failed("glue UpdateCrawler"));
                if !pending.refused(result).await? {
                    break;
                }
            }
        }
        if now.tags != want.tags {
            set_tags(aws, &arn(aws, &want.name).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Glue>::new).await;
        let mut pending = Wait::new(key, Busy::Stops, step.note);
        loop {
            if absent_is_none(pending.ready(&client).await)?.is_none() {
                return Ok(());
            }
            let call = client.call(&DeleteCrawler { name: key }).await.map(drop);
            let result = absent_is_done(call.map_err(failed("glue DeleteCrawler")));
            if !pending.refused(result).await? {
                return Ok(());
            }
        }
    }
}

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("glue", &format!("crawler/{name}")))
}

/// The spec that the live crawler is equal to, tags apart.
fn spec(live: LiveCrawler) -> Result<Spec> {
    let targets = live.targets.unwrap_or_default();
    let folder = |LiveFolder { path, exclusions, sample_size, reached: _ }| S3Target {
        path: path.unwrap_or_default(),
        exclusions: exclusions.unwrap_or_default(),
        sample_size: sample_size.filter(|files| *files > 0),
    };
    let delta = |LiveDelta { delta_tables, write_manifest, create_native_delta_table, reached: _ }| DeltaTarget {
        tables: delta_tables.unwrap_or_default(),
        write_manifest: write_manifest.unwrap_or_default(),
        create_native_table: create_native_delta_table.unwrap_or_default(),
    };
    let tables = |LiveTables { database_name, tables, reached: _ }| CatalogTarget {
        database: database_name.unwrap_or_default(),
        tables: tables.unwrap_or_default(),
    };
    let changes = live.schema_change_policy.unwrap_or_default();
    let text = live.configuration.filter(|text| !text.is_empty());
    let configuration = text.map(|text| {
        serde_json::from_str(&text).map_err(|error| garbled(GET, "configuration of the crawler", &text, &error))
    });
    Ok(Spec {
        name: present(GET, "name", live.name)?,
        description: live.description.unwrap_or_default(),
        role_arn: live.role.unwrap_or_default(),
        database: live.database_name.unwrap_or_default(),
        table_prefix: live.table_prefix.unwrap_or_default(),
        s3_targets: targets.s3_targets.into_iter().flatten().map(folder).collect(),
        delta_targets: targets.delta_targets.into_iter().flatten().map(delta).collect(),
        catalog_targets: targets.catalog_targets.into_iter().flatten().map(tables).collect(),
        schedule: live.schedule.and_then(|it| it.schedule_expression).filter(|schedule| !schedule.is_empty()),
        recrawl: live.recrawl_policy.and_then(|it| it.recrawl_behavior).unwrap_or_else(everything),
        update_behavior: changes.update_behavior.unwrap_or_else(update),
        delete_behavior: changes.delete_behavior.unwrap_or_else(deprecate),
        configuration: configuration.transpose()?,
        security_configuration: live.crawler_security_configuration.filter(|name| !name.is_empty()),
        tags: Tags::new(),
    })
}
