//! Stacks, and what they are made of.

use serde::{Deserialize, Serialize};

use crate::aws::error::failed;
use crate::aws::slim::{Call, Caller, Members, Query, Service};
use crate::aws::{Aws, Result};
use crate::model::discovery::StackResource;

/// CloudFormation.
pub(in crate::aws) enum CloudFormation {}

impl Service for CloudFormation {
    type Speaks = Query;
    const ID: &'static str = "CloudFormation";
    const NAME: &'static str = "cloudformation";
    const OF: &'static str = "2010-05-15";
}

/// Asks what a stack is made of:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListStackResources<'a> {
    stack_name: &'a str,
    next_token: Option<String>,
}

impl Call for ListStackResources<'_> {
    type Of = CloudFormation;
    const NAME: &'static str = "ListStackResources";
    type Reply = Listed;
}

/// What ListStackResources says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Listed {
    stack_resource_summaries: Members<Summary>,
    next_token: Option<String>,
}

/// A resource of a stack.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Summary {
    logical_resource_id: Option<String>,
    physical_resource_id: Option<String>,
    resource_type: Option<String>,
    resource_status: Option<String>,
}

/// The resources of a stack that are not deleted.
pub(super) async fn resources(aws: &Aws, stack: &str) -> Result<Vec<StackResource>> {
    const CALL: &str = "cloudformation ListStackResources";
    let client = aws.client(Caller::<CloudFormation>::new).await;
    let (mut call, mut all) = (ListStackResources { stack_name: stack, next_token: None }, Vec::new());
    loop {
        let Listed { stack_resource_summaries, next_token } = client.call(&call).await.map_err(failed(CALL))?;
        all.extend(stack_resource_summaries.member);
        // A page that names itself as the next one would be asked for without an end.
        let next = next_token.filter(|token| !token.is_empty() && Some(token) != call.next_token.as_ref());
        if next.is_none() {
            break;
        }
        call.next_token = next;
    }
    let there = all.into_iter().filter(|one| one.resource_status.as_deref() != Some("DELETE_COMPLETE"));
    Ok(there.map(resource).collect())
}

fn resource(summary: Summary) -> StackResource {
    StackResource {
        logical_id: summary.logical_resource_id.unwrap_or_default(),
        aws_type: summary.resource_type.unwrap_or_default(),
        physical_id: summary.physical_resource_id.filter(|id| !id.is_empty()),
        status: summary.resource_status.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::scripted::{Scripted, ok, refused_in_xml, xml};
    use crate::aws::slim::tests::is_as_modelled;
    use crate::model::error::Class;

    #[tokio::test]
    async fn the_call_is_that_of_awss_model() {
        let call = ListStackResources { stack_name: "acme", next_token: Some("a+/=".to_owned()) };
        let listed = is_as_modelled(&call).await;
        assert_eq!(listed.next_token.as_deref(), Some("x&<é"));
        let [one] = listed.stack_resource_summaries.member.try_into().unwrap();
        let read = [&one.logical_resource_id, &one.physical_resource_id, &one.resource_type, &one.resource_status];
        assert!(read.iter().all(|member| member.is_some()), "a member has another name in AWS: {one:?}");
    }

    fn page(id: &str, status: &str, token: &str) -> String {
        format!(
            "<StackResourceSummaries><member><LogicalResourceId>{id}</LogicalResourceId><PhysicalResourceId/>\
             <ResourceType>AWS::S3::Bucket</ResourceType><ResourceStatus>{status}</ResourceStatus></member>\
             </StackResourceSummaries>{token}"
        )
    }

    #[tokio::test]
    async fn every_page_is_asked_for_and_what_is_deleted_is_left_out() {
        let service = Scripted::new([
            xml("ListStackResources", &page("Raw", "CREATE_COMPLETE", "<NextToken>a+/=</NextToken>")),
            xml("ListStackResources", &page("Old", "DELETE_COMPLETE", "<NextToken>b</NextToken>")),
            xml("ListStackResources", "<StackResourceSummaries/><NextToken/>"),
        ]);
        let found = resources(&service.aws().await, "acme").await.unwrap();
        let [one] = found.try_into().unwrap();
        assert_eq!((one.logical_id.as_str(), one.physical_id, one.status.as_str()), ("Raw", None, "CREATE_COMPLETE"));
        assert_eq!(service.all("ListStackResources", "NextToken"), ["", "a+/=", "b"]);
    }

    #[tokio::test]
    async fn a_stack_that_does_not_exist_is_no_empty_one_and_neither_is_a_reply_without_its_result() {
        let none = refused_in_xml("ListStackResources", "ValidationError", "Stack with id acme does not exist");
        let service = Scripted::new([none]);
        let error = resources(&service.aws().await, "acme").await.unwrap_err();
        assert_eq!((error.class, error.code.as_deref()), (Class::Invalid, Some("ValidationError")));
        assert_eq!(error.message, "Stack with id acme does not exist");
        assert_eq!(error.request_id.as_deref(), Some("4711"));
        let service = Scripted::new([ok("ListStackResources", "<ListStackResourcesResponse/>".into())]);
        let error = resources(&service.aws().await, "acme").await.unwrap_err();
        assert_eq!(error.class, Class::Unreadable);
    }
}
