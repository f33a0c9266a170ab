//! Attributes of resources: the spec's, the state's, what was read and the plan hold one tree where they say the same.

use std::sync::Arc;

use serde_json::Value;

/// The attributes of a resource, in the shape of its kind. Nobody changes a tree that others hold: of thousands of
/// resources, each copy would take more memory than all the rest.
pub type Attributes = Arc<Value>;

/// Lets `one` be the same tree as `other` where the two are equal.
pub fn share(one: &mut Attributes, other: &Attributes) {
    if one == other {
        *one = Arc::clone(other);
    }
}

/// The value at a path, whose parts are joined by dots; null where there is none.
pub fn at<'a>(attributes: &'a Value, path: &str) -> &'a Value {
    path.split('.').try_fold(attributes, |value, key| value.get(key)).unwrap_or(&Value::Null)
}
