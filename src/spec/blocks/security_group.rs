//! `[security_group.<name>]`: a security group of a VPC, which somebody else owns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::Spec;
use crate::spec::check::{Block, Checks};
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::Metrics;
use crate::spec::names;
use crate::spec::uses::Uses;

/// A security group of a VPC. pipectl makes none: it is always `external`, and named by its id. A function has it: `vpc`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {}

impl Block for SecurityGroup {
    const KIND: &'static str = "security_group";
    const METRICS: Metrics = Metrics::None("AWS counts nothing of a group");
    const USES: Uses = Uses::None("a function has it: `vpc = { …, security_groups = [\"security_group.NAME\"] }`");
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "ec2",
        prefix: "security-group/",
        suffix: "",
        within: Within::Region,
        name: &names::SECURITY_GROUP,
        keyed: false,
    });

    fn aws_name(&self, block: &str, _spec: &Spec) -> String {
        block.to_owned()
    }

    fn check(&self, _name: &str, _spec: &Spec, checks: &mut Checks<'_>) {
        checks
            .error("", "pipectl makes no security groups: one is named, with `external`")
            .help("write `external = { name = \"sg-…\" }`, its id, or `{ ssm = \"/path\" }`");
    }
}
