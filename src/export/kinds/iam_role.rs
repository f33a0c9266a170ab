//! IAM roles with their inline policies.

use super::iam::{Words, policy_list, policy_parts};
use super::{Mapping, filled, named_by, tag_list};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, fields};

const WORDS: Words = Words {
    kind: "iam_role",
    owner: "role",
    inline: "aws_iam_role_policy",
    attachment: "aws_iam_role_policy_attachment",
};

pub(super) const MAPPING: Mapping = Mapping {
    kind: "iam_role",
    arn: Some(|it| it.estate.scope.global_arn("iam", &format!("role{}{}", it.text("path"), it.name()))),
    terraform_type: "aws_iam_role",
    terraform_keys: &[
        ("aws_iam_role", |it| named_by(it, "name")),
        (WORDS.inline, |it| named_by(it, "role")),
        (WORDS.attachment, |it| named_by(it, "role")),
    ],
    terraform: |it| {
        let role = fields([
            ("name", it["name"].clone().into()),
            ("path", it["path"].clone().into()),
            ("description", filled(&it["description"]).into()),
            ("assume_role_policy", Term::encoded(&it["trust"])),
            ("max_session_duration", it["max_session_seconds"].clone().into()),
            ("permissions_boundary", it["permissions_boundary"].clone().into()),
            ("tags", it["tags"].clone().into()),
        ]);
        let role = terraform::Part::new("aws_iam_role", it.name(), role).unread(&["force_detach_policies"]);
        Ok([vec![role], policy_parts(it, &WORDS)].concat())
    },
    get_att: Some("Arn"),
    cloudformation: |it| {
        let role = properties([
            ("RoleName", it["name"].clone()),
            ("Path", it["path"].clone()),
            ("Description", filled(&it["description"])),
            ("AssumeRolePolicyDocument", it["trust"].clone()),
            ("MaxSessionDuration", it["max_session_seconds"].clone()),
            ("Policies", policy_list(&it["policies"])),
            ("ManagedPolicyArns", filled(&it["managed_policies"])),
            ("PermissionsBoundary", it["permissions_boundary"].clone()),
            ("Tags", tag_list(&it["tags"])),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::IAM::Role", [("RoleName", it.name())], role)])
    },
    stays: &[],
};
