//! Parameters of SSM.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, attribute, filled, named_by, output};
use crate::catalog::ssm_parameter::{Parameter, Spec};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, fields};
use crate::model::scope::Scope;

const IN_THE_VALUE: &str = "it goes along as the URL that AWS makes of it, with the API's id";

impl Exported for Parameter {
    const TERRAFORM_TYPE: &'static str = "aws_ssm_parameter";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_ssm_parameter", |it| named_by(it, "name"))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[
        Stays { attribute: attribute!(Spec.stage), target: Target::Terraform, reason: IN_THE_VALUE },
        Stays { attribute: attribute!(Spec.stage), target: Target::CloudFormation, reason: IN_THE_VALUE },
    ];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("ssm", &format!("parameter{}", spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { name, value_type, value: _, stage: _, description, tags } = it.spec;
        let parameter = fields([
            ("name", name.into()),
            ("type", value_type.into()),
            ("value", value(it)?.into()),
            ("description", filled(description).into()),
            ("tags", tags.into()),
        ]);
        Ok(vec![terraform::Part::new("aws_ssm_parameter", name, parameter)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, value_type, value: _, stage: _, description, tags } = it.spec;
        let parameter = properties([
            ("Name", json!(name)),
            ("Type", json!(value_type)),
            ("Value", json!(value(it)?)),
            ("Description", filled(description)),
            ("Tags", filled(tags)),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::SSM::Parameter", [("Name", name.as_str())], parameter)])
    }
}

/// What it says, as far as that is known here.
fn value<'a>(it: &Typed<'a, Parameter>) -> Result<&'a str, &'static str> {
    let (own, live) = (it.spec.value.as_deref(), it.outputs.value.as_deref());
    own.or_else(|| live.and_then(output)).ok_or(UNKNOWN)
}

/// Why a parameter does not go along.
const UNKNOWN: &str = "the URL that it says is not known here, for AWS makes up the id of the API: it is once the environment is applied and read";
