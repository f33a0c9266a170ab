//! Widening against a small model of IAM that decides request by request.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::*;
use crate::model::access::Access;

/// Every request that the statements below can tell apart.
fn requests() -> Vec<[&'static str; 4]> {
    let mut all = Vec::new();
    for action in ["s3:GetObject", "s3:PutObject", "sqs:SendMessage"] {
        for resource in ["a", "b", "ab"] {
            for principal in ["1", "2"] {
                for org in ["x", "y"] {
                    all.push([action, resource, principal, org]);
                }
            }
        }
    }
    all
}

fn policy() -> impl Strategy<Value = Vec<Placed>> {
    prop::collection::vec(statement().prop_map(|one| ("policy".to_owned(), one)), 0..4)
}

fn statement() -> impl Strategy<Value = Value> {
    let actions = subsequence(vec!["s3:getobject", "s3:PutObject", "s3:*", "s3:Get*", "*", "sqs:SendMessage"], 1..3);
    let resources = subsequence(vec!["a", "b", "a*", "?", "*"], 1..3);
    let principals = subsequence(vec!["1", "2", "*"], 1..3);
    let orgs = prop::option::of(subsequence(vec!["x", "y"], 1..3));
    (select(vec!["Allow", "Allow", "Deny"]), any::<bool>(), actions, resources, principals, orgs).prop_map(
        |(effect, not, actions, resources, principals, orgs)| {
            let mut statement = json!({"Effect": effect, "Resource": resources, "Principal": {"AWS": principals}});
            statement[if not && actions.len() == 1 { "NotAction" } else { "Action" }] = json!(actions);
            if let Some(orgs) = orgs {
                statement["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgID": orgs}});
            }
            statement
        },
    )
}

/// As IAM decides: something allows it, and nothing denies it.
fn allowed(policy: &[Placed], request: &[&str; 4]) -> bool {
    let holds = |effect: &str| policy.iter().any(|(_, one)| one["Effect"] == effect && applies(one, request));
    holds("Allow") && !holds("Deny")
}

fn applies(statement: &Value, [action, resource, principal, org]: &[&str; 4]) -> bool {
    let any = |list: &Value, test: &dyn Fn(&str) -> bool| {
        list.as_array().unwrap().iter().any(|one| test(one.as_str().unwrap()))
    };
    let named = |list: &Value| any(list, &|pattern| glob(&pattern.to_lowercase(), &action.to_lowercase()));
    let acts = match statement.get("NotAction") {
        Some(list) => !named(list),
        None => named(&statement["Action"]),
    };
    let orgs = &statement["Condition"]["StringEquals"]["aws:PrincipalOrgID"];
    acts && any(&statement["Resource"], &|pattern| glob(pattern, resource))
        && any(&statement["Principal"]["AWS"], &|pattern| glob(pattern, principal))
        && (orgs.is_null() || any(orgs, &|one| one == *org))
}

/// Wildcards, the slow and plain way.
fn glob(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), next) => glob(&pattern[1..], text) || (next.is_some() && glob(pattern, &text[1..])),
        (Some(letter), Some(next)) if letter == '?' || letter == next => glob(&pattern[1..], &text[1..]),
        _ => false,
    }
}

/// A type with one attribute of each sort.
const RULES: Rules = Rules {
    returns: false,
    attributes: &[
        (Access::Grants, &["managed"]),
        (Access::Allowlist, &["senders"]),
        (Access::Bound("boundary"), &["boundary"]),
        (Access::Names, &["role"]),
        (Access::Opens, &["active"]),
        (Access::Shuts, &["blocks"]),
        (Access::Strictest("owner"), &["owner"]),
        (Access::Brake, &["rate"]),
        (Access::Nothing, &["size"]),
    ],
};

fn attributes() -> impl Strategy<Value = Value> {
    let some = |names: &'static [&'static str]| subsequence(names, 0..=names.len());
    let maybe = |names: &'static [&'static str]| prop::option::of(select(names));
    (
        (some(&["a", "b"]), prop::option::of(some(&["q", "r"])), maybe(&["x", "y"]), maybe(&["f", "g"])),
        (any::<bool>(), any::<[bool; 2]>(), select(vec!["owner", "writer"]), prop::option::of(0..3_u8), 0..3_u8),
    )
        .prop_map(|((managed, senders, boundary, role), (active, [acls, policy], owner, rate, size))| {
            json!({
                "managed": managed, "senders": senders, "boundary": boundary, "role": role, "active": active,
                "blocks": {"acls": acls, "policy": policy}, "owner": owner, "rate": rate, "size": size,
            })
        })
}

/// All that the attributes let anybody do, as a plain model has it.
fn powers(attributes: &Value) -> BTreeSet<String> {
    let list = |name: &str| attributes[name].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut powers: BTreeSet<String> = list("managed").map(|one| format!("as {one}")).collect();
    match &attributes["senders"] {
        Value::Null => powers.extend(["q", "r", "anybody"].map(|one| format!("from {one}"))),
        _ => powers.extend(list("senders").map(|one| format!("from {one}"))),
    }
    // Boundaries let through what the other does not.
    match attributes["boundary"].as_str() {
        None => powers.extend(["x", "y", "z"].map(|one| format!("beyond {one}"))),
        Some(one) => drop(powers.insert(format!("beyond {one}"))),
    }
    powers.extend(attributes["role"].as_str().map(|one| format!("role {one}")));
    let open = [
        (attributes["active"] == true, "key"),
        (attributes["blocks"]["acls"] != true, "public lists"),
        (attributes["blocks"]["policy"] != true, "public policy"),
        (attributes["owner"] != "owner", "lists"),
        (attributes["rate"] != 0, "calls"),
    ];
    powers.extend(open.into_iter().filter(|(open, _)| *open).map(|(_, what)| what.to_owned()));
    powers
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_attributes_let_anybody_do_that_they_did_not_is_found(old in attributes(), new in attributes()) {
        let wider = !powers(&new).is_subset(&powers(&old));
        prop_assert_eq!(wider, !RULES.loosened(&old, &new, &Value::Null).is_empty(), "{} {}", old, new);
    }

    #[test]
    fn an_attribute_that_is_unknown_widens_with_every_change(old in attributes(), new in attributes()) {
        let (mut one, mut other) = (old.clone(), old);
        one["novelty"] = new.clone();
        prop_assert!(RULES.loosened(&one, &other, &Value::Null).len() == 1);
        other["novelty"] = new;
        prop_assert!(RULES.loosened(&one, &other, &Value::Null).is_empty());
    }

    #[test]
    fn whatever_is_allowed_now_and_was_not_is_found(old in policy(), new in policy()) {
        let wider = requests().iter().any(|request| allowed(&new, request) && !allowed(&old, request));
        prop_assert!(!wider || !widened(&old, &new).is_empty());
    }

    #[test]
    fn what_stays_as_it_is_widens_nothing(mut policy in policy()) {
        let same = policy.clone();
        prop_assert_eq!(widened(&policy, &same), vec![]);
        policy.reverse();
        prop_assert_eq!(widened(&policy, &same), vec![]);
    }

    #[test]
    fn less_allowed_and_more_denied_widens_nothing(old in policy(), mut more in statement()) {
        let mut new = old.clone();
        if let Some(place) = new.iter().position(|(_, one)| one["Effect"] == "Allow") {
            new.remove(place);
        }
        more["Effect"] = "Deny".into();
        new.push(("policy".to_owned(), more));
        prop_assert_eq!(widened(&old, &new), vec![]);
    }

    #[test]
    fn what_allows_more_widens_unless_something_covers_it(old in policy(), mut more in statement()) {
        more["Effect"] = "Allow".into();
        let new: Vec<Placed> = old.iter().cloned().chain([("policy".to_owned(), more.clone())]).collect();
        let covered = single(&more).iter().all(|part| old.iter().any(|(_, one)| one["Effect"] == "Allow" && covers(one, part)));
        prop_assert_eq!(widened(&old, &new).len(), usize::from(!covered));
    }
}
