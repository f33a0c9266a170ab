//! What is taken away of a workgroup is named, as UpdateWorkGroup leaves alone what it is not told.

use serde_json::{Value, json};

use super::*;
use crate::aws::Observed as _;
use crate::aws::scripted::{Scripted, caller, done, ok, refused, step};
use crate::aws::slim::tests::is_as_modelled;
use crate::catalog::ResourceType as _;
use crate::catalog::athena_workgroup::Encryption;
use crate::model::tags::Tags;
use crate::model::unmodelled::Owned;

const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// One that says nothing of its own.
fn bare() -> Spec {
    Spec {
        name: "lake".into(),
        description: String::new(),
        enabled: true,
        result_location: None,
        encryption: None,
        kms_key: None,
        expected_bucket_owner: None,
        bytes_limit: None,
        enforce: true,
        metrics: true,
        requester_pays: false,
        engine: "AUTO".into(),
        minimum_encryption: false,
        tags: Tags::new(),
    }
}

/// One that says everything, each of it otherwise.
fn full() -> Spec {
    Spec {
        name: "lake".into(),
        description: "Questions".into(),
        enabled: false,
        result_location: Some("s3://results/athena/".into()),
        encryption: Some(Encryption::Kms),
        kms_key: Some(KEY.into()),
        expected_bucket_owner: Some("123456789012".into()),
        bytes_limit: Some(10_485_760),
        enforce: false,
        metrics: false,
        requester_pays: true,
        engine: "Athena engine version 3".into(),
        minimum_encryption: true,
        tags: Tags::from([("team".into(), "growth".into())]),
    }
}

/// What a change of everything but tags asks for.
async fn update(now: &Spec, want: &Spec) -> Value {
    let service = Scripted::new([done("UpdateWorkGroup")]);
    Workgroup::update(&service.aws().await, now, want, &step()).await.unwrap();
    assert_eq!(service.operations(), ["UpdateWorkGroup"]);
    service.last("UpdateWorkGroup")
}

#[tokio::test]
async fn what_is_taken_away_is_named() {
    let now = Spec { tags: Tags::new(), ..full() };
    assert_eq!(
        update(&now, &bare()).await,
        json!({
            "WorkGroup": "lake",
            "Description": "",
            "State": "ENABLED",
            "ConfigurationUpdates": {
                "ResultConfigurationUpdates": {
                    "RemoveOutputLocation": true,
                    "RemoveEncryptionConfiguration": true,
                    "RemoveExpectedBucketOwner": true,
                },
                "EnforceWorkGroupConfiguration": true,
                "PublishCloudWatchMetricsEnabled": true,
                "RemoveBytesScannedCutoffPerQuery": true,
                "RequesterPaysEnabled": false,
                "EngineVersion": { "SelectedEngineVersion": "AUTO" },
                "EnableMinimumEncryptionConfiguration": false,
            },
        })
    );
}

#[tokio::test]
async fn what_stays_is_not_sent() {
    let moved = Spec { result_location: Some("s3://results/others/".into()), ..full() };
    let updates = json!({ "ResultConfigurationUpdates": { "OutputLocation": "s3://results/others/" } });
    assert_eq!(update(&full(), &moved).await, json!({ "WorkGroup": "lake", "ConfigurationUpdates": updates }));
    let plain = Spec { encryption: Some(Encryption::S3), kms_key: None, ..full() };
    let updates =
        json!({ "ResultConfigurationUpdates": { "EncryptionConfiguration": { "EncryptionOption": "SSE_S3" } } });
    assert_eq!(update(&full(), &plain).await, json!({ "WorkGroup": "lake", "ConfigurationUpdates": updates }));
    let enabled = Spec { enabled: true, ..full() };
    assert_eq!(update(&full(), &enabled).await, json!({ "WorkGroup": "lake", "State": "ENABLED" }));
}

#[tokio::test]
async fn one_is_made_enabled_and_switched_off_then() {
    let service = Scripted::new([caller(), done("CreateWorkGroup"), done("UpdateWorkGroup")]);
    let aws = service.aws().await;
    let (made, outputs, unmodelled) = Workgroup::create(&aws, &full(), &step()).await.unwrap().unwrap();
    assert_eq!(made, Spec { enabled: true, ..full() });
    assert_eq!(outputs.arn, "arn:aws:athena:eu-west-1:123456789012:workgroup/lake");
    assert!(unmodelled.is_empty());
    Workgroup::update(&aws, &made, &full(), &step()).await.unwrap();
    assert_eq!(service.last("UpdateWorkGroup"), json!({ "WorkGroup": "lake", "State": "DISABLED" }));
    // What has no settings of results or tags says nothing of them: AWS refuses empty ones.
    let service = Scripted::new([caller(), done("CreateWorkGroup")]);
    Workgroup::create(&service.aws().await, &bare(), &step()).await.unwrap();
    let asked = service.last("CreateWorkGroup");
    assert_eq!((&asked["Tags"], &asked["Configuration"]["ResultConfiguration"]), (&Value::Null, &Value::Null));
    assert_eq!(asked["Configuration"]["EnforceWorkGroupConfiguration"], true);
}

#[tokio::test]
async fn what_exists_is_refused_and_what_everybody_has_is_never_asked_for() {
    let taken = refused("CreateWorkGroup", "InvalidRequestException", "WorkGroup lake is already created");
    let service = Scripted::new([caller(), taken]);
    let error = Workgroup::create(&service.aws().await, &bare(), &step()).await.unwrap_err();
    assert_eq!(error.class, Class::InUse);
    let service = Scripted::new([]);
    let primary = Spec { name: "primary".into(), ..bare() };
    let error = Workgroup::create(&service.aws().await, &primary, &step()).await.unwrap_err();
    assert_eq!((error.class, service.operations().len()), (Class::Invalid, 0));
}

#[tokio::test]
async fn everything_that_is_saved_goes_with_it_and_what_is_gone_is_deleted() {
    let service = Scripted::new([done("DeleteWorkGroup")]);
    Workgroup::delete(&service.aws().await, "lake", &step()).await.unwrap();
    assert_eq!(service.last("DeleteWorkGroup"), json!({ "WorkGroup": "lake", "RecursiveDeleteOption": true }));
    let gone = |operation| refused(operation, "InvalidRequestException", "WorkGroup is not found.");
    let service = Scripted::new([caller(), gone("DeleteWorkGroup"), gone("GetWorkGroup"), gone("ListTagsForResource")]);
    let aws = service.aws().await;
    Workgroup::delete(&aws, "lake", &step()).await.unwrap();
    assert!(Workgroup::read(&aws, "lake", None).await.unwrap().is_none());
}

#[tokio::test]
async fn a_live_one_is_read_whole_and_what_no_attribute_says_is_named() {
    let live = json!({ "WorkGroup": {
        "Name": "lake",
        "State": "DISABLED",
        "Description": "Questions",
        "CreationTime": 1_795_901_205.247,
        "IdentityCenterApplicationArn": "arn:aws:sso::123456789012:application/ssoins-1/apl-1",
        "Configuration": {
            "ResultConfiguration": {
                "OutputLocation": "s3://results/athena/",
                "EncryptionConfiguration": { "EncryptionOption": "SSE_KMS", "KmsKey": KEY },
                "ExpectedBucketOwner": "123456789012",
                "AclConfiguration": { "S3AclOption": "BUCKET_OWNER_FULL_CONTROL" },
            },
            "ManagedQueryResultsConfiguration": { "Enabled": false },
            "EnforceWorkGroupConfiguration": false,
            "PublishCloudWatchMetricsEnabled": false,
            "BytesScannedCutoffPerQuery": 10_485_760,
            "RequesterPaysEnabled": true,
            "EngineVersion": {
                "SelectedEngineVersion": "Athena engine version 3", "EffectiveEngineVersion": "Athena engine version 3",
            },
            "EnableMinimumEncryptionConfiguration": true,
            "ExecutionRole": "arn:aws:iam::123456789012:role/spark",
            "MonitoringConfiguration": { "S3LoggingConfiguration": { "Enabled": true } },
        },
    } });
    let tags = json!({ "Tags": [{ "Key": "team", "Value": "growth" }, { "Key": "aws:made", "Value": "x" }] });
    let service = Scripted::new([caller(), ok("GetWorkGroup", live), ok("ListTagsForResource", tags)]);
    let (spec, _, unmodelled) = Workgroup::read(&service.aws().await, "lake", None).await.unwrap().unwrap();
    assert_eq!(spec, full());
    let named: Vec<String> = unmodelled.iter().map(|one| format!("{}: {}", one.what, one.value)).collect();
    assert_eq!(
        named,
        [
            "owner of the bucket gets at results: BUCKET_OWNER_FULL_CONTROL",
            "IAM Identity Center: arn:aws:sso::123456789012:application/ssoins-1/apl-1",
            "role of its sessions: arn:aws:iam::123456789012:role/spark",
            "logs of its sessions: to S3",
        ]
    );
}

#[tokio::test]
async fn what_others_have_saved_and_prepared_is_named_as_it_goes_with_it() {
    let query = |id: &str, name: &str| json!({ "NamedQueryId": id, "Name": name, "Database": "d", "QueryString": "q" });
    let shown = json!({ "NamedQueries": [query("1", "own"), query("2", "theirs")] });
    let listed = ok("ListNamedQueries", json!({ "NamedQueryIds": ["1", "2"] }));
    let page = |name: &str, next: Option<&str>| {
        ok("ListPreparedStatements", json!({ "PreparedStatements": [{ "StatementName": name }], "NextToken": next }))
    };
    let service =
        Scripted::new([listed, ok("BatchGetNamedQuery", shown), page("own_by_day", Some("2")), page("by_hour", None)]);
    let owned = [("athena_named_query", "lake|own"), ("athena_prepared_statement", "lake|own_by_day")];
    let owned = Owned::new(owned.map(|(kind, key)| (kind.to_owned(), key.to_owned())));
    let look = Workgroup::look_closer(&service.aws().await, &bare(), &owned).await;
    let found: Vec<&str> = look.found.iter().map(|one| one.value.as_str()).collect();
    assert_eq!((found, look.blind.len()), (vec!["theirs", "by_hour"], 0));
    let denied = |of| refused(of, "AccessDeniedException", "no");
    let service = Scripted::new([denied("ListNamedQueries"), denied("ListPreparedStatements")]);
    let look = Workgroup::look_closer(&service.aws().await, &bare(), &owned).await;
    assert_eq!((look.found.len(), look.blind.len()), (0, 2));
}

#[tokio::test]
async fn calls_are_those_of_awss_model() {
    let got = is_as_modelled(&GetWorkGroup { work_group: "lake" }).await.work_group.unwrap();
    let beyond = &got.configuration.as_ref().unwrap().beyond;
    assert!(beyond.managed_query_results_configuration.as_ref().unwrap().enabled);
    assert!(beyond.monitoring_configuration.as_ref().unwrap().s3.as_ref().unwrap().enabled);
    assert!(beyond.identity_center_configuration.as_ref().unwrap().enable_identity_center);
    assert_eq!(beyond.customer_content_encryption_configuration.as_ref().unwrap().kms_key, "x&<é");
    assert!(beyond.access_grants.as_ref().unwrap().enabled);
    assert_eq!(shown_of_workgroup(&got).len(), 8, "every setting has its name in AWS");
    let spec = got.into_spec(Tags::new());
    assert_eq!(Workgroup::key(&spec), "x&<é");
    let read = [spec.result_location.as_deref(), spec.kms_key.as_deref(), spec.expected_bucket_owner.as_deref()];
    assert_eq!((read, spec.bytes_limit), ([Some("x&<é"); 3], Some(7)));
    assert!(spec.enforce && spec.metrics && spec.requester_pays && spec.minimum_encryption && spec.engine == "x&<é");

    is_as_modelled(&CreateWorkGroup::of(&full())).await;
    let (bare, full) = (bare(), full());
    let mut update = UpdateWorkGroup::of(&bare, &full);
    update.configuration_updates.remove_bytes_limit = true;
    let result = update.configuration_updates.result.as_mut().unwrap();
    result.remove_output_location = true;
    result.remove_encryption_configuration = true;
    result.remove_expected_bucket_owner = true;
    is_as_modelled(&update).await;
    is_as_modelled(&DeleteWorkGroup { work_group: "lake", recursive_delete_option: true }).await;
}
