//! Makes what a state is kept in: the bucket, and the parameters that say where it is.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;
use serde_json::{Value, json};

use super::error::failed;
use super::kinds;
use super::location::{Location, LocationError, Parameters};
use super::slim::{Caller, Sealed};
use super::ssm::{PutParameter, STRING, Ssm};
use super::store::S3Blobs;
use super::{Aws, Result};
use crate::model::address::Address;
use crate::model::diff::diff;
use crate::model::error::{CallError, Class};
use crate::model::kind::{Kind, Owner, StepContext};
use crate::state::lease::{ProbeError, probe};

/// The tag by which the bucket is known as made here; without it nothing of a bucket is changed.
const MARK: (&str, &str) = ("pipectl:state", "true");

/// What is to be there.
#[derive(Clone, Debug)]
pub struct StatePlace {
    /// The bucket and the folder.
    pub location: Location,
    /// The parameters that are to hold the location, if any.
    pub parameters: Option<Parameters>,
    /// For how many days an overwritten version of a state or lock is kept; at least 1.
    pub keep_days: u32,
}

/// What was done about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The thing: `bucket acme-state`.
    pub what: String,
    /// What was done.
    pub outcome: Outcome,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did not exist.
    Made,
    /// It existed, and was not as it has to be.
    Changed,
    /// It was there already.
    Unchanged,
    /// It was there already, is not pipectl's, and lacks something that the user should see to.
    LeftAlone(String),
}

impl fmt::Display for Done {
    /// `bucket acme-state: made`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, outcome } = self;
        match outcome {
            Outcome::Made => write!(f, "{what}: made"),
            Outcome::Changed => write!(f, "{what}: changed"),
            Outcome::Unchanged => write!(f, "{what}: is there"),
            Outcome::LeftAlone(lack) => write!(f, "{what}: left as it is; {lack}"),
        }
    }
}

/// Why not everything is there.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// A parameter says something else; it was not overwritten, and nothing was made.
    #[error("the SSM parameter {name} holds `{value}`, not `{wanted}`")]
    Taken {
        /// The parameter's name.
        name: String,
        /// What it holds.
        value: String,
        /// What it would have to hold.
        wanted: String,
    },
    /// The folder's path is empty, which no parameter can be.
    #[error("an SSM parameter cannot hold an empty folder")]
    NoFolder,
    /// The location cannot be used.
    #[error(transparent)]
    Location(#[from] LocationError),
    /// The endpoint cannot keep a state.
    #[error(transparent)]
    Unfit(#[from] ProbeError),
    /// A call failed; running it again goes on from there.
    #[error(transparent)]
    Failed(#[from] CallError),
}

/// Makes what is missing, and tells of everything; may be repeated at will.
///
/// # Errors
/// When something is in the way, or a call fails.
pub async fn bootstrap(aws: &Arc<Aws>, place: &StatePlace) -> std::result::Result<Vec<Done>, BootstrapError> {
    let missing = match &place.parameters {
        Some(parameters) => missing(aws, parameters, &place.location).await?,
        None => Vec::new(),
    };
    let mut done = vec![bucket(aws, place).await?];
    let Location { bucket, folder } = &place.location;
    probe(&S3Blobs::new(aws, bucket, folder)).await?;
    for (name, value) in missing {
        let outcome = match value {
            Some(value) => {
                put_parameter(aws, &name, &value).await?;
                Outcome::Made
            }
            None => Outcome::Unchanged,
        };
        done.push(Done { what: format!("SSM parameter {name}"), outcome });
    }
    Ok(done)
}

/// The parameters, each with the value to write, or with `None` where it holds it already.
async fn missing(
    aws: &Aws,
    parameters: &Parameters,
    location: &Location,
) -> std::result::Result<Vec<(String, Option<String>)>, BootstrapError> {
    if location.folder.is_empty() {
        return Err(BootstrapError::NoFolder);
    }
    let wanted = [(&parameters.bucket, &location.bucket), (&parameters.folder, &location.folder)];
    let mut missing = Vec::new();
    for ((name, wanted), held) in wanted.into_iter().zip(parameters.read(aws).await?) {
        match held {
            Some(value) if value.trim().trim_matches('/') != wanted => {
                return Err(BootstrapError::Taken { name: name.clone(), value, wanted: wanted.clone() });
            }
            held => missing.push((name.clone(), held.is_none().then(|| wanted.clone()))),
        }
    }
    Ok(missing)
}

async fn put_parameter(aws: &Aws, name: &str, value: &str) -> Result<()> {
    let put = PutParameter {
        name,
        description: "Where pipectl keeps its state",
        kind: STRING,
        value: Sealed(&SecretString::from(value)),
        key_id: None,
        overwrite: None,
        tags: None,
    };
    let client = aws.client(Caller::<Ssm>::new).await;
    client.call(&put).await.map_err(failed("ssm PutParameter")).map(drop)
}

/// Makes the bucket, or makes it right if it was made here.
async fn bucket(aws: &Arc<Aws>, place: &StatePlace) -> Result<Done> {
    let registry = kinds::registry(aws);
    let kind = registry.get("s3_bucket").ok_or_else(|| misfit("there is no kind s3_bucket"))?;
    let name = &place.location.bucket;
    let policy = if aws.is_plain_http().await { Value::Null } else { tls_only(&aws.scope().await?.bucket_arn(name)) };
    let want = kind.canonical(&attributes(name, &policy, place.keep_days)).map_err(misfit)?;
    let owner = Owner { project: "pipectl".into(), env: "state".into(), address: Address::block("bucket", "state") };
    let step = StepContext { owner: &owner, since: None, empty: false, seen: None, note: &|_| {} };
    let outcome = match kind.read(name, Some(&want)).await? {
        None => {
            match kind.create(&want, &step).await {
                // A reply may have been lost after the call took effect: the SDK's own retry then meets what this has made.
                Err(error) if error.code.as_deref() == Some("BucketAlreadyOwnedByYou") => {}
                made => drop(made?),
            }
            make_right(kind, name, &want, &step).await?;
            Outcome::Made
        }
        Some(live) if live.attributes["tags"][MARK.0] != MARK.1 => foreign(&live.attributes),
        Some(live) if diff(&live.attributes, &want, kind.schema()).is_empty() => Outcome::Unchanged,
        Some(_) => {
            make_right(kind, name, &want, &step).await?;
            Outcome::Changed
        }
    };
    Ok(Done { what: format!("bucket {name}"), outcome })
}

/// What a bucket that somebody made otherwise lacks for keeping states.
fn foreign(live: &Value) -> Outcome {
    if live["versioning"] == true {
        return Outcome::Unchanged;
    }
    let lack = "it keeps no versions, so that there is no earlier state to go back to: switch versioning on";
    Outcome::LeftAlone(lack.to_owned())
}

async fn make_right(kind: &dyn Kind, name: &str, want: &Value, step: &StepContext<'_>) -> Result<()> {
    let now = kind.read(name, Some(want)).await?.ok_or_else(|| misfit("it is gone again"))?;
    kind.update(&now.attributes, want, step).await
}

fn misfit(error: impl fmt::Display) -> CallError {
    CallError::own(Class::Other, "s3_bucket", error.to_string())
}

/// Versioned, encrypted, closed to the public; what was overwritten goes after `keep_days`.
fn attributes(name: &str, policy: &Value, keep_days: u32) -> Value {
    json!({
        "name": name,
        "versioning": true,
        "tags": { MARK.0: MARK.1 },
        "policy": policy,
        "lifecycle": [{
            "id": "trim",
            "noncurrent_days": keep_days,
            "expired_delete_markers": true,
            "abort_multipart_days": 1,
        }],
    })
}

/// The bucket policy that refuses every call over plain HTTP.
fn tls_only(arn: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, format!("{arn}/*")],
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_is_versioned_encrypted_closed_and_tls_only() {
        let registry = kinds::registry(&Arc::new(Aws::new(None)));
        let policy = tls_only("arn:aws:s3:::acme-state");
        let spec = attributes("acme-state", &policy, 90);
        let whole = registry.get("s3_bucket").unwrap().canonical(&spec).unwrap();
        assert_eq!(whole["versioning"], true);
        assert_eq!(whole["encryption"]["algorithm"], "AES256");
        assert!(whole["public_access_block"].as_object().unwrap().values().all(|blocked| blocked == true));
        assert_eq!(whole["policy"]["Statement"][0]["Effect"], "Deny");
        assert_eq!(whole["lifecycle"][0]["noncurrent_days"], 90);
    }
}
