//! Athena's workgroups.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, attribute, filled, named_by, tag_list};
use crate::catalog::athena_workgroup::{Spec, Workgroup};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, block, fields};
use crate::model::scope::Scope;

impl Exported for Workgroup {
    const TERRAFORM_TYPE: &'static str = "aws_athena_workgroup";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_athena_workgroup", |it| named_by(it, "name"))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[
        Stays {
            attribute: attribute!(Spec.minimum_encryption),
            target: Target::Terraform,
            reason: "the provider's resource has no argument for it before version 6",
        },
        Stays {
            attribute: attribute!(Spec.minimum_encryption),
            target: Target::CloudFormation,
            reason: "AWS::Athena::WorkGroup has no property for it",
        },
    ];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("athena", &format!("workgroup/{}", spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec {
            name,
            description,
            enabled,
            result_location,
            encryption,
            kms_key,
            expected_bucket_owner,
            bytes_limit,
            enforce,
            metrics,
            requester_pays,
            engine,
            // It stays behind.
            minimum_encryption: _,
            tags,
        } = it.spec;
        let encryption = encryption.map_or_else(Term::none, |option| {
            block([("encryption_option", option.into()), ("kms_key_arn", kms_key.into())])
        });
        let says = result_location.is_some() || expected_bucket_owner.is_some() || it.spec.encryption.is_some();
        let result = block([
            ("output_location", result_location.into()),
            ("expected_bucket_owner", expected_bucket_owner.into()),
            ("encryption_configuration", encryption),
        ]);
        let configuration = block([
            ("enforce_workgroup_configuration", enforce.into()),
            ("publish_cloudwatch_metrics_enabled", metrics.into()),
            ("requester_pays_enabled", requester_pays.into()),
            ("bytes_scanned_cutoff_per_query", bytes_limit.into()),
            ("engine_version", block([("selected_engine_version", engine.into())])),
            ("result_configuration", if says { result } else { Term::none() }),
        ]);
        let workgroup = fields([
            ("name", name.into()),
            ("description", filled(description).into()),
            ("state", state(*enabled).into()),
            ("configuration", configuration),
            ("tags", tags.into()),
        ]);
        Ok(vec![terraform::Part::new("aws_athena_workgroup", name, workgroup).unread(&["force_destroy"])])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec {
            name,
            description,
            enabled,
            result_location,
            encryption,
            kms_key,
            expected_bucket_owner,
            bytes_limit,
            enforce,
            metrics,
            requester_pays,
            engine,
            // It stays behind.
            minimum_encryption: _,
            tags,
        } = it.spec;
        let encryption =
            encryption.map(|option| properties([("EncryptionOption", json!(option)), ("KmsKey", json!(kms_key))]));
        let result = properties([
            ("OutputLocation", json!(result_location)),
            ("ExpectedBucketOwner", json!(expected_bucket_owner)),
            ("EncryptionConfiguration", json!(encryption)),
        ]);
        let configuration = properties([
            ("EnforceWorkGroupConfiguration", json!(enforce)),
            ("PublishCloudWatchMetricsEnabled", json!(metrics)),
            ("RequesterPaysEnabled", json!(requester_pays)),
            ("BytesScannedCutoffPerQuery", json!(bytes_limit)),
            ("EngineVersion", json!({ "SelectedEngineVersion": engine })),
            ("ResultConfiguration", filled(result)),
        ]);
        let workgroup = properties([
            ("Name", json!(name)),
            ("Description", filled(description)),
            ("State", json!(state(*enabled))),
            ("WorkGroupConfiguration", configuration),
            ("Tags", tag_list(tags)),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::Athena::WorkGroup", [("Name", name)], workgroup)])
    }
}

fn state(enabled: bool) -> &'static str {
    if enabled { "ENABLED" } else { "DISABLED" }
}
