//! The fields in which two sets of attributes differ.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Where it is: `retention_hours`, `tags.team`, `policies.delivery.Statement`.
    pub path: String,
    /// What it is now; null where it is absent.
    pub before: Value,
    /// What it is to be; null where it goes.
    pub after: Value,
    /// Whether it cannot be changed in place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaces: bool,
    /// Whether somebody else changed it since pipectl last wrote it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drifted: bool,
}

/// The fields in which `after` differs from `before`, in order of path; what the kind's `schema` marks with
/// `x-replaces` cannot be changed in place, what it marks with `x-one-way` cannot be taken away in place, what it marks with
/// `x-computed` counts only where `after` sets it, and what it marks with `x-unread` never counts: AWS knows nothing of it.
pub fn diff(before: &Value, after: &Value, schema: &Value) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    walk(before, after, schema, &mut FieldPath { path: String::new(), replaces: false }, &mut changes);
    changes
}

/// A digest of a live resource: what a plan was made against. Absent resources have one too.
pub fn fingerprint(live: Option<&Value>) -> String {
    match live {
        // Keys are sorted, so equal attributes have equal texts.
        Some(attributes) => hex::encode(Sha256::digest(attributes.to_string())),
        None => "absent".to_owned(),
    }
}

struct FieldPath {
    path: String,
    replaces: bool,
}

fn walk(before: &Value, after: &Value, schema: &Value, place: &mut FieldPath, changes: &mut Vec<FieldChange>) {
    let silent = marked(schema, "x-unread") || (after.is_null() && marked(schema, "x-computed"));
    if before == after || silent {
        return;
    }
    place.replaces |= marked(schema, "x-replaces") || (after.is_null() && marked(schema, "x-one-way"));
    if let (Value::Object(before), Value::Object(after)) = (before, after) {
        return members(before, after, schema, place, changes);
    }
    changes.push(FieldChange {
        path: place.path.clone(),
        before: before.clone(),
        after: after.clone(),
        replaces: place.replaces,
        drifted: false,
    });
}

fn members(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    schema: &Value,
    place: &FieldPath,
    changes: &mut Vec<FieldChange>,
) {
    let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let path = if place.path.is_empty() { key.clone() } else { format!("{}.{key}", place.path) };
        let mut inner = FieldPath { path, replaces: place.replaces };
        let null = &Value::Null;
        walk(
            before.get(key).unwrap_or(null),
            after.get(key).unwrap_or(null),
            property(schema, key),
            &mut inner,
            changes,
        );
    }
}

/// The schema of an object's member: `properties`, through the `anyOf` that schemars writes for optional structs.
fn property<'a>(schema: &'a Value, key: &str) -> &'a Value {
    let own = schema.get("properties").and_then(|properties| properties.get(key));
    let choices = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    own.or_else(|| choices.map(|choice| property(choice, key)).find(|found| !found.is_null())).unwrap_or(&Value::Null)
}

/// Whether a mark stands on what a path of [`FieldChange`] leads to, or on something that this is a part of.
pub fn is_marked(schema: &Value, path: &str, mark: &str) -> bool {
    let mut place = schema;
    marked(place, mark)
        || path.split('.').any(|key| {
            place = property(place, key);
            marked(place, mark)
        })
}

fn marked(schema: &Value, mark: &str) -> bool {
    schema.get(mark).is_some_and(|value| value == &Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::model::attributes::at;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(Value::Null), any::<i8>().prop_map(Value::from), "[a-c]".prop_map(Value::from)];
        leaf.prop_recursive(3, 16, 3, |inner| {
            prop::collection::btree_map("[a-c]", inner, 1..3).prop_map(|map| json!(map))
        })
    }

    /// Writes the changes into `before`.
    fn patched(before: &Value, changes: &[FieldChange]) -> Value {
        let mut out = before.clone();
        for change in changes {
            let mut place = &mut out;
            for key in change.path.split('.').filter(|key| !key.is_empty()) {
                if !place.is_object() {
                    *place = json!({});
                }
                place = &mut place[key];
            }
            *place = change.after.clone();
        }
        out
    }

    fn without_nulls(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                map.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), without_nulls(v))).collect()
            }
            other => other.clone(),
        }
    }

    #[test]
    fn what_cannot_be_taken_away_in_place_can_be_given_and_changed() {
        let schema = json!({"properties": {"copies": {"x-one-way": true, "properties": {"to": {}}}}});
        let replaces = |before: &Value, after: &Value| {
            let changes = diff(before, after, &schema);
            changes.iter().map(|change| change.replaces).collect::<Vec<_>>()
        };
        let (none, one, other) = (json!({}), json!({"copies": {"to": "a"}}), json!({"copies": {"to": "b"}}));
        let all = (replaces(&none, &one), replaces(&one, &other), replaces(&one, &none));
        assert_eq!(all, (vec![false], vec![false], vec![true]));
    }

    proptest! {
        #[test]
        fn what_is_equal_has_no_changes(a in value()) {
            prop_assert_eq!(diff(&a, &a, &Value::Null), vec![]);
        }

        #[test]
        fn the_changes_turn_one_into_the_other(a in value(), b in value()) {
            let changes = diff(&a, &b, &Value::Null);
            prop_assert_eq!(without_nulls(&patched(&a, &changes)), without_nulls(&b));
        }

        #[test]
        fn every_change_says_what_was_and_what_will_be(a in value(), b in value()) {
            for change in diff(&a, &b, &Value::Null) {
                if !change.path.is_empty() {
                    prop_assert_eq!(at(&a, &change.path), &change.before);
                    prop_assert_eq!(at(&b, &change.path), &change.after);
                }
            }
        }
    }

    #[test]
    fn what_aws_knows_nothing_of_is_no_change() {
        let schema = json!({"properties": {"code": {"properties": {"path": {"x-unread": true}, "sha256": {}}}}});
        let code = |path, sha256| json!({"code": {"path": path, "sha256": sha256}});
        assert_eq!(diff(&code("a", "1"), &code("b", "1"), &schema), []);
        assert_eq!(diff(&code("a", "1"), &code("b", "2"), &schema)[0].path, "code.sha256");
    }

    #[test]
    fn a_mark_on_a_field_holds_for_all_below_it() {
        let schema = json!({"properties": {"source": {"x-replaces": true, "properties": {"arn": {}}}, "size": {}}});
        let changes =
            diff(&json!({"source": {"arn": 1}, "size": 1}), &json!({"source": {"arn": 2}, "size": 2}), &schema);
        let marks: Vec<_> = changes.iter().map(|change| (change.path.as_str(), change.replaces)).collect();
        assert_eq!(marks, [("size", false), ("source.arn", true)]);
    }

    #[test]
    fn a_computed_field_counts_only_where_it_is_set() {
        let schema = json!({"properties": {"size": {"x-computed": true}}});
        assert_eq!(diff(&json!({"size": 4}), &json!({"size": null}), &schema), vec![]);
        assert_eq!(diff(&json!({"size": 4}), &json!({"size": 5}), &schema).len(), 1);
    }
}
