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

/// ARNs, alone or as the beginning of a longer text: the longest first, so that the first that fits is the nearest.
pub(super) struct Beginnings<T>(Vec<(String, T)>);

impl<T> Beginnings<T> {
    /// Those, each with what it stands for.
    pub(super) fn new(arns: impl IntoIterator<Item = (String, T)>) -> Self {
        let mut arns: Vec<(String, T)> = arns.into_iter().collect();
        arns.sort_by_key(|(arn, _)| std::cmp::Reverse(arn.len()));
        Self(arns)
    }

    /// What a text is or begins with, and the rest of the text: `arn:…:s3:::events/*` is the bucket and `/*`.
    pub(super) fn find<'t>(&self, text: &'t str) -> Option<(&T, &'t str)> {
        self.0.iter().find_map(|(arn, of)| {
            let rest = text.strip_prefix(arn.as_str())?;
            (rest.is_empty() || rest.starts_with(['/', ':'])).then_some((of, rest))
        })
    }
}

/// What exported resources are called by others.
pub(super) struct References<'a> {
    /// Their ARNs.
    arns: Beginnings<Named<'a>>,
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
        Self { arns: Beginnings::new(arns), names }
    }

    /// The resource whose ARN a text is or begins with, and the rest of the text.
    pub(super) fn in_text<'t>(&self, text: &'t str) -> Option<(Named<'a>, &'t str)> {
        self.arns.find(text).map(|(named, rest)| (*named, rest))
    }

    /// The resource of a type that has this name.
    pub(super) fn of_name(&self, one: Type, name: &str) -> Option<Named<'a>> {
        let found = self.names.iter().find(|(other, named)| *other == name && named.one == one);
        found.map(|(_, named)| *named)
    }
}
