//! What it takes to assume the role of `[env]`: a statement for whoever calls, and the role's own trust policy.

use serde_json::{Value, json};

use crate::model::acting::Acting;
use crate::model::pattern::special;

/// What caller and role need.
#[derive(Clone, Debug, PartialEq)]
pub struct Assume {
    /// The role.
    pub role_arn: String,
    /// The policy of whoever calls.
    pub caller: Value,
    /// The role's trust policy.
    pub trust: Value,
}

/// Whom a role can trust by name, and what is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the ARN of a user, a role or an account: give it as `arn:aws:iam::123456789012:role/NAME`")]
pub struct NoCaller(String);

/// What it takes to assume the role, by `caller`; by whomever its own account allows it where nobody is named. `None` where
/// no role is assumed.
///
/// # Errors
/// When the caller is none that a role can trust.
pub fn assume(acting: &Acting, caller: Option<&str>) -> Result<Option<Assume>, NoCaller> {
    if let Some(caller) = caller.filter(|caller| !is_caller(caller)) {
        return Err(NoCaller(caller.escape_debug().to_string()));
    }
    let Some(role_arn) = acting.role_arn.clone() else { return Ok(None) };
    let own = || role_arn.split(":role/").next().map(|account| format!("{account}:root")).unwrap_or_default();
    let principal = caller.map_or_else(own, str::to_owned);
    let mut trusting = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"});
    if let Some(id) = &acting.external_id {
        trusting["Condition"] = json!({"StringEquals": {"sts:ExternalId": id}});
    }
    let allowed = json!({"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": [role_arn]});
    let document = |statement: Value| json!({"Version": "2012-10-17", "Statement": [statement]});
    Ok(Some(Assume { caller: document(allowed), trust: document(trusting), role_arn }))
}

/// Whether a text is the ARN of somebody whom a trust policy can name; a wild card would let strangers in.
fn is_caller(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let [arn, partition, service, region, account, resource] =
        std::array::from_fn(|_| parts.next().unwrap_or_default());
    let somebody =
        |kind: &str| resource.strip_prefix(kind).is_some_and(|name| !name.is_empty() && !name.ends_with('/'));
    arn == "arn"
        && partition.starts_with("aws")
        && (service, region) == ("iam", "")
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && (resource == "root" || somebody("role/") || somebody("user/"))
        && text.chars().all(|c| c.is_ascii_graphic())
        && special(text).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::123456789012:role/ci/deploy";

    #[test]
    fn the_role_trusts_whoever_is_named_and_asks_for_the_external_id() {
        let acting =
            Acting { role_arn: Some(ROLE.to_owned()), external_id: Some("acme-7".to_owned()), ..Acting::default() };
        let both = assume(&acting, Some("arn:aws:iam::210987654321:role/gitlab")).unwrap().unwrap();
        let statement = &both.trust["Statement"][0];
        assert_eq!(statement["Principal"]["AWS"], "arn:aws:iam::210987654321:role/gitlab");
        assert_eq!(statement["Condition"]["StringEquals"]["sts:ExternalId"], "acme-7");
        assert_eq!(both.caller["Statement"][0]["Resource"], json!([ROLE]));
        let own = assume(&Acting { external_id: None, ..acting }, None).unwrap().unwrap();
        assert_eq!(own.trust["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::123456789012:root");
        assert_eq!(own.trust["Statement"][0]["Condition"], Value::Null);
        assert_eq!(assume(&Acting::default(), None), Ok(None));
    }

    #[test]
    fn nobody_is_trusted_who_is_not_one() {
        let acting = Acting { role_arn: Some(ROLE.to_owned()), ..Acting::default() };
        for stranger in [
            "*",
            "arn:aws:iam::*:root",
            "arn:aws:iam::123456789012:role/*",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:sts::123456789012:assumed-role/deploy/ana",
            "arn:aws:iam::12345678901:root",
            "123456789012",
            "arn:aws:iam::123456789012:root\n",
        ] {
            assert!(assume(&acting, Some(stranger)).is_err(), "{stranger}");
        }
    }
}
