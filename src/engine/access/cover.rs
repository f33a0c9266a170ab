//! Whether one statement of a policy holds for everything that another holds for. What cannot be told counts as no.

use serde_json::Value;

use crate::model::pattern::matches;

/// Whether a statement holds for all requests that another holds for; what the two do with them is not looked at.
pub(super) fn covers(wide: &Value, narrow: &Value) -> bool {
    let same = |part: &str| wide.get(part) == narrow.get(part);
    same("NotAction")
        && same("NotResource")
        && same("NotPrincipal")
        && patterns_cover(wide.get("Action"), narrow.get("Action"), str::to_ascii_lowercase)
        && patterns_cover(wide.get("Resource"), narrow.get("Resource"), str::to_owned)
        && principals_cover(wide.get("Principal"), narrow.get("Principal"))
        && conditions_cover(wide.get("Condition"), narrow.get("Condition"))
}

/// A statement as several: each for one action, one resource and one principal, with all its conditions. Together they
/// hold for what it holds for.
pub(super) fn single(statement: &Value) -> Vec<Value> {
    let mut parts = vec![statement.clone()];
    for name in ["Action", "Resource", "Principal"] {
        let choices: Vec<Value> = match statement.get(name) {
            Some(Value::Array(list)) => list.clone(),
            Some(Value::Object(kinds)) => kinds
                .iter()
                .flat_map(|(kind, names)| listed(names).into_iter().map(move |name| serde_json::json!({ kind: name })))
                .collect(),
            _ => continue,
        };
        let with = |part: &Value, choice: &Value| {
            let mut part = part.clone();
            part[name] = choice.clone();
            part
        };
        parts = parts.iter().flat_map(|part| choices.iter().map(move |choice| with(part, choice))).collect();
    }
    parts
}

/// The principals of a statement: the kind of each, and its name. Whoever it may be is `AWS`, `*`.
pub(super) fn principals(value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, names)| listed(names).into_iter().map(move |name| (kind.clone(), name)))
            .collect(),
        anybody => vec![("AWS".to_owned(), anybody.clone())],
    }
}

fn listed(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

/// One text or a list of them; nothing where something else is among them.
fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::Array(list) => list.iter().map(Value::as_str).collect(),
        one => one.as_str().map(|one| vec![one]),
    }
}

fn patterns_cover(wide: Option<&Value>, narrow: Option<&Value>, spelt: fn(&str) -> String) -> bool {
    let (wide, narrow) = match (wide, narrow) {
        (None, None) => return true,
        (Some(wide), Some(narrow)) => (texts(wide), texts(narrow)),
        _ => return false,
    };
    let (Some(wide), Some(narrow)) = (wide, narrow) else { return false };
    narrow.iter().all(|one| wide.iter().any(|pattern| matches(&spelt(pattern), &spelt(one))))
}

/// Names of principals have no wildcards: there is only `*`, which is everybody. An account is not all that is in it:
/// who is named himself needs no leave of the account's.
fn principals_cover(wide: Option<&Value>, narrow: Option<&Value>) -> bool {
    let (wide, narrow) = match (wide, narrow) {
        (None, None) => return true,
        (Some(wide), Some(narrow)) => (principals(wide), principals(narrow)),
        _ => return false,
    };
    let everybody = wide.iter().any(|(kind, name)| kind == "AWS" && name == "*");
    everybody || narrow.iter().all(|one| wide.contains(one))
}

/// A statement with fewer conditions, or with more values for one, holds for more.
fn conditions_cover(wide: Option<&Value>, narrow: Option<&Value>) -> bool {
    let Some(wide) = wide else { return true };
    let Value::Object(wide) = wide else { return false };
    wide.iter().all(|(operator, tests)| {
        let Value::Object(tests) = tests else { return false };
        tests.iter().all(|(key, values)| {
            let other = narrow.and_then(|all| all.get(operator)).and_then(|tests| tests.get(key));
            // A negated test holds for more the fewer values it has; that is left to "changed".
            if operator.contains("Not") { other == Some(values) } else { subset(operator, other, values) }
        })
    })
}

/// Whether every value of a test is one of another's, or matched by one where the operator knows wildcards.
fn subset(operator: &str, part: Option<&Value>, whole: &Value) -> bool {
    let (Some(part), Some(whole)) = (part.and_then(texts), texts(whole)) else { return false };
    let like = operator.contains("Like");
    part.iter().all(|one| whole.iter().any(|value| value == one || (like && matches(value, one))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wildcards_match_as_iam_matches_them() {
        assert!(matches("s3:Get*Object", "s3:GetVersionedObject"));
        assert!(matches("arn:*:b/?", "arn:aws:b/x"));
        assert!(!matches("arn:*:b/?", "arn:aws:b/xy"));
        assert!(!matches("s3:Get", "s3:GetObject"));
        assert!(matches("s3:*", "s3:Get*") && !matches("s3:Get*", "s3:*") && !matches("s3:?", "s3:*"));
    }

    #[test]
    fn actions_have_no_case_and_resources_have_one() {
        let one = json!({"Effect": "Allow", "Action": ["s3:getobject"], "Resource": ["a"]});
        let other = json!({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["A"]});
        assert!(!covers(&one, &other));
        assert!(covers(&one, &json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "a"})));
    }

    #[test]
    fn what_cannot_be_told_is_not_covered() {
        let plain = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
        for odd in [
            json!({"Effect": "Allow", "Action": 1, "Resource": "*"}),
            json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            json!({"Effect": "Allow", "Action": "s3:*"}),
        ] {
            assert!(!covers(&plain, &odd), "{odd}");
        }
        let tested =
            |values: Value| json!({"Action": "a", "Resource": "b", "Condition": {"StringEquals": {"k": values}}});
        assert!(!covers(&tested(json!(["x"])), &tested(json!([1]))));
        assert!(covers(&tested(json!(["x", "y"])), &tested(json!("x"))));
        let like = |value: &str| json!({"Action": "a", "Resource": "b", "Condition": {"StringLike": {"k": [value]}}});
        assert!(covers(&like("events/*"), &like("events/20*")) && !covers(&like("events/20*"), &like("events/*")));
    }

    #[test]
    fn everybody_is_anybody_and_an_account_is_not_its_roles() {
        let by = |principal: Value| json!({"Action": "sts:AssumeRole", "Principal": principal});
        let service = by(json!({"Service": "firehose.amazonaws.com"}));
        assert!(covers(&by(json!("*")), &service) && covers(&by(json!({"AWS": ["*"]})), &service));
        assert!(!covers(&by(json!({"AWS": "123456789012"})), &by(json!({"AWS": "arn:aws:iam::123456789012:role/r"}))));
    }

    #[test]
    fn a_statement_is_the_sum_of_its_parts() {
        let statement = json!({
            "Effect": "Allow", "Action": ["a", "b"], "Resource": ["x", "y"],
            "Principal": {"AWS": ["1", "2"], "Service": "s"}, "Condition": {"Bool": {"k": "true"}},
        });
        let parts = single(&statement);
        assert_eq!(parts.len(), 12);
        assert!(parts.iter().all(|part| covers(&statement, part)));
    }
}
