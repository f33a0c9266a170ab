//! What changes of a plan is asked for in one call, by the ids that AWS has made up.

use crate::catalog::ResourceType as _;
use crate::catalog::apigateway_usage_plan::Quota;
use crate::catalog::apigateway_usage_plan::Throttle;
use crate::model::tags::Tags;
use serde_json::{Value, json};

use super::*;
use crate::aws::scripted::{Scripted, broken, done, ok, step};

const PLANS: &str = "GET /usageplans";
const MAKE: &str = "POST /usageplans";
const PLAN: &str = "PATCH /usageplans/p1";
const APIS: &str = "GET /restapis";
const KEYS: &str = "GET /usageplans/p1/keys";

fn plan() -> Spec {
    Spec {
        name: "partners".into(),
        description: String::new(),
        stages: ["events|dev".to_owned()].into(),
        keys: BTreeSet::new(),
        throttle: Some(Throttle { rate: 10, burst: 20 }),
        quota: None,
        tags: Tags::new(),
    }
}

fn apis() -> Value {
    json!({ "item": [{ "id": "a1", "name": "events" }] })
}

fn plans() -> Value {
    let stages = json!([{ "apiId": "a1", "stage": "dev" }, { "apiId": "z9", "stage": "live" }]);
    json!({ "item": [{ "id": "p1", "name": "partners", "apiStages": stages, "throttle": { "rateLimit": 10.0, "burstLimit": 20 } }] })
}

#[tokio::test]
async fn stages_are_told_by_the_names_of_their_apis_where_these_are_known() {
    let keys = json!({ "item": [{ "id": "k1", "name": "shop", "value": "never to be told" }] });
    let service = Scripted::new([ok(PLANS, plans()), ok(APIS, apis()), ok(KEYS, keys)]);
    let (spec, outputs, _) = UsagePlan::read(&service.aws().await, "partners", Some(&plan())).await.unwrap().unwrap();
    assert_eq!(spec.stages, ["events|dev", "z9|live"].map(str::to_owned).into());
    assert_eq!((spec.throttle, spec.quota), (plan().throttle, None));
    assert_eq!(json!(outputs), json!({ "id": "p1", "key_ids": { "shop": "k1" } }));
}

#[tokio::test]
async fn one_whose_reply_is_lost_is_found_and_not_made_twice() {
    let replies = [ok(PLANS, json!({ "item": [] })), ok(APIS, apis()), broken(MAKE), ok(PLANS, plans())];
    let service = Scripted::new(replies);
    UsagePlan::create(&service.aws().await, &plan(), &step()).await.unwrap();
    assert_eq!(service.operations(), [PLANS, APIS, MAKE, PLANS]);
    assert_eq!(service.last(MAKE)["apiStages"], json!([{ "apiId": "a1", "stage": "dev" }]));
}

#[tokio::test]
async fn limits_and_stages_change_in_one_call() {
    let now = Spec { stages: ["z9|live".to_owned()].into(), ..plan() };
    let quota = Some(Quota { limit: 500, period: "WEEK".into(), offset: 20 });
    let want = Spec { throttle: None, quota, ..plan() };
    let apis = || ok(APIS, apis());
    let service = Scripted::new([ok(PLANS, plans()), apis(), apis(), done(PLAN), ok(KEYS, json!({ "item": [] }))]);
    UsagePlan::update(&service.aws().await, &now, &want, &step()).await.unwrap();
    let asked = service.last(PLAN)["patchOperations"].as_array().unwrap().clone();
    let asked: Vec<String> =
        asked.iter().map(|one| format!("{} {} {}", one["op"], one["path"], one["value"]).replace('"', "")).collect();
    let expected = [
        "remove /throttle null",
        "add /quota/limit 500",
        "add /quota/period WEEK",
        "add /quota/offset 20",
        "remove /apiStages z9:live",
        "add /apiStages a1:dev",
    ];
    assert_eq!(asked, expected);
}

#[test]
fn keys_that_open_nothing_any_more_are_told_of() {
    let with = |keys: &[&str]| Spec { keys: keys.iter().map(ToString::to_string).collect(), ..plan() };
    assert_eq!(UsagePlan::warnings(Some(&with(&["a", "b"])), Some(&with(&["b"]))).len(), 1);
    assert_eq!(UsagePlan::warnings(Some(&with(&["a"])), None).len(), 1);
    assert_eq!(UsagePlan::warnings(None, Some(&with(&["a"]))).len(), 0);
}
