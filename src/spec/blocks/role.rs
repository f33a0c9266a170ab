//! `[role.<name>]`: an IAM role that somebody else owns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::Spec;
use crate::spec::check::{Block, Checks};
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::Metrics;
use crate::spec::names;
use crate::spec::uses::{Access, Uses};

/// An IAM role of another owner, of the environment's account. The roles that blocks need pipectl makes with them: this one is
/// always `external`. Other blocks name it as `role = "${role.NAME.arn}"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {}

impl Block for Role {
    const KIND: &'static str = "role";
    const METRICS: Metrics = Metrics::None("IAM counts nothing");
    const USES: Uses = Uses::For(&[Access::Assume]);
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "iam",
        prefix: "role/",
        suffix: "",
        within: Within::Account,
        name: &names::ROLE_PATH,
        keyed: false,
    });

    fn aws_name(&self, block: &str, _spec: &Spec) -> String {
        block.to_owned()
    }

    fn check(&self, _name: &str, _spec: &Spec, checks: &mut Checks<'_>) {
        checks
            .error("", "pipectl makes the roles that blocks need with them: one by itself is named, with `external`")
            .help("write `external = \"arn:aws:iam::…:role/…\"`, or `{ name = \"…\" }`");
    }
}
