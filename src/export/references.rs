//! Where a text names another exported resource: an ARN, alone or as the beginning of a longer one.

use crate::model::address::Address;

use super::Estate;
use super::kinds::Subject;

/// A resource that others name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    /// Its address.
    pub(super) address: &'a Address,
    /// Its kind: `kinesis_stream`.
    pub(super) kind: &'a str,
}

/// What exported resources are called by others.
pub(super) struct References<'a> {
    /// ARNs, the longest first, so that the first that fits is the nearest.
    arns: Vec<(String, Named<'a>)>,
    /// Kinds and names.
    names: Vec<(&'a str, Named<'a>)>,
}

impl<'a> References<'a> {
    /// Those of an estate, as far as `exported` says so.
    pub(super) fn new(estate: &'a Estate, exported: impl Fn(&Subject<'a>) -> bool) -> Self {
        let (mut arns, mut names) = (Vec::new(), Vec::new());
        for subject in estate.subjects().filter(|subject| exported(subject)) {
            let this = Named { address: subject.address, kind: subject.mapping.kind };
            if let Some(arn) = subject.mapping.arn {
                arns.push((arn(&subject), this));
            }
            if let Some(name) = subject.attributes["name"].as_str() {
                names.push((name, this));
            }
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

    /// The resource of a kind that has this name.
    pub(super) fn of_name(&self, kind: &str, name: &str) -> Option<Named<'a>> {
        let found = self.names.iter().find(|(other, named)| *other == name && named.kind == kind);
        found.map(|(_, named)| *named)
    }
}
