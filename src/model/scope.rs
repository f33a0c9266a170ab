//! Where resources live: partition, account, region.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::partition::{named, of_region};

/// The AWS partition, account and region that every name of an environment is unique in.
///
/// ARNs follow from it and a resource's name, so that a plan shows real values before anything exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// `aws`, `aws-cn`, `aws-us-gov` …
    pub partition: String,
    /// Twelve digits.
    pub account: String,
    /// `eu-west-1` …
    pub region: String,
}

impl Scope {
    /// The scope of an account and a region; the partition follows from the region's name.
    pub fn new(account: impl Into<String>, region: impl Into<String>) -> Self {
        let region = region.into();
        let partition = of_region(&region).map_or(USUAL.0, |partition| partition.name);
        Self { partition: partition.to_owned(), account: account.into(), region }
    }

    /// `arn:<partition>:<service>:<region>:<account>:<resource>`.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let Self { partition, account, region } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// The ARN of something that IAM or CloudWatch keeps once per account: without a region.
    pub fn global_arn(&self, service: &str, resource: &str) -> String {
        let Self { partition, account, .. } = self;
        format!("arn:{partition}:{service}::{account}:{resource}")
    }

    /// The ARN of a bucket: bucket names are unique in a partition, so it has neither region nor account.
    pub fn bucket_arn(&self, bucket: &str) -> String {
        format!("arn:{}:s3:::{bucket}", self.partition)
    }

    /// What an ARN of a service names: `stream/clicks`, `role/delivery`, a bucket; `None` where that is another account's
    /// or lies in another region. The reverse of the above.
    pub fn resource_of<'a>(&self, service: &str, arn: &'a str) -> Option<&'a str> {
        let mut parts = arn.splitn(6, ':');
        let [prefix, _, of, region, account, resource] = std::array::from_fn(|_| parts.next());
        let same = |part: Option<&str>, ours: &str| part.is_some_and(|part| part.is_empty() || part == ours);
        let ours = prefix == Some("arn") && of == Some(service);
        resource.filter(|_| ours && same(region, &self.region) && same(account, &self.account))
    }

    /// The host of AWS's web console for this region, where it is published.
    pub fn console(&self) -> Option<String> {
        Some(named(&self.partition)?.console?.replace("{region}", &self.region))
    }

    /// The name of a service in this region, as policies know it: `s3.eu-west-1.amazonaws.com`.
    pub fn endpoint(&self, service: &str) -> String {
        format!("{service}.{}.{}", self.region, self.domain())
    }

    /// The domain of the partition's services: `amazonaws.com`.
    pub fn domain(&self) -> &'static str {
        named(&self.partition).map_or(USUAL.1, |partition| partition.domain)
    }
}

impl fmt::Display for Scope {
    /// `123456789012 in eu-west-1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.account, self.region)
    }
}

/// The partition, and its domain, that a region is taken for whose name fits none; a spec that names one is told so.
const USUAL: (&str, &str) = ("aws", "amazonaws.com");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_arn_names_is_known_where_it_is_ours() {
        let scope = Scope::new("123456789012", "eu-west-1");
        for (service, arn, resource) in [
            ("kinesis", scope.arn("kinesis", "stream/clicks"), "stream/clicks"),
            ("iam", scope.global_arn("iam", "role/a/delivery"), "role/a/delivery"),
            ("s3", scope.bucket_arn("events"), "events"),
            ("logs", scope.arn("logs", "log-group:/a:log-stream:S3"), "log-group:/a:log-stream:S3"),
        ] {
            assert_eq!(scope.resource_of(service, &arn), Some(resource));
            assert_eq!(scope.resource_of("sqs", &arn), None);
        }
        for others in ["arn:aws:sqs:eu-west-1:999999999999:q", "arn:aws:sqs:us-east-1:123456789012:q", "q", ""] {
            assert_eq!(scope.resource_of("sqs", others), None, "{others}");
        }
    }
}
