//! A KMS key is always somebody else's: nothing is made of it.

use super::{Build, BuildContext};
use crate::catalog::Type;
use crate::spec::blocks::key::Key;

impl Build for Key {
    const TYPE: Option<Type> = None;

    fn build(&self, _site: &mut BuildContext<'_>) {}

    fn key(&self) -> Option<&str> {
        None
    }
}
