//! Secrets of Secrets Manager: without their values.

use serde_json::{Value, json};

use super::{Mapping, Stays, Subject, filled, tag_list, text};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, fields};

/// Why the secret cannot be imported.
const UNKNOWN: &str = "its ARN, which AWS makes up, is not known here: it is once the environment is applied and read";
/// Why nothing is said of its value.
const THERE: &str = "the secret has its value, which would go into the other tool's state in plain text";

pub(super) const MAPPING: Mapping = Mapping {
    kind: "secretsmanager_secret",
    arn: None,
    terraform_type: "aws_secretsmanager_secret",
    terraform_keys: &[
        ("aws_secretsmanager_secret", |it| super::named_by(it, "name")),
        ("aws_secretsmanager_secret_version", |it| name_in(&it["secret_id"])),
        ("aws_secretsmanager_secret_policy", |it| name_in(&it["secret_arn"])),
    ],
    terraform: |it| {
        let secret = fields([
            ("name", it["name"].clone().into()),
            ("description", filled(&it["description"]).into()),
            ("kms_key_id", it["kms_key"].clone().into()),
            ("recovery_window_in_days", it["recovery_days"].clone().into()),
            ("tags", tags(it).into()),
        ]);
        Ok(vec![terraform::Part::new("aws_secretsmanager_secret", it.output("arn").ok_or(UNKNOWN)?, secret)])
    },
    get_att: None,
    cloudformation: |it| {
        let secret = properties([
            ("Name", it["name"].clone()),
            ("Description", filled(&it["description"])),
            ("KmsKeyId", it["kms_key"].clone()),
            ("Tags", tag_list(&tags(it))),
        ]);
        let arn = it.output("arn").ok_or(UNKNOWN)?;
        Ok(vec![cloudformation::Part::new("AWS::SecretsManager::Secret", [("Id", arn)], secret)])
    },
    stays: &[
        Stays { attribute: "has_value", target: Target::Terraform, reason: THERE },
        Stays { attribute: "value_from", target: Target::Terraform, reason: THERE },
        Stays { attribute: "has_value", target: Target::CloudFormation, reason: THERE },
        Stays { attribute: "value_from", target: Target::CloudFormation, reason: THERE },
    ],
};

/// Its tags as AWS has them: one keeps how long it can be restored.
fn tags(it: &Subject<'_>) -> Value {
    let mut tags = it["tags"].clone();
    tags["pipectl:recovery-days"] = json!(it["recovery_days"].to_string());
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
