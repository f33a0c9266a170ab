//! Of Athena's workgroups, saved queries and prepared statements: what goes over the wire, and what is looked at of several.

pub(super) mod named_query;
pub(super) mod prepared_statement;
pub(super) mod workgroup;

use std::collections::BTreeMap;

use self::named_query::{BatchGetNamedQuery, ListNamedQueries, Saved, Unprocessed};
use self::prepared_statement::ListPreparedStatements;
use crate::aws::athena::{Athena, entry_failed, failed};
use crate::aws::error::absent_is_none;
use crate::aws::slim::Caller;
use crate::aws::{Aws, Result};
use crate::model::error::Class;

pub(super) const GET: &str = "athena BatchGetNamedQuery";

/// What ListNamedQueries and ListPreparedStatements give on a page, and BatchGetNamedQuery takes.
const AT_ONCE: usize = 50;

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
pub(super) async fn get(client: &Caller<Athena>, ids: &[String]) -> Result<Vec<Saved>> {
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

/// The names of all statements of a workgroup, none where there is no such workgroup.
pub(super) async fn prepared(aws: &Aws, workgroup: &str) -> Result<Vec<String>> {
    let client = aws.client(Caller::<Athena>::new).await;
    let (mut found, mut next_token) = (Vec::new(), None);
    loop {
        let list =
            ListPreparedStatements { work_group: workgroup, max_results: AT_ONCE, next_token: next_token.as_deref() };
        let page = client.call(&list).await.map_err(failed("athena ListPreparedStatements"));
        let Some(page) = absent_is_none(page)? else { return Ok(found) };
        found.extend(page.prepared_statements.into_iter().flatten().filter_map(|statement| statement.statement_name));
        next_token = page.next_token.filter(|token| !token.is_empty());
        if next_token.is_none() {
            return Ok(found);
        }
    }
}
