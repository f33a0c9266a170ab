//! Secrets of Secrets Manager: without their values.

use serde_json::{Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, attribute, filled, output, tag_list, text};
use crate::catalog::secretsmanager_secret::{Secret, Spec};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, fields};
use crate::model::scope::Scope;
use crate::model::tags::Tags;

/// Why the secret cannot be imported.
const UNKNOWN: &str = "its ARN, which AWS makes up, is not known here: it is once the environment is applied and read";
/// Why nothing is said of its value.
const THERE: &str = "the secret has its value, which would go into the other tool's state in plain text";

impl Exported for Secret {
    const TERRAFORM_TYPE: &'static str = "aws_secretsmanager_secret";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[
        ("aws_secretsmanager_secret", |it| super::named_by(it, "name")),
        ("aws_secretsmanager_secret_version", |it| name_in(&it["secret_id"])),
        ("aws_secretsmanager_secret_policy", |it| name_in(&it["secret_arn"])),
    ];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[
        Stays { attribute: attribute!(Spec.has_value), target: Target::Terraform, reason: THERE },
        Stays { attribute: attribute!(Spec.value_from), target: Target::Terraform, reason: THERE },
        Stays { attribute: attribute!(Spec.has_value), target: Target::CloudFormation, reason: THERE },
        Stays { attribute: attribute!(Spec.value_from), target: Target::CloudFormation, reason: THERE },
    ];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        // What is about its value stays behind.
        let Spec { name, description, kms_key, has_value: _, value_from: _, recovery_days, tags } = it.spec;
        let secret = fields([
            ("name", name.into()),
            ("description", filled(description).into()),
            ("kms_key_id", kms_key.into()),
            ("recovery_window_in_days", recovery_days.into()),
            ("tags", with_recovery(tags, *recovery_days).into()),
        ]);
        let arn = output(&it.outputs.arn).ok_or(UNKNOWN)?;
        Ok(vec![terraform::Part::new("aws_secretsmanager_secret", arn, secret)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, description, kms_key, has_value: _, value_from: _, recovery_days, tags } = it.spec;
        let secret = properties([
            ("Name", json!(name)),
            ("Description", filled(description)),
            ("KmsKeyId", json!(kms_key)),
            ("Tags", tag_list(&with_recovery(tags, *recovery_days))),
        ]);
        let arn = output(&it.outputs.arn).ok_or(UNKNOWN)?;
        Ok(vec![cloudformation::Part::new("AWS::SecretsManager::Secret", [("Id", arn)], secret)])
    }
}

/// Its tags as AWS has them: one keeps how long it can be restored.
fn with_recovery(tags: &Tags, days: u32) -> Tags {
    let mut tags = tags.clone();
    tags.insert("pipectl:recovery-days".to_owned(), days.to_string());
    tags
}

/// The name in an ARN, which has a hyphen and six characters behind it; or the name itself.
fn name_in(id: &Value) -> Vec<String> {
    let id = text(id);
    let name = match id.split_once(":secret:") {
        Some((_, name)) => name.rsplit_once('-').map_or(name, |(name, _)| name),
        None => id,
    };
    if name.is_empty() { Vec::new() } else { vec![name.to_owned()] }
}
