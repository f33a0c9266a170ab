//! A bucket's settings: what S3 keeps in documents of their own, each with its reading and its writing.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use aws_sdk_s3::types;

use super::{lifecycle, logging};
use crate::aws::Result;
use crate::aws::answers::passes;
use crate::aws::bucket::{Bucket, about};
use crate::aws::error::{absent_is_none, failed, garbled, unbuildable};
use crate::aws::wait::retry;
use crate::catalog::s3_bucket::{Encryption, LifecycleRule, PublicAccessBlock, Spec};
use crate::model::error::CallError;
use crate::model::policy::Policy;
use crate::model::tags;
use crate::model::tags::Tags;

/// For as long a bucket's settings may stay locked by another call, or a new bucket unknown.
const PATIENCE: Duration = Duration::from_mins(1);

/// All settings, asked for at once.
pub(super) async fn read(bucket: &Bucket) -> Result<Spec> {
    let (
        (versioning, access_log),
        encryption,
        public_access_block,
        object_ownership,
        policy,
        (lifecycle, transition_minimum),
        tags,
    ) = tokio::try_join!(
        async { tokio::try_join!(versioning(bucket), logging::read(bucket)) },
        encryption(bucket),
        public_access_block(bucket),
        object_ownership(bucket),
        policy(bucket),
        lifecycle(bucket),
        all_tags(bucket),
    )?;
    let name = bucket.name.clone();
    let tags = tags::own(tags);
    Ok(Spec {
        name,
        versioning,
        encryption,
        public_access_block,
        object_ownership,
        policy,
        lifecycle,
        transition_minimum,
        access_log,
        tags,
    })
}

/// Writes what differs, one after the other: S3 refuses a write while another to the same bucket is in progress.
pub(super) async fn write(bucket: &Bucket, now: &Spec, want: &Spec) -> Result<()> {
    if now.tags != want.tags {
        patiently(|| put_tags(bucket, &want.tags)).await?;
    }
    if now.object_ownership != want.object_ownership {
        patiently(|| put_object_ownership(bucket, &want.object_ownership)).await?;
    }
    // Before the policy: whether S3 takes a public one depends on this.
    if now.public_access_block != want.public_access_block {
        patiently(|| put_public_access_block(bucket, &want.public_access_block)).await?;
    }
    if now.policy != want.policy {
        patiently(|| put_policy(bucket, want.policy.as_ref())).await?;
    }
    if now.encryption != want.encryption {
        patiently(|| put_encryption(bucket, &want.encryption)).await?;
    }
    if now.versioning != want.versioning {
        patiently(|| put_versioning(bucket, want.versioning)).await?;
    }
    // A configuration that does not say the size from which objects are moved sets it to 128 KB.
    let minimum = want.transition_minimum.as_ref().or(now.transition_minimum.as_ref());
    if now.lifecycle != want.lifecycle || (now.transition_minimum.as_ref() != minimum && !want.lifecycle.is_empty()) {
        patiently(|| put_lifecycle(bucket, &want.lifecycle, minimum.map(String::as_str))).await?;
    }
    if now.access_log != want.access_log {
        patiently(|| logging::write(bucket, want.access_log.as_ref())).await?;
    }
    Ok(())
}

/// Writes the settings of a bucket that was just made, over those that S3 gives every new one (the user guide: no versions, no
/// policy, no lifecycle, no log, SSE-S3), which therefore need not be read. That it is closed to the public is said in any case.
/// Tags are looked at: an endpoint older than CreateBucket's tags leaves them out, and nothing else says whose the bucket is.
pub(super) async fn write_new(bucket: &Bucket, want: &Spec) -> Result<()> {
    let (live, ()) = tokio::try_join!(
        retry(PATIENCE, is_no_bucket, || all_tags(bucket)),
        patiently(|| put_public_access_block(bucket, &want.public_access_block)),
    )?;
    if tags::own(live.clone()) != want.tags {
        patiently(|| put_tags_over(bucket, live.clone(), &want.tags)).await?;
    }
    let born = Spec {
        versioning: false,
        encryption: Encryption::default(),
        policy: None,
        lifecycle: BTreeSet::new(),
        transition_minimum: None,
        access_log: None,
        ..want.clone()
    };
    write(bucket, &born, want).await
}

/// Makes a call again while it fails with what passes by itself.
async fn patiently<F: Future<Output = Result<()>> + Send>(call: impl FnMut() -> F + Send) -> Result<()> {
    retry(PATIENCE, |error| passes(error) || is_no_bucket(error), call).await
}

/// A setting that was never made, as `None`; a bucket that is missing stays an error.
fn unset_is_none<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(error) if is_no_bucket(&error) => Err(error),
        result => absent_is_none(result),
    }
}

async fn versioning(bucket: &Bucket) -> Result<bool> {
    let reply = about!(bucket, get_bucket_versioning).send().await.map_err(failed("s3 GetBucketVersioning"))?;
    Ok(reply.status() == Some(&types::BucketVersioningStatus::Enabled))
}

async fn put_versioning(bucket: &Bucket, on: bool) -> Result<()> {
    // There is no way back to a bucket that never had versions.
    let status = if on { types::BucketVersioningStatus::Enabled } else { types::BucketVersioningStatus::Suspended };
    let put = about!(bucket, put_bucket_versioning)
        .versioning_configuration(types::VersioningConfiguration::builder().status(status).build());
    put.send().await.map_err(failed("s3 PutBucketVersioning"))?;
    Ok(())
}

async fn encryption_rule(bucket: &Bucket) -> Result<Option<types::ServerSideEncryptionRule>> {
    let get = about!(bucket, get_bucket_encryption).send().await.map_err(failed("s3 GetBucketEncryption"));
    let configuration = unset_is_none(get)?.and_then(|reply| reply.server_side_encryption_configuration);
    Ok(configuration.and_then(|configuration| configuration.rules.into_iter().next()))
}

async fn encryption(bucket: &Bucket) -> Result<Encryption> {
    let Some(rule) = encryption_rule(bucket).await? else { return Ok(Encryption::default()) };
    let Some(default) = rule.apply_server_side_encryption_by_default else { return Ok(Encryption::default()) };
    Ok(Encryption {
        algorithm: default.sse_algorithm.as_str().to_owned(),
        kms_key: default.kms_master_key_id,
        bucket_key: rule.bucket_key_enabled == Some(true),
    })
}

async fn put_encryption(bucket: &Bucket, want: &Encryption) -> Result<()> {
    // The rule also says which kinds of encryption are refused; that is somebody's decision, and stays.
    let blocked = encryption_rule(bucket).await?.and_then(|rule| rule.blocked_encryption_types);
    let default = types::ServerSideEncryptionByDefault::builder()
        .sse_algorithm(want.algorithm.as_str().into())
        .set_kms_master_key_id(want.kms_key.clone())
        .build()
        .map_err(unbuildable("s3_bucket"))?;
    let rule = types::ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(default)
        .bucket_key_enabled(want.bucket_key)
        .set_blocked_encryption_types(blocked)
        .build();
    let configuration =
        types::ServerSideEncryptionConfiguration::builder().rules(rule).build().map_err(unbuildable("s3_bucket"))?;
    let put = about!(bucket, put_bucket_encryption).server_side_encryption_configuration(configuration);
    put.send().await.map_err(failed("s3 PutBucketEncryption"))?;
    Ok(())
}

async fn public_access_block(bucket: &Bucket) -> Result<PublicAccessBlock> {
    let get = about!(bucket, get_public_access_block).send().await.map_err(failed("s3 GetPublicAccessBlock"));
    let live = unset_is_none(get)?.and_then(|reply| reply.public_access_block_configuration);
    let blocks = |which: fn(&types::PublicAccessBlockConfiguration) -> Option<bool>| {
        live.as_ref().and_then(which).unwrap_or_default()
    };
    Ok(PublicAccessBlock {
        block_public_acls: blocks(|live| live.block_public_acls),
        ignore_public_acls: blocks(|live| live.ignore_public_acls),
        block_public_policy: blocks(|live| live.block_public_policy),
        restrict_public_buckets: blocks(|live| live.restrict_public_buckets),
    })
}

async fn put_public_access_block(bucket: &Bucket, want: &PublicAccessBlock) -> Result<()> {
    let configuration = types::PublicAccessBlockConfiguration::builder()
        .block_public_acls(want.block_public_acls)
        .ignore_public_acls(want.ignore_public_acls)
        .block_public_policy(want.block_public_policy)
        .restrict_public_buckets(want.restrict_public_buckets)
        .build();
    let put = about!(bucket, put_public_access_block).public_access_block_configuration(configuration);
    put.send().await.map_err(failed("s3 PutPublicAccessBlock"))?;
    Ok(())
}

async fn object_ownership(bucket: &Bucket) -> Result<String> {
    let get = about!(bucket, get_bucket_ownership_controls).send().await;
    let controls = unset_is_none(get.map_err(failed("s3 GetBucketOwnershipControls")))?
        .and_then(|reply| reply.ownership_controls)
        .and_then(|controls| controls.rules.into_iter().next());
    // Buckets from before 2023 that nobody has touched since: whoever writes an object owns it.
    let live = controls.map_or(types::ObjectOwnership::ObjectWriter, |rule| rule.object_ownership);
    Ok(live.as_str().to_owned())
}

async fn put_object_ownership(bucket: &Bucket, want: &str) -> Result<()> {
    let rule = types::OwnershipControlsRule::builder()
        .object_ownership(want.into())
        .build()
        .map_err(unbuildable("s3_bucket"))?;
    let controls = types::OwnershipControls::builder().rules(rule).build().map_err(unbuildable("s3_bucket"))?;
    let put = about!(bucket, put_bucket_ownership_controls).ownership_controls(controls);
    put.send().await.map_err(failed("s3 PutBucketOwnershipControls"))?;
    Ok(())
}

async fn policy(bucket: &Bucket) -> Result<Option<Policy>> {
    let call = "s3 GetBucketPolicy";
    let get = about!(bucket, get_bucket_policy).send().await.map_err(failed(call));
    let Some(text) = unset_is_none(get)?.and_then(|reply| reply.policy) else { return Ok(None) };
    Policy::parse(&text).map(Some).map_err(|error| garbled(call, "policy", &text, &error))
}

async fn put_policy(bucket: &Bucket, want: Option<&Policy>) -> Result<()> {
    match want {
        Some(policy) => {
            let put = about!(bucket, put_bucket_policy).policy(policy.text());
            put.send().await.map_err(failed("s3 PutBucketPolicy"))?;
        }
        None => {
            about!(bucket, delete_bucket_policy).send().await.map_err(failed("s3 DeleteBucketPolicy"))?;
        }
    }
    Ok(())
}

/// The lifecycle rules, and the size from which they move objects.
async fn lifecycle(bucket: &Bucket) -> Result<(BTreeSet<LifecycleRule>, Option<String>)> {
    let get = about!(bucket, get_bucket_lifecycle_configuration).send().await;
    let Some(reply) = unset_is_none(get.map_err(failed("s3 GetBucketLifecycleConfiguration")))? else {
        return Ok(Default::default());
    };
    let minimum = reply.transition_default_minimum_object_size.map(|minimum| minimum.as_str().to_owned());
    Ok((reply.rules.unwrap_or_default().into_iter().map(lifecycle::from_aws).collect(), minimum))
}

async fn put_lifecycle(bucket: &Bucket, want: &BTreeSet<LifecycleRule>, minimum: Option<&str>) -> Result<()> {
    // S3 takes no list without a rule.
    if want.is_empty() {
        about!(bucket, delete_bucket_lifecycle).send().await.map_err(failed("s3 DeleteBucketLifecycle"))?;
        return Ok(());
    }
    let rules = want.iter().map(lifecycle::to_aws).collect::<Result<_>>()?;
    let configuration = types::BucketLifecycleConfiguration::builder()
        .set_rules(Some(rules))
        .build()
        .map_err(unbuildable("s3_bucket"))?;
    let put = about!(bucket, put_bucket_lifecycle_configuration)
        .lifecycle_configuration(configuration)
        .set_transition_default_minimum_object_size(minimum.map(Into::into));
    put.send().await.map_err(failed("s3 PutBucketLifecycleConfiguration"))?;
    Ok(())
}

/// All tags, AWS's own among them.
async fn all_tags(bucket: &Bucket) -> Result<Tags> {
    let get = about!(bucket, get_bucket_tagging).send().await.map_err(failed("s3 GetBucketTagging"));
    let set = unset_is_none(get)?.map(|reply| reply.tag_set).unwrap_or_default();
    Ok(set.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Writes the whole set: S3 knows no other way, and refuses it where AWS's own tags are missing.
async fn put_tags(bucket: &Bucket, want: &Tags) -> Result<()> {
    put_tags_over(bucket, all_tags(bucket).await?, want).await
}

/// The same, where it is known which tags there are.
async fn put_tags_over(bucket: &Bucket, live: Tags, want: &Tags) -> Result<()> {
    let ours = tags::own(live.clone());
    let set: Tags = live.into_iter().filter(|(key, _)| !ours.contains_key(key)).chain(want.clone()).collect();
    if set.is_empty() {
        about!(bucket, delete_bucket_tagging).send().await.map_err(failed("s3 DeleteBucketTagging"))?;
        return Ok(());
    }
    let tagging =
        types::Tagging::builder().set_tag_set(Some(tag_list(&set)?)).build().map_err(unbuildable("s3_bucket"))?;
    about!(bucket, put_bucket_tagging).tagging(tagging).send().await.map_err(failed("s3 PutBucketTagging"))?;
    Ok(())
}

/// Tags as S3 takes them.
pub(super) fn tag_list(tags: &Tags) -> Result<Vec<types::Tag>> {
    let tag = |(key, value)| types::Tag::builder().key(key).value(value).build().map_err(unbuildable("s3_bucket"));
    tags.iter().map(tag).collect()
}

/// The bucket is missing as a whole: for a moment after its creation some of S3 may not know it.
pub(super) fn is_no_bucket(error: &CallError) -> bool {
    error.code.as_deref() == Some("NoSuchBucket")
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::Client;
    use serde_json::json;

    use super::*;
    use crate::aws::scripted::{Reply, Scripted, ok};
    use crate::model::scope::Scope;

    const GET: &str = "GET /";
    const PUT: &str = "PUT /";
    const SIZE: &str = "x-amz-transition-default-minimum-object-size";

    fn rules(minimum: &'static [(&'static str, &'static str)]) -> Reply {
        let rule = "<Rule><ID>objects</ID><Filter><Prefix/></Filter><Status>Enabled</Status>\
            <Expiration><Days>90</Days></Expiration></Rule>";
        ok(GET, format!("<LifecycleConfiguration>{rule}</LifecycleConfiguration>").into()).with(minimum)
    }

    /// A bucket that S3 serves from a script.
    async fn bucket(replies: Vec<Reply>) -> (Bucket, Scripted) {
        let service = Scripted::new(replies);
        let s3 = service.aws().await.client(Client::new).await;
        (Bucket { s3, name: "raw".into(), scope: Scope::new("123456789012", "eu-west-1") }, service)
    }

    fn spec(days: u32, minimum: Option<&str>) -> Spec {
        let rule = json!({ "id": "objects", "expire_days": days });
        serde_json::from_value(json!({ "name": "raw", "lifecycle": [rule], "transition_minimum": minimum })).unwrap()
    }

    /// With which size the rules were written, to get from one spec to another.
    async fn written(now: &Spec, want: &Spec) -> Vec<String> {
        let (bucket, service) = bucket(vec![ok(PUT, "".into())]).await;
        write(&bucket, now, want).await.unwrap();
        service.operations().iter().map(|_| service.last(PUT)[SIZE].to_string()).collect()
    }

    #[tokio::test]
    async fn the_size_from_which_objects_are_moved_is_read() {
        for (headers, want) in
            [(&[(SIZE, "varies_by_storage_class")][..], Some("varies_by_storage_class")), (&[], None)]
        {
            let (bucket, _) = bucket(vec![rules(headers)]).await;
            assert_eq!(lifecycle(&bucket).await.unwrap().1.as_deref(), want);
        }
    }

    #[tokio::test]
    async fn a_change_of_the_rules_keeps_the_size_from_which_objects_are_moved() {
        let varies = Some("varies_by_storage_class");
        assert_eq!(written(&spec(90, varies), &spec(30, None)).await, ["\"varies_by_storage_class\""]);
        assert_eq!(written(&spec(90, None), &spec(30, None)).await, ["null"]);
        assert_eq!(written(&spec(90, varies), &spec(90, None)).await, [""; 0]);
        let small = Some("all_storage_classes_128K");
        assert_eq!(written(&spec(90, varies), &spec(90, small)).await, ["\"all_storage_classes_128K\""]);
    }
}
