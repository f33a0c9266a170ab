//! Widening against a small model of IAM that decides request by request.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::*;

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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

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
