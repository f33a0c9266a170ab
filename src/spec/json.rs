//! Settings whose text is JSON: policies, the bodies of dashboards.

use serde_json::Value;

use super::check::Checks;

/// The object that such a text is; none where it is empty. Of a spec that was loaded no text is anything else.
pub fn object(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_object)
}

/// Checks that a text is a JSON object, or empty.
pub(super) fn check(path: &str, text: Option<&String>, checks: &mut Checks<'_>) {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return };
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(_)) => {}
        Ok(_) => {
            checks.error(path, "this JSON is not an object").help("write `{ … }`");
        }
        Err(error) => {
            checks.error(path, format!("this is not JSON: {error}")).help("write it between `'''` and `'''`");
        }
    }
}
