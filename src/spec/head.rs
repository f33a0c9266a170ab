//! The tables of a spec that are no blocks: `[project]`, `[env]`, `[state]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arn::Arn;
use super::check::Checks;
use super::names;
use super::nearest::nearest;
use super::source::UNKNOWN_ACCOUNT;
use super::tags::{self, Tags};
use crate::files::project::is_written_inside;
use crate::model::partition;
use crate::model::pattern::special;

/// What all environments have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Name of the project; resources are called `<project>-<env>-<block>` unless they are given a name.
    #[schemars(length(min = 1, max = 32), regex(pattern = "^[a-z][a-z0-9-]*$"))]
    pub name: String,
    /// The versions of pipectl that the spec may be used with: `>=0.1, <0.3`, as Cargo writes it; no pre-releases. It is looked at
    /// before anything else of the file, in each file that says it; absent: any.
    #[serde(default)]
    #[schemars(length(min = 1, max = 256))]
    pub required_version: Option<String>,
}

/// The environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Env {
    /// Name of the environment; if given, that of the file.
    #[serde(default)]
    #[schemars(length(min = 1, max = 32), regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    pub name: String,
    /// AWS region: `eu-west-1`.
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)+-[0-9]$"))]
    pub region: String,
    /// The only AWS account, twelve digits, that this environment may be applied to; absent: any.
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9]{12}$"))]
    pub account_id: Option<String>,
    /// The profile of this machine whose credentials are used for every call, whatever AWS_PROFILE and AWS_ACCESS_KEY_ID say; absent:
    /// those that the environment gives, as AWS's other tools take them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub profile: Option<String>,
    /// ARN of the role that is assumed for every call, the state's and SSM's among them: `arn:aws:iam::123456789012:role/NAME`. Its account
    /// is that of the environment; `deploy-policy` prints what caller and role need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 20, max = 2048))]
    pub role_arn: Option<String>,
    /// What the role's trust policy asks for in `sts:ExternalId`, where another organization owns the account; no secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 1224), regex(pattern = "^[A-Za-z0-9_+=,.@:/-]*$"))]
    pub external_id: Option<String>,
    /// How CloudTrail names the role's sessions; absent: `pipectl-` and the name of the CI's or the machine's user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 64), regex(pattern = "^[A-Za-z0-9_+=,.@-]*$"))]
    pub session_name: Option<String>,
    /// Whether pipectl refuses to destroy the environment, and to delete or replace anything in it.
    #[serde(default)]
    pub protect: bool,
    /// ARN of the managed policy that bounds what every role and user of the environment may do, whatever their own policies
    /// say: `arn:${partition}:iam::${account}:policy/NAME`. `deploy-policy` lets who applies make none without it; absent: none is bounded.
    #[serde(default)]
    #[schemars(length(min = 20, max = 2048))]
    pub permissions_boundary: Option<String>,
    /// Tags of every resource, besides pipectl's own.
    #[serde(default)]
    pub tags: Tags,
}

impl Env {
    /// Whether its region has the form of one; what has not is reported as such.
    pub(super) fn has_region(&self) -> bool {
        self.region.split('-').count() > 2 && self.region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    }

    pub(super) fn check(&self, checks: &mut Checks<'_>) {
        self.check_region(checks);
        self.check_acting(checks);
        for (key, value) in &self.tags {
            if let Some(fault) = tags::fault(key, value) {
                checks.error(&format!("tags.{key}"), fault);
            }
        }
        if let Some(fault) = self.permissions_boundary.as_deref().and_then(|arn| self.no_managed_policy(arn)) {
            checks
                .error("permissions_boundary", fault)
                .help("write the ARN of a managed policy: `arn:${partition}:iam::${account}:policy/NAME`");
        }
    }

    /// Names, ARNs and domains follow from a region's partition: a region that nobody knows is not taken for one in silence.
    fn check_region(&self, checks: &mut Checks<'_>) {
        if partition::regions().any(|region| region == self.region) {
            return;
        }
        let taken = match partition::of_region(&self.region) {
            Some(partition) => format!("by its name one of the partition `{}`", partition.name),
            None => "of no partition that pipectl knows, and taken for one of `aws`".to_owned(),
        };
        let warning =
            checks.warning("region", format!("`{}` is a region that pipectl does not know, {taken}", self.region));
        match nearest(&self.region, partition::regions()) {
            Some(near) => warning.help(format!("did you mean \"{near}\"?")),
            None => warning.help("look at the ARNs of the plan before you apply it"),
        };
    }

    /// Why an ARN cannot be that of the environment's boundary.
    pub(super) fn no_managed_policy(&self, text: &str) -> Option<String> {
        let Some(policy) = Arn::managed_policy(text) else {
            return Some(format!("`{text}` is not the ARN of a managed policy"));
        };
        if let Some(elsewhere) = policy.elsewhere(&self.region) {
            return Some(format!("the policy {elsewhere}"));
        }
        let own = [Some("aws"), Some(UNKNOWN_ACCOUNT), self.account_id.as_deref()];
        let foreign = self.account_id.is_some() && !own.contains(&Some(policy.account));
        foreign
            .then(|| format!("the policy is one of the account {}: IAM takes those of the role's own", policy.account))
    }
}

/// Where the state is kept: `bucket` and `folder`; or `bucket_ssm` and `folder_ssm`; or `local`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// S3 bucket.
    #[serde(default)]
    #[schemars(length(min = 3, max = 63))]
    pub bucket: Option<String>,
    /// Folder in the bucket; each environment has its own within it.
    #[serde(default)]
    #[schemars(length(min = 1, max = 512))]
    pub folder: Option<String>,
    /// SSM parameter that holds the name of the bucket.
    #[serde(default)]
    #[schemars(length(min = 1, max = 2048))]
    pub bucket_ssm: Option<String>,
    /// SSM parameter that holds the folder.
    #[serde(default)]
    #[schemars(length(min = 1, max = 2048))]
    pub folder_ssm: Option<String>,
    /// Local folder, for trying things out; nothing guards it against a writer on another machine.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub local: Option<String>,
}

/// The one of the three ways to say where the state is that a `[state]` table takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateLocation<'a> {
    /// A folder of a bucket.
    Bucket {
        /// Name of the bucket.
        bucket: &'a str,
        /// Folder in it.
        folder: &'a str,
    },
    /// The same, looked up in SSM.
    Parameters {
        /// Name of the parameter that holds the name of the bucket.
        bucket: &'a str,
        /// Name of the parameter that holds the folder.
        folder: &'a str,
    },
    /// A local folder.
    Local(&'a str),
}

impl State {
    /// Where it is; never absent in a spec that was loaded.
    pub fn location(&self) -> Option<StateLocation<'_>> {
        let Self { bucket, folder, bucket_ssm, folder_ssm, local } = self;
        match [bucket, folder, bucket_ssm, folder_ssm, local].map(Option::as_deref) {
            [Some(bucket), Some(folder), None, None, None] => Some(StateLocation::Bucket { bucket, folder }),
            [None, None, Some(bucket), Some(folder), None] => Some(StateLocation::Parameters { bucket, folder }),
            [None, None, None, None, Some(folder)] => Some(StateLocation::Local(folder)),
            _ => None,
        }
    }

    pub(super) fn check(&self, checks: &mut Checks<'_>) {
        if self.location().is_none() {
            checks
                .error("", "`state` must say in exactly one way where the state is")
                .help("give `bucket` and `folder`, or `bucket_ssm` and `folder_ssm`, or `local`");
        }
        // All of them reach the policies of the roles that plan and apply.
        let fields = [
            ("bucket", &self.bucket, names::BUCKET.bad(self.bucket.as_deref()), names::BUCKET.letters()),
            ("folder", &self.folder, bad_in_folder(self.folder.as_deref()), "what makes a path: no `*`, `?` or `$`"),
            ("bucket_ssm", &self.bucket_ssm, bad_in_parameter(self.bucket_ssm.as_deref()), PARAMETER),
            ("folder_ssm", &self.folder_ssm, bad_in_parameter(self.folder_ssm.as_deref()), PARAMETER),
        ];
        for (field, value, bad, letters) in fields {
            if let (Some(value), Some(bad)) = (value, bad) {
                let (value, bad) = (value.escape_debug(), bad.escape_debug());
                checks.error(field, format!("`{value}` holds `{bad}`")).help(format!("`{field}` takes {letters}"));
            }
        }
        if self.folder.iter().flat_map(|folder| folder.trim_matches('/').split('/')).any(is_no_folder) {
            checks
                .error("folder", "a part of the path is empty, `.` or `..`")
                .help("write a path such as `pipectl/clickstream`");
        }
        if let Some(local) = self.local.as_deref().filter(|local| !is_written_inside(local)) {
            checks
                .error("local", format!("`{}` is no folder inside the project", local.escape_debug()))
                .help("write a path from the project's folder, such as `.pipectl/state`");
        }
    }
}

const PARAMETER: &str = "the name of an SSM parameter: letters, digits, `_`, `.`, `-` and `/`; or its ARN";

fn bad_in_parameter(name: Option<&str>) -> Option<char> {
    name?.chars().find(|&c| !c.is_ascii_alphanumeric() && !"_.-/:".contains(c))
}

fn bad_in_folder(folder: Option<&str>) -> Option<char> {
    folder?.chars().find(|c| c.is_control()).or_else(|| special(folder?))
}

fn is_no_folder(part: &str) -> bool {
    ["", ".", ".."].contains(&part)
}
