//! A secret becomes a secret of Secrets Manager, with the word where its value comes from.

use serde_json::Value;

use super::policy::{Through, allow, use_key};
use super::{Build, BuildContext, Resolved};
use crate::catalog::Type;
use crate::catalog::secretsmanager_secret::{self, Generated, Origin};
use crate::model::scope::Scope;
use crate::spec::blocks::secret::Secret;
use crate::spec::uses::Use;
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

    fn key(&self) -> Option<&str> {
        self.kms_key.as_deref()
    }

    fn allow(_own: Option<&Self>, used: &Resolved, _asked: &Use, _spec: &Spec, scope: &Scope) -> Vec<Value> {
        let through = Through::secrets_manager(&used.arn);
        let key = used.key.as_deref().and_then(|key| use_key(scope, key, &["kms:Decrypt"], &through));
        [allow(&["secretsmanager:GetSecretValue"], &used.arn)].into_iter().chain(key).collect()
    }
}
