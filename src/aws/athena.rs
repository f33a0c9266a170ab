//! Of Athena: the service, what its refusals mean, and the tags of its workgroups.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use serde::{Deserialize, Serialize};

use super::slim::{Call, Caller, Json, Nothing, Refusal, Service, Tag, pairs, to_tags};
use super::{Aws, Result};
use crate::model::error::{CallError, Class};
use crate::model::tags::{self, Tags};

/// Athena.
pub(crate) enum Athena {}

impl Service for Athena {
    type Speaks = Json;
    const ID: &'static str = "Athena";
    const NAME: &'static str = "athena";
    const OF: &'static str = "AmazonAthena";
}

/// For `map_err`: what failed. Athena has one code for whatever it dislikes, `InvalidRequestException`: only the message
/// tells what is missing from what is there already (<https://docs.aws.amazon.com/athena/latest/APIReference/CommonErrors.html>).
pub(crate) fn failed(call: &str) -> impl FnOnce(SdkError<Refusal, HttpResponse>) -> CallError {
    let failed = super::error::failed(call);
    move |error| {
        let error = failed(error);
        if error.code.as_deref() == Some("InvalidRequestException") { by_message(error) } else { error }
    }
}

/// The same of one of several things that were asked for, which Athena reports inside a reply of status 200.
pub(crate) fn entry_failed(call: &str, code: &str, message: String) -> CallError {
    let error = super::error::entry_failed(call, code, message);
    if matches!(error.class, Class::Other) { by_message(error) } else { error }
}

/// What a message that has no code of its own says.
fn by_message(error: CallError) -> CallError {
    let message = error.message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    let class = if says(&["not found", "does not exist", "doesn't exist"]) {
        Class::Absent
    } else if says(&["already exists", "already created", "is not empty"]) {
        Class::InUse
    } else {
        Class::Invalid
    };
    CallError { class, ..error }
}

/// Asks for tags: <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListTagsForResource.html>.
#[derive(Debug, Serialize)]
struct ListTagsForResource<'a> {
    #[serde(rename = "ResourceARN")]
    arn: &'a str,
    /// 75 or more; a resource has 50 at most.
    #[serde(rename = "MaxResults")]
    most: u32,
}

impl Call for ListTagsForResource<'_> {
    type Of = Athena;
    const NAME: &'static str = "ListTagsForResource";
    type Reply = Tagged;
}

/// What ListTagsForResource says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Tagged {
    tags: Option<Vec<Tag>>,
}

/// Adds tags, or gives them other values: <https://docs.aws.amazon.com/athena/latest/APIReference/API_TagResource.html>.
#[derive(Debug, Serialize)]
struct TagResource<'a> {
    #[serde(rename = "ResourceARN")]
    arn: &'a str,
    #[serde(rename = "Tags")]
    tags: Vec<Tag>,
}

impl Call for TagResource<'_> {
    type Of = Athena;
    const NAME: &'static str = "TagResource";
    type Reply = Nothing;
}

/// Takes tags away: <https://docs.aws.amazon.com/athena/latest/APIReference/API_UntagResource.html>.
#[derive(Debug, Serialize)]
struct UntagResource<'a> {
    #[serde(rename = "ResourceARN")]
    arn: &'a str,
    #[serde(rename = "TagKeys")]
    keys: &'a [String],
}

impl Call for UntagResource<'_> {
    type Of = Athena;
    const NAME: &'static str = "UntagResource";
    type Reply = Nothing;
}

/// The tags of what has that ARN.
///
/// # Errors
/// When Athena does not say.
pub(crate) async fn read_tags(aws: &Aws, arn: &str) -> Result<Tags> {
    let client = aws.client(Caller::<Athena>::new).await;
    let reply = client.call(&ListTagsForResource { arn, most: 75 }).await;
    Ok(tags::own(pairs(reply.map_err(failed("athena ListTagsForResource"))?.tags)))
}

/// Makes the tags of what has that ARN these; takes away before it adds, so that the number never passes AWS's 50.
///
/// # Errors
/// When Athena refuses.
pub(crate) async fn set_tags(aws: &Aws, arn: &str, now: &Tags, want: &Tags) -> Result<()> {
    let client = aws.client(Caller::<Athena>::new).await;
    let (write, remove) = tags::changes(now, want);
    if !remove.is_empty() {
        let call = UntagResource { arn, keys: &remove };
        client.call(&call).await.map_err(failed("athena UntagResource"))?;
    }
    if !write.is_empty() {
        let call = TagResource { arn, tags: to_tags(&write) };
        client.call(&call).await.map_err(failed("athena TagResource"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::slim::tests::is_as_modelled;

    const ARN: &str = "arn:aws:athena:eu-west-1:123456789012:workgroup/lake";

    #[tokio::test]
    async fn calls_about_tags_are_those_of_awss_model() {
        let tagged = is_as_modelled(&ListTagsForResource { arn: ARN, most: 75 }).await;
        assert_eq!(tagged.tags.unwrap()[0].value, "x&<é");
        let tags = Tags::from([("team".to_owned(), "growth".to_owned())]);
        is_as_modelled(&TagResource { arn: ARN, tags: to_tags(&tags) }).await;
        is_as_modelled(&UntagResource { arn: ARN, keys: &["team".to_owned()] }).await;
    }
}
