//! Attributes that a spec leaves alone: somebody else decides on them once the resource exists.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attributes::Attributes;

/// The keys that lead to an attribute, or to an entry of one: `tags`, `team`. A key may hold dots.
pub type Path = Vec<String>;

/// What pipectl's own tags begin with. They say whose a resource is, and are never left alone.
pub const OWN_TAGS: &str = "pipectl:";

/// An attribute of a live resource that is left alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftAlone {
    /// Which.
    pub path: Path,
    /// What it is, and stays; null where it is absent.
    pub live: Value,
    /// What the spec says, which counts for a creation alone.
    pub spec: Value,
}

impl LeftAlone {
    /// Its path as people read it: `tags.team`.
    pub fn name(&self) -> String {
        self.path.join(".")
    }
}

/// The attributes with what is left alone as it is live. What the live resource has no place for stays as it is wanted: a
/// number of read units where the table has no capacity.
#[must_use]
pub fn kept(wanted: &Attributes, live: &Value, paths: &[Path]) -> Attributes {
    let mut kept = (**wanted).clone();
    for path in paths {
        keep(&mut kept, live, path);
    }
    if kept == **wanted { Attributes::clone(wanted) } else { kept.into() }
}

fn keep(wanted: &mut Value, live: &Value, path: &[String]) {
    let Some((key, rest)) = path.split_first() else { return };
    let (Value::Object(ours), Value::Object(theirs)) = (wanted, live) else { return };
    if !rest.is_empty() {
        if let (Some(ours), Some(theirs)) = (ours.get_mut(key), theirs.get(key)) {
            keep(ours, theirs, rest);
        }
        return;
    }
    match theirs.get(key) {
        Some(Value::Object(tags)) if key == "tags" => {
            let own = ours.get(key).and_then(Value::as_object).into_iter().flatten();
            let own = own.filter(|(key, _)| key.starts_with(OWN_TAGS));
            let others = tags.iter().filter(|(key, _)| !key.starts_with(OWN_TAGS));
            let both = own.chain(others).map(|(key, value)| (key.clone(), value.clone())).collect();
            ours.insert(key.clone(), Value::Object(both));
        }
        Some(theirs) => _ = ours.insert(key.clone(), theirs.clone()),
        None => _ = ours.remove(key),
    }
}

/// What is left alone of a live resource, as it is and as the spec has it.
pub fn left_alone(wanted: &Value, live: &Value, paths: &[Path]) -> Vec<LeftAlone> {
    let one = |path: &Path| LeftAlone {
        path: path.clone(),
        live: without_own(path, at(live, path)),
        spec: without_own(path, at(wanted, path)),
    };
    paths.iter().map(one).collect()
}

/// Tags without pipectl's own, which are not left alone.
fn without_own(path: &[String], value: &Value) -> Value {
    match (path, value) {
        ([only], Value::Object(tags)) if only == "tags" => {
            let others = tags.iter().filter(|(key, _)| !key.starts_with(OWN_TAGS));
            Value::Object(others.map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        _ => value.clone(),
    }
}

fn at<'a>(attributes: &'a Value, path: &[String]) -> &'a Value {
    path.iter().try_fold(attributes, |value, key| value.get(key)).unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept(wanted: Value, live: &Value, paths: &[&[&str]]) -> Value {
        let paths: Vec<Path> = paths.iter().map(|path| path.iter().map(ToString::to_string).collect()).collect();
        (*super::kept(&wanted.into(), live, &paths)).clone()
    }

    #[test]
    fn what_is_left_alone_is_as_it_is_live_and_nothing_else() {
        let (wanted, live) = (json!({"shards": 1, "hours": 24}), json!({"shards": 4, "hours": 48}));
        assert_eq!(kept(wanted, &live, &[&["shards"]]), json!({"shards": 4, "hours": 24}));
    }

    #[test]
    fn a_tag_comes_and_goes_and_pipectls_own_never_do() {
        let wanted = || json!({"tags": {"team": "a", "stage": "x", "pipectl:env": "dev"}});
        let live = json!({"tags": {"stage": "y", "new.er/one": "z", "pipectl:env": "prod"}});
        let whole = json!({"tags": {"stage": "y", "new.er/one": "z", "pipectl:env": "dev"}});
        assert_eq!(kept(wanted(), &live, &[&["tags"]]), whole);
        let one = json!({"tags": {"stage": "x", "pipectl:env": "dev"}});
        assert_eq!(kept(wanted(), &live, &[&["tags", "team"]]), one);
        let new = json!({"tags": {"team": "a", "stage": "x", "new.er/one": "z", "pipectl:env": "dev"}});
        assert_eq!(kept(wanted(), &live, &[&["tags", "new.er/one"]]), new);
    }

    #[test]
    fn what_has_no_place_stays_as_it_is_wanted() {
        let wanted = json!({"capacity": {"read": 1, "write": 1}});
        assert_eq!(kept(wanted.clone(), &json!({"capacity": null}), &[&["capacity", "read"]]), wanted);
        assert_eq!(kept(json!({"capacity": null}), &wanted, &[&["capacity", "read"]]), json!({"capacity": null}));
    }
}
