//! As whom AWS is asked: as `[env]` says, and for its account alone.

use std::sync::Arc;

use crate::aws::Aws;
use crate::cli::failure::Failure;
use crate::model::scope::Scope;
use crate::ops::Fault;
use crate::report::style::Clean;
use crate::spec::{Env, Loaded};

/// AWS in the region of an environment, with the credentials that it says.
pub(super) fn aws_of(env: &Env) -> Arc<Aws> {
    Arc::new(Aws::acting(&env.region, env.acting()))
}

/// Refuses the credentials of another account than the spec's.
pub(super) fn check_account(loaded: &Loaded, scope: &Scope) -> Result<(), Failure> {
    let env = &loaded.spec.env;
    let Some(wanted) = env.account().filter(|wanted| *wanted != scope.account) else { return Ok(()) };
    let field = if env.account_id.is_some() { "account_id" } else { "role_arn" };
    let theirs = match &env.role_arn {
        Some(role) => format!("the credentials that role {} gave are", Clean(role)),
        None => "these credentials are".to_owned(),
    };
    let error = anyhow::anyhow!(
        "{theirs} of account {}, and `[env] {field}` of {} allows only {wanted}",
        Clean(&scope.account),
        env.name
    );
    let help = match (&env.role_arn, &env.profile) {
        (Some(_), _) => "AWS gives a role's credentials for its own account alone: look at AWS_ENDPOINT_URL".to_owned(),
        (None, Some(_)) => format!("name a profile of {wanted} in `[env] profile`"),
        (None, None) => format!("use credentials of {wanted}: another AWS_PROFILE, or the job's role there"),
    };
    Err(Fault::helped(error, help).into())
}
