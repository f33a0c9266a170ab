//! What AWS said of one external block, and what is wrong with it.

use super::{Looked, Problem, address, problem};
use crate::catalog::external::{Answer, Question};
use crate::model::error::{CallError, Class};
use crate::model::scope::Scope;
use crate::ops::{Fault, Result};
use crate::spec::Spec;
use crate::spec::blocks::Kind;
use crate::spec::external::{External, Found};
use crate::spec::kms::Key;

/// What AWS was asked of one block.
pub(super) struct Said<'a> {
    pub(super) kind: Kind,
    pub(super) name: &'a str,
    pub(super) external: &'a External,
    pub(super) question: Question,
    /// What is known of it without a look.
    pub(super) found: Found,
    pub(super) scope: &'a Scope,
}

impl Said<'_> {
    /// Notes what it was found to be, or what is wrong with it.
    pub(super) fn note(
        self,
        answer: std::result::Result<Option<Answer>, CallError>,
        spec: &Spec,
        looked: &mut Looked,
    ) -> Result<()> {
        match answer {
            Ok(Some(answer)) => {
                looked.problems.extend(self.faults(&answer, spec));
                // An alias says less than the key that the spec names.
                let live = answer.kms_key.filter(|key| self.external.kms_key.is_none() || !key.contains("alias/"));
                let kms_key = live.map(|key| self.whole_key(&key));
                let address = address(self.kind, self.name);
                let arn = answer.arn.unwrap_or(self.question.arn);
                looked.found.insert(address, Found { arn, kms_key, ..self.found });
            }
            // SQS says the same of a queue that is not there and of one that may not be seen.
            Ok(None) if self.kind == Kind::Queue && !self.question.own => {
                self.doubt(looked, format!("`{}` does not exist, or may not be looked at", self.question.arn));
            }
            Ok(None) => {
                let Question { arn, account, .. } = &self.question;
                let message = format!("`{arn}` does not exist in {account}, {}", self.scope.region);
                let help = "correct it, or ask its owner; pipectl makes nothing that is external".to_owned();
                looked.problems.push(problem(self.kind, self.name, message, help));
            }
            // Many owners let others use what is theirs, and not look at it.
            Err(error) if error.class == Class::Denied && !self.question.own => {
                self.doubt(looked, format!("`{}` could not be looked at: {error}", self.question.arn));
            }
            Err(error) if error.class == Class::Denied => {
                let message = format!("`{}` may not be looked at: {error}", self.question.arn);
                let help = format!(
                    "`pipectl deploy-policy` prints what it takes; of something in another account the spec says so: {}",
                    self.whose()
                );
                looked.problems.push(problem(self.kind, self.name, message, help));
            }
            Err(error) if matches!(error.class, Class::InUse | Class::Invalid | Class::Conflict) => {
                let help = "correct what `external` names".to_owned();
                looked.problems.push(problem(self.kind, self.name, error.to_string(), help));
            }
            Err(error) => return Err(Fault::Call(error)),
        }
        Ok(())
    }

    /// Takes it as the spec says it is, as nobody may look.
    fn doubt(&self, looked: &mut Looked, message: String) {
        let help = "that it exists, and with which key it is encrypted, is as the spec says; `kms_key` names the key";
        looked.doubts.push(problem(self.kind, self.name, message, help.to_owned()));
        looked.found.insert(address(self.kind, self.name), self.found.clone());
    }

    /// How a spec says that it is in another account.
    fn whose(&self) -> String {
        let Question { name, .. } = &self.question;
        format!("`external = {{ name = \"{name}\", account = \"…\" }}`")
    }

    /// What is wrong with what is there.
    fn faults(&self, answer: &Answer, spec: &Spec) -> Vec<Problem> {
        let arn = &self.question.arn;
        let mut faults = Vec::new();
        if let Some(why) = answer.unusable {
            let help = "wait, or name another".to_owned();
            faults.push(problem(self.kind, self.name, format!("`{arn}` cannot be used: {why}"), help));
        }
        if let (Some(said), Some(live)) = (&self.external.kms_key, &answer.kms_key)
            && let (said, live) = (self.whole_key(said), self.whole_key(live))
            && said != live
            && ![&said, &live].iter().any(|key| key.contains("alias/"))
        {
            let message = format!("`{arn}` is encrypted with {live}, and `kms_key` says {said}");
            faults.push(problem(self.kind, self.name, message, "take `kms_key` out: AWS says it".to_owned()));
        }
        let alias = answer.kms_key.as_deref().filter(|key| matches!(Key::of(key), Key::Alias(_)));
        if let (Some(alias), None, false) = (alias, &self.external.kms_key, self.question.own) {
            let message =
                format!("`{arn}` is encrypted with {alias}, and no policy names another account's key by an alias");
            let help = "write `kms_key` with the ARN of the key that the alias stands for".to_owned();
            faults.push(problem(self.kind, self.name, message, help));
        }
        // <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html>
        if !self.question.own && answer.kms_key.as_deref().map(Key::of) == Some(Key::AwsManaged) {
            let message = format!("`{arn}` is encrypted with AWS's own key, which no other account can use");
            let help = "ask its owner to encrypt it with a customer's key".to_owned();
            faults.push(problem(self.kind, self.name, message, help));
        }
        faults.extend(answer.visibility_seconds.and_then(|seconds| self.too_short(seconds, spec)));
        faults
    }

    /// Lambda refuses a queue that shows a message again before the function that was given it has ended.
    fn too_short(&self, visibility: u32, spec: &Spec) -> Option<Problem> {
        let reads = |function: &crate::spec::blocks::function::Function| {
            let mut sources = function.reads();
            let this = (self.kind.name(), self.name);
            (self.kind == Kind::Queue && sources.any(|source| source.from.parts() == this))
                .then_some(function.timeout_seconds)
        };
        let functions = spec.blocks.function.own().iter();
        let mut slow = functions.filter_map(|(name, it)| Some((name, reads(it)?)));
        let (function, timeout) = slow.find(|(_, timeout)| *timeout > visibility)?;
        let message = format!(
            "`{}` shows a message again after {visibility} s, and `function.{function}` may take {timeout} s for it",
            self.question.arn
        );
        let help = format!("write `timeout_seconds = {visibility}`, or ask its owner for a longer visibility timeout");
        Some(problem(self.kind, self.name, message, help))
    }

    /// The ARN of a key of the owner's; an alias, and what is one already, as it is.
    fn whole_key(&self, key: &str) -> String {
        if key.starts_with("arn:") || key.starts_with("alias/") {
            return key.to_owned();
        }
        let owner = Scope { account: self.question.account.clone(), ..self.scope.clone() };
        owner.arn("kms", &format!("key/{}", key.strip_prefix("key/").unwrap_or(key)))
    }
}
