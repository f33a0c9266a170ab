//! Of Glue: the service, the tags of what has some there, and what its catalog is asked.

pub(super) mod crawlers;
pub(super) mod databases;
pub(super) mod indexes;
pub(super) mod jobs;
pub(super) mod registries;
pub(super) mod tables;
pub(super) mod workflows;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::aws::error::failed;
use crate::aws::slim::{Call, Caller, Json, Nothing, Service};
use crate::aws::{Aws, Result};
use crate::model::tags::{self, Tags};

/// Glue.
pub(crate) enum Glue {}

impl Service for Glue {
    type Speaks = Json;
    const ID: &'static str = "Glue";
    const NAME: &'static str = "glue";
    const OF: &'static str = "AWSGlue";
}

/// Asks for tags: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetTags.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetTags<'a> {
    resource_arn: &'a str,
}

impl Call for GetTags<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetTags";
    type Reply = Tagged;
}

/// What GetTags says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Tagged {
    tags: Option<BTreeMap<String, String>>,
}

/// Adds tags, or gives them other values: <https://docs.aws.amazon.com/glue/latest/webapi/API_TagResource.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct TagResource<'a> {
    resource_arn: &'a str,
    tags_to_add: &'a Tags,
}

impl Call for TagResource<'_> {
    type Of = Glue;
    const NAME: &'static str = "TagResource";
    type Reply = Nothing;
}

/// Takes tags away: <https://docs.aws.amazon.com/glue/latest/webapi/API_UntagResource.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct UntagResource<'a> {
    resource_arn: &'a str,
    tags_to_remove: &'a [String],
}

impl Call for UntagResource<'_> {
    type Of = Glue;
    const NAME: &'static str = "UntagResource";
    type Reply = Nothing;
}

/// The tags of what has that ARN.
///
/// # Errors
/// When Glue does not say.
pub(crate) async fn read_tags(aws: &Aws, arn: &str) -> Result<Tags> {
    let client = aws.client(Caller::<Glue>::new).await;
    let reply = client.call(&GetTags { resource_arn: arn }).await.map_err(failed("glue GetTags"))?;
    Ok(tags::own(reply.tags.unwrap_or_default()))
}

/// Makes the tags of what has that ARN these; takes away before it adds, so that the number never passes AWS's 50.
///
/// # Errors
/// When Glue refuses.
pub(crate) async fn set_tags(aws: &Aws, arn: &str, now: &Tags, want: &Tags) -> Result<()> {
    let client = aws.client(Caller::<Glue>::new).await;
    let (write, remove) = tags::changes(now, want);
    if !remove.is_empty() {
        let call = UntagResource { resource_arn: arn, tags_to_remove: &remove };
        client.call(&call).await.map_err(failed("glue UntagResource"))?;
    }
    if !write.is_empty() {
        let call = TagResource { resource_arn: arn, tags_to_add: &write };
        client.call(&call).await.map_err(failed("glue TagResource"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::slim::tests::is_as_modelled;

    const ARN: &str = "arn:aws:glue:eu-west-1:123456789012:database/lake";

    #[tokio::test]
    async fn calls_about_tags_are_those_of_awss_model() {
        let tagged = is_as_modelled(&GetTags { resource_arn: ARN }).await;
        assert_eq!(tagged.tags.unwrap()["k"], "x&<é");
        let tags = Tags::from([("team".to_owned(), "growth".to_owned())]);
        is_as_modelled(&TagResource { resource_arn: ARN, tags_to_add: &tags }).await;
        is_as_modelled(&UntagResource { resource_arn: ARN, tags_to_remove: &["team".to_owned()] }).await;
    }
}
