//! Athena's workgroups.

#[cfg(test)]
mod tests;
pub(super) mod wire;

use self::wire::{CreateWorkGroup, DeleteWorkGroup, GetWorkGroup, UpdateWorkGroup};
use super::unmodelled::athena::shown_of_workgroup;
use crate::aws::athena::{self, Athena, failed};
use crate::aws::error::{absent_is_done, absent_is_none, present};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::athena_workgroup::{Outputs, PRIMARY, Spec, Workgroup};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

const GET: &str = "athena GetWorkGroup";
const CREATE: &str = "athena CreateWorkGroup";

impl Calls for Workgroup {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let (client, arn) = (aws.client(Caller::<Athena>::new).await, arn(aws, key).await?);
        let get = async { client.call(&GetWorkGroup { work_group: key }).await.map_err(failed(GET)) };
        let found = tokio::try_join!(get, athena::read_tags(aws, &arn));
        let Some((reply, tags)) = absent_is_none(found)? else { return Ok(None) };
        let live = present(GET, "workgroup", reply.work_group)?;
        let unmodelled = shown_of_workgroup(&live);
        Ok(Some((live.into_spec(tags), Outputs { arn }, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        if want.name == PRIMARY {
            let message = format!("the workgroup `{PRIMARY}` is AWS's own, and can be neither made nor deleted");
            return Err(CallError::own(Class::Invalid, CREATE, message));
        }
        let (client, arn) = (aws.client(Caller::<Athena>::new).await, arn(aws, &want.name).await?);
        client.call(&CreateWorkGroup::of(want)).await.map_err(failed(CREATE))?;
        // CreateWorkGroup does not take a state: `update` switches it off.
        Ok(Some((Spec { enabled: true, ..want.clone() }, Outputs { arn }, Vec::new())))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Athena>::new).await;
        if (Spec { tags: want.tags.clone(), ..now.clone() }) != *want {
            client.call(&UpdateWorkGroup::of(now, want)).await.map_err(failed("athena UpdateWorkGroup"))?;
        }
        if now.tags != want.tags {
            athena::set_tags(aws, &arn(aws, &want.name).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Athena>::new).await;
        // A single query that somebody has run is enough for AWS to take a workgroup for not empty, and no call deletes that.
        let delete = client.call(&DeleteWorkGroup { work_group: key, recursive_delete_option: true }).await;
        absent_is_done(delete.map_err(failed("athena DeleteWorkGroup")))
    }
}

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("athena", &format!("workgroup/{name}")))
}
