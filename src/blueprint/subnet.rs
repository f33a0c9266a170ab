//! A subnet is always somebody else's: nothing is made of it.

use super::{Build, BuildContext};
use crate::catalog::Type;
use crate::spec::blocks::subnet::Subnet;

impl Build for Subnet {
    const TYPE: Option<Type> = None;

    fn build(&self, _site: &mut BuildContext<'_>) {}

    fn key(&self) -> Option<&str> {
        None
    }
}
