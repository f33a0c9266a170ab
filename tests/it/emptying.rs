//! A bucket with contents: kept without permission to empty it, and with it emptied of all that S3 can hide in one.

use std::sync::Mutex;

use aws_sdk_s3::Client;
use futures_util::{StreamExt as _, stream};
use pipectl::aws::kinds;
use pipectl::model::address::Address;
use pipectl::model::error::Class;
use pipectl::model::kind::{Kind, Owner, StepContext};
use serde_json::json;

use crate::support::emulator::{self, Account};
use crate::support::witness::Recording;

const BUCKET: &str = "pipectl-emptying";
/// Two versions and a delete marker of each: more than one page of a listing.
const KEYS: usize = 400;

/// Puts everything into the bucket that keeps it from being deleted.
async fn fill(s3: &Client) {
    let keys = (0..KEYS).map(|number| async move {
        let key = format!("events/{number} a+b&ü.json");
        for body in [b"first", b"other"] {
            s3.put_object().bucket(BUCKET).key(&key).body(body.to_vec().into()).send().await.unwrap();
        }
        s3.delete_object().bucket(BUCKET).key(&key).send().await.unwrap();
    });
    stream::iter(keys).buffer_unordered(16).collect::<Vec<_>>().await;
    s3.create_multipart_upload().bucket(BUCKET).key("unfinished").send().await.unwrap();
}

async fn make(kind: &dyn Kind, step: &StepContext<'_>) {
    let want = kind.with_files(&json!({ "name": BUCKET, "versioning": true })).unwrap();
    kind.create(&want, step).await.unwrap();
    let now = kind.read(BUCKET, None).await.unwrap().expect("it was made");
    kind.update(&now.attributes, &want, step).await.unwrap();
}

#[tokio::test]
async fn a_bucket_is_emptied_only_when_that_is_allowed_on_ministack() {
    let _sends = Recording::of("emptying::a_bucket_is_emptied_only_when_that_is_allowed_on_ministack");
    is_emptied_only_when_that_is_allowed(&emulator::ministack().account()).await;
}

#[tokio::test]
async fn a_bucket_is_emptied_only_when_that_is_allowed_on_moto() {
    is_emptied_only_when_that_is_allowed(&emulator::moto().account()).await;
}

async fn is_emptied_only_when_that_is_allowed(account: &Account) {
    let aws = account.aws();
    let registry = kinds::registry(&aws);
    let kind = registry.get("s3_bucket").unwrap();
    let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("bucket", "events") };
    let notes = Mutex::new(Vec::new());
    let note = |text| notes.lock().unwrap().push(text);
    let step = |empty| StepContext { owner: &owner, since: None, empty, seen: None, note: &note };
    make(kind, &step(false)).await;
    fill(&aws.client(Client::new).await).await;

    let refused = kind.delete(BUCKET, &step(false)).await.unwrap_err();
    assert_eq!(refused.class, Class::InUse, "{refused}");
    assert!(refused.message.contains("at least 1000 objects"), "{refused}");
    assert!(refused.message.contains("--empty-buckets"), "{refused}");
    assert!(kind.read(BUCKET, None).await.unwrap().is_some());

    kind.delete(BUCKET, &step(true)).await.unwrap();
    assert_eq!(kind.read(BUCKET, None).await.unwrap(), None);
    let last = notes.into_inner().unwrap().pop().expect("progress");
    assert_eq!(last, format!("deleted {} objects, old versions and delete markers", 3 * KEYS));
}

/// Three pages and a half.
const CROWD: usize = 3500;
const UPLOADS: usize = 20;

#[tokio::test]
async fn a_full_bucket_is_listed_once_and_emptied_by_the_thousand() {
    let account = emulator::ministack().account();
    let (account, proxy) = account.behind_proxy();
    let aws = account.aws();
    let registry = kinds::registry(&aws);
    let kind = registry.get("s3_bucket").unwrap();
    let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("bucket", "events") };
    let notes = Mutex::new(Vec::new());
    let note = |text| notes.lock().unwrap().push(text);
    let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &note };
    let name = account.unique("pipectl-crowd");
    let want = kind.with_files(&json!({ "name": name })).unwrap();
    kind.create(&want, &step).await.unwrap();
    proxy.crowd(CROWD, UPLOADS);
    proxy.take_calls();

    kind.delete(&name, &step).await.unwrap();
    let calls = proxy.take_calls();
    let pages = CROWD.div_ceil(1000);
    assert_eq!(calls.of("s3:ListObjectVersions"), pages + 1, "the last finds nothing");
    assert_eq!(calls.of("s3:DeleteObjects"), pages);
    assert_eq!(calls.of("s3:ListMultipartUploads"), 2, "the last finds nothing");
    assert_eq!(calls.of("s3:AbortMultipartUpload"), UPLOADS);
    let notes = notes.into_inner().unwrap();
    assert_eq!(notes.len(), pages, "progress with each batch");
    assert_eq!(notes.last().unwrap(), &format!("deleted {CROWD} objects, old versions and delete markers"));
}
