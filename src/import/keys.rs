//! The KMS keys that encrypt what was found: named in the spec, and never pipectl's own.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Found, LeftOut};
use crate::engine::refresh::LiveResources;

/// What the keys that AWS keeps itself are called; they are nobody's to take.
const OF_AWS: &str = "alias/aws/";

/// The keys that the resources name, each left where it is.
pub fn left_out(found: &[Found], world: &LiveResources) -> Vec<LeftOut> {
    let mut keys: BTreeMap<&str, &str> = BTreeMap::new();
    for Found { source, kind, key } in found {
        let live = world.get(kind, key).map(|live| &*live.attributes);
        for key in live.into_iter().flat_map(named) {
            keys.entry(key).or_insert(source);
        }
    }
    let keys = keys.into_iter().filter(|(key, _)| !key.contains(OF_AWS));
    keys.map(|(key, source)| LeftOut {
        source: format!("the KMS key {key}"),
        reason: format!("{source} is encrypted with it, as the spec says; pipectl makes and deletes no keys"),
        is_own: false,
    })
    .collect()
}

/// The values of the attributes `kms_key`, at whatever depth.
fn named(attributes: &Value) -> Vec<&str> {
    let Value::Object(members) = attributes else { return Vec::new() };
    let of = members.iter().map(|(name, value)| match value {
        Value::String(key) if name == "kms_key" => vec![key.as_str()],
        value => named(value),
    });
    of.flatten().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::kind::Live;

    #[test]
    fn a_key_is_named_once_and_aws_s_own_never() {
        let mut world = LiveResources::default();
        let mut found = Vec::new();
        for (key, attributes) in [
            ("a", json!({"kms_key": "alias/aws/kinesis"})),
            ("b", json!({"encryption": {"kms_key": "alias/data"}})),
            ("c", json!({"kms_key": "alias/data", "tags": {}})),
            ("d", json!({"kms_key": null})),
        ] {
            world.put(
                "s3_bucket",
                key,
                Some(Live { attributes: attributes.into(), outputs: Value::Null, unmodelled: Vec::new() }),
            );
            found.push(Found { source: format!("the bucket {key}"), kind: "s3_bucket".into(), key: key.into() });
        }
        let left = left_out(&found, &world);
        assert_eq!(left.len(), 1, "{left:?}");
        assert_eq!(left[0].source, "the KMS key alias/data");
        assert!(left[0].reason.starts_with("the bucket b is encrypted"), "{left:?}");
    }
}
