//! How a block that is somebody else's is found: by its ARN, or by what leads to that.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Spec;
use super::check::Checks;
use super::external::{Externals, KEY, misnamed};

/// How a block that is somebody else's is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FoundBy {
    /// By its ARN.
    Arn(String),
    /// By something else.
    Other(Lookup),
}

/// What a block is found by that is not named by its ARN: exactly one of `name`, `ssm`, `tfstate` and `output`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lookup {
    /// Its name in AWS, in the environment's region.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    pub name: Option<String>,
    /// With `name`: the account that it is in, twelve digits; absent: the environment's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9]{12}$"))]
    pub account: Option<String>,
    /// The SSM parameter that holds its ARN, or its name; read whenever a plan is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1011), regex(pattern = "^/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*$"))]
    pub ssm: Option<String>,
    /// The state of Terraform in S3, `s3://bucket/key`, that holds its ARN, or its name, as `output`; read whenever a plan is
    /// made. Nothing else of it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1200), regex(pattern = "^s3://[a-z0-9][a-z0-9.-]+/[^*?$]+$"))]
    pub tfstate: Option<String>,
    /// With `tfstate`: the output of Terraform's. Alone: a block of another environment or project of pipectl's,
    /// `platform/prod:stream.orders`, whose state is read whenever a plan is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub output: Option<String>,
    /// With `output` of another project: where that one's states are, `s3://bucket/folder`; absent: where this project's are,
    /// with that one's name in place of this one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1200), regex(pattern = "^s3://[a-z0-9][a-z0-9.-]+(/[^*?$]+)?$"))]
    pub state: Option<String>,
    /// With `output` of pipectl's: whether the other environment may delete the block all the same. Else this one registers
    /// there, and the other refuses to delete or replace it until this one uses it no more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub weak: bool,
}

/// A block of another environment of pipectl's: `platform/prod:stream.orders`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Output {
    /// The other environment.
    pub producer: Producer,
    /// Kind and name of its block: `stream.orders`.
    pub block: String,
}

/// An environment of pipectl's that others may refer to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Producer {
    /// `[project] name`.
    pub project: String,
    /// `[env] name`.
    pub env: String,
    /// Where the states of the project are, `s3://bucket/folder`, where the spec says so.
    pub state: Option<String>,
}

impl fmt::Display for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.env)
    }
}

impl fmt::Display for FoundBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Other(Lookup { name, account, ssm, tfstate, output, state: _, weak: _ }) = self else {
            return f.write_str("ARN");
        };
        match (name, ssm, tfstate, output) {
            (Some(_), ..) if account.is_some() => f.write_str("name and account"),
            (Some(_), ..) => f.write_str("name"),
            (_, Some(parameter), ..) => write!(f, "SSM parameter {parameter}"),
            (_, _, Some(file), output) => write!(f, "output {} of {file}", output.as_deref().unwrap_or_default()),
            (_, _, _, Some(output)) => write!(f, "output {output}"),
            (None, None, None, None) => f.write_str("nothing"),
        }
    }
}

impl FoundBy {
    /// The block of another environment of pipectl's that it names.
    pub fn output(&self) -> Option<Output> {
        match self {
            Self::Other(by) => by.of_pipectl(),
            Self::Arn(_) => None,
        }
    }
}

impl Lookup {
    /// The block of another environment of pipectl's that it names, where it has the form of one.
    fn of_pipectl(&self) -> Option<Output> {
        let output = self.output.as_ref().filter(|_| self.tfstate.is_none())?;
        let (producer, block) = output.split_once(':')?;
        let (project, env) = producer.split_once('/')?;
        let (kind, name) = block.split_once('.')?;
        let plain = |text: &str| {
            let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
            !text.is_empty() && text.chars().all(letter)
        };
        let producer = Producer { project: project.to_owned(), env: env.to_owned(), state: self.state.clone() };
        let whole = [project, env, kind, name].into_iter().all(plain);
        whole.then(|| Output { producer, block: block.to_owned() })
    }

    pub(super) fn check(&self, kind: &str, externals: Externals, spec: &Spec, checks: &mut Checks<'_>) {
        let Self { name, account, ssm, tfstate, output, state, weak } = self;
        let own = output.as_ref().filter(|_| tfstate.is_none());
        let ways = [name, ssm, tfstate].into_iter().flatten().count() + usize::from(own.is_some());
        if ways != 1 {
            let message = if ways == 0 {
                "`external` does not say what it is found by"
            } else {
                "`external` says twice what it is found by"
            };
            checks.error(KEY, message).help(
                "write its ARN, or one of `{ name = … }`, `{ ssm = \"/path\" }`, `{ output = \"project/env:block\" }` and \
                 `{ tfstate = \"s3://…\", output = … }`",
            );
        }
        if account.is_some() && name.is_none() {
            checks
                .error("external.account", "`account` says whose the thing of a `name` is")
                .help("take it out: an ARN says whose it is");
        }
        if tfstate.is_some() && output.is_none() {
            checks
                .error(KEY, "a state of Terraform's is read for one of its outputs")
                .help("write `{ tfstate = \"s3://bucket/key\", output = \"stream_arn\" }`");
        }
        if own.is_none() {
            for (key, there) in [("external.state", state.is_some()), ("external.weak", *weak)] {
                if there {
                    let message = "it is said of a block of another environment of pipectl's";
                    checks.error(key, message).help("take it out, or write `output = \"project/env:block\"`");
                }
            }
        }
        if let Some(text) = own {
            self.check_output(text, kind, spec, checks);
        }
        if let Some(name) = name
            && let Some((message, help)) = misnamed(name, externals)
        {
            checks.error("external.name", message).help(help);
        }
    }

    fn check_output(&self, text: &str, kind: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let Some(Output { producer, block }) = self.of_pipectl() else {
            checks
                .error("external.output", format!("`{text}` does not name a block of another environment"))
                .help(format!("write `project/env:{kind}.NAME`; an output of Terraform's stands beside its `tfstate`"));
            return;
        };
        if block.split_once('.').is_none_or(|(other, _)| other != kind) {
            let help = format!("name a {kind} of {producer}: `{producer}:{kind}.NAME`");
            checks.error("external.output", format!("`{block}` is no {kind}")).help(help);
        }
        if (&producer.project, &producer.env) == (&spec.project.name, &spec.env.name) {
            checks
                .error("external.output", format!("{producer} is this environment itself"))
                .help(format!("refer to `{block}` where it is used, without a block for it"));
        }
    }
}
