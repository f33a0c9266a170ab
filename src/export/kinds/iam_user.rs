//! IAM users with their inline policies.

use super::iam::{Words, policy_list, policy_parts};
use super::{Mapping, filled, named_by, tag_list};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, fields};

const WORDS: Words = Words {
    kind: "iam_user",
    owner: "user",
    inline: "aws_iam_user_policy",
    attachment: "aws_iam_user_policy_attachment",
};

pub(super) const MAPPING: Mapping = Mapping {
    kind: "iam_user",
    arn: Some(|it| it.estate.scope.global_arn("iam", &format!("user{}{}", it.text("path"), it.name()))),
    terraform_type: "aws_iam_user",
    terraform_keys: &[
        ("aws_iam_user", |it| named_by(it, "name")),
        (WORDS.inline, |it| named_by(it, "user")),
        (WORDS.attachment, |it| named_by(it, "user")),
    ],
    terraform: |it| {
        let user = fields([
            ("name", it["name"].clone().into()),
            ("path", it["path"].clone().into()),
            ("permissions_boundary", it["permissions_boundary"].clone().into()),
            ("tags", it["tags"].clone().into()),
        ]);
        let user = terraform::Part::new("aws_iam_user", it.name(), user).unread(&["force_destroy"]);
        Ok([vec![user], policy_parts(it, &WORDS)].concat())
    },
    get_att: Some("Arn"),
    cloudformation: |it| {
        let user = properties([
            ("UserName", it["name"].clone()),
            ("Path", it["path"].clone()),
            ("Policies", policy_list(&it["policies"])),
            ("ManagedPolicyArns", filled(&it["managed_policies"])),
            ("PermissionsBoundary", it["permissions_boundary"].clone()),
            ("Tags", tag_list(&it["tags"])),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::IAM::User", [("UserName", it.name())], user)])
    },
    stays: &[],
};
