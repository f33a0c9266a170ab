//! What a kind's calls need of IAM: actions, and the resources on which IAM checks each.
//!
//! Facts, as AWS's service authorization reference has them; `ops::deploy_policy` makes policies of them.

/// Which job of a pipeline needs a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Job {
    /// Everything that only looks: `plan`, `drift`, `output`, `state list` … For a kind: its `read`.
    Plan,
    /// Everything that changes, on top of [`Job::Plan`]: `apply`, `destroy`. For a kind: `create`, `update`, `delete`.
    Apply,
    /// The data path: `send`, `verify`, `status`.
    Operate,
}

/// On what IAM checks an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// ARNs with placeholders: `{partition}`, `{region}`, `{account}`, and an attribute of the resource by its dotted
    /// path: `{name}`, `{source.role_arn}`, `{methods.*.service.credentials}` of each item of a map. `//` becomes `/`, as a parameter's ARN has its name without the slash. Of a place
    /// in S3, `s3://results/athena/`, `{place}` is `results/athena/`, and `{place:bucket}` is `results`.
    Arns(&'static [&'static str]),
    /// The KMS key that the attribute at this dotted path names. Without one, any key, for it may get one; but nothing
    /// for actions of KMS itself: a key that AWS keeps for the service asks for none.
    Key(&'static str),
    /// Everything, because AWS takes nothing narrower for these actions.
    All,
}

/// IAM actions that a kind's calls need, with the resources on which IAM checks all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Which job needs them.
    pub job: Job,
    /// `kinesis:CreateStream` …
    pub actions: &'static [&'static str],
    /// On what.
    pub on: On,
    /// Only for a resource whose attribute at this dotted path has a value.
    pub given: Option<&'static str>,
    /// A condition key and the value that it must have, with the placeholders of [`On::Arns`] and `{domain}`.
    pub condition: Option<(&'static str, &'static str)>,
    /// A condition key that must have the value of the attribute at a dotted path, where that has one.
    pub held: Option<(&'static str, &'static str)>,
    /// Only for a resource whose attribute at this dotted path has no value.
    pub unless: Option<&'static str>,
}

impl Grant {
    const fn new(job: Job, actions: &'static [&'static str], on: On) -> Self {
        Self { job, actions, on, given: None, condition: None, held: None, unless: None }
    }

    /// For [`Job::Plan`].
    pub const fn plan(actions: &'static [&'static str], on: On) -> Self {
        Self::new(Job::Plan, actions, on)
    }

    /// For [`Job::Apply`].
    pub const fn apply(actions: &'static [&'static str], on: On) -> Self {
        Self::new(Job::Apply, actions, on)
    }

    /// For [`Job::Operate`].
    pub const fn operate(actions: &'static [&'static str], on: On) -> Self {
        Self::new(Job::Operate, actions, on)
    }

    /// Only for resources whose attribute has a value.
    pub const fn given(self, attribute: &'static str) -> Self {
        Self { given: Some(attribute), ..self }
    }

    /// Only where a condition key has this value.
    pub const fn only_if(self, key: &'static str, value: &'static str) -> Self {
        Self { condition: Some((key, value)), ..self }
    }

    /// Only where a condition key has the value of an attribute, for resources whose attribute has one.
    pub const fn held_to(self, key: &'static str, attribute: &'static str) -> Self {
        Self { held: Some((key, attribute)), ..self }
    }

    /// Only for resources whose attribute has no value.
    pub const fn unless(self, attribute: &'static str) -> Self {
        Self { unless: Some(attribute), ..self }
    }
}
