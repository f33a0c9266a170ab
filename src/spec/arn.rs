//! Amazon resource names, as far as a spec holds any.

use crate::model::pattern::special;
use crate::model::scope::Scope;

/// The parts of an ARN: `arn:<partition>:<service>:<region>:<account>:<resource>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arn<'a> {
    /// `aws`, `aws-cn` …
    pub partition: &'a str,
    /// `sqs` …
    pub service: &'a str,
    /// `eu-west-1` …; empty where the service is global.
    pub region: &'a str,
    /// Twelve digits; empty where the service leaves it out.
    pub account: &'a str,
    /// All that follows.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart; `None` if the text is none, or would be a pattern in a policy: it names one thing.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let [arn, partition, service, region, account, resource] = std::array::from_fn(|_| parts.next());
        let arn = Self {
            partition: partition.filter(|_| arn == Some("arn"))?,
            service: service?,
            region: region?,
            account: account?,
            resource: resource?,
        };
        let twelve_digits = arn.account.len() == 12 && arn.account.bytes().all(|byte| byte.is_ascii_digit());
        let whole = arn.partition.starts_with("aws") && !arn.service.is_empty() && !arn.resource.is_empty();
        let printable = text.chars().all(|c| c.is_ascii_graphic());
        (whole && printable && special(text).is_none() && (arn.account.is_empty() || twelve_digits)).then_some(arn)
    }

    /// The ARN of a managed policy of IAM's: one of an account, or one of AWS's own.
    pub(super) fn managed_policy(text: &'a str) -> Option<Self> {
        let (before, resource) = text.split_once(":policy/")?;
        let partition = before.strip_prefix("arn:")?.strip_suffix(":iam::aws");
        let arn = match partition {
            Some(partition) => Self { partition, service: "iam", region: "", account: "aws", resource },
            None => Self { resource, ..Self::parse(text)? },
        };
        let (path, name) = resource.rsplit_once('/').unwrap_or(("", resource));
        let named = |text: &str, more: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
        let whole = arn.partition.starts_with("aws") && !name.is_empty() && named(name, "_+=,.@-");
        let of_iam = arn.service == "iam" && arn.region.is_empty() && !arn.account.is_empty();
        let plain = path.chars().all(|c| c.is_ascii_graphic()) && special(path).is_none();
        (whole && of_iam && plain && named(arn.partition, "-")).then_some(arn)
    }

    /// The ARN of a role of IAM's, with its path.
    pub(super) fn role(text: &'a str) -> Option<Self> {
        let arn = Self::parse(text)?;
        let name = arn.resource.strip_prefix("role/")?.rsplit('/').next()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        let named = !name.is_empty() && name.len() <= 64 && name.chars().all(plain);
        (named && arn.service == "iam" && arn.region.is_empty() && !arn.account.is_empty()).then_some(arn)
    }

    /// That it is in another partition than a region, where nothing of this one reaches; absent where it is in the same.
    pub(super) fn elsewhere(&self, region: &str) -> Option<String> {
        let here = Scope::new("", region).partition;
        (self.partition != here)
            .then(|| format!("is in the partition `{}`, and `{region}` in `{here}`", self.partition))
    }
}
