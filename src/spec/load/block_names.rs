//! What blocks are called in AWS, as far as the text of a spec says it.

use std::collections::BTreeMap;

use crate::model::scope::Scope;
use crate::spec::blocks::Kind;
use crate::spec::blocks::queue::FIFO;
use crate::spec::external::{self, External, Externals, Found};
use crate::spec::interpolate::filled;
use crate::spec::tree::{Data, Node};

/// What blocks are called in AWS: `table.sessions.name` and the like; of those that are somebody else's also
/// `table.sessions.arn`.
pub(super) fn block_names(
    tree: &Node,
    names: &BTreeMap<String, String>,
    found: &BTreeMap<String, Found>,
) -> BTreeMap<String, String> {
    let scope = Scope::new(&names["account"], &names["region"]);
    let mut filled_in = BTreeMap::new();
    for kind in Kind::ALL {
        let blocks = tree.get(kind.name()).and_then(Node::as_table).into_iter().flatten();
        for (block, entry) in blocks {
            let address = format!("{}.{block}", kind.name());
            if let Some(by) = entry.node.get(external::KEY) {
                let external = External::written(by, |text| filled(text, names), found.get(&address));
                let name = external.as_ref().map(|it| it.name(kind.externals(), block));
                filled_in.insert(format!("{address}.name"), name.unwrap_or_else(|| block.clone()));
                if let (Some(external), Externals::ByArn(form)) = (external, kind.externals()) {
                    let arn = external.arn(&form, block, &scope);
                    // Of a secret that nobody could look at, no one knows the whole ARN.
                    if external.found.is_none() || !arn.contains('?') {
                        filled_in.insert(format!("{address}.arn"), arn);
                    }
                }
                continue;
            }
            let given = entry.node.get("name").and_then(Node::as_str).map(|name| filled(name, names));
            let fifo = entry.node.get("fifo").is_some_and(|fifo| matches!(fifo.data, Data::Boolean(true)));
            let end = if fifo { FIFO } else { "" };
            let name = given.unwrap_or_else(|| kind.unnamed(&names["project"], &names["env"], block) + end);
            // The ARN of a secret ends with what AWS makes up, and that of a key is made of it.
            if let Externals::ByArn(form) = kind.externals()
                && form.suffix.is_empty()
                && form.service != "kms"
            {
                filled_in.insert(format!("{address}.arn"), form.arn(&name, &scope));
            }
            filled_in.insert(format!("{address}.name"), name);
        }
    }
    filled_in
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::spec::{Options, Source, load};

    /// What it stands for is filled in before a block can be read, which decides on its name itself.
    #[test]
    fn the_name_that_is_filled_in_is_that_of_the_block() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut seen = BTreeSet::new();
        let examples = ["", "examples/analytics", "examples/ecommerce", "examples/prices"];
        let others = ["tests/files/nightly", "tests/files/orders", "tests/files/schemas"];
        for folder in examples.into_iter().chain(others) {
            let options =
                Options { root: root.join(folder), account: Some("123456789012".into()), ..Options::default() };
            let loaded = load(&Source::Env("dev".into()), &options);
            let loaded = loaded.unwrap_or_else(|report| panic!("{}", report.render(false, 120)));
            let (names, _) = super::super::names(&loaded.tree, &options);
            for (name, filled_in) in block_names(&loaded.tree, &names, &BTreeMap::new()) {
                let [kind, block, "name"] = name.split('.').collect::<Vec<_>>()[..] else { continue };
                let kind = Kind::named(kind).unwrap();
                seen.insert(kind);
                // What it publishes has a path, and no name.
                if kind != Kind::Publish {
                    assert_eq!(Some(filled_in), loaded.spec.blocks.aws_name(kind, block, &loaded.spec), "{name}");
                }
            }
        }
        let others = [Kind::Key, Kind::Role, Kind::Subnet, Kind::SecurityGroup];
        let unseen: Vec<_> = Kind::ALL.iter().filter(|kind| !seen.contains(kind) && !others.contains(kind)).collect();
        assert!(unseen.is_empty(), "{unseen:?}");
    }
}
