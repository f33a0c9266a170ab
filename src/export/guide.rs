//! The README of an export: what to do with it, and what does not go along.

use std::fmt::Write;

use super::kinds::{Stays, Subject};
use super::{Estate, Export, LeftOut, Target};

impl LeftOut {
    /// A whole resource.
    pub(super) fn whole(subject: &Subject<'_>, reason: String) -> Self {
        Self { address: subject.address.clone(), attribute: None, reason }
    }

    /// What is left alone, and is said by no argument of the other tool.
    pub(super) fn ignored(subject: &Subject<'_>, path: &[String]) -> Self {
        let reason = format!("nothing in Terraform leaves `{}` alone", path.join("."));
        Self::whole(subject, reason)
    }
}

/// The attributes of a resource that stay behind, as far as it has them.
pub(super) fn stays(subject: &Subject<'_>, target: Target) -> Vec<LeftOut> {
    let given = subject.one.stays(target).filter(|stays| {
        let value = &subject.attributes[stays.attribute];
        !value.is_null() && *value != false
    });
    let left_out = |stays: Stays| LeftOut {
        address: subject.address.clone(),
        attribute: Some(stays.attribute),
        reason: stays.reason.to_owned(),
    };
    given.map(left_out).collect()
}

const TERRAFORM: &str = "\
`main.tf` holds the resources, `imports.tf` what takes them over, `versions.tf` the provider and the place for a backend.

1. `pipectl plan` must show no changes: what differs between spec and AWS would differ here too.
2. Run the commands below. The plan must read `{count} to import, 0 to add, 0 to change, 0 to destroy`; if it does not, stop and
   look at what differs.
3. From the apply on Terraform manages these resources. Let nothing run pipectl on this environment again: `pipectl forget`
   with each block, or delete its folder of the state. Neither touches a resource.
4. `imports.tf` can go, and so can the tags `pipectl:project`, `pipectl:env` and `pipectl:address`.
";

const CLOUDFORMATION: &str = "\
`template.yaml` is the stack, `resources-to-import.json` says which existing resource each of its {count} resources is.

1. `pipectl plan` must show no changes: CloudFormation does not compare what it imports with the template, so a difference
   would be carried out by the first update of the stack.
2. Run the commands below. The change set must hold {count} imports and nothing else.
3. `aws cloudformation detect-stack-drift` compares the stack with AWS; look at what it finds before the first update.
4. From then on the stack manages these resources. Let nothing run pipectl on this environment again: `pipectl forget` with
   each block, or delete its folder of the state. Neither touches a resource.
5. The tags `pipectl:project`, `pipectl:env` and `pipectl:address` can go. Every resource has `DeletionPolicy: Retain`, without
   which CloudFormation imports nothing; take it away where a deleted stack is to take the resource with it.
";

/// The README of an export for Terraform.
pub(super) fn terraform(estate: &Estate, export: &Export) -> String {
    readme(estate, export, Target::Terraform, TERRAFORM)
}

/// The README of an export for CloudFormation.
pub(super) fn cloudformation(estate: &Estate, export: &Export) -> String {
    readme(estate, export, Target::CloudFormation, CLOUDFORMATION)
}

fn readme(estate: &Estate, export: &Export, target: Target, steps: &str) -> String {
    let mut text = format!(
        "# {} {} for {target}\n\nExported by pipectl from account {}.\n\n",
        estate.project, estate.env, estate.scope
    );
    text.push_str(&steps.replace("{count}", &export.imports.to_string()));
    text.push_str("\n```sh\n");
    for command in &export.next {
        let _ = writeln!(text, "{command}");
    }
    text.push_str("```\n");
    if !export.left_out.is_empty() {
        text.push_str("\n## What does not go along\n\nIt goes on existing, unmanaged.\n\n");
    }
    for one in &export.left_out {
        let attribute = one.attribute.map(|attribute| format!(", `{attribute}`")).unwrap_or_default();
        let _ = writeln!(text, "- `{}`{attribute}: {}.", one.address, one.reason);
    }
    text
}
