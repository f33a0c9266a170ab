//! One bucket to call S3 about, and what it means that it is there.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;

use super::error::failed;
use super::{Aws, Result};
use crate::model::error::{CallError, Class};
use crate::model::scope::Scope;

/// A bucket's name, with the client to reach it and the account that has to own it.
pub struct Bucket {
    pub(crate) s3: Client,
    pub(crate) name: String,
    pub(crate) scope: Scope,
}

/// A call about a [`Bucket`]: `about!(bucket, get_bucket_policy).send()`.
///
/// The expected owner goes along with each, so that somebody else's bucket of the name is refused and never changed.
/// A macro, because the SDK's builders have no trait in common.
macro_rules! about {
    ($bucket:expr, $operation:ident) => {
        $bucket.s3.$operation().bucket(&$bucket.name).expected_bucket_owner(&$bucket.scope.account)
    };
}
pub(crate) use about;

const HEAD: &str = "s3 HeadBucket";

impl Bucket {
    /// The bucket of that name in our own account; asks for nothing but who we are.
    ///
    /// # Errors
    /// When STS does not answer.
    pub async fn new(aws: &Aws, name: &str) -> Result<Self> {
        let scope = aws.scope().await?.clone();
        Ok(Self { s3: aws.client(Client::new).await, name: name.to_owned(), scope })
    }

    /// Whether we have it.
    ///
    /// # Errors
    /// [`Class::InUse`] when it lies in another region, [`Class::Denied`] when it may be another account's.
    pub async fn exists(&self) -> Result<bool> {
        match about!(self, head_bucket).send().await {
            Ok(reply) => self.here(reply.bucket_region()).map(|()| true),
            Err(error) => {
                let reply = error.raw_response();
                let region = reply.and_then(region_of).map(str::to_owned);
                let status = reply.map(|reply| reply.status().as_u16());
                let error = failed(HEAD)(error);
                match status {
                    // What is not S3's says nothing of the bucket.
                    _ if error.class == Class::Unreadable => Err(error),
                    Some(404) => Ok(false),
                    Some(301) => self.here(Some(region.as_deref().unwrap_or("another region"))).map(|()| true),
                    Some(403) => Err(CallError { message: self.foreign(), ..error }),
                    _ => Err(error),
                }
            }
        }
    }

    /// Fails where the bucket is not in our region: it cannot be moved, and its name is taken everywhere.
    fn here(&self, region: Option<&str>) -> Result<()> {
        let (name, ours) = (&self.name, &self.scope.region);
        match region {
            Some(region) if region != ours => Err(CallError::own(
                Class::InUse,
                HEAD,
                format!("a bucket `{name}` exists already, in {region} instead of {ours}; choose another name"),
            )),
            _ => Ok(()),
        }
    }

    fn foreign(&self) -> String {
        format!(
            "`{}` belongs to another AWS account (all accounts share the names of buckets: choose another one), \
             or these credentials lack s3:ListBucket on it",
            self.name
        )
    }
}

/// HEAD has no body: the region of a bucket that is elsewhere is in a header of the refusal.
fn region_of(reply: &HttpResponse) -> Option<&str> {
    reply.headers().get("x-amz-bucket-region")
}
