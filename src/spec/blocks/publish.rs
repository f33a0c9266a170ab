//! `[publish.<name>]`: what others may know of this environment, in parameters of SSM.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::spec::check::{Block, Checks};
use crate::spec::external::Externals;
use crate::spec::metrics::Metrics;
use crate::spec::names::{self, Name};
use crate::spec::nearest::{listed, nearest};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::Uses;
use crate::spec::{Spec, member};

/// Names and ARNs of blocks in parameters of SSM, for whoever needs them: another project (`external = { ssm = … }`),
/// Terraform (`data aws_ssm_parameter`), CDK, a function. They are written by the apply that makes the blocks, and deleted
/// with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// What the names of the parameters begin with; absent: `/<project>/<env>`. It begins with `/`.
    #[serde(default)]
    #[schemars(length(min = 2, max = 900))]
    pub path: Option<String>,
    /// The parameters, each by the last part of its name with what it says: `orders = "stream.orders.arn"`. There is `name` of every
    /// block that others can use; `arn` where it follows from the name, so not of an API and of a secret; `kms_key` where the
    /// block names one; and `url` of an API.
    #[schemars(extend("minProperties" = 1, "maxProperties" = 100))]
    pub outputs: BTreeMap<String, Value>,
    /// What they are for.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub description: String,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// What a parameter says: `stream.orders.arn`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Value {
    kind: String,
    name: String,
    output: String,
}

/// What can be published of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// Its name in AWS.
    Name,
    /// Its ARN.
    Arn,
    /// The KMS key that encrypts its data.
    KmsKey,
    /// Where it is called.
    Url,
}

impl Published {
    const ALL: [Self; 4] = [Self::Name, Self::Arn, Self::KmsKey, Self::Url];

    /// The word after the block: `arn`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Arn => "arn",
            Self::KmsKey => "kms_key",
            Self::Url => "url",
        }
    }

    /// What can be published of blocks of a kind; `external`: of one that is somebody else's.
    fn of(kind: Kind, external: bool) -> Vec<Self> {
        match kind {
            Kind::Api if !external => vec![Self::Name, Self::Url],
            // AWS makes up the end of the ARN of a secret, and is asked for it of one that is external.
            Kind::Secret if !external => vec![Self::Name, Self::KmsKey],
            Kind::Stream
            | Kind::Bucket
            | Kind::Firehose
            | Kind::Snowpipe
            | Kind::Function
            | Kind::Table
            | Kind::Catalog
            | Kind::Dataset
            | Kind::Job
            | Kind::Crawler
            | Kind::Workflow
            | Kind::Athena
            | Kind::Registry
            | Kind::Api
            | Kind::Queue
            | Kind::Schedule
            | Kind::Secret
            | Kind::Topic
            | Kind::Alarm
            | Kind::Dashboard
            | Kind::Publish
            | Kind::Key
            | Kind::Role
            | Kind::Subnet
            | Kind::SecurityGroup => match kind.externals() {
                Externals::ByArn(form) if form.keyed => vec![Self::Name, Self::Arn, Self::KmsKey],
                Externals::ByArn(_) => vec![Self::Name, Self::Arn],
                Externals::ByName(_) => vec![Self::Name],
                Externals::Never(_) => Vec::new(),
            },
        }
    }
}

impl Value {
    /// The block that it is of, where there is such a kind.
    pub fn block(&self) -> Option<(Kind, &str)> {
        Some((Kind::named(&self.kind)?, &self.name))
    }

    /// What of the block it is.
    pub fn output(&self) -> Option<Published> {
        Published::ALL.into_iter().find(|one| one.word() == self.output)
    }

    /// What is wrong with it in a spec: message and help.
    fn fault(&self, spec: &Spec, checks: &Checks<'_>) -> Option<(String, String)> {
        let Some((kind, name)) = self.block() else {
            let kinds = Kind::ALL.iter().map(|kind| kind.name());
            let help = nearest(&self.kind, kinds)
                .map_or_else(|| "write `stream.orders.arn`".to_owned(), |near| format!("did you mean `{near}`?"));
            return Some((format!("there is no kind of block `{}`", self.kind), help));
        };
        let block = format!("{}.{name}", kind.name());
        if let Some(at) = checks.off(kind.name(), name) {
            return Some((format!("`{block}` is switched off"), member::remedy(at)));
        }
        if !checks.declares(kind.name(), name) {
            let help = format!("write `[{block}]`, or publish another block");
            return Some((format!("the spec has no `{block}`"), help));
        }
        let can = Published::of(kind, spec.blocks.external(kind, name).is_some());
        let Some(output) = self.output().filter(|output| can.contains(output)) else {
            let help = match can.as_slice() {
                [] => format!("nothing of a {} can be published", kind.name()),
                can => format!("publish {}", listed(can.iter().map(|one| one.word()), "or")),
            };
            return Some((format!("a {} has no `{}` that can be published", kind.name(), self.output), help));
        };
        let keyless = output == Published::KmsKey && !checks.says(kind.name(), name, "kms_key");
        keyless.then(|| {
            let help = "say `kms_key` there, or take this out".to_owned();
            (format!("`{block}` names no KMS key"), help)
        })
    }
}

impl TryFrom<String> for Value {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = text.splitn(3, '.').map(str::to_owned);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(kind), Some(name), Some(output)) => Ok(Self { kind, name, output }),
            _ => Err(format!("`{text}` is not of the form `kind.name.output`")),
        }
    }
}

impl From<Value> for String {
    fn from(value: Value) -> Self {
        value.to_string()
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.kind, self.name, self.output)
    }
}

impl JsonSchema for Value {
    fn schema_name() -> Cow<'static, str> {
        "what a parameter says".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": r"^[a-z_]+\.[a-z][a-z0-9_-]*\.[a-z_]+$" })
    }

    fn inline_schema() -> bool {
        true
    }
}

/// How deep a name may be, in parts
/// (<https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>).
const LEVELS: usize = 15;

impl Publish {
    /// The name of a parameter.
    pub fn parameter(&self, output: &str, spec: &Spec) -> String {
        format!("{}/{output}", self.prefix(spec))
    }

    /// What the names of the parameters begin with.
    fn prefix(&self, spec: &Spec) -> String {
        let usual = || format!("/{}/{}", spec.project.name, spec.env.name);
        self.path.as_ref().map_or_else(usual, |path| path.trim_end_matches('/').to_owned())
    }
}

impl Block for Publish {
    const KIND: &'static str = "publish";
    const METRICS: Metrics = Metrics::None("SSM counts nothing of one parameter");
    const USES: Uses = Uses::None("its parameters speak of other blocks: use those");
    const EXTERNAL: Externals =
        Externals::Never("what another owner publishes is named where it is used: `external = { ssm = \"…\" }`");

    fn aws_name(&self, _block: &str, spec: &Spec) -> String {
        self.prefix(spec)
    }

    fn names(&self, _block: &str, spec: &Spec) -> Vec<Name> {
        let parameter = |output: &String| Name::new(&names::PARAMETER, self.parameter(output, spec), "path");
        self.outputs.keys().map(parameter).collect()
    }

    fn check(&self, _name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let prefix = self.prefix(spec);
        let first = prefix.trim_start_matches('/').split('/').next().unwrap_or_default().to_ascii_lowercase();
        let place = if self.path.is_some() { "path" } else { "" };
        if !prefix.starts_with('/') || prefix.contains("//") {
            checks
                .error("path", format!("`{prefix}` is not a path of parameters"))
                .help("begin it with `/`, and write one `/` between its parts: `/platform/dev`");
        } else if first.starts_with("aws") || first.starts_with("ssm") {
            checks
                .error(
                    place,
                    format!("`{prefix}` begins with `{first}`: names that begin with `aws` or `ssm` are AWS's own"),
                )
                .help("write another `path`");
        } else if prefix.matches('/').count() >= LEVELS {
            checks
                .error(place, format!("`{prefix}` is too deep: the name of a parameter has at most {LEVELS} parts"))
                .help("write a shorter `path`");
        }
        for (output, value) in &self.outputs {
            let path = format!("outputs.{output}");
            // What no name of a parameter holds is said of the whole name.
            if output.is_empty() || output.contains('/') {
                checks
                    .error(&path, format!("`{output}` cannot be the end of a parameter's name"))
                    .help("use letters, digits, `_`, `.` and `-`");
            }
            if let Some((message, help)) = value.fault(spec, checks) {
                checks.error(&path, message).help(help);
            }
        }
        tags::check(&self.tags, spec, checks);
    }
}
