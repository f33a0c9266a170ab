//! A security group is always somebody else's: nothing is made of it.

use super::{Build, BuildContext};
use crate::catalog::Type;
use crate::spec::blocks::security_group::SecurityGroup;

impl Build for SecurityGroup {
    const TYPE: Option<Type> = None;

    fn build(&self, _site: &mut BuildContext<'_>) {}

    fn key(&self) -> Option<&str> {
        None
    }
}
