//! Objects of S3 whose bytes are a file of the project.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::ServerSideEncryption;

use super::unmodelled::s3_objects::shown_of_object;
use crate::aws::bucket::{Bucket, about};
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::wait::retry;
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::s3_object::{OWN_KEY, Object, Outputs, SHA256, Spec, UNKNOWN};
use crate::files::content::{self, Content};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

const HEAD: &str = "s3 HeadObject";
const PUT: &str = "s3 PutObject";
const DELETE: &str = "s3 DeleteObject";

/// How long a write is repeated that met another one in flight.
const PATIENCE: Duration = Duration::from_secs(10);

/// From how many bytes on a request may take longer than others, and how long.
const LARGE: usize = 1 << 20;
const LONGEST: Duration = Duration::from_mins(15);

impl Calls for Object {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let (bucket, key) = parts(key)?;
        let bucket = Bucket::new(aws, bucket).await?;
        let head = about!(bucket, head_object).key(key).send().await.map_err(failed(HEAD));
        let live = absent_is_none(head).map_err(|error| explained(error, &uri(&bucket.name, key)))?;
        let Some(live) = live else { return Ok(None) };
        // S3 leaves it out of none.
        present(HEAD, "ETag", live.e_tag())?;
        Ok(Some((spec(&bucket.name, key, &live), outputs(&bucket.name, key, &live), shown_of_object(&live))))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let bytes = put(aws, want, true).await?;
        Ok(Some((want.clone(), Outputs { uri: uri(&want.bucket, &want.key), bytes }, Vec::new())))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        if now == want {
            return Ok(());
        }
        put(aws, want, false).await.map(drop)
    }

    /// Of a bucket with versions the object stays below a marker, until the bucket is emptied.
    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let (bucket, key) = parts(key)?;
        let bucket = Bucket::new(aws, bucket).await?;
        absent_is_done(about!(bucket, delete_object).key(key).send().await.map_err(failed(DELETE)))
    }
}

/// Bucket and key of a key; a bucket's name holds no `|`.
fn parts(key: &str) -> Result<(&str, &str)> {
    key.split_once('|').ok_or_else(|| CallError::own(Class::Invalid, HEAD, format!("`{key}` is not `bucket|key`")))
}

fn uri(bucket: &str, key: &str) -> String {
    format!("s3://{bucket}/{key}")
}

/// S3 refuses a HEAD without a word, and so it does one of what is not there to those who may not list the bucket.
fn explained(error: CallError, uri: &str) -> CallError {
    if error.class != Class::Denied {
        return error;
    }
    let message = format!(
        "{uri}: these credentials lack s3:GetObject on it, or s3:ListBucket on its bucket, without which S3 does not say that \
         it is not there"
    );
    CallError { message, ..error }
}

/// The file as it was planned, and never any other.
fn planned(want: &Spec) -> Result<Content> {
    let content = content::read(&want.file).map_err(|error| CallError::own(Class::Invalid, PUT, error.to_string()))?;
    if want.sha256.as_ref() != Some(&content.sha256) {
        let message = format!("the file `{}` has changed since it was planned", want.file);
        return Err(CallError::own(Class::Conflict, PUT, message));
    }
    Ok(content)
}

/// Writes the object whole, as S3 has no other way; `new`: only where there is none.
async fn put(aws: &Aws, want: &Spec, new: bool) -> Result<i64> {
    let Content { bytes, sha256 } = planned(want)?;
    let size = bytes.len();
    let bucket = Bucket::new(aws, &want.bucket).await?;
    let call = || {
        let own_key = want.kms_key.as_ref().map(|key| (OWN_KEY.to_owned(), key.clone()));
        let metadata = [(SHA256.to_owned(), sha256.clone())].into_iter().chain(own_key).collect();
        about!(bucket, put_object)
            .key(&want.key)
            .content_type(&want.content_type)
            .set_metadata(Some(metadata))
            .set_server_side_encryption(want.kms_key.as_ref().map(|_| ServerSideEncryption::AwsKms))
            .set_ssekms_key_id(want.kms_key.clone())
            .set_if_none_match(new.then(|| "*".to_owned()))
    };
    let slow = TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).read_timeout(LONGEST).build();
    let slow = aws_sdk_s3::config::Builder::new().timeout_config(slow);
    // Cheap to take again: what a body is made of is shared.
    let bytes = bytes::Bytes::from(bytes);
    let send = || async {
        let call = call().body(bytes.clone().into()).customize();
        let call = if size > LARGE { call.config_override(slow.clone()) } else { call };
        Box::pin(call.send()).await.map_err(failed(PUT))
    };
    match retry(PATIENCE, met_another, send).await {
        Err(error) if new && error.code.as_deref() == Some("PreconditionFailed") => {
            let message = format!("{} exists already", uri(&want.bucket, &want.key));
            Err(CallError { class: Class::InUse, message, ..error })
        }
        Err(error) => Err(error),
        Ok(_) => Ok(i64::try_from(size).unwrap_or(i64::MAX)),
    }
}

/// Whether S3 was busy with another conditional write of the same key.
fn met_another(error: &CallError) -> bool {
    error.code.as_deref() == Some("ConditionalRequestConflict")
}

/// The spec that the live object is equal to.
fn spec(bucket: &str, key: &str, live: &HeadObjectOutput) -> Spec {
    let said = |name: &str| live.metadata().and_then(|all| all.get(name)).cloned();
    // What its bucket encrypts with is not the object's own. S3 says the key that an alias stood for, and no alias.
    let own_key = |used| said(OWN_KEY).map(|own| if own.contains("alias/") { own } else { used });
    let kms_key = live.ssekms_key_id.clone().and_then(own_key);
    Spec {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        file: String::new(),
        sha256: Some(said(SHA256).unwrap_or_else(|| UNKNOWN.to_owned())),
        content_type: live.content_type.clone().unwrap_or_default(),
        kms_key,
    }
}

fn outputs(bucket: &str, key: &str, live: &HeadObjectOutput) -> Outputs {
    Outputs { uri: uri(bucket, key), bytes: live.content_length.unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::scripted::{Reply, Scripted, identity, ok, step};
    use crate::catalog::ResourceType as _;

    const BUCKET: &str = "acme-scripts";
    const KEY: &str = "scripts/clean.py";
    const FILE: &str = "examples/analytics/functions/process/app.py";
    /// S3 in eu-west-1 has the bucket in the name of its host.
    const PUTS: &str = "PUT /scripts/clean.py";
    const HEADS: &str = "HEAD /scripts/clean.py";

    fn want() -> Spec {
        let mut spec = Spec {
            bucket: BUCKET.to_owned(),
            key: KEY.to_owned(),
            file: FILE.to_owned(),
            sha256: None,
            content_type: "text/x-python".to_owned(),
            kms_key: None,
        };
        Object::resolve_local_files(&mut spec).unwrap();
        spec
    }

    fn empty(operation: &'static str) -> Reply {
        ok(operation, "".into())
    }

    async fn read(head: Reply) -> Spec {
        let service = Scripted::new([identity(), head]);
        let found = Object::read(&service.aws().await, &format!("{BUCKET}|{KEY}"), None).await.unwrap();
        found.unwrap().0
    }

    #[tokio::test]
    async fn the_digest_goes_into_the_metadata_and_a_new_object_takes_nobodys_place() {
        let service = Scripted::new([identity(), empty(PUTS)]);
        Object::create(&service.aws().await, &want(), &step()).await.unwrap();
        let sent = service.last(PUTS);
        assert_eq!(sent["x-amz-meta-pipectl-sha256"], json!(want().sha256));
        assert_eq!(sent["if-none-match"], "*");
        assert!(sent.get("x-amz-server-side-encryption").is_none(), "its bucket says how: {sent}");
    }

    #[tokio::test]
    async fn an_object_that_is_there_is_refused_and_not_overwritten() {
        let body = "<Error><Code>PreconditionFailed</Code><Message>At least one</Message></Error>";
        let service = Scripted::new([identity(), ok(PUTS, body.into()).status(412)]);
        let error = Object::create(&service.aws().await, &want(), &step()).await.unwrap_err();
        assert_eq!(error.class, Class::InUse);
        assert_eq!(error.message, "s3://acme-scripts/scripts/clean.py exists already");
    }

    #[tokio::test]
    async fn a_key_of_its_own_is_told_from_that_of_its_bucket() {
        const KMS: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd";
        let service = Scripted::new([identity(), empty(PUTS)]);
        let now = want();
        let own = Spec { kms_key: Some(KMS.to_owned()), ..want() };
        Object::update(&service.aws().await, &now, &own, &step()).await.unwrap();
        let sent = service.last(PUTS);
        assert_eq!(sent["x-amz-server-side-encryption-aws-kms-key-id"], KMS);
        assert!(sent.get("if-none-match").is_none());
        let of_bucket = empty(HEADS).with(&[
            ("etag", "\"0\""),
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption-aws-kms-key-id", KMS),
        ]);
        assert_eq!(read(of_bucket).await.kms_key, None);
        let of_its_own = empty(HEADS).with(&[
            ("etag", "\"0\""),
            ("x-amz-meta-pipectl-own-key", "1234abcd"),
            ("x-amz-server-side-encryption-aws-kms-key-id", KMS),
        ]);
        assert_eq!(read(of_its_own).await.kms_key.as_deref(), Some(KMS));
        let by_alias = empty(HEADS).with(&[
            ("etag", "\"0\""),
            ("x-amz-meta-pipectl-own-key", "alias/scripts"),
            ("x-amz-server-side-encryption-aws-kms-key-id", KMS),
        ]);
        assert_eq!(read(by_alias).await.kms_key.as_deref(), Some("alias/scripts"));
    }

    #[tokio::test]
    async fn what_an_object_does_not_say_of_itself_is_no_digest_whatever_its_etag() {
        let etag =
            empty(HEADS).with(&[("etag", "\"9ac8d94a9a67bbf1b3d2d0e2d1a7b9b3\""), ("content-type", "text/plain")]);
        let live = read(etag).await;
        assert_eq!((live.sha256.as_deref(), live.content_type.as_str()), (Some(UNKNOWN), "text/plain"));
        let known = empty(HEADS).with(&[("etag", "\"0\""), ("x-amz-meta-pipectl-sha256", "abc")]);
        assert_eq!(read(known).await.sha256.as_deref(), Some("abc"));
    }

    #[tokio::test]
    async fn a_file_that_has_changed_since_the_plan_is_not_sent() {
        let service = Scripted::new([]);
        let other = Spec { sha256: Some("0".repeat(64)), ..want() };
        let error = Object::create(&service.aws().await, &other, &step()).await.unwrap_err();
        assert_eq!(error.class, Class::Conflict);
        assert!(error.message.contains("has changed since it was planned"), "{error}");
        assert!(service.operations().is_empty());
    }

    #[tokio::test]
    async fn a_refusal_without_a_word_says_what_may_be_missing() {
        let service = Scripted::new([identity(), empty(HEADS).status(403)]);
        let error = Object::read(&service.aws().await, &format!("{BUCKET}|{KEY}"), None).await.unwrap_err();
        assert_eq!(error.class, Class::Denied);
        assert!(error.message.contains("s3:GetObject on it, or s3:ListBucket on its bucket"), "{error}");
    }

    #[tokio::test]
    async fn what_is_gone_is_absent_and_counts_as_deleted() {
        let service =
            Scripted::new([identity(), empty(HEADS).status(404), empty("DELETE /scripts/clean.py").status(204)]);
        let (aws, key) = (service.aws().await, format!("{BUCKET}|{KEY}"));
        assert!(Object::read(&aws, &key, None).await.unwrap().is_none());
        Object::delete(&aws, &key, &step()).await.unwrap();
    }
}
