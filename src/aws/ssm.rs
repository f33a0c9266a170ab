//! What goes over the wire of parameters of SSM. The value of one is taken for a secret: it may be.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::slim::{Call, Json, Nothing, Sealed, Service, Tag, secret};

/// SSM.
pub(crate) enum Ssm {}

impl Service for Ssm {
    type Speaks = Json;
    const ID: &'static str = "SSM";
    const NAME: &'static str = "ssm";
    const OF: &'static str = "AmazonSSM";
}

/// The type of a parameter whose value everybody may see who may read it.
pub(crate) const STRING: &str = "String";

/// The type of a parameter whose value is encrypted.
pub(crate) const SECURE_STRING: &str = "SecureString";

/// Of what has tags.
const PARAMETER: &str = "Parameter";

/// Asks for parameters with their values:
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetParameters<'a> {
    /// Names or ARNs; 10 at most.
    pub(crate) names: &'a [String],
    /// Without it, what is encrypted stays so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) with_decryption: Option<bool>,
}

impl Call for GetParameters<'_> {
    type Of = Ssm;
    const NAME: &'static str = "GetParameters";
    type Reply = Got;
}

/// What GetParameters says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Got {
    pub(crate) parameters: Option<Vec<Live>>,
    /// What does not exist.
    pub(crate) invalid_parameters: Option<Vec<String>>,
}

impl Got {
    /// Those that there are.
    pub(crate) fn parameters(&self) -> &[Live] {
        self.parameters.as_deref().unwrap_or_default()
    }
}

/// A parameter with its value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Live {
    pub(crate) name: Option<String>,
    #[serde(rename = "ARN")]
    pub(crate) arn: Option<String>,
    /// `String`, `StringList` or `SecureString`.
    #[serde(rename = "Type")]
    pub(crate) kind: Option<String>,
    #[serde(deserialize_with = "secret")]
    pub(crate) value: Option<SecretString>,
}

/// Asks for parameters without their values, 50 at a time:
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeParameters<'a> {
    pub(crate) parameter_filters: &'a [Filter<'a>],
    pub(crate) max_results: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_token: Option<String>,
}

impl Call for DescribeParameters<'_> {
    type Of = Ssm;
    const NAME: &'static str = "DescribeParameters";
    type Reply = Described;
}

/// What a parameter has to be like.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Filter<'a> {
    /// `Name`, `Type`, `tag:KEY`.
    pub(crate) key: &'a str,
    /// One of these.
    pub(crate) values: &'a [String],
}

/// A page of parameters.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Described {
    pub(crate) parameters: Option<Vec<Metadata>>,
    pub(crate) next_token: Option<String>,
}

/// A parameter without its value and its tags.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Metadata {
    pub(crate) name: Option<String>,
    /// Of what encrypts it.
    pub(crate) key_id: Option<String>,
    pub(crate) description: Option<String>,
    // What no attribute models.
    pub(crate) allowed_pattern: Option<String>,
    pub(crate) tier: Option<String>,
    pub(crate) policies: Option<Vec<Policy>>,
    pub(crate) data_type: Option<String>,
}

/// What is to happen to a parameter in time.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Policy {
    /// `Expiration`, `NoChangeNotification` …
    pub(crate) policy_type: Option<String>,
}

/// Makes a parameter, or changes it:
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutParameter<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
    #[serde(rename = "Type")]
    pub(crate) kind: &'a str,
    pub(crate) value: Sealed<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_id: Option<&'a str>,
    /// Without it, one that is there is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) overwrite: Option<bool>,
    /// Of a new one alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tags: Option<Vec<Tag>>,
}

impl Call for PutParameter<'_> {
    type Of = Ssm;
    const NAME: &'static str = "PutParameter";
    const SECRET: bool = true;
    type Reply = Nothing;
}

/// Deletes a parameter: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteParameter<'a> {
    pub(crate) name: &'a str,
}

impl Call for DeleteParameter<'_> {
    type Of = Ssm;
    const NAME: &'static str = "DeleteParameter";
    type Reply = Nothing;
}

/// Names a parameter where SSM asks about what has tags.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tagging<'a> {
    resource_type: &'static str,
    resource_id: &'a str,
}

impl<'a> Tagging<'a> {
    /// The parameter of that name.
    pub(crate) fn of(name: &'a str) -> Self {
        Self { resource_type: PARAMETER, resource_id: name }
    }
}

/// Asks for tags: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListTagsForResource.html>.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct ListTagsForResource<'a>(pub(crate) Tagging<'a>);

impl Call for ListTagsForResource<'_> {
    type Of = Ssm;
    const NAME: &'static str = "ListTagsForResource";
    type Reply = Tagged;
}

/// What ListTagsForResource says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Tagged {
    pub(crate) tag_list: Option<Vec<Tag>>,
}

/// Adds tags, or gives them other values:
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html>.
#[derive(Debug, Serialize)]
pub(crate) struct AddTagsToResource<'a> {
    #[serde(flatten)]
    pub(crate) to: Tagging<'a>,
    #[serde(rename = "Tags")]
    pub(crate) tags: Vec<Tag>,
}

impl Call for AddTagsToResource<'_> {
    type Of = Ssm;
    const NAME: &'static str = "AddTagsToResource";
    type Reply = Nothing;
}

/// Takes tags away:
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_RemoveTagsFromResource.html>.
#[derive(Debug, Serialize)]
pub(crate) struct RemoveTagsFromResource<'a> {
    #[serde(flatten)]
    pub(crate) from: Tagging<'a>,
    #[serde(rename = "TagKeys")]
    pub(crate) keys: &'a [String],
}

impl Call for RemoveTagsFromResource<'_> {
    type Of = Ssm;
    const NAME: &'static str = "RemoveTagsFromResource";
    type Reply = Nothing;
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::aws::slim::tests::is_as_modelled;

    const NAME: &str = "/acme/dev/key";

    #[tokio::test]
    async fn what_is_read_of_parameters_is_as_in_awss_model() {
        let names = [NAME.to_owned(), "folder".to_owned()];
        let got = is_as_modelled(&GetParameters { names: &names, with_decryption: Some(true) }).await;
        let Live { name, arn, kind, value } = &got.parameters()[0];
        assert!([name, arn, kind].iter().all(|member| member.is_some()), "a member has another name in AWS: {got:?}");
        assert_eq!(value.as_ref().unwrap().expose_secret(), "x&<é");
        assert!(!format!("{value:?}").contains("x&<é"), "it is printed");
        assert_eq!(got.invalid_parameters.unwrap(), ["x&<é"]);

        let values = [NAME.to_owned()];
        let parameter_filters = [Filter { key: "Name", values: &values }];
        let next_token = Some("a+/=".to_owned());
        let call = DescribeParameters { parameter_filters: &parameter_filters, max_results: 50, next_token };
        let page = is_as_modelled(&call).await;
        let one = page.parameters.unwrap().remove(0);
        let Metadata { name, key_id, description, allowed_pattern, tier, policies, data_type } = &one;
        let read =
            [name, key_id, description, allowed_pattern, tier, data_type, &policies.as_ref().unwrap()[0].policy_type];
        assert!(read.iter().all(|member| member.is_some()), "a member has another name in AWS: {one:?}");
        assert!(page.next_token.is_some());
    }

    #[tokio::test]
    async fn what_is_written_of_parameters_is_as_in_awss_model_and_no_value_is_printed() {
        let value = SecretString::from("s3cret");
        let call = PutParameter {
            name: NAME,
            description: "Of events",
            kind: SECURE_STRING,
            value: Sealed(&value),
            key_id: Some("alias/events"),
            overwrite: Some(false),
            tags: Some(vec![Tag::new("team", "growth")]),
        };
        assert!(!format!("{call:?}").contains("s3cret"), "it is printed");
        is_as_modelled(&call).await;
        is_as_modelled(&DeleteParameter { name: NAME }).await;
    }

    #[tokio::test]
    async fn calls_about_tags_are_those_of_awss_model() {
        let tagged = is_as_modelled(&ListTagsForResource(Tagging::of(NAME))).await;
        let [Tag { key, value }] = tagged.tag_list.unwrap().try_into().unwrap();
        assert_eq!([key, value], ["x&<é", "x&<é"]);
        is_as_modelled(&AddTagsToResource { to: Tagging::of(NAME), tags: vec![Tag::new("team", "growth")] }).await;
        is_as_modelled(&RemoveTagsFromResource { from: Tagging::of(NAME), keys: &["team".to_owned()] }).await;
    }
}
