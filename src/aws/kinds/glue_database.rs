//! Databases of Glue's Data Catalog.

use super::unmodelled::glue::shown_of_database;
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::glue::databases::{
    CreateDatabase, DatabaseInput, DeleteDatabase, GET, Kept, UpdateDatabase, get, listed, tables,
};
use crate::aws::glue::{self, Glue};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::glue_database::{Database, Outputs, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags::Tags;

impl Calls for Database {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let arn = arn(aws, key).await?;
        let (live, tags) = tokio::join!(get(aws, key), glue::read_tags(aws, &arn));
        let Some(live) = live? else { return Ok(None) };
        // Deleted between the two calls: as good as absent.
        let Some(tags) = absent_is_none(tags)? else { return Ok(None) };
        let unmodelled = shown_of_database(&live);
        let spec = Spec {
            name: present(GET, "name", live.name)?,
            description: live.description.unwrap_or_default(),
            location: live.location_uri.filter(|location| !location.is_empty()),
            parameters: live.parameters.unwrap_or_default(),
            tags,
        };
        Ok(Some((spec, Outputs { arn }, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<Glue>::new).await;
        let call = CreateDatabase { database_input: input(want, Kept::default()), tags: &want.tags };
        client.call(&call).await.map_err(failed("glue CreateDatabase"))?;
        // The account's settings may give tables of it permissions of their own, which only a look shows.
        Ok(None)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let said = |spec: &Spec| Spec { tags: Tags::new(), ..spec.clone() };
        if said(now) != said(want) {
            let live = get(aws, &want.name).await?;
            let live = present(GET, "database", live)?;
            let client = aws.client(Caller::<Glue>::new).await;
            let call = UpdateDatabase { name: &want.name, database_input: input(want, live.kept) };
            client.call(&call).await.map_err(failed("glue UpdateDatabase"))?;
        }
        if now.tags != want.tags {
            glue::set_tags(aws, &arn(aws, &want.name).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    /// Glue would delete its tables with it, whoever made them; those of the environment are deleted before.
    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let Some(tables) = absent_is_none(tables(aws, key).await)? else { return Ok(()) };
        if !tables.is_empty() {
            let names: Vec<String> = tables.into_iter().map(|table| table.name.unwrap_or_default()).collect();
            let message = format!("the database still has {}, which would be forgotten with it", listed(&names));
            return Err(CallError::own(Class::InUse, "glue DeleteDatabase", message));
        }
        let client = aws.client(Caller::<Glue>::new).await;
        absent_is_done(client.call(&DeleteDatabase { name: key }).await.map_err(failed("glue DeleteDatabase")))
    }
}

fn input(want: &Spec, kept: Kept) -> DatabaseInput<'_> {
    let Spec { name, description, location, parameters, tags: _ } = want;
    DatabaseInput { name, description, location_uri: location.as_deref(), parameters, kept }
}

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("glue", &format!("database/{name}")))
}

#[cfg(test)]
mod tests;
