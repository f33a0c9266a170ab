//! Where a text names another exported resource: an ARN, alone or as the beginning of a longer one.

use crate::catalog::Type;
use crate::model::address::Address;

use super::kinds::Subject;

/// A resource that others name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    /// Its address.
    pub(super) address: &'a Address,
    /// Its type.
    pub(super) one: Type,
}

/// What exported resources are called by others.
pub(super) struct References<'a> {
    /// ARNs, the longest first, so that the first that fits is the nearest.
    arns: Vec<(String, Named<'a>)>,
    /// Names.
    names: Vec<(String, Named<'a>)>,
}

impl<'a> References<'a> {
    /// Those of what is exported.
    pub(super) fn new(exported: &[Subject<'a>]) -> Self {
        let (mut arns, mut names) = (Vec::new(), Vec::new());
        for subject in exported {
            let this = Named { address: subject.address, one: subject.one };
            arns.extend(subject.arn().map(|arn| (arn, this)));
            names.extend(subject.name().map(|name| (name.to_owned(), this)));
        }
        arns.sort_by_key(|(arn, _)| std::cmp::Reverse(arn.len()));
        Self { arns, names }
    }

    /// The resource whose ARN a text is or begins with, and the rest of the text: `arn:…:s3:::events/*` is the bucket
    /// and `/*`.
    pub(super) fn in_text<'t>(&self, text: &'t str) -> Option<(Named<'a>, &'t str)> {
        self.arns.iter().find_map(|(arn, named)| {
            let rest = text.strip_prefix(arn.as_str())?;
            (rest.is_empty() || rest.starts_with(['/', ':'])).then_some((*named, rest))
        })
    }

    /// The resource of a type that has this name.
    pub(super) fn of_name(&self, one: Type, name: &str) -> Option<Named<'a>> {
        let found = self.names.iter().find(|(other, named)| *other == name && named.one == one);
        found.map(|(_, named)| *named)
    }
}
