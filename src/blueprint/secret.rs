//! A secret becomes a secret of Secrets Manager, with the word where its value comes from.

use serde_json::Value;

use super::policy::{Through, allow, use_key};
use super::{Build, BuildContext};
use crate::catalog::Type;
use crate::catalog::secretsmanager_secret::{self, Generated, Origin};
use crate::model::scope::Scope;
use crate::spec::blocks::secret::Secret;
use crate::spec::uses::Access;
use crate::spec::{Block as _, Spec};

impl Build for Secret {
    const TYPE: Option<Type> = Some(Type::Secret);

    fn build(&self, site: &mut BuildContext<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let value_from = match &self.generate {
            Some(like) => Origin::Generated(Generated { length: like.length, punctuation: like.punctuation }),
            None => Origin::Variable(self.variable(site.name)),
        };
        let secret = secretsmanager_secret::Spec {
            name: name.clone(),
            description: self.description.clone(),
            kms_key: self.kms_key.clone(),
            has_value: true,
            value_from: Some(value_from),
            recovery_days: self.recovery_days,
            tags: site.tags(&self.tags),
        };
        site.add(secret, []);
        site.output("name", name);
        site.output_of("arn", &site.address.clone(), "arn");
    }

    fn allow(&self, name: &str, _access: Access, site: &BuildContext<'_>) -> Vec<Value> {
        let (spec, scope) = (site.spec, site.scope);
        let arn = self.any_arn(name, spec, scope);
        let through = Through::secrets_manager(&arn);
        let key = self.kms_key.as_deref().and_then(|key| use_key(scope, key, &["kms:Decrypt"], &through));
        [allow(&["secretsmanager:GetSecretValue"], &arn)].into_iter().chain(key).collect()
    }
}

impl Secret {
    /// What its ARN is like: AWS puts a hyphen and six characters of its own behind the name.
    pub(super) fn any_arn(&self, block: &str, spec: &Spec, scope: &Scope) -> String {
        scope.arn("secretsmanager", &format!("secret:{}-??????", self.aws_name(block, spec)))
    }
}
