//! Access keys of IAM users.

use serde_json::json;

use super::{Mapping, Stays, named_by};
use crate::export::Target;
use crate::export::parts::terraform::{self, Term, fields};

/// Why neither tool gets the parameter.
const SECRET: &str = "the SSM parameter holds the secret, which would go into the other tool's state in plain text";

pub(super) const MAPPING: Mapping = Mapping {
    kind: "iam_access_key",
    arn: None,
    terraform_type: "aws_iam_access_key",
    terraform_keys: &[("aws_iam_access_key", |it| named_by(it, "user"))],
    terraform: |it| {
        let id = it.output("access_key_id");
        let id =
            id.ok_or("its id, which AWS makes up, is not known here: it is once the environment is applied and read")?;
        let key = fields([
            ("user", Term::named("iam_user", it.text("user"))),
            ("status", json!(if it["active"] == true { "Active" } else { "Inactive" }).into()),
        ]);
        Ok(vec![terraform::Part::new("aws_iam_access_key", id, key)])
    },
    get_att: None,
    cloudformation: |_| {
        Err("CloudFormation cannot import an AWS::IAM::AccessKey; the key and its parameter go on existing")
    },
    stays: &[
        Stays { attribute: "parameter", target: Target::Terraform, reason: SECRET },
        Stays { attribute: "kms_key", target: Target::Terraform, reason: SECRET },
        Stays { attribute: "tags", target: Target::Terraform, reason: SECRET },
    ],
};
