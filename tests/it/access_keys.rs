//! Access keys where replies are lost, calls fail and attempts end half-way: never a second key, never a secret shown.

use std::io;
use std::sync::{Arc, Mutex};

use pipectl::aws::kinds;
use pipectl::model::address::Address;
use pipectl::model::error::{CallError, Class};
use pipectl::model::kind::{Kind, Live, Owner, Registry, StepContext};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::support::emulator::{self, Account, Emulator};
use crate::support::json::{parameter, put_parameter};
use crate::support::proxy::{Failure, Proxy};

const USER: &str = "snowpipe";
const PARAMETER: &str = "/acme/dev/access-key";

/// A user in an account of its own, behind a proxy.
struct Setup {
    proxy: Proxy,
    registry: Registry,
    iam: aws_sdk_iam::Client,
    account: Account,
    owner: Owner,
}

impl Setup {
    async fn on(emulator: &'static Emulator) -> Self {
        let (account, proxy) = emulator.account().behind_proxy();
        let aws = account.aws();
        let iam = aws.client(aws_sdk_iam::Client::new).await;
        iam.create_user().user_name(USER).send().await.unwrap();
        Self {
            proxy,
            registry: kinds::registry(&aws),
            iam,
            account,
            owner: Owner { project: "acme".into(), env: "dev".into(), address: Address::block("snowpipe", "events") },
        }
    }

    /// On each emulator.
    async fn both() -> [Self; 2] {
        [Self::on(emulator::ministack()).await, Self::on(emulator::moto()).await]
    }

    fn kind(&self) -> &dyn Kind {
        self.registry.get("iam_access_key").unwrap()
    }

    /// The attributes of a key in that parameter.
    fn key_in(&self, parameter: &str) -> Value {
        let tags = json!({"pipectl:project": "acme", "pipectl:env": "dev"});
        self.kind().with_files(&json!({"user": USER, "parameter": parameter, "tags": tags})).unwrap()
    }

    /// Makes a key, in an attempt that began at `since`.
    async fn create(&self, parameter: &str, since: Option<OffsetDateTime>) -> Result<(), CallError> {
        let step = StepContext { owner: &self.owner, since, empty: false, seen: None, note: &|_| {} };
        self.kind().create(&self.key_in(parameter), &step).await.map(drop)
    }

    async fn delete(&self, since: Option<OffsetDateTime>) {
        let key = self.kind().key(&self.key_in(PARAMETER)).unwrap();
        let step = StepContext { owner: &self.owner, since, empty: false, seen: None, note: &|_| {} };
        self.kind().delete(&key, &step).await.unwrap();
    }

    async fn read(&self, parameter: &str) -> Option<Live> {
        let want = self.key_in(parameter);
        self.kind().read(&self.kind().key(&want).unwrap(), Some(&want)).await.unwrap()
    }

    /// Ids of the user's keys.
    async fn keys(&self) -> Vec<String> {
        let reply = self.iam.list_access_keys().user_name(USER).send().await.unwrap();
        reply.access_key_metadata.into_iter().filter_map(|key| key.access_key_id).collect()
    }

    /// Makes a key as a crashed attempt, or somebody by hand, leaves it: without a parameter.
    async fn loose_key(&self) -> String {
        let reply = self.iam.create_access_key().user_name(USER).send().await.unwrap();
        reply.access_key.unwrap().access_key_id
    }

    /// What the parameter keeps.
    async fn kept(&self) -> Value {
        let kept = parameter(&self.account, PARAMETER).await;
        serde_json::from_str(kept["Value"].as_str().unwrap()).unwrap()
    }

    /// The one key that the user has is the one that the parameter keeps.
    async fn one_key_is_kept(&self) {
        let live = self.read(PARAMETER).await.expect("it was made");
        assert_eq!(*live.attributes, self.key_in(PARAMETER));
        assert_eq!(self.kept().await["access_key_id"], live.outputs["access_key_id"]);
        assert_eq!(json!(self.keys().await), json!([live.outputs["access_key_id"]]));
    }

    async fn nothing_is_left(&self) {
        assert_eq!(self.keys().await, [""; 0]);
        assert_eq!(self.read(PARAMETER).await, None);
    }
}

fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Everything that is logged, at every level and by every crate.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn secret_is_in_the_parameter_and_nowhere_else() {
    for setup in Setup::both().await {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        let subscriber = subscriber.with_writer(move || writer.clone()).finish();
        let live = {
            let _logged = tracing::subscriber::set_default(subscriber);
            setup.proxy.on("ssm:PutParameter").first(1).fail(Failure::Denied);
            let error = setup.create(PARAMETER, None).await.unwrap_err();
            tracing::error!(%error, ?error);
            setup.create(PARAMETER, None).await.unwrap();
            let live = setup.read(PARAMETER).await.unwrap();
            tracing::info!(?live);
            live
        };
        let secret = setup.kept().await["secret_access_key"].as_str().unwrap().to_owned();
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(log.contains(live.outputs["access_key_id"].as_str().unwrap()), "the log was captured");
        let shown = log.find(&secret).map(|at| log[..at].chars().rev().take(400).collect::<Vec<_>>());
        let shown: Option<String> = shown.map(|letters| letters.into_iter().rev().collect());
        assert!(secret.len() >= 20 && shown.is_none(), "the log has the secret: {shown:?}");
    }
}

#[tokio::test]
async fn key_whose_creation_got_no_clear_answer_is_not_left() {
    for setup in Setup::both().await {
        for lost in [false, true] {
            let create = setup.proxy.on("iam:CreateAccessKey").first(1);
            let _rule = if lost { create.lose_reply() } else { create.fail_after(Failure::Internal) };
            setup.create(PARAMETER, None).await.unwrap_err();
            setup.nothing_is_left().await;
        }
        setup.create(PARAMETER, None).await.unwrap();
        setup.one_key_is_kept().await;
    }
}

#[tokio::test]
async fn throttled_creation_is_tried_again() {
    for setup in Setup::both().await {
        let throttled = setup.proxy.on("iam:CreateAccessKey").first(2).fail(Failure::Throttled);
        setup.create(PARAMETER, None).await.unwrap();
        assert_eq!(throttled.struck(), 2);
        setup.one_key_is_kept().await;
    }
}

#[tokio::test]
async fn key_that_cannot_be_kept_is_deleted() {
    for setup in Setup::both().await {
        setup.proxy.on("ssm:PutParameter").fail(Failure::Denied);
        assert_eq!(setup.create(PARAMETER, None).await.unwrap_err().class, Class::Denied);
        setup.nothing_is_left().await;
    }
}

#[tokio::test]
async fn lost_reply_to_the_keeping_does_no_harm() {
    for setup in Setup::both().await {
        setup.proxy.on("ssm:PutParameter").first(1).lose_reply();
        setup.create(PARAMETER, None).await.unwrap();
        setup.one_key_is_kept().await;
    }
}

#[tokio::test]
async fn orphan_of_an_unfinished_attempt_is_deleted() {
    for setup in Setup::both().await {
        let began = now();
        setup.loose_key().await;
        setup.create(PARAMETER, Some(began)).await.unwrap();
        setup.one_key_is_kept().await;
        let orphan = setup.loose_key().await;
        setup.delete(Some(began)).await;
        assert!(!setup.keys().await.contains(&orphan));
        setup.nothing_is_left().await;
    }
}

#[tokio::test]
async fn older_key_is_nobodys_orphan() {
    for setup in Setup::both().await {
        let old = setup.loose_key().await;
        setup.create(PARAMETER, Some(now() + Duration::minutes(10))).await.unwrap();
        assert_eq!(setup.keys().await.len(), 2);
        setup.delete(Some(now() + Duration::minutes(10))).await;
        assert_eq!(setup.keys().await, [old]);
    }
}

#[tokio::test]
async fn two_keys_of_one_user_do_not_take_each_other_for_orphans() {
    for setup in Setup::both().await {
        let began = Some(now());
        let other = "/acme/dev/second-access-key";
        let (one, two) = tokio::join!(setup.create(PARAMETER, began), setup.create(other, began));
        one.unwrap();
        two.unwrap();
        assert_eq!(setup.keys().await.len(), 2);
        assert!(setup.read(PARAMETER).await.is_some() && setup.read(other).await.is_some());
    }
}

#[tokio::test]
async fn parameter_without_a_living_key_is_made_anew() {
    for setup in Setup::both().await {
        setup.create(PARAMETER, None).await.unwrap();
        let id = setup.keys().await.remove(0);
        setup.iam.delete_access_key().user_name(USER).access_key_id(id).send().await.unwrap();
        assert_eq!(setup.read(PARAMETER).await, None);
        setup.create(PARAMETER, None).await.unwrap();
        setup.one_key_is_kept().await;
    }
}

#[tokio::test]
async fn foreign_parameter_is_neither_overwritten_nor_deleted() {
    for setup in Setup::both().await {
        put_parameter(&setup.account, PARAMETER, r#"{"theirs": true}"#).await;
        assert_eq!(setup.create(PARAMETER, None).await.unwrap_err().class, Class::InUse);
        setup.delete(None).await;
        assert_eq!(setup.kept().await, json!({"theirs": true}));
        setup.nothing_is_left().await;
    }
}
