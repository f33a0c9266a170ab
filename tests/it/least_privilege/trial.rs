//! The whole life of a resource type, lived by a user who may not be allowed all of it.

use std::collections::BTreeSet;

use pipectl::model::address::Address;
use pipectl::model::error::{CallError, Class};
use pipectl::model::kind::{Kind, Owner, Registry, StepContext};
use pipectl::model::unmodelled::Owned;
use regex_lite::Regex;
use serde_json::{Value, json};

use crate::support::emulator::Account;

/// A resource type, as root and as the user see it.
pub(super) struct Trial<'a> {
    pub(super) account: &'a Account,
    pub(super) root: &'a dyn Kind,
    pub(super) user: &'a dyn Kind,
    /// Attributes that it changes to, there and back, the first of which it is made with.
    pub(super) examples: &'a [Value],
}

impl<'a> Trial<'a> {
    pub(super) fn new(
        account: &'a Account,
        name: &str,
        root: &'a Registry,
        user: &'a Registry,
        examples: &'a [Value],
    ) -> Self {
        Self { account, root: root.get(name).unwrap(), user: user.get(name).unwrap(), examples }
    }

    /// Lives it. What the user is denied, root does in the user's place; the actions that were denied are returned.
    pub(super) async fn live(&self) -> BTreeSet<String> {
        let Self { root, user, examples, .. } = self;
        let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("kind", "example") };
        let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &|_| {} };
        let first = &examples[0];
        let key = user.key(first).unwrap();
        let mut denied = BTreeSet::new();
        if note(&mut denied, user.create(first, &step).await) && root.read(&key, None).await.unwrap().is_none() {
            root.create(first, &step).await.unwrap();
        }
        let made = root.read(&key, Some(first)).await.unwrap().expect("it was made").attributes;
        self.change(&made, first, &mut denied, &step).await;
        for other in &examples[1..] {
            note(&mut denied, user.read(&key, Some(other)).await);
            self.change(first, other, &mut denied, &step).await;
            self.change(other, first, &mut denied, &step).await;
        }
        denied.extend(self.unseen(first).await);
        self.burden(&key).await;
        note(&mut denied, user.read(&key, None).await);
        if note(&mut denied, user.delete(&key, &step).await) {
            root.delete(&key, &step).await.unwrap();
        }
        if root.name() == "secretsmanager_secret" {
            self.live_again(first, &mut denied, &step).await;
        }
        denied
    }

    /// The actions that a closer look lacked. A call that MiniStack has not is not looked at either, for another reason.
    async fn unseen(&self, now: &Value) -> BTreeSet<String> {
        let look = self.user.look_closer(now, &Owned::default()).await;
        look.blind.iter().filter_map(|blind| blind.why.strip_prefix("needs ").map(str::to_owned)).collect()
    }

    /// Another life of what can be restored after its deletion.
    async fn live_again(&self, first: &Value, denied: &mut BTreeSet<String>, step: &StepContext<'_>) {
        let (mut kept, key) = (first.clone(), self.root.key(first).unwrap());
        kept["recovery_days"] = json!(7);
        self.root.create(&kept, step).await.unwrap();
        self.root.delete(&key, step).await.unwrap();
        if note(denied, self.user.create(first, step).await) {
            self.root.create(first, step).await.unwrap();
        }
        self.root.update(&kept, first, step).await.unwrap();
        self.root.delete(&key, step).await.unwrap();
    }

    /// From what is said to be there now, and not from what MiniStack has kept of it.
    async fn change(&self, now: &Value, want: &Value, denied: &mut BTreeSet<String>, step: &StepContext<'_>) {
        if note(denied, self.user.update(now, want, step).await) {
            let key = self.root.key(want).unwrap();
            let half_done = self.root.read(&key, Some(want)).await.unwrap();
            let made_good = match half_done {
                Some(live) => self.root.update(&live.attributes, want, step).await,
                // What is taken away and added anew is gone in between.
                None => self.root.create(want, step).await.map(drop),
            };
            note(denied, made_good);
        }
    }

    /// Hangs on it what others may have hung on it, and what must go before it can be deleted.
    async fn burden(&self, key: &str) {
        let aws = self.account.aws();
        if self.root.name() == "iam_user" {
            let iam = aws.client(aws_sdk_iam::Client::new).await;
            iam.create_access_key().user_name(key).send().await.unwrap();
            iam.create_login_profile().user_name(key).password("Once-upon-a-t1me").send().await.unwrap();
            // It is there from the last time.
            let _ = iam.create_group().group_name("readers").send().await;
            iam.add_user_to_group().group_name("readers").user_name(key).send().await.unwrap();
            let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
            iam.put_user_permissions_boundary().user_name(key).permissions_boundary(boundary).send().await.unwrap();
        }
        if self.root.name() == "s3_bucket" {
            let s3 = aws.client(aws_sdk_s3::Client::new).await;
            for object in ["events/1", "events/2"] {
                s3.put_object().bucket(key).key(object).body(b"{}".to_vec().into()).send().await.unwrap();
            }
            s3.create_multipart_upload().bucket(key).key("events/3").send().await.unwrap();
        }
    }
}

/// Notes the action that a call was denied; whether it was. What MiniStack has no call for is no denial either.
pub(super) fn note<T>(denied: &mut BTreeSet<String>, result: Result<T, CallError>) -> bool {
    match result {
        Ok(_) => false,
        Err(error) if error.class == Class::Denied => {
            denied.insert(action(&error.to_string()));
            true
        }
        Err(error) => {
            assert!(
                error.message.contains("Unknown action") || error.message.contains("Unknown IAM action"),
                "{error}"
            );
            false
        }
    }
}

/// The action that a denial names.
pub(super) fn action(denial: &str) -> String {
    let named = Regex::new(r"(?:perform: |lack )([a-z0-9]+:\w+)").unwrap();
    named.captures(denial).map_or_else(|| panic!("it names no action: {denial}"), |found| found[1].to_owned())
}

/// Changes of a type that its examples leave out, because not every emulator takes them: what differs from the first.
pub(super) fn more(kind: &str) -> Vec<Value> {
    match kind {
        "kinesis_stream" => vec![json!({ "mode": "ON_DEMAND", "shards": null }), json!({ "max_record_kib": 2048 })],
        "logs_group" => {
            vec![json!({ "kms_key": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" })]
        }
        "secretsmanager_secret" => vec![json!({ "has_value": false })],
        "iam_user" => vec![
            json!({ "path": "/elsewhere/" }),
            json!({ "permissions_boundary": "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
        ],
        _ => Vec::new(),
    }
}
