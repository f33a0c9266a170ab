//! IAM roles with their inline policies.

use serde_json::json;

use super::iam::{Words, policy_list, policy_parts};
use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by, tag_list};
use crate::catalog::Type;
use crate::catalog::iam_role::{Role, Spec};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, fields};
use crate::model::scope::Scope;

const WORDS: Words = Words {
    one: Type::Role,
    owner: "role",
    inline: "aws_iam_role_policy",
    attachment: "aws_iam_role_policy_attachment",
};

impl Exported for Role {
    const TERRAFORM_TYPE: &'static str = "aws_iam_role";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[
        ("aws_iam_role", |it| named_by(it, "name")),
        (WORDS.inline, |it| named_by(it, "role")),
        (WORDS.attachment, |it| named_by(it, "role")),
    ];
    const GET_ATT: Option<&'static str> = Some("Arn");
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.global_arn("iam", &format!("role{}{}", spec.path, spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec {
            name,
            path,
            description,
            trust,
            max_session_seconds,
            policies,
            managed_policies,
            permissions_boundary,
            tags,
        } = it.spec;
        let role = fields([
            ("name", name.into()),
            ("path", path.into()),
            ("description", filled(description).into()),
            ("assume_role_policy", Term::encoded(trust)),
            ("max_session_duration", max_session_seconds.into()),
            ("permissions_boundary", permissions_boundary.into()),
            ("tags", tags.into()),
        ]);
        let role = terraform::Part::new("aws_iam_role", name, role).unread(&["force_detach_policies"]);
        Ok([vec![role], policy_parts(name, policies, managed_policies, &WORDS)].concat())
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec {
            name,
            path,
            description,
            trust,
            max_session_seconds,
            policies,
            managed_policies,
            permissions_boundary,
            tags,
        } = it.spec;
        let role = properties([
            ("RoleName", json!(name)),
            ("Path", json!(path)),
            ("Description", filled(description)),
            ("AssumeRolePolicyDocument", json!(trust)),
            ("MaxSessionDuration", json!(max_session_seconds)),
            ("Policies", policy_list(policies)),
            ("ManagedPolicyArns", filled(managed_policies)),
            ("PermissionsBoundary", json!(permissions_boundary)),
            ("Tags", tag_list(tags)),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::IAM::Role", [("RoleName", name)], role)])
    }
}
