//! What is deleted beside the same under another name: somebody has renamed a block, and would lose what it holds.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Action, Change, Changes};
use crate::model::address::Address;
use crate::model::diff::diff;
use crate::model::kind::Registry;

/// A block that was probably renamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LikelyRename {
    /// What is deleted.
    pub from: Address,
    /// What is made.
    pub to: Address,
    /// What the one that is deleted is called in AWS.
    pub name: String,
}

/// The deletions beside a creation of the same type whose attributes are the same but for the name, what follows from that, and
/// the tags. Of several that are alike, those whose names are most alike belong together.
pub(crate) fn likely_renames(changes: &Changes, registry: &Registry) -> Vec<LikelyRename> {
    let own = |action: Action| {
        let these = changes.0.iter().filter(move |change| change.action == action);
        these.filter(|change| change.address.part_name().is_none())
    };
    let mut found: Vec<(&Change, &Change)> = Vec::new();
    // A delivery stream whose source was renamed as well is alike only once that is known.
    loop {
        let mut pairs: Vec<(&Change, &Change)> = own(Action::Delete)
            .flat_map(|gone| own(Action::Create).map(move |new| (gone, new)))
            .filter(|(gone, new)| found.iter().all(|(one, other)| one != gone && other != new))
            .filter(|(gone, new)| alike(gone, new, &found, registry))
            .collect();
        pairs.sort_by(|one, other| likeness(other).total_cmp(&likeness(one)));
        let Some(best) = pairs.first() else { break };
        found.push(*best);
    }
    found.sort_by(|one, other| one.0.address.cmp(&other.0.address));
    let rename = |(gone, new): (&Change, &Change)| LikelyRename {
        from: gone.address.clone(),
        to: new.address.clone(),
        name: gone.key.clone(),
    };
    found.into_iter().map(rename).collect()
}

/// How much two names are alike.
fn likeness((gone, new): &(&Change, &Change)) -> f64 {
    strsim::jaro_winkler(gone.address.name(), new.address.name())
}

/// Whether what is made is what is deleted under another name, those having been renamed that are known to be.
fn alike(gone: &Change, new: &Change, known: &[(&Change, &Change)], registry: &Registry) -> bool {
    let kind_of = |change: &Change| change.address.block_name().split('.').next().map(str::to_owned);
    let (Some(before), Some(after)) = (gone.before.as_deref(), new.after.as_deref()) else { return false };
    if gone.kind != new.kind || kind_of(gone) != kind_of(new) {
        return false;
    }
    let Some(kind) = registry.get(&gone.kind) else { return false };
    let renamed = known
        .iter()
        .chain([&(gone, new)])
        .fold(before.clone(), |value, (old, new)| under_new_name(&value, &old.key, &new.key));
    diff(&without_tags(renamed), &without_tags(after.clone()), kind.schema()).is_empty()
}

/// Attributes in which a name, and what is made of it, is another.
fn under_new_name(value: &Value, old: &str, new: &str) -> Value {
    match value {
        Value::String(text) => text.replace(old, new).into(),
        Value::Array(items) => items.iter().map(|item| under_new_name(item, old, new)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), under_new_name(value, old, new))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn without_tags(mut attributes: Value) -> Value {
    if let Value::Object(members) = &mut attributes {
        members.remove("tags");
    }
    attributes
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use super::*;
    use crate::engine::fake::{Cloud, registry};

    fn thing(action: Action, block: &str, name: &str, needs: &str) -> Change {
        let attributes = json!({"name": name, "form": 1, "size": 2, "needs": [needs], "tags": {"own": block}}).into();
        let address = format!("thing.{block}").parse().unwrap();
        let blank = Change { action, ..Change::blank(address, "thing", "Fake::Thing", name.to_owned()) };
        match action {
            Action::Delete => Change { before: Some(attributes), ..blank },
            _ => Change { after: Some(attributes), ..blank },
        }
    }

    fn found(changes: Vec<Change>) -> Vec<String> {
        let renames = likely_renames(&Changes(changes), &registry(&Arc::new(Mutex::new(Cloud::default()))));
        renames.iter().map(|one| format!("{} {} {}", one.from, one.to, one.name)).collect()
    }

    #[test]
    fn what_is_the_same_but_for_its_name_was_probably_renamed() {
        let gone = thing(Action::Delete, "clicks", "acme-clicks", "");
        let new = thing(Action::Create, "visits", "acme-visits", "");
        assert_eq!(found(vec![gone.clone(), new.clone()]), ["thing.clicks thing.visits acme-clicks"]);
        let mut other = new.clone();
        other.after = Some(json!({"name": "acme-visits", "form": 1, "size": 3, "needs": [""]}).into());
        assert_eq!(found(vec![gone, other]), [""; 0], "of another size");
    }

    #[test]
    fn of_several_the_most_alike_belong_together_and_what_needs_them_follows() {
        let changes = vec![
            thing(Action::Delete, "orders", "acme-orders", ""),
            thing(Action::Delete, "clicks", "acme-clicks", ""),
            thing(Action::Create, "order", "acme-order", ""),
            thing(Action::Create, "clicks-v2", "acme-clicks-v2", ""),
            thing(Action::Delete, "reader", "acme-reader", "arn:acme-clicks"),
            thing(Action::Create, "readers", "acme-readers", "arn:acme-clicks-v2"),
        ];
        let expected = [
            "thing.clicks thing.clicks-v2 acme-clicks",
            "thing.orders thing.order acme-orders",
            "thing.reader thing.readers acme-reader",
        ];
        assert_eq!(found(changes), expected);
    }
}
