//! Athena's prepared statements.

#[cfg(test)]
mod tests;

use super::athena::prepared_statement::{
    CreatePreparedStatement, Definition, DeletePreparedStatement, GetPreparedStatement, Live, UpdatePreparedStatement,
};
use crate::aws::athena::{Athena, failed};
use crate::aws::error::{absent_is_done, absent_is_none, present};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::athena_prepared_statement::{Outputs, PreparedStatement, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

const GET: &str = "athena GetPreparedStatement";
const CREATE: &str = "athena CreatePreparedStatement";

impl Calls for PreparedStatement {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<Athena>::new).await;
        let (workgroup, name) = parts(key);
        let Some(live) = get(&client, workgroup, name).await? else { return Ok(None) };
        let spec = Spec {
            workgroup: workgroup.to_owned(),
            name: present(GET, "name", live.statement_name)?,
            description: live.description.unwrap_or_default(),
            query: live.query_statement.unwrap_or_default(),
        };
        Ok(Some((spec, Outputs {}, Vec::new())))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<Athena>::new).await;
        // AWS does not say that it refuses a name that is taken.
        if get(&client, &want.workgroup, &want.name).await?.is_some() {
            let message = format!("a statement `{}` is prepared in {} already", want.name, want.workgroup);
            return Err(CallError::own(Class::InUse, CREATE, message));
        }
        create(&client, want).await?;
        Ok(Some((want.clone(), Outputs {}, Vec::new())))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        if now == want {
            return Ok(());
        }
        let client = aws.client(Caller::<Athena>::new).await;
        let call = client.call(&UpdatePreparedStatement(Definition::of(want))).await;
        call.map_err(failed("athena UpdatePreparedStatement"))?;
        if now.description.is_empty() || !want.description.is_empty() {
            return Ok(());
        }
        // AWS takes no empty description, and does not say whether one that is left out goes: where it has not, the
        // statement is made anew.
        let live = get(&client, &want.workgroup, &want.name).await?;
        if live.is_some_and(|live| live.description.is_some_and(|description| !description.is_empty())) {
            delete(&client, &want.workgroup, &want.name).await?;
            create(&client, want).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let (workgroup, name) = parts(key);
        delete(&aws.client(Caller::<Athena>::new).await, workgroup, name).await
    }
}

/// Workgroup and name; neither holds a `|`.
fn parts(key: &str) -> (&str, &str) {
    key.split_once('|').unwrap_or((key, ""))
}

async fn get(client: &Caller<Athena>, work_group: &str, statement_name: &str) -> Result<Option<Live>> {
    let call = client.call(&GetPreparedStatement { work_group, statement_name }).await;
    let reply = absent_is_none(call.map_err(failed(GET)))?;
    reply.map(|reply| present(GET, "prepared statement", reply.prepared_statement)).transpose()
}

async fn create(client: &Caller<Athena>, want: &Spec) -> Result<()> {
    let call = client.call(&CreatePreparedStatement(Definition::of(want))).await;
    call.map(drop).map_err(failed(CREATE))
}

async fn delete(client: &Caller<Athena>, work_group: &str, statement_name: &str) -> Result<()> {
    let call = client.call(&DeletePreparedStatement { work_group, statement_name }).await;
    absent_is_done(call.map_err(failed("athena DeletePreparedStatement")))
}
