//! Roles and users in the states that examples do not come to.

use std::sync::Arc;
use std::time::Duration;

use pipectl::aws::kinds;
use pipectl::model::address::Address;
use pipectl::model::error::{CallError, Class};
use pipectl::model::kind::{Owner, Registry, StepContext};
use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::proxy::{Failure, Proxy};
use crate::support::witness::Recording;

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// An account of its own, behind a proxy.
struct Setup {
    proxy: Proxy,
    registry: Registry,
    iam: aws_sdk_iam::Client,
}

impl Setup {
    async fn on(emulator: &'static Emulator) -> Self {
        let (account, proxy) = emulator.account().behind_proxy();
        let aws = account.aws();
        Self { proxy, registry: kinds::registry(&aws), iam: aws.client(aws_sdk_iam::Client::new).await }
    }

    fn canonical(&self, kind: &str, attributes: &Value) -> Value {
        self.registry.get(kind).unwrap().with_files(attributes).unwrap()
    }

    async fn create(&self, kind: &str, want: &Value) -> Result<(), CallError> {
        self.registry.get(kind).unwrap().create(want, &step(&owner())).await.map(drop)
    }

    async fn update(&self, kind: &str, now: &Value, want: &Value) {
        self.registry.get(kind).unwrap().update(now, want, &step(&owner())).await.unwrap();
    }

    async fn delete(&self, kind: &str, key: &str) {
        self.registry.get(kind).unwrap().delete(key, &step(&owner())).await.unwrap();
    }

    async fn read(&self, kind: &str, want: &Value) -> Option<Value> {
        let kind = self.registry.get(kind).unwrap();
        kind.read(&kind.key(want).unwrap(), Some(want)).await.unwrap().map(|live| Arc::unwrap_or_clone(live.attributes))
    }
}

fn owner() -> Owner {
    Owner { project: "acme".into(), env: "dev".into(), address: Address::block("snowpipe", "events") }
}

fn step(owner: &Owner) -> StepContext<'_> {
    StepContext { owner, since: None, empty: false, seen: None, note: &|_| {} }
}

fn allow(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
}

fn role() -> Value {
    json!({
        "name": "delivery",
        "trust": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::123456789012:user/new"}},
        ]},
        "policies": {"read": allow("s3:GetObject"), "write": allow("s3:PutObject")},
    })
}

fn invalid(message: &str) -> Failure {
    Failure::Other { status: 400, code: "MalformedPolicyDocument", message: message.to_owned() }
}

#[tokio::test]
async fn user_goes_with_all_that_hangs_on_it() {
    let _sends = Recording::of("iam::user_goes_with_all_that_hangs_on_it");
    for setup in [Setup::on(emulator::ministack()).await, Setup::on(emulator::moto()).await] {
        let policies = json!({"read": allow("s3:GetObject")});
        let want = json!({"name": "snowpipe", "policies": policies, "managed_policies": [ADMINISTRATOR]});
        let want = setup.canonical("iam_user", &want);
        setup.create("iam_user", &want).await.unwrap();
        let now = setup.read("iam_user", &want).await.unwrap();
        setup.update("iam_user", &now, &want).await;
        let iam = &setup.iam;
        iam.create_access_key().user_name("snowpipe").send().await.unwrap();
        iam.create_login_profile().user_name("snowpipe").password("Once-upon-a-t1me").send().await.unwrap();
        iam.create_group().group_name("readers").send().await.unwrap();
        iam.add_user_to_group().group_name("readers").user_name("snowpipe").send().await.unwrap();
        setup.delete("iam_user", "snowpipe").await;
        assert_eq!(setup.read("iam_user", &want).await, None);
        assert!(iam.get_group().group_name("readers").send().await.unwrap().users.is_empty());
    }
}

/// On MiniStack alone: moto answers PutUserPermissionsBoundary with an HTML page and status 500.
#[tokio::test]
async fn boundary_of_a_user_is_set_changed_and_taken_away() {
    let _sends = Recording::of("iam::boundary_of_a_user_is_set_changed_and_taken_away");
    let setup = Setup::on(emulator::ministack()).await;
    let spec = |boundary: Option<&str>| {
        setup.canonical("iam_user", &json!({"name": "snowpipe", "permissions_boundary": boundary}))
    };
    let wants = [ADMINISTRATOR, "arn:aws:iam::aws:policy/ReadOnlyAccess"].map(|arn| spec(Some(arn)));
    setup.create("iam_user", &wants[0]).await.unwrap();
    for want in [&wants[0], &wants[1], &spec(None), &wants[0]] {
        let now = setup.read("iam_user", want).await.unwrap();
        setup.update("iam_user", &now, want).await;
        assert_eq!(setup.read("iam_user", want).await.as_ref(), Some(want));
    }
    setup.delete("iam_user", "snowpipe").await;
    assert_eq!(setup.read("iam_user", &spec(None)).await, None);
}

/// The calls that change something, in their order.
fn changes(setup: &Setup) -> Vec<String> {
    let names = setup.proxy.take_calls().0.into_iter().map(|call| call.operation.full_name());
    names.filter(|name| !name.contains(":Get") && !name.contains(":List")).collect()
}

#[tokio::test]
async fn a_boundary_comes_before_all_that_it_bounds_and_goes_after_it() {
    let setup = Setup::on(emulator::ministack()).await;
    let trust = |who: &str| {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": who}},
        ]})
    };
    let narrow = json!({"name": "delivery", "trust": trust("firehose.amazonaws.com"), "description": "Less"});
    let wide = json!({
        "name": "delivery", "trust": trust("lambda.amazonaws.com"), "description": "More",
        "policies": {"write": allow("s3:PutObject")}, "managed_policies": [ADMINISTRATOR],
        "permissions_boundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    });
    let user = |role: &Value| {
        let mut user = role.clone();
        for attribute in ["trust", "description"] {
            user.as_object_mut().unwrap().remove(attribute);
        }
        user
    };
    for (kind, one, narrow, wide) in
        [("iam_role", "Role", narrow.clone(), wide.clone()), ("iam_user", "User", user(&narrow), user(&wide))]
    {
        let (narrow, wide) = (setup.canonical(kind, &narrow), setup.canonical(kind, &wide));
        setup.create(kind, &narrow).await.unwrap();
        let now = setup.read(kind, &narrow).await.unwrap();
        changes(&setup);
        setup.update(kind, &now, &wide).await;
        let made = changes(&setup);
        assert_eq!(made[0], format!("iam:Put{one}PermissionsBoundary"), "{made:?}");
        assert!(
            made.contains(&format!("iam:Put{one}Policy")) && made.contains(&format!("iam:Attach{one}Policy")),
            "{made:?}"
        );
        let now = setup.read(kind, &wide).await.unwrap();
        assert_eq!(now, wide);
        changes(&setup);
        setup.update(kind, &now, &narrow).await;
        let made = changes(&setup);
        assert_eq!(*made.last().unwrap(), format!("iam:Delete{one}PermissionsBoundary"), "{made:?}");
        assert_eq!(setup.read(kind, &narrow).await.as_ref(), Some(&narrow));
        // Nobody takes it away before the end.
        let now = setup.read(kind, &narrow).await.unwrap();
        setup.update(kind, &now, &wide).await;
        changes(&setup);
        setup.delete(kind, "delivery").await;
        let made = changes(&setup);
        assert!(!made.iter().any(|call| call.contains("PermissionsBoundary")), "{made:?}");
        assert_eq!(setup.read(kind, &narrow).await, None);
    }
}

#[tokio::test]
async fn role_waits_until_iam_knows_the_principal_that_it_trusts() {
    let setup = Setup::on(emulator::ministack()).await;
    let unknown = r#"Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:user/new""#;
    let refused = setup.proxy.on("iam:CreateRole").first(2).fail(invalid(unknown));
    setup.create("iam_role", &setup.canonical("iam_role", &role())).await.unwrap();
    assert_eq!(refused.struck(), 2);
}

#[tokio::test]
async fn trust_that_is_wrong_otherwise_fails_at_once() {
    let setup = Setup::on(emulator::ministack()).await;
    let refused = setup.proxy.on("iam:CreateRole").fail(invalid("Has prohibited field Resource"));
    let error = setup.create("iam_role", &setup.canonical("iam_role", &role())).await.unwrap_err();
    assert_eq!((error.class, refused.struck()), (Class::Invalid, 1));
}

#[tokio::test]
async fn role_is_read_in_one_round_trip_unless_it_has_policies_that_nobody_knew() {
    let setup = Setup::on(emulator::ministack()).await;
    let want = setup.canonical("iam_role", &role());
    setup.create("iam_role", &want).await.unwrap();
    let now = setup.read("iam_role", &want).await.unwrap();
    setup.update("iam_role", &now, &want).await;
    setup.proxy.take_calls();
    // So long that what is asked at once overlaps on a busy machine as well.
    setup.proxy.delay(Duration::from_millis(300));
    assert_eq!(setup.read("iam_role", &want).await.as_ref(), Some(&want));
    assert_eq!(setup.proxy.take_calls().depth(), 1);
    let mut fewer = want.clone();
    fewer["policies"].as_object_mut().unwrap().remove("write");
    assert_eq!(setup.read("iam_role", &fewer).await.as_ref(), Some(&want));
    assert_eq!(setup.proxy.take_calls().depth(), 2);
}
