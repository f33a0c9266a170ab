//! Objects of S3 whose bytes are a file of the project: the script of a Glue job, and the files beside it.
//!
//! An ETag is no digest of an object that a KMS key encrypts, or that was uploaded in parts. So the object's own metadata says
//! what was written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::files::content;
use crate::model::access::Access::{Bound, Nothing};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::kms;

/// An object of a bucket whose bytes are a file of the project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the bucket.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) bucket: String,
    /// Its key, unique in the bucket; 1–1,024 bytes.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) key: String,
    /// The file, from the project's folder.
    #[schemars(extend("x-unread" = true))]
    pub(crate) file: String,
    /// SHA-256 of its bytes, in hexadecimal; `unknown` of an object that pipectl has not written; absent where the file was not
    /// looked at: then it is not compared.
    #[serde(default)]
    #[schemars(extend("x-computed" = true, "x-files" = true))]
    pub(crate) sha256: Option<String>,
    /// What it is to whoever fetches it: `text/x-python`.
    #[serde(default = "bytes")]
    pub(crate) content_type: String,
    /// KMS key that encrypts it; absent: whatever its bucket encrypts with.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
}

/// What S3 takes where nobody says.
pub(crate) fn bytes() -> String {
    "application/octet-stream".to_owned()
}

/// The metadata of an object that says the digest of its bytes.
pub(crate) const SHA256: &str = "pipectl-sha256";
/// The metadata of an object that has a key of its own, with what the spec calls it: any other is encrypted as its bucket says.
pub(crate) const OWN_KEY: &str = "pipectl-own-key";
/// The digest of an object that does not say what it is.
pub(crate) const UNKNOWN: &str = "unknown";

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// `s3://<bucket>/<key>`.
    pub(crate) uri: String,
    /// Its size in bytes.
    pub(crate) bytes: i64,
}

/// Objects of S3 whose bytes are a file of the project.
pub(crate) struct Object;

pub(crate) const OBJECT: On = On::Arns(&["arn:{partition}:s3:::{bucket}/{key}"]);

impl ResourceType for Object {
    const KIND: &'static str = "s3_object";
    // CloudFormation has none; CloudTrail calls it so.
    const AWS_TYPE: &'static str = "AWS::S3::Object";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["s3:GetObject"], OBJECT),
        // Without it S3 says of an object that is not there that it is forbidden.
        Grant::plan(&["s3:ListBucket"], On::Arns(&["arn:{partition}:s3:::{bucket}"])),
        Grant::apply(&["s3:DeleteObject", "s3:PutObject"], OBJECT),
        Grant::apply(&["kms:GenerateDataKey"], On::Key("kms_key")).only_if("kms:ViaService", "s3.{region}.{domain}"),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[1],
        create: &["s3:PutObject", "s3:CopyObject", "s3:CompleteMultipartUpload"],
        delete: &["s3:DeleteObject", "s3:DeleteObjects"],
        update: &[
            Update::new("sha256", WRITTEN),
            Update::new("content_type", WRITTEN),
            Update::new("kms_key", WRITTEN).saying("x-amz-server-side-encryption-aws-kms-key-id"),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[(Bound("key"), &["kms_key"]), (Nothing, &["bucket", "key", "file", "sha256", "content_type"])],
    };
    const PRICE: Price = Price::None("billed with its bucket");
    const IMPORT: Import = Import::None("its bytes would have to become a file of the project");
    const STATUS: Status = Status::Exists("S3 has no state of it");
    const METRICS: Metrics = Metrics::None("S3 counts all of a bucket together");
    const EXAMPLES: &'static str = include_str!("s3_object.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.bucket, spec.key)
    }

    fn at_rest(spec: &Spec) -> AtRest {
        match &spec.kms_key {
            Some(_) => AtRest::ByKms,
            None => AtRest::Nothing("its bucket says how it is kept"),
        }
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("S3 allows any number of them")
    }

    fn resolve_local_files(spec: &mut Spec) -> std::result::Result<(), String> {
        spec.sha256 = Some(content::sha256(&spec.file).map_err(|error| error.to_string())?);
        Ok(())
    }

    fn align(now: &mut Spec, want: &Spec) {
        // Where the bytes came from is nothing that S3 knows.
        now.file.clone_from(&want.file);
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        let uri = format!("s3://{}/{}", now.bucket, now.key);
        let Some(want) = want.filter(|want| Self::key(want) == Self::key(now)) else {
            return vec![format!("Who reads {uri} finds nothing there any more.")];
        };
        let foreign = now.sha256.as_deref() == Some(UNKNOWN) && want.sha256.is_some();
        let foreign = foreign.then(|| format!("{uri} was not written by pipectl, and is overwritten."));
        let key = want.kms_key.as_ref().filter(|_| now.kms_key != want.kms_key);
        let key = key.map(|key| format!("Who reads {uri} needs the key {key} from then on."));
        foreign.into_iter().chain(key).collect()
    }
}

/// S3 tells a trail of these where that records data events.
const WRITTEN: &[&str] = &["s3:PutObject", "s3:CopyObject", "s3:CompleteMultipartUpload"];
