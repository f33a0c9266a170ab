//! Workgroups as Athena's calls write them.

use serde::{Deserialize, Serialize};

use crate::aws::athena::Athena;
use crate::aws::slim::{Call, Nothing, Tag, to_tags};
use crate::catalog::athena_workgroup::{Encryption, Spec, auto};
use crate::model::tags::Tags;

/// The state of a workgroup in which no query can run.
const DISABLED: &str = "DISABLED";

/// Asks for a workgroup: <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetWorkGroup.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws::kinds) struct GetWorkGroup<'a> {
    pub(in crate::aws::kinds) work_group: &'a str,
}

impl Call for GetWorkGroup<'_> {
    type Of = Athena;
    const NAME: &'static str = "GetWorkGroup";
    type Reply = Got;
}

/// What GetWorkGroup says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct Got {
    pub(in crate::aws::kinds) work_group: Option<Live>,
}

/// A live workgroup.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct Live {
    name: Option<String>,
    description: Option<String>,
    state: Option<String>,
    pub(in crate::aws::kinds) configuration: Option<Configuration>,
    /// Where its callers are people of an identity centre.
    #[serde(rename = "IdentityCenterApplicationArn")]
    pub(in crate::aws::kinds) identity_center: Option<String>,
}

impl Live {
    /// The attributes, with the tags that were asked for beside.
    pub(in crate::aws::kinds) fn into_spec(self, tags: Tags) -> Spec {
        let Configuration {
            result,
            enforce,
            metrics,
            bytes_limit,
            requester_pays,
            engine,
            minimum_encryption,
            beyond: _,
        } = self.configuration.unwrap_or_default();
        let result = result.unwrap_or_default();
        let encryption = result.encryption.unwrap_or_default();
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        Spec {
            name: self.name.unwrap_or_default(),
            description: self.description.unwrap_or_default(),
            enabled: self.state.as_deref() != Some(DISABLED),
            result_location: filled(result.location),
            encryption: encryption.option,
            kms_key: filled(encryption.key),
            expected_bucket_owner: filled(result.expected_bucket_owner),
            bytes_limit,
            enforce: enforce.unwrap_or_default(),
            metrics: metrics.unwrap_or_default(),
            requester_pays: requester_pays.unwrap_or_default(),
            engine: engine.and_then(|engine| filled(engine.selected)).unwrap_or_else(auto),
            minimum_encryption: minimum_encryption.unwrap_or_default(),
            tags,
        }
    }
}

/// The settings of a workgroup, and those that no attribute models.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::aws::kinds) struct Configuration {
    #[serde(rename = "ResultConfiguration", skip_serializing_if = "Option::is_none")]
    pub(in crate::aws::kinds) result: Option<ResultConfiguration>,
    #[serde(rename = "EnforceWorkGroupConfiguration")]
    enforce: Option<bool>,
    #[serde(rename = "PublishCloudWatchMetricsEnabled")]
    metrics: Option<bool>,
    #[serde(rename = "BytesScannedCutoffPerQuery", skip_serializing_if = "Option::is_none")]
    bytes_limit: Option<u64>,
    #[serde(rename = "RequesterPaysEnabled")]
    requester_pays: Option<bool>,
    #[serde(rename = "EngineVersion", skip_serializing_if = "Option::is_none")]
    engine: Option<EngineVersion>,
    #[serde(rename = "EnableMinimumEncryptionConfiguration")]
    minimum_encryption: Option<bool>,
    #[serde(flatten, skip_serializing)]
    pub(in crate::aws::kinds) beyond: Beyond,
}

/// The settings that no attribute models.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct Beyond {
    pub(in crate::aws::kinds) managed_query_results_configuration: Option<Switch>,
    pub(in crate::aws::kinds) execution_role: Option<String>,
    pub(in crate::aws::kinds) monitoring_configuration: Option<Monitoring>,
    pub(in crate::aws::kinds) identity_center_configuration: Option<IdentityCenter>,
    pub(in crate::aws::kinds) customer_content_encryption_configuration: Option<ContentKey>,
    #[serde(rename = "QueryResultsS3AccessGrantsConfiguration")]
    pub(in crate::aws::kinds) access_grants: Option<AccessGrants>,
    pub(in crate::aws::kinds) additional_configuration: Option<String>,
}

/// What is on or off.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct Switch {
    pub(in crate::aws::kinds) enabled: bool,
}

/// Where what its sessions log goes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct Monitoring {
    pub(in crate::aws::kinds) cloud_watch_logging_configuration: Option<Switch>,
    pub(in crate::aws::kinds) managed_logging_configuration: Option<Switch>,
    #[serde(rename = "S3LoggingConfiguration")]
    pub(in crate::aws::kinds) s3: Option<Switch>,
}

/// Whether people of an identity centre call it as themselves.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct IdentityCenter {
    pub(in crate::aws::kinds) enable_identity_center: bool,
}

/// Key by which Athena encrypts what it keeps itself.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct ContentKey {
    pub(in crate::aws::kinds) kms_key: String,
}

/// Whether S3's access grants say who reads results.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::aws::kinds) struct AccessGrants {
    #[serde(rename = "EnableS3AccessGrants")]
    pub(in crate::aws::kinds) enabled: bool,
}

/// Where results go, and how.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::aws::kinds) struct ResultConfiguration {
    #[serde(rename = "OutputLocation", skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(rename = "EncryptionConfiguration", skip_serializing_if = "Option::is_none")]
    encryption: Option<EncryptionConfiguration>,
    #[serde(rename = "ExpectedBucketOwner", skip_serializing_if = "Option::is_none")]
    expected_bucket_owner: Option<String>,
    #[serde(rename = "AclConfiguration", skip_serializing)]
    pub(in crate::aws::kinds) acl: Option<Acl>,
}

/// Who of another account gets at results.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(in crate::aws::kinds) struct Acl {
    #[serde(rename = "S3AclOption")]
    pub(in crate::aws::kinds) option: String,
}

/// How results are encrypted.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct EncryptionConfiguration {
    #[serde(rename = "EncryptionOption")]
    option: Option<Encryption>,
    #[serde(rename = "KmsKey", skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// The engine that queries run on; the one that `AUTO` comes to at the moment is nobody's wish.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct EngineVersion {
    #[serde(rename = "SelectedEngineVersion")]
    selected: Option<String>,
}

/// Makes a workgroup: <https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateWorkGroup.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws::kinds) struct CreateWorkGroup<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    configuration: Configuration,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

impl Call for CreateWorkGroup<'_> {
    type Of = Athena;
    const NAME: &'static str = "CreateWorkGroup";
    type Reply = Nothing;
}

impl<'a> CreateWorkGroup<'a> {
    pub(in crate::aws::kinds) fn of(want: &'a Spec) -> Self {
        let result = ResultConfiguration {
            location: want.result_location.clone(),
            encryption: encryption(want),
            expected_bucket_owner: want.expected_bucket_owner.clone(),
            acl: None,
        };
        let configuration = Configuration {
            result: Some(result).filter(|result| *result != ResultConfiguration::default()),
            enforce: Some(want.enforce),
            metrics: Some(want.metrics),
            bytes_limit: want.bytes_limit,
            requester_pays: Some(want.requester_pays),
            engine: Some(EngineVersion { selected: Some(want.engine.clone()) }),
            minimum_encryption: Some(want.minimum_encryption),
            beyond: Beyond::default(),
        };
        Self { name: &want.name, description: &want.description, configuration, tags: to_tags(&want.tags) }
    }
}

fn encryption(spec: &Spec) -> Option<EncryptionConfiguration> {
    spec.encryption.map(|option| EncryptionConfiguration { option: Some(option), key: spec.kms_key.clone() })
}

/// Changes a workgroup; what is not given stays as it is, so that taking away has members of its own:
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfigurationUpdates.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws::kinds) struct UpdateWorkGroup<'a> {
    work_group: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Updates::is_none")]
    pub(in crate::aws::kinds) configuration_updates: Updates,
}

impl Call for UpdateWorkGroup<'_> {
    type Of = Athena;
    const NAME: &'static str = "UpdateWorkGroup";
    type Reply = Nothing;
}

/// The settings that become others.
#[derive(Debug, Default, Serialize)]
pub(in crate::aws::kinds) struct Updates {
    #[serde(rename = "ResultConfigurationUpdates", skip_serializing_if = "Option::is_none")]
    pub(in crate::aws::kinds) result: Option<ResultUpdates>,
    #[serde(rename = "EnforceWorkGroupConfiguration", skip_serializing_if = "Option::is_none")]
    enforce: Option<bool>,
    #[serde(rename = "PublishCloudWatchMetricsEnabled", skip_serializing_if = "Option::is_none")]
    metrics: Option<bool>,
    #[serde(rename = "BytesScannedCutoffPerQuery", skip_serializing_if = "Option::is_none")]
    bytes_limit: Option<u64>,
    #[serde(rename = "RemoveBytesScannedCutoffPerQuery", skip_serializing_if = "is_false")]
    pub(in crate::aws::kinds) remove_bytes_limit: bool,
    #[serde(rename = "RequesterPaysEnabled", skip_serializing_if = "Option::is_none")]
    requester_pays: Option<bool>,
    #[serde(rename = "EngineVersion", skip_serializing_if = "Option::is_none")]
    engine: Option<EngineVersion>,
    #[serde(rename = "EnableMinimumEncryptionConfiguration", skip_serializing_if = "Option::is_none")]
    minimum_encryption: Option<bool>,
}

/// What becomes of where results go.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws::kinds) struct ResultUpdates {
    #[serde(flatten)]
    set: ResultConfiguration,
    #[serde(skip_serializing_if = "is_false")]
    pub(in crate::aws::kinds) remove_output_location: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(in crate::aws::kinds) remove_encryption_configuration: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(in crate::aws::kinds) remove_expected_bucket_owner: bool,
}

/// `skip_serializing_if` hands over a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Updates {
    fn is_none(&self) -> bool {
        let Self {
            result,
            enforce,
            metrics,
            bytes_limit,
            remove_bytes_limit,
            requester_pays,
            engine,
            minimum_encryption,
        } = self;
        let flags = [enforce, metrics, requester_pays, minimum_encryption];
        result.is_none()
            && bytes_limit.is_none()
            && !remove_bytes_limit
            && engine.is_none()
            && flags.iter().all(|flag| flag.is_none())
    }
}

/// What is wanted, where it is another value than now.
fn other<T: PartialEq>(now: &T, want: T) -> Option<T> {
    (*now != want).then_some(want)
}

impl<'a> UpdateWorkGroup<'a> {
    pub(in crate::aws::kinds) fn of(now: &'a Spec, want: &'a Spec) -> Self {
        let (encrypted, encrypt) = (encryption(now), encryption(want));
        let result = ResultUpdates {
            remove_output_location: now.result_location.is_some() && want.result_location.is_none(),
            remove_encryption_configuration: encrypted.is_some() && encrypt.is_none(),
            remove_expected_bucket_owner: now.expected_bucket_owner.is_some() && want.expected_bucket_owner.is_none(),
            set: ResultConfiguration {
                location: other(&now.result_location, want.result_location.clone()).flatten(),
                encryption: other(&encrypted, encrypt).flatten(),
                expected_bucket_owner: other(&now.expected_bucket_owner, want.expected_bucket_owner.clone()).flatten(),
                acl: None,
            },
        };
        let state = if want.enabled { "ENABLED" } else { DISABLED };
        Self {
            work_group: &want.name,
            description: other(&now.description.as_str(), want.description.as_str()),
            state: (now.enabled != want.enabled).then_some(state),
            configuration_updates: Updates {
                result: Some(result).filter(|result| *result != ResultUpdates::default()),
                enforce: other(&now.enforce, want.enforce),
                metrics: other(&now.metrics, want.metrics),
                bytes_limit: other(&now.bytes_limit, want.bytes_limit).flatten(),
                remove_bytes_limit: now.bytes_limit.is_some() && want.bytes_limit.is_none(),
                requester_pays: other(&now.requester_pays, want.requester_pays),
                engine: other(&now.engine, want.engine.clone()).map(|engine| EngineVersion { selected: Some(engine) }),
                minimum_encryption: other(&now.minimum_encryption, want.minimum_encryption),
            },
        }
    }
}

/// Deletes a workgroup: <https://docs.aws.amazon.com/athena/latest/APIReference/API_DeleteWorkGroup.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws::kinds) struct DeleteWorkGroup<'a> {
    pub(in crate::aws::kinds) work_group: &'a str,
    /// With the queries that are saved in it, and the history of those that ran in it.
    pub(in crate::aws::kinds) recursive_delete_option: bool,
}

impl Call for DeleteWorkGroup<'_> {
    type Of = Athena;
    const NAME: &'static str = "DeleteWorkGroup";
    type Reply = Nothing;
}
