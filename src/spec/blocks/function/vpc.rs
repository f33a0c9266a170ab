//! The part of a VPC that a function runs in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::Ref;
use crate::spec::blocks::security_group::SecurityGroup;
use crate::spec::blocks::subnet::Subnet;
use crate::spec::check::Checks;

/// The part of a VPC that a function runs in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// The subnets, all of one VPC; in two availability zones or more, it outlives one.
    #[schemars(length(min = 1, max = 16), extend("uniqueItems" = true))]
    pub subnets: Vec<Ref<Subnet>>,
    /// The security groups, of that VPC.
    #[schemars(length(min = 1, max = 5), extend("uniqueItems" = true))]
    pub security_groups: Vec<Ref<SecurityGroup>>,
}

impl Vpc {
    /// AWS's Security Hub asks for two zones (Lambda.5); of one subnet it is certain that it is in one.
    pub(super) fn check(&self, checks: &mut Checks<'_>) {
        if self.subnets.len() == 1 {
            checks
                .warning(
                    "vpc.subnets",
                    "one subnet is in one availability zone, and the function stops where that does",
                )
                .help("name a second subnet, in another zone");
        }
    }
}
