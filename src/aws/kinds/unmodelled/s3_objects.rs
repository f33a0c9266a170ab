//! Beyond the attributes of objects of S3.

use aws_sdk_s3::operation::head_object::HeadObjectOutput;

use super::{list, set, text};
use crate::aws::{Aws, Observed};
use crate::catalog::s3_object::{self as object, OWN_KEY, Object, SHA256};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const HEADERS: Setting =
    Setting::shown("headers for who fetches it", Weight::Other).undone_by("aws s3api copy-object").overwritten();
const METADATA: Setting = Setting::shown("metadata", Weight::Other).undone_by("aws s3api copy-object").overwritten();
const REDIRECT: Setting =
    Setting::shown("redirect of a website", Weight::ChangesData).undone_by("aws s3api copy-object").overwritten();
const CLASS: Setting = Setting::shown("storage class", Weight::Costs).undone_by("aws s3api copy-object").overwritten();
const LOCK: Setting = Setting::shown("object lock", Weight::Other).undone_by("aws s3api put-object-retention");

/// What HeadObject shows of an object besides its attributes.
pub(in crate::aws::kinds) fn shown_of_object(live: &HeadObjectOutput) -> Vec<Unmodelled> {
    let headers = [
        ("Cache-Control", live.cache_control()),
        ("Content-Disposition", live.content_disposition()),
        // What the SDK sends in chunks comes back with this.
        ("Content-Encoding", live.content_encoding().filter(|encoding| *encoding != "aws-chunked")),
        ("Content-Language", live.content_language()),
    ];
    let headers = headers.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}", text(value)?)));
    let metadata =
        live.metadata().into_iter().flatten().filter(|(name, _)| ![SHA256, OWN_KEY].contains(&name.as_str()));
    let mut metadata: Vec<String> = metadata.map(|(name, value)| format!("{name}: {value}")).collect();
    metadata.sort_unstable();
    let class = live.storage_class().map(aws_sdk_s3::types::StorageClass::as_str).filter(|class| *class != "STANDARD");
    let lock = live.object_lock_mode().map(|mode| mode.as_str().to_owned());
    let hold = live.object_lock_legal_hold_status().filter(|status| status.as_str() == "ON");
    let lock = list(lock.into_iter().chain(hold.map(|_| "legal hold".to_owned())));
    [
        set(&HEADERS, list(headers)),
        set(&METADATA, list(metadata)),
        set(&REDIRECT, text(live.website_redirect_location())),
        set(&CLASS, class),
        set(&LOCK, lock),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Observed for Object {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&HEADERS, &METADATA, &REDIRECT, &CLASS, &LOCK],
        not_looked_at: &[
            ("tags", "nothing that pipectl makes goes by them"),
            ("its ACL", "it counts for nothing while the bucket's owner owns all objects"),
            ("older versions", "they are the bucket's"),
        ],
    };

    async fn look_closer(_aws: &Aws, _now: &object::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &object::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
