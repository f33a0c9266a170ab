//! A role by itself is always somebody else's: nothing is made of it.

use serde_json::Value;

use super::policy::allow;
use super::{Build, BuildContext, Resolved};
use crate::catalog::Type;
use crate::model::scope::Scope;
use crate::spec::Spec;
use crate::spec::blocks::role::Role;
use crate::spec::uses::Use;

impl Build for Role {
    const TYPE: Option<Type> = Some(Type::Role);

    fn build(&self, _site: &mut BuildContext<'_>) {}

    fn key(&self) -> Option<&str> {
        None
    }

    fn allow(_own: Option<&Self>, used: &Resolved, _asked: &Use, _spec: &Spec, _scope: &Scope) -> Vec<Value> {
        vec![allow(&["sts:AssumeRole"], &used.arn)]
    }
}
