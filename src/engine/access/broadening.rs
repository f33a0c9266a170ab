//! What a plan lets somebody do who could not before: who asks for an approval of that does not have to read every
//! statement for it.

#[cfg(test)]
mod properties;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cover::{covers, principals, single};
use super::{StatementChange, documents};
use crate::engine::plan::{Action, Change, Changes};
use crate::model::access::Rules;
use crate::model::address::Address;
use crate::model::kind::{Kind, Registry};
use crate::state::{IntentAction, State};

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
/// counts, and what moves from one policy of a role to another does not. What takes another's place under a name of its own
/// is compared with that. What is new (also what an interrupted apply has half made) widens no access that there is, unless
/// it lets somebody in from outside the account, or stands for what somebody has deleted. Whatever cannot be told to be no
/// wider counts as wider.
pub fn broadenings(changes: &Changes, state: &State, registry: &Registry) -> Vec<Broadening> {
    let of = |change: &Change| {
        let kind = registry.get(&change.kind);
        let rules = kind.map_or(&UNKNOWN, Kind::access);
        match &change.previous_key {
            // The policies of roles and users are about others.
            Some(old) if kind.is_some_and(|kind| kind.principal().is_none()) => {
                let before = change.before.as_deref().map(|before| under_new_name(before, old, &change.key).into());
                of_change(&Change { before, ..change.clone() }, state, rules)
            }
            Some(_) | None => of_change(change, state, rules),
        }
    };
    changes.0.iter().flat_map(of).collect()
}

/// Attributes whose policies name a resource by its new name: `arn:aws:s3:::old/*` is `arn:aws:s3:::new/*`.
fn under_new_name(attributes: &Value, old: &str, new: &str) -> Value {
    let renamed = |text: &str| {
        let (arn, resource) = text.rsplit_once(':')?;
        let rest = resource.strip_prefix(old).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
        Some(format!("{arn}:{new}{rest}").into())
    };
    match attributes {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let value = match (name.as_str(), value) {
                    ("Resource" | "NotResource", Value::String(text)) => renamed(text).unwrap_or_else(|| value.clone()),
                    ("Resource" | "NotResource", Value::Array(all)) => {
                        let one = |one: &Value| one.as_str().and_then(renamed).unwrap_or_else(|| one.clone());
                        all.iter().map(one).collect()
                    }
                    _ => under_new_name(value, old, new),
                };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(all) => all.iter().map(|one| under_new_name(one, old, new)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => attributes.clone(),
    }
}

/// Of a type that this pipectl does not have nobody knows anything.
const UNKNOWN: Rules = Rules { returns: true, attributes: &[] };

fn of_change(change: &Change, state: &State, rules: &Rules) -> Vec<Broadening> {
    if matches!(change.action, Action::Delete | Action::Forget | Action::Conflict | Action::None) {
        return Vec::new();
    }
    let null = Value::Null;
    let (before, after) = (change.before.as_deref().unwrap_or(&null), change.after.as_deref().unwrap_or(&null));
    let is_new = before.is_null() || is_half_made(change, state);
    let (old, new) = (grouped(before), grouped(after));
    let groups: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut found: Vec<Found> = Vec::new();
    for group in groups {
        if is_new {
            found.extend(opened(of(&new, group), &state.scope.account));
        } else {
            found.extend(widened(of(&old, group), of(&new, group)));
        }
    }
    if !is_new {
        let address = change.previous_address.as_ref().unwrap_or(&change.address);
        let last = state.resources.get(address).map_or(&null, |record| &record.attributes);
        found.extend(rules.loosened(before, after, last).into_iter().map(|(attribute, what)| (attribute, what, None)));
    } else if rules.returns && was_taken_away(change, state) {
        found.push(("resource".to_owned(), "comes back, which somebody has deleted".to_owned(), None));
    }
    let address = &change.address;
    let broadening = |(policy, what, statement)| Broadening { address: address.clone(), policy, what, statement };
    found.into_iter().map(broadening).collect()
}

/// Whether it is there because an apply that was interrupted has begun to make it: the state has its intent, and no record
/// that it ever was as it should be. An intent to delete or to replace says that it has been there before.
fn is_half_made(change: &Change, state: &State) -> bool {
    let begun = state.intents.get(&change.address);
    let begun =
        begun.is_some_and(|one| one.action == IntentAction::Create && one.kind == change.kind && one.key == change.key);
    begun && !state.resources.contains_key(&change.address)
}

/// Whether it is to be made although the state remembers it: somebody has deleted it. Not if pipectl was about to.
fn was_taken_away(change: &Change, state: &State) -> bool {
    let address = change.previous_address.as_ref().unwrap_or(&change.address);
    let remembered = state.resources.get(address).is_some_and(|record| record.kind == change.kind);
    let by_us = state.intents.get(address).is_some_and(|intent| match intent.action {
        IntentAction::Create | IntentAction::Replace | IntentAction::Delete => true,
        IntentAction::Update | IntentAction::Rebind => false,
    });
    change.action == Action::Create && remembered && !by_us
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
type Found = (String, String, Option<Value>);

/// The new permissions that no old one covers, and the old denials that no new one covers.
fn widened(old: &[Placed], new: &[Placed]) -> Vec<Found> {
    let mut found = uncovered(new, old, "Allow", "allows more than before");
    found.extend(uncovered(old, new, "Deny", "denies less than before"));
    found
}

/// The statements of an effect of which others of that effect do not cover every part.
fn uncovered(these: &[Placed], others: &[Placed], effect: &str, what: &str) -> Vec<Found> {
    let others: Vec<&Value> = others.iter().map(|(_, one)| one).filter(|one| one["Effect"] == effect).collect();
    let covered = |part: &Value| others.iter().any(|other| covers(other, part));
    let these = these.iter().filter(|(_, one)| one["Effect"] == effect && !single(one).iter().all(covered));
    these.map(|(path, one)| (path.clone(), what.to_owned(), Some(one.clone()))).collect()
}

/// What lets somebody in from outside the account.
fn opened(new: &[Placed], account: &str) -> Vec<Found> {
    let found = |(path, one): &Placed| {
        let who = outsider(one, account)?;
        Some((path.clone(), format!("lets in {who} from outside the account"), Some(one.clone())))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::access::Access;
    use crate::model::scope::Scope;
    use crate::state::{Intent, Record};

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

    /// As a type with all that a role, a bucket and a function have.
    const RULES: Rules = Rules {
        returns: true,
        attributes: &[
            (Access::Statements, &["trust", "policies", "policy"]),
            (Access::Grants, &["managed_policies"]),
            (Access::Bound("boundary"), &["permissions_boundary"]),
            (Access::Shuts, &["public_access_block"]),
            (Access::Opens, &["active"]),
            (Access::Names, &["role_arn"]),
            (Access::Brake, &["concurrency"]),
            (Access::Allowlist, &["senders"]),
            (Access::Strictest("owner"), &["ownership"]),
            (Access::Between("NONE", "AWS_IAM"), &["methods.*.authorization"]),
            (Access::Returned, &["methods"]),
            (Access::Shuts, &["methods.*.api_key"]),
            (Access::Nothing, &["name", "methods.*.timeout"]),
        ],
    };

    fn broadenings(changes: &Changes, state: &State) -> Vec<Broadening> {
        changes.0.iter().flat_map(|change| of_change(change, state, &RULES)).collect()
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
    fn who_is_let_in_otherwise_is_another_unless_all_were() {
        let by = |way: &str| json!({"methods": {"GET /": {"authorization": way}}});
        let said = |way: &str, old: &str| [format!("methods.GET /.authorization becomes `{way}` in place of `{old}`")];
        assert_eq!(update(by("NONE"), by("CUSTOM")), [""; 0]);
        assert_eq!(update(by("CUSTOM"), by("AWS_IAM")), [""; 0]);
        assert_eq!(update(by("AWS_IAM"), by("CUSTOM")), said("CUSTOM", "AWS_IAM"));
        assert_eq!(update(by("CUSTOM"), by("NONE")), said("NONE", "CUSTOM"));
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
    fn what_takes_anothers_place_is_compared_with_that() {
        let role = |bucket: &str| json!({"policies": {"a": {"Statement": [allow(&["s3:GetObject"], bucket)]}}});
        let renamed = |before, after| {
            let previous_key = Some("old".to_owned());
            found(Change { previous_key, key: "new".into(), ..change(Action::Replace, before, after) })
        };
        assert_eq!(renamed(role("a"), role("b")).len(), 1);
        assert_eq!(renamed(role("a"), role("a")), [""; 0]);
        assert_eq!(
            under_new_name(&json!({"Resource": "arn:aws:s3:::old/*"}), "old", "new"),
            json!({"Resource": "arn:aws:s3:::new/*"})
        );
        for other in ["arn:aws:s3:::older/*", "arn:aws:dynamodb:eu-west-1:1:table/old", "*"] {
            let same = json!({"Resource": [other]});
            assert_eq!(under_new_name(&same, "old", "new"), same);
        }
    }

    #[test]
    fn what_was_half_made_is_new() {
        let role = |bucket: &str| json!({"policies": {"a": {"Statement": [allow(&["s3:GetObject"], bucket)]}}});
        let half = change(Action::Adopt, json!({"policies": {}}), role("a"));
        let mut begun = state();
        let (kind, key) = (half.kind.clone(), half.key.clone());
        let since = time::OffsetDateTime::UNIX_EPOCH;
        let intent = Intent { action: IntentAction::Create, kind, key, since, depends_on: Vec::new(), after: None };
        begun.intents.insert(half.address.clone(), intent);
        assert_eq!(broadenings(&Changes(vec![half.clone()]), &begun), []);
        assert_eq!(broadenings(&Changes(vec![half]), &state()).len(), 1);
    }

    /// The state after an apply that was interrupted while it did this to the role.
    fn begun(action: IntentAction, change: &Change) -> State {
        let (kind, key, since) = (change.kind.clone(), change.key.clone(), time::OffsetDateTime::UNIX_EPOCH);
        let mut state = state();
        state
            .intents
            .insert(change.address.clone(), Intent { action, kind, key, since, depends_on: Vec::new(), after: None });
        state
    }

    /// The state that remembers the role with these attributes.
    fn remembering(change: &Change, attributes: Value) -> State {
        let (kind, key) = (change.kind.clone(), change.key.clone());
        let (attributes, outputs, depends_on) = (attributes.into(), Value::Null, Vec::new());
        let record = Record { kind, key, attributes, outputs, depends_on, protect: false };
        let mut state = state();
        state.resources.insert(change.address.clone(), record);
        state
    }

    #[test]
    fn only_a_half_made_creation_is_new_and_no_other_leftover_intent_hides_what_widens() {
        let role = |bucket: &str| json!({"policies": {"a": {"Statement": [allow(&["s3:GetObject"], bucket)]}}});
        let wider = change(Action::Update, role("a"), role("*"));
        for action in [IntentAction::Delete, IntentAction::Replace] {
            assert_eq!(broadenings(&Changes(vec![wider.clone()]), &begun(action, &wider)).len(), 1, "{action:?}");
        }
        let begun = begun(IntentAction::Create, &wider);
        assert_eq!(broadenings(&Changes(vec![wider.clone()]), &begun), []);
        let other = Change { key: "other".into(), ..wider.clone() };
        assert_eq!(broadenings(&Changes(vec![other]), &begun).len(), 1, "an intent for something else");
        let known = State { intents: begun.intents, ..remembering(&wider, role("a")) };
        assert_eq!(broadenings(&Changes(vec![wider]), &known).len(), 1, "it was complete before");
    }

    #[test]
    fn what_was_switched_off_narrowed_or_stopped_widens_when_it_comes_back() {
        let narrow = json!({
            "active": false, "role_arn": "a", "concurrency": 0, "senders": ["q"], "ownership": "owner",
            "methods": {"GET /": {"api_key": true, "timeout": 1}},
        });
        let wide = json!({
            "active": true, "role_arn": "b", "concurrency": null, "senders": null, "ownership": "writer",
            "methods": {"GET /": {"api_key": false, "timeout": 2}},
        });
        let said = [
            "active is switched on",
            "role_arn becomes `b` in place of `a`",
            "concurrency lets go again what 0 had stopped",
            "senders lets in everybody in place of a few",
            "ownership becomes `writer` in place of `owner`",
            "methods.GET /.api_key is switched off",
        ];
        let mut found = update(narrow.clone(), wide.clone());
        found.sort_unstable();
        let mut said: Vec<String> = said.map(str::to_owned).into();
        said.sort_unstable();
        assert_eq!(found, said);
        assert_eq!(update(wide, narrow), ["role_arn becomes `a` in place of `b`"]);
    }

    #[test]
    fn what_somebody_has_deleted_widens_when_it_comes_back_and_what_pipectl_deletes_does_not() {
        let after = json!({"active": true});
        let made = change(Action::Create, Value::Null, after.clone());
        assert_eq!(found(made.clone()), [""; 0], "it is new");
        let known = remembering(&made, after);
        let said = broadenings(&Changes(vec![made.clone()]), &known);
        assert_eq!(said[0].in_words(), "resource comes back, which somebody has deleted");
        let own = State { intents: begun(IntentAction::Replace, &made).intents, ..known };
        assert_eq!(broadenings(&Changes(vec![made]), &own), [], "pipectl was about to make it again");
    }

    #[test]
    fn a_method_that_somebody_has_taken_away_comes_back_and_a_new_one_is_new() {
        let with = |names: &[&str]| json!({"methods": names.iter().map(|name| ((*name).to_owned(), json!({}))).collect::<serde_json::Map<_, _>>()});
        let more = change(Action::Update, with(&["GET /"]), with(&["GET /", "POST /"]));
        let of = |last: &[&str]| broadenings(&Changes(vec![more.clone()]), &remembering(&more, with(last))).len();
        assert_eq!((of(&["GET /"]), of(&["GET /", "POST /"])), (0, 1));
    }

    #[test]
    fn an_attribute_on_which_nobody_has_decided_widens_with_every_change() {
        let said = ["novelty changes, and this pipectl does not know what that allows"];
        assert_eq!(update(json!({"novelty": 1}), json!({"novelty": 2})), said);
        assert_eq!(update(json!({"novelty": 1}), json!({})), said);
        assert_eq!(update(json!({"name": 1, "novelty": 1}), json!({"name": 2, "novelty": 1})), [""; 0]);
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
