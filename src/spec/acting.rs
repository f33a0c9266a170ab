//! As whom an environment's calls are made: `profile`, `role_arn` and what belongs to them in `[env]`.

use super::arn::Arn;
use super::check::Checks;
use super::head::Env;
use super::source::UNKNOWN_ACCOUNT;
use crate::model::acting::Acting;

/// What a mistaken role is to be.
const ROLE: &str = "write the ARN of a role: `arn:${partition}:iam::123456789012:role/NAME`";

/// The account that a role is in; absent where the text is no ARN of one, or has a `${…}` in it.
pub(super) fn account_of_role(arn: &str) -> Option<String> {
    Arn::role(arn).map(|role| role.account.to_owned())
}

impl Env {
    /// As whom AWS is asked.
    pub fn acting(&self) -> Acting {
        let Self { profile, role_arn, external_id, session_name, .. } = self.clone();
        Acting { profile, role_arn, external_id, session_name }
    }

    /// The only account that it may be applied to: the one that `account_id` names, else that of the role. Absent: any.
    pub fn account(&self) -> Option<&str> {
        let of_role = || self.role_arn.as_deref().and_then(Arn::role).map(|role| role.account);
        self.account_id.as_deref().or_else(of_role)
    }

    pub(super) fn check_acting(&self, checks: &mut Checks<'_>) {
        let blank = |profile: &str| profile.trim() != profile || profile.chars().any(char::is_control);
        if let Some(profile) = self.profile.as_deref().filter(|profile| blank(profile)) {
            checks
                .error("profile", format!("`{}` is not the name of a profile", profile.escape_debug()))
                .help("`aws configure list-profiles` lists them");
        }
        if let Some(role) = &self.role_arn {
            self.check_role(role, checks);
            return;
        }
        let without = [("external_id", &self.external_id), ("session_name", &self.session_name)];
        for (field, _) in without.into_iter().filter(|(_, value)| value.is_some()) {
            checks
                .error(field, format!("`{field}` belongs to a role, and `env` has no `role_arn`"))
                .help("add `role_arn`, or leave it out");
        }
    }

    fn check_role(&self, text: &str, checks: &mut Checks<'_>) {
        let Some(role) = Arn::role(text) else {
            checks.error("role_arn", format!("`{}` is not the ARN of a role", text.escape_debug())).help(ROLE);
            return;
        };
        if let Some(elsewhere) = role.elsewhere(&self.region) {
            checks.error("role_arn", format!("the role {elsewhere}")).help(ROLE);
        }
        match self.account_id.as_deref() {
            Some(own) if own != role.account => {
                checks
                    .error(
                        "role_arn",
                        format!("the role is one of the account {}, and `account_id` is {own}", role.account),
                    )
                    .help("name a role of that account: resources and state are where the role is");
            }
            // Who has to be known first cannot be asked by the role.
            None if role.account == UNKNOWN_ACCOUNT => {
                checks
                    .error("role_arn", "the role's account is not known: nothing says it before the role is assumed")
                    .help("write the account's twelve digits into the ARN, or set `account_id`");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_known_by_its_arn() {
        for (text, account) in [
            ("arn:aws:iam::123456789012:role/deploy", Some("123456789012")),
            ("arn:aws:iam::123456789012:role/ci/team-a/deploy", Some("123456789012")),
            ("arn:aws-cn:iam::123456789012:role/deploy", Some("123456789012")),
            ("arn:aws:iam::123456789012:role/", None),
            ("arn:aws:iam::123456789012:role/ci/", None),
            ("arn:aws:iam::123456789012:user/deploy", None),
            ("arn:aws:iam:eu-west-1:123456789012:role/deploy", None),
            ("arn:aws:sts::123456789012:assumed-role/deploy/ana", None),
            ("arn:aws:iam:::role/deploy", None),
            ("arn:aws:iam::123456789012:role/de*", None),
            ("arn:aws:iam::${account}:role/deploy", None),
        ] {
            assert_eq!(account_of_role(text).as_deref(), account, "{text}");
        }
    }
}
