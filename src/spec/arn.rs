//! Amazon resource names, as far as a spec holds any.

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
    /// Takes an ARN apart; `None` if the text is none.
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
        (whole && printable && (arn.account.is_empty() || twelve_digits)).then_some(arn)
    }
}
