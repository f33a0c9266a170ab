//! Athena's saved queries. AWS finds one by an id that it makes up: here it is found by workgroup and name.

#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

pub(super) use self::wire::Saved;
use self::wire::{BatchGetNamedQuery, CreateNamedQuery, DeleteNamedQuery, ListNamedQueries, Unprocessed};
use super::unmodelled::athena::others_of_the_name;
use crate::aws::athena::{Athena, entry_failed, failed};
use crate::aws::error::{absent_is_done, absent_is_none, present};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Calls, Result, Seen, wait};
use crate::catalog::athena_named_query::{NamedQuery, Outputs, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

const CREATE: &str = "athena CreateNamedQuery";
const GET: &str = "athena BatchGetNamedQuery";

/// Ids that ListNamedQueries gives on a page, and that BatchGetNamedQuery takes.
const AT_ONCE: usize = 50;

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

/// All queries of a workgroup, none where there is no such workgroup. Whoever asks at the same time is answered together.
pub(super) async fn saved(aws: &Aws, workgroup: &str) -> Result<Vec<Saved>> {
    let client = aws.client(Caller::<Athena>::new).await;
    let list = async |workgroups: Vec<String>| {
        let mut found = BTreeMap::new();
        for workgroup in workgroups {
            let saved = absent_is_none(list(&client, &workgroup).await)?.unwrap_or_default();
            found.insert(workgroup, saved);
        }
        Ok(found)
    };
    aws.batch().ask(workgroup, 1, list).await
}

async fn list(client: &Caller<Athena>, workgroup: &str) -> Result<Vec<Saved>> {
    let (mut found, mut next_token) = (Vec::new(), None);
    loop {
        let list = ListNamedQueries { work_group: workgroup, max_results: AT_ONCE, next_token: next_token.as_deref() };
        let page = client.call(&list).await.map_err(failed("athena ListNamedQueries"))?;
        let ids = page.named_query_ids.unwrap_or_default();
        found.extend(get(client, &ids).await?);
        next_token = page.next_token.filter(|token| !token.is_empty());
        if next_token.is_none() {
            return Ok(found);
        }
    }
}

/// The queries of these ids, without those that are gone.
async fn get(client: &Caller<Athena>, ids: &[String]) -> Result<Vec<Saved>> {
    let mut found = Vec::new();
    for ids in ids.chunks(AT_ONCE) {
        let reply = client.call(&BatchGetNamedQuery { named_query_ids: ids }).await.map_err(failed(GET))?;
        found.extend(reply.named_queries.unwrap_or_default());
        for Unprocessed { code, message } in reply.unprocessed_named_query_ids.unwrap_or_default() {
            let error = entry_failed(GET, &code, message);
            if error.class != Class::Absent {
                return Err(error);
            }
        }
    }
    Ok(found)
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
