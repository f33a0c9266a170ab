//! As whom AWS is asked, where a spec says it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whose credentials stand before every call to AWS, where `[env]` says it; the caller's own where it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acting {
    /// The profile of this machine whose credentials are used; absent: those that the environment gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// ARN of the role that is assumed with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// What the role asks for besides; no plan and no lock says it.
    #[serde(skip)]
    pub external_id: Option<String>,
    /// How the role's session is called; absent: `pipectl-` and the user's name.
    #[serde(skip)]
    pub session_name: Option<String>,
}

impl Acting {
    /// Whether it is the caller himself, with whatever credentials he has.
    pub fn is_caller(&self) -> bool {
        self.profile.is_none() && self.role_arn.is_none()
    }

    /// The role's name: of `arn:aws:iam::123456789012:role/ci/deploy` it is `deploy`.
    pub fn role_name(&self) -> Option<&str> {
        self.role_arn.as_deref()?.rsplit('/').next()
    }

    /// Whether the caller of an ARN is a session of its role; so is everybody where it has none.
    pub fn is(&self, caller: &str) -> bool {
        let Some((arn, name)) = self.role_arn.as_deref().zip(self.role_name()) else { return true };
        let account = |arn: &str| arn.split(':').nth(4).map(str::to_owned);
        let session = caller.splitn(6, ':').nth(5).and_then(|resource| resource.strip_prefix("assumed-role/"));
        let of = session.and_then(|session| session.split('/').next());
        of == Some(name) && account(arn) == account(caller)
    }
}

impl fmt::Display for Acting {
    /// `role arn:aws:iam::123456789012:role/deploy, from profile acme`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.role_arn, &self.profile) {
            (Some(role), Some(profile)) => write!(f, "role {role}, from profile {profile}"),
            (Some(role), None) => write!(f, "role {role}"),
            (None, Some(profile)) => write!(f, "profile {profile}"),
            (None, None) => f.write_str("the caller"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_known_by_its_role_and_account() {
        let acting =
            Acting { role_arn: Some("arn:aws:iam::123456789012:role/ci/deploy".to_owned()), ..Acting::default() };
        assert!(acting.is("arn:aws:sts::123456789012:assumed-role/deploy/ana"));
        for other in [
            "arn:aws:sts::123456789012:assumed-role/deploy2/deploy",
            "arn:aws:sts::210987654321:assumed-role/deploy/ana",
            "arn:aws:iam::123456789012:user/deploy",
            "arn:aws:iam::123456789012:role/ci/deploy",
            "",
        ] {
            assert!(!acting.is(other), "{other}");
        }
        assert!(Acting::default().is("arn:aws:iam::123456789012:user/ana"));
    }

    #[test]
    fn nothing_but_profile_and_role_is_written_down() {
        let acting = Acting {
            profile: Some("acme".to_owned()),
            role_arn: Some("arn:aws:iam::123456789012:role/deploy".to_owned()),
            external_id: Some("shared between two".to_owned()),
            session_name: Some("nightly".to_owned()),
        };
        let written = serde_json::to_value(&acting).unwrap();
        let expected = serde_json::json!({"profile": "acme", "role_arn": "arn:aws:iam::123456789012:role/deploy"});
        assert_eq!(written, expected);
        assert_eq!(acting.to_string(), "role arn:aws:iam::123456789012:role/deploy, from profile acme");
    }
}
