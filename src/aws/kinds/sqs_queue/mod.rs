//! SQS queues.

mod attributes;
#[cfg(test)]
mod tests;

use std::time::Duration;

use aws_sdk_sqs::Client;

use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::{Aws, Calls, Result, Seen, wait};
use crate::catalog::sqs_queue::{Outputs, Queue, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags;
use crate::model::tags::Tags;

/// AWS takes up to a minute to make a queue known everywhere, or to forget it.
const LIMIT: Duration = Duration::from_mins(2);

impl Calls for Queue {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        let Some(url) = url(&client, key).await? else { return Ok(None) };
        let found = tokio::try_join!(attributes::read(&client, &url), read_tags(&client, &url));
        // Deleted between the calls: as good as absent.
        let Some((live, tags)) = absent_is_none(found)? else { return Ok(None) };
        let spec = Spec { tags, ..live.spec(key)? };
        Ok(Some((spec, live.outputs(url), Vec::new())))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        const CALL: &str = "sqs CreateQueue";
        let client = aws.client(Client::new).await;
        // CreateQueue returns a queue that exists as if it had made it.
        if url(&client, &want.name).await?.is_some() {
            return Err(CallError::own(Class::InUse, CALL, format!("the queue {} exists", want.name)));
        }
        let tags = want.tags.clone().into_iter().collect();
        let call = client.create_queue().queue_name(&want.name).set_tags(Some(tags));
        let call = call.set_attributes(Some(attributes::given(want)));
        Box::pin(call.send()).await.map_err(failed(CALL))?;
        known(&client, &want.name).await.map(|()| None)
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        known(&aws.client(Client::new).await, key).await
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let changed = attributes::changes(now, want);
        if changed.is_empty() && now.tags == want.tags {
            return Ok(());
        }
        let call = "sqs GetQueueUrl";
        let url = url(&client, &want.name).await?;
        let url = url.ok_or_else(|| CallError::own(Class::Absent, call, "the queue does not exist"))?;
        if !changed.is_empty() {
            let set = client.set_queue_attributes().queue_url(&url).set_attributes(Some(changed));
            Box::pin(set.send()).await.map_err(failed("sqs SetQueueAttributes"))?;
        }
        set_tags(&client, &url, &now.tags, &want.tags).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let Some(known) = url(&client, key).await? else { return Ok(()) };
        absent_is_done(client.delete_queue().queue_url(known).send().await.map_err(failed("sqs DeleteQueue")))?;
        // That its name rests for a minute concerns only who makes it again: `create` waits for that.
        let look = || async { Ok(url(&client, key).await?.is_none().then_some(())) };
        wait::until(&format!("queue {key} to be gone"), LIMIT, look).await
    }
}

/// Where the queue of that name is; none where there is no such queue.
async fn url(client: &Client, name: &str) -> Result<Option<String>> {
    const CALL: &str = "sqs GetQueueUrl";
    let reply = absent_is_none(client.get_queue_url().queue_name(name).send().await.map_err(failed(CALL)))?;
    reply.map(|reply| present(CALL, "URL", reply.queue_url)).transpose()
}

/// Waits until SQS knows a queue that it has just made.
async fn known(client: &Client, name: &str) -> Result<()> {
    let look = || async { Ok(url(client, name).await?.map(drop)) };
    wait::until(&format!("queue {name} to be known"), LIMIT, look).await
}

async fn read_tags(client: &Client, url: &str) -> Result<Tags> {
    let reply = client.list_queue_tags().queue_url(url).send().await.map_err(failed("sqs ListQueueTags"))?;
    Ok(tags::own(reply.tags.unwrap_or_default()))
}

/// Takes away before it adds, so that the number never passes AWS's 50.
async fn set_tags(client: &Client, url: &str, now: &Tags, want: &Tags) -> Result<()> {
    let (write, remove) = tags::changes(now, want);
    if !remove.is_empty() {
        let call = client.untag_queue().queue_url(url).set_tag_keys(Some(remove));
        call.send().await.map_err(failed("sqs UntagQueue"))?;
    }
    if !write.is_empty() {
        let call = client.tag_queue().queue_url(url).set_tags(Some(write.into_iter().collect()));
        call.send().await.map_err(failed("sqs TagQueue"))?;
    }
    Ok(())
}
