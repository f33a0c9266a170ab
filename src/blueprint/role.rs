//! A role by itself is always somebody else's: nothing is made of it.

use super::{Build, BuildContext};
use crate::catalog::Type;
use crate::spec::blocks::role::Role;

impl Build for Role {
    const TYPE: Option<Type> = Some(Type::Role);

    fn build(&self, _site: &mut BuildContext<'_>) {}

    fn key(&self) -> Option<&str> {
        None
    }
}
