//! Managed policies that the role of a block has besides: `policies = ["arn:aws:iam::aws:policy/…"]`.

use super::Spec;
use super::check::Checks;

/// As many as a role may have unless AWS has raised the account's quota, which it does up to twenty.
const USUAL: usize = 10;

/// Checks the ARNs that stand under `key` of a block.
pub(super) fn check(key: &str, policies: &[String], spec: &Spec, checks: &mut Checks<'_>) {
    for (i, arn) in policies.iter().enumerate() {
        if let Some(fault) = spec.env.no_managed_policy(arn) {
            checks
                .error(&format!("{key}.{i}"), fault)
                .help("write the ARN of a managed policy: `arn:${partition}:iam::aws:policy/NAME`");
        }
    }
    if policies.len() > USUAL {
        let message = format!("these are {} policies, and a role has at most {USUAL}", policies.len());
        checks
            .warning(key, message)
            .help("AWS raises that to 20 for an account that asks: \"Managed policies per role\" among IAM's quotas");
    }
}
