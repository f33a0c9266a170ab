//! What would be wanted if drift were meant, and how far something else is from that.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The desired attributes with what somebody else has changed as it is now: where `live` differs from what was last
/// applied, `live`; all else as desired.
pub fn accepted(applied: &Value, live: &Value, desired: &Value, schema: &Value) -> Value {
    let left_to_aws = applied.is_null() && schema["x-computed"] == true;
    if applied == live || left_to_aws {
        return desired.clone();
    }
    let (old, new, wanted) = match (applied, live, desired) {
        (Value::Object(old), Value::Object(new), Value::Object(wanted)) => (old, new, wanted),
        (Value::Array(old), Value::Array(new), Value::Array(wanted)) if alike(old, new) && alike(new, wanted) => {
            let items = old.iter().zip(new).zip(wanted);
            return items.map(|((old, new), wanted)| accepted(old, new, wanted, &schema["items"])).collect();
        }
        _ => return live.clone(),
    };
    let mut merged = Map::new();
    for key in old.keys().chain(new.keys()).chain(wanted.keys()) {
        let of = |members: &Map<String, Value>| members.get(key).cloned().unwrap_or_default();
        let value = accepted(&of(old), &of(new), &of(wanted), &schema["properties"][key.as_str()]);
        // A tag that is gone has no entry; an attribute that is not set has one.
        if !value.is_null() || new.contains_key(key) {
            merged.insert(key.clone(), value);
        }
    }
    Value::Object(merged)
}

/// The path of a value within attributes: keys of objects, places in lists.
pub type Path = Vec<String>;

/// The innermost values in which two sets of attributes differ. Lists of as many objects are compared one by one.
pub fn differences(one: &Value, other: &Value) -> BTreeSet<Path> {
    let mut all = BTreeSet::new();
    walk(one, other, &mut Vec::new(), &mut all);
    all
}

fn walk(one: &Value, other: &Value, path: &mut Path, all: &mut BTreeSet<Path>) {
    let mut below = |key: String, one: &Value, other: &Value| {
        path.push(key);
        walk(one, other, path, all);
        path.pop();
    };
    match (one, other) {
        _ if one == other => {}
        (Value::Object(ours), Value::Object(others)) => {
            for key in ours.keys().chain(others.keys().filter(|key| !ours.contains_key(*key))) {
                below(key.clone(), &one[key.as_str()], &other[key.as_str()]);
            }
        }
        (Value::Array(ours), Value::Array(others)) if alike(ours, others) => {
            for (place, (one, other)) in ours.iter().zip(others).enumerate() {
                below(place.to_string(), one, other);
            }
        }
        _ => {
            all.insert(path.clone());
        }
    }
}

/// Whether two lists are of as many objects.
fn alike(ours: &[Value], others: &[Value]) -> bool {
    ours.len() == others.len() && ours.iter().chain(others).all(Value::is_object)
}

/// The value that a path leads to; null where there is none.
pub fn at<'a>(attributes: &'a Value, path: &[String]) -> &'a Value {
    let step = |value: &'a Value, key: &String| match value {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => value.get(key),
    };
    path.iter().try_fold(attributes, step).unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_somebody_else_changed_is_taken_and_what_the_spec_changed_is_kept() {
        let applied = json!({"size": 1, "hours": 24, "tags": {"team": "a", "old": "x"}, "shards": null});
        let live = json!({"size": 1, "hours": 48, "tags": {"team": "a", "new": "y"}, "shards": 4});
        let desired = json!({"size": 2, "hours": 24, "tags": {"team": "b", "old": "x"}, "shards": null});
        let schema = json!({"properties": {"shards": {"x-computed": true}}});
        let expected = json!({"size": 2, "hours": 48, "tags": {"team": "b", "new": "y"}, "shards": null});
        assert_eq!(accepted(&applied, &live, &desired, &schema), expected);
    }

    #[test]
    fn what_the_spec_changed_in_a_rule_that_somebody_else_changed_too_is_kept() {
        let rules = |expire: u32, abort: u32| json!([{"id": "a"}, {"id": "b", "expire": expire, "abort": abort}]);
        assert_eq!(accepted(&rules(14, 7), &rules(14, 2), &rules(21, 7), &Value::Null), rules(21, 2));
        assert_eq!(accepted(&rules(14, 7), &json!([]), &rules(21, 7), &Value::Null), json!([]));
    }

    #[test]
    fn what_is_no_longer_set_is_not_set() {
        let (applied, live) = (json!({"key": "a", "on": true}), json!({"key": null, "on": true}));
        assert_eq!(accepted(&applied, &live, &applied, &Value::Null), live);
    }

    #[test]
    fn differences_are_told_as_far_in_as_they_go() {
        let one = json!({"rules": [{"days": 1, "id": "a"}, {"days": 2}], "tags": {"a.b": 1}, "list": [1]});
        let other = json!({"rules": [{"days": 1, "id": "b"}, {"days": 2}], "tags": {}, "list": [2]});
        let found: Vec<String> = differences(&one, &other).into_iter().map(|path| path.join("/")).collect();
        assert_eq!(found, ["list", "rules/0/id", "tags/a.b"]);
        assert_eq!(at(&one, &["rules".into(), "0".into(), "id".into()]), "a");
        assert_eq!(at(&other, &["tags".into(), "a.b".into()]), &Value::Null);
    }
}
