//! IAM users with their inline policies.

use serde_json::json;

use super::iam::{Words, policy_list, policy_parts};
use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by, tag_list};
use crate::catalog::Type;
use crate::catalog::iam_user::{Spec, User};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, fields};
use crate::model::scope::Scope;

const WORDS: Words = Words {
    one: Type::User,
    owner: "user",
    inline: "aws_iam_user_policy",
    attachment: "aws_iam_user_policy_attachment",
};

impl Exported for User {
    const TERRAFORM_TYPE: &'static str = "aws_iam_user";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[
        ("aws_iam_user", |it| named_by(it, "name")),
        (WORDS.inline, |it| named_by(it, "user")),
        (WORDS.attachment, |it| named_by(it, "user")),
    ];
    const GET_ATT: Option<&'static str> = Some("Arn");
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.global_arn("iam", &format!("user{}{}", spec.path, spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { name, path, policies, managed_policies, permissions_boundary, tags } = it.spec;
        let user = fields([
            ("name", name.into()),
            ("path", path.into()),
            ("permissions_boundary", permissions_boundary.into()),
            ("tags", tags.into()),
        ]);
        let user = terraform::Part::new("aws_iam_user", name, user).unread(&["force_destroy"]);
        Ok([vec![user], policy_parts(name, policies, managed_policies, &WORDS)].concat())
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, path, policies, managed_policies, permissions_boundary, tags } = it.spec;
        let user = properties([
            ("UserName", json!(name)),
            ("Path", json!(path)),
            ("Policies", policy_list(policies)),
            ("ManagedPolicyArns", filled(managed_policies)),
            ("PermissionsBoundary", json!(permissions_boundary)),
            ("Tags", tag_list(tags)),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::IAM::User", [("UserName", name)], user)])
    }
}
