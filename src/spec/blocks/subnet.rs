//! `[subnet.<name>]`: a subnet of a VPC, which somebody else owns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::Spec;
use crate::spec::check::{Block, Checks};
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::Metrics;
use crate::spec::names;
use crate::spec::uses::Uses;

/// A subnet of a VPC. pipectl makes none: it is always `external`, and named by its id. A function has it: `vpc`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subnet {}

impl Block for Subnet {
    const KIND: &'static str = "subnet";
    const METRICS: Metrics = Metrics::None("AWS counts by interface and gateway");
    const USES: Uses = Uses::None("a function runs in it: `vpc = { subnets = [\"subnet.NAME\"], … }`");
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "ec2",
        prefix: "subnet/",
        suffix: "",
        within: Within::Region,
        name: &names::SUBNET,
        keyed: false,
    });

    fn aws_name(&self, block: &str, _spec: &Spec) -> String {
        block.to_owned()
    }

    fn check(&self, _name: &str, _spec: &Spec, checks: &mut Checks<'_>) {
        checks
            .error("", "pipectl makes no subnets: one is named, with `external`")
            .help("write `external = { name = \"subnet-…\" }`, its id, or `{ ssm = \"/path\" }`");
    }
}
