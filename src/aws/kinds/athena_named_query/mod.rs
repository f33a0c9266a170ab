//! Athena's saved queries. AWS finds one by an id that it makes up: here it is found by workgroup and name.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::athena::named_query::{CreateNamedQuery, DeleteNamedQuery, Saved};
use super::athena::{GET, get, saved};
use super::unmodelled::athena::others_of_the_name;
use crate::aws::athena::{Athena, failed};
use crate::aws::error::{absent_is_done, present};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Calls, Result, Seen, wait};
use crate::catalog::athena_named_query::{NamedQuery, Outputs, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

const CREATE: &str = "athena CreateNamedQuery";

/// How long a query that was just saved may take to be seen.
const SEEN: Duration = Duration::from_secs(5);

/// How many deleted queries of the same content AWS may remember before creating one is given up.
const REMEMBERED: usize = 20;

impl Calls for NamedQuery {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let (workgroup, name) = parts(key);
        let mut named = named(aws, workgroup, name).await?.into_iter();
        let Some(first) = named.next() else { return Ok(None) };
        let unmodelled = others_of_the_name(named.map(|other| other.id));
        let (spec, id) = first.into_spec(workgroup);
        Ok(Some((spec, Outputs { id }, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        // AWS saves any number of one name.
        if !named(aws, &want.workgroup, &want.name).await?.is_empty() {
            let message = format!("a query `{}` is saved in {} already", want.name, want.workgroup);
            return Err(CallError::own(Class::InUse, CREATE, message));
        }
        let client = aws.client(Caller::<Athena>::new).await;
        let mut remembered = Vec::new();
        while remembered.len() < REMEMBERED {
            let create = CreateNamedQuery::of(want, &remembered);
            let reply = client.call(&create).await.map_err(failed(CREATE))?;
            let id = present(CREATE, "id", reply.named_query_id)?;
            if there(&client, &id).await? {
                return Ok(Some((want.clone(), Outputs { id }, Vec::new())));
            }
            // AWS has answered as it did to somebody who saved the same before, and whose query is deleted by now.
            remembered.push(id);
        }
        let message = format!("AWS gives out ids of deleted queries for `{}`; it forgets them in time", want.name);
        Err(CallError::own(Class::Stuck, CREATE, message))
    }

    async fn update(_aws: &Aws, _now: &Spec, _want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Athena>::new).await;
        let (workgroup, name) = parts(key);
        // What `read` has shown; others of the name are not ours.
        let Some(Saved { id, .. }) = named(aws, workgroup, name).await?.into_iter().next() else { return Ok(()) };
        let delete = client.call(&DeleteNamedQuery { named_query_id: &id }).await;
        absent_is_done(delete.map_err(failed("athena DeleteNamedQuery")))
    }
}

/// Workgroup and name; a workgroup's name holds no `|`.
fn parts(key: &str) -> (&str, &str) {
    key.split_once('|').unwrap_or((key, ""))
}

/// The queries of that name, by id.
async fn named(aws: &Aws, workgroup: &str, name: &str) -> Result<Vec<Saved>> {
    let mut named = saved(aws, workgroup).await?;
    named.retain(|saved| saved.name == name);
    named.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(named)
}

/// Whether there is a query of that id, also where it takes a moment to be seen.
async fn there(client: &Caller<Athena>, id: &str) -> Result<bool> {
    let id = [id.to_owned()];
    let look = async || Ok(get(client, &id).await?.into_iter().next());
    match wait::until(GET, SEEN, look).await {
        Ok(_) => Ok(true),
        Err(error) if error.class == Class::Stuck => Ok(false),
        Err(error) => Err(error),
    }
}
