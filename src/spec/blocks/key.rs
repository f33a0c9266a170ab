//! `[key.<name>]`: a customer's KMS key, which somebody else owns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::Spec;
use crate::spec::check::{Block, Checks};
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::Metrics;
use crate::spec::names;
use crate::spec::uses::{Access, Uses};

/// A customer's KMS key. pipectl makes none: it is always `external`. Other blocks name it as `kms_key = "${key.NAME.arn}"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {}

impl Block for Key {
    const KIND: &'static str = "key";
    const METRICS: Metrics = Metrics::None("KMS counts the calls of an account together");
    const USES: Uses = Uses::For(&[Access::Use, Access::Encrypt, Access::Decrypt]);
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "kms",
        prefix: "key/",
        suffix: "",
        within: Within::Region,
        name: &names::KMS_KEY,
        keyed: false,
    });

    fn aws_name(&self, block: &str, _spec: &Spec) -> String {
        block.to_owned()
    }

    fn check(&self, _name: &str, _spec: &Spec, checks: &mut Checks<'_>) {
        checks
            .error("", "pipectl makes no KMS keys: a key is named, with `external`")
            .help("write `external = \"arn:aws:kms:…:key/…\"`, or `{ ssm = \"/path\" }`");
    }
}
