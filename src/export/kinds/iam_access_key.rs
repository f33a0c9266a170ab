//! Access keys of IAM users.

use super::{Exported, Parts, Stays, TerraformKeys, Typed, attribute, known, named_by};
use crate::catalog::Type;
use crate::catalog::iam_access_key::{AccessKey, Spec};
use crate::export::Target;
use crate::export::parts::cloudformation;
use crate::export::parts::terraform::{self, Term, fields};
use crate::model::scope::Scope;

/// Why neither tool gets the parameter.
const SECRET: &str = "the SSM parameter holds the secret, which would go into the other tool's state in plain text";

impl Exported for AccessKey {
    const TERRAFORM_TYPE: &'static str = "aws_iam_access_key";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_iam_access_key", |it| named_by(it, "user"))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[
        Stays { attribute: attribute!(Spec.parameter), target: Target::Terraform, reason: SECRET },
        Stays { attribute: attribute!(Spec.kms_key), target: Target::Terraform, reason: SECRET },
        Stays { attribute: attribute!(Spec.tags), target: Target::Terraform, reason: SECRET },
    ];

    fn name(_spec: &Spec) -> Option<&str> {
        None
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        // All that is about the parameter stays behind.
        let Spec { user, parameter: _, kms_key: _, active, tags: _ } = it.spec;
        let key = fields([
            ("user", Term::named(Type::User, user)),
            ("status", if *active { "Active" } else { "Inactive" }.into()),
        ]);
        Ok(vec![terraform::Part::new("aws_iam_access_key", known(&it.outputs.access_key_id)?, key)])
    }

    fn cloudformation(_it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        Err("CloudFormation cannot import an AWS::IAM::AccessKey; the key and its parameter go on existing")
    }
}
