//! A KMS key is always somebody else's: nothing is made of it.

use serde_json::Value;

use super::policy::on_key;
use super::{Build, BuildContext, Resolved};
use crate::catalog::Type;
use crate::model::scope::Scope;
use crate::spec::Spec;
use crate::spec::blocks::key::Key;
use crate::spec::uses::{Access, Use};

impl Build for Key {
    const TYPE: Option<Type> = None;

    fn build(&self, _site: &mut BuildContext<'_>) {}

    fn key(&self) -> Option<&str> {
        None
    }

    fn allow(_own: Option<&Self>, used: &Resolved, asked: &Use, _spec: &Spec, scope: &Scope) -> Vec<Value> {
        // Who encrypts what is large does so with a data key, which comes in the clear and encrypted.
        let actions: &[&str] = match asked.access {
            Access::Decrypt => &["kms:Decrypt"],
            Access::Encrypt => &["kms:Encrypt", "kms:GenerateDataKey"],
            Access::Use => &["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
            // A key is used for nothing else: see its `USES`.
            Access::Read
            | Access::Write
            | Access::Put
            | Access::Publish
            | Access::Send
            | Access::Receive
            | Access::Query
            | Access::Invoke
            | Access::Start
            | Access::Assume => return Vec::new(),
        };
        on_key(scope, &used.arn, actions).into_iter().collect()
    }
}
