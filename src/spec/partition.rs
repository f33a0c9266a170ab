//! ARNs of another partition than the environment's: nothing of it is there.

use super::diagnostic::Diagnostics;
use super::tree::Node;
use crate::model::partition::named;
use crate::model::scope::Scope;

/// Warns of every text that names something of another partition: a policy of one's own, a variable of a function.
pub(super) fn check(region: &str, tree: &Node, diagnostics: &mut Diagnostics) {
    let here = Scope::new("", region).partition;
    tree.each_string(&mut |text, place| {
        let partitions = text.split("arn:").skip(1).filter_map(|rest| named(rest.split(':').next()?));
        if let Some(other) = partitions.into_iter().find(|partition| partition.name != here) {
            diagnostics
                .warning(
                    place,
                    format!("this names something in the partition `{}`, and `{region}` is in `{here}`", other.name),
                )
                .help("write `arn:${partition}:…`, which follows the region");
        }
    });
}
