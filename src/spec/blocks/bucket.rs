//! `[bucket.<name>]`: an S3 bucket.

mod lifecycle;
mod log;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::check::{Block, Checks};
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::Metrics;
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::{Access, Uses};
use crate::spec::{Spec, json, kms};

pub use lifecycle::Rule;
pub use log::AccessLog;

/// An S3 bucket: private, encrypted, reachable by TLS only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Name in AWS, unique in the whole partition; absent: `<project>-<env>-<block>`. 3–63 lower-case letters,
    /// digits, `.` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether overwritten and deleted objects keep their versions.
    #[serde(default = "yes")]
    pub versioning: bool,
    /// KMS key (id, ARN or alias) that encrypts objects; absent: S3's own encryption (AES-256).
    #[serde(default)]
    pub kms_key: Option<String>,
    /// With a KMS key: whether a bucket key spares most of the calls to KMS.
    #[serde(default = "yes")]
    pub bucket_key: bool,
    /// Days after which objects expire; absent: never.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub expire_days: Option<u32>,
    /// Days after which a version that was overwritten or deleted expires.
    #[serde(default = "thirty")]
    #[schemars(range(min = 1))]
    pub noncurrent_days: u32,
    /// Days after which an unfinished multipart upload is given up.
    #[serde(default = "seven")]
    #[schemars(range(min = 1))]
    pub abort_multipart_days: u32,
    /// Moves of objects to cheaper storage, in order of days.
    #[serde(default)]
    pub transitions: Vec<Transition>,
    /// Lifecycle rules of one's own, instead of those that the settings of days above come to; `[]`: none.
    #[serde(default)]
    pub lifecycle: Option<Vec<Rule>>,
    /// From which size on the rules move objects; absent: as the bucket has it, and from 128 KB on where the rules are new.
    #[serde(default)]
    pub transition_minimum: Option<TransitionMinimum>,
    /// Bucket policy of one's own, as JSON; empty: none; absent: one that refuses whatever does not come by TLS, and lets
    /// S3 write the access logs that go here.
    #[serde(default)]
    pub policy: Option<String>,
    /// Where S3 logs who has asked for what, hours later and as it can; absent: nowhere.
    #[serde(default)]
    pub access_log: Option<AccessLog>,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// A move of objects to cheaper storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// Days after an object was made; 0: at the next midnight (UTC), for all classes but infrequent access.
    pub days: u32,
    /// Where it goes.
    pub class: StorageClass,
}

/// From which size on lifecycle rules move objects (S3's `TransitionDefaultMinimumObjectSize`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TransitionMinimum {
    /// From 128 KB on, to every class: a move costs more than smaller objects save.
    #[serde(rename = "all-storage-classes-128k")]
    AllStorageClasses128k,
    /// From 128 KB on, and to Glacier and Deep Archive from any size on: as in rules from before September 2024.
    VariesByStorageClass,
}

/// A storage class of S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StorageClass {
    /// Infrequent access.
    StandardIa,
    /// Infrequent access, in one availability zone.
    OnezoneIa,
    /// S3 watches and moves by itself.
    IntelligentTiering,
    /// Glacier, readable at once.
    GlacierIr,
    /// Glacier, readable after minutes or hours.
    Glacier,
    /// Glacier, readable after half a day.
    DeepArchive,
}

fn yes() -> bool {
    true
}

fn seven() -> u32 {
    7
}

fn thirty() -> u32 {
    30
}

impl StorageClass {
    /// The word for it in a spec.
    fn word(self) -> &'static str {
        match self {
            Self::StandardIa => "standard-ia",
            Self::OnezoneIa => "onezone-ia",
            Self::IntelligentTiering => "intelligent-tiering",
            Self::GlacierIr => "glacier-ir",
            Self::Glacier => "glacier",
            Self::DeepArchive => "deep-archive",
        }
    }

    /// After how many days S3 moves an object there at the earliest.
    fn earliest(self) -> u32 {
        match self {
            Self::StandardIa | Self::OnezoneIa => 30,
            Self::IntelligentTiering | Self::GlacierIr | Self::Glacier | Self::DeepArchive => 0,
        }
    }

    /// Where S3 moves an object that is there: downwards only.
    fn leads_to(self) -> &'static [Self] {
        match self {
            Self::StandardIa => {
                &[Self::IntelligentTiering, Self::OnezoneIa, Self::GlacierIr, Self::Glacier, Self::DeepArchive]
            }
            Self::IntelligentTiering => &[Self::OnezoneIa, Self::GlacierIr, Self::Glacier, Self::DeepArchive],
            Self::OnezoneIa | Self::GlacierIr => &[Self::Glacier, Self::DeepArchive],
            Self::Glacier => &[Self::DeepArchive],
            Self::DeepArchive => &[],
        }
    }
}

/// Checks the moves at `path`, of objects that expire after so many days.
fn check_transitions(path: &str, moves: &[Transition], expire_days: Option<u32>, checks: &mut Checks<'_>) {
    for (i, step) in moves.iter().enumerate() {
        let at = format!("{path}.{i}.days");
        if step.days < step.class.earliest() {
            checks.error(&at, "S3 moves objects to infrequent access after 30 days at the earliest");
        }
        if expire_days.is_some_and(|expire| step.days >= expire) {
            checks.error(&at, "the objects expire before they are moved");
        }
        let Some(before) = i.checked_sub(1).map(|before| moves[before]) else { continue };
        if before.days >= step.days {
            checks.error(&at, "the moves are to stand in order of days, each later than the one before");
        }
        if !before.class.leads_to().contains(&step.class) {
            let (from, to) = (before.class.word(), step.class.word());
            checks
                .error(&format!("{path}.{i}.class"), format!("S3 moves no object from `{from}` to `{to}`"))
                .help("objects go to cheaper storage only, which takes longer to read");
        }
    }
}

impl Block for Bucket {
    const KIND: &'static str = "bucket";
    const METRICS: Metrics =
        Metrics::None("S3 counts what it stores once a day, and requests only where that is paid for");
    const USES: Uses = Uses::For(&[Access::Read, Access::Write]);
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "s3",
        prefix: "",
        suffix: "",
        within: Within::World,
        name: &names::BUCKET,
        keyed: true,
    });

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        vec![Name::new(&names::BUCKET, self.aws_name(block, spec), "name")]
    }

    fn check(&self, name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        if let Some(fault) = fault(&self.aws_name(name, spec)) {
            checks.error("name", fault);
        }
        check_transitions("transitions", &self.transitions, self.expire_days, checks);
        lifecycle::check(self, checks);
        json::check("policy", self.policy.as_ref(), checks);
        kms::check("kms_key", self.kms_key.as_ref(), spec, checks);
        if let Some(log) = &self.access_log {
            log.check(name, self, spec, checks);
        }
        tags::check(&self.tags, spec, checks);
    }
}

/// What S3 has against a bucket's name, its letters and its length aside.
fn fault(name: &str) -> Option<String> {
    const PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", "--x-s3", "--table-s3", ".mrap"];
    let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !name.starts_with(ends) || !name.ends_with(ends) {
        Some("a bucket's name begins and ends with a lower-case letter or a digit".to_owned())
    } else if name.contains("..") {
        Some("a bucket's name holds no two dots in a row".to_owned())
    } else if name.parse::<std::net::Ipv4Addr>().is_ok() {
        Some("a bucket's name cannot be an IP address".to_owned())
    } else if let Some(prefix) = PREFIXES.iter().find(|prefix| name.starts_with(**prefix)) {
        Some(format!("S3 keeps names that begin with `{prefix}` for itself"))
    } else {
        let suffix = SUFFIXES.iter().find(|suffix| name.ends_with(**suffix))?;
        Some(format!("S3 keeps names that end with `{suffix}` for itself"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_that_s3_refuses_are_found() {
        for bad in ["-events", "events.", "acme..events", "192.168.0.1", "xn--events", "events-s3alias"] {
            assert!(super::fault(bad).is_some(), "{bad}");
        }
        assert_eq!(super::fault("acme-clickstream-events-dev"), None);
    }
}
