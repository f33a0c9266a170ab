//! A secret becomes a secret of Secrets Manager, with the word where its value comes from.

use serde_json::json;

use super::{Build, Site};
use crate::engine::scope::Scope;
use crate::spec::Spec;
use crate::spec::blocks::secret::Secret;

impl Build for Secret {
    fn build(&self, site: &mut Site<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let value_from = match &self.generate {
            Some(like) => json!({ "generated": { "length": like.length, "punctuation": like.punctuation } }),
            None => json!({ "variable": self.variable(site.name) }),
        };
        let attributes = json!({
            "name": name,
            "description": self.description,
            "kms_key": self.kms_key,
            "value_from": value_from,
            "recovery_days": self.recovery_days,
            "tags": site.tags(&self.tags),
        });
        site.add("secretsmanager_secret", attributes, []);
        site.output("name", name);
        site.output_of("arn", &site.address.clone(), "arn");
    }
}

impl Secret {
    /// What its ARN is like: AWS puts a hyphen and six characters of its own behind the name.
    pub(super) fn any_arn(&self, block: &str, spec: &Spec, scope: &Scope) -> String {
        scope.arn("secretsmanager", &format!("secret:{}-??????", self.aws_name(block, spec)))
    }
}
