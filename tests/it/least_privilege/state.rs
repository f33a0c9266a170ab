//! What the roles see of the bucket that holds the states of all environments: their own folder's names, and no others.

use std::sync::Arc;

use pipectl::aws::location::Location;
use pipectl::model::error::Class;
use pipectl::ops::deploy_policy::StatePlace;
use pipectl::state::blobs::{Blobs as _, Condition};

use super::calls::needed;
use crate::support::emulator;
use crate::support::proxy::Failure;

#[tokio::test]
async fn who_plans_and_who_applies_lists_the_environments_own_folder_and_nothing_else() {
    let account = emulator::ministack().account();
    let bucket = account.unique("state");
    account.aws().client(aws_sdk_s3::Client::new).await.create_bucket().bucket(&bucket).send().await.unwrap();
    let place = StatePlace { bucket: bucket.clone(), folder: "pipectl".into(), parameters: None };
    let policies = needed(&account, &[], Some(&place));
    for (name, documents) in [("plans", &policies.plan), ("applies", &policies.apply)] {
        let user = account.as_user(name, documents).await;
        let s3 = user.aws().client(aws_sdk_s3::Client::new).await;
        for (prefix, allowed) in [
            (Some("pipectl/dev/state.json"), true),
            (Some("pipectl/dev/"), true),
            (Some("pipectl/prod/"), false),
            (Some("pipectl/"), false),
            (Some("pipectl/dev"), false),
            (Some(""), false),
            (None, false),
        ] {
            let list = s3.list_objects_v2().bucket(&bucket).set_prefix(prefix.map(str::to_owned)).send().await;
            assert_eq!(list.is_ok(), allowed, "{name} lists {prefix:?}");
            let versions = s3.list_object_versions().bucket(&bucket).set_prefix(prefix.map(str::to_owned)).send().await;
            assert_eq!(versions.is_ok(), allowed, "{name} lists versions of {prefix:?}");
        }
    }
}

/// S3 says of what does not exist that it is forbidden, unless the caller may list the whole bucket.
#[tokio::test]
async fn a_state_that_is_not_there_is_told_from_one_that_is_forbidden() {
    let (account, proxy) = emulator::ministack().account().behind_proxy();
    let bucket = account.unique("state");
    account.aws().client(aws_sdk_s3::Client::new).await.create_bucket().bucket(&bucket).send().await.unwrap();
    let location = Location::new(&bucket, "pipectl").unwrap();
    let place = StatePlace { bucket, folder: "pipectl".into(), parameters: None };
    let user = account.as_user("ci", &needed(&account, &[], Some(&place)).apply).await;
    let blobs = location.blobs(&user.aws(), "dev");
    proxy.on("s3:GetObject").fail(Failure::Denied);
    assert!(blobs.get("state.json").await.unwrap().is_none(), "nothing of that name is in the list");
    blobs.put("state.json.old", b"{}", Condition::Absent).await.unwrap();
    assert!(blobs.get("state.json").await.unwrap().is_none(), "another name begins so");
    blobs.put("state.json", b"{}", Condition::Absent).await.unwrap();
    assert_eq!(blobs.get("state.json").await.unwrap_err().class, Class::Denied, "it is there, and forbidden");
    let nobody = account.as_user("nobody", &[]).await;
    let error = location.blobs(&Arc::clone(&nobody.aws()), "dev").get("other.json").await.unwrap_err();
    assert_eq!(error.class, Class::Denied, "who may not list either does not know");
    assert!(error.message.contains("s3:ListBucket"), "{error}");
}
