//! What a plan lets somebody do who could not before: who asks for an approval of that does not have to read every
//! statement for it.

#[cfg(test)]
mod properties;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cover::{covers, principals, single};
use super::{StatementChange, documents};
use crate::engine::address::Address;
use crate::engine::plan::{Action, Change, Changes};
use crate::state::State;

/// Something by which a plan widens access to what exists, or lets somebody in from outside the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broadening {
    /// The resource that it is about.
    pub address: Address,
    /// The attribute: `policies.delivery`, `trust`, `permissions_boundary`.
    pub policy: String,
    /// What it does: `allows more than before`.
    pub what: String,
    /// The statement that comes; of what is denied no longer, the one that goes. Absent where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Value>,
}

impl Broadening {
    /// Whether it is what a change of a statement does.
    pub fn is_by(&self, change: &StatementChange) -> bool {
        let sides = [change.before.as_ref(), change.after.as_ref()];
        self.address == change.address
            && self.policy == change.policy
            && self.statement.as_ref().is_some_and(|statement| sides.contains(&Some(statement)))
    }

    /// Which attribute does what, and with which actions.
    pub fn in_words(&self) -> String {
        let part = |name: &str| self.statement.as_ref().and_then(|statement| statement.get(name));
        let listed = |value: &Value| match value {
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            one => one.as_str().unwrap_or_default().to_owned(),
        };
        let actions = part("Action").map(listed);
        let actions = actions.or_else(|| part("NotAction").map(|but| format!("all but {}", listed(but))));
        let actions = actions.map(|actions| format!(" ({actions})")).unwrap_or_default();
        format!("{} {}{actions}", self.policy, self.what)
    }
}

/// Everything by which the changes widen access, in order of address.
///
/// What is allowed is compared with what the same policies allow as AWS has them now, so what somebody has taken away
/// counts, and what moves from one policy of a role to another does not. What is new (also what takes another's place
/// under a name of its own, and what an interrupted apply has half made) widens no access that there is, unless it lets
/// somebody in from outside the account. Whatever cannot be told to be no wider counts as wider.
pub fn broadenings(changes: &Changes, state: &State) -> Vec<Broadening> {
    changes.0.iter().flat_map(|change| of_change(change, state)).collect()
}

fn of_change(change: &Change, state: &State) -> Vec<Broadening> {
    if matches!(change.action, Action::Delete | Action::Forget | Action::Conflict | Action::None) {
        return Vec::new();
    }
    let null = Value::Null;
    let (before, after) = (change.before.as_deref().unwrap_or(&null), change.after.as_deref().unwrap_or(&null));
    let is_new = before.is_null() || change.previous_key.is_some() || state.intents.contains_key(&change.address);
    let (old, new) = (grouped(before), grouped(after));
    let groups: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut found: Vec<Found<'_>> = Vec::new();
    for group in groups {
        if is_new {
            found.extend(opened(of(&new, group), &state.scope.account));
        } else {
            found.extend(widened(of(&old, group), of(&new, group)));
        }
    }
    if !is_new {
        found.extend(loosened(before, after).into_iter().map(|(attribute, what)| (attribute, what, None)));
    }
    let broadening = |(policy, what, statement): Found<'_>| Broadening {
        address: change.address.clone(),
        policy: policy.to_owned(),
        what,
        statement: statement.cloned(),
    };
    found.into_iter().map(broadening).collect()
}

/// A statement, and the attribute that it stands in.
type Placed = (String, Value);

/// The statements by the attribute at the top that holds them: all inline policies of a role count as one.
fn grouped(attributes: &Value) -> BTreeMap<String, Vec<Placed>> {
    let mut groups: BTreeMap<String, Vec<Placed>> = BTreeMap::new();
    for (path, statements) in documents(attributes) {
        let group = path.split('.').next().unwrap_or_default().to_owned();
        groups.entry(group).or_default().extend(statements.into_iter().map(|one| (path.clone(), one)));
    }
    groups
}

/// The statements of a group.
fn of<'a>(groups: &'a BTreeMap<String, Vec<Placed>>, name: &str) -> &'a [Placed] {
    groups.get(name).map_or(&[], Vec::as_slice)
}

/// What a policy, an attribute or a statement does: where it stands, the words, the statement.
type Found<'a> = (&'a str, String, Option<&'a Value>);

/// The new permissions that no old one covers, and the old denials that no new one covers.
fn widened<'a>(old: &'a [Placed], new: &'a [Placed]) -> Vec<Found<'a>> {
    let mut found = uncovered(new, old, "Allow", "allows more than before");
    found.extend(uncovered(old, new, "Deny", "denies less than before"));
    found
}

/// The statements of an effect of which others of that effect do not cover every part.
fn uncovered<'a>(these: &'a [Placed], others: &[Placed], effect: &str, what: &str) -> Vec<Found<'a>> {
    let others: Vec<&Value> = others.iter().map(|(_, one)| one).filter(|one| one["Effect"] == effect).collect();
    let covered = |part: &Value| others.iter().any(|other| covers(other, part));
    let these = these.iter().filter(|(_, one)| one["Effect"] == effect && !single(one).iter().all(covered));
    these.map(|(path, one)| (&**path, what.to_owned(), Some(one))).collect()
}

/// What lets somebody in from outside the account.
fn opened<'a>(new: &'a [Placed], account: &str) -> Vec<Found<'a>> {
    let found = |(path, one): &'a Placed| {
        let who = outsider(one, account)?;
        Some((&**path, format!("lets in {who} from outside the account"), Some(one)))
    };
    new.iter().filter_map(found).collect()
}

/// Whom a statement lets in who is not of the account; services of AWS's act for somebody, and are none.
fn outsider(statement: &Value, account: &str) -> Option<String> {
    if statement["Effect"] != "Allow" || of_account(&statement["Condition"], account) {
        return None;
    }
    if statement.get("NotPrincipal").is_some() {
        return Some("everybody but a few".to_owned());
    }
    principals(statement.get("Principal")?).into_iter().find_map(|(kind, name)| {
        let name = name.as_str().unwrap_or("?").to_owned();
        match kind.as_str() {
            "Service" => None,
            "AWS" if name == "*" => Some("everybody".to_owned()),
            "AWS" => (name.split(':').nth(4).unwrap_or(&name) != account).then(|| format!("`{name}`")),
            _ => Some(format!("`{name}`")),
        }
    })
}

/// Whether a condition holds only for callers of the account, or for what a service does for it.
fn of_account(condition: &Value, account: &str) -> bool {
    const KEYS: [&str; 4] = ["aws:sourceaccount", "aws:principalaccount", "aws:sourceowner", "kms:calleraccount"];
    let tests = condition["StringEquals"].as_object().into_iter().flatten();
    let mut own = tests.filter(|(key, _)| KEYS.contains(&key.to_ascii_lowercase().as_str()));
    own.any(|(_, values)| {
        values == account || values.as_array().is_some_and(|all| all.iter().all(|one| one == account))
    })
}

/// What widens access and is no statement: managed policies, the permissions boundary, what is open to the public.
fn loosened(before: &Value, after: &Value) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let attached = |side: &Value| side["managed_policies"].as_array().cloned().unwrap_or_default();
    let old = attached(before);
    for arn in attached(after).iter().filter(|arn| !old.contains(arn)).filter_map(Value::as_str) {
        found.push(("managed_policies", format!("attaches `{arn}`")));
    }
    match (before["permissions_boundary"].as_str(), after["permissions_boundary"].as_str()) {
        (Some(old), None) => found.push(("permissions_boundary", format!("takes away the boundary `{old}`"))),
        (Some(old), Some(new)) if old != new => {
            found.push(("permissions_boundary", format!("puts the boundary `{new}` in place of `{old}`")));
        }
        _ => {}
    }
    let switches = before["public_access_block"].as_object().into_iter().flatten();
    for (switch, _) in switches.filter(|(key, on)| **on == true && after["public_access_block"][key] != true) {
        found.push(("public_access_block", format!("switches `{switch}` off")));
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::engine::scope::Scope;
    use crate::state::{Intent, IntentAction};

    const ACCOUNT: &str = "123456789012";

    fn state() -> State {
        State::empty("acme", "dev", Scope::new(ACCOUNT, "eu-west-1"))
    }

    fn change(action: Action, before: Value, after: Value) -> Change {
        let address = "firehose.clicks/role".parse().unwrap();
        let some = |value: Value| (!value.is_null()).then(|| value.into());
        let blank = Change::blank(address, "iam_role", "AWS::IAM::Role", "r".into());
        Change { action, before: some(before), after: some(after), ..blank }
    }

    /// What widens access: the attribute, and what about it.
    fn found(change: Change) -> Vec<String> {
        let found = broadenings(&Changes(vec![change]), &state());
        found.into_iter().map(|one| format!("{} {}", one.policy, one.what)).collect()
    }

    fn update(before: Value, after: Value) -> Vec<String> {
        found(change(Action::Update, before, after))
    }

    fn allow(actions: &[&str], resource: &str) -> Value {
        json!({"Effect": "Allow", "Action": actions, "Resource": [resource]})
    }

    #[test]
    fn what_was_allowed_already_may_move_between_policies() {
        let one = json!({"policies": {"a": {"Statement": [allow(&["s3:GetObject", "s3:PutObject"], "b")]}}});
        let two = json!({"policies": {
            "x": {"Statement": [allow(&["s3:GetObject"], "b")]},
            "y": {"Statement": [allow(&["s3:PutObject"], "b")]},
        }});
        assert_eq!(update(one.clone(), two.clone()), [""; 0]);
        assert_eq!(update(two, one), [""; 0], "two together cover what is one now");
        let wide = json!({"policies": {"a": {"Statement": [allow(&["s3:*"], "b")]}}});
        assert_eq!(update(json!({"policies": {}}), wide), ["policies.a allows more than before"]);
    }

    #[test]
    fn a_denial_that_goes_widens() {
        let deny = json!({"Effect": "Deny", "Action": ["s3:*"], "Resource": ["b"], "Principal": "*"});
        let with = json!({"policy": {"Statement": [deny]}});
        assert_eq!(update(with.clone(), json!({"policy": null})), ["policy denies less than before"]);
        assert_eq!(update(json!({"policy": null}), with), [""; 0]);
    }

    #[test]
    fn managed_policies_boundaries_and_public_access_count() {
        let before = json!({"managed_policies": ["a"], "permissions_boundary": "p", "public_access_block": {"acls": true, "policy": true}});
        let after = json!({"managed_policies": ["a", "b"], "permissions_boundary": null, "public_access_block": {"acls": true, "policy": false}});
        let said = [
            "managed_policies attaches `b`",
            "permissions_boundary takes away the boundary `p`",
            "public_access_block switches `policy` off",
        ];
        assert_eq!(update(before.clone(), after.clone()), said);
        assert_eq!(update(after, before), [""; 0]);
    }

    #[test]
    fn what_is_new_widens_only_for_outsiders() {
        let trust = |principal: Value, condition: Value| {
            let statement = json!({"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": principal, "Condition": condition});
            found(change(Action::Create, Value::Null, json!({"trust": {"Statement": [statement]}})))
        };
        let none = json!({});
        assert_eq!(trust(json!({"Service": ["firehose.amazonaws.com"]}), none.clone()), [""; 0]);
        assert_eq!(trust(json!({"AWS": [ACCOUNT, format!("arn:aws:iam::{ACCOUNT}:role/r")]}), none.clone()), [""; 0]);
        let theirs = "arn:aws:iam::111122223333:user/snowflake";
        let outside = format!("trust lets in `{theirs}` from outside the account");
        assert_eq!(trust(json!({"AWS": [theirs]}), json!({"StringEquals": {"sts:ExternalId": ["x"]}})), [outside]);
        assert_eq!(trust(json!({"AWS": ["111122223333"]}), none.clone()).len(), 1);
        assert_eq!(trust(json!({"Federated": ["accounts.google.com"]}), none.clone()).len(), 1);
        let everybody = "trust lets in everybody from outside the account";
        assert_eq!(trust(json!("*"), none), [everybody]);
        let bound = |account: &str| json!({"StringEquals": {"aws:SourceAccount": [account]}});
        assert_eq!(trust(json!("*"), bound(ACCOUNT)), [""; 0]);
        assert_eq!(trust(json!("*"), bound("111122223333")), [everybody]);
    }

    #[test]
    fn what_takes_anothers_place_and_what_was_half_made_is_new() {
        let role = |bucket: &str| json!({"policies": {"a": {"Statement": [allow(&["s3:GetObject"], bucket)]}}});
        let renamed = Change { previous_key: Some("old".into()), ..change(Action::Replace, role("a"), role("b")) };
        assert_eq!(found(renamed), [""; 0]);
        let half = change(Action::Adopt, json!({"policies": {}}), role("a"));
        let mut begun = state();
        let (kind, key) = (half.kind.clone(), half.key.clone());
        let since = time::OffsetDateTime::UNIX_EPOCH;
        let intent = Intent { action: IntentAction::Create, kind, key, since, depends_on: Vec::new() };
        begun.intents.insert(half.address.clone(), intent);
        assert_eq!(broadenings(&Changes(vec![half.clone()]), &begun), []);
        assert_eq!(broadenings(&Changes(vec![half]), &state()).len(), 1);
    }

    #[test]
    fn what_goes_and_what_is_not_done_widens_nothing() {
        let role = json!({"policies": {"a": {"Statement": [allow(&["*"], "*")]}}});
        for action in [Action::Delete, Action::Forget, Action::Conflict, Action::None] {
            assert_eq!(found(change(action, json!({}), role.clone())), [""; 0], "{action:?}");
        }
        assert_eq!(found(change(Action::Adopt, json!({}), role)).len(), 1);
    }
}
