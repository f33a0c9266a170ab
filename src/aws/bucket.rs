//! One bucket to call S3 about, and what it means that it is there.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;

use super::error::failed;
use super::{Aws, Result};
use crate::engine::error::{CallError, Class};
use crate::engine::scope::Scope;

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
            Err(error) => match error.raw_response().map(|reply| (reply.status().as_u16(), region_of(reply))) {
                Some((404, _)) => Ok(false),
                Some((301, region)) => self.here(Some(region.unwrap_or("another region"))).map(|()| true),
                Some((403, _)) => Err(CallError { message: self.foreign(), ..failed(HEAD)(error) }),
                _ => Err(failed(HEAD)(error)),
            },
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
